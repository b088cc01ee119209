/* A failover fact by fact, on one supervisor of three. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"
#include "failover_support.h"
#include "sentineld/memory.h"

/* What the voters know of the histories comes before the choice, but not for
 * ever. */
static void the_view_of_a_voter_is_waited_for(void **state)
{
    struct fixture *f = *state;
    failover_reach_wait_start(f);
    assert_true(fixture_voter(f, PEER_A)->view_pending);
    struct core_event vote = {.type = EV_ASK_REPLY,
                              .link = fixture_peer_link(f, PEER_A),
                              .group = fixture_group(f)->id};
    vote.ask_reply.down = true;
    vote.ask_reply.vote.epoch = 1;
    copy_text(vote.ask_reply.vote.leader, RUN_ID_SIZE, SELF);
    core_record(f->core, f->now, &vote);
    fixture_settle(f);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    struct core_event view = {.type = EV_VIEW,
                              .link = fixture_peer_link(f, PEER_A),
                              .group = fixture_group(f)->id};
    view.view.is_ours = true;
    core_record(f->core, f->now, &view);
    fixture_settle(f);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
}

static void one_opinion_is_no_quorum(void **state)
{
    struct fixture *f = *state;
    failover_silence_master(f);
    assert_string_equal(fixture_event(f, "+sdown"), "master m 10.0.0.1 6379");
    fixture_opinion(f, PEER_A, false, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    assert_null(fixture_event(f, "+odown"));
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
}

static void the_whole_way(void **state)
{
    struct fixture *f = *state;
    failover_reach_wait_start(f);
    assert_string_equal(fixture_event(f, "+odown"),
                        "master m 10.0.0.1 6379 #quorum 2/2");
    assert_null(fixture_event(f, "+elected-leader"));
    fixture_opinion(f, PEER_B, true, SELF, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    assert_int_equal(fixture_count(f, ACT_CUT_OFF, 0), 2);
    failover_cut_off_all(f);
    const struct core_action *promotion =
        fixture_action(f, ACT_REPLICAOF, fixture_link_of(f, "10.0.0.3"));
    assert_non_null(promotion);
    assert_string_equal(promotion->replicaof.master.host, "");
    assert_true(promotion->expires_at != NEVER);
    assert_null(fixture_event(f, "+switch-master"));
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_OK,
                ROLE_MASTER);
    assert_null(fixture_event(f, "+switch-master")); /* peers keep it first */
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.1");
    fixture_keep_offer(f);
    const struct core_action *hello =
        fixture_action(f, ACT_HELLO, fixture_peer_link(f, PEER_A));
    assert_string_equal(hello->hello.master.host, "10.0.0.3");
    assert_string_equal(fixture_event(f, "+switch-master"),
                        "m 10.0.0.1 6379 10.0.0.3 6379");
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.3");
    const struct core_action *repointed =
        fixture_action(f, ACT_REPLICAOF, fixture_link_of(f, "10.0.0.2"));
    assert_string_equal(repointed->replicaof.master.host, "10.0.0.3");
    fixture_info_replica(f, "10.0.0.2", "10.0.0.3", 200);
    assert_non_null(fixture_event(f, "+slave-reconf-done"));
    assert_non_null(fixture_event(f, "+failover-end"));
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
}

/* Nobody hears of a master that a crash could make us forget, nor of one that
 * only our own disk has. */
static void told_only_when_committed(void **state)
{
    struct fixture *f = *state;
    failover_reach_promote(f);
    f->disk_works = false;
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_REPLICAOF, ACK_OK,
                ROLE_MASTER);
    assert_non_null(fixture_event(f, "+promoted-slave"));
    const struct core_action *offer =
        fixture_action(f, ACT_ACCEPT, fixture_peer_link(f, PEER_A));
    assert_string_equal(offer->accept.offer.master.host, "10.0.0.3");
    assert_int_equal(offer->accept.offer.epoch, 1);
    assert_string_equal(offer->accept.leader, SELF);
    struct core_event saved = {.type = EV_SAVED, .saved_version = f->version};
    core_record(f->core, f->now, &saved);
    fixture_settle(f);
    fixture_run_until(f, f->now + 100, NULL, 0); /* no peer keeps it */
    assert_int_equal(failover_state_of(f), FAILOVER_COMMIT);
    assert_null(fixture_event(f, "+switch-master"));
    fixture_keep_offer(f);
    assert_int_equal(failover_state_of(f), FAILOVER_RECONF);
    assert_null(fixture_event(f, "+switch-master")); /* our disk's turn */
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.1");
    saved.saved_version = f->version;
    core_record(f->core, f->now, &saved);
    fixture_settle(f);
    assert_non_null(fixture_event(f, "+switch-master"));
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.3");
}

static void order(struct fixture *f)
{
    struct admin admin = {
        .type = ADMIN_FAILOVER, .mode = FAILOVER_MODE_FORCE, .client = 5};
    copy_text(admin.name, NAME_SIZE, "m");
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* WAIT 1 of two replicas: the write may be on either, so both are read. */
static void durability_waits_for_the_other(void **state)
{
    struct fixture *f = *state;
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = SETTING_DURABILITY;
    admin.options[0].value = 1;
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    failover_reach_select(f);
    object_id silent = fixture_link_of(f, "10.0.0.2");
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1"), silent};
    fixture_ack(f, fixture_link_of(f, "10.0.0.3"), ACT_CUT_OFF, ACK_OK,
                ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.3", "127.0.0.1", 101);
    fixture_down(f, silent, FAILURE_RESET);
    for (int i = 0; i < 12; i++) {
        fixture_run_until(f, f->now + 150, quiet, 2);
        fixture_opinion(f, PEER_A, true, SELF, 1);
    }
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    fixture_up(f, silent);
    fixture_pong(f, silent, PONG_OK);
    fixture_ack(f, silent, ACT_CUT_OFF, ACK_OK, ROLE_UNKNOWN);
    fixture_info_replica(f, "10.0.0.2", "127.0.0.1", 102);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    assert_string_equal(
        fixture_group(f)->failover.promoted->instance.address.host, "10.0.0.2");
}

/* Opinions that came in the very millisecond in which we stand are no votes:
 * everybody is asked again. */
static void votes_are_asked_for_at_once(void **state)
{
    struct fixture *f = *state;
    failover_silence_master(f);
    fixture_opinion(f, PEER_A, false, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    fixture_forget(f);
    order(f);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    const struct core_action *ask =
        fixture_action(f, ACT_ASK, fixture_peer_link(f, PEER_A));
    assert_non_null(ask);
    assert_string_equal(ask->ask.candidate, SELF);
}

/* An operator's order goes on without the dead, not against the living. */
static void an_order_waits_for_voters_that_answer(void **state)
{
    struct fixture *f = *state;
    order(f);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_A, false, PEER_B, 0);
    fixture_run_until(f, f->now + 1500, NULL, 0);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_A, false, SELF, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    assert_false(fixture_group(f)->failover.without_votes);
}

static void an_order_goes_on_without_the_dead(void **state)
{
    struct fixture *f = *state;
    fixture_down(f, fixture_peer_link(f, PEER_A), FAILURE_RESET);
    fixture_down(f, fixture_peer_link(f, PEER_B), FAILURE_RESET);
    order(f);
    fixture_run_until(f, f->now + 310, NULL, 0);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    assert_true(fixture_group(f)->failover.without_votes);
}

/* The group has another order than the names: who is first is looked up. */
static const char *first_of(const struct fixture *f, const char *a,
                            const char *b)
{
    return election_comes_before(fixture_group(f), a, b) ? a : b;
}

/* Both peers have an order as well: all three have voted for themselves. */
static void the_first_of_three_orders_stands_again(void **state)
{
    struct fixture *f = *state;
    order(f);
    fixture_opinion(f, PEER_A, false, PEER_A, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_B, false, PEER_B, 1);
    const char *peer = first_of(f, PEER_A, PEER_B);
    if (first_of(f, peer, SELF) == peer) {
        assert_int_equal(failover_state_of(f), FAILOVER_NONE);
        assert_int_equal(fixture_action(f, ACT_ANSWER, 0)->answer.result,
                         ADMIN_IN_PROGRESS);
        assert_true(fixture_group(f)->vote_binds_until <= f->now);
        return;
    }
    assert_int_equal(fixture_group(f)->failover.epoch, 2);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_A, false, SELF, 2);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    assert_false(fixture_group(f)->failover.without_votes);
}

static void an_order_gives_up_when_a_rival_has_a_majority(void **state)
{
    struct fixture *f = *state;
    order(f);
    fixture_opinion(f, PEER_A, false, PEER_B, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
    assert_int_equal(fixture_action(f, ACT_ANSWER, 0)->answer.result,
                     ADMIN_IN_PROGRESS);
}

static void an_order_while_our_vote_binds(void **state)
{
    struct fixture *f = *state;
    fixture_asked(f, PEER_A, 3);
    order(f);
    assert_int_equal(fixture_action(f, ACT_ANSWER, 0)->answer.result,
                     ADMIN_IN_PROGRESS);
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
}

static void votes_that_ran_out_lead_nothing(void **state)
{
    struct fixture *f = *state;
    failover_reach_select(f);
    object_id quiet[] = {fixture_link_of(f, "10.0.0.1")};
    fixture_run_until(f, f->now + 300, quiet, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    f->now += 2500; /* a stall longer than the lease */
    fixture_settle(f);
    fixture_run_until(f, f->now + 1500, quiet, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
    assert_null(
        fixture_action(f, ACT_REPLICAOF, fixture_link_of(f, "10.0.0.3")));
}

static void a_lost_election_pauses(void **state)
{
    struct fixture *f = *state;
    failover_reach_wait_start(f);
    msec lost_at = f->now;
    fixture_opinion(f, PEER_A, true, PEER_B, 1);
    fixture_opinion(f, PEER_B, true, PEER_B, 1);
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
    assert_non_null(fixture_event(f, "-failover-abort-not-elected"));
    msec hold = fixture_group(f)->failover.retry_at;
    assert_true(hold >= lost_at + 150 && hold <= lost_at + 600);
    assert_true(fixture_group(f)->vote_binds_until <= f->now);
}

static void master_back_aborts(void **state)
{
    struct fixture *f = *state;
    failover_reach_select(f);
    fixture_ack(f, fixture_link_of(f, "10.0.0.2"), ACT_CUT_OFF, ACK_OK,
                ROLE_UNKNOWN);
    fixture_forget(f);
    fixture_up(f, fixture_link_of(f, "10.0.0.1"));
    fixture_pong(f, fixture_link_of(f, "10.0.0.1"), PONG_OK);
    /* It may be another process, and empty. */
    assert_int_equal(failover_state_of(f), FAILOVER_SELECT);
    fixture_info_master(f, "10.0.0.1", 2);
    assert_int_equal(failover_state_of(f), FAILOVER_NONE);
    const struct core_action *given_back =
        fixture_action(f, ACT_REPLICAOF, fixture_link_of(f, "10.0.0.2"));
    assert_non_null(given_back);
    assert_string_equal(given_back->replicaof.master.host, "10.0.0.1");
}

static void wrong_password_is_no_death(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    object_id quiet[] = {link};
    for (int i = 0; i < 30; i++) {
        fixture_run_until(f, f->now + 100, quiet, 1);
        fixture_pong(f, link, PONG_WRONGPASS);
        fixture_up(f, link); /* a new connection may be let in */
    }
    assert_true(fixture_count(f, ACT_DISCONNECT, link) >= 3);
    assert_null(fixture_event(f, "+sdown"));
    assert_string_equal(fixture_event(f, "+access-denied"),
                        "master m 10.0.0.1 6379 wrong password");
    fixture_pong(f, link, PONG_OK);
    assert_non_null(fixture_event(f, "-access-denied"));
}

static void observer_adopts(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 5);
    assert_string_equal(fixture_event(f, "+switch-master"),
                        "m 10.0.0.1 6379 10.0.0.2 6379");
    assert_non_null(fixture_event(f, "+config-update-from"));
    assert_int_equal(fixture_group(f)->published_epoch, 5);
    fixture_forget(f);
    fixture_hello(f, PEER_B, "10.0.1.2", "10.0.0.1", 4);
    assert_null(fixture_event(f, "+switch-master"));
}

/* It says that it follows nobody: a leader made it so, and died. */
static void says_it_was_cut_off(struct fixture *f)
{
    struct info info = {.role = ROLE_REPLICA,
                        .master = {.host = "127.0.0.1", .port = 1},
                        .priority = 100,
                        .known_engine = true,
                        .offset = 300};
    copy_text(info.run_id, RUN_ID_SIZE, "10.0.0.1");
    copy_text(info.replid, RUN_ID_SIZE, HISTORY);
    struct core_event event = {
        .type = EV_INFO, .link = fixture_link_of(f, "10.0.0.1"), .info = &info};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* Down for that alone, it is chosen when it has the most, and waited for. */
static void a_master_that_a_dead_leader_cut_off(void **state)
{
    struct fixture *f = *state;
    says_it_was_cut_off(f);
    fixture_run_until(f, f->now + 1000, NULL, 0);
    says_it_was_cut_off(f);
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, false, "", 0);
    fixture_run_until(f, f->now + 50, NULL, 0);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_opinion(f, PEER_A, true, SELF, 1);
    object_id master = fixture_link_of(f, "10.0.0.1");
    assert_non_null(fixture_action(f, ACT_CUT_OFF, master));
    fixture_ack(f, master, ACT_CUT_OFF, ACK_OK, ROLE_UNKNOWN);
    says_it_was_cut_off(f);
    failover_cut_off_all(f);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    assert_non_null(fixture_action(f, ACT_REPLICAOF, master));
    fixture_run_until(f, f->now + 200, NULL, 0);
    assert_int_equal(failover_state_of(f), FAILOVER_PROMOTE);
    fixture_ack(f, master, ACT_REPLICAOF, ACK_OK, ROLE_MASTER);
    fixture_keep_offer(f);
    assert_int_equal(failover_state_of(f), FAILOVER_RECONF);
    assert_string_equal(fixture_group(f)->master->instance.address.host,
                        "10.0.0.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_master_that_a_dead_leader_cut_off,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(one_opinion_is_no_quorum,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(the_view_of_a_voter_is_waited_for,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(the_whole_way, failover_start,
                                        failover_stop),
        cmocka_unit_test_setup_teardown(told_only_when_committed,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(durability_waits_for_the_other,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(votes_are_asked_for_at_once,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(the_first_of_three_orders_stands_again,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(
            an_order_gives_up_when_a_rival_has_a_majority, failover_start,
            failover_stop),
        cmocka_unit_test_setup_teardown(an_order_waits_for_voters_that_answer,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(an_order_goes_on_without_the_dead,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(an_order_while_our_vote_binds,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(votes_that_ran_out_lead_nothing,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(a_lost_election_pauses, failover_start,
                                        failover_stop),
        cmocka_unit_test_setup_teardown(master_back_aborts, failover_start,
                                        failover_stop),
        cmocka_unit_test_setup_teardown(wrong_password_is_no_death,
                                        failover_start, failover_stop),
        cmocka_unit_test_setup_teardown(observer_adopts, failover_start,
                                        failover_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
