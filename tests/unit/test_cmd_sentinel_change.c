/* SENTINEL subcommands that ask the core for something: which words are
 * refused with which error, and what the fact says of the others. Error
 * texts and their order are those of redis-sentinel 7.0, save where a row
 * says that we are stricter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

/* Asks; the answer is the core's, and the fact says this to it. */
static const struct admin *ask_admin(struct command_fixture *fixture,
                                     const char *line)
{
    assert_string_equal(ask(fixture, line), "");
    assert_int_equal(fixture->next, COMMAND_WAIT);
    assert_int_equal(fixture->fact.event.type, EV_ADMIN);
    assert_ptr_equal(fixture->fact.event.admin, &fixture->fact.admin);
    assert_int_equal(fixture->fact.admin.client, FIXTURE_TOKEN);
    return &fixture->fact.admin;
}

static void test_name_only(void **state)
{
    struct command_fixture *fixture = *state;
    const struct {
        const char *line;
        enum admin_type type;
    } rows[] = {
        {"sentinel failover m", ADMIN_FAILOVER},
        {"SENTINEL REMOVE m", ADMIN_REMOVE},
        {"SENTINEL ACKNOWLEDGE m", ADMIN_ACKNOWLEDGE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct admin *admin = ask_admin(fixture, rows[i].line);
        assert_int_equal(admin->type, rows[i].type);
        assert_string_equal(admin->name, "m");
    }
    assert_int_equal(ask_admin(fixture, "sentinel flushconfig")->type,
                     ADMIN_FLUSH);
}

static void test_adopt(void **state)
{
    struct command_fixture *fixture = *state;
    const struct admin *admin =
        ask_admin(fixture, "sentinel adopt m 10.0.0.2 6380");
    assert_int_equal(admin->type, ADMIN_ADOPT);
    assert_string_equal(admin->name, "m");
    assert_string_equal(admin->target.host, "10.0.0.2");
    assert_int_equal(admin->target.port, 6380);
    assert_string_equal(ask(fixture, "sentinel adopt m h 0"),
                        "-ERR Invalid port number.\r\n");
    assert_string_equal(ask(fixture, "sentinel adopt m h x"),
                        "-ERR Invalid port number.\r\n");
    assert_string_equal(ask(fixture, "sentinel adopt m '' 1"),
                        "-ERR Invalid IP address or hostname specified\r\n");
}

/* A text that fits no name is answered like a name that nobody has. */
static void test_name_that_cannot_be_one(void **state)
{
    struct command_fixture *fixture = *state;
    char line[300] = "sentinel remove ";
    memset(line + strlen(line), 'x', NAME_SIZE);
    assert_string_equal(ask(fixture, line),
                        "-ERR No such master with that name\r\n");
    assert_string_equal(ask(fixture, "sentinel failover ''"),
                        "-ERR No such master with that name\r\n");
    assert_int_equal(fixture->next, COMMAND_REPLIED);
}

static void test_reset_matches_by_pattern(void **state)
{
    struct command_fixture *fixture = *state;
    object_id ids[4];
    const char *const names[] = {"cache-1", "cache-2", "queue", "Cache-3"};
    for (size_t i = 0; i < 4; i++) {
        ids[i] = model_fixture_add_group(&fixture->model, names[i], 7000)->id;
    }
    const struct {
        const char *pattern;
        size_t count;
        object_id first;
    } rows[] = {
        {"*", 4, ids[0]},     {"cache-*", 2, ids[0]}, {"queue", 1, ids[2]},
        {"[qQ]*", 1, ids[2]}, {"cache-2", 1, ids[1]}, {"nothing", 0, 0},
        {"CACHE-*", 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[64];
        (void)snprintf(line, sizeof(line), "sentinel reset %s",
                       rows[i].pattern);
        const struct admin *admin = ask_admin(fixture, line);
        assert_int_equal(admin->type, ADMIN_RESET);
        assert_ptr_equal(admin->groups, fixture->fact.groups);
        assert_int_equal(admin->group_count, rows[i].count);
        assert_true(rows[i].count == 0 || admin->groups[0] == rows[i].first);
    }
}

static void test_reset_of_a_long_pattern(void **state)
{
    struct command_fixture *fixture = *state;
    char line[600] = "sentinel reset ";
    memset(line + strlen(line), '*', 2 * NAME_SIZE + 1);
    assert_string_equal(ask(fixture, line),
                        "-ERR Pattern too long: at most 256 bytes\r\n");
}

/* --- MONITOR ----------------------------------------------------------- */

#define BAD_HOST "-ERR Invalid IP address or hostname specified\r\n"
#define BAD_NAME                                                        \
    "-ERR Invalid master name: 1 to 127 bytes without blanks, control " \
    "characters, commas and quotes\r\n"
#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct asked_row monitor_errors[] = {
    {"port", "sentinel monitor a 127.0.0.1 x 1", "-ERR Invalid port\r\n"},
    {"quorum", "sentinel monitor a 127.0.0.1 1 x", "-ERR Invalid quorum\r\n"},
    {"quorum before port", "sentinel monitor a 127.0.0.1 x x",
     "-ERR Invalid quorum\r\n"},
    {"half a number", "sentinel monitor a 127.0.0.1 1 2s",
     "-ERR Invalid quorum\r\n"},
    {"quorum of nobody", "sentinel monitor a 127.0.0.1 1 0",
     "-ERR Quorum must be 1 or greater.\r\n"},
    {"quorum below that", "sentinel monitor a 127.0.0.1 1 -1",
     "-ERR Quorum must be 1 or greater.\r\n"},
    {"quorum before port range", "sentinel monitor a 127.0.0.1 99999 0",
     "-ERR Quorum must be 1 or greater.\r\n"},
    {"ours: more than can be known", "sentinel monitor a 127.0.0.1 1 65",
     "-ERR Invalid quorum\r\n"},
    {"port range", "sentinel monitor a 127.0.0.1 65536 1",
     "-ERR Invalid port number.\r\n"},
    {"port below", "sentinel monitor a 127.0.0.1 -1 1",
     "-ERR Invalid port number.\r\n"},
    {"ours: port 0", "sentinel monitor a 127.0.0.1 0 1",
     "-ERR Invalid port number.\r\n"},
    {"host before port range", "sentinel monitor a bad_host! 99999 1",
     BAD_HOST},
    {"no host", "sentinel monitor a '' 1 1", BAD_HOST},
    {"half an ip", "sentinel monitor a 127.0.0 1 1", BAD_HOST},
    {"no ip", "sentinel monitor a 127.0.0.300 1 1", BAD_HOST},
    {"a host with a comma", "sentinel monitor a h,i 1 1", BAD_HOST},
    {"a host too long",
     "sentinel monitor a " X32 X32 X32 X32 X32 X32 X32 X32 " 1 1", BAD_HOST},
    {"names are not taken", "sentinel monitor a redis-1 1 1", BAD_HOST},
    {"... not even this one", "sentinel monitor a localhost 1 1", BAD_HOST},
    {"ours: no name", "sentinel monitor '' 127.0.0.1 1 1", BAD_NAME},
    {"ours: a comma breaks hellos", "sentinel monitor a,b 127.0.0.1 1 1",
     BAD_NAME},
    {"ours: a blank breaks events", "sentinel monitor 'a b' 127.0.0.1 1 1",
     BAD_NAME},
    {"ours: a line end", "sentinel monitor 'a\nb' 127.0.0.1 1 1", BAD_NAME},
    {"ours: a quote", "sentinel monitor a\"b 127.0.0.1 1 1", BAD_NAME},
    {"ours: a long name", "sentinel monitor " X32 X32 X32 X32 " 127.0.0.1 1 1",
     BAD_NAME},
};

static void test_monitor_errors(void **state)
{
    check_replies(*state, monitor_errors,
                  sizeof(monitor_errors) / sizeof(monitor_errors[0]));
}

static void test_monitor(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->model.settings.resolve_hostnames = true;
    const struct admin *admin =
        ask_admin(fixture, "sentinel monitor a.b:c-1 db-1.example.com 6379 2");
    assert_int_equal(admin->type, ADMIN_MONITOR);
    assert_string_equal(admin->name, "a.b:c-1");
    assert_string_equal(admin->master.host, "db-1.example.com");
    assert_int_equal(admin->master.port, 6379);
    assert_int_equal(admin->settings.quorum, 2);
    assert_int_equal(admin->settings.parallel_syncs, 1);
    assert_int_equal(admin->settings.down_after_ms, 30000);
    assert_int_equal(admin->settings.failover_timeout_ms, 180000);
    assert_int_equal(admin->settings.pool_size, 0);
    (void)ask_admin(fixture, "sentinel monitor a fd00::1 6379 64");
    assert_string_equal(fixture->fact.admin.master.host, "fd00::1");
}

static void test_monitor_takes_the_defaults_of_the_daemon(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->model.periods.down_after_ms = 500;
    fixture->model.periods.failover_timeout_ms = 6000;
    const struct admin *admin =
        ask_admin(fixture, "sentinel monitor a 127.0.0.1 1 2");
    assert_int_equal(admin->settings.quorum, 2);
    assert_int_equal(admin->settings.parallel_syncs, 1);
    assert_int_equal(admin->settings.down_after_ms, 500);
    assert_int_equal(admin->settings.failover_timeout_ms, 6000);
}

/* Whether it exists is the core's question: a REMOVE may come before. */
static void test_monitor_of_a_known_name_is_asked(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "a", 7000);
    (void)ask_admin(fixture, "sentinel monitor a 127.0.0.1 1 2");
}

/* --- SET --------------------------------------------------------------- */

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

/* --- IS-MASTER-DOWN-BY-ADDR -------------------------------------------- */

#define NOT_A_NUMBER "-ERR value is not an integer or out of range\r\n"
#define KNOW_NOTHING "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"
#define ASK          "sentinel is-master-down-by-addr "

static const struct asked_row asked_rows[] = {
    {"port", ASK "127.0.0.1 x 0 *", NOT_A_NUMBER},
    {"epoch", ASK "127.0.0.1 6379 x *", NOT_A_NUMBER},
    {"epoch with a leading zero", ASK "127.0.0.1 6379 01 *", NOT_A_NUMBER},
    {"ours: a negative epoch", ASK "127.0.0.1 6379 -1 *", NOT_A_NUMBER},
    {"ours: an epoch that would poison",
     ASK "127.0.0.1 6379 9223372036854775807 x", NOT_A_NUMBER},
    {"an epoch of 64 bits", ASK "127.0.0.1 6379 18446744073709551615 *",
     NOT_A_NUMBER},
    {"a port that is none", ASK "127.0.0.1 99999 0 *", KNOW_NOTHING},
    {"port 0", ASK "127.0.0.1 0 0 *", KNOW_NOTHING},
    {"no host", ASK "'' 6379 0 *", KNOW_NOTHING},
    {"ours: 41 characters", ASK "127.0.0.1 6379 1 " X32 "123456789",
     "-ERR Invalid run id: * or 1 to 40 visible characters\r\n"},
    {"ours: a run id with a blank", ASK "127.0.0.1 6379 1 'a b'",
     "-ERR Invalid run id: * or 1 to 40 visible characters\r\n"},
    {"ours: an empty run id", ASK "127.0.0.1 6379 1 ''",
     "-ERR Invalid run id: * or 1 to 40 visible characters\r\n"},
};

static void test_asked_in_a_wrong_way(void **state)
{
    check_replies(*state, asked_rows,
                  sizeof(asked_rows) / sizeof(asked_rows[0]));
}

static void test_asked(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(
        ask(fixture, ASK "db.example.com 6379 4611686018427387903 joe"), "");
    assert_int_equal(fixture->next, COMMAND_WAIT);
    const struct core_event *event = &fixture->fact.event;
    assert_int_equal(event->type, EV_ASKED);
    assert_int_equal(event->asked.client, FIXTURE_TOKEN);
    assert_string_equal(event->asked.master.host, "db.example.com");
    assert_int_equal(event->asked.master.port, 6379);
    assert_int_equal(event->asked.epoch, EPOCH_MAX);
    assert_string_equal(event->asked.candidate, "joe");
    assert_string_equal(ask(fixture, ASK "::1 1 0 *"), "");
    assert_string_equal(event->asked.candidate, "");
    assert_string_equal(event->asked.master.host, "::1");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_name_only),
        TEST(test_adopt),
        TEST(test_name_that_cannot_be_one),
        TEST(test_reset_matches_by_pattern),
        TEST(test_reset_of_a_long_pattern),
        TEST(test_monitor_errors),
        TEST(test_monitor),
        TEST(test_monitor_takes_the_defaults_of_the_daemon),
        TEST(test_monitor_of_a_known_name_is_asked),
        TEST(test_set_errors),
        TEST(test_set_all_options),
        TEST(test_set_of_scripts),
        TEST(test_set_of_a_long_path),
        TEST(test_set_options_of_ours),
        TEST(test_set_of_a_wrong_word),
        TEST(test_set_of_too_many),
        TEST(test_set_of_a_login),
        TEST(test_set_of_renames),
        TEST(test_asked_in_a_wrong_way),
        TEST(test_asked),
    };
    return cmocka_run_group_tests_name("cmd_sentinel_change", tests, NULL,
                                       NULL);
}
