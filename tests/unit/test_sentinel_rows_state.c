/* What the rows say of the state of things: flags, fencing, trouble. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "row_support.h"
#include "sentineld/memory.h"

static void test_flags_of_a_replica(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = model_fixture_add_node(group, "10.0.0.2", 6379);
    const struct {
        enum reconf reconf;
        enum link_state command;
        enum link_state hello;
        bool chosen;
        const char *flags;
    } rows[] = {
        {RECONF_NONE, LINK_UP, LINK_UP, false, "slave"},
        {RECONF_NONE, LINK_CONNECTING, LINK_CONNECTING, false, "slave"},
        {RECONF_NONE, LINK_IDLE, LINK_UP, false, "slave,disconnected"},
        {RECONF_NONE, LINK_UP, LINK_IDLE, false, "slave,disconnected"},
        {RECONF_SENT, LINK_UP, LINK_UP, false, "slave,reconf_sent"},
        {RECONF_INPROG, LINK_UP, LINK_UP, false, "slave,reconf_inprog"},
        {RECONF_DONE, LINK_UP, LINK_UP, false, "slave,reconf_done"},
        {RECONF_NONE, LINK_IDLE, LINK_UP, true, "slave,disconnected,promoted"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        node->reconf = rows[i].reconf;
        node->instance.command.state = rows[i].command;
        node->hello.state = rows[i].hello;
        group->failover.promoted = rows[i].chosen ? node : NULL;
        group->failover.state = FAILOVER_PROMOTE;
        const char *row = ask_row(fixture, "sentinel replicas mymaster");
        assert_string_equal(field(row, "flags"), rows[i].flags);
    }
    group->failover.state = FAILOVER_NONE; /* long over */
    node->instance.command.state = LINK_UP;
    const char *row = ask_row(fixture, "sentinel replicas mymaster");
    assert_string_equal(field(row, "flags"), "slave");
}

/* Tools look for the word; busy or loading is something else. */
static void test_who_refuses_our_login(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = model_fixture_add_node(group, "10.0.0.2", 6379);
    struct instance *peer =
        &model_fixture_add_voter(&fixture->model, group, 'b', 10)
             ->peer->instance;
    node->hello.state = LINK_UP;
    for (int pong = PONG_OK; pong <= PONG_ERROR; pong++) {
        bool locked = pong == PONG_NOAUTH || pong == PONG_WRONGPASS;
        node->instance.command.state = peer->command.state = LINK_UP;
        node->instance.health.pong = peer->health.pong = (enum pong)pong;
        const char *row = ask_row(fixture, "sentinel replicas mymaster");
        assert_string_equal(field(row, "flags"),
                            locked ? "slave,disconnected" : "slave");
        row = ask_row(fixture, "sentinel sentinels mymaster");
        assert_string_equal(field(row, "flags"),
                            locked ? "sentinel,disconnected" : "sentinel");
    }
}

/* Peers read failover_in_progress before they stand themselves. */
static void test_failover_in_progress(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    const struct {
        const char *name;
        enum failover_state state;
        const char *leader;
        uint64_t vote_epoch;
        msec binds_until;
        bool shown;
    } rows[] = {
        {"nothing", FAILOVER_NONE, "", 0, 0, false},
        {"ours", FAILOVER_WAIT_START, "", 0, 0, true},
        {"ours, before the new master is told", FAILOVER_RECONF, "", 0, 0,
         true},
        {"a vote that binds", FAILOVER_NONE, "joe", 8, FIXTURE_NOW + 1, true},
        {"a vote that binds no more", FAILOVER_NONE, "joe", 8, FIXTURE_NOW,
         false},
        {"the vote's failover is published", FAILOVER_NONE, "joe", 7,
         FIXTURE_NOW + 1, false},
        {"a vote for ourselves", FAILOVER_NONE, model_fixture_self, 8,
         FIXTURE_NOW + 1, false},
    };
    group->published_epoch = 7;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        group->failover.state = rows[i].state;
        copy_text(group->vote.leader, RUN_ID_SIZE, rows[i].leader);
        group->vote.epoch = rows[i].vote_epoch;
        group->vote_binds_until = rows[i].binds_until;
        const char *row = ask_row(fixture, "sentinel master mymaster");
        bool state_shown = field(row, "failover-state") != NULL;
        const char *flags = field(row, "flags");
        bool shown = strcmp(flags, "master,failover_in_progress") == 0;
        if (shown != rows[i].shown || state_shown != rows[i].shown) {
            fail_msg("%s: %s", rows[i].name, flags);
        }
        assert_true(shown || strcmp(flags, "master") == 0);
    }
    /* clients that refuse a flagged row need not wait for the replicas */
    group->failover.state = FAILOVER_RECONF;
    group->failover.promoted = group->published;
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "flags"), "master");
    /* ... and peers leave the replicas to us */
    assert_string_equal(field(row, "failover-state"), "reconf_slaves");
}

/* What a cut-off master can lose, and by whose will: only with fencing. */
static void test_fencing(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct fence *fence = &group->published->fence;
    static const struct {
        enum fencing fencing;
        enum fence_owner owner;
        struct min_replicas has;
        const char *state; /* NULL = not shown */
        const char *bound;
    } rows[] = {
        {FENCING_OFF, FENCE_OURS, {1, 2}, NULL, NULL},
        {FENCING_SAFETY, FENCE_UNKNOWN, {0, 0}, "unknown", "-1"},
        {FENCING_SAFETY, FENCE_NOBODYS, {0, 10}, "none", "-1"},
        {FENCING_SAFETY, FENCE_OURS, {1, 2}, "held", "4000"},
        {FENCING_AVAILABILITY, FENCE_OURS, {1, 0}, "relaxed", "-1"},
        {FENCING_AVAILABILITY, FENCE_OPERATORS, {2, 10}, "operator", "12000"},
    };
    group->settings.fencing_replicas = 1;
    group->settings.fencing_max_lag_s = 2;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        group->settings.fencing = rows[i].fencing;
        fence->owner = rows[i].owner;
        fence->has = rows[i].has;
        const char *row = ask_row(fixture, "sentinel master mymaster");
        const char *shown = field(row, "fencing-state");
        if (rows[i].state == NULL) {
            assert_null(shown);
            continue;
        }
        assert_string_equal(shown, rows[i].state);
        assert_string_equal(field(row, "lost-writes-bound-ms"), rows[i].bound);
    }
}

static void test_trouble_is_the_last_field(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = group->published;
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_null(field(row, "trouble"));
    node->instance.command.state = LINK_IDLE;
    node->instance.command.failure = FAILURE_REFUSED;
    const char *trouble = instance_trouble(&node->instance);
    assert_string_not_equal(trouble, "");
    row = ask_row(fixture, "sentinel master mymaster");
    const char *last = strstr(row, " trouble=");
    assert_non_null(last);
    assert_string_equal(last + strlen(" trouble="), trouble);
}

static void test_trouble_of_the_group(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    group->published->instance.command.state = LINK_IDLE;
    group->published->instance.command.failure = FAILURE_TIMED_OUT;
    group->witnessed = true;
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(strstr(row, " trouble="),
                        " trouble=path at fault: its replicas hear it");
    group->witnessed = false;
    group->flapping.count = 2;
    group->flapping.last_at = fixture->context.now;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(strstr(row, " trouble="), " trouble=timed out");
    group->objective_down = true;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(strstr(row, " trouble="),
                        " trouble=failover paused: SENTINEL ACKNOWLEDGE");
}

static void test_replica_in_quarantine(void **state)
{
    struct command_fixture *fixture = *state;
    struct node *node =
        model_fixture_add_node(add_group(fixture), "10.0.0.2", 6379);
    const char *row = ask_row(fixture, "sentinel replicas mymaster");
    assert_null(field(row, "quarantine"));
    node->foreign.kind = QUARANTINE_GROUP;
    row = ask_row(fixture, "sentinel replicas mymaster");
    assert_non_null(strstr(row, " quarantine=it belongs to another master "
                                "trouble=in quarantine"));
}

/* What servers refuse us. */
static void test_refused_commands(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *replica = model_fixture_add_node(group, "10.0.0.2", 6379);
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_null(field(row, "refused-commands"));
    group->published->alarm.denied[DENIED_PAUSE] = true;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "refused-commands"), "client-pause");
    row = ask_row(fixture, "sentinel replicas mymaster");
    assert_null(field(row, "refused-commands"));
    for (int i = 0; i < DENIED_COUNT; i++) {
        replica->alarm.denied[i] = true;
    }
    row = ask_row(fixture, "sentinel replicas mymaster");
    assert_string_equal(field(row, "refused-commands"),
                        "info,subscribe,publish,config,multi,slaveof,"
                        "config-rewrite,client-kill,client-pause");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_flags_of_a_replica),        TEST(test_who_refuses_our_login),
        TEST(test_failover_in_progress),      TEST(test_fencing),
        TEST(test_trouble_is_the_last_field), TEST(test_trouble_of_the_group),
        TEST(test_replica_in_quarantine),     TEST(test_refused_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
