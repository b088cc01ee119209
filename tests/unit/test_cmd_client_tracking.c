/* CLIENT TRACKING: its words are understood, and whether it is on is told
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])
#define SYNTAX     "-ERR syntax error\r\n"
#define OK         "+OK\r\n"

#define INFO(flag, redirect)                                              \
    "*6\r\n$5\r\nflags\r\n*1\r\n" flag "\r\n$8\r\nredirect\r\n:" redirect \
    "\r\n$8\r\nprefixes\r\n*0\r\n"
#define INFO_OFF INFO("$3\r\noff", "-1")
#define INFO_ON  INFO("$2\r\non", "0")

static const struct asked_row tracking_rows[] = {
    {"off", "client trackinginfo", INFO_OFF},
    {"off, redirect", "client getredir", ":-1\r\n"},
    {"on", "client tracking on optin", OK},
    {"on", "client trackinginfo", INFO_ON},
    {"on, redirect", "client getredir", ":0\r\n"},
    {"caching", "client caching yes", OK},
    {"caching", "client caching NO", OK},
    {"caching, unknown", "client caching maybe", SYNTAX},
    {"all the words",
     "CLIENT TRACKING ON REDIRECT 9 PREFIX a PREFIX b BCAST OPTIN OPTOUT "
     "NOLOOP",
     OK},
    {"unknown option", "client tracking off foo", SYNTAX},
    {"half an option", "client tracking off redirect", SYNTAX},
    {"half a second one", "client tracking off bcast prefix", SYNTAX},
    {"neither on nor off", "client tracking foo", SYNTAX},
    {"it is still on", "client trackinginfo", INFO_ON},
    {"off", "client tracking off bcast", OK},
    {"off", "client trackinginfo", INFO_OFF},
};

static void test_tracking(void **state)
{
    check_replies(*state, ROWS(tracking_rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tracking, command_fixture_setup,
                                        command_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
