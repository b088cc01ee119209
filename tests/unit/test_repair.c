/* Servers that contradict our view, and when we may put them right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"

#include <string.h>

/* Peer A led a failover to 10.0.0.2; the old master is not seen since. */
static int start(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    fixture_start(f, NULL, 0);
    fixture_complete(f);
    fixture_run_until(f, f->now + 10, NULL, 0);
    fixture_down(f, fixture_link_of(f, "10.0.0.1"), FAILURE_RESET);
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 1);
    fixture_info_master(f, "10.0.0.2", 0);
    fixture_info_replica(f, "10.0.0.3", "10.0.0.2", 100);
    fixture_forget(f);
    *state = f;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void view(struct fixture *f, const char *run_id, uint64_t epoch,
                 bool failover)
{
    struct core_event event = {.type = EV_VIEW,
                               .link = fixture_peer_link(f, run_id),
                               .group = fixture_group(f)->id};
    event.view.config_epoch = epoch;
    event.view.failover_in_progress = failover;
    event.view.is_ours = true;
    event.view.accepted.epoch = epoch;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* It is back and says that it is master. */
static object_id old_master_returns(struct fixture *f)
{
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_run_until(f, f->now + 400, NULL, 0);
    fixture_up(f, link);
    fixture_pong(f, link, PONG_OK);
    fixture_info_master(f, "10.0.0.1", 0);
    return link;
}

static void keep_confirming(struct fixture *f, msec until, uint64_t epoch,
                            bool failover)
{
    while (f->now < until) {
        fixture_run_until(f, f->now + 10, NULL, 0);
        view(f, PEER_A, epoch, failover);
        view(f, PEER_B, epoch, failover);
    }
}

static void old_master_is_demoted(void **state)
{
    struct fixture *f = *state;
    object_id link = old_master_returns(f);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
    keep_confirming(f, f->now + 200, 1, false);
    const struct core_action *demotion = fixture_action(f, ACT_REPLICAOF, link);
    assert_non_null(demotion);
    assert_string_equal(demotion->replicaof.master.host, "10.0.0.2");
    assert_non_null(fixture_event(f, "+convert-to-slave"));
    fixture_forget(f);
    fixture_ack(f, link, ACT_REPLICAOF, ACK_OK, ROLE_REPLICA);
    fixture_info_replica(f, "10.0.0.1", "10.0.0.2", 100);
    keep_confirming(f, f->now + 3000, 1, false);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
}

/* Nobody confirms: we may have missed a failover. */
static void not_without_a_majority(void **state)
{
    struct fixture *f = *state;
    object_id link = old_master_returns(f);
    fixture_run_until(f, f->now + 3000, NULL, 0);
    assert_true(fixture_count(f, ACT_VIEW, 0) > 0);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
}

static void not_while_somebody_knows_better(void **state)
{
    struct fixture *f = *state;
    object_id link = old_master_returns(f);
    keep_confirming(f, f->now + 1000, 2, false);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
}

static void not_during_a_failover_of_others(void **state)
{
    struct fixture *f = *state;
    object_id link = old_master_returns(f);
    keep_confirming(f, f->now + 1000, 1, true);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
}

static void not_while_our_vote_binds(void **state)
{
    struct fixture *f = *state;
    fixture_asked(f, PEER_A, 2);
    object_id link = old_master_returns(f);
    keep_confirming(f, f->now + 1000, 1, false);
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
    keep_confirming(f, f->now + 1500, 1, false);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link));
}

/* A replica that became master by itself: Sentinel's eight seconds. */
static void unexpected_master_after_a_while(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_info_master(f, "10.0.0.3", 0);
    msec seen_at = f->now;
    while (f->now < seen_at + 9000) {
        keep_confirming(f, f->now + 500, 1, false);
        fixture_info_master(f, "10.0.0.2", 0);
        if (fixture_action(f, ACT_REPLICAOF, link) != NULL) {
            break;
        }
        fixture_info_master(f, "10.0.0.3", 0);
    }
    assert_in_range(f->now - seen_at, 7500, 8600);
}

static void replica_of_another_master(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 100);
    msec seen_at = f->now;
    while (f->now < seen_at + 5000 &&
           fixture_action(f, ACT_REPLICAOF, link) == NULL) {
        keep_confirming(f, f->now + 200, 1, false);
        fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 100);
    }
    assert_in_range(f->now - seen_at, 600, 1400);
    assert_non_null(fixture_event(f, "+fix-slave-config"));
}

/* Not more at a time than parallel_syncs may fetch from the master. */
static void one_sync_at_a_time(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.3");
    /* the old master is a replica now, and still fetching */
    fixture_up(f, fixture_link_of(f, "10.0.0.1"));
    fixture_pong(f, fixture_link_of(f, "10.0.0.1"), PONG_OK);
    struct info *fetching =
        &(struct info){.role = ROLE_REPLICA, .sync_in_progress = true};
    fetching->master = fixture_node(f, "10.0.0.2")->instance.address;
    struct core_event event = {.type = EV_INFO,
                               .link = fixture_link_of(f, "10.0.0.1"),
                               .info = fetching};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    for (int i = 0; i < 30; i++) {
        keep_confirming(f, f->now + 200, 1, false);
        fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 100);
    }
    assert_null(fixture_action(f, ACT_REPLICAOF, link));
    fetching->master_link_up = true;
    fetching->sync_in_progress = false;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    for (int i = 0; i < 10; i++) {
        keep_confirming(f, f->now + 200, 1, false);
        fixture_info_replica(f, "10.0.0.3", "10.0.0.1", 100);
    }
    assert_non_null(fixture_action(f, ACT_REPLICAOF, link));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_master_is_demoted, start, stop),
        cmocka_unit_test_setup_teardown(not_without_a_majority, start, stop),
        cmocka_unit_test_setup_teardown(not_while_somebody_knows_better, start,
                                        stop),
        cmocka_unit_test_setup_teardown(not_during_a_failover_of_others, start,
                                        stop),
        cmocka_unit_test_setup_teardown(not_while_our_vote_binds, start, stop),
        cmocka_unit_test_setup_teardown(unexpected_master_after_a_while, start,
                                        stop),
        cmocka_unit_test_setup_teardown(replica_of_another_master, start, stop),
        cmocka_unit_test_setup_teardown(one_sync_at_a_time, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
