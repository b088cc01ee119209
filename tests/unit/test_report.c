/* What a failover is said to have cost, and what is remembered of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lineage/lineage.h"
#include "core_fixture.h"
#include "sentineld/memory.h"

#include <stdio.h>
#include <string.h>

#define OLD "10.0.0.1"
#define NEW "10.0.0.3"

static int start(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    core_set_unix_time(fixture.core, fixture.now, 1700000000000);
    *state = &fixture;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void say_master(struct fixture *f, const char *host, const char *replid,
                       const char *replid2, int64_t branch, uint64_t offset)
{
    struct info *said = xcalloc(1, sizeof(*said));
    said->role = ROLE_MASTER;
    said->offset = offset;
    said->second_repl_offset = branch;
    copy_text(said->replid, RUN_ID_SIZE, replid);
    copy_text(said->replid2, RUN_ID_SIZE, replid2);
    fixture_info(f, host, said);
    free(said);
}

static void elect(struct fixture *f)
{
    object_id quiet[] = {fixture_link_of(f, OLD)};
    fixture_run_until(f, f->now + 1000, quiet, 1);
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    fixture_run_until(f, f->now + 50, quiet, 1);
    fixture_opinion(f, PEER_A, true, SELF, 1);
}

static void cut_off(struct fixture *f, const char *host, uint64_t offset)
{
    fixture_ack(f, fixture_link_of(f, host), ACT_CUT_OFF, ACK_OK, ROLE_UNKNOWN);
    fixture_info_replica(f, host, "127.0.0.1", offset);
}

/* 10.0.0.3 is promoted with this offset, and everybody has been told. */
static void fail_over(struct fixture *f, uint64_t offset)
{
    elect(f);
    cut_off(f, "10.0.0.2", offset - 1);
    cut_off(f, NEW, offset);
    fixture_ack(f, fixture_link_of(f, NEW), ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_keep_offer(f);
}

static const struct record_report *report_of(const struct fixture *f)
{
    return &TAILQ_FIRST(&fixture_group(f)->reports)->row;
}

static size_t index_of_event(const struct fixture *f, const char *channel)
{
    for (size_t i = 0; i < f->action_count; i++) {
        if (f->actions[i].type == ACT_EVENT &&
            strcmp(f->actions[i].event.channel, channel) == 0) {
            return i;
        }
    }
    fail_msg("no %s", channel);
    return 0;
}

static void behind_what_was_seen(void **state)
{
    struct fixture *f = *state;
    say_master(f, OLD, HISTORY, "", -1, 150);
    msec seen_at = f->now;
    fixture_run_until(f, f->now + 300, NULL, 0);
    fail_over(f, 130);
    const struct record_report *row = report_of(f);
    assert_int_equal(row->cause, CAUSE_DOWN);
    assert_true(row->led);
    assert_string_equal(row->leader, SELF);
    assert_string_equal(row->from.host, OLD);
    assert_string_equal(row->to.host, NEW);
    assert_int_equal(row->master_offset, 150);
    assert_int_equal(row->promoted_offset, 130);
    assert_int_equal(row->behind_bytes, 20);
    assert_true(row->behind_ms >= 300); /* in step before, at the latest */
    assert_true(row->lost_bytes == NO_OFFSET);
    assert_true(row->unix_ms >= 1700000000000 + (f->now - seen_at) - 100);
    assert_string_equal(
        row->candidates,
        "[{\"server\":\"10.0.0.2:6379\",\"priority\":100,\"offset\":129,"
        "\"verdict\":\"another has more data\"},"
        "{\"server\":\"10.0.0.3:6379\",\"priority\":100,\"offset\":130,"
        "\"verdict\":\"chosen\"}]");
}

static void in_step_with_what_was_seen(void **state)
{
    struct fixture *f = *state;
    say_master(f, OLD, HISTORY, "", -1, 150);
    fixture_run_until(f, f->now + 300, NULL, 0);
    fail_over(f, 170);
    assert_int_equal(report_of(f)->behind_bytes, 0);
    assert_true(report_of(f)->behind_ms >= 200); /* it lived on unseen */
}

static void said_after_the_switch(void **state)
{
    struct fixture *f = *state;
    say_master(f, OLD, HISTORY, "", -1, 150);
    fail_over(f, 130);
    assert_true(index_of_event(f, "+failover-report") >
                index_of_event(f, "+switch-master"));
    const char *json = fixture_event(f, "+failover-report");
    static const char *const parts[] = {
        "{\"name\":\"m\",\"epoch\":1,\"unix_ms\":17",
        "\"cause\":\"down\",\"leader\":\"" SELF "\"",
        "\"from\":\"10.0.0.1:6379\",\"to\":\"10.0.0.3:6379\"",
        "\"behind_bytes\":20,",
        ("\"lost_bytes\":null,\"uncovered\":\"what the old master wrote after "
         "offset 130 until it died or is demoted\",\"candidates\":[{"),
        "}]}",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strstr(json, parts[i]) == NULL) {
            fail_msg("no %s in %s", parts[i], json);
        }
    }
}

/* One save: a report without its configuration would be a lie. */
static void saved_with_the_configuration(void **state)
{
    struct fixture *f = *state;
    elect(f);
    cut_off(f, "10.0.0.2", 120);
    cut_off(f, NEW, 130);
    fixture_forget(f);
    f->disk_works = false;
    fixture_ack(f, fixture_link_of(f, NEW), ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_keep_offer(f);
    fixture_forget(f);
    fixture_ack(f, fixture_peer_link(f, PEER_B), ACT_ACCEPT, ACK_OK,
                ROLE_UNKNOWN);
    assert_int_equal(fixture_record(f, RECORD_REPORT)->report.epoch, 1);
    assert_int_equal(fixture_record(f, RECORD_GROUP)->group.config_epoch, 1);
    assert_null(fixture_event(f, "+failover-report"));
}

/* The old master comes back with 30 bytes that nobody else has. */
static void the_loss_is_known_when_it_is_back(void **state)
{
    struct fixture *f = *state;
    say_master(f, OLD, HISTORY, "", -1, 150);
    fail_over(f, 130);
    say_master(f, NEW, PEER_A, HISTORY, 131, 140);
    fixture_forget(f);
    say_master(f, OLD, HISTORY, "", -1, 160);
    assert_int_equal(report_of(f)->lost_bytes, 30);
    assert_non_null(strstr(fixture_event(f, "+failover-report"),
                           "\"uncovered\":\"30 bytes that only the old master "
                           "had\""));
    assert_int_equal(fixture_record(f, RECORD_REPORT)->report.lost_bytes, 30);
    fixture_forget(f);
    say_master(f, OLD, HISTORY, "", -1, 170);
    assert_null(fixture_event(f, "+failover-report")); /* said once */
}

/* What a restarted one lost itself says nothing of what it had. */
static void a_restarted_one_knows_nothing(void **state)
{
    struct fixture *f = *state;
    say_master(f, OLD, HISTORY, "", -1, 150);
    fail_over(f, 130);
    say_master(f, NEW, PEER_A, HISTORY, 131, 140);
    struct info *said = xcalloc(1, sizeof(*said));
    said->role = ROLE_MASTER;
    said->offset = 120;
    said->second_repl_offset = -1;
    copy_text(said->replid, RUN_ID_SIZE, HISTORY);
    copy_text(said->run_id, RUN_ID_SIZE, PEER_B);
    fixture_info(f, OLD, said);
    free(said);
    assert_true(report_of(f)->lost_bytes == NO_OFFSET);
}

static void others_know_who_did_it(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.1", NEW, 3);
    const struct record_report *row = report_of(f);
    assert_int_equal(row->epoch, 3);
    assert_false(row->led);
    assert_int_equal(row->cause, CAUSE_UNKNOWN);
    assert_string_equal(row->leader, PEER_A);
    assert_string_equal(row->to.host, NEW);
    assert_null(fixture_event(f, "+failover-report"));
}

static void the_oldest_makes_room(void **state)
{
    struct fixture *f = *state;
    for (uint64_t epoch = 1; epoch <= MAX_REPORTS_PER_GROUP + 1; epoch++) {
        fixture_hello(f, PEER_A, "10.0.1.1", epoch % 2 == 1 ? NEW : OLD, epoch);
    }
    const struct group *group = fixture_group(f);
    assert_int_equal(group->report_count, MAX_REPORTS_PER_GROUP);
    assert_int_equal(report_of(f)->epoch, MAX_REPORTS_PER_GROUP + 1);
    bool dropped = false;
    for (size_t i = 0; i < f->record_count; i++) {
        dropped |= f->records[i].kind == RECORD_REPORT &&
                   f->records[i].deleted && f->records[i].report.epoch == 1;
    }
    assert_true(dropped);
}

static void remembered_over_a_restart(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.1", NEW, 1);
    fixture_hello(f, PEER_A, "10.0.1.1", OLD, 2);
    struct record saved[3];
    size_t count = 0;
    for (size_t i = 0; i < f->record_count; i++) {
        if (f->records[i].kind == RECORD_REPORT) {
            saved[count++] = f->records[i];
        }
    }
    assert_int_equal(count, 2);
    saved[2] = saved[0];
    copy_text(saved[2].report.group, NAME_SIZE, "gone");
    fixture_stop(f);
    fixture_start(f, saved, 3);
    fixture_settle(f);
    assert_int_equal(fixture_group(f)->report_count, 2);
    assert_int_equal(report_of(f)->epoch, 2);
    assert_true(fixture_record(f, RECORD_REPORT)->deleted); /* of "gone" */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        CASE(behind_what_was_seen),
        CASE(in_step_with_what_was_seen),
        CASE(said_after_the_switch),
        CASE(saved_with_the_configuration),
        CASE(the_loss_is_known_when_it_is_back),
        CASE(a_restarted_one_knows_nothing),
        CASE(others_know_who_did_it),
        CASE(the_oldest_makes_room),
        CASE(remembered_over_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
