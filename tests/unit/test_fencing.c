/* Managed isolation: whose a demand is, what is made of it, and what is
 * remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/guard/guard.h"

/* --- Whose is it? --------------------------------------------------------- */

static void owners(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct min_replicas configured;
        struct min_replicas has;
        struct min_replicas ours; /* replicas 0: nothing is known */
        bool is_short;
        enum fence_owner expected;
    } rows[] = {
        {"as it came", {1, 2}, {0, 10}, {0, 0}, false, FENCE_NOBODYS},
        {"as configured", {1, 2}, {1, 2}, {0, 0}, false, FENCE_OURS},
        {"relaxed to nothing", {2, 2}, {2, 0}, {0, 0}, false, FENCE_OURS},
        {"relaxed in a shortage", {2, 2}, {1, 2}, {0, 0}, true, FENCE_OURS},
        {"less, without one", {2, 2}, {1, 2}, {2, 2}, false, FENCE_OPERATORS},
        {"relaxed, as remembered", {2, 2}, {1, 2}, {1, 2}, false, FENCE_OURS},
        {"of former settings", {2, 5}, {1, 2}, {1, 2}, false, FENCE_OURS},
        {"another lag", {1, 2}, {1, 10}, {1, 2}, false, FENCE_OPERATORS},
        {"more", {1, 2}, {3, 2}, {1, 2}, true, FENCE_OPERATORS},
        {"zero by hand", {1, 2}, {0, 2}, {1, 2}, false, FENCE_OPERATORS},
        {"zero by hand, forgotten",
         {1, 2},
         {0, 2},
         {0, 0},
         true,
         FENCE_OPERATORS},
        {"both by hand", {1, 2}, {0, 10}, {1, 2}, false, FENCE_OPERATORS},
        {"ten seconds, as it came",
         {1, 10},
         {0, 10},
         {0, 0},
         false,
         FENCE_NOBODYS},
        {"ten seconds, by hand",
         {1, 10},
         {0, 10},
         {1, 10},
         false,
         FENCE_OPERATORS},
        {"of a file", {1, 2}, {2, 10}, {0, 0}, false, FENCE_OPERATORS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct group_settings settings = {
            .fencing_replicas = rows[i].configured.replicas,
            .fencing_max_lag_s = rows[i].configured.max_lag_s};
        const struct min_replicas *ours =
            rows[i].ours.replicas > 0 ? &rows[i].ours : NULL;
        enum fence_owner owner =
            fencing_judge(&settings, &rows[i].has, ours, rows[i].is_short);
        if (owner != rows[i].expected) {
            fail_msg("%s: %d", rows[i].name, (int)owner);
        }
    }
}

static void bounds(void **state)
{
    (void)state;
    struct node node = {.fence = {.has = {1, 2}}};
    assert_int_equal(fencing_bound_ms(&node), 4000);
    node.fence.has = (struct min_replicas){0, 2};
    assert_true(fencing_bound_ms(&node) == NEVER);
    node.fence.has = (struct min_replicas){1, 0};
    assert_true(fencing_bound_ms(&node) == NEVER);
}

/* --- One master with two replicas ----------------------------------------- */

static struct fixture fixture;

static int start_with(enum fencing fencing)
{
    fixture_start(&fixture, NULL, 0);
    core_free(fixture.core);
    fixture.group.settings.fencing = fencing;
    fixture.core = core_new(&fixture.conf, SELF, NULL, 0, 7, fixture.now);
    fixture_complete(&fixture);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(FENCING_AVAILABILITY);
}

static int start_safe(void **state)
{
    (void)state;
    return start_with(FENCING_SAFETY);
}

static int stop(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    return 0;
}

static void say_good(const char *host, unsigned good)
{
    struct info *info = calloc(1, sizeof(*info));
    assert_non_null(info);
    info->role = ROLE_MASTER;
    info->priority = 100;
    info->announced = true;
    (void)snprintf(info->run_id, RUN_ID_SIZE, "%-40s", host);
    (void)snprintf(info->replid, RUN_ID_SIZE, "%s", HISTORY);
    info->replica_count = 2;
    for (unsigned i = 0; i < 2; i++) {
        struct info_replica *replica = &info->replicas[i];
        (void)snprintf(replica->address.host, HOST_SIZE, "10.0.0.%u", i + 2);
        replica->address.port = 6379;
        replica->online = i < good;
    }
    struct core_event event = {
        .type = EV_INFO, .link = fixture_link_of(&fixture, host), .info = info};
    core_record(fixture.core, fixture.now, &event);
    fixture_settle(&fixture);
    free(info);
}

static void say_demand(const char *host, uint32_t replicas, uint32_t max_lag_s)
{
    struct core_event event = {.type = EV_MIN_REPLICAS,
                               .link = fixture_link_of(&fixture, host),
                               .group = fixture_group(&fixture)->id};
    event.min_replicas = (struct min_replicas){replicas, max_lag_s};
    core_record(fixture.core, fixture.now, &event);
    fixture_settle(&fixture);
}

static void confirm(void)
{
    static const char *const peers[] = {PEER_A, PEER_B};
    for (int i = 0; i < 2; i++) {
        struct core_event event = {.type = EV_VIEW,
                                   .link =
                                       fixture_peer_link(&fixture, peers[i]),
                                   .group = fixture_group(&fixture)->id};
        core_record(fixture.core, fixture.now, &event);
        fixture_settle(&fixture);
    }
}

static const struct fence *master_fence(void)
{
    return &fixture_node(&fixture, "10.0.0.1")->fence;
}

/* Lets time pass; the master answers what is asked, `has` and `good`. */
static void run_for(msec span, uint32_t replicas, uint32_t max_lag_s,
                    unsigned good)
{
    msec end = fixture.now + span;
    while (fixture.now < end) {
        fixture_run_until(&fixture, fixture.now + 100, NULL, 0);
        say_good("10.0.0.1", good);
        if (master_fence()->read_pending) {
            say_demand("10.0.0.1", replicas, max_lag_s);
        }
        confirm();
    }
}

static const struct core_action *told(const char *host)
{
    return fixture_action(&fixture, ACT_FENCE, fixture_link_of(&fixture, host));
}

static void expect_told(const char *host, uint32_t replicas, uint32_t max_lag_s)
{
    const struct core_action *action = told(host);
    assert_non_null(action);
    assert_int_equal(action->fence.min_replicas.replicas, replicas);
    assert_int_equal(action->fence.min_replicas.max_lag_s, max_lag_s);
}

static void obey(const char *host, enum ack_result result)
{
    fixture_ack(&fixture, fixture_link_of(&fixture, host), ACT_FENCE, result,
                ROLE_UNKNOWN);
}

/* The master demands what is configured, and that is on record. */
static void fenced(void)
{
    run_for(2000, 0, 10, 2);
    expect_told("10.0.0.1", 1, 2);
    obey("10.0.0.1", ACK_OK);
    assert_non_null(fixture_event(&fixture, "+fencing"));
    assert_string_equal(fencing_state_name(fixture_group(&fixture)), "held");
    const struct record *record = fixture_record(&fixture, RECORD_NODE);
    assert_non_null(record);
    assert_int_equal(record->node.min_replicas.replicas, 1);
    assert_int_equal(record->node.min_replicas.max_lag_s, 2);
    assert_memory_equal(record->node.fenced_run_id, "10.0.0.1 ", 9);
    fixture_forget(&fixture);
}

static void master_alone_is_fenced(void **state)
{
    (void)state;
    fenced();
    assert_null(told("10.0.0.2"));
    run_for(15000, 1, 2, 2);
    assert_null(told("10.0.0.1"));
    assert_true(fixture_count(&fixture, ACT_FENCE_READ, 0) > 0);
}

/* Before any replica is seen, a demand would only stop the writes. */
static void not_without_replicas(void **state)
{
    (void)state;
    run_for(5000, 0, 10, 0);
    assert_null(told("10.0.0.1"));
}

static void nothing_without_a_majority(void **state)
{
    (void)state;
    fixture_run_until(&fixture, fixture.now + 100, NULL, 0);
    say_good("10.0.0.1", 2);
    say_demand("10.0.0.1", 0, 10);
    for (int i = 0; i < 30; i++) {
        fixture_run_until(&fixture, fixture.now + 100, NULL, 0);
        say_good("10.0.0.1", 2);
        if (master_fence()->read_pending) {
            say_demand("10.0.0.1", 0, 10);
        }
    }
    assert_true(fixture_count(&fixture, ACT_VIEW, 0) > 0);
    assert_null(told("10.0.0.1"));
}

static void relaxed_and_restored(void **state)
{
    (void)state;
    fenced();
    run_for(2000, 1, 2, 0);
    expect_told("10.0.0.1", 1, 0);
    obey("10.0.0.1", ACK_OK);
    assert_non_null(fixture_event(&fixture, "-fencing"));
    assert_string_equal(fencing_state_name(fixture_group(&fixture)), "relaxed");
    fixture_forget(&fixture);
    run_for(4000, 1, 0, 1);
    assert_null(told("10.0.0.1")); /* it may go away again */
    run_for(3000, 1, 0, 1);
    expect_told("10.0.0.1", 1, 2);
}

static void never_relaxed_with_safety(void **state)
{
    (void)state;
    fenced();
    run_for(10000, 1, 2, 0);
    assert_null(told("10.0.0.1"));
}

static void all_are_fenced_with_safety(void **state)
{
    (void)state;
    fenced();
    fixture_info_replica(&fixture, "10.0.0.2", "10.0.0.1", 100);
    say_demand("10.0.0.2", 0, 10);
    run_for(1000, 1, 2, 2);
    fixture_info_replica(&fixture, "10.0.0.2", "10.0.0.1", 100);
    say_demand("10.0.0.2", 0, 10);
    run_for(1000, 1, 2, 2);
    expect_told("10.0.0.2", 1, 2);
}

static void set_fencing(enum fencing fencing)
{
    struct admin admin = {.type = ADMIN_SET, .option_count = 1};
    (void)snprintf(admin.name, NAME_SIZE, "m");
    admin.options[0].setting = SETTING_FENCING;
    admin.options[0].value = fencing;
    struct core_event event = {.type = EV_ADMIN, .admin = &admin};
    core_record(fixture.core, fixture.now, &event);
    fixture_settle(&fixture);
}

static void operator_is_left_alone(void **state)
{
    (void)state;
    fenced();
    run_for(30000, 0, 2, 2);
    assert_null(told("10.0.0.1"));
    assert_int_equal(fixture_count(&fixture, ACT_FENCE, 0), 0);
    assert_string_equal(fixture_event(&fixture, "+fencing-operator"),
                        "master m 10.0.0.1 6379 min-replicas-to-write 0, "
                        "min-replicas-max-lag 2 were not set by a sentinel: "
                        "left alone");
    assert_string_equal(fencing_state_name(fixture_group(&fixture)),
                        "operator");
    fixture_forget(&fixture);
    run_for(30000, 0, 2, 2);
    assert_null(fixture_event(&fixture, "+fencing-operator")); /* once */
    set_fencing(FENCING_AVAILABILITY);
    run_for(2000, 0, 2, 2);
    assert_string_equal(fixture_event(&fixture, "-fencing-operator"),
                        "master m 10.0.0.1 6379");
}

/* SENTINEL SET fencing: from now on it is ours again. */
static void operator_hands_it_over(void **state)
{
    (void)state;
    fenced();
    run_for(15000, 3, 7, 2);
    assert_null(told("10.0.0.1"));
    set_fencing(FENCING_AVAILABILITY);
    run_for(2000, 3, 7, 2);
    expect_told("10.0.0.1", 1, 2);
}

/* Switched off, it is taken back - and forgotten. */
static void switched_off(void **state)
{
    (void)state;
    fenced();
    set_fencing(FENCING_OFF);
    run_for(2000, 1, 2, 2);
    expect_told("10.0.0.1", 0, 10);
    obey("10.0.0.1", ACK_OK);
    const struct record *record = fixture_record(&fixture, RECORD_NODE);
    assert_string_equal(record->node.fenced_run_id, "");
    fixture_forget(&fixture);
    run_for(15000, 0, 10, 2);
    assert_int_equal(fixture_count(&fixture, ACT_FENCE_READ, 0), 0);
}

static void refusal_is_said_once(void **state)
{
    (void)state;
    run_for(2000, 0, 10, 2);
    fixture_forget(&fixture);
    obey("10.0.0.1", ACK_REFUSED);
    assert_non_null(fixture_event(&fixture, "+access-denied"));
    fixture_forget(&fixture);
    run_for(5000, 0, 10, 2);
    assert_null(told("10.0.0.1"));
    run_for(8000, 0, 10, 2);
    expect_told("10.0.0.1", 1, 2);
    obey("10.0.0.1", ACK_REFUSED);
    assert_null(fixture_event(&fixture, "+access-denied"));
    run_for(12000, 0, 10, 2);
    obey("10.0.0.1", ACK_OK);
    assert_non_null(fixture_event(&fixture, "-access-denied"));
}

/* It does all but CONFIG REWRITE: then without it, and that is said. */
static void without_rewrite(void **state)
{
    (void)state;
    run_for(2000, 0, 10, 2);
    assert_false(told("10.0.0.1")->fence.bare);
    fixture_forget(&fixture);
    struct core_event event = {.type = EV_ACK,
                               .link = fixture_link_of(&fixture, "10.0.0.1"),
                               .group = fixture_group(&fixture)->id};
    event.ack.what = ACT_FENCE;
    event.ack.result = ACK_REFUSED;
    event.ack.extras = true;
    core_record(fixture.core, fixture.now, &event);
    run_for(1000, 0, 10, 2);
    assert_true(told("10.0.0.1")->fence.bare);
    assert_non_null(fixture_event(&fixture, "+access-denied"));
}

/* After a restart of ours, what we set is known from the record: here it was
 * set under other settings. */
static void remembered_after_a_restart(void **state)
{
    (void)state;
    fenced();
    struct record saved[3] = {
        {.kind = RECORD_GROUP}, {.kind = RECORD_NODE}, {.kind = RECORD_SELF}};
    (void)snprintf(saved[2].self.run_id, RUN_ID_SIZE, "%s", SELF);
    struct record_group *group = &saved[0].group;
    (void)snprintf(group->name, NAME_SIZE, "m");
    group->from_file = true;
    group->declared = fixture.group.master;
    group->master = fixture.group.master;
    fixture.group.settings.fencing_replicas = 2;
    fixture.group.settings.fencing_max_lag_s = 5;
    group->settings = fixture.group.settings;
    group->declared_settings = fixture.group.settings;
    struct record_node *node = &saved[1].node;
    (void)snprintf(node->group, NAME_SIZE, "m");
    node->address = fixture.group.master;
    node->min_replicas = (struct min_replicas){1, 2};
    (void)snprintf(node->fenced_run_id, RUN_ID_SIZE, "%-40s", "10.0.0.1");
    core_free(fixture.core);
    fixture.core = core_new(&fixture.conf, SELF, saved, 3, 7, fixture.now);
    fixture_complete(&fixture);
    run_for(8000, 1, 2, 2);
    expect_told("10.0.0.1", 2, 5);
}

int main(void)
{
#define CASE(name, begin) cmocka_unit_test_setup_teardown(name, begin, stop)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners),
        cmocka_unit_test(bounds),
        CASE(master_alone_is_fenced, start),
        CASE(not_without_replicas, start),
        CASE(nothing_without_a_majority, start),
        CASE(relaxed_and_restored, start),
        CASE(never_relaxed_with_safety, start_safe),
        CASE(all_are_fenced_with_safety, start_safe),
        CASE(operator_is_left_alone, start),
        CASE(operator_hands_it_over, start),
        CASE(switched_off, start),
        CASE(refusal_is_said_once, start),
        CASE(without_rewrite, start),
        CASE(remembered_after_a_restart, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
