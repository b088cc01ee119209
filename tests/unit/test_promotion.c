/* Candidates that refuse, do not answer or come back, on one supervisor of
 * three. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failover_support.h"

static void refusal_takes_the_next(void **state)
{
    struct fixture *f = *state;
    failover_reach_promote(f);
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_REFUSED,
                ROLE_REPLICA);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    fixture_ack(f, fixture_link_of(f, "10.0.0.2"), ACT_CUT_OFF, ACK_OK,
                ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.2", "127.0.0.1", 100);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    assert_string_equal(
        fixture_group(f)->failover.promoted->instance.address.host, "10.0.0.2");
}

/* The failover before killed its connection a moment ago. */
static void a_candidate_that_reconnects(void **state)
{
    struct fixture *f = *state;
    failover_reach_wait_start(f);
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_down(f, link, FAILURE_CLOSED);
    fixture_opinion(f, PEER_A, true, SELF, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    fixture_ack(f, fixture_link_of(f, "10.0.0.2"), ACT_CUT_OFF, ACK_OK,
                ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.2", "127.0.0.1", 100);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    fixture_up(f, link);
    assert_non_null(fixture_action(f, ACT_CUT_OFF, link));
    fixture_ack(f, link, ACT_CUT_OFF, ACK_OK, ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.3", "127.0.0.1", 101);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    assert_string_equal(
        fixture_group(f)->failover.promoted->instance.address.host, "10.0.0.3");
}

static void refuse_extras(struct fixture *f, object_id link,
                          enum core_action_type what)
{
    struct core_event event = {
        .type = EV_ACK, .link = link, .group = fixture_group(f)->id};
    event.ack.what = what;
    event.ack.result = ACK_REFUSED;
    event.ack.role = ROLE_REPLICA;
    event.ack.extras = true;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* CONFIG or CLIENT is renamed there: SLAVEOF alone will do. */
static void a_server_that_refuses_the_rest(void **state)
{
    struct fixture *f = *state;
    failover_reach_select(f);
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_forget(f);
    failover_cut_off_all(f);
    refuse_extras(f, link, ACT_REPLICAOF);
    assert_non_null(fixture_event(f, "+access-denied"));
    const struct core_action *promotion =
        fixture_action(f, ACT_REPLICAOF, link);
    assert_true(promotion->replicaof.bare);
    fixture_ack(f, link, ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_keep_offer(f);
    fixture_forget(f);
    object_id other = fixture_link_of(f, "10.0.0.2");
    refuse_extras(f, other, ACT_REPLICAOF); /* repointing it */
    fixture_run_until(f, f->now + 110, NULL, 0);
    assert_true(fixture_action(f, ACT_REPLICAOF, other)->replicaof.bare);
}

static void a_promotion_refused_for_the_rest(void **state)
{
    struct fixture *f = *state;
    failover_reach_promote(f);
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_forget(f);
    refuse_extras(f, link, ACT_REPLICAOF);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    const struct core_action *again = fixture_action(f, ACT_REPLICAOF, link);
    assert_true(again->replicaof.bare);
    assert_string_equal(again->replicaof.master.host, "");
    refuse_extras(f, link, ACT_REPLICAOF); /* that too: the next one */
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
}

/* A user that may not run ROLE: obeyed or not, only INFO tells. */
static void unknown_outcome_is_no_refusal(void **state)
{
    struct fixture *f = *state;
    failover_reach_promote(f);
    fixture_forget(f);
    object_id link = fixture_link_of(f, "10.0.0.3");
    fixture_ack(f, link, ACT_REPLICAOF, ACK_OK, ROLE_UNKNOWN);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    assert_non_null(fixture_action(f, ACT_INFO, link));
    fixture_info_master(f, "10.0.0.3", 0);
    assert_int_equal(failover_state_of(f), FAILOVER_COMMIT);
}

/* The transaction was refused, but the server says that it is master. */
static void a_refusal_that_took_effect(void **state)
{
    struct fixture *f = *state;
    failover_reach_promote(f);
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_REFUSED,
                ROLE_MASTER);
    assert_int_equal(failover_state_of(f), FAILOVER_COMMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusal_takes_the_next, failover_start,
                                        failover_stop),
        cmocka_unit_test_setup_teardown(a_candidate_that_reconnects,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(a_server_that_refuses_the_rest,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(a_promotion_refused_for_the_rest,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(unknown_outcome_is_no_refusal,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(a_refusal_that_took_effect,
                                        failover_start, failover_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
