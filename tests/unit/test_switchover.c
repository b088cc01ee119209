/* A planned failover fact by fact: nothing is promoted before it has all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"
#include "sentineld/memory.h"

#include <stdio.h>
#include <string.h>

static int start(void **state)
{
    static struct fixture fixture;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    *state = &fixture;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void order(struct fixture *f, const struct admin *wanted)
{
    struct admin admin = *wanted;
    admin.type = ADMIN_FAILOVER;
    admin.client = 5;
    copy_text(admin.name, NAME_SIZE, "m");
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static object_id link_of(const struct fixture *f, const char *host)
{
    return fixture_link_of(f, host);
}

static enum failover_state state_of(const struct fixture *f)
{
    return fixture_group(f)->failover.state;
}

/* As the fixture calls it. */
static void same_process(struct info *info)
{
    (void)snprintf(info->run_id, RUN_ID_SIZE, "%-40s", "10.0.0.1");
}

/* A master's INFO with an offset. */
static void master_at(struct fixture *f, uint64_t offset)
{
    static struct info info;
    info = (struct info){
        .role = ROLE_MASTER, .offset = offset, .known_engine = true};
    same_process(&info);
    copy_text(info.replid, RUN_ID_SIZE, HISTORY);
    struct core_event event = {
        .type = EV_INFO, .link = link_of(f, "10.0.0.1"), .info = &info};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* Elected, everybody has answered INFO, the master is told to pause. */
static void reach_pause(struct fixture *f, const struct admin *admin)
{
    order(f, admin);
    fixture_opinion(f, PEER_A, false, SELF, 1);
    assert_int_equal(state_of(f), FAILOVER_CATCH_UP);
    fixture_info_replica(f, "10.0.0.2", "10.0.0.1", 100);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 150);
    assert_null(fixture_action(f, ACT_PAUSE, 0));
    master_at(f, 200);
}

static void reach_catch_up(struct fixture *f, const struct admin *admin)
{
    reach_pause(f, admin);
    assert_non_null(fixture_action(f, ACT_PAUSE, link_of(f, "10.0.0.1")));
    fixture_forget(f);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_PAUSE, ACK_OK, ROLE_UNKNOWN);
    assert_non_null(fixture_action(f, ACT_INFO, link_of(f, "10.0.0.1")));
}

/* The master has become a replica of nobody, with all that it had. */
static void let_go(struct fixture *f, uint64_t offset)
{
    static struct info info;
    object_id master = link_of(f, "10.0.0.1");
    assert_non_null(fixture_action(f, ACT_CUT_OFF, master));
    info = (struct info){.role = ROLE_REPLICA,
                         .known_engine = true,
                         .master = {.host = "127.0.0.1", .port = 1},
                         .offset = offset};
    same_process(&info);
    copy_text(info.replid, RUN_ID_SIZE, HISTORY);
    fixture_ack(f, master, ACT_CUT_OFF, ACK_OK, ROLE_UNKNOWN);
    struct core_event event = {.type = EV_INFO, .link = master, .info = &info};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static const struct core_action *answer(const struct fixture *f)
{
    return fixture_action(f, ACT_ANSWER, 0);
}

static const struct admin plain = {.mode = FAILOVER_MODE_DEFAULT};
static const struct admin strict = {.mode = FAILOVER_MODE_COORDINATED};

static void promoted_only_with_everything(void **state)
{
    struct fixture *f = *state;
    reach_catch_up(f, &plain);
    object_id target = link_of(f, "10.0.0.3");
    master_at(f, 260);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 255);
    assert_null(fixture_action(f, ACT_REPLICAOF, target));
    fixture_run_until(f, f->now + 2, NULL, 0); /* asked again at once */
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 260);
    assert_null(fixture_action(f, ACT_REPLICAOF, target));
    assert_non_null(fixture_action(f, ACT_CUT_OFF, link_of(f, "10.0.0.1")));
    let_go(f, 260);
    const struct core_action *promotion =
        fixture_action(f, ACT_REPLICAOF, target);
    assert_non_null(promotion);
    assert_string_equal(promotion->replicaof.master.host, "");
    assert_null(answer(f));
    assert_int_equal(fixture_count(f, ACT_CUT_OFF, 0), 1); /* no replica */
    fixture_ack(f, target, ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_keep_offer(f);
    assert_int_equal(answer(f)->answer.result, ADMIN_OK);
    assert_string_equal(answer(f)->answer.text, "");
    const struct core_action *demotion =
        fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.1"));
    assert_string_equal(demotion->replicaof.master.host, "10.0.0.3");
    assert_true(demotion->replicaof.unpause);
    assert_non_null(fixture_event(f, "+switch-master"));
}

static void an_info_from_before_the_pause_does_not_count(void **state)
{
    struct fixture *f = *state;
    struct admin patient = {.mode = FAILOVER_MODE_COORDINATED,
                            .timeout_ms = 3000};
    reach_pause(f, &patient);
    fixture_run_until(f, f->now + 1100, NULL, 0); /* INFO is under way */
    fixture_forget(f);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_PAUSE, ACK_OK, ROLE_UNKNOWN);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_PAUSE, ACK_OK, ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 500);
    master_at(f, 500);
    assert_null(fixture_action(f, ACT_REPLICAOF, 0));
    fixture_run_until(f, f->now + 2, NULL, 0);
    master_at(f, 500);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 500);
    let_go(f, 500);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.3")));
}

static void one_that_cannot_catch_up_undoes_it(void **state)
{
    struct fixture *f = *state;
    reach_catch_up(f, &strict);
    master_at(f, 260);
    for (int i = 0; i < 200 && state_of(f) == FAILOVER_CATCH_UP; i++) {
        fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 255);
        fixture_run_until(f, f->now + 10, NULL, 0);
    }
    assert_int_equal(state_of(f), FAILOVER_NONE);
    assert_null(fixture_action(f, ACT_REPLICAOF, 0));
    assert_non_null(fixture_action(f, ACT_UNPAUSE, link_of(f, "10.0.0.1")));
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
    assert_string_equal(answer(f)->answer.text,
                        "10.0.0.3:6379 did not catch up within 1000 ms");
    assert_int_equal(fixture_node(f, "10.0.0.1")->paused_until, 0);
}

static void a_master_that_cannot_pause(void **state)
{
    struct fixture *f = *state;
    reach_pause(f, &strict);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_PAUSE, ACK_REFUSED,
                ROLE_UNKNOWN);
    assert_int_equal(state_of(f), FAILOVER_SELECT);
    assert_int_equal(fixture_count(f, ACT_CUT_OFF, 0), 2);
}

static void a_pause_that_never_left(void **state)
{
    struct fixture *f = *state;
    reach_pause(f, &plain);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_PAUSE, ACK_UNSENT, ROLE_UNKNOWN);
    assert_int_equal(state_of(f), FAILOVER_NONE);
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
}

static void a_refused_promotion_undoes_it(void **state)
{
    struct fixture *f = *state;
    reach_catch_up(f, &plain);
    master_at(f, 260);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 260);
    let_go(f, 260);
    fixture_ack(f, link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_REFUSED,
                ROLE_REPLICA);
    assert_int_equal(state_of(f), FAILOVER_NONE);
    const struct core_action *given_back =
        fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.1"));
    assert_string_equal(given_back->replicaof.master.host, "");
    assert_non_null(fixture_action(f, ACT_UNPAUSE, link_of(f, "10.0.0.1")));
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
}

static void the_named_replica(void **state)
{
    struct fixture *f = *state;
    struct admin admin = strict;
    copy_text(admin.target.host, HOST_SIZE, "10.0.0.2");
    admin.target.port = 6379;
    reach_catch_up(f, &admin);
    master_at(f, 260);
    fixture_info_replica(f, "10.0.0.2", "10.0.0.1", 260);
    let_go(f, 260);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.2")));
}

static void a_stranger_is_no_target(void **state)
{
    struct fixture *f = *state;
    struct admin admin = strict;
    copy_text(admin.target.host, HOST_SIZE, "10.0.0.9");
    admin.target.port = 6379;
    order(f, &admin);
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
    assert_int_equal(state_of(f), FAILOVER_NONE);
}

static void a_dry_run_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct admin admin = strict;
    admin.dry_run = true;
    reach_pause(f, &admin);
    assert_null(fixture_action(f, ACT_PAUSE, 0));
    assert_int_equal(answer(f)->answer.result, ADMIN_OK);
    assert_string_equal(answer(f)->answer.text, "would promote 10.0.0.3:6379");
    assert_int_equal(state_of(f), FAILOVER_NONE);
}

static void no_coordination_with_the_dead(void **state)
{
    struct fixture *f = *state;
    object_id quiet[] = {link_of(f, "10.0.0.1")};
    fixture_run_until(f, f->now + 1200, quiet, 1);
    order(f, &strict);
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
    fixture_forget(f);
    order(f, &plain);                              /* as good as it gets */
    assert_null(fixture_action(f, ACT_ANSWER, 0)); /* who does it, is open */
    assert_int_equal(state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_A, false, "", 0); /* asked before the order */
    fixture_opinion(f, PEER_A, false, SELF, 1);
    assert_int_equal(answer(f)->answer.result, ADMIN_OK);
    assert_int_equal(state_of(f), FAILOVER_SELECT);
}

/* A hello would wait there, and every command of ours behind it. */
static void no_hello_to_a_paused_master(void **state)
{
    struct fixture *f = *state;
    reach_catch_up(f, &strict);
    fixture_forget(f);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_HELLO, ACK_OK, ROLE_UNKNOWN);
    fixture_run_until(f, f->now + 900, NULL, 0);
    assert_int_equal(fixture_count(f, ACT_HELLO, link_of(f, "10.0.0.1")), 0);
}

/* Up to where the old master lets go: the target has all. */
static void reach_hand_over(struct fixture *f)
{
    reach_catch_up(f, &strict);
    master_at(f, 260);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 260);
    assert_int_equal(state_of(f), FAILOVER_CATCH_UP);
}

static bool is_given_back(const struct fixture *f)
{
    const struct core_action *action =
        fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.1"));
    return action != NULL && action->replicaof.master.host[0] == '\0';
}

static void assert_undone(const struct fixture *f, const char *why)
{
    assert_int_equal(state_of(f), FAILOVER_NONE);
    assert_null(fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.3")));
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
    assert_string_equal(answer(f)->answer.text, why);
}

static void a_master_that_will_not_let_go(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    fixture_ack(f, link_of(f, "10.0.0.1"), ACT_CUT_OFF, ACK_REFUSED,
                ROLE_UNKNOWN);
    assert_undone(f, "the master could not be told to let go");
    assert_false(is_given_back(f));
    assert_non_null(fixture_action(f, ACT_UNPAUSE, link_of(f, "10.0.0.1")));
}

/* It may still obey: its role comes right behind. */
static void a_master_that_does_not_answer_is_given_its_role_back(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    for (int i = 0; i < 11; i++) {
        fixture_opinion(f, PEER_A, false, SELF, 1);
        fixture_run_until(f, f->now + 100, NULL, 0);
    }
    assert_undone(f, "the master did not let go in time");
    assert_true(is_given_back(f));
}

static void writes_before_it_let_go_undo_it(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    let_go(f, 270);
    assert_int_equal(state_of(f), FAILOVER_CATCH_UP);
    fixture_run_until(f, f->now + 2, NULL, 0);
    struct info info = {
        .role = ROLE_REPLICA, .known_engine = true, .offset = 265};
    copy_text(info.master.host, HOST_SIZE, "10.0.0.1");
    info.master.port = 6379;
    struct core_event event = {
        .type = EV_INFO, .link = link_of(f, "10.0.0.3"), .info = &info};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    assert_undone(f, "the master had taken writes before it let go");
    assert_true(is_given_back(f));
}

static void what_is_still_on_its_way_counts(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    let_go(f, 270);
    fixture_run_until(f, f->now + 2, NULL, 0);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 270);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.3")));
}

/* The leader was away: others may have decided without him. */
static void a_leader_whose_votes_ran_out_tells_nobody(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    object_id target = link_of(f, "10.0.0.3");
    let_go(f, 260);
    assert_int_equal(state_of(f), FAILOVER_PROMOTE);
    f->now += 3100;
    fixture_ack(f, target, ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_run_until(f, f->now + 1200, NULL, 0);
    assert_int_equal(state_of(f), FAILOVER_NONE);
    assert_null(fixture_event(f, "+switch-master"));
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
    assert_true(fixture_node(f, "10.0.0.3")->former_master);
}

/* Slices of a pause: it ends soon after a supervisor that dies. */
static void a_long_wait_renews_the_pause(void **state)
{
    struct fixture *f = *state;
    struct admin patient = {.mode = FAILOVER_MODE_COORDINATED,
                            .timeout_ms = 10000};
    object_id master = link_of(f, "10.0.0.1");
    reach_catch_up(f, &patient);
    master_at(f, 260);
    for (int i = 0; i < 40; i++) {
        fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 255);
        fixture_opinion(f, PEER_A, false, SELF, 1);
        fixture_run_until(f, f->now + 100, NULL, 0);
        if (fixture_group(f)->failover.switchover.phase == SWITCHOVER_PAUSE) {
            fixture_ack(f, master, ACT_PAUSE, ACK_OK, ROLE_UNKNOWN);
        }
    }
    assert_int_equal(state_of(f), FAILOVER_CATCH_UP);
    assert_in_range(fixture_count(f, ACT_PAUSE, master), 3, 5);
    assert_true(fixture_action(f, ACT_PAUSE, master)->pause.duration_ms <=
                3000);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 260);
    let_go(f, 260);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link_of(f, "10.0.0.3")));
}

/* Promoted, but it could not be saved before others led. */
static void who_asked_is_answered_when_another_leads(void **state)
{
    struct fixture *f = *state;
    reach_hand_over(f);
    let_go(f, 260);
    f->disk_works = false;
    fixture_ack(f, link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    assert_int_equal(state_of(f), FAILOVER_COMMIT);
    assert_null(answer(f));
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 2);
    assert_int_equal(state_of(f), FAILOVER_NONE);
    assert_int_equal(answer(f)->answer.result, ADMIN_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(promoted_only_with_everything, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            an_info_from_before_the_pause_does_not_count, start, stop),
        cmocka_unit_test_setup_teardown(one_that_cannot_catch_up_undoes_it,
                                        start, stop),
        cmocka_unit_test_setup_teardown(a_master_that_cannot_pause, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_pause_that_never_left, start, stop),
        cmocka_unit_test_setup_teardown(a_refused_promotion_undoes_it, start,
                                        stop),
        cmocka_unit_test_setup_teardown(the_named_replica, start, stop),
        cmocka_unit_test_setup_teardown(a_stranger_is_no_target, start, stop),
        cmocka_unit_test_setup_teardown(a_dry_run_changes_nothing, start, stop),
        cmocka_unit_test_setup_teardown(no_coordination_with_the_dead, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_leader_whose_votes_ran_out_tells_nobody, start, stop),
        cmocka_unit_test_setup_teardown(a_master_that_will_not_let_go, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_master_that_does_not_answer_is_given_its_role_back, start, stop),
        cmocka_unit_test_setup_teardown(writes_before_it_let_go_undo_it, start,
                                        stop),
        cmocka_unit_test_setup_teardown(what_is_still_on_its_way_counts, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            who_asked_is_answered_when_another_leads, start, stop),
        cmocka_unit_test_setup_teardown(a_long_wait_renews_the_pause, start,
                                        stop),
        cmocka_unit_test_setup_teardown(no_hello_to_a_paused_master, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
