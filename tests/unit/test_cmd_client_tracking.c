/* CLIENT TRACKING: which switches go together, and what INFO says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"

#define ROWS(rows)   rows, sizeof(rows) / sizeof((rows)[0])
#define SYNTAX       "-ERR syntax error\r\n"
#define NOT_A_NUMBER "-ERR value is not an integer or out of range\r\n"
#define OK           "+OK\r\n"

#define INFO_OFF                                                          \
    "*6\r\n$5\r\nflags\r\n*1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8" \
    "\r\nprefixes\r\n*0\r\n"
#define CANNOT_CACHE                                                \
    "-ERR CLIENT CACHING can be called only when the client is in " \
    "tracking mode with OPTIN or OPTOUT mode enabled\r\n"

static const struct asked_row tracking_rows[] = {
    {"off", "client trackinginfo", INFO_OFF},
    {"off, redirect", "client getredir", ":-1\r\n"},
    {"no caching", "client caching yes", CANNOT_CACHE},
    {"on", "client tracking on optin", OK},
    {"redirect", "client getredir", ":0\r\n"},
    {"caching, unknown", "client caching maybe", SYNTAX},
    {"caching, the other", "client caching no",
     "-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT "
     "mode.\r\n"},
    {"caching", "client caching yes", OK},
    {"all is told", "client trackinginfo",
     "*6\r\n$5\r\nflags\r\n*3\r\n$2\r\non\r\n$5\r\noptin\r\n$11\r\ncaching-"
     "yes\r\n$8\r\nredirect\r\n:0\r\n$8\r\nprefixes\r\n*0\r\n"},
    {"one more command", "ping", "+PONG\r\n"},
    {"caching is over", "client trackinginfo",
     "*6\r\n$5\r\nflags\r\n*2\r\n$2\r\non\r\n$5\r\noptin\r\n$8\r\nredirect"
     "\r\n:0\r\n$8\r\nprefixes\r\n*0\r\n"},
    {"the other way round", "client tracking on optout",
     "-ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for "
     "this client, and then re-enabling it with a different mode.\r\n"},
    {"BCAST beside it", "client tracking on bcast",
     "-ERR You can't switch BCAST mode on/off before disabling tracking for "
     "this client, and then re-enabling it with a different mode.\r\n"},
    {"off again", "client tracking off", OK},
    {"off", "client trackinginfo", INFO_OFF},
    {"both", "client tracking on optin optout",
     "-ERR You can't specify both OPTIN mode and OPTOUT mode\r\n"},
    {"BCAST and OPTIN", "client tracking on bcast optin",
     "-ERR OPTIN and OPTOUT are not compatible with BCAST\r\n"},
    {"a prefix needs BCAST", "client tracking on prefix a",
     "-ERR PREFIX option requires BCAST mode to be enabled\r\n"},
    {"prefixes overlap", "client tracking on bcast prefix a prefix ab",
     "-ERR Prefix 'a' overlaps with another provided prefix 'ab'. Prefixes "
     "for a single client must not overlap.\r\n"},
    {"to nobody", "client tracking on redirect 999",
     "-ERR The client ID you want redirect to does not exist\r\n"},
    {"to no number", "client tracking on redirect x", NOT_A_NUMBER},
    {"to two", "client tracking on redirect 9 redirect 9",
     "-ERR A client can only redirect to a single other client\r\n"},
    {"unknown option", "client tracking on foo", SYNTAX},
    {"half an option", "client tracking on redirect", SYNTAX},
    {"neither on nor off", "client tracking foo", SYNTAX},
    {"off, unknown option", "client tracking off foo", SYNTAX},
    {"none of these tracks", "client trackinginfo", INFO_OFF},
    {"to somebody", "client tracking on redirect 9 noloop", OK},
    {"redirect", "client getredir", ":9\r\n"},
    {"off", "client tracking off", OK},
    {"prefixes", "client tracking on bcast prefix a prefix b noloop", OK},
    {"all is told", "client trackinginfo",
     "*6\r\n$5\r\nflags\r\n*3\r\n$2\r\non\r\n$5\r\nbcast\r\n$6\r\nnoloop\r\n"
     "$8\r\nredirect\r\n:0\r\n$8\r\nprefixes\r\n*2\r\n$1\r\na\r\n$1\r\nb"
     "\r\n"},
    {"off", "client tracking off", OK},
    {"everything", "client tracking on bcast", OK},
    {"that is one prefix", "client trackinginfo",
     "*6\r\n$5\r\nflags\r\n*2\r\n$2\r\non\r\n$5\r\nbcast\r\n$8\r\nredirect"
     "\r\n:0\r\n$8\r\nprefixes\r\n*1\r\n$0\r\n\r\n"},
};

static void test_tracking(void **state)
{
    check_replies(*state, ROWS(tracking_rows));
}

static void test_prefixes_are_bounded(void **state)
{
    struct command_fixture *fixture = *state;
    char line[1024] = "client tracking on bcast";
    for (char c = 'a'; c < 'a' + 17; c++) {
        size_t used = strlen(line);
        (void)snprintf(line + used, sizeof(line) - used, " prefix %c", c);
    }
    const char *too_much = "-ERR At most 16 prefixes of at most 63 bytes\r\n";
    assert_string_equal(ask(fixture, line), too_much);
    char name[65];
    memset(name, 'x', sizeof(name) - 1);
    name[64] = '\0';
    (void)snprintf(line, sizeof(line), "client tracking on bcast prefix %s",
                   name);
    assert_string_equal(ask(fixture, line), too_much);
    line[strlen(line) - 1] = '\0';
    assert_string_equal(ask(fixture, line), OK);
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tracking),
        TEST(test_prefixes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
