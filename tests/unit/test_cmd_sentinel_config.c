/* SENTINEL CONFIG, DEBUG and SIMULATE-FAILURE. Replies are those of
 * redis-sentinel 7.0, those of CONFIG with several words those of 7.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

#define ROWS(rows)  rows, sizeof(rows) / sizeof((rows)[0])
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"
#define USAGE                                                            \
    "-ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET " \
    "<param> <value> [<param> <value> ...] are supported.\r\n"
#define INVALID(value, option) \
    "-ERR Invalid value '" value "' to SENTINEL CONFIG SET '" option "'\r\n"
#define OWN_SET                                                              \
    "-ERR sentinel-user and sentinel-pass are set by a SENTINEL CONFIG SET " \
    "of their own\r\n"

static const struct asked_row config_rows[] = {
    {"too few words", "sentinel config get", ARITY("sentinel|config")},
    {"neither", "sentinel config foo bar", USAGE},
    {"SET without a value", "sentinel config set announce-ip", USAGE},
    {"GET nothing", "sentinel config get nosuch", "*0\r\n"},
    {"GET one", "sentinel config GET Announce-Port",
     "*2\r\n$13\r\nannounce-port\r\n$1\r\n0\r\n"},
    {"GET a pattern", "sentinel config get ANN*ip",
     "*2\r\n$11\r\nannounce-ip\r\n$0\r\n\r\n"},
    {"GET several, none twice", "sentinel config get log* announce-p* l*",
     "*4\r\n$8\r\nloglevel\r\n$6\r\nnotice\r\n$13\r\nannounce-port\r\n$1\r\n0"
     "\r\n"},
    {"SET, unknown", "sentinel config set foo bar",
     "-ERR Invalid argument 'foo' to SENTINEL CONFIG SET\r\n"},
    {"SET, twice", "sentinel config set announce-port 1 Announce-Port 2",
     "-ERR Duplicate argument 'Announce-Port' to SENTINEL CONFIG SET\r\n"},
    {"SET, half a pair", "sentinel config set announce-port 1 loglevel",
     "-ERR Missing argument 'loglevel' value\r\n"},
    {"no port", "sentinel config set announce-port x",
     INVALID("x", "announce-port")},
    {"no port so large", "sentinel config set announce-port 65536",
     INVALID("65536", "announce-port")},
    {"no host", "sentinel config set announce-ip 'a b'",
     INVALID("a b", "announce-ip")},
    {"no level", "sentinel config set LogLevel chatty",
     INVALID("chatty", "LogLevel")},
    {"neither yes nor no", "sentinel config set resolve-hostnames 1",
     INVALID("1", "resolve-hostnames")},
    {"... nor here", "sentinel config set announce-hostnames maybe",
     INVALID("maybe", "announce-hostnames")},
    {"names are not taken", "sentinel config get resolve-hostnames",
     "*2\r\n$17\r\nresolve-hostnames\r\n$2\r\nno\r\n"},
    {"a login with something else",
     "sentinel config set sentinel-pass x announce-port 1", OWN_SET},
    {"... and before it", "sentinel config set loglevel notice sentinel-user x",
     OWN_SET},
    {"a login twice", "sentinel config set sentinel-pass x sentinel-pass y",
     "-ERR Duplicate argument 'sentinel-pass' to SENTINEL CONFIG SET\r\n"},
};

static void test_config(void **state)
{
    check_replies(*state, ROWS(config_rows));
}

static void test_config_get_all_in_resp3(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "hello 3");
    copy_text(fixture->model.settings.announce_host, HOST_SIZE, "::1");
    fixture->model.settings.announce_port = 26380;
    fixture->model.settings.log_level = LEVEL_WARNING + 1;
    fixture->model.settings.resolve_hostnames = true;
    assert_string_equal(
        ask(fixture, "sentinel config get *"),
        "%7\r\n$17\r\nresolve-hostnames\r\n$3\r\nyes\r\n$18\r\nannounce-"
        "hostnames\r\n$2\r\nno\r\n$11\r\nannounce-ip\r\n$3\r\n::1\r\n$13\r\n"
        "announce-port\r\n$5\r\n26380\r\n$13\r\nsentinel-user\r\n$0\r\n\r\n"
        "$13\r\nsentinel-pass\r\n$0\r\n\r\n$8\r\nloglevel\r\n$7\r\nnothing"
        "\r\n");
}

/* Which settings each request asks the core for. */
static const struct {
    const char *line;
    struct daemon_settings wanted;
} changes[] = {
    {"sentinel config set announce-ip 10.0.0.1",
     {"10.0.0.1", 5, 2, true, false}},
    {"sentinel config set announce-ip ''", {"", 5, 2, true, false}},
    {"sentinel config set announce-port 0", {"h", 0, 2, true, false}},
    {"sentinel config set announce-port 65535", {"h", 65535, 2, true, false}},
    {"sentinel config set loglevel Debug", {"h", 5, 0, true, false}},
    {"sentinel config set loglevel nothing", {"h", 5, 4, true, false}},
    {"sentinel CONFIG SET loglevel warning announce-ip x announce-port 9",
     {"x", 9, 3, true, false}},
    {"sentinel config set resolve-hostnames yes announce-hostnames YES",
     {"h", 5, 2, true, true}},
    {"sentinel config set Resolve-Hostnames NO", {"h", 5, 2, false, false}},
    {"sentinel config set announce-hostnames yes loglevel debug",
     {"h", 5, 0, true, true}},
};

static void test_config_set(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->model.settings =
        (struct daemon_settings){"h", 5, LEVEL_NOTICE, true, false};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct daemon_settings *wanted = &changes[i].wanted;
        assert_string_equal(ask(fixture, changes[i].line), "");
        assert_int_equal(fixture->next, COMMAND_WAIT);
        const struct admin *admin = fixture->fact.event.admin;
        assert_int_equal(admin->type, ADMIN_CONFIG);
        assert_int_equal(admin->client, FIXTURE_TOKEN);
        assert_string_equal(admin->daemon.announce_host, wanted->announce_host);
        assert_int_equal(admin->daemon.announce_port, wanted->announce_port);
        assert_int_equal(admin->daemon.log_level, wanted->log_level);
        assert_int_equal(admin->daemon.resolve_hostnames,
                         wanted->resolve_hostnames);
        assert_int_equal(admin->daemon.announce_hostnames,
                         wanted->announce_hostnames);
    }
}

/* The password is told to nobody, not even cut in an error. */
static void test_config_login(void **state)
{
    struct command_fixture *fixture = *state;
    char line[LOGIN_TEXT_SIZE + 64] = "sentinel config set sentinel-pass ";
    assert_string_equal(ask(fixture, "sentinel config set sentinel-user u "
                                     "Sentinel-Pass x"),
                        "");
    assert_int_equal(fixture->next, COMMAND_LOGIN);
    const struct login_change *login = fixture->fact.login;
    assert_string_equal(login->group, "");
    assert_true(login->has_user && login->has_password);
    assert_string_equal(login->user, "u");
    assert_string_equal(login->password, "x");
    assert_string_equal(
        ask(fixture, "sentinel config set sentinel-user a\x01"),
        "-ERR Invalid value to SENTINEL CONFIG SET 'sentinel-user'\r\n");
    size_t length = strlen(line);
    memset(line + length, 'x', LOGIN_TEXT_SIZE);
    line[length + LOGIN_TEXT_SIZE] = '\0';
    assert_string_equal(
        ask(fixture, line),
        "-ERR Invalid value to SENTINEL CONFIG SET 'sentinel-pass'\r\n");
    fixture->context.peer_user = "u";
    fixture->context.has_peer_password = true;
    assert_string_equal(ask(fixture, "sentinel config get sentinel-*"),
                        "*4\r\n$13\r\nsentinel-user\r\n$1\r\nu\r\n"
                        "$13\r\nsentinel-pass\r\n$6\r\n******\r\n");
}

#define UNKNOWN(name)                                                      \
    "-ERR Unknown option or number of arguments for SENTINEL DEBUG '" name \
    "'\r\n"
#define WRONG(value, name) \
    "-ERR Invalid argument '" value "' for SENTINEL DEBUG '" name "'\r\n"
#define NO_FAILURE "-ERR Unknown failure simulation specified\r\n"
#define FAILURES \
    "*2\r\n$20\r\ncrash-after-election\r\n$21\r\ncrash-after-promotion\r\n"

static const struct asked_row debug_rows[] = {
    {"unknown", "sentinel debug foo 1", UNKNOWN("foo")},
    {"half a pair", "sentinel debug ping-period", UNKNOWN("ping-period")},
    {"zero", "sentinel debug ping-period 0", WRONG("0", "ping-period")},
    {"negative", "sentinel debug Ping-Period -1", WRONG("-1", "Ping-Period")},
    {"no number", "sentinel debug ask-period x", WRONG("x", "ask-period")},
    {"too long", "sentinel debug tilt-period 86400001",
     WRONG("86400001", "tilt-period")},
    {"the second one is wrong", "sentinel debug ping-period 1 foo 2",
     UNKNOWN("foo")},
    {"SIMULATE-FAILURE alone", "sentinel simulate-failure",
     ARITY("sentinel|simulate-failure")},
    {"unknown failure", "sentinel simulate-failure foo", NO_FAILURE},
    {"the second one is unknown",
     "sentinel simulate-failure crash-after-election foo", NO_FAILURE},
    {"which there are", "sentinel simulate-failure HELP", FAILURES},
    {"which there are, beside one",
     "sentinel simulate-failure crash-after-election help", FAILURES},
};

static void test_debug_and_simulate(void **state)
{
    check_replies(*state, ROWS(debug_rows));
}

static void fill_periods(struct periods *periods)
{
    *periods = (struct periods){.info_ms = 1,
                                .ping_ms = 2,
                                .ask_ms = 3,
                                .hello_ms = 4,
                                .down_after_ms = 5,
                                .failover_timeout_ms = 6,
                                .tilt_trigger_ms = 7,
                                .tilt_ms = 8,
                                .reconf_ms = 9,
                                .reconnect_ms = 10,
                                .election_ms = 11,
                                .script_runtime_ms = 12,
                                .script_retry_ms = 13};
}

#define ALL_PERIODS                                                           \
    "$11\r\nINFO-PERIOD\r\n$1\r\n1\r\n$11\r\nPING-PERIOD\r\n$1\r\n2\r\n$10"   \
    "\r\nASK-PERIOD\r\n$1\r\n3\r\n$14\r\nPUBLISH-PERIOD\r\n$1\r\n4\r\n$18"    \
    "\r\nDEFAULT-DOWN-AFTER\r\n$1\r\n5\r\n$24\r\nDEFAULT-FAILOVER-TIMEOUT"    \
    "\r\n$1\r\n6\r\n$12\r\nTILT-TRIGGER\r\n$1\r\n7\r\n$11\r\nTILT-PERIOD\r\n" \
    "$1\r\n8\r\n$20\r\nSLAVE-RECONF-TIMEOUT\r\n$1\r\n9\r\n$25\r\nMIN-LINK-"   \
    "RECONNECT-PERIOD\r\n$2\r\n10\r\n$16\r\nELECTION-TIMEOUT\r\n$2\r\n11\r\n" \
    "$18\r\nSCRIPT-MAX-RUNTIME\r\n$2\r\n12\r\n$18\r\nSCRIPT-RETRY-DELAY\r\n"  \
    "$2\r\n13\r\n"

static void test_debug_shows_all_periods(void **state)
{
    struct command_fixture *fixture = *state;
    fill_periods(&fixture->model.periods);
    assert_string_equal(ask(fixture, "SENTINEL DEBUG"), "*26\r\n" ALL_PERIODS);
    (void)ask(fixture, "hello 3");
    assert_string_equal(ask(fixture, "sentinel debug"), "%13\r\n" ALL_PERIODS);
}

static void test_debug_sets_some_periods(void **state)
{
    struct command_fixture *fixture = *state;
    struct periods wanted;
    fill_periods(&fixture->model.periods);
    fill_periods(&wanted);
    wanted.tilt_ms = 86400000;
    wanted.script_retry_ms = 1;
    (void)ask(fixture, "sentinel debug Tilt-Period 86400000 "
                       "script-retry-delay 1");
    assert_int_equal(fixture->next, COMMAND_WAIT);
    assert_int_equal(fixture->fact.event.admin->type, ADMIN_PERIODS);
    assert_memory_equal(&fixture->fact.event.admin->periods, &wanted,
                        sizeof(wanted));
}

static void test_simulate_asks_for_both(void **state)
{
    static const struct {
        const char *line;
        unsigned simulated;
    } rows[] = {
        {"sentinel simulate-failure Crash-After-Election", 1},
        {"sentinel simulate-failure crash-after-promotion", 2},
        {"sentinel simulate-failure crash-after-promotion "
         "crash-after-election",
         3},
    };
    struct command_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)ask(fixture, rows[i].line);
        assert_int_equal(fixture->next, COMMAND_WAIT);
        assert_int_equal(fixture->fact.event.admin->type, ADMIN_SIMULATE);
        assert_int_equal(fixture->fact.event.admin->simulated,
                         rows[i].simulated);
    }
    fixture->model.simulated = 3;
    assert_non_null(strstr(ask(fixture, "info sentinel"),
                           "sentinel_simulate_failure_flags:3\r\n"));
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_config),
        TEST(test_config_get_all_in_resp3),
        TEST(test_config_set),
        TEST(test_config_login),
        TEST(test_debug_and_simulate),
        TEST(test_debug_shows_all_periods),
        TEST(test_debug_sets_some_periods),
        TEST(test_simulate_asks_for_both),
    };
    return cmocka_run_group_tests_name("cmd_sentinel_config", tests, NULL,
                                       NULL);
}
