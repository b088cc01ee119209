/* A failover's orders are rehearsed while there is time to mend things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"

#include <stdlib.h>
#include <string.h>

#define MASTER  "10.0.0.1"
#define REPLICA "10.0.0.2"

static struct fixture fixture;

static int start(void **state)
{
    (void)state;
    fixture_start(&fixture, NULL, 0);
    fixture_complete(&fixture);
    fixture_forget(&fixture);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static const struct core_action *rehearsal_of(const char *host)
{
    return fixture_action(&fixture, ACT_REHEARSE,
                          fixture_link_of(&fixture, host));
}

static void wait_for_rehearsal(void)
{
    fixture_run_until(&fixture, fixture.now + 2500, NULL, 0);
    assert_non_null(rehearsal_of(MASTER));
}

/* `refused` is of one kind, or DENIED_COUNT for none. */
static void answer(const char *host, int refused)
{
    struct core_event event = {.type = EV_REHEARSED,
                               .link = fixture_link_of(&fixture, host)};
    if (refused < DENIED_COUNT) {
        event.refused[refused] = true;
    }
    fixture_forget(&fixture);
    core_record(fixture.core, fixture.now, &event);
    fixture_settle(&fixture);
}

static void assert_alarm(const char *channel, const char *text)
{
    const char *event = fixture_event(&fixture, channel);
    assert_non_null(event);
    if (strstr(event, text) == NULL) {
        fail_msg("%s %s", channel, event);
    }
}

static void two_steps(void **state)
{
    (void)state;
    assert_null(rehearsal_of(MASTER)); /* not before everything else */
    wait_for_rehearsal();
    const struct core_action *action = rehearsal_of(MASTER);
    assert_int_equal(action->rehearsal.what, REHEARSAL_TRANSACTION);
    answer(MASTER, DENIED_COUNT);
    action = rehearsal_of(MASTER);
    assert_int_equal(action->rehearsal.what, REHEARSAL_ORDERS);
    assert_string_equal(action->rehearsal.master.host, "");
    answer(MASTER, DENIED_COUNT);
    assert_null(fixture_event(&fixture, "+access-denied"));
    fixture_forget(&fixture);
    fixture_run_until(&fixture, fixture.now + 200000, NULL, 0);
    assert_null(rehearsal_of(MASTER)); /* enough, for this connection */
    assert_false(fixture_node(&fixture, MASTER)->bare);
}

/* What it would be told to follow is what it follows. */
static void replica_follows(void **state)
{
    (void)state;
    wait_for_rehearsal();
    assert_string_equal(rehearsal_of(REPLICA)->rehearsal.master.host, MASTER);
}

static void denied(void **state)
{
    (void)state;
    wait_for_rehearsal();
    answer(REPLICA, DENIED_COUNT);
    answer(REPLICA, DENIED_SLAVEOF);
    assert_alarm("+access-denied", "SLAVEOF is refused");
    assert_false(fixture_node(&fixture, REPLICA)->bare);
    fixture_run_until(&fixture, fixture.now + 61000, NULL, 0);
    assert_int_equal(rehearsal_of(REPLICA)->rehearsal.what,
                     REHEARSAL_TRANSACTION);
    answer(REPLICA, DENIED_COUNT);
    answer(REPLICA, DENIED_COUNT);
    assert_alarm("-access-denied", "SLAVEOF is refused");
}

/* Then the bare order is given at once when it matters. */
static void bare(void **state)
{
    (void)state;
    static const enum denied kinds[] = {DENIED_REWRITE, DENIED_KILL};
    wait_for_rehearsal();
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        answer(REPLICA, DENIED_COUNT);
        answer(REPLICA, (int)kinds[i]);
        assert_true(fixture_node(&fixture, REPLICA)->bare);
        fixture_run_until(&fixture, fixture.now + 61000, NULL, 0);
    }
    answer(REPLICA, DENIED_COUNT);
    answer(REPLICA, DENIED_PAUSE);
    assert_false(fixture_node(&fixture, REPLICA)->bare);
    assert_alarm("+access-denied", "CLIENT PAUSE is refused");
}

/* Without a transaction the orders would not be thrown away. */
static void no_transaction(void **state)
{
    (void)state;
    wait_for_rehearsal();
    answer(REPLICA, DENIED_MULTI);
    assert_alarm("+access-denied", "MULTI or EXEC is refused");
    assert_true(fixture_node(&fixture, REPLICA)->bare);
    assert_null(rehearsal_of(REPLICA));
    fixture_run_until(&fixture, fixture.now + 1000, NULL, 0);
    assert_null(rehearsal_of(REPLICA));
}

static void nothing_told(void **state)
{
    (void)state;
    wait_for_rehearsal();
    fixture_forget(&fixture);
    fixture_ack(&fixture, fixture_link_of(&fixture, MASTER), ACT_REHEARSE,
                ACK_REFUSED, ROLE_UNKNOWN);
    assert_null(rehearsal_of(MASTER));
    assert_null(fixture_event(&fixture, "+access-denied"));
    fixture_run_until(&fixture, fixture.now + 61000, NULL, 0);
    assert_int_equal(rehearsal_of(MASTER)->rehearsal.what,
                     REHEARSAL_TRANSACTION);
}

static void anew_on_each_connection(void **state)
{
    (void)state;
    wait_for_rehearsal();
    object_id link = fixture_link_of(&fixture, REPLICA);
    fixture_down(&fixture, link, FAILURE_CLOSED);
    fixture_forget(&fixture);
    fixture_run_until(&fixture, fixture.now + 500, NULL, 0);
    fixture_up(&fixture, link);
    fixture_pong(&fixture, link, PONG_OK);
    fixture_info_replica(&fixture, REPLICA, MASTER, 100);
    fixture_run_until(&fixture, fixture.now + 2500, NULL, 0);
    assert_non_null(rehearsal_of(REPLICA));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_steps, start, stop),
        cmocka_unit_test_setup_teardown(replica_follows, start, stop),
        cmocka_unit_test_setup_teardown(denied, start, stop),
        cmocka_unit_test_setup_teardown(bare, start, stop),
        cmocka_unit_test_setup_teardown(no_transaction, start, stop),
        cmocka_unit_test_setup_teardown(nothing_told, start, stop),
        cmocka_unit_test_setup_teardown(anew_on_each_connection, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
