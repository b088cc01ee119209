/* What holds for every row of the table of commands: numbers of words, names
 * in any case, unknown subcommands; and the first bytes of each reply in both
 * protocols, which say of what type it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_fixture.h"
#include "proto/commands/command_private.h"
#include "sentineld/memory.h"

enum { LINE_SIZE = 512 };

/* Asks for a command with so many words, its own names among them. */
static const char *ask_many(struct command_fixture *fixture, const char *name,
                            size_t words)
{
    char line[LINE_SIZE];
    copy_text(line, sizeof(line), name);
    char *bar = strchr(line, '|');
    size_t named = bar == NULL ? 1 : 2;
    if (bar != NULL) {
        *bar = ' ';
    }
    for (size_t i = named; i < words; i++) {
        size_t used = strlen(line);
        copy_text(line + used, sizeof(line) - used, " x");
    }
    return ask(fixture, line);
}

static void check_refused(struct command_fixture *fixture, const char *name,
                          size_t words)
{
    char expected[LINE_SIZE];
    (void)snprintf(expected, sizeof(expected),
                   "-ERR wrong number of arguments for '%s' command\r\n", name);
    assert_string_equal(ask_many(fixture, name, words), expected);
    assert_int_equal(fixture->next, COMMAND_REPLIED);
}

static void check_row(struct command_fixture *fixture,
                      const struct command *container,
                      const struct command *row)
{
    char name[SESSION_TEXT_SIZE];
    command_full_name(container, row, name);
    size_t arity = (size_t)abs(row->arity);
    if (arity > (container == NULL ? 1 : 2)) {
        check_refused(fixture, name, arity - 1);
    }
    if (row->arity > 0) {
        check_refused(fixture, name, arity + 1);
    }
}

static void check_container(struct command_fixture *fixture,
                            const struct command *row)
{
    char line[LINE_SIZE];
    char upper[SESSION_TEXT_SIZE];
    copy_text(upper, sizeof(upper), row->name);
    for (char *c = upper; *c != '\0'; c++) {
        *c = (char)(*c - 'a' + 'A');
    }
    (void)snprintf(line, sizeof(line), "%s NoSuch a", upper);
    const char *reply = ask(fixture, line);
    (void)snprintf(line, sizeof(line),
                   "-ERR unknown subcommand 'NoSuch'. Try %s HELP.\r\n", upper);
    assert_string_equal(reply, line);
}

static void test_every_row(void **state)
{
    struct command_fixture *fixture = *state;
    for (unsigned protocol = 2; protocol <= 3; protocol++) {
        (void)ask(fixture, protocol == 2 ? "hello 2" : "hello 3");
        for (const struct command *row = command_table; row->name != NULL;
             row++) {
            check_row(fixture, NULL, row);
            for (const struct command *sub = row->subcommands;
                 sub != NULL && sub->name != NULL; sub++) {
                check_row(fixture, row, sub);
            }
            if (row->subcommands != NULL) {
                check_container(fixture, row);
            }
        }
    }
}

/* Each command once with the right words. "" = the reply waits, or there is
 * none. */
static const struct {
    const char *line;
    const char *resp2;
    const char *resp3;
} types[] = {
    {"ping", "+PONG\r\n", "+PONG\r\n"},
    {"role", "*2\r\n$8\r\nsentinel", "*2\r\n$8\r\nsentinel"},
    {"info", "$", "$"},
    {"publish __sentinel__:hello x", ":1\r\n", ":1\r\n"},
    {"shutdown", "", ""},
    {"auth x", "-ERR AUTH <password> called", "-ERR AUTH <password> called"},
    {"acl cat", "*21\r\n$", "*21\r\n$"},
    {"acl deluser x", ":0", ":0"},
    {"acl dryrun default ping", "+OK", "+OK"},
    {"acl genpass", "", ""},
    {"acl getuser default", "*12\r\n$5\r\nflags\r\n*2",
     "%6\r\n$5\r\nflags\r\n~2"},
    {"acl getuser x", "$-1", "_"},
    {"acl help", "*", "*"},
    {"acl list", "*1\r\n$", "*1\r\n$"},
    {"acl load", "-ERR This", "-ERR This"},
    {"acl log", "*0\r\n", "*0\r\n"},
    {"acl save", "-ERR This", "-ERR This"},
    {"acl setuser default on", "", ""},
    {"acl users", "*1\r\n$", "*1\r\n$"},
    {"acl whoami", "$7\r\ndefault", "$7\r\ndefault"},
    {"client id", ":9", ":9"},
    {"client getname", "$-1\r\n", "_\r\n"},
    {"client setname ''", "+OK", "+OK"},
    {"client setinfo lib-name x", "+OK", "+OK"},
    {"client info", "$", "="},
    {"client list", "$", "="},
    {"client kill id 99", ":0", ":0"},
    {"client reply on", "+OK", "+OK"},
    {"client no-evict off", "+OK", "+OK"},
    {"client pause 0", "+OK", "+OK"},
    {"client unpause", "+OK", "+OK"},
    {"client unblock 1", ":0", ":0"},
    {"client tracking off", "+OK", "+OK"},
    {"client caching yes", "+OK", "+OK"},
    {"client getredir", ":-1", ":-1"},
    {"client trackinginfo", "*6\r\n$5\r\nflags\r\n*1",
     "%3\r\n$5\r\nflags\r\n~1"},
    {"client help", "*", "*"},
    {"hello", "*12\r\n", "%6\r\n"},
    {"command", "*", "*"},
    {"command count", ":", ":"},
    {"command list", "*", "*"},
    {"command info ping", "*1\r\n*10", "*1\r\n*10"},
    {"command info x", "*1\r\n$-1\r\n", "*1\r\n_\r\n"},
    {"command docs ping", "*2\r\n$4\r\nping\r\n*8", "%1\r\n$4\r\nping\r\n%4"},
    {"command getkeys ping", "-ERR", "-ERR"},
    {"command getkeysandflags ping", "-ERR", "-ERR"},
    {"command help", "*", "*"},
    {"sentinel acknowledge m", "", ""},
    {"sentinel adopt m 10.0.0.2 6379", "", ""},
    {"sentinel ckquorum m", "-NOQUORUM 1 ", "-NOQUORUM 1 "},
    {"sentinel config get announce-port", "*2\r\n$13", "%1\r\n$13"},
    {"sentinel config set announce-port 1", "", ""},
    {"sentinel debug", "*26\r\n", "%13\r\n"},
    {"sentinel debug ping-period 1", "", ""},
    {"sentinel failover m", "", ""},
    {"sentinel flushconfig", "", ""},
    {"sentinel get-master-addr-by-name m", "*2\r\n$9\r\n", "*2\r\n$9\r\n"},
    {"sentinel get-primary-addr-by-name m", "*2\r\n$9\r\n", "*2\r\n$9\r\n"},
    {"sentinel get-master-addr-by-name x", "*-1\r\n", "_\r\n"},
    {"sentinel get m quorum", "*2\r\n$6\r\nquorum\r\n*6\r\n$",
     "%1\r\n$6\r\nquorum\r\n%3\r\n$"},
    {"sentinel help", "*", "*"},
    {"sentinel history m", "*0\r\n", "*0\r\n"},
    {"sentinel accept m 1 x 127.0.0.1 1", "", ""},
    {"sentinel info-cache m", "*2\r\n$1\r\nm\r\n*2\r\n*2\r\n:0\r\n$-1",
     "*2\r\n$1\r\nm\r\n*2\r\n*2\r\n:0\r\n_"},
    {"sentinel is-master-down-by-addr 127.0.0.1 1 0 *", "", ""},
    {"sentinel is-primary-down-by-addr 127.0.0.1 1 0 *", "", ""},
    {"sentinel master m", "*42\r\n$4\r\nname", "%21\r\n$4\r\nname"},
    {"sentinel primary m", "*42\r\n$4\r\nname", "%21\r\n$4\r\nname"},
    {"sentinel masters", "*1\r\n*42\r\n", "*1\r\n%21\r\n"},
    {"sentinel primaries", "*1\r\n*42\r\n", "*1\r\n%21\r\n"},
    {"sentinel monitor n 127.0.0.1 1 1", "", ""},
    {"sentinel myid", "$40\r\n", "$40\r\n"},
    {"sentinel pending-scripts", "*0\r\n", "*0\r\n"},
    {"sentinel remove m", "", ""},
    {"sentinel replicas m", "*1\r\n*42\r\n", "*1\r\n%21\r\n"},
    {"sentinel slaves m", "*1\r\n*42\r\n", "*1\r\n%21\r\n"},
    {"sentinel reset x*", "", ""},
    {"sentinel sentinels m", "*0\r\n", "*0\r\n"},
    {"sentinel set m quorum 1", "", ""},
    {"sentinel simulate-failure help", "*2\r\n$20", "*2\r\n$20"},
    {"sentinel simulate-failure crash-after-election", "", ""},
    {"subscribe a", "*3\r\n$9\r\nsubscribe", ">3\r\n$9\r\nsubscribe"},
    {"psubscribe a", "*3\r\n$10\r\npsubscribe", ">3\r\n$10\r\npsubscribe"},
    {"unsubscribe", "*3\r\n$11\r\nunsubscribe", ">3\r\n$11\r\nunsubscribe"},
    {"punsubscribe", "*3\r\n$12\r\npunsubscribe", ">3\r\n$12\r\npunsubscribe"},
    {"quit", "+OK\r\n", "+OK\r\n"},
};

static void test_types_of_all_replies(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = model_fixture_add_group(&fixture->model, "m", 7000);
    (void)model_fixture_add_node(group, "10.0.0.2", 7001);
    for (unsigned protocol = 2; protocol <= 3; protocol++) {
        (void)ask(fixture, protocol == 2 ? "hello 2" : "hello 3");
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            const char *reply = ask(fixture, types[i].line);
            const char *begin = protocol == 2 ? types[i].resp2 : types[i].resp3;
            bool fits = begin[0] == '\0'
                            ? reply[0] == '\0'
                            : strncmp(reply, begin, strlen(begin)) == 0;
            if (!fits) {
                fail_msg("RESP%u, %s:\n%s\nshould begin with\n%s", protocol,
                         types[i].line, reply, begin);
            }
        }
    }
}

/* Of each command that takes options: one that it does not know, and which
 * words it uses for that. The same in both protocols. */
static const struct asked_row options[] = {
    {"HELLO", "hello 3 nosuch",
     "-ERR Syntax error in HELLO option 'nosuch'\r\n"},
    {"HELLO, version", "hello 4", "-NOPROTO unsupported protocol version\r\n"},
    {"SHUTDOWN", "shutdown nosuch", "-ERR syntax error\r\n"},
    {"ACL CAT", "acl cat nosuch", "-ERR Unknown category 'nosuch'\r\n"},
    {"ACL LOG", "acl log nosuch",
     "-ERR value is not an integer or out of range\r\n"},
    {"ACL SETUSER", "acl setuser joe nosuch",
     "-ERR Error in ACL SETUSER modifier 'nosuch': Syntax error\r\n"},
    {"ACL DRYRUN, user", "acl dryrun nosuch ping",
     "-ERR User 'nosuch' not found\r\n"},
    {"ACL DRYRUN, command", "acl dryrun default nosuch",
     "-ERR Command 'nosuch' not found\r\n"},
    {"ACL GENPASS", "acl genpass nosuch",
     "-ERR value is not an integer or out of range\r\n"},
    {"ACL GETUSER", "acl getuser nosuch", ""},
    {"CLIENT CACHING", "client caching nosuch", "-ERR syntax error\r\n"},
    {"CLIENT SETNAME", "client setname 'no such'",
     "-ERR Client names cannot contain spaces, newlines or special "
     "characters.\r\n"},
    {"COMMAND DOCS", "command docs nosuch", ""},
    {"COMMAND INFO", "command info nosuch", ""},
    {"COMMAND GETKEYSANDFLAGS", "command getkeysandflags nosuch",
     "-ERR Invalid command specified\r\n"},
    {"CLIENT KILL", "client kill nosuch x", "-ERR syntax error\r\n"},
    {"CLIENT LIST", "client list nosuch", "-ERR syntax error\r\n"},
    {"CLIENT LIST, type", "client list type nosuch",
     "-ERR Unknown client type 'nosuch'\r\n"},
    {"CLIENT REPLY", "client reply nosuch", "-ERR syntax error\r\n"},
    {"CLIENT NO-EVICT", "client no-evict nosuch", "-ERR syntax error\r\n"},
    {"CLIENT PAUSE", "client pause 0 nosuch",
     "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n"},
    {"CLIENT UNBLOCK", "client unblock 1 nosuch",
     "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n"},
    {"CLIENT SETINFO", "client setinfo nosuch x",
     "-ERR Unrecognized option 'nosuch'\r\n"},
    {"CLIENT TRACKING", "client tracking on nosuch", "-ERR syntax error\r\n"},
    {"COMMAND LIST", "command list filterby nosuch x", "-ERR syntax error\r\n"},
    {"COMMAND GETKEYS", "command getkeys nosuch",
     "-ERR Invalid command specified\r\n"},
    {"SENTINEL CONFIG", "sentinel config nosuch x y",
     "-ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET "
     "<param> <value> [<param> <value> ...] are supported.\r\n"},
    {"SENTINEL CONFIG SET", "sentinel config set nosuch x",
     "-ERR Invalid argument 'nosuch' to SENTINEL CONFIG SET\r\n"},
    {"SENTINEL DEBUG", "sentinel debug nosuch 1",
     "-ERR Unknown option or number of arguments for SENTINEL DEBUG "
     "'nosuch'\r\n"},
    {"SENTINEL FAILOVER", "sentinel failover m nosuch", "-ERR syntax error"},
    {"SENTINEL SET", "sentinel set m nosuch x",
     "-ERR Unknown option or number of arguments for SENTINEL SET "
     "'nosuch'\r\n"},
    {"SENTINEL SIMULATE-FAILURE", "sentinel simulate-failure nosuch",
     "-ERR Unknown failure simulation specified\r\n"},
    {"PUBLISH", "publish nosuch x",
     "-ERR Only HELLO messages are accepted by Sentinel instances.\r\n"},
    {"no such command", "nosuch a 'b c'",
     "-ERR unknown command 'nosuch', with args beginning with: 'a' 'b c' \r\n"},
    {"no such master", "sentinel master nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel replicas nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel slaves nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel sentinels nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel ckquorum nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel primary nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel set nosuch quorum 1",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel history nosuch",
     "-ERR No such master with that name\r\n"},
    {"no such master", "sentinel get-master-addr-by-name nosuch", ""},
    {"no such master", "sentinel get-primary-addr-by-name nosuch", ""},
    {"no such master", "sentinel info-cache nosuch", "*0\r\n"},
    {"SENTINEL GET", "sentinel get m nosuch 1", "-ERR syntax error"},
    {"SENTINEL HISTORY", "sentinel history m nosuch 1", "-ERR syntax error"},
    {"SENTINEL MONITOR", "sentinel monitor n 127.0.0.1 1 nosuch",
     "-ERR Invalid quorum\r\n"},
    {"IS-MASTER-DOWN-BY-ADDR", "sentinel is-master-down-by-addr h nosuch 0 *",
     "-ERR value is not an integer or out of range\r\n"},
    {"IS-PRIMARY-DOWN-BY-ADDR", "sentinel is-primary-down-by-addr h nosuch 0 *",
     "-ERR value is not an integer or out of range\r\n"},
};

/* What is null in either protocol, or empty. */
static const struct {
    const char *line;
    const char *resp2;
    const char *resp3;
} nothings[] = {
    {"acl getuser nosuch", "$-1\r\n", "_\r\n"},
    {"client getname", "$-1\r\n", "_\r\n"},
    {"command docs nosuch", "*0\r\n", "%0\r\n"},
    {"command info nosuch", "*1\r\n$-1\r\n", "*1\r\n_\r\n"},
    {"sentinel get-master-addr-by-name nosuch", "*-1\r\n", "_\r\n"},
    {"sentinel get-primary-addr-by-name nosuch", "*-1\r\n", "_\r\n"},
    {"sentinel config get nosuch", "*0\r\n", "%0\r\n"},
    {"sentinel info-cache nosuch", "*0\r\n", "*0\r\n"},
};

static void test_nothings(void **state)
{
    struct command_fixture *fixture = *state;
    for (unsigned protocol = 2; protocol <= 3; protocol++) {
        (void)ask(fixture, protocol == 2 ? "hello 2" : "hello 3");
        for (size_t i = 0; i < sizeof(nothings) / sizeof(nothings[0]); i++) {
            assert_string_equal(ask(fixture, nothings[i].line),
                                protocol == 2 ? nothings[i].resp2
                                              : nothings[i].resp3);
        }
    }
}

static void test_unknown_options(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "m", 7000);
    for (unsigned protocol = 2; protocol <= 3; protocol++) {
        (void)ask(fixture, protocol == 2 ? "hello 2" : "hello 3");
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
            const char *reply = ask(fixture, options[i].line);
            const char *expected = options[i].reply;
            if (expected[0] == '\0') {
                continue; /* a null, each protocol's: see nothings */
            }
            bool fits = strchr(expected, '\n') == NULL
                            ? strncmp(reply, expected, strlen(expected)) == 0
                            : strcmp(reply, expected) == 0;
            if (!fits) {
                fail_msg("RESP%u, %s: %s:\n%s\nmust be\n%s", protocol,
                         options[i].name, options[i].line, reply, expected);
            }
        }
    }
}

/* Is it this command's line? */
static bool asks_for(const char *line, const char *name)
{
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 &&
           (line[length] == '\0' || line[length] == ' ');
}

static bool has_type(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (asks_for(types[i].line, name)) {
            return true;
        }
    }
    return false;
}

static bool has_option(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (asks_for(options[i].line, name)) {
            return true;
        }
    }
    return false;
}

/* Nothing that they are told can be unknown: there are no words, or any will
 * do. Of some it is the core that knows whether a name exists: those tests are
 * in test_cmd_sentinel_change.c and in tests/e2e. */
static bool takes_anything(const char *name)
{
    static const char *const names[] = {
        "acl deluser",
        "acl users",
        "acl whoami",
        "acl list",
        "acl load",
        "acl save",
        "acl help",
        "auth",
        "client getname",
        "client getredir",
        "client help",
        "client id",
        "client info",
        "client trackinginfo",
        "client unpause",
        "command count",
        "command help",
        "info",
        "ping",
        "psubscribe",
        "punsubscribe",
        "quit",
        "role",
        "sentinel flushconfig",
        "sentinel help",
        "sentinel masters",
        "sentinel myid",
        "sentinel pending-scripts",
        "sentinel primaries",
        "subscribe",
        "unsubscribe",
        /* the core's */
        "sentinel accept",
        "sentinel acknowledge",
        "sentinel adopt",
        "sentinel remove",
        "sentinel reset",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_is_asked(const struct command *container,
                           const struct command *row)
{
    char name[SESSION_TEXT_SIZE];
    command_full_name(container, row, name);
    char *bar = strchr(name, '|');
    if (bar != NULL) {
        *bar = ' ';
    }
    bool is_container = row->handler == HANDLED_BY_NONE;
    if (!is_container && !has_type(name)) {
        fail_msg("no row of the types asks for %s", name);
    }
    if (!is_container && has_option(name) == takes_anything(name)) {
        fail_msg("what does %s say to a word that it does not know? A row of "
                 "the options, or its name among those that take anything",
                 name);
    }
}

static void test_all_are_asked(void **state)
{
    (void)state;
    for (const struct command *row = command_table; row->name != NULL; row++) {
        check_is_asked(NULL, row);
        for (const struct command *sub = row->subcommands;
             sub != NULL && sub->name != NULL; sub++) {
            check_is_asked(row, sub);
        }
    }
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_row),       TEST(test_types_of_all_replies),
        TEST(test_unknown_options), TEST(test_nothings),
        TEST(test_all_are_asked),
    };
    return cmocka_run_group_tests_name("command_table", tests, NULL, NULL);
}
