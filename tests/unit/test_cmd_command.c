/* The COMMAND family: what clients are told of the commands. Replies were
 * compared with redis-sentinel 7.0; the summaries of DOCS are our own. */
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

#define ROWS(rows)  rows, sizeof(rows) / sizeof((rows)[0])
#define ARITY(name) "-ERR wrong number of arguments for '" name "' command\r\n"
#define SYNTAX      "-ERR syntax error\r\n"
#define INVALID     "-ERR Invalid command specified\r\n"
#define NO_KEYS     "-ERR The command has no key arguments\r\n"
#define PUBSUB_LIST                                                        \
    "*5\r\n$10\r\npsubscribe\r\n$7\r\npublish\r\n$12\r\npunsubscribe\r\n$" \
    "9\r\nsubscribe\r\n$11\r\nunsubscribe\r\n"

#define PING_2                                                            \
    "*10\r\n$4\r\nping\r\n:-1\r\n*1\r\n+fast\r\n:0\r\n:0\r\n:0\r\n*2\r\n" \
    "+@fast\r\n+@connection\r\n*2\r\n$25\r\nrequest_policy:all_shards"    \
    "\r\n$29\r\nresponse_policy:all_succeeded\r\n*0\r\n*0\r\n"
#define KILL_2                                                            \
    "*10\r\n$11\r\nclient|kill\r\n:-3\r\n*4\r\n+admin\r\n+noscript\r\n"   \
    "+loading\r\n+stale\r\n:0\r\n:0\r\n:0\r\n*4\r\n+@admin\r\n+@slow\r\n" \
    "+@dangerous\r\n+@connection\r\n*0\r\n*0\r\n*0\r\n"
#define ROLE_2                                                           \
    "*10\r\n$4\r\nrole\r\n:1\r\n*4\r\n+noscript\r\n+loading\r\n+stale"   \
    "\r\n+fast\r\n:0\r\n:0\r\n:0\r\n*3\r\n+@admin\r\n+@fast\r\n+@danger" \
    "ous\r\n*0\r\n*0\r\n*0\r\n"
#define HELLO_2                                                          \
    "*10\r\n$5\r\nhello\r\n:-1\r\n*6\r\n+noscript\r\n+loading\r\n+stale" \
    "\r\n+fast\r\n+no_auth\r\n+allow_busy\r\n:0\r\n:0\r\n:0\r\n*2\r\n+@" \
    "fast\r\n+@connection\r\n*0\r\n*0\r\n*0\r\n"
#define SUBSCRIBE_2                                                        \
    "*10\r\n$9\r\nsubscribe\r\n:-2\r\n*4\r\n+pubsub\r\n+noscript\r\n+load" \
    "ing\r\n+stale\r\n:0\r\n:0\r\n:0\r\n*2\r\n+@pubsub\r\n+@slow\r\n*0\r"  \
    "\n*0\r\n*0\r\n"
#define CACHING_DOC_2                                                        \
    "*2\r\n$14\r\nclient|caching\r\n*8\r\n$7\r\nsummary\r\n$54\r\nTracking " \
    "of the next command, in OPTIN and OPTOUT mode\r\n$5\r\nsince\r\n$5\r\n" \
    "6.0.0\r\n$5\r\ngroup\r\n$10\r\nconnection\r\n$9\r\narguments\r\n*1\r\n" \
    "*6\r\n$4\r\nname\r\n$4\r\nmode\r\n$4\r\ntype\r\n$5\r\noneof\r\n$9\r\n"  \
    "arguments\r\n*2\r\n*6\r\n$4\r\nname\r\n$3\r\nyes\r\n$4\r\ntype\r\n$10"  \
    "\r\npure-token\r\n$5\r\ntoken\r\n$3\r\nYES\r\n*6\r\n$4\r\nname\r\n$2\r" \
    "\nno\r\n$4\r\ntype\r\n$10\r\npure-token\r\n$5\r\ntoken\r\n$2\r\nNO\r\n"

static const struct asked_row rows[] = {
    {"COUNT, too many words", "command count x", ARITY("command|count")},
    {"GETKEYS, too few", "command getkeys", ARITY("command|getkeys")},
    {"GETKEYSANDFLAGS", "command getkeysandflags",
     ARITY("command|getkeysandflags")},
    {"HELP, too many", "command help x", ARITY("command|help")},
    {"unknown", "command foo",
     "-ERR unknown subcommand 'foo'. Try COMMAND HELP.\r\n"},
    {"INFO", "command info PING", "*1\r\n" PING_2},
    {"INFO of several", "command info ping get Client|Kill",
     "*3\r\n" PING_2 "$-1\r\n" KILL_2},
    {"INFO of nothing", "command info sentinel|nosuch a|b|c | ''",
     "*4\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n"},
    {"INFO, categories apart from flags", "command info role", "*1\r\n" ROLE_2},
    {"INFO, before authenticating", "command info hello", "*1\r\n" HELLO_2},
    {"INFO, pub/sub", "command info subscribe", "*1\r\n" SUBSCRIBE_2},
    {"QUIT is served, and not told of", "command info quit", "*1\r\n$-1\r\n"},
    {"LIST by category", "command list filterby aclcat PubSub", PUBSUB_LIST},
    {"LIST by no category", "command list filterby aclcat keyspace", "*0\r\n"},
    {"LIST by module", "command list filterby module m", "*0\r\n"},
    {"LIST by pattern", "command list FILTERBY pattern P[is]*",
     "*2\r\n$4\r\nping\r\n$10\r\npsubscribe\r\n"},
    {"LIST by pattern, inside", "command list filterby pattern *|kill",
     "*1\r\n$11\r\nclient|kill\r\n"},
    {"LIST, unknown filter", "command list filterby foo x", SYNTAX},
    {"LIST, half", "command list filterby pattern", SYNTAX},
    {"LIST, unknown word", "command list foo", SYNTAX},
    {"LIST, unknown word of the right length", "command list foo pattern x",
     SYNTAX},
    {"GETKEYS", "command getkeys ping", NO_KEYS},
    {"GETKEYS of a subcommand", "command getkeys sentinel masters", NO_KEYS},
    {"GETKEYS of a container", "command getkeys sentinel", NO_KEYS},
    {"GETKEYS of nothing", "command getkeys get a", INVALID},
    {"GETKEYS of no subcommand", "command getkeys sentinel foo", INVALID},
    {"GETKEYS wants words", "command getkeys sentinel|masters", INVALID},
    {"GETKEYSANDFLAGS", "command getkeysandflags ping a", NO_KEYS},
    {"GETKEYSANDFLAGS of nothing", "command getkeysandflags foo a", INVALID},
    {"DOCS of nothing", "command docs get a|b", "*0\r\n"},
    {"DOCS", "command docs client|CACHING", CACHING_DOC_2},
};

static void test_replies(void **state)
{
    check_replies(*state, ROWS(rows));
}

static const struct asked_row rows_3[] = {
    {"INFO", "command info ping get",
     "*2\r\n*10\r\n$4\r\nping\r\n:-1\r\n~1\r\n+fast\r\n:0\r\n:0\r\n:0\r\n~2"
     "\r\n+@fast\r\n+@connection\r\n~2\r\n$25\r\nrequest_policy:all_shards"
     "\r\n$29\r\nresponse_policy:all_succeeded\r\n~0\r\n~0\r\n_\r\n"},
    {"LIST", "command list filterby aclcat pubsub", PUBSUB_LIST},
    {"DOCS of nothing", "command docs get", "%0\r\n"},
    {"DOCS, flags and a deprecation", "command docs sentinel|slaves",
     "%1\r\n$15\r\nsentinel|slaves\r\n%7\r\n$7\r\nsummary\r\n$47\r\nEverythin"
     "g known about the replicas of a master\r\n$5\r\nsince\r\n$5\r\n2.8.0\r\n"
     "$5\r\ngroup\r\n$8\r\nsentinel\r\n$9\r\ndoc_flags\r\n~1\r\n+deprecated\r"
     "\n$16\r\ndeprecated_since\r\n$5\r\n5.0.0\r\n$11\r\nreplaced_by\r\n$19\r"
     "\n`SENTINEL REPLICAS`\r\n$9\r\narguments\r\n*1\r\n%2\r\n$4\r\nname\r\n$"
     "11\r\nmaster-name\r\n$4\r\ntype\r\n$6\r\nstring\r\n"},
    {"DOCS, flags of an argument", "command docs info",
     "%1\r\n$4\r\ninfo\r\n%4\r\n$7\r\nsummary\r\n$26\r\nFigures of this super"
     "visor\r\n$5\r\nsince\r\n$5\r\n1.0.0\r\n$5\r\ngroup\r\n$6\r\nserver\r\n$"
     "9\r\narguments\r\n*1\r\n%3\r\n$4\r\nname\r\n$7\r\nsection\r\n$4\r\ntype"
     "\r\n$6\r\nstring\r\n$5\r\nflags\r\n~2\r\n+optional\r\n+multiple\r\n"},
};

static void test_resp3(void **state)
{
    (void)ask(*state, "hello 3");
    check_replies(*state, ROWS(rows_3));
}

/* How many values must follow the header at `text`, 0 for a leaf; *end is
 * behind it. */
static size_t read_header(const char *text, const char **end)
{
    char *digits_end;
    unsigned long number = strtoul(text + 1, &digits_end, 10);
    *end = strstr(text, "\r\n") + 2;
    switch (*text) {
    case '$':
        *end += strncmp(text, "$-1", 3) == 0 ? 0 : number + 2;
        return 0;
    case '*':
    case '~':
        return number;
    case '%':
        return 2 * number;
    default:
        assert_non_null(strchr("+:_", *text));
        return 0;
    }
}

/* The reply is one whole value and nothing more. */
static void assert_whole(const char *text)
{
    size_t missing = 1;
    while (missing > 0) {
        assert_int_not_equal(*text, '\0');
        missing += read_header(text, &text);
        missing--;
    }
    assert_string_equal(text, "");
}

static void test_long_replies_are_whole(void **state)
{
    static const char *const lines[] = {
        "command",      "command info", "command info client sentinel",
        "command docs", "command list", "command docs client ping sentinel",
        "command help",
    };
    struct command_fixture *fixture = *state;
    for (unsigned protocol = 2; protocol <= 3; protocol++) {
        (void)ask(fixture, protocol == 2 ? "hello 2" : "hello 3");
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
            assert_whole(ask(fixture, lines[i]));
        }
    }
}

/* Every row is in LIST, in INFO and in DOCS. */
static void check_row(struct command_fixture *fixture,
                      const struct command *container,
                      const struct command *command)
{
    char name[SESSION_TEXT_SIZE];
    char line[128];
    char begin[128];
    command_full_name(container, command, name);
    (void)snprintf(line, sizeof(line), "command list filterby pattern %s",
                   name);
    (void)snprintf(begin, sizeof(begin), "*1\r\n$%zu\r\n%s\r\n", strlen(name),
                   name);
    assert_string_equal(ask(fixture, line), begin);
    (void)snprintf(line, sizeof(line), "command info %s", name);
    (void)snprintf(begin, sizeof(begin), "*1\r\n*10\r\n$%zu\r\n%s\r\n:%d\r\n",
                   strlen(name), name, command->arity);
    assert_begins(ask(fixture, line), begin);
    (void)snprintf(line, sizeof(line), "command docs %s", name);
    (void)snprintf(begin, sizeof(begin), "*2\r\n$%zu\r\n%s\r\n", strlen(name),
                   name);
    const char *docs = ask(fixture, line);
    assert_begins(docs, begin);
    assert_non_null(strstr(docs, command->summary));
}

static void test_every_command_is_told_of(void **state)
{
    size_t count = 0;
    size_t all = 0;
    for (const struct command *row = command_table; row->name != NULL; row++) {
        if ((row->flags & COMMAND_UNLISTED) != 0) {
            continue;
        }
        check_row(*state, NULL, row);
        count++;
        all++;
        for (const struct command *sub = row->subcommands;
             sub != NULL && sub->name != NULL; sub++) {
            check_row(*state, row, sub);
            all++;
        }
    }
    char begin[32];
    (void)snprintf(begin, sizeof(begin), ":%zu\r\n", count);
    assert_string_equal(ask(*state, "command count"), begin);
    (void)snprintf(begin, sizeof(begin), "*%zu\r\n", count);
    assert_begins(ask(*state, "command"), begin);
    (void)snprintf(begin, sizeof(begin), "*%zu\r\n", all);
    assert_begins(ask(*state, "command list"), begin);
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_replies),
        TEST(test_resp3),
        TEST(test_long_replies_are_whole),
        TEST(test_every_command_is_told_of),
    };
    return cmocka_run_group_tests_name("cmd_command", tests, NULL, NULL);
}
