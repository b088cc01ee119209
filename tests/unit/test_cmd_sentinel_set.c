/* SENTINEL SET: which options and values are refused with which error, and
 * what the fact says of the others. Error texts and their order are those of
 * redis-sentinel 7.0, save where a row says that we are stricter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

#define UNKNOWN(option)                                                    \
    "-ERR Unknown option or number of arguments for SENTINEL SET '" option \
    "'\r\n"
#define INVALID(value, option) \
    "-ERR Invalid argument '" value "' for SENTINEL SET '" option "'\r\n"

static const struct asked_row set_errors[] = {
    {"the name first", "sentinel set nope foo bar",
     "-ERR No such master with that name\r\n"},
    {"unknown option", "sentinel set m foo bar", UNKNOWN("foo")},
    {"value missing", "sentinel set m QUOrum 1 down-after-milliseconds",
     UNKNOWN("down-after-milliseconds")},
    {"zero", "sentinel set m quorum 0", INVALID("0", "quorum")},
    {"negative", "sentinel set m Quorum -1", INVALID("-1", "Quorum")},
    {"no number", "sentinel set m quorum x", INVALID("x", "quorum")},
    {"empty", "sentinel set m quorum ''", INVALID("", "quorum")},
    {"leading zero", "sentinel set m quorum 01", INVALID("01", "quorum")},
    {"a unit", "sentinel set m failover-timeout 10s",
     INVALID("10s", "failover-timeout")},
    {"ours: too many for a pool", "sentinel set m quorum 65",
     INVALID("65", "quorum")},
    {"ours: faster than pings", "sentinel set m down-after-milliseconds 9",
     INVALID("9", "down-after-milliseconds")},
    {"ours: more than a day", "sentinel set m failover-timeout 86400001",
     INVALID("86400001", "failover-timeout")},
    {"ours: more than 64 bits",
     "sentinel set m parallel-syncs 18446744073709551617",
     INVALID("18446744073709551617", "parallel-syncs")},
    {"the second one is wrong", "sentinel set m quorum 2 parallel-syncs 0",
     INVALID("0", "parallel-syncs")},
};

static void test_set_errors(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    for (size_t i = 0; i < sizeof(set_errors) / sizeof(set_errors[0]); i++) {
        check_replies(fixture, &set_errors[i], 1);
        assert_int_equal(fixture->next, COMMAND_REPLIED); /* nothing done */
    }
}

static bool is_script(const char *path)
{
    return strcmp(path, "/bin/n") == 0;
}

#define DENIED                                                          \
    "-ERR Reconfiguration of scripts path is denied for security "      \
    "reasons. Check the deny-scripts-reconfig configuration directive " \
    "in your Sentinel configuration\r\n"

static const struct asked_row script_errors[] = {
    {"not there", "sentinel set m notification-script /no",
     "-ERR Notification script seems non existing or non executable\r\n"},
    {"the other one", "sentinel set m client-reconfig-script /no",
     "-ERR Client reconfiguration script seems non existing or non "
     "executable\r\n"},
    {"all or nothing", "sentinel set m quorum 2 notification-script /no",
     "-ERR Notification script seems non existing or non executable\r\n"},
    {"no value", "sentinel set m quorum 2 notification-script",
     UNKNOWN("notification-script")},
    {"a control character", "sentinel set m notification-script 'a\001'",
     INVALID("a\001", "notification-script")},
};

static void test_set_of_scripts(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    assert_string_equal(
        ask(fixture, "sentinel set m notification-script /bin/n"), DENIED);
    assert_string_equal(
        ask(fixture, "sentinel set m client-reconfig-script ''"), DENIED);
    fixture->context.is_executable = is_script;
    check_replies(fixture, script_errors,
                  sizeof(script_errors) / sizeof(script_errors[0]));
    const struct admin *admin =
        ask_admin(fixture, "sentinel set m NOTIFICATION-script /bin/n "
                           "client-reconfig-script ''");
    assert_int_equal(admin->option_count, 2);
    assert_int_equal(admin->options[0].setting, SETTING_NOTIFICATION_SCRIPT);
    assert_string_equal(admin->options[0].text, "/bin/n");
    assert_string_equal(admin->options[0].typed, "NOTIFICATION-script");
    assert_int_equal(admin->options[1].setting, SETTING_CLIENT_RECONFIG_SCRIPT);
    assert_string_equal(admin->options[1].text, "");
    fixture->context.dir = "/bin"; /* as in the file */
    admin = ask_admin(fixture, "sentinel set m notification-script n");
    assert_string_equal(admin->options[0].text, "/bin/n");
}

static void test_set_of_a_long_path(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    fixture->context.is_executable = is_script;
    char line[512] = "sentinel set m notification-script ";
    size_t length = strlen(line);
    memset(line + length, 'x', SCRIPT_PATH_SIZE);
    line[length + SCRIPT_PATH_SIZE] = '\0';
    assert_begins(ask(fixture, line), "-ERR Invalid argument 'xxx");
}

static void test_set_all_options(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    const struct admin_option expected[] = {
        {SETTING_DOWN_AFTER_MS, 10, "DOWN-after-milliseconds", ""},
        {SETTING_FAILOVER_TIMEOUT_MS, 86400000, "failover-timeout", ""},
        {SETTING_PARALLEL_SYNCS, 3, "parallel-syncs", ""},
        {SETTING_QUORUM, 64, "quorum", ""},
        {SETTING_REFUSED_AFTER_MS, 0, "refused-after-milliseconds", ""},
        {SETTING_POOL_SIZE, 5, "pool-size", ""},
    };
    const struct admin *admin = ask_admin(
        fixture, "sentinel set m DOWN-after-milliseconds 10 "
                 "failover-timeout 86400000 parallel-syncs 3 quorum 64 "
                 "refused-after-milliseconds 0 pool-size 5");
    assert_int_equal(admin->type, ADMIN_SET);
    assert_string_equal(admin->name, "m");
    assert_int_equal(admin->option_count, 6);
    for (size_t i = 0; i < admin->option_count; i++) {
        assert_int_equal(admin->options[i].setting, expected[i].setting);
        assert_int_equal(admin->options[i].value, expected[i].value);
        assert_string_equal(admin->options[i].typed, expected[i].typed);
    }
}

/* Each by the name that sentinel.conf knows it by too; words are said again as
 * they were typed. */
static void test_set_options_of_ours(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    static const struct {
        const char *words;
        enum setting setting;
        uint64_t value;
        const char *text;
    } options[] = {
        {"durability 2", SETTING_DURABILITY, 2, ""},
        {"detection PING", SETTING_DETECTION, DETECTION_PING, "PING"},
        {"on-empty-master alert", SETTING_ON_EMPTY_MASTER, ON_EMPTY_ALERT,
         "alert"},
        {"order freshest", SETTING_ORDER, ORDER_FRESHEST, "freshest"},
        {"fencing safety", SETTING_FENCING, FENCING_SAFETY, "safety"},
        {"fencing-replicas 2", SETTING_FENCING_REPLICAS, 2, ""},
        {"fencing-max-lag 10", SETTING_FENCING_MAX_LAG_S, 10, ""},
        {"max-lag-bytes 4294967296", SETTING_MAX_LAG_BYTES, 4294967296, ""},
        {"max-lag-milliseconds 500", SETTING_MAX_LAG_MS, 500, ""},
        {"busy-after-milliseconds 7", SETTING_BUSY_AFTER_MS, 7, ""},
        {"loading-after-milliseconds 8", SETTING_LOADING_AFTER_MS, 8, ""},
        {"last-resort-milliseconds 9", SETTING_LAST_RESORT_MS, 9, ""},
        {"master-reboot-down-after-period 0", SETTING_REBOOT_AFTER_MS, 0, ""},
        {"Primary-Reboot-down-after-period 7", SETTING_REBOOT_AFTER_MS, 7, ""},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        char line[128];
        (void)snprintf(line, sizeof(line), "sentinel set m %s",
                       options[i].words);
        const struct admin *admin = ask_admin(fixture, line);
        assert_int_equal(admin->option_count, 1);
        assert_int_equal(admin->options[0].setting, options[i].setting);
        assert_int_equal(admin->options[0].value, options[i].value);
        assert_string_equal(admin->options[0].text, options[i].text);
    }
}

static void test_set_of_a_wrong_word(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    assert_string_equal(ask(fixture, "sentinel set m fencing on"),
                        "-ERR Invalid argument 'on' for SENTINEL SET "
                        "'fencing'\r\n");
    assert_string_equal(ask(fixture, "sentinel set m fencing-replicas 0"),
                        "-ERR Invalid argument '0' for SENTINEL SET "
                        "'fencing-replicas'\r\n");
    assert_string_equal(ask(fixture, "sentinel set m order ''"),
                        "-ERR Invalid argument '' for SENTINEL SET "
                        "'order'\r\n");
}

static void test_set_of_too_many(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    char line[1024] = "sentinel set m";
    for (int i = 0; i < MAX_ADMIN_OPTIONS; i++) {
        copy_text(line + strlen(line), 16, " quorum 2");
    }
    assert_int_equal(ask_admin(fixture, line)->option_count, 32);
    copy_text(line + strlen(line), 16, " quorum");
    assert_string_equal(
        ask(fixture, line),
        "-ERR Too many options for SENTINEL SET: at most 32\r\n");
    copy_text(line + strlen(line), 16, " 2");
    assert_string_equal(
        ask(fixture, line),
        "-ERR Too many options for SENTINEL SET: at most 32\r\n");
}

static void test_set_of_renames(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    static const struct asked_row rename_rows[] = {
        {"one word", "sentinel set m rename-command config",
         "-ERR Unknown option or number of arguments for SENTINEL SET "
         "'rename-command'\r\n"},
        {"no word", "sentinel set m rename-command a b RENAME-command",
         "-ERR Unknown option or number of arguments for SENTINEL SET "
         "'RENAME-command'\r\n"},
        {"an empty command", "sentinel set m rename-command '' b",
         "-ERR Invalid argument '' for SENTINEL SET 'rename-command'\r\n"},
        {"an empty name", "sentinel set m rename-command a ''",
         "-ERR Invalid argument '' for SENTINEL SET 'rename-command'\r\n"},
        {"ours: a name with a blank", "sentinel set m rename-command a 'b c'",
         "-ERR Invalid argument 'b c' for SENTINEL SET 'rename-command'\r\n"},
        {"ours: with a setting", "sentinel set m rename-command a b quorum 1",
         "-ERR 'quorum' and the login are set one after the other, with "
         "SENTINEL SET each\r\n"},
        {"with nonsense", "sentinel set m rename-command a b nosuch 1",
         "-ERR Unknown option or number of arguments for SENTINEL SET "
         "'nosuch'\r\n"},
        {"nobody", "sentinel set nobody rename-command a b",
         "-ERR No such master with that name\r\n"},
    };
    check_replies(fixture, rename_rows,
                  sizeof(rename_rows) / sizeof(rename_rows[0]));
    assert_string_equal(ask(fixture, "sentinel set m Rename-Command config "
                                     "my-config auth-pass x rename-command "
                                     "quorum quorum"),
                        "");
    assert_int_equal(fixture->next, COMMAND_LOGIN);
    const struct login_change *login = fixture->fact.login;
    assert_true(login->has_password && !login->has_user);
    assert_int_equal(login->rename_count, 2);
    assert_string_equal(login->renames[0].command, "config");
    assert_string_equal(login->renames[0].name, "my-config");
    assert_string_equal(login->renames[1].command, "quorum");
}

/* How to log in at servers is kept beside the core's settings. */
static void test_set_of_a_login(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    static const struct asked_row login_rows[] = {
        {"the name first", "sentinel set nope auth-pass x",
         "-ERR No such master with that name\r\n"},
        {"value missing", "sentinel set m auth-pass x auth-user",
         UNKNOWN("auth-user")},
        {"with another option", "sentinel set m auth-pass x quorum 2",
         "-ERR 'quorum' and the login are set one after the other, with "
         "SENTINEL SET each\r\n"},
        {"before it", "sentinel set m quorum 2 auth-user x",
         "-ERR 'quorum' and the login are set one after the other, with "
         "SENTINEL SET each\r\n"},
        {"with an unknown one", "sentinel set m auth-pass x foo bar",
         UNKNOWN("foo")},
        {"a user that would break lines", "sentinel set m auth-user a\x1b",
         "-ERR Invalid argument 'a\x1b' for SENTINEL SET 'auth-user'\r\n"},
        {"both", "sentinel set m AUTH-PASS x auth-user u", ""},
    };
    check_replies(fixture, login_rows,
                  sizeof(login_rows) / sizeof(login_rows[0]));
    assert_int_equal(fixture->next, COMMAND_LOGIN);
    const struct login_change *login = fixture->fact.login;
    assert_string_equal(login->group, "m");
    assert_true(login->has_user && login->has_password);
    assert_string_equal(login->user, "u");
    assert_string_equal(login->password, "x");
    assert_string_equal(ask(fixture, "sentinel set m auth-pass ''"), "");
    assert_false(fixture->fact.login->has_user);
    assert_string_equal(fixture->fact.login->password, "");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_set_errors),          TEST(test_set_of_scripts),
        TEST(test_set_of_a_long_path),  TEST(test_set_all_options),
        TEST(test_set_options_of_ours), TEST(test_set_of_a_wrong_word),
        TEST(test_set_of_too_many),     TEST(test_set_of_renames),
        TEST(test_set_of_a_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
