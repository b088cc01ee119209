/* ACL, AUTH, and the door: the replies and errors of redis-sentinel 7.0 (the
 * words of refusals and the fields of LOG are 7.2's), in RESP2 and RESP3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

#define OK "+OK\r\n"
#define WRONGPASS \
    "-WRONGPASS invalid username-password pair or user is disabled.\r\n"
#define NOAUTH "-NOAUTH Authentication required.\r\n"
#define SYNTAX "-ERR syntax error\r\n"
#define NO_FILE                                                             \
    "-ERR This Redis instance is not configured to use an ACL file. You "   \
    "may want to specify users via the ACL SETUSER command and then issue " \
    "a CONFIG REWRITE (assuming you have a Redis configuration file set) "  \
    "in order to store users in the Redis configuration.\r\n"
#define PW_HASH \
    "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"
#define SHAPE(name)                                                   \
    "-ERR unknown subcommand or wrong number of arguments for '" name \
    "'. Try ACL HELP.\r\n"
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"
#define NO_INTEGER  "-ERR value is not an integer or out of range\r\n"
#define BITS                                                               \
    "-ERR ACL GENPASS argument must be the number of bits for the output " \
    "password, a positive number up to 4096\r\n"

static void put(struct command_fixture *fixture, const char *name,
                const char *rules)
{
    struct error error;
    assert_true(acl_put_user(fixture->context.acl, name, rules, &error));
}

static const struct asked_row rows[] = {
    {"container alone", "acl", ARITY("acl")},
    {"unknown", "acl foo", "-ERR unknown subcommand 'foo'. Try ACL HELP.\r\n"},
    {"users", "ACL USERS", "*2\r\n$1\r\na\r\n$7\r\ndefault\r\n"},
    {"users, more", "acl users x", ARITY("acl|users")},
    {"list, more", "acl list x", ARITY("acl|list")},
    {"whoami", "acl whoami", "$7\r\ndefault\r\n"},
    {"whoami, more", "acl whoami x", ARITY("acl|whoami")},
    {"getuser", "acl getuser a",
     "*12\r\n$5\r\nflags\r\n*1\r\n$2\r\non\r\n$9\r\npasswords\r\n*0\r\n"
     "$8\r\ncommands\r\n$11\r\n-@all +ping\r\n$4\r\nkeys\r\n$2\r\n~k\r\n"
     "$8\r\nchannels\r\n$2\r\n&c\r\n$9\r\nselectors\r\n*1\r\n*6\r\n"
     "$8\r\ncommands\r\n$5\r\n+@all\r\n$4\r\nkeys\r\n$0\r\n\r\n"
     "$8\r\nchannels\r\n$0\r\n\r\n"},
    {"getuser, nobody", "acl getuser b", "$-1\r\n"},
    {"getuser, none", "acl getuser", ARITY("acl|getuser")},
    {"cat, one", "acl cat FAST",
     "*5\r\n$4\r\nauth\r\n$5\r\nhello\r\n$4\r\nping\r\n$7\r\npublish\r\n"
     "$4\r\nrole\r\n"},
    {"cat, nothing in it", "acl cat read", "*0\r\n"},
    {"cat, unknown", "acl cat foo", "-ERR Unknown category 'foo'\r\n"},
    {"cat, more", "acl CAT a b", SHAPE("CAT")},
    {"setuser, bad name", "acl setuser 'a b' on",
     "-ERR Usernames can't contain spaces or null characters\r\n"},
    {"setuser, bad word", "acl setuser a on foo",
     "-ERR Error in ACL SETUSER modifier 'foo': Syntax error\r\n"},
    {"setuser, open bracket", "acl setuser a on (+ping",
     "-ERR Unmatched parenthesis in acl selector starting at '(+ping'.\r\n"},
    {"setuser, none", "acl setuser", ARITY("acl|setuser")},
    {"deluser, default", "acl deluser a default",
     "-ERR The 'default' user cannot be removed\r\n"},
    {"deluser, nobody", "acl deluser x y", ":0\r\n"},
    {"deluser, none", "acl deluser", ARITY("acl|deluser")},
    {"load, no file", "acl load", NO_FILE},
    {"save, no file", "acl save", NO_FILE},
    {"load, more", "acl load x", ARITY("acl|load")},
    {"save, more", "acl save x", ARITY("acl|save")},
    {"genpass, none", "acl genpass 0", BITS},
    {"genpass, many", "acl genpass 4097", BITS},
    {"genpass, no number", "acl genpass x", NO_INTEGER},
    {"genpass, more", "acl GENPASS 1 2", SHAPE("GENPASS")},
    {"dryrun, yes", "acl dryrun a ping", OK},
    {"dryrun, no", "acl dryrun b info", "-ERR User 'b' not found\r\n"},
    {"dryrun, unknown", "acl dryrun a foo", "-ERR Command 'foo' not found\r\n"},
    {"dryrun, unknown subcommand", "acl dryrun a sentinel foo",
     "-ERR Command 'sentinel' not found\r\n"},
    {"dryrun, too few", "acl dryrun a sentinel master",
     ARITY("sentinel|master")},
    {"dryrun, container", "acl dryrun a sentinel", ARITY("sentinel")},
    {"log, empty", "acl log", "*0\r\n"},
    {"log, no number", "acl log x", NO_INTEGER},
    {"log, below nothing", "acl log -1", "*0\r\n"},
    {"log, more", "acl LOG 1 2", SHAPE("LOG")},
    {"log reset", "acl log Reset", OK},
    {"auth, no password wanted", "auth x",
     "-ERR AUTH <password> called without any password configured for the "
     "default user. Are you sure your configuration is correct?\r\n"},
    {"auth, any password", "auth default x", OK},
    {"auth, more", "auth a b c", SYNTAX},
    {"auth, nothing", "auth", ARITY("auth")},
    {"auth, nobody", "auth b x", WRONGPASS},
    {"auth, no password set", "auth a x", WRONGPASS},
};

static void test_replies(void **state)
{
    struct command_fixture *fixture = *state;
    put(fixture, "a", "on ~k &c +ping (+@all)");
    check_replies(fixture, rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_list(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture, "acl list"),
                        "*1\r\n$34\r\nuser default on nopass ~* &* +@all\r\n");
}

static void test_resp3(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "hello 3");
    assert_begins(ask(fixture, "acl getuser default"),
                  "%6\r\n$5\r\nflags\r\n~2\r\n$2\r\non\r\n$6\r\nnopass\r\n");
    assert_string_equal(ask(fixture, "acl getuser x"), "_\r\n");
    (void)ask(fixture, "auth x y");
    assert_begins(ask(fixture, "acl log"), "*1\r\n%10\r\n$5\r\ncount\r\n:1");
    assert_non_null(
        strstr(ask(fixture, "acl log"), "$11\r\nage-seconds\r\n,0.000\r\n"));
}

#define RULES_OF_A \
    "on #" PW_HASH " resetchannels -@all (~x resetchannels -@all +ping)"

static void assert_described(const struct acl_user *user, const char *expected)
{
    struct buffer out;
    assert_non_null(user);
    buffer_init(&out, SIZE_MAX);
    acl_describe_user(user, &out);
    assert_true(buffer_append(&out, "", 1));
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

/* The change is made, and waits for the disk with what it replaced. */
static void test_changes_wait(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture, "acl setuser a on >pw (+ping ~x)"), "");
    assert_int_equal(fixture->next, COMMAND_USERS);
    const struct acl_change *change = &fixture->fact.users.change;
    assert_int_equal(fixture->fact.users.type, USERS_CHANGED);
    assert_int_equal(change->count, 1);
    assert_null(change->steps[0].before);
    assert_string_equal(change->steps[0].name, "a");
    assert_described(acl_find(fixture->context.acl, "a", 1), RULES_OF_A);
    assert_string_equal(ask(fixture, "acl deluser a b"), "");
    assert_int_equal(fixture->next, COMMAND_USERS);
    assert_true(fixture->fact.users.is_counted);
    assert_int_equal(fixture->fact.users.count, 1);
    assert_described(fixture->fact.users.change.steps[0].before, RULES_OF_A);
    assert_null(acl_find(fixture->context.acl, "a", 1));
    fixture->context.has_acl_file = true;
    (void)ask(fixture, "acl load");
    assert_int_equal(fixture->next, COMMAND_USERS);
    assert_int_equal(fixture->fact.users.type, USERS_LOAD);
    (void)ask(fixture, "acl save");
    assert_int_equal(fixture->fact.users.type, USERS_SAVE);
}

static void test_genpass(void **state)
{
    struct command_fixture *fixture = *state;
    unsigned char random[COMMAND_RANDOM_SIZE];
    memset(random, 0xa5, sizeof(random));
    (void)ask(fixture, "acl genpass");
    assert_int_equal(fixture->next, COMMAND_RANDOM);
    fixture->context.random = random;
    assert_string_equal(ask(fixture, "acl genpass 5"), "$2\r\n5a\r\n");
    assert_string_equal(ask(fixture, "acl genpass 1"), "$1\r\n5\r\n");
    assert_begins(ask(fixture, "acl genpass"), "$64\r\n5a5a");
    assert_begins(ask(fixture, "acl genpass 4096"), "$1024\r\n5a5a");
    fixture->context.random = NULL;
}

/* Who must log in may say nothing else, but hears of wrong words. */
static void test_guests(void **state)
{
    struct command_fixture *fixture = *state;
    put(fixture, "default", "on >p ~* &* +@all");
    static const struct asked_row guest_rows[] = {
        {"a command", "ping", NOAUTH},
        {"a subcommand", "sentinel masters", NOAUTH},
        {"an unknown one", "foo",
         "-ERR unknown command 'foo', with args beginning with: \r\n"},
        {"wrong arity", "ping a b c", NOAUTH},
        {"wrong arity of a subcommand", "sentinel master",
         ARITY("sentinel|master")},
        {"hello", "hello 3",
         "-NOAUTH HELLO must be called with the client already authenticated, "
         "otherwise the HELLO <proto> AUTH <user> <pass> option can be used "
         "to authenticate the client and select the RESP protocol version at "
         "the same time\r\n"},
        {"hello with a wrong one", "hello 2 auth default x", WRONGPASS},
        {"a wrong password", "auth x", WRONGPASS},
        {"still a guest", "ping", NOAUTH},
        {"the password", "auth p", OK},
        {"no guest any more", "ping", "+PONG\r\n"},
    };
    check_replies(fixture, guest_rows,
                  sizeof(guest_rows) / sizeof(guest_rows[0]));
    fixture->session.authenticated = false;
    assert_begins(ask(fixture, "hello 2 auth default p"), "*12\r\n");
    assert_string_equal(ask(fixture, "ping"), "+PONG\r\n");
    put(fixture, "default", "off");
    fixture->session.authenticated = false;
    assert_string_equal(ask(fixture, "ping"), NOAUTH);
}

static void test_permissions(void **state)
{
    struct command_fixture *fixture = *state;
    put(fixture, "joe", "on nopass +@all -sentinel -acl|setuser &+s*");
    static const struct asked_row joe_rows[] = {
        {"log in", "auth joe x", OK},
        {"whoami", "acl whoami", "$3\r\njoe\r\n"},
        {"allowed", "ping", "+PONG\r\n"},
        {"a subcommand", "sentinel masters",
         "-NOPERM User joe has no permissions to run the 'sentinel|masters' "
         "command\r\n"},
        {"himself", "acl setuser joe +@all",
         "-NOPERM User joe has no permissions to run the 'acl|setuser' "
         "command\r\n"},
        {"the number of words comes first", "sentinel master",
         ARITY("sentinel|master")},
        {"another channel", "subscribe +s -s",
         "-NOPERM No permissions to access a channel\r\n"},
        {"a pattern", "psubscribe +sd*",
         "-NOPERM No permissions to access a channel\r\n"},
        {"publish", "publish x y",
         "-NOPERM No permissions to access a channel\r\n"},
        {"dryrun, command", "acl dryrun joe sentinel masters",
         "$65\r\nUser joe has no permissions to run the 'sentinel|masters' "
         "command\r\n"},
        {"dryrun, channel", "acl dryrun joe subscribe x",
         "$53\r\nUser joe has no permissions to access the 'x' channel\r\n"},
        {"what may always be said", "auth default y", OK},
        {"another user", "acl whoami", "$7\r\ndefault\r\n"},
    };
    check_replies(fixture, joe_rows, sizeof(joe_rows) / sizeof(joe_rows[0]));
}

static void test_log(void **state)
{
    struct command_fixture *fixture = *state;
    put(fixture, "joe", "on nopass -@all +acl|log");
    fixture->status.now_us = 5000000;
    (void)ask(fixture, "AUTH bob secret");
    (void)ask(fixture, "auth joe x");
    (void)ask(fixture, "ping");
    (void)ask(fixture, "ping");
    fixture->status.now_us = 6500000;
    const char *reply = ask(fixture, "acl log");
    assert_begins(reply, "*2\r\n*20\r\n$5\r\ncount\r\n:2\r\n$6\r\nreason\r\n"
                         "$7\r\ncommand\r\n$7\r\ncontext\r\n$8\r\ntoplevel\r\n"
                         "$6\r\nobject\r\n$4\r\nping\r\n$8\r\nusername\r\n"
                         "$3\r\njoe\r\n$11\r\nage-seconds\r\n$5\r\n1.500\r\n"
                         "$11\r\nclient-info\r\n");
    assert_non_null(strstr(reply, "$8\r\nentry-id\r\n:1\r\n"
                                  "$17\r\ntimestamp-created\r\n:5000\r\n"
                                  "$22\r\ntimestamp-last-updated\r\n:5000"));
    assert_non_null(strstr(reply, "$4\r\nauth\r\n$7\r\ncontext\r\n"
                                  "$8\r\ntoplevel\r\n$6\r\nobject\r\n"
                                  "$4\r\nAUTH\r\n$8\r\nusername\r\n$3\r\nbob"));
    assert_null(strstr(reply, "secret"));
    assert_begins(ask(fixture, "acl log 1"), "*1\r\n");
    assert_string_equal(ask(fixture, "acl log reset"), OK);
    assert_string_equal(ask(fixture, "acl log"), "*0\r\n");
}

static void test_log_is_bounded(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->status.acllog_max_len = 7;
    for (int i = 0; i < 12; i++) {
        char line[64];
        (void)snprintf(line, sizeof(line), "auth user%d x", i);
        (void)ask(fixture, line);
    }
    assert_begins(ask(fixture, "acl log 1000"), "*7\r\n");
    /* A lower limit counts from the next refusal on. */
    fixture->status.acllog_max_len = 0;
    (void)ask(fixture, "auth nobody x");
    assert_string_equal(ask(fixture, "acl log 1000"), "*0\r\n");
}

/* Whoever listens to what his user may not hear any more is closed. */
static void test_doomed(void **state)
{
    struct command_fixture *fixture = *state;
    put(fixture, "joe", "on nopass +@all &+s*");
    (void)ask(fixture, "auth joe x");
    (void)ask(fixture, "subscribe +sdown");
    session_book_apply(&fixture->book, fixture->context.acl);
    assert_false(fixture->session.doomed);
    put(fixture, "joe", "on nopass +@all &-s*");
    session_book_apply(&fixture->book, fixture->context.acl);
    assert_true(fixture->session.doomed);
    fixture->session.doomed = false;
    put(fixture, "joe", NULL);
    session_book_apply(&fixture->book, fixture->context.acl);
    assert_true(fixture->session.doomed);
}

#define CASE(name)                                               \
    cmocka_unit_test_setup_teardown(name, command_fixture_setup, \
                                    command_fixture_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_replies),      CASE(test_list),    CASE(test_resp3),
        CASE(test_changes_wait), CASE(test_genpass), CASE(test_guests),
        CASE(test_permissions),  CASE(test_log),     CASE(test_log_is_bounded),
        CASE(test_doomed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
