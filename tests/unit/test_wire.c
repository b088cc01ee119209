/* Actions to commands and replies to facts: simple commands, hello links,
 * greetings. Peers and transactions have files of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/memory.h"
#include "wire_support.h"

#define RUN_ID  SUPPORT_RUN_ID
#define CHANNEL "__sentinel__:hello"
#define NODE    LINK_NODE_COMMAND
#define PEER    LINK_PEER
#define HELLO   LINK_NODE_HELLO

struct command_row {
    enum link_kind kind;
    const char *letters;
    const char *expected;
};

static const struct command_row command_rows[] = {
    {NODE, "g", "CLIENT SETNAME sentinel-471ff5ae-cmd"},
    {PEER, "g", "CLIENT SETNAME sentinel-471ff5ae-cmd"},
    {HELLO, "g", "CLIENT SETNAME sentinel-471ff5ae-pubsub"},
    {NODE, "G", "AUTH sam secret\nCLIENT SETNAME sentinel-471ff5ae-cmd"},
    {NODE, "P", "PING"},
    {NODE, "I", "INFO"},
    {HELLO, "S", "SUBSCRIBE " CHANNEL},
    {NODE, "K", "SCRIPT KILL"},
    {NODE, "H", "PUBLISH " CHANNEL " " SUPPORT_HELLO},
    {PEER, "V", "SENTINEL MASTER mymaster"},
    {PEER, "A", "SENTINEL is-master-down-by-addr 10.0.0.1 6379 4 *"},
    {PEER, "v", "SENTINEL MASTER mymaster"},
    {PEER, "X", "SENTINEL ACCEPT mymaster 4 " SUPPORT_RUN_ID " 10.0.0.2 6380"},
    {NODE, "C", "SLAVEOF 127.0.0.1 1\nINFO"},
    {NODE, "R",
     "MULTI\nSLAVEOF NO ONE\nCONFIG REWRITE\nCLIENT KILL TYPE normal\n"
     "CLIENT KILL TYPE pubsub\nEXEC\nROLE"},
    {NODE, "F", "CONFIG GET min-slaves-*"},
    {NODE, "D",
     "MULTI\nCONFIG SET min-slaves-max-lag 2\n"
     "CONFIG SET min-slaves-to-write 1\nCONFIG REWRITE\nEXEC"},
    {NODE, "d",
     "MULTI\nCONFIG SET min-slaves-max-lag 2\n"
     "CONFIG SET min-slaves-to-write 1\nEXEC"},
    {NODE, "r",
     "MULTI\nSLAVEOF 10.0.0.2 6380\nCONFIG REWRITE\n"
     "CLIENT KILL TYPE normal\nCLIENT KILL TYPE pubsub\nEXEC\nROLE"},
    {NODE, "k", /* whose role stays the same, its clients stay */
     "MULTI\nSLAVEOF 10.0.0.2 6380\nCONFIG REWRITE\nEXEC\nROLE"},
};

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++) {
        count += *text == '\n' ? 1 : 0;
    }
    return count;
}

static void test_commands(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof command_rows / sizeof command_rows[0]; i++) {
        char text[1000];
        struct buffer out;
        buffer_init(&out, 10000);
        struct wire *wire = wire_support_begin(command_rows[i].kind,
                                               command_rows[i].letters, &out);
        wire_support_commands(&out, text, sizeof text);
        assert_string_equal(text, command_rows[i].expected);
        assert_int_equal(wire_pending(wire), count_lines(text));
        wire_free(wire);
        buffer_clear(&out);
    }
}

static void test_greetings(void **state)
{
    (void)state;
    static const struct {
        const char *user;
        const char *password;
        const char *expected;
    } rows[] = {
        {NULL, "secret", "AUTH secret\n"},
        {"", "secret", "AUTH secret\n"},
        {"sam", "a b", "AUTH sam a b\n"},
        {"sam", NULL, ""},
        {"sam", "", ""},
        {NULL, NULL, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        char expected[200];
        struct buffer out;
        struct wire_login login = {rows[i].user, rows[i].password, RUN_ID};
        struct wire *wire = wire_new(NODE, 1);
        buffer_init(&out, 1000);
        wire_greeting(wire, &login, &out);
        wire_support_commands(&out, text, sizeof text);
        (void)snprintf(expected, sizeof expected,
                       "%sCLIENT SETNAME sentinel-471ff5ae-cmd",
                       rows[i].expected);
        assert_string_equal(text, expected);
        wire_free(wire);
        buffer_clear(&out);
    }
}

/* Every command that a server gets, the greeting and those inside a
 * transaction among them. */
static void test_renamed_commands(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "AUTH",  "CLIENT", "PING", "INFO",   "PUBLISH", "SUBSCRIBE",
        "MULTI", "EXEC",   "ROLE", "CONFIG", "SLAVEOF", "SCRIPT",
    };
    static const struct core_action promotion = {.type = ACT_REPLICAOF};
    static const struct core_action cut_off = {.type = ACT_CUT_OFF};
    static const struct core_action pause = {.type = ACT_PAUSE,
                                             .pause = {.duration_ms = 7}};
    static const struct core_action others[] = {{.type = ACT_PING},
                                                {.type = ACT_SUBSCRIBE},
                                                {.type = ACT_SCRIPT_KILL},
                                                {.type = ACT_UNPAUSE}};
    struct renames renames = {0};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "my-%s", commands[i]);
        assert_true(renames_put(&renames, commands[i], name));
    }
    char text[1000];
    struct buffer out;
    struct wire_login login = {"sam", "pw", RUN_ID};
    struct wire *wire = wire_new(NODE, 1);
    buffer_init(&out, 10000);
    wire_rename(wire, renames);
    wire_greeting(wire, &login, &out);
    wire_encode(wire, &promotion, &out);
    wire_encode(wire, &cut_off, &out);
    wire_encode(wire, &pause, &out);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        wire_encode(wire, &others[i], &out);
    }
    wire_support_commands(&out, text, sizeof text);
    assert_string_equal(
        text, "my-AUTH sam pw\nmy-CLIENT SETNAME sentinel-471ff5ae-cmd\n"
              "my-MULTI\nmy-SLAVEOF NO ONE\nmy-CONFIG REWRITE\n"
              "my-CLIENT KILL TYPE normal\nmy-CLIENT KILL TYPE pubsub\n"
              "my-EXEC\nmy-ROLE\n"
              "my-SLAVEOF 127.0.0.1 1\n"
              "my-INFO\nmy-CLIENT PAUSE 7 WRITE\nmy-PING\n"
              "my-SUBSCRIBE " CHANNEL "\nmy-SCRIPT KILL\nmy-CLIENT UNPAUSE");
    wire_free(wire);
    buffer_clear(&out);
}

static void test_ask_with_a_candidate(void **state)
{
    (void)state;
    char text[200];
    struct buffer out;
    struct core_action action = {.type = ACT_ASK};
    struct wire *wire = wire_new(PEER, 1);
    buffer_init(&out, 1000);
    copy_text(action.ask.master.host, HOST_SIZE, "fe80::1");
    action.ask.master.port = 65535;
    action.ask.epoch = EPOCH_MAX;
    copy_text(action.ask.candidate, RUN_ID_SIZE, RUN_ID);
    wire_encode(wire, &action, &out);
    wire_support_commands(&out, text, sizeof text);
    assert_string_equal(text, "SENTINEL is-master-down-by-addr fe80::1 65535 "
                              "4611686018427387903 " RUN_ID);
    wire_free(wire);
    buffer_clear(&out);
}

#define NONSENSE ": the answer makes no sense)"

static const struct wire_support_row rows[] = {
    {"greeting", NODE, "g", "+OK\r\n", "-"},
    {"greeting with password", NODE, "GP", "+OK\r\n+OK\r\n+PONG\r\n",
     "-; -; pong ok"},
    {"nothing came", NODE, "GP", "", " +3"},
    {"password wrong", NODE, "GP",
     "-WRONGPASS invalid username-password pair\r\n-NOAUTH Authentication "
     "required.\r\n-NOAUTH Authentication required.\r\n",
     "- (AUTH refused: WRONGPASS invalid username-password pair); - (CLIENT "
     "SETNAME refused: NOAUTH Authentication required.); pong wrongpass"},
    {"password not wanted", NODE, "GP",
     "-ERR AUTH <password> called without any password configured\r\n"
     "+OK\r\n+PONG\r\n",
     "- (AUTH refused: ERR AUTH <password> called without any password "
     "configured); -; pong ok"},
    {"password not told by an echo", NODE, "G",
     "-ERR unknown command 'AUTH', with args beginning with: 'sam' "
     "'secret' \r\n+OK\r\n",
     "- (AUTH refused: ERR unknown command 'AUTH'); -"},
    {"password wrong, but that is not it", NODE, "GP",
     "-WRONGPASS x\r\n-LOADING x\r\n-LOADING x\r\n",
     "- (AUTH refused: WRONGPASS x); - (CLIENT SETNAME refused: LOADING x); "
     "pong loading"},
    {"name refused", NODE, "gP", "-NOAUTH x\r\n-NOAUTH x\r\n",
     "- (CLIENT SETNAME refused: NOAUTH x); pong noauth"},
    {"password missing", NODE, "gP", "+OK\r\n-NOAUTH x\r\n", "-; pong noauth"},
    {"greeting answered by nonsense", NODE, "GP", ":1\r\n*0\r\n+PONG\r\n",
     "- (AUTH" NONSENSE "; - (CLIENT SETNAME" NONSENSE "; pong ok"},
    {"pongs", NODE, "PPPPPPPP",
     "+PONG\r\n-LOADING x\r\n-MASTERDOWN x\r\n-BUSY x\r\n-NOAUTH x\r\n"
     "-WRONGPASS x\r\n-NOPERM x\r\n-MISCONF x\r\n",
     "pong ok; pong loading; pong masterdown; pong busy; pong noauth; pong "
     "wrongpass; pong noperm; pong misconf"},
    {"no pongs", NODE, "PPPPPPP",
     "-ERR x\r\n+OK\r\n$4\r\nPONG\r\n:1\r\n*-1\r\n+PON\r\n*2\r\n$4\r\npong\r\n"
     "$0\r\n\r\n",
     "pong error (PING refused: ERR x); pong error (PING" NONSENSE
     "; pong error (PING" NONSENSE "; pong error (PING" NONSENSE
     "; pong error (PING" NONSENSE "; pong error (PING" NONSENSE
     "; pong error (PING" NONSENSE},
    {"a line feed does not get into the log", NODE, "P",
     "-ERR a\tb\x7f\x01\r\n", "pong error (PING refused: ERR a b  )"},
    {"info", NODE, "II", "$11\r\nrole:master\r\n$12\r\nx\nrole:slave\r\n",
     "info master; info replica"},
    {"info refused", NODE, "I", "-NOPERM x\r\n",
     "ack info refused 1 (INFO refused: NOPERM x)"},
    {"info of nonsense", NODE, "III", "$3\r\nabc\r\n+role:master\r\n$-1\r\n",
     "ack info refused 1 (INFO" NONSENSE "; ack info refused 2 (INFO" NONSENSE
     "; ack info refused 3 (INFO" NONSENSE},
    {"script kill", NODE, "KKK", "+OK\r\n-NOTBUSY x\r\n:1\r\n",
     "ack script_kill ok 1; ack script_kill refused 2 (SCRIPT KILL refused: "
     "NOTBUSY x); ack script_kill refused 3 (SCRIPT KILL" NONSENSE},
    {"publish", NODE, "HHHH", ":0\r\n:3\r\n-NOPERM x\r\n+OK\r\n",
     "ack hello ok 1; ack hello ok 2; ack hello refused 3 (PUBLISH " CHANNEL
     " refused: NOPERM x); ack hello refused 4 (PUBLISH " CHANNEL NONSENSE},
    {"opinions", PEER, "AAA",
     "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n*3\r\n:1\r\n$1\r\n*\r\n:7\r\n"
     "*3\r\n:1\r\n$40\r\n" RUN_ID "\r\n:4611686018427387903\r\n",
     "ask up - 0 1; ask down - 7 2; ask down " RUN_ID " 4611686018427387903 3"},
    {"opinion refused", PEER, "A", "-ERR value is not an integer\r\n",
     "ack ask refused 1 (SENTINEL is-master-down-by-addr refused: ERR value "
     "is not an integer)"},
    {"kept, and not", PEER, "XX", "+OK\r\n-ERR voted for another\r\n",
     "ack accept ok 1; ack accept refused 2 (SENTINEL ACCEPT refused: ERR "
     "voted for another)"},
    {"replies in order", PEER, "PVAHP",
     "+PONG\r\n-ERR No such master with that name\r\n"
     "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n:1\r\n+PONG\r\n",
     "pong ok; ack view refused 2 (SENTINEL MASTER refused: ERR No such "
     "master with that name); ask up - 0 3; ack hello ok 4; pong ok"},
    {"one too many", NODE, "P", "+PONG\r\n+PONG\r\n",
     "pong ok; BROKEN (an answer that nobody asked for)"},
    {"unasked", NODE, "", "-ERR something\r\n",
     "BROKEN (an answer that nobody asked for)"},
    {"one client too many", NODE, "", "-ERR max number of clients reached\r\n",
     "FULL"},
    {"... told in place of a reply", NODE, "P",
     "-ERR max number of clients reached\r\n", "FULL +1"},
    {"no messages on a command link", NODE, "P",
     "*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL "\r\n$1\r\nx\r\n",
     "pong error (PING" NONSENSE},
    {"subscribed", HELLO, "gS",
     "+OK\r\n*3\r\n$9\r\nsubscribe\r\n$18\r\n" CHANNEL "\r\n:1\r\n",
     "-; ack subscribe ok 2"},
    {"subscribing refused", HELLO, "GS", "+OK\r\n+OK\r\n-NOPERM this user\r\n",
     "-; -; ack subscribe refused 2 (SUBSCRIBE " CHANNEL
     " refused: NOPERM this user)"},
    {"another channel", HELLO, "S",
     "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n",
     "ack subscribe refused 1 (SUBSCRIBE " CHANNEL NONSENSE},
    {"a hello, also before the confirmation", HELLO, "S",
     "*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL "\r\n$83\r\n" SUPPORT_HELLO
     "\r\n*3\r\n$9\r\nsubscribe\r\n$18\r\n" CHANNEL
     "\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL
     "\r\n$83\r\n" SUPPORT_HELLO "\r\n",
     "hello mymaster; ack subscribe ok 1; hello mymaster"},
    {"malformed hellos", HELLO, "P",
     "*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL "\r\n$1\r\nx\r\n"
     "*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL "\r\n:1\r\n"
     "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$83\r\n" SUPPORT_HELLO "\r\n"
     "*3\r\n$7\r\nmessage\r\n:1\r\n$83\r\n" SUPPORT_HELLO "\r\n"
     "*3\r\n$7\r\nmessage\r\n$18\r\n" CHANNEL "\r\n+" SUPPORT_HELLO "\r\n",
     "- (a malformed hello on " CHANNEL "); - (a malformed hello on " CHANNEL
     "); - (a malformed hello on " CHANNEL "); - (a malformed hello on " CHANNEL
     "); - (a malformed hello on " CHANNEL ") +1"},
    {"ping while subscribed", HELLO, "PP",
     "*2\r\n$4\r\npong\r\n$0\r\n\r\n+PONG\r\n", "pong ok; pong ok"},
    {"a frame nobody asked for", HELLO, "",
     "*3\r\n$11\r\nunsubscribe\r\n$18\r\n" CHANNEL "\r\n:0\r\n",
     "BROKEN (an answer that nobody asked for)"},
};

static void test_replies(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        failed += wire_support_check_row(&rows[i]);
    }
    assert_int_equal(failed, 0);
}

/* The queue of expected replies wraps and grows in the middle. */
static void test_many_outstanding(void **state)
{
    (void)state;
    char text[100];
    struct buffer out;
    buffer_init(&out, 10 << 20);
    struct wire *wire = wire_support_begin(PEER, "PPPPP", &out);
    for (object_id i = 0; i < 1000; i++) {
        struct core_action action = {.type = ACT_SCRIPT_KILL, .group = i};
        wire_encode(wire, &action, &out);
        if (i % 3 != 0) {
            continue;
        }
        wire_support_decode(wire, "+PONG\r\n", text, sizeof text);
        if (i >= 15) { /* five pings are answered: then comes the oldest */
            char expected[100];
            (void)snprintf(expected, sizeof expected,
                           "ack script_kill ok %u +%zu", (unsigned)(i / 3 - 5),
                           wire_pending(wire));
            assert_string_equal(text, expected);
        }
    }
    assert_int_equal(wire_pending(wire), 5 + 1000 - 334);
    wire_free(wire);
    buffer_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_greetings),
        cmocka_unit_test(test_renamed_commands),
        cmocka_unit_test(test_ask_with_a_candidate),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_many_outstanding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
