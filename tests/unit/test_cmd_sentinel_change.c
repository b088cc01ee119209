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

/* Which mode the words of FAILOVER ask for. */
static void test_failover_words(void **state)
{
    struct command_fixture *fixture = *state;
    const struct {
        const char *words;
        enum failover_mode mode;
    } rows[] = {
        {"", FAILOVER_MODE_DEFAULT},
        {"force", FAILOVER_MODE_FORCE},
        {"coordinated", FAILOVER_MODE_COORDINATED},
        {"to 10.0.0.2 6380", FAILOVER_MODE_COORDINATED},
        {"timeout 5", FAILOVER_MODE_COORDINATED},
        {"dryrun", FAILOVER_MODE_COORDINATED},
        {"TO 10.0.0.2 6380 COORDINATED", FAILOVER_MODE_COORDINATED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[128];
        (void)snprintf(line, sizeof(line), "sentinel failover m %s",
                       rows[i].words);
        assert_int_equal(ask_admin(fixture, line)->mode, rows[i].mode);
    }
    const struct admin *admin =
        ask_admin(fixture, "sentinel failover m to 10.0.0.2 6380");
    assert_string_equal(admin->target.host, "10.0.0.2");
    assert_int_equal(admin->target.port, 6380);
    const char *refused = "-ERR TO, TIMEOUT and DRYRUN are for a planned "
                          "failover, and FORCE is none\r\n";
    assert_string_equal(ask(fixture, "sentinel failover m force dryrun"),
                        refused);
    assert_string_equal(ask(fixture, "sentinel failover m to 10.0.0.2 1 force"),
                        refused);
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
    {"no ip", "sentinel monitor a 127.0.0.300 1 1", BAD_HOST},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_name_only),
        TEST(test_failover_words),
        TEST(test_adopt),
        TEST(test_name_that_cannot_be_one),
        TEST(test_reset_matches_by_pattern),
        TEST(test_reset_of_a_long_pattern),
        TEST(test_monitor_errors),
        TEST(test_monitor),
        TEST(test_monitor_takes_the_defaults_of_the_daemon),
        TEST(test_monitor_of_a_known_name_is_asked),
        TEST(test_asked_in_a_wrong_way),
        TEST(test_asked),
    };
    return cmocka_run_group_tests_name("cmd_sentinel_change", tests, NULL,
                                       NULL);
}
