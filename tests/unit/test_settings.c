/* Settings of the daemon as a whole: which value counts at start, what a
 * change is worth, and failures that an operator wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/topology/topology.h"
#include "core_fixture.h"
#include "sentineld/memory.h"

#include <string.h>

static void admin(struct fixture *f, const struct admin *admin)
{
    const struct core_event event = {.type = EV_ADMIN, .admin = admin};
    core_record(f->core, f->now, &event);
    fixture_settle(f);
}

/* How many rounds of hellos the master gets in a second; *last is the last. */
static size_t hellos_in_a_second(struct fixture *f, struct hello *last)
{
    object_id link = fixture_link_of(f, "10.0.0.1");
    size_t count = 0;
    for (int i = 0; i < 20; i++) {
        fixture_ack(f, link, ACT_HELLO, ACK_OK, ROLE_UNKNOWN);
        fixture_forget(f);
        fixture_run_until(f, f->now + 50, NULL, 0);
        const struct core_action *action = fixture_action(f, ACT_HELLO, link);
        if (action != NULL) {
            *last = action->hello;
            count++;
        }
    }
    return count;
}

static struct record saved_self(void)
{
    struct record record = {.kind = RECORD_SELF};
    copy_text(record.self.run_id, RUN_ID_SIZE, SELF);
    copy_text(record.self.declared.announce_host, HOST_SIZE, "file.old");
    record.self.declared.announce_port = 1;
    record.self.declared.log_level = LEVEL_NOTICE;
    copy_text(record.self.settings.announce_host, HOST_SIZE, "set");
    record.self.settings.announce_port = 7;
    record.self.settings.log_level = LEVEL_DEBUG;
    record.self.declared.resolve_hostnames = true;
    record.self.settings.announce_hostnames = true;
    return record;
}

static const struct {
    const char *name;
    struct daemon_settings file;
    struct daemon_settings wanted;
} merges[] = {
    {"the file is as it was",
     {"file.old", 1, LEVEL_NOTICE, true, false},
     {"set", 7, LEVEL_DEBUG, false, true}},
    {"the file has another host",
     {"file.new", 1, LEVEL_NOTICE, true, false},
     {"file.new", 7, LEVEL_DEBUG, false, true}},
    {"the file has another port",
     {"file.old", 2, LEVEL_NOTICE, true, false},
     {"set", 2, LEVEL_DEBUG, false, true}},
    {"the file has another level",
     {"file.old", 1, LEVEL_WARNING, true, false},
     {"set", 7, LEVEL_WARNING, false, true}},
    {"the file takes no names now",
     {"file.old", 1, LEVEL_NOTICE, false, false},
     {"set", 7, LEVEL_DEBUG, false, true}},
    {"the file announces names now, as was set",
     {"file.old", 1, LEVEL_NOTICE, true, true},
     {"set", 7, LEVEL_DEBUG, false, true}},
    {"the file has none of it now",
     {"", 0, LEVEL_NOTICE, true, false},
     {"", 0, LEVEL_DEBUG, false, true}},
};

static void check_settings(const struct daemon_settings *settings,
                           const struct daemon_settings *wanted)
{
    assert_string_equal(settings->announce_host, wanted->announce_host);
    assert_int_equal(settings->announce_port, wanted->announce_port);
    assert_int_equal(settings->log_level, wanted->log_level);
    assert_int_equal(settings->resolve_hostnames, wanted->resolve_hostnames);
    assert_int_equal(settings->announce_hostnames, wanted->announce_hostnames);
}

static void the_last_change_wins(void **state)
{
    (void)state;
    const struct record saved = saved_self();
    for (size_t i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
        const struct core_conf conf = {.settings = merges[i].file};
        struct core_output output;
        print_message("  %s\n", merges[i].name);
        struct core *core = core_new(&conf, "", &saved, 1, 1, 1);
        check_settings(&core_model(core)->settings, &merges[i].wanted);
        core_settle(core, 1, &output);
        assert_int_equal(output.record_count, 1);
        check_settings(&output.records[0].self.settings, &merges[i].wanted);
        check_settings(&output.records[0].self.declared, &merges[i].file);
        core_free(core);
    }
}

static void hellos_say_what_is_announced(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    struct hello hello = {.sentinel = {.port = 0}};
    for (int i = 0; i < 3; i++) {
        (void)hellos_in_a_second(&f, &hello);
    }
    assert_int_equal(hello.sentinel.port, 26379);
    const struct admin config = {
        .type = ADMIN_CONFIG,
        .client = 5,
        .daemon = {"s1.example", 4000, LEVEL_VERBOSE, true, true},
    };
    fixture_forget(&f);
    admin(&f, &config);
    check_settings(&fixture_record(&f, RECORD_SELF)->self.settings,
                   &config.daemon);
    assert_int_equal(fixture_action(&f, ACT_ANSWER, 0)->answer.result,
                     ADMIN_OK);
    for (int i = 0; i < 3; i++) {
        (void)hellos_in_a_second(&f, &hello);
    }
    assert_string_equal(hello.sentinel.host, "s1.example");
    assert_int_equal(hello.sentinel.port, 4000);
    fixture_stop(&f);
}

static void periods_change_at_once_and_are_not_saved(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    struct hello hello;
    assert_true(hellos_in_a_second(&f, &hello) <= 1);
    struct admin debug = {.type = ADMIN_PERIODS, .client = 5};
    debug.periods = core_model(f.core)->periods;
    assert_int_equal(debug.periods.hello_ms, 2000);
    debug.periods.hello_ms = 100;
    fixture_forget(&f);
    admin(&f, &debug);
    assert_null(fixture_record(&f, RECORD_SELF));
    (void)hellos_in_a_second(&f, &hello); /* the round under way */
    (void)hellos_in_a_second(&f, &hello);
    assert_true(hellos_in_a_second(&f, &hello) >= 8);
    fixture_stop(&f);
}

static void crash_is_an_action_that_waits(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    assert_true(core_action_waits(ACT_CRASH));
    const struct admin simulate = {.type = ADMIN_SIMULATE,
                                   .simulated = SIMULATE_AFTER_PROMOTION};
    admin(&f, &simulate);
    assert_int_equal(core_model(f.core)->simulated, SIMULATE_AFTER_PROMOTION);
    settings_simulate(f.core, SIMULATE_AFTER_ELECTION);
    fixture_settle(&f);
    assert_null(fixture_action(&f, ACT_CRASH, 0));
    settings_simulate(f.core, SIMULATE_AFTER_PROMOTION);
    fixture_settle(&f);
    assert_non_null(fixture_action(&f, ACT_CRASH, 0));
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_change_wins),
        cmocka_unit_test(hellos_say_what_is_announced),
        cmocka_unit_test(periods_change_at_once_and_are_not_saved),
        cmocka_unit_test(crash_is_an_action_that_waits),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
