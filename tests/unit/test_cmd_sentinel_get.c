/* SENTINEL GET: each setting of a group, its value, and where that comes from;
 * and the sentences at the start about what SENTINEL SET overrides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/conf.h"

#define ROW(name, value, origin, at)                                     \
    name "\r\n%3\r\n$5\r\nvalue\r\n" value "\r\n$6\r\norigin\r\n" origin \
         "\r\n$11\r\nset-unix-ms\r\n" at "\r\n"

static struct group *begin(struct command_fixture *fixture)
{
    struct group *group = model_fixture_add_group(&fixture->model, "m", 7000);
    group->from_file = true;
    group->settings.down_after_ms = 5000;
    group->settings.parallel_syncs = 1;
    group->settings.failover_timeout_ms = 180000;
    group->declared_settings = group->settings;
    fixture->model.declared_settings = fixture->model.settings;
    (void)ask(fixture, "hello 3");
    return group;
}

static void test_where_a_value_comes_from(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = begin(fixture);
    group->declared_settings.parallel_syncs = 2;
    group->set_at[SETTING_PARALLEL_SYNCS] = 1700000000123;
    group->set_at[SETTING_DOWN_AFTER_MS] = 5; /* the file has changed since */
    static const struct asked_row rows[] = {
        {"of the file", "sentinel get m down-after-milliseconds",
         "%1\r\n" ROW("$23\r\ndown-after-milliseconds", "$4\r\n5000",
                      "$4\r\nfile", "_")},
        {"nobody said anything", "sentinel get m Failover-T*",
         "%1\r\n" ROW("$16\r\nfailover-timeout", "$6\r\n180000",
                      "$7\r\ndefault", "_")},
        {"set, and when", "sentinel get m parallel-syncs",
         "%1\r\n" ROW("$14\r\nparallel-syncs", "$1\r\n1", "$3\r\nset",
                      ":1700000000123")},
        {"no such setting, and no secret", "sentinel get m auth-pass",
         "%0\r\n"},
        {"no such master", "sentinel get n",
         "-ERR No such master with that name\r\n"},
        {"a word too many", "sentinel get m a b", "-ERR syntax error\r\n"},
    };
    check_replies(fixture, rows, sizeof(rows) / sizeof(rows[0]));
    group->from_file = false;
    static const struct asked_row monitored = {
        "as MONITOR began it", "sentinel get m down-after-milliseconds",
        "%1\r\n" ROW("$23\r\ndown-after-milliseconds", "$4\r\n5000",
                     "$7\r\nmonitor", "_")};
    check_replies(fixture, &monitored, 1);
}

static void test_all_settings_of_set_are_told(void **state)
{
    struct command_fixture *fixture = *state;
    (void)begin(fixture);
    assert_begins(ask(fixture, "sentinel get m"), "%21\r\n");
    _Static_assert(SETTING_COUNT == 21, "as many as are told");
}

static void test_a_quorum_that_nobody_gave_is_a_majority(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = begin(fixture);
    group->settings.quorum = group->declared_settings.quorum = 0;
    group->settings.pool_size = 5;
    static const struct asked_row row = {
        "three of five", "sentinel get m quorum",
        "%1\r\n" ROW("$6\r\nquorum", "$1\r\n3", "$7\r\ndefault", "_")};
    check_replies(fixture, &row, 1);
}

static void test_what_overrides_the_file_is_told(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = begin(fixture);
    struct buffer out;
    buffer_init(&out, 4096);
    conf_overrides_tell(&fixture->model, &out);
    assert_int_equal(out.length, 0);
    group->settings.down_after_ms = 70;
    fixture->model.settings.announce_port = 7;
    conf_overrides_tell(&fixture->model, &out);
    (void)buffer_append(&out, "", 1);
    assert_string_equal(
        out.data,
        "announce-port is 7 by SENTINEL CONFIG SET, not 0 as in the file; it "
        "stays so until that value is changed in the file\n"
        "m: down-after-milliseconds is 70 by SENTINEL SET, not 5000 as in the "
        "file; it stays so until that value is changed in the file\n");
    buffer_clear(&out);
}

int main(void)
{
#define CASE(name)                                               \
    cmocka_unit_test_setup_teardown(name, command_fixture_setup, \
                                    command_fixture_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_where_a_value_comes_from),
        CASE(test_all_settings_of_set_are_told),
        CASE(test_a_quorum_that_nobody_gave_is_a_majority),
        CASE(test_what_overrides_the_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
