/* The master's process is gone or another: who has to see it, and what the
 * one that came back is judged by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"
#include "sentineld/memory.h"

#include <stdlib.h>
#include <string.h>

#define OTHER_HISTORY "dddddddddddddddddddddddddddddddddddddddd"

static int start(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    fixture_info_replica(&fixture, "10.0.0.2", "10.0.0.1", 500);
    fixture_info_replica(&fixture, "10.0.0.3", "10.0.0.1", 500);
    fixture_forget(&fixture);
    *state = &fixture;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void refuse(struct fixture *f)
{
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_down(f, link, FAILURE_RESET);
    fixture_run_until(f, f->now + 10, NULL, 0);
    fixture_down(f, link, FAILURE_REFUSED);
}

/* What a replica says of its link to the master. */
static void link_is(struct fixture *f, const char *host, bool up)
{
    struct info *info = xcalloc(1, sizeof *info);
    info->role = ROLE_REPLICA;
    info->master = fixture_node(f, "10.0.0.1")->instance.address;
    info->master_link_up = up;
    info->offset = 500;
    fixture_info(f, host, info);
    free(info);
}

static void view(struct fixture *f, const char *run_id, bool gone)
{
    struct core_event event = {.type = EV_VIEW,
                               .link = fixture_peer_link(f, run_id),
                               .group = fixture_group(f)->id};
    event.view.master = fixture_node(f, "10.0.0.1")->instance.address;
    event.view.process_gone = gone;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static bool wants_votes(const struct fixture *f)
{
    const struct core_action *ask = fixture_action(f, ACT_ASK, 0);
    return ask != NULL && strcmp(ask->ask.candidate, SELF) == 0;
}

static void run_with_views(struct fixture *f, bool gone)
{
    for (msec until = f->now + 200; f->now < until;) {
        fixture_run_until(f, f->now + 5, NULL, 0);
        view(f, PEER_A, gone);
        view(f, PEER_B, gone);
    }
}

/* A firewall may refuse us: who is refused asks the replicas. */
static void a_refusal_alone_is_no_end(void **state)
{
    struct fixture *f = *state;
    refuse(f);
    link_is(f, "10.0.0.3", true);
    link_is(f, "10.0.0.2", false);
    assert_int_equal(fixture_group(f)->restart.state, RESTART_GONE);
    assert_false(model_is_master_in_doubt(fixture_group(f)));
    assert_null(fixture_event(f, "+process-gone"));
    run_with_views(f, true);
    assert_false(wants_votes(f));
    link_is(f, "10.0.0.3", false);
    assert_true(model_is_master_in_doubt(fixture_group(f)));
    link_is(f, "10.0.0.3", true);
    assert_false(model_is_master_in_doubt(fixture_group(f)));
}

static void one_alone_holds_nothing(void **state)
{
    struct fixture *f = *state;
    refuse(f);
    link_is(f, "10.0.0.2", false);
    assert_true(model_is_master_in_doubt(fixture_group(f)));
    run_with_views(f, false);
    assert_non_null(fixture_action(f, ACT_VIEW, 0));
    assert_false(wants_votes(f));
    assert_int_equal(fixture_group(f)->failover.state, FAILOVER_NONE);
}

static void a_quorum_holds(void **state)
{
    struct fixture *f = *state;
    refuse(f);
    link_is(f, "10.0.0.2", false);
    run_with_views(f, true);
    assert_true(wants_votes(f));
    assert_true(fixture_group(f)->failover.purpose == PURPOSE_KEEP);
    assert_null(fixture_event(f, "+try-failover"));
}

/* Who has seen a switch that we missed tells us before we stand: he may be
 * gone when we do. */
static void what_a_peer_knows_is_heard(void **state)
{
    struct fixture *f = *state;
    const struct group *group = fixture_group(f);
    refuse(f);
    link_is(f, "10.0.0.2", false);
    fixture_run_until(f, f->now + 200, NULL, 0);
    struct core_event event = {.type = EV_VIEW,
                               .link = fixture_peer_link(f, PEER_A),
                               .group = group->id};
    event.view.lineage_epoch = group->lineage_epoch + 1;
    copy_text(event.view.lineage[0].replid, RUN_ID_SIZE, OTHER_HISTORY);
    copy_text(event.view.lineage[1].replid, RUN_ID_SIZE, HISTORY);
    event.view.lineage[1].end = 400;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    assert_int_equal(group->failover.state, FAILOVER_NONE);
    assert_string_equal(group->lineage[0].replid, OTHER_HISTORY);
    assert_int_equal(group->lineage[1].end, 400);
}

static void the_same_process_is_nothing(void **state)
{
    struct fixture *f = *state;
    refuse(f);
    link_is(f, "10.0.0.2", false);
    assert_non_null(fixture_event(f, "+process-gone"));
    fixture_up(f, fixture_link_of(f, "10.0.0.1"));
    fixture_info_master(f, "10.0.0.1", 2);
    assert_int_equal(fixture_group(f)->restart.state, RESTART_NONE);
    assert_non_null(fixture_event(f, "-process-gone"));
}

struct return_row {
    const char *name;
    const char *replid; /* what the master comes back with */
    const char *replid2;
    int64_t second;
    uint64_t offset; /* as many keys, where nothing else is said */
    bool replicas_restarted;
    enum restart_state judged;
    bool log_before, log_now; /* it writes an append-only file */
    uint64_t keys;            /* it had 500, and ... */
    bool saved;               /* ... all in its RDB */
};

#define NO_FILE false, false, 0, false
static const struct return_row return_rows[] = {
    {"empty", OTHER_HISTORY, "", -1, 0, false, RESTART_BEHIND, NO_FILE},
    /* unknown is not empty, and not nothing: it is judged later */
    {"another history, much of it", OTHER_HISTORY, "", -1, 9000, false,
     RESTART_BACK, NO_FILE},
    {"another history, and all are new", OTHER_HISTORY, "", -1, 9000, true,
     RESTART_BACK, NO_FILE},
    {"its log", OTHER_HISTORY, "", -1, 0, false, RESTART_NONE, true, true, 500,
     false},
    {"its log, and all are new", OTHER_HISTORY, "", -1, 0, true, RESTART_NONE,
     true, true, 500, false},
    {"a log that it did not have", OTHER_HISTORY, "", -1, 0, false,
     RESTART_BACK, false, true, 500, false},
    {"a log that is empty", OTHER_HISTORY, "", -1, 0, false, RESTART_BEHIND,
     true, true, 0, false},
    {"no log any more", OTHER_HISTORY, "", -1, 0, false, RESTART_BACK, true,
     false, 500, false},
    {"an RDB with everything", OTHER_HISTORY, "", -1, 0, false, RESTART_NONE,
     false, false, 500, true},
    {"an RDB with fewer keys", OTHER_HISTORY, "", -1, 0, false, RESTART_BEHIND,
     false, false, 400, true},
    {"fewer keys, and all are new", OTHER_HISTORY, "", -1, 0, true,
     RESTART_BACK, false, false, 400, true},
    {"all that they have", OTHER_HISTORY, HISTORY, 501, 500, false,
     RESTART_NONE, NO_FILE},
    {"all, and new writes", OTHER_HISTORY, HISTORY, 501, 700, false,
     RESTART_NONE, NO_FILE},
    {"an older file", OTHER_HISTORY, HISTORY, 401, 400, false, RESTART_BEHIND,
     NO_FILE},
    {"an older file, and new writes", OTHER_HISTORY, HISTORY, 401, 700, false,
     RESTART_BEHIND, NO_FILE},
    {"an older file, and all are new", OTHER_HISTORY, HISTORY, 401, 400, true,
     RESTART_BEHIND, NO_FILE},
};

static void say(struct fixture *f, const char *host, const char *run_id,
                struct info *info)
{
    copy_text(info->run_id, RUN_ID_SIZE, run_id);
    info->priority = 100;
    fixture_info(f, host, info);
}

static void replica_says(struct fixture *f, const char *host,
                         const char *run_id)
{
    struct info *info = xcalloc(1, sizeof *info);
    info->role = ROLE_REPLICA;
    info->master = fixture_node(f, "10.0.0.1")->instance.address;
    info->offset = 500;
    say(f, host, run_id, info);
    free(info);
}

static void a_returned_master_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof return_rows / sizeof *return_rows; i++) {
        const struct return_row *row = &return_rows[i];
        void *started;
        (void)start(&started);
        struct fixture *f = started;
        struct info *before = xcalloc(1, sizeof *before);
        before->role = ROLE_MASTER;
        before->offset = 500;
        before->append_only = row->log_before;
        before->unsaved_changes = row->saved ? 0 : 3;
        fixture_info(f, "10.0.0.1", before);
        free(before);
        refuse(f);
        f->now += 50;
        replica_says(f, "10.0.0.2", row->replicas_restarted ? "new 2" : "");
        replica_says(f, "10.0.0.3", row->replicas_restarted ? "new 3" : "");
        struct info *info = xcalloc(1, sizeof *info);
        info->role = ROLE_MASTER;
        copy_text(info->replid, RUN_ID_SIZE, row->replid);
        copy_text(info->replid2, RUN_ID_SIZE, row->replid2);
        info->second_repl_offset = row->second;
        info->offset = row->offset;
        info->keys = row->keys;
        info->append_only = row->log_now;
        fixture_up(f, fixture_link_of(f, "10.0.0.1"));
        say(f, "10.0.0.1", "new 1", info);
        free(info);
        if (fixture_group(f)->restart.state != row->judged) {
            fail_msg("%s: judged %d", row->name,
                     (int)fixture_group(f)->restart.state);
        }
        (void)stop(&started);
    }
}

static void comes_back_empty(struct fixture *f)
{
    struct info *info = xcalloc(1, sizeof *info);
    refuse(f);
    f->now += 50;
    replica_says(f, "10.0.0.2", "");
    replica_says(f, "10.0.0.3", "");
    info->role = ROLE_MASTER;
    copy_text(info->replid, RUN_ID_SIZE, OTHER_HISTORY);
    info->second_repl_offset = -1;
    fixture_up(f, fixture_link_of(f, "10.0.0.1"));
    say(f, "10.0.0.1", "new 1", info);
    free(info);
}

static const struct core_action *adopt_master(struct fixture *f)
{
    struct admin admin = {.type = ADMIN_ADOPT,
                          .client = 5,
                          .target =
                              fixture_node(f, "10.0.0.1")->instance.address};
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    copy_text(admin.name, NAME_SIZE, fixture_group(f)->name);
    fixture_forget(f);
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    return fixture_action(f, ACT_ANSWER, 0);
}

static void an_operator_takes_it_as_it_is(void **state)
{
    struct fixture *f = *state;
    const struct core_action *answer = adopt_master(f);
    assert_int_equal(answer->answer.result, ADMIN_REFUSED);
    comes_back_empty(f);
    assert_int_equal(fixture_group(f)->restart.state, RESTART_BEHIND);
    answer = adopt_master(f);
    assert_int_equal(answer->answer.result, ADMIN_OK);
    assert_int_equal(fixture_group(f)->restart.state, RESTART_NONE);
    struct info *info = xcalloc(1, sizeof *info);
    info->role = ROLE_MASTER;
    copy_text(info->replid, RUN_ID_SIZE, OTHER_HISTORY);
    say(f, "10.0.0.1", "new 1", info);
    free(info);
    assert_int_equal(fixture_group(f)->restart.state, RESTART_NONE);
}

/* Each time it is up it is cut at once: how long until it is tried again? */
static void a_cut_connection_is_tried_again_soon(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.2");
    for (int i = 0; i < 8; i++) {
        fixture_forget(f);
        fixture_down(f, link, FAILURE_CLOSED);
        msec cut_at = f->now;
        while (fixture_action(f, ACT_CONNECT, link) == NULL) {
            assert_true(f->now - cut_at < 300);
            fixture_run_until(f, f->now + 1, NULL, 0);
        }
        assert_true(i >= 3 || f->now - cut_at <= 10);
        assert_true(i < 6 || f->now - cut_at > 40);
        fixture_up(f, link);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_alone_is_no_end, start, stop),
        cmocka_unit_test_setup_teardown(one_alone_holds_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_quorum_holds, start, stop),
        cmocka_unit_test_setup_teardown(what_a_peer_knows_is_heard, start,
                                        stop),
        cmocka_unit_test_setup_teardown(the_same_process_is_nothing, start,
                                        stop),
        cmocka_unit_test(a_returned_master_is_judged),
        cmocka_unit_test_setup_teardown(an_operator_takes_it_as_it_is, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_cut_connection_is_tried_again_soon,
                                        start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
