/* Hellos: meeting peers, and whose configuration counts. */
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

static void a_new_peer_joins(void **state)
{
    struct fixture *f = *state;
    const char *run_id = "cccc000000000000000000000000000000000000";
    fixture_hello(f, run_id, "10.0.1.3", "10.0.0.1", 0);
    assert_string_equal(fixture_event(f, "+sentinel"),
                        "sentinel cccc000000000000000000000000000000000000 "
                        "10.0.1.3 26379 @ m 10.0.0.1 6379");
    assert_int_equal(fixture_group(f)->voter_count, 3);
    const struct core_action *connect =
        fixture_action(f, ACT_CONNECT, fixture_peer_link(f, run_id));
    assert_string_equal(connect->connect.address.host, "10.0.1.3");
    assert_non_null(fixture_record(f, RECORD_MEMBER));
    fixture_forget(f);
    fixture_hello(f, run_id, "10.0.1.3", "10.0.0.1", 0);
    assert_null(fixture_event(f, "+sentinel"));
    assert_int_equal(fixture_group(f)->voter_count, 3);
}

static void ourselves_we_do_not_meet(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, SELF, "10.0.1.3", "10.0.0.9", 7);
    assert_int_equal(fixture_group(f)->voter_count, 2);
    assert_int_equal(core_model(f->core)->current_epoch, 0);
}

/* It cannot be told from the master, so somebody has to hear of it. */
static void a_replica_at_the_masters_address(void **state)
{
    struct fixture *f = *state;
    static struct info info;
    info = (struct info){.role = ROLE_MASTER, .replica_count = 1};
    info.replicas[0].address = fixture_group(f)->master->instance.address;
    fixture_info(f, "10.0.0.1", &info);
    size_t said = 0;
    for (size_t i = 0; i < f->action_count; i++) {
        said += f->actions[i].type == ACT_LOG &&
                strstr(f->actions[i].event.text,
                       "a replica announces 10.0.0.1:6379") != NULL;
    }
    assert_int_equal(said, 1);
    assert_int_equal(fixture_group(f)->node_count, 3);
}

static const char *twins_told(const struct fixture *f)
{
    for (size_t i = f->action_count; i > 0; i--) {
        const char *text = f->actions[i - 1].event.text;
        if (f->actions[i - 1].type == ACT_LOG && strstr(text, "have the id")) {
            return text;
        }
    }
    return NULL;
}

static void hello_over(struct fixture *f, const char *run_id, const char *host)
{
    struct hello hello = {.sentinel = {.port = 26379}};
    copy_text(hello.sentinel.host, HOST_SIZE, host);
    copy_text(hello.run_id, RUN_ID_SIZE, run_id);
    copy_text(hello.group, NAME_SIZE, "m");
    hello.master = fixture_group(f)->master->instance.address;
    struct core_event event = {.type = EV_HELLO, .hello = &hello};
    event.link = fixture_link_of(f, "10.0.0.1");
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* A cloned machine: our id from an address that is none of ours. */
static void a_twin_of_ours_is_a_voter_we_do_not_know(void **state)
{
    struct fixture *f = *state;
    uint32_t voters = model_voters(fixture_group(f));
    hello_over(f, SELF, "10.9.9.9");
    assert_non_null(twins_told(f));
    assert_non_null(strstr(twins_told(f), "10.9.9.9:26379"));
    assert_int_equal(model_voters(fixture_group(f)), voters + 1);
    fixture_forget(f);
    hello_over(f, SELF, "10.9.9.9");
    assert_null(twins_told(f)); /* once a minute */
    fixture_run_until(f, f->now + 15000, NULL, 0);
    assert_int_equal(model_voters(fixture_group(f)), voters);
}

/* To and fro on one connection is no move: two have that id, and both could
 * lead in one epoch if it got our vote. */
static void an_id_of_two_gets_no_vote(void **state)
{
    struct fixture *f = *state;
    fixture_run_until(f, f->now + 10000, NULL, 0); /* other ways are old */
    hello_over(f, PEER_A, "10.0.1.1");
    hello_over(f, PEER_A, "10.0.1.9");
    assert_null(twins_told(f)); /* it may have moved */
    hello_over(f, PEER_A, "10.0.1.1");
    assert_non_null(twins_told(f));
    fixture_forget(f);
    hello_over(f, PEER_A, "10.0.1.9");
    hello_over(f, PEER_A, "10.0.1.1");
    assert_null(fixture_event(f, "+sentinel-address-switch"));
    fixture_asked(f, PEER_A, 1);
    assert_string_equal(fixture_group(f)->vote.leader, "");
    fixture_asked(f, PEER_B, 1);
    assert_string_equal(fixture_group(f)->vote.leader, PEER_B);
}

static void a_peer_moves(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_peer_link(f, PEER_A);
    fixture_down(f, link, FAILURE_CLOSED);
    fixture_bare_hello(f, PEER_A, "10.0.1.77", "10.0.0.1", 0);
    assert_null(fixture_event(f, "+sentinel-address-switch"));
    fixture_hello(f, PEER_A, "10.0.1.77", "10.0.0.1", 0);
    assert_string_equal(fixture_event(f, "+sentinel-address-switch"),
                        "master m 10.0.0.1 6379 ip 10.0.1.77 port 26379 "
                        "for " PEER_A);
    assert_null(fixture_event(f, "+sentinel-address-update"));
    assert_int_equal(fixture_group(f)->voter_count, 2);
    assert_int_equal(fixture_peer_link(f, PEER_A), link);
    const struct core_action *connect = fixture_action(f, ACT_CONNECT, link);
    assert_string_equal(connect->connect.address.host, "10.0.1.77");
}

/* It watches another master, too. */
static void a_peer_moves_in_all_groups(void **state)
{
    struct fixture *f = *state;
    struct admin admin = {.type = ADMIN_MONITOR, .settings.quorum = 2};
    struct hello hello = {.sentinel = {"10.0.1.1", 26379},
                          .group = "n",
                          .master = {"10.0.0.5", 6379}};
    struct core_event view = {.type = EV_VIEW};
    copy_text(admin.name, NAME_SIZE, "n");
    admin.master = hello.master;
    admin.settings.down_after_ms = 1000;
    copy_text(hello.run_id, RUN_ID_SIZE, PEER_A);
    core_record(f->core, f->now,
                &(struct core_event){.type = EV_ADMIN, .admin = &admin});
    core_record(f->core, f->now,
                &(struct core_event){.type = EV_HELLO, .hello = &hello});
    fixture_settle(f);
    view.group = model_find_group(core_model(f->core), "n")->id;
    view.link = fixture_peer_link(f, PEER_A);
    core_record(f->core, f->now, &view);
    fixture_settle(f);
    fixture_down(f, view.link, FAILURE_CLOSED);
    fixture_hello(f, PEER_A, "10.0.1.77", "10.0.0.1", 0);
    assert_string_equal(fixture_event(f, "+sentinel-address-update"),
                        "sentinel " PEER_A " 10.0.1.77 26379 @ m 10.0.0.1 6379 "
                        "1 additional matching instances");
}

static void a_new_process_at_a_known_address(void **state)
{
    struct fixture *f = *state;
    const char *run_id = "cccc000000000000000000000000000000000000";
    fixture_down(f, fixture_peer_link(f, PEER_A), FAILURE_CLOSED);
    fixture_hello(f, run_id, "10.0.1.1", "10.0.0.1", 0);
    assert_string_equal(fixture_event(f, "+sentinel-invalid-addr"),
                        "sentinel " PEER_A " 10.0.1.1 26379 @ m 10.0.0.1 6379");
    assert_null(fixture_voter(f, PEER_A));
    assert_non_null(fixture_voter(f, run_id));
    assert_int_equal(fixture_group(f)->voter_count, 2);
}

static void more_than_the_pool_is_an_alarm(void **state)
{
    struct fixture *f = *state;
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = SETTING_POOL_SIZE;
    admin.options[0].value = 3;
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
    fixture_hello(f, "cccc000000000000000000000000000000000000", "10.0.1.3",
                  "10.0.0.1", 0);
    assert_string_equal(fixture_event(f, "+pool-size-exceeded"),
                        "master m 10.0.0.1 6379 #known 4/3");
    assert_int_equal(fixture_group(f)->voter_count, 2);
}

#define STRANGER "cccc000000000000000000000000000000000000"

/* A hello alone makes nobody a voter, and gets nobody a vote. */
static void a_newcomer_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, STRANGER, "10.0.1.3", "10.0.0.9", 7);
    assert_int_equal(fixture_group(f)->voter_count, 2);
    assert_int_equal(core_model(f->core)->current_epoch, 0);
    assert_null(fixture_record(f, RECORD_PEER));
    assert_null(fixture_event(f, "+sentinel"));
    fixture_asked(f, STRANGER, 1);
    assert_string_equal(fixture_group(f)->vote.leader, "");
}

/* It is forgotten after three rounds of hellos, and that is said. */
static void a_newcomer_is_forgotten(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, STRANGER, "10.0.1.3", "10.0.0.1", 0);
    assert_int_equal(core_model(f->core)->newcomer_count, 1);
    fixture_run_until(f, f->now + 6001, NULL, 0);
    assert_int_equal(core_model(f->core)->newcomer_count, 0);
}

/* Somebody else is at the address that it tells: it is not asked again before
 * it is forgotten. */
static void who_has_another_id_stays_out(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, STRANGER, "10.0.1.3", "10.0.0.1", 0);
    object_id link = fixture_newcomer(f, STRANGER)->instance.command.id;
    fixture_up(f, link);
    fixture_identity(f, link, "dddd000000000000000000000000000000000000");
    assert_int_equal(fixture_group(f)->voter_count, 2);
    assert_non_null(fixture_action(f, ACT_DISCONNECT, link));
    fixture_forget(f);
    fixture_bare_hello(f, STRANGER, "10.0.1.3", "10.0.0.1", 0);
    fixture_run_until(f, f->now + 5000, NULL, 0);
    assert_null(fixture_action(f, ACT_CONNECT, link));
}

/* Nobody takes the place of one who answers, neither its address ... */
static void who_answers_keeps_its_address(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, STRANGER, "10.0.1.1", "10.0.0.1", 0);
    assert_null(fixture_event(f, "+sentinel-invalid-addr"));
    assert_non_null(fixture_voter(f, PEER_A));
    assert_null(fixture_voter(f, STRANGER));
}

/* ... nor its id. */
static void who_answers_keeps_its_id(void **state)
{
    struct fixture *f = *state;
    fixture_hello(f, PEER_A, "10.0.1.66", "10.0.0.1", 0);
    assert_null(fixture_event(f, "+sentinel-address-switch"));
    assert_string_equal(fixture_voter(f, PEER_A)->peer->instance.address.host,
                        "10.0.1.1");
}

/* A voter's address leads to somebody else: what is said there is not its. */
static void a_voters_place_is_taken(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_peer_link(f, PEER_A);
    fixture_down(f, link, FAILURE_CLOSED);
    fixture_run_until(f, f->now + 1000, &link, 1);
    fixture_up(f, link);
    fixture_forget(f);
    fixture_identity(f, link, STRANGER);
    assert_non_null(fixture_action(f, ACT_DISCONNECT, link));
    assert_int_equal(fixture_voter(f, PEER_A)->peer->proven, PROVEN_NOT);
}

/* A supervisor that watches other masters only is no voter of this one. */
static void who_does_not_know_the_master_is_no_voter(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, STRANGER, "10.0.1.3", "10.0.0.1", 0);
    object_id link = fixture_newcomer(f, STRANGER)->instance.command.id;
    fixture_up(f, link);
    fixture_identity(f, link, STRANGER);
    assert_int_equal(fixture_count(f, ACT_VIEW, link), 1);
    fixture_ack(f, link, ACT_VIEW, ACK_REFUSED, ROLE_UNKNOWN);
    assert_int_equal(fixture_group(f)->voter_count, 2);
}

/* More than there is room for: the oldest goes, after it had its time. */
static void newcomers_are_few(void **state)
{
    struct fixture *f = *state;
    char run_id[RUN_ID_SIZE];
    for (unsigned i = 0; i < 2 * MAX_NEWCOMERS; i++) {
        (void)snprintf(run_id, sizeof(run_id), "%040x", i + 1);
        fixture_bare_hello(f, run_id, "10.0.2.1", "10.0.0.1", 0);
    }
    assert_int_equal(core_model(f->core)->newcomer_count, MAX_NEWCOMERS);
    assert_null(fixture_newcomer(f, run_id));
    fixture_run_until(f, f->now + 100, NULL, 0);
    fixture_bare_hello(f, run_id, "10.0.2.1", "10.0.0.1", 0);
    assert_non_null(fixture_newcomer(f, run_id));
    assert_int_equal(core_model(f->core)->newcomer_count, MAX_NEWCOMERS);
}

/* One voter's view, asked for because of a hello. */
static void told_by_a(struct fixture *f, const char *master, uint64_t epoch)
{
    struct core_event event = {.type = EV_VIEW,
                               .link = fixture_peer_link(f, PEER_A),
                               .group = fixture_group(f)->id};
    fixture_run_until(f, f->now + 5, NULL, 0);
    assert_true(fixture_voter(f, PEER_A)->view_pending);
    event.view.config_epoch = epoch;
    copy_text(event.view.master.host, HOST_SIZE, master);
    event.view.master.port = 6379;
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* A hello in a voter's name, and even its own word, moves nobody alone; and no
 * server is met for it. */
static void one_liar_moves_nobody(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, PEER_A, "10.0.1.1", "10.0.0.66", 5);
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.1");
    told_by_a(f, "10.0.0.66", 5);
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.1");
    assert_null(fixture_node(f, "10.0.0.66"));
    assert_int_equal(fixture_group(f)->config_epoch, 0);
}

/* The server says itself that it is master, with what ours had. */
static void an_heir_needs_one_teller(void **state)
{
    struct fixture *f = *state;
    static struct info info;
    fixture_bare_hello(f, PEER_A, "10.0.1.1", "10.0.0.2", 5);
    told_by_a(f, "10.0.0.2", 5);
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.1");
    info = (struct info){.role = ROLE_MASTER};
    copy_text(info.replid, RUN_ID_SIZE, STRANGER);
    copy_text(info.replid2, RUN_ID_SIZE, HISTORY);
    fixture_info(f, "10.0.0.2", &info);
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.2");
    assert_int_equal(fixture_group(f)->config_epoch, 5);
}

/* Epochs that no pool can have counted to, in two leaps. */
static void absurd_epochs_are_not_taken(void **state)
{
    struct fixture *f = *state;
    fixture_bare_hello(f, PEER_A, "10.0.1.1", "10.0.0.66", UINT32_MAX);
    fixture_bare_hello(f, PEER_A, "10.0.1.1", "10.0.0.66",
                       2 * (uint64_t)UINT32_MAX);
    told_by_a(f, "10.0.0.2", 2 * (uint64_t)UINT32_MAX);
    assert_int_equal(core_model(f->core)->current_epoch, 0);
    assert_int_equal(fixture_group(f)->config_epoch, 0);
}

struct config_row {
    const char *name;
    const char *first;
    uint64_t first_epoch;
    const char *second;
    uint64_t second_epoch;
    const char *believed;
};

static void whose_configuration_counts(void **state)
{
    (void)state;
    static const struct config_row rows[] = {
        {"greater epoch", "10.0.0.2", 4, "10.0.0.3", 5, "10.0.0.3"},
        {"smaller epoch", "10.0.0.2", 5, "10.0.0.3", 4, "10.0.0.2"},
        {"tie: the larger address", "10.0.0.2", 5, "10.0.0.3", 5, "10.0.0.3"},
        {"tie: the other way round", "10.0.0.3", 5, "10.0.0.2", 5, "10.0.0.3"},
        {"epoch 0 is no tie", "10.0.0.1", 0, "10.0.0.9", 0, "10.0.0.1"},
        {"an absurd epoch", "10.0.0.2", 5, "10.0.0.3", UINT64_MAX - 1,
         "10.0.0.2"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct fixture f;
        fixture_start(&f, NULL, 0);
        fixture_complete(&f);
        fixture_hello(&f, PEER_A, "10.0.1.1", rows[i].first,
                      rows[i].first_epoch);
        fixture_hello(&f, PEER_B, "10.0.1.2", rows[i].second,
                      rows[i].second_epoch);
        const char *host = model_current_address(fixture_group(&f))->host;
        if (strcmp(host, rows[i].believed) != 0) {
            fail_msg("%s: believes %s", rows[i].name, host);
        }
        fixture_stop(&f);
    }
}

/* The file of this supervisor names a replica; a peer's names the master. */
static void a_replica_in_the_file_gives_way(void **state)
{
    struct fixture *f = *state;
    fixture_info_replica(f, "10.0.0.1", "10.0.0.8", 100);
    fixture_hello(f, PEER_A, "10.0.1.1", "10.0.0.8", 0);
    assert_string_equal(model_current_address(fixture_group(f))->host,
                        "10.0.0.8");
}

static void only_a_member_gets_a_vote(void **state)
{
    struct fixture *f = *state;
    fixture_asked(f, "cccc000000000000000000000000000000000000", 3);
    const struct core_action *answer = fixture_action(f, ACT_ANSWER, 0);
    assert_string_equal(answer->answer.vote.leader, "");
    assert_int_equal(core_model(f->core)->current_epoch, 0);
    fixture_asked(f, PEER_A, 3);
    answer = fixture_action(f, ACT_ANSWER, 0);
    assert_string_equal(answer->answer.vote.leader, PEER_A);
    assert_int_equal(answer->answer.vote.epoch, 3);
    assert_string_equal(fixture_record(f, RECORD_GROUP)->group.vote.leader,
                        PEER_A);
    fixture_asked(f, PEER_B, 4); /* the vote for A binds */
    answer = fixture_action(f, ACT_ANSWER, 0);
    assert_string_equal(answer->answer.vote.leader, PEER_A);
    assert_int_equal(answer->answer.vote.epoch, 3);
}

static void hellos_go_to_all(void **state)
{
    struct fixture *f = *state;
    fixture_forget(f);
    fixture_run_until(f, f->now + 2000, NULL, 0);
    static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
    for (int i = 0; i < 3; i++) {
        object_id link = fixture_link_of(f, hosts[i]);
        fixture_ack(f, link, ACT_HELLO, ACK_OK, ROLE_UNKNOWN);
    }
    fixture_ack(f, fixture_peer_link(f, PEER_A), ACT_HELLO, ACK_OK,
                ROLE_UNKNOWN);
    fixture_run_until(f, f->now + 2100, NULL, 0);
    for (int i = 0; i < 3; i++) {
        assert_true(fixture_count(f, ACT_HELLO, fixture_link_of(f, hosts[i])) >=
                    1);
    }
    const struct core_action *hello =
        fixture_action(f, ACT_HELLO, fixture_peer_link(f, PEER_A));
    assert_string_equal(hello->hello.sentinel.host, "10.0.0.99");
    assert_string_equal(hello->hello.master.host, "10.0.0.1");
    assert_string_equal(hello->hello.run_id, SELF);
    /* B never answered its first: it gets no second. */
    assert_true(fixture_count(f, ACT_HELLO, fixture_peer_link(f, PEER_B)) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_peer_joins, start, stop),
        cmocka_unit_test_setup_teardown(ourselves_we_do_not_meet, start, stop),
        cmocka_unit_test_setup_teardown(a_replica_at_the_masters_address, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_twin_of_ours_is_a_voter_we_do_not_know, start, stop),
        cmocka_unit_test_setup_teardown(an_id_of_two_gets_no_vote, start, stop),
        cmocka_unit_test_setup_teardown(a_peer_moves, start, stop),
        cmocka_unit_test_setup_teardown(a_peer_moves_in_all_groups, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_new_process_at_a_known_address, start,
                                        stop),
        cmocka_unit_test_setup_teardown(more_than_the_pool_is_an_alarm, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_newcomer_counts_for_nothing, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_newcomer_is_forgotten, start, stop),
        cmocka_unit_test_setup_teardown(who_has_another_id_stays_out, start,
                                        stop),
        cmocka_unit_test_setup_teardown(who_answers_keeps_its_address, start,
                                        stop),
        cmocka_unit_test_setup_teardown(who_answers_keeps_its_id, start, stop),
        cmocka_unit_test_setup_teardown(a_voters_place_is_taken, start, stop),
        cmocka_unit_test_setup_teardown(
            who_does_not_know_the_master_is_no_voter, start, stop),
        cmocka_unit_test_setup_teardown(newcomers_are_few, start, stop),
        cmocka_unit_test_setup_teardown(one_liar_moves_nobody, start, stop),
        cmocka_unit_test_setup_teardown(an_heir_needs_one_teller, start, stop),
        cmocka_unit_test_setup_teardown(absurd_epochs_are_not_taken, start,
                                        stop),
        cmocka_unit_test(whose_configuration_counts),
        cmocka_unit_test_setup_teardown(a_replica_in_the_file_gives_way, start,
                                        stop),
        cmocka_unit_test_setup_teardown(only_a_member_gets_a_vote, start, stop),
        cmocka_unit_test_setup_teardown(hellos_go_to_all, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
