/* The CLIENT family: what a client says of itself and of others, in both
 * protocols. The replies are those of redis-sentinel 7.0, SETINFO's those of
 * 7.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

#define ROWS(rows)   rows, sizeof(rows) / sizeof((rows)[0])
#define ARITY(name)  "-ERR wrong number of arguments for '" name "' command\r\n"
#define SYNTAX       "-ERR syntax error\r\n"
#define NOT_A_NUMBER "-ERR value is not an integer or out of range\r\n"
#define OK           "+OK\r\n"

static const struct asked_row arity_rows[] = {
    {"CLIENT", "client", ARITY("client")},
    {"CACHING", "client caching", ARITY("client|caching")},
    {"CACHING 2", "client caching yes no", ARITY("client|caching")},
    {"GETNAME", "client getname x", ARITY("client|getname")},
    {"GETREDIR", "client getredir x", ARITY("client|getredir")},
    {"HELP", "client help x", ARITY("client|help")},
    {"ID", "client id x", ARITY("client|id")},
    {"INFO", "client info x", ARITY("client|info")},
    {"KILL", "client kill", ARITY("client|kill")},
    {"NO-EVICT", "client no-evict", ARITY("client|no-evict")},
    {"NO-EVICT 2", "client no-evict on x", ARITY("client|no-evict")},
    {"PAUSE", "client pause", ARITY("client|pause")},
    {"REPLY", "client reply", ARITY("client|reply")},
    {"REPLY 2", "client reply on x", ARITY("client|reply")},
    {"SETINFO", "client setinfo lib-name", ARITY("client|setinfo")},
    {"SETINFO 2", "client setinfo lib-name a b", ARITY("client|setinfo")},
    {"SETNAME", "client setname", ARITY("client|setname")},
    {"SETNAME 2", "client setname a b", ARITY("client|setname")},
    {"TRACKING", "client tracking", ARITY("client|tracking")},
    {"TRACKINGINFO", "client trackinginfo x", ARITY("client|trackinginfo")},
    {"UNBLOCK", "client unblock", ARITY("client|unblock")},
    {"UNPAUSE", "client unpause x", ARITY("client|unpause")},
};

static void test_number_of_words(void **state)
{
    check_replies(*state, ROWS(arity_rows));
}

static const struct asked_row plain_rows[] = {
    {"SETINFO", "client setinfo LIB-NAME redis-py", OK},
    {"SETINFO, version", "client setinfo lib-ver 5.0", OK},
    {"SETINFO, empty", "client setinfo lib-ver ''", OK},
    {"SETINFO, a blank", "client setinfo Lib-Name 'a b'",
     "-ERR Lib-Name cannot contain spaces, newlines or special "
     "characters.\r\n"},
    {"SETINFO, unknown", "client setinfo foo bar",
     "-ERR Unrecognized option 'foo'\r\n"},
    {"NO-EVICT", "client no-evict ON", OK},
    {"NO-EVICT", "client no-evict off", OK},
    {"NO-EVICT, unknown", "client no-evict foo", SYNTAX},
    {"PAUSE", "client pause 0", OK},
    {"PAUSE, writes", "client pause 0 write", OK},
    {"PAUSE, all", "client pause 0 ALL", OK},
    {"PAUSE, no number", "client pause x",
     "-ERR timeout is not an integer or out of range\r\n"},
    {"PAUSE, negative", "client pause -1", "-ERR timeout is negative\r\n"},
    {"PAUSE, unknown", "client pause x foo",
     "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"},
    {"PAUSE, too much", "client pause 1 all x",
     "-ERR unknown subcommand or wrong number of arguments for 'pause'. Try "
     "CLIENT HELP.\r\n"},
    {"UNPAUSE", "client unpause", OK},
    {"UNBLOCK", "client unblock 9", ":0\r\n"},
    {"UNBLOCK, how", "client unblock 9 Timeout", ":0\r\n"},
    {"UNBLOCK, how", "client unblock 9 error", ":0\r\n"},
    {"UNBLOCK, no number", "client unblock x", NOT_A_NUMBER},
    {"UNBLOCK, unknown", "client unblock x foo",
     "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"},
    {"REPLY, unknown", "client reply foo", SYNTAX},
};

static void test_plain_switches(void **state)
{
    check_replies(*state, ROWS(plain_rows));
}

/* What waits is asked again; what is wrong is said at once. */
static void test_pause(void **state)
{
    struct command_fixture *fixture = *state;
    static const struct {
        const char *request;
        msec after_ms;
        const char *name; /* of the client */
        bool waits;
    } rows[] = {
        {"client pause 1000", 0, "", false},
        {"ping", 0, "", true},
        {"client unpause", 999, "", true},
        {"nosuch", 0, "", false},
        {"publish x", 0, "", false},
        {"ping", 0, "sentinel-0123abcd-cmd", false},
        {"sentinel myid", 0, "sentinel-0123abcd-pubsub", true},
        {"ping", 1, "", true}, /* the first millisecond had begun */
        {"ping", 1, "", false},
        {"client pause 0", 0, "", false},
        {"ping", 0, "", false},
        {"client pause 1000 write", 0, "", false},
        {"ping", 0, "", false},
        {"publish __sentinel__:hello x", 0, "", true},
        {"publish __sentinel__:hello x", 0, "sentinel-0123abcd-cmd", false},
        {"client pause 10 write", 0, "", false}, /* no shorter one */
        {"publish __sentinel__:hello x", 999, "", true},
        {"client unpause", 0, "", false},
        {"publish __sentinel__:hello x", 0, "", false},
        {"client pause 500 write", 0, "", false},
        {"client pause 100 all", 0, "", false}, /* stricter, and as long */
        {"ping", 500, "", true},
        {"ping", 1, "", false},
        {"client pause 9223372036854775807", 0, "", false},
        {"ping", 1000000, "", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fixture->context.now += rows[i].after_ms;
        copy_text(fixture->session.name, CLIENT_KEY_SIZE, rows[i].name);
        const char *reply = ask(fixture, rows[i].request);
        if ((fixture->next == COMMAND_POSTPONE) != rows[i].waits ||
            (rows[i].waits && reply[0] != '\0')) {
            fail_msg("%zu: %s: %s", i, rows[i].request, reply);
        }
    }
}

static const struct asked_row reply_rows[] = {
    {"SKIP is not answered", "client reply skip", ""},
    {"nor is the next", "client id", ""},
    {"then all is as before", "client id", ":9\r\n"},
    {"an error is skipped too", "client reply skip", ""},
    {"... this one", "nosuch", ""},
    {"", "client id", ":9\r\n"},
    {"OFF is not answered", "client reply off", ""},
    {"nor is anything", "ping", ""},
    {"SKIP does not end OFF", "client reply skip", ""},
    {"nor is an error", "client reply foo", ""},
    {"nor is this", "client id", ""},
    {"messages come all the same", "subscribe a",
     "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"},
    {"and here", "unsubscribe a",
     "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"},
    {"ON is answered", "client reply on", OK},
    {"and all the rest", "client id", ":9\r\n"},
    {"ON after SKIP", "client reply skip", ""},
    {"is heard", "client reply on", OK},
};

static void test_silence(void **state)
{
    check_replies(*state, ROWS(reply_rows));
}

/* The reply of a waiting request is kept silent by whoever writes it. */
static void test_silence_of_a_change(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "client reply skip");
    assert_true(session_is_silent(&fixture->session));
    assert_string_equal(ask(fixture, "sentinel flushconfig"), "");
    assert_int_equal(fixture->next, COMMAND_WAIT);
    assert_false(session_is_silent(&fixture->session));
}

/* --- Others --------------------------------------------------------------- */

/* Client 9 asks; 10 listens; 11 does nothing. */
struct crowd {
    struct session listener;
    struct session idle;
};

static void place(struct session *session, const char *address)
{
    copy_text(session->address, sizeof(session->address), address);
    copy_text(session->local_address, sizeof(session->local_address),
              "10.0.0.1:26379");
    session->descriptor = (int)session->id + 100;
    session->created_at = FIXTURE_NOW - 9500;
    session->spoke_at = FIXTURE_NOW - 2000;
}

static void gather(struct command_fixture *fixture, struct crowd *crowd)
{
    session_init(&crowd->listener, 10);
    session_init(&crowd->idle, 11);
    place(&fixture->session, "10.0.0.2:1001");
    place(&crowd->listener, "10.0.0.3:1002");
    place(&crowd->idle, "10.0.0.3:1003");
    session_book_add(&fixture->book, &crowd->listener);
    session_book_add(&fixture->book, &crowd->idle);
    const char *const argv[] = {"subscribe", "a", "b"};
    const size_t lengths[] = {9, 1, 1};
    const struct resp_request request = {3, argv, lengths};
    assert_int_equal(command_run(&fixture->context, &crowd->listener, &request,
                                 1, &fixture->writer, &fixture->fact),
                     COMMAND_REPLIED);
    crowd->listener.spoke_at = FIXTURE_NOW - 2000;
    crowd->listener.unsent_bytes = 7;
    crowd->listener.unparsed_bytes = 5;
    crowd->listener.waiting = 2;
}

static void scatter(struct command_fixture *fixture, struct crowd *crowd)
{
    session_book_remove(&fixture->book, &crowd->listener);
    session_book_remove(&fixture->book, &crowd->idle);
    session_clear(&crowd->listener);
    session_clear(&crowd->idle);
    assert_ptr_equal(TAILQ_FIRST(&fixture->book.sessions), &fixture->session);
    assert_null(TAILQ_NEXT(&fixture->session, entry));
    session_book_remove(&fixture->book, &crowd->idle); /* does no harm */
}

#define LINE_9                                                              \
    "id=9 addr=10.0.0.2:1001 laddr=10.0.0.1:26379 fd=109 name=me age=9 "    \
    "idle=0 flags=te db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 " \
    "argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 "      \
    "events=r cmd=client|"
#define LINE_9_END " user=default redir=0 resp=%u lib-name=py lib-ver=1.2\n"
#define LINE_10                                                            \
    "id=10 addr=10.0.0.3:1002 laddr=10.0.0.1:26379 fd=110 name= age=9 "    \
    "idle=2 flags=P db=0 sub=2 psub=0 ssub=0 multi=-1 qbuf=5 qbuf-free=0 " \
    "argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=2 omem=7 tot-mem=12 "    \
    "events=rw cmd=subscribe user=default redir=-1 resp=2 lib-name= "      \
    "lib-ver=\n"
#define LINE_11                                                            \
    "id=11 addr=10.0.0.3:1003 laddr=10.0.0.1:26379 fd=111 name= age=9 "    \
    "idle=2 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 qbuf-free=0 " \
    "argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 "     \
    "events=r cmd=NULL user=default redir=-1 resp=2 lib-name= lib-ver=\n"

/* The lines that a request is answered with, in both protocols. */
static const struct {
    const char *line;
    const char *command; /* of client 9; NULL = it is not in the list */
    const char *others;
} list_rows[] = {
    {"client info", "info", ""},
    {"client list", "list", LINE_10 LINE_11},
    {"client list type normal", "list", LINE_11},
    {"client list type PUBSUB", NULL, LINE_10},
    {"client list type master", NULL, ""},
    {"client list type replica", NULL, ""},
    {"client list type slave", NULL, ""},
    {"client list id 10", NULL, LINE_10},
    {"client list ID 11 99 10", NULL, LINE_11 LINE_10},
};

static void check_list(struct command_fixture *fixture, size_t row)
{
    char text[2048] = "";
    char expected[2100];
    unsigned protocol = fixture->session.protocol;
    if (list_rows[row].command != NULL) {
        (void)snprintf(text, sizeof(text), LINE_9 "%s" LINE_9_END,
                       list_rows[row].command, protocol);
    }
    size_t used = strlen(text);
    copy_text(text + used, sizeof(text) - used, list_rows[row].others);
    if (protocol == 3) {
        (void)snprintf(expected, sizeof(expected), "=%zu\r\ntxt:%s\r\n",
                       strlen(text) + 4, text);
    } else {
        (void)snprintf(expected, sizeof(expected), "$%zu\r\n%s\r\n",
                       strlen(text), text);
    }
    assert_string_equal(ask(fixture, list_rows[row].line), expected);
}

static void test_lists(void **state)
{
    struct command_fixture *fixture = *state;
    struct crowd crowd;
    gather(fixture, &crowd);
    assert_string_equal(ask(fixture, "client setname me"), OK);
    assert_string_equal(ask(fixture, "client setinfo lib-name py"), OK);
    assert_string_equal(ask(fixture, "client setinfo lib-ver 1.2"), OK);
    assert_string_equal(ask(fixture, "client no-evict on"), OK);
    assert_string_equal(ask(fixture, "client tracking on"), OK);
    for (size_t i = 0; i < sizeof(list_rows) / sizeof(list_rows[0]); i++) {
        check_list(fixture, i);
    }
    (void)ask(fixture, "hello 3");
    for (size_t i = 0; i < sizeof(list_rows) / sizeof(list_rows[0]); i++) {
        check_list(fixture, i);
    }
    scatter(fixture, &crowd);
}

static const struct asked_row list_error_rows[] = {
    {"LIST, unknown", "client list foo", SYNTAX},
    {"LIST, half", "client list type", SYNTAX},
    {"LIST, too much", "client list type normal x", SYNTAX},
    {"LIST, type", "client list type foo",
     "-ERR Unknown client type 'foo'\r\n"},
    {"LIST, no id", "client list id", SYNTAX},
    {"LIST, bad id", "client list id 1 x", "-ERR Invalid client ID\r\n"},
    {"LIST, id 0", "client list id 0 -1", "$0\r\n\r\n"},
    {"KILL, nobody there", "client kill 1.2.3.4:5", "-ERR No such client\r\n"},
    {"KILL, bad id", "client kill id x",
     "-ERR client-id should be greater than 0\r\n"},
    {"KILL, id 0", "client kill id 0",
     "-ERR client-id should be greater than 0\r\n"},
    {"KILL, type", "client kill type foo",
     "-ERR Unknown client type 'foo'\r\n"},
    {"KILL, user", "client kill user joe", "-ERR No such user 'joe'\r\n"},
    {"KILL, skipme", "client kill skipme maybe", SYNTAX},
    {"KILL, unknown", "client kill foo bar", SYNTAX},
    {"KILL, half an option", "client kill id 10 addr", SYNTAX},
};

static void test_wrong_words(void **state)
{
    struct command_fixture *fixture = *state;
    struct crowd crowd;
    gather(fixture, &crowd);
    check_replies(fixture, ROWS(list_error_rows));
    assert_false(fixture->book.has_doomed);
    scatter(fixture, &crowd);
}

/* Who is doomed by each form: 9 asks. */
static const struct {
    const char *line;
    const char *reply;
    bool doomed[3]; /* 9, 10, 11 */
} kill_rows[] = {
    {"client kill 10.0.0.3:1003", OK, {false, false, true}},
    {"client kill 10.0.0.2:1001", OK, {true, false, false}},
    {"client kill id 10", ":1\r\n", {false, true, false}},
    {"client kill id 9", ":0\r\n", {false, false, false}},
    {"client kill id 9 skipme no", ":1\r\n", {true, false, false}},
    {"client kill id 99", ":0\r\n", {false, false, false}},
    {"client kill addr 10.0.0.3:1002", ":1\r\n", {false, true, false}},
    {"client kill laddr 10.0.0.1:26379", ":2\r\n", {false, true, true}},
    {"client kill laddr 10.0.0.1:26379 skipme no",
     ":3\r\n",
     {true, true, true}},
    {"client kill laddr 10.0.0.1:1", ":0\r\n", {false, false, false}},
    {"client kill type normal", ":1\r\n", {false, false, true}},
    {"client kill type normal skipme NO", ":2\r\n", {true, false, true}},
    {"client kill type pubsub", ":1\r\n", {false, true, false}},
    {"client kill type master", ":0\r\n", {false, false, false}},
    {"client kill type replica", ":0\r\n", {false, false, false}},
    {"client kill user default", ":2\r\n", {false, true, true}},
    {"client kill skipme yes", ":2\r\n", {false, true, true}},
    {"client kill type pubsub id 11", ":0\r\n", {false, false, false}},
    {"client kill type pubsub id 10", ":1\r\n", {false, true, false}},
};

static void test_kill(void **state)
{
    struct command_fixture *fixture = *state;
    struct crowd crowd;
    gather(fixture, &crowd);
    for (size_t i = 0; i < sizeof(kill_rows) / sizeof(kill_rows[0]); i++) {
        struct session *all[] = {&fixture->session, &crowd.listener,
                                 &crowd.idle};
        bool any = false;
        assert_string_equal(ask(fixture, kill_rows[i].line),
                            kill_rows[i].reply);
        for (size_t j = 0; j < 3; j++) {
            if (all[j]->doomed != kill_rows[i].doomed[j]) {
                fail_msg("%s: client %zu", kill_rows[i].line, j + 9);
            }
            any = any || all[j]->doomed;
            all[j]->doomed = false;
        }
        assert_int_equal(fixture->book.has_doomed, any);
        fixture->book.has_doomed = false;
    }
    scatter(fixture, &crowd);
}

static void test_resp3(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "hello 3");
    assert_string_equal(ask(fixture, "client tracking on optin"), OK);
    assert_string_equal(ask(fixture, "client trackinginfo"),
                        "%3\r\n$5\r\nflags\r\n~1\r\n$2\r\non\r\n$8"
                        "\r\nredirect\r\n:0\r\n$8\r\nprefixes\r\n*0\r\n");
    assert_string_equal(ask(fixture, "client getname"), "_\r\n");
    assert_begins(ask(fixture, "client help"), "*");
}

static void test_help(void **state)
{
    const char *help = ask(*state, "client help");
    assert_begins(strstr(help, "\r\n"),
                  "\r\n+CLIENT <subcommand> [<arg> [value] [opt] ...]. "
                  "Subcommands are:\r\n+CACHING (YES|NO)\r\n");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pause),
        TEST(test_number_of_words),
        TEST(test_plain_switches),
        TEST(test_silence),
        TEST(test_silence_of_a_change),
        TEST(test_lists),
        TEST(test_wrong_words),
        TEST(test_kill),
        TEST(test_resp3),
        TEST(test_help),
    };
    return cmocka_run_group_tests_name("cmd_client", tests, NULL, NULL);
}
