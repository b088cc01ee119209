/* A new master is told when a majority's disks have it: what a voter keeps
 * for a leader, what a leader counts, and what is made of what is left when a
 * leader is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"
#include "failover_support.h"
#include "sentineld/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- A voter's side ------------------------------------------------------ */

static void offer(struct fixture *f, const char *leader, uint64_t epoch,
                  const char *master)
{
    struct admin admin = {.type = ADMIN_ACCEPT, .client = 9};
    copy_text(admin.name, NAME_SIZE, "m");
    copy_text(admin.leader, RUN_ID_SIZE, leader);
    admin.offer.epoch = epoch;
    copy_text(admin.offer.master.host, HOST_SIZE, master);
    admin.offer.master.port = 6379;
    fixture_forget(f);
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static enum admin_result answer(const struct fixture *f)
{
    const struct core_action *action = fixture_action(f, ACT_ANSWER, 0);
    assert_non_null(action);
    assert_int_equal(action->answer.asked, ADMIN_ACCEPT);
    return action->answer.result;
}

struct offer_row {
    const char *name;
    const char *leader;
    uint64_t epoch;
    const char *master;
    bool is_kept;
};

/* Our vote is for peer A in epoch 4; the group is at configuration 2. */
static const struct offer_row offers[] = {
    {"from whom we voted for", PEER_A, 4, "10.0.0.2", true},
    {"from another in that epoch", PEER_B, 4, "10.0.0.2", false},
    {"from a stranger", "nobody", 4, "10.0.0.2", false},
    {"in an epoch that is over", PEER_A, 3, "10.0.0.2", false},
    {"in one in which we did not vote", PEER_A, 5, "10.0.0.2", false},
    {"what we were told long ago", PEER_A, 2, "10.0.0.1", true},
    {"another in the epoch that we know", PEER_A, 2, "10.0.0.3", false},
};

static void what_is_kept(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.1", 2);
    fixture_asked(f, PEER_A, 4);
    for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
        const struct offer_row *row = &offers[i];
        print_message("  %s\n", row->name);
        offer(f, row->leader, row->epoch, row->master);
        assert_int_equal(answer(f) == ADMIN_OK, row->is_kept);
    }
    const struct configuration *kept = &fixture_group(f)->accepted;
    assert_int_equal(kept->epoch, 4);
    assert_string_equal(kept->master.host, "10.0.0.2");
    /* one epoch has one master */
    offer(f, PEER_A, 4, "10.0.0.3");
    assert_int_equal(answer(f), ADMIN_REFUSED);
    offer(f, PEER_A, 4, "10.0.0.2");
    assert_int_equal(answer(f), ADMIN_OK);
}

/* It is told to nobody, and peers see it in our view. */
static void what_is_kept_is_not_told(void **state)
{
    struct fixture *f = *state;
    fixture_asked(f, PEER_A, 4);
    offer(f, PEER_A, 4, "10.0.0.2");
    assert_int_equal(fixture_record(f, RECORD_GROUP)->group.accepted.epoch, 4);
    assert_int_equal(fixture_record(f, RECORD_GROUP)->group.config_epoch, 0);
    const struct group *group = fixture_group(f);
    assert_string_equal(group->master->instance.address.host, "10.0.0.1");
    assert_string_equal(model_current_address(group)->host, "10.0.0.1");
    assert_null(fixture_event(f, "+switch-master"));
    assert_int_equal(model_newest_configuration(group).epoch, 4);
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 4);
    assert_non_null(fixture_event(f, "+switch-master"));
    assert_int_equal(model_newest_configuration(group).epoch, 4);
}

/* Its leader cannot commit it any more, and the vote is not renewed. */
static void nothing_is_kept_too_late(void **state)
{
    struct fixture *f = *state;
    fixture_asked(f, PEER_A, 4);
    f->now += 2000; /* the lease */
    fixture_forget(f);
    fixture_asked(f, PEER_A, 4);
    assert_string_equal(fixture_action(f, ACT_ANSWER, 0)->answer.vote.leader,
                        "");
    offer(f, PEER_A, 4, "10.0.0.2");
    assert_int_equal(answer(f), ADMIN_REFUSED);
}

/* --- A leader's side ------------------------------------------------------ */

static void view(struct fixture *f, const char *run_id, bool is_ours,
                 const struct configuration *accepted)
{
    struct core_event event = {.type = EV_VIEW,
                               .link = fixture_peer_link(f, run_id),
                               .group = fixture_group(f)->id};
    event.view.is_ours = is_ours;
    event.view.accepted = *accepted;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static void vote(struct fixture *f, const char *run_id)
{
    struct core_event event = {.type = EV_ASK_REPLY,
                               .link = fixture_peer_link(f, run_id),
                               .group = fixture_group(f)->id};
    event.ask_reply.down = true;
    event.ask_reply.vote.epoch = fixture_group(f)->failover.epoch;
    copy_text(event.ask_reply.vote.leader, RUN_ID_SIZE, SELF);
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

static const struct configuration left_behind = {
    .epoch = 1, .master = {.host = "10.0.0.2", .port = 6379}};

/* The leader of this epoch is gone, but its hello came. */
static void learn_epoch(struct fixture *f, uint64_t epoch)
{
    struct hello hello = {.current_epoch = epoch, .config_epoch = 0};
    copy_text(hello.sentinel.host, HOST_SIZE, "10.0.1.2");
    hello.sentinel.port = 26379;
    copy_text(hello.run_id, RUN_ID_SIZE, PEER_B);
    copy_text(hello.group, NAME_SIZE, "m");
    copy_text(hello.master.host, HOST_SIZE, "10.0.0.1");
    hello.master.port = 6379;
    struct core_event event = {.type = EV_HELLO, .hello = &hello};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* Peer A keeps what a leader promoted in epoch 1; peer B does not answer, so
 * it may be a majority. */
static void what_may_be_committed_is_committed_again(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_B, "10.0.1.2", "10.0.0.1", 0);
    learn_epoch(f, 1);
    failover_reach_wait_start(f);
    fixture_forget(f);
    vote(f, PEER_A);
    view(f, PEER_A, true, &left_behind);
    assert_int_equal(failover_state_of(f), FAILOVER_WAIT_START);
    fixture_info_master(f, "10.0.0.2", 0);
    fixture_run_until(f, f->now + 400, NULL, 0); /* peer B says nothing */
    assert_int_equal(fixture_count(f, ACT_CUT_OFF, 0), 0);
    assert_int_equal(failover_state_of(f), FAILOVER_COMMIT);
    const struct core_action *again =
        fixture_action(f, ACT_ACCEPT, fixture_peer_link(f, PEER_A));
    assert_string_equal(again->accept.offer.master.host, "10.0.0.2");
    assert_int_equal(again->accept.offer.epoch,
                     fixture_group(f)->failover.epoch);
}

/* The newest was never committed, for peer B, too, says that it keeps it not;
 * but the one before it may be: who keeps a newer one may have kept it. */
static void what_is_older_may_be_committed(void **state)
{
    struct fixture *f = *state;
    const struct configuration newer = {
        .epoch = 2, .master = {.host = "10.0.0.3", .port = 6379}};
    learn_epoch(f, 2);
    failover_reach_wait_start(f);
    vote(f, PEER_A);
    vote(f, PEER_B);
    view(f, PEER_A, true, &newer);
    view(f, PEER_B, true, &left_behind);
    fixture_info_master(f, "10.0.0.2", 0);
    assert_int_equal(failover_state_of(f), FAILOVER_COMMIT);
    assert_string_equal(
        fixture_group(f)->failover.promoted->instance.address.host, "10.0.0.2");
    assert_true(fixture_node(f, "10.0.0.3")->former_master);
}

/* Two of three keep nothing: told with our own save, and that is said. A peer
 * shows of which make it is each time its connection is up. */
static void without_enough_peers_of_our_kind(void **state)
{
    struct fixture *f = *state;
    static const char *const peers[] = {PEER_A, PEER_B};
    const struct configuration nothing = {.epoch = 0};
    for (int i = 0; i < 2; i++) {
        assert_false(fixture_group(f)->others_told);
        f->now += 2000;
        fixture_down(f, fixture_peer_link(f, peers[i]), FAILURE_RESET);
        fixture_up(f, fixture_peer_link(f, peers[i]));
        assert_true(fixture_voter(f, peers[i])->view_pending);
        view(f, peers[i], false, &nothing);
    }
    assert_true(fixture_group(f)->others_told);
}

/* --- After a start -------------------------------------------------------- */

static void remember(struct record saved[2], const char *run_id,
                     const char *host)
{
    saved[0].kind = RECORD_PEER;
    copy_text(saved[0].peer.run_id, RUN_ID_SIZE, run_id);
    copy_text(saved[0].peer.address.host, HOST_SIZE, host);
    saved[0].peer.address.port = 26379;
    saved[1].kind = RECORD_MEMBER;
    copy_text(saved[1].member.run_id, RUN_ID_SIZE, run_id);
    copy_text(saved[1].member.group, NAME_SIZE, "m");
}

static int start_with_kept(void **state)
{
    static struct fixture fixture;
    struct record saved[6] = {{.kind = RECORD_SELF}, {.kind = RECORD_GROUP}};
    remember(saved + 2, PEER_A, "10.0.1.1");
    remember(saved + 4, PEER_B, "10.0.1.2");
    copy_text(saved[0].self.run_id, RUN_ID_SIZE, SELF);
    struct record_group *row = &saved[1].group;
    copy_text(row->name, NAME_SIZE, "m");
    row->from_file = true;
    copy_text(row->master.host, HOST_SIZE, "10.0.0.1");
    row->master.port = 6379;
    row->declared = row->master;
    row->settings.quorum = 2;
    row->settings.down_after_ms = 1000;
    row->declared_settings = row->settings;
    row->accepted = left_behind;
    fixture_start(&fixture, saved, 6);
    fixture_settle(&fixture);
    *state = &fixture;
    return 0;
}

/* Nobody is told the old master before a majority has said that it keeps
 * nothing newer. */
static void the_address_is_unknown_until_others_have_said(void **state)
{
    struct fixture *f = *state;
    const struct configuration nothing = {.epoch = 0};
    fixture_up(f, fixture_peer_link(f, PEER_A));
    fixture_up(f, fixture_peer_link(f, PEER_B));
    assert_true(fixture_group(f)->address_unknown);
    view(f, PEER_A, true, &nothing);
    assert_true(fixture_group(f)->address_unknown);
    view(f, PEER_B, true, &nothing);
    assert_false(fixture_group(f)->address_unknown);
}

/* What we voted before, and may have forgotten, still binds. */
static void no_vote_before_the_lease_is_over(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.1", 0);
    fixture_forget(f);
    fixture_asked(f, PEER_A, 5);
    assert_string_equal(fixture_action(f, ACT_ANSWER, 0)->answer.vote.leader,
                        "");
    f->now += 2000;
    fixture_forget(f);
    fixture_asked(f, PEER_A, 5);
    assert_string_equal(fixture_action(f, ACT_ANSWER, 0)->answer.vote.leader,
                        PEER_A);
}

/* ... nor do we stand, and an operator is told why. */
static void no_order_before_the_lease_is_over(void **state)
{
    struct fixture *f = *state;
    struct admin admin = {.type = ADMIN_FAILOVER, .client = 9};
    copy_text(admin.name, NAME_SIZE, "m");
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    fixture_forget(f);
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    const struct core_action *said = fixture_action(f, ACT_ANSWER, 0);
    assert_int_equal(said->answer.result, ADMIN_REFUSED);
    assert_non_null(strstr(said->answer.text, "was started or met"));
}

#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, failover_start, failover_stop)
#define RESTARTED(test) \
    cmocka_unit_test_setup_teardown(test, start_with_kept, failover_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_kept),
        CASE(what_is_kept_is_not_told),
        CASE(nothing_is_kept_too_late),
        CASE(what_may_be_committed_is_committed_again),
        CASE(what_is_older_may_be_committed),
        CASE(without_enough_peers_of_our_kind),
        RESTARTED(the_address_is_unknown_until_others_have_said),
        RESTARTED(no_vote_before_the_lease_is_over),
        RESTARTED(no_order_before_the_lease_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
