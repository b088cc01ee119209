/* Silence, refusals, stalls: when a server counts as down, and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/detect/detect.h"
#include "core_fixture.h"

#include <stdlib.h>
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

static void order(struct fixture *f, enum setting setting, uint64_t value)
{
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    copy_text(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = setting;
    admin.options[0].value = value;
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(f->core, f->now, &event);
}

static void set(struct fixture *f, enum setting setting, uint64_t value)
{
    order(f, setting, value);
    fixture_settle(f);
}

static void acceptable_replies(void **state)
{
    (void)state;
    static const struct {
        enum pong pong;
        bool acceptable;
    } rows[] = {
        {PONG_OK, true},      {PONG_LOADING, true}, {PONG_MASTERDOWN, true},
        {PONG_NOAUTH, true},  {PONG_NOPERM, true},  {PONG_WRONGPASS, true},
        {PONG_MISCONF, true}, {PONG_BUSY, false},   {PONG_ERROR, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(down_is_acceptable(rows[i].pong), rows[i].acceptable);
    }
}

static void answers_until(struct fixture *f, msec at, enum pong pong)
{
    object_id link = fixture_link_of(f, "10.0.0.1");
    while (f->now < at) {
        fixture_run_until(f, f->now + 100, &link, 1);
        fixture_pong(f, link, pong);
    }
}

/* Time for a script or for loading counts from the first such answer, and
 * may be longer or shorter than down_after. */
static void budgets(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum setting setting;
        enum pong pong;
        msec budget;
        msec down_at;
    } rows[] = {
        {SETTING_BUSY_AFTER_MS, PONG_BUSY, 0, 1000}, /* silence to us */
        {SETTING_BUSY_AFTER_MS, PONG_BUSY, 3000, 3100},
        {SETTING_BUSY_AFTER_MS, PONG_BUSY, 300, 400},
        {SETTING_LOADING_AFTER_MS, PONG_LOADING, 0, NEVER},
        {SETTING_LOADING_AFTER_MS, PONG_LOADING, 3000, 3100},
        {SETTING_LOADING_AFTER_MS, PONG_LOADING, 300, 400},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        set(f, SETTING_BUSY_AFTER_MS, 0);
        set(f, SETTING_LOADING_AFTER_MS, 0);
        set(f, rows[i].setting, rows[i].budget);
        answers_until(f, f->now + 2000, PONG_OK);
        msec begun = f->now;
        fixture_forget(f);
        if (rows[i].down_at == NEVER) {
            answers_until(f, begun + 20000, rows[i].pong);
            assert_null(fixture_event(f, "+sdown"));
            continue;
        }
        answers_until(f, begun + rows[i].down_at - 100, rows[i].pong);
        assert_null(fixture_event(f, "+sdown"));
        answers_until(f, begun + rows[i].down_at + 100, rows[i].pong);
        assert_non_null(fixture_event(f, "+sdown"));
    }
}

/* The master says by INFO that it is another process. */
static void reboot(struct fixture *f, char letter)
{
    struct info *said = xcalloc(1, sizeof(*said));
    said->role = ROLE_MASTER;
    memset(said->run_id, letter, RUN_ID_LEN);
    fixture_info(f, "10.0.0.1", said);
    free(said);
}

/* Counted from the moment in which the restart was seen, and for the master
 * alone; whoever has answered PONG since then may load for as long as any. */
static void reboots(void **state)
{
    struct fixture *f = *state;
    set(f, SETTING_REBOOT_AFTER_MS, 3000);
    reboot(f, 'b');
    answers_until(f, f->now + 200, PONG_OK);
    answers_until(f, f->now + 20000, PONG_LOADING);
    assert_null(fixture_event(f, "+sdown")); /* it has served since */
    answers_until(f, f->now + 200, PONG_OK);
    reboot(f, 'c');
    msec begun = f->now;
    answers_until(f, begun + 2900, PONG_LOADING);
    assert_null(fixture_event(f, "+sdown"));
    answers_until(f, begun + 3100, PONG_LOADING);
    assert_non_null(fixture_event(f, "+sdown"));
    fixture_forget(f);
    answers_until(f, f->now + 200, PONG_OK);
    assert_non_null(fixture_event(f, "-sdown"));
}

/* A smaller down_after finds everybody with a reply that is older than that,
 * for nobody was asked so soon: no reason to count as down. */
static void less_patience_is_no_silence(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    set(f, SETTING_DOWN_AFTER_MS, 30000);
    fixture_run_until(f, f->now + 20500, NULL, 0);
    fixture_forget(f);
    order(f, SETTING_DOWN_AFTER_MS, 100);
    fixture_run_until(f, f->now + 2000, NULL, 0);
    assert_null(fixture_event(f, "+sdown"));
    fixture_forget(f);
    fixture_run_until(f, f->now + 500, &link, 1);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* For five seconds one connection after the other ends like this. */
static void fails_for_long(struct fixture *f, enum link_failure failure)
{
    object_id link = fixture_link_of(f, "10.0.0.1");
    for (int i = 0; i < 50; i++) {
        fixture_down(f, link, failure);
        fixture_run_until(f, f->now + 100, &link, 1);
    }
}

/* Whoever refuses TLS lives; who hangs up without a word may be a proxy. */
static void a_refused_handshake_is_no_death(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    answers_until(f, f->now + 2000, PONG_OK);
    fixture_forget(f);
    fails_for_long(f, FAILURE_TLS);
    assert_null(fixture_event(f, "+sdown"));
    assert_string_equal(fixture_event(f, "+access-denied"),
                        "master m 10.0.0.1 6379 TLS failed");
    fixture_forget(f);
    fails_for_long(f, FAILURE_TLS);
    fixture_up(f, link); /* TLS 1.3: refused behind the handshake */
    fixture_down(f, link, FAILURE_TLS);
    fixture_run_until(f, f->now + 100, &link, 1);
    assert_null(fixture_event(f, "+access-denied"));
    assert_null(fixture_event(f, "-access-denied"));
    fixture_up(f, link);
    fixture_pong(f, link, PONG_OK);
    assert_non_null(fixture_event(f, "-access-denied"));
    fails_for_long(f, FAILURE_CLOSED);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* Who has time for a script and falls silent is as dead as anybody. */
static void silence_in_a_budget(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    set(f, SETTING_BUSY_AFTER_MS, 60000);
    answers_until(f, f->now + 5000, PONG_BUSY);
    assert_null(fixture_event(f, "+sdown"));
    fixture_run_until(f, f->now + 1001, &link, 1);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* Silence counts from the last acceptable reply, to the millisecond. */
static void down_exactly_after(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_run_until(f, f->now + 5000, NULL, 0);
    msec last_ok = fixture_node(f, "10.0.0.1")->instance.health.ok_at;
    fixture_run_until(f, last_ok + 999, &link, 1);
    assert_null(fixture_event(f, "+sdown"));
    fixture_run_until(f, last_ok + 1000, &link, 1);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* Pings are spaced in proportion to down_after. */
static void ping_spacing(void **state)
{
    struct fixture *f = *state;
    fixture_run_until(f, f->now + 1000, NULL, 0);
    fixture_forget(f);
    fixture_run_until(f, f->now + 1000, NULL, 0);
    size_t pings = fixture_count(f, ACT_PING, fixture_link_of(f, "10.0.0.1"));
    assert_in_range(pings, 9, 11);
}

/* The link may be at fault: it is renewed at half time, the clock is not. */
static void overdue_ping_renews_the_link(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_run_until(f, f->now + 2000, NULL, 0);
    fixture_forget(f);
    fixture_run_until(f, f->now + 700, &link, 1);
    assert_int_equal(fixture_count(f, ACT_DISCONNECT, link), 1);
    assert_int_equal(fixture_count(f, ACT_CONNECT, link), 1);
    fixture_up(f, link);
    fixture_run_until(f, f->now + 400, &link, 1);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* How long the next attempt to connect may take, after that many. */
static msec next_patience(struct fixture *f, object_id link)
{
    fixture_forget(f);
    fixture_down(f, link, FAILURE_TIMED_OUT);
    fixture_run_until(f, f->now + 250, &link, 1);
    return fixture_action(f, ACT_CONNECT, link)->connect.timeout_ms;
}

/* Nobody waits long for an old master, which may have come back to take
 * writes; but not only in a hurry, as the path to it may have become long. */
static void old_masters_are_met_soon(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.2");
    assert_int_equal(next_patience(f, link), 500);
    model_find_node(model_group_named(f->core, "m"),
                    &fixture_node(f, "10.0.0.2")->instance.address)
        ->former_master = true;
    int hurried = 0;
    for (int i = 0; i < 64; i++) {
        msec patience = next_patience(f, link);
        assert_true(patience == 200 || patience == 500);
        hurried += patience == 200;
    }
    assert_int_equal(hurried, 63);
}

/* Refused connections: sooner than silence, but several over the time. */
static void refusals(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_run_until(f, f->now + 2000, NULL, 0);
    set(f, SETTING_REFUSED_AFTER_MS, 200);
    fixture_down(f, link, FAILURE_RESET);
    msec first = f->now;
    while (f->now < first + 150) {
        fixture_down(f, link, FAILURE_REFUSED);
        fixture_run_until(f, f->now + 25, &link, 1);
        assert_null(fixture_event(f, "+sdown"));
    }
    fixture_run_until(f, first + 240, &link, 1);
    assert_non_null(fixture_event(f, "+sdown"));
}

static void two_refusals_are_not_enough(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    fixture_run_until(f, f->now + 2000, NULL, 0);
    set(f, SETTING_REFUSED_AFTER_MS, 200);
    fixture_down(f, link, FAILURE_RESET);
    fixture_down(f, link, FAILURE_REFUSED);
    fixture_run_until(f, f->now + 300, &link, 1);
    fixture_down(f, link, FAILURE_REFUSED);
    assert_null(fixture_event(f, "+sdown"));
}

static void master_that_is_a_replica(void **state)
{
    struct fixture *f = *state;
    fixture_run_until(f, f->now + 2000, NULL, 0);
    fixture_info_replica(f, "10.0.0.1", "10.0.0.9", 100);
    assert_non_null(fixture_event(f, "-role-change"));
    fixture_run_until(f, f->now + 900, NULL, 0);
    fixture_info_replica(f, "10.0.0.1", "10.0.0.9", 100);
    assert_null(fixture_event(f, "+sdown"));
    fixture_run_until(f, f->now + 200, NULL, 0);
    assert_non_null(fixture_event(f, "+sdown"));
    fixture_info_master(f, "10.0.0.1", 2);
    assert_non_null(fixture_event(f, "-sdown"));
}

/* It follows a replica of its own, and nobody is master: no time is lost. But
 * where somebody says that he is, he may be right. */
static void master_in_a_circle(void **state)
{
    struct fixture *f = *state;
    fixture_run_until(f, f->now + 2000, NULL, 0);
    fixture_info_master(f, "10.0.0.2", 0);
    fixture_info_replica(f, "10.0.0.1", "10.0.0.2", 100);
    fixture_run_until(f, f->now + 600, NULL, 0);
    fixture_info_replica(f, "10.0.0.1", "10.0.0.2", 100);
    assert_null(fixture_event(f, "+sdown"));
    fixture_info_replica(f, "10.0.0.2", "10.0.0.1", 100);
    assert_non_null(fixture_event(f, "+sdown"));
}

/* A stall of any length: nobody is down for what happened meanwhile. */
static void stall_discards(void **state)
{
    struct fixture *f = *state;
    static const msec stalls[] = {60, 900, 1100, 3600 * 1000};
    for (size_t i = 0; i < sizeof(stalls) / sizeof(*stalls); i++) {
        fixture_run_until(f, f->now + 2000, NULL, 0);
        fixture_forget(f);
        msec deadline = core_deadline(f->core);
        f->now = deadline + stalls[i];
        fixture_settle(f);
        assert_null(fixture_event(f, "+sdown"));
        assert_int_equal(fixture_event(f, "+tilt") != NULL, stalls[i] >= 1000);
        fixture_run_until(f, f->now + 1500, NULL, 0);
        assert_int_equal(fixture_event(f, "-tilt") != NULL, stalls[i] >= 1000);
        assert_false(core_model(f->core)->tilt.active);
    }
}

static void opinions_are_forgotten(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_link_of(f, "10.0.0.1");
    set(f, SETTING_QUORUM, 3);
    fixture_run_until(f, f->now + 2000, &link, 1);
    fixture_opinion(f, PEER_A, true, "", 0);
    fixture_opinion(f, PEER_B, true, "", 0);
    assert_non_null(fixture_event(f, "+odown"));
    fixture_run_until(f, f->now + 5100, &link, 1); /* nobody repeats it */
    assert_non_null(fixture_event(f, "-odown"));
}

/* A peer's silence is judged with each group's patience. */
static void a_peer_goes_down(void **state)
{
    struct fixture *f = *state;
    object_id link = fixture_peer_link(f, PEER_A);
    fixture_run_until(f, f->now + 3000, &link, 1);
    assert_true(fixture_voter(f, PEER_A)->subjective_down);
    assert_int_equal(model_usable(fixture_group(f)), 2);
    fixture_up(f, link);
    fixture_pong(f, link, PONG_OK);
    assert_false(fixture_voter(f, PEER_A)->subjective_down);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acceptable_replies),
        cmocka_unit_test_setup_teardown(down_exactly_after, start, stop),
        cmocka_unit_test_setup_teardown(budgets, start, stop),
        cmocka_unit_test_setup_teardown(reboots, start, stop),
        cmocka_unit_test_setup_teardown(less_patience_is_no_silence, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_refused_handshake_is_no_death, start,
                                        stop),
        cmocka_unit_test_setup_teardown(silence_in_a_budget, start, stop),
        cmocka_unit_test_setup_teardown(ping_spacing, start, stop),
        cmocka_unit_test_setup_teardown(overdue_ping_renews_the_link, start,
                                        stop),
        cmocka_unit_test_setup_teardown(old_masters_are_met_soon, start, stop),
        cmocka_unit_test_setup_teardown(refusals, start, stop),
        cmocka_unit_test_setup_teardown(two_refusals_are_not_enough, start,
                                        stop),
        cmocka_unit_test_setup_teardown(master_that_is_a_replica, start, stop),
        cmocka_unit_test_setup_teardown(master_in_a_circle, start, stop),
        cmocka_unit_test_setup_teardown(stall_discards, start, stop),
        cmocka_unit_test_setup_teardown(opinions_are_forgotten, start, stop),
        cmocka_unit_test_setup_teardown(a_peer_goes_down, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
