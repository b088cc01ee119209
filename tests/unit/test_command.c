/* The way from a request to its handler, the errors that belong to no single
 * command, and the commands about the connection itself. The replies are
 * those of redis-sentinel 7.0 (QUIT and HELLO 3 apart). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

#define A32  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128 A32 A32 A32 A32
#define HELLO_REPLY                                                      \
    "*12\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.4" \
    "\r\n$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:9\r\n$4\r\nmode\r\n$8\r\n"    \
    "sentinel\r\n$7\r\nmodules\r\n*0\r\n"
#define WRONG_LOGIN_REPLY \
    "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
#define BAD_NAME_REPLY                                                      \
    "-ERR Client names cannot contain spaces, newlines or special characte" \
    "rs.\r\n"

static const struct asked_row generic_rows[] = {
    {"unknown, without arguments", "foo",
     "-ERR unknown command 'foo', with args beginning with: \r\n"},
    {"unknown, arguments are quoted", "foo a b",
     "-ERR unknown command 'foo', with args beginning with: 'a' 'b' \r\n"},
    {"unknown, line ends become blanks", "foo 'a\r\nb' c",
     "-ERR unknown command 'foo', with args beginning with: 'a  b' 'c' \r\n"},
    {"unknown, a long argument is cut", "FOO " A128 "b bbbb ccc",
     "-ERR unknown command 'FOO', with args beginning with: '" A128 "' \r\n"},
    {"unknown, a long name is cut", A128 "bbb c",
     "-ERR unknown command '" A128 "', with args beginning with: 'c' \r\n"},
    {"unknown, the rest fits in 128 bytes",
     "foo " A32 " " A32 A32 " " A32 "x y",
     "-ERR unknown command 'foo', with args beginning with: '" A32 "' '" A32 A32
     "' 'aaaaaaaaaaaaaaaaaaaaaaaaaa' \r\n"},
    {"a beginning is no command", "pin",
     "-ERR unknown command 'pin', with args beginning with: \r\n"},
    {"SELECT is an error, not a hang-up", "select 1",
     "-ERR unknown command 'select', with args beginning with: '1' \r\n"},
    {"container alone", "sentinel",
     "-ERR wrong number of arguments for 'sentinel' command\r\n"},
    {"container alone, client", "CLIENT",
     "-ERR wrong number of arguments for 'client' command\r\n"},
    {"unknown subcommand", "sentinel foo bar",
     "-ERR unknown subcommand 'foo'. Try SENTINEL HELP.\r\n"},
    {"unknown subcommand, line ends", "sentinel 'a\nb'",
     "-ERR unknown subcommand 'a b'. Try SENTINEL HELP.\r\n"},
    {"unknown subcommand of CLIENT", "client no-touch on",
     "-ERR unknown subcommand 'no-touch'. Try CLIENT HELP.\r\n"},
    {"too few words", "SENTINEL master",
     "-ERR wrong number of arguments for 'sentinel|master' command\r\n"},
    {"too many words", "Sentinel MASTER a b",
     "-ERR wrong number of arguments for 'sentinel|master' command\r\n"},
    {"at least five words", "sentinel set m quorum",
     "-ERR wrong number of arguments for 'sentinel|set' command\r\n"},
    {"too many words, a plain command", "role x",
     "-ERR wrong number of arguments for 'role' command\r\n"},
};

static void test_generic_errors(void **state)
{
    check_replies(*state, generic_rows,
                  sizeof(generic_rows) / sizeof(generic_rows[0]));
}

static const struct asked_row connection_rows[] = {
    {"PING", "PING", "+PONG\r\n"},
    {"PING, any case", "pInG", "+PONG\r\n"},
    {"PING with a text", "ping hi", "$2\r\nhi\r\n"},
    {"PING with two", "ping a b",
     "-ERR wrong number of arguments for 'ping' command\r\n"},
    {"HELLO", "HELLO", HELLO_REPLY},
    {"HELLO 2", "hello 2", HELLO_REPLY},
    {"HELLO 1", "hello 1", "-NOPROTO unsupported protocol version\r\n"},
    {"HELLO 4", "hello 4", "-NOPROTO unsupported protocol version\r\n"},
    {"HELLO without a number", "hello x",
     "-ERR Protocol version is not an integer or out of range\r\n"},
    {"HELLO with a bad option", "hello 2 foo",
     "-ERR Syntax error in HELLO option 'foo'\r\n"},
    {"HELLO with half an option", "hello 2 SETNAME",
     "-ERR Syntax error in HELLO option 'SETNAME'\r\n"},
    {"HELLO with a bad name", "hello 2 setname 'a b'", BAD_NAME_REPLY},
    {"no name was set by these", "client getname", "$-1\r\n"},
    {"HELLO with half a login", "hello 2 AUTH default",
     "-ERR Syntax error in HELLO option 'AUTH'\r\n"},
    {"HELLO as nobody that exists", "hello 3 setname cow auth joe x",
     WRONG_LOGIN_REPLY},
    {"users' names keep their case", "hello 3 auth Default x",
     WRONG_LOGIN_REPLY},
    {"who is refused keeps name and protocol", "client getname", "$-1\r\n"},
    {"the default user needs no password", "hello 2 auth default any",
     HELLO_REPLY},
    {"HELLO with a name", "hello 2 setname bee", HELLO_REPLY},
    {"in any order, in any case", "hello 2 SetName bee Auth default ''",
     HELLO_REPLY},
    {"the name was set", "client getname", "$3\r\nbee\r\n"},
    {"CLIENT ID", "client id", ":9\r\n"},
    {"CLIENT SETNAME", "client setname abc", "+OK\r\n"},
    {"CLIENT GETNAME", "CLIENT GETNAME", "$3\r\nabc\r\n"},
    {"a bad name changes nothing", "client setname 'a b'", BAD_NAME_REPLY},
    {"the old name is there", "client getname", "$3\r\nabc\r\n"},
    {"an empty name takes it away", "client setname ''", "+OK\r\n"},
    {"no name", "client getname", "$-1\r\n"},
    {"a long name is kept as far as it fits", "client setname " A32 A32 "bbb",
     "+OK\r\n"},
    {"63 bytes of it", "client getname",
     "$63\r\n" A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"},
    {"SHUTDOWN ABORT", "shutdown abort", "-ERR No shutdown in progress.\r\n"},
    {"SHUTDOWN, ABORT beside others", "shutdown now abort",
     "-ERR syntax error\r\n"},
    {"SHUTDOWN, unknown", "shutdown foo", "-ERR syntax error\r\n"},
    {"SHUTDOWN, a contradiction", "shutdown save nosave",
     "-ERR syntax error\r\n"},
    {"ROLE of nothing", "role", "*2\r\n$8\r\nsentinel\r\n*0\r\n"},
};

static void test_connection(void **state)
{
    check_replies(*state, connection_rows,
                  sizeof(connection_rows) / sizeof(connection_rows[0]));
}

static void test_quit_says_ok_and_closes(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture, "QUIT"), "+OK\r\n");
    assert_int_equal(fixture->next, COMMAND_CLOSE);
    assert_string_equal(ask(fixture, "ping"), "+PONG\r\n");
    assert_int_equal(fixture->next, COMMAND_REPLIED);
}

static void test_shutdown_says_nothing(void **state)
{
    static const char *const lines[] = {
        "SHUTDOWN",           "shutdown nosave",         "shutdown SAVE",
        "shutdown now force", "shutdown force save now",
    };
    struct command_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_string_equal(ask(fixture, lines[i]), "");
        assert_int_equal(fixture->next, COMMAND_SHUTDOWN);
    }
}

static void test_role_names_all_masters(void **state)
{
    struct command_fixture *fixture = *state;
    model_fixture_add_group(&fixture->model, "m1", 7001);
    model_fixture_add_group(&fixture->model, "m2", 7002);
    assert_string_equal(ask(fixture, "ROLE"),
                        "*2\r\n$8\r\nsentinel\r\n*2\r\n$2\r\nm1\r\n$2\r\nm2"
                        "\r\n");
}

static void test_words_with_any_byte(void **state)
{
    struct command_fixture *fixture = *state;
    const char *const ping[] = {"ping", "a\0\r\n"};
    const size_t ping_lengths[] = {4, 4};
    (void)ask_words(fixture, 2, ping, ping_lengths);
    assert_memory_equal(fixture->out.data, "$4\r\na\0\r\n\r\n", 10);
    /* A NUL makes another word of it, not a shorter one. */
    const char *const odd[] = {"ping\0x"};
    const size_t odd_lengths[] = {6};
    assert_string_equal(
        ask_words(fixture, 1, odd, odd_lengths),
        "-ERR unknown command 'ping', with args beginning with: \r\n");
    const char *const name[] = {"client", "setname", "a\0b"};
    const size_t name_lengths[] = {6, 7, 3};
    assert_string_equal(ask_words(fixture, 3, name, name_lengths),
                        BAD_NAME_REPLY);
}

/* In RESP3 the same replies have other types. */
static void test_protocol_3_writes_maps_and_nulls(void **state)
{
    struct command_fixture *fixture = *state;
    const char *hello = ask(fixture, "hello 3");
    assert_begins(hello, "%6\r\n$6\r\nserver");
    assert_non_null(strstr(hello, "proto\r\n:3\r\n"));
    assert_int_equal(fixture->session.protocol, 3);
    assert_string_equal(ask(fixture, "client getname"), "_\r\n");
    assert_string_equal(ask(fixture, "sentinel get-master-addr-by-name x"),
                        "_\r\n");
    assert_begins(ask(fixture, "hello 2"), "*12\r\n");
    assert_string_equal(ask(fixture, "client getname"), "$-1\r\n");
}

static const struct {
    const char *name;
    struct core_action answer;
    const char *reply;
} answers[] = {
    {"done", {.answer = {.asked = ADMIN_SET}}, "+OK\r\n"},
    {"reset", {.answer = {.asked = ADMIN_RESET, .count = 3}}, ":3\r\n"},
    {"no such group",
     {.answer = {.asked = ADMIN_SET, .result = ADMIN_NO_SUCH_GROUP}},
     "-ERR No such master with that name\r\n"},
    {"duplicate",
     {.answer = {.asked = ADMIN_MONITOR, .result = ADMIN_DUPLICATE_GROUP}},
     "-ERR Duplicate master name.\r\n"},
    {"too many",
     {.answer = {.asked = ADMIN_MONITOR, .result = ADMIN_TOO_MANY_GROUPS}},
     "-ERR Too many masters: at most 20000 can be monitored.\r\n"},
    {"in progress",
     {.answer = {.asked = ADMIN_FAILOVER, .result = ADMIN_IN_PROGRESS}},
     "-INPROG Failover already in progress\r\n"},
    {"no good replica",
     {.answer = {.asked = ADMIN_FAILOVER, .result = ADMIN_NO_GOOD_REPLICA}},
     "-NOGOODSLAVE No suitable replica to promote\r\n"},
    {"up, no vote",
     {.answer = {.is_opinion = true}},
     "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"},
    {"down, no vote but its epoch",
     {.answer = {.is_opinion = true, .down = true, .vote = {.epoch = 4}}},
     "*3\r\n:1\r\n$1\r\n*\r\n:4\r\n"},
    {"down, and voted",
     {.answer = {.is_opinion = true,
                 .down = true,
                 .vote = {.leader = "joe", .epoch = 7}}},
     "*3\r\n:1\r\n$3\r\njoe\r\n:7\r\n"},
};

static void test_answers_of_the_core(void **state)
{
    struct command_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        fixture->out.length = 0;
        command_finish(&answers[i].answer, &fixture->writer);
        if (strcmp(written(fixture), answers[i].reply) != 0) {
            fail_msg("%s: %s", answers[i].name, fixture->out.data);
        }
        fixture->out.length = 0;
        command_refuse(&answers[i].answer, &fixture->writer);
        assert_string_equal(
            written(fixture),
            "-ERR Failed to save config file. Check server logs.\r\n");
    }
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_generic_errors),
        TEST(test_connection),
        TEST(test_quit_says_ok_and_closes),
        TEST(test_shutdown_says_nothing),
        TEST(test_role_names_all_masters),
        TEST(test_words_with_any_byte),
        TEST(test_protocol_3_writes_maps_and_nulls),
        TEST(test_answers_of_the_core),
    };
    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
