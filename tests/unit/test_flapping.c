/* The pause after failovers that followed each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"
#include "core_fixture.h"

/* A group whose master is down, as failovers find it. */
static void prepare(struct group *group, struct node *master)
{
    group->master = master;
    group->settings.down_after_ms = 1000;
    group->settings.failover_timeout_ms = 60000;
    group->flapping.last_at = NEVER;
    master->subjective_down = true;
    master->instance.command.state = LINK_UP;
    master->instance.health.unanswered_since = NEVER;
}

static msec pause_after(const struct group *group, msec now)
{
    msec end = flapping_pause_end(group);
    return end == 0 ? 0 : end - now;
}

static void each_waits_longer(void **state)
{
    (void)state;
    static const msec pauses[] = {0, 10000, 20000, 40000, 60000, 60000, 60000};
    struct group group = {0};
    struct node master = {0};
    prepare(&group, &master);
    assert_int_equal(flapping_pause_end(&group), 0);
    for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
        msec now = 1000000 + i * 70000;
        flapping_on_switch(&group, now);
        assert_int_equal(pause_after(&group, now), pauses[i]);
    }
}

static void never_longer_than_failover_timeout(void **state)
{
    (void)state;
    struct group group = {0};
    struct node master = {0};
    prepare(&group, &master);
    group.settings.failover_timeout_ms = 3000;
    for (msec now = 1000; now < 20000; now += 1000) {
        flapping_on_switch(&group, now);
        assert_true(pause_after(&group, now) <= 3000);
    }
}

static void a_quiet_time_ends_it(void **state)
{
    (void)state;
    struct group group = {0};
    struct node master = {0};
    prepare(&group, &master);
    flapping_on_switch(&group, 1000);
    flapping_on_switch(&group, 2000);
    assert_int_equal(pause_after(&group, 2000), 10000);
    msec later = 2000 + FLAPPING_QUIET_MS;
    flapping_on_switch(&group, later);
    assert_int_equal(pause_after(&group, later), 0);
}

/* An order replaces a master that answers: as often as one likes. */
static void orders_do_not_count(void **state)
{
    (void)state;
    struct group group = {0};
    struct node master = {0};
    prepare(&group, &master);
    master.subjective_down = false;
    for (msec now = 1000; now < 9000; now += 1000) {
        flapping_on_switch(&group, now);
    }
    assert_int_equal(flapping_pause_end(&group), 0);
    /* told of a switch before its master's silence was long enough */
    master.instance.health.ok_at = 9000;
    master.instance.health.unanswered_since = 9100;
    flapping_on_switch(&group, 9499);
    assert_int_equal(group.flapping.count, 0);
    flapping_on_switch(&group, 9500);
    assert_int_equal(group.flapping.count, 1);
    master.instance.health.unanswered_since = NEVER;
    master.instance.command.refused_in_a_row = 1;
    flapping_on_switch(&group, 9600);
    assert_int_equal(group.flapping.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_waits_longer),
        cmocka_unit_test(never_longer_than_failover_timeout),
        cmocka_unit_test(a_quiet_time_ends_it),
        cmocka_unit_test(orders_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
