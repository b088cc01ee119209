/* A failover's orders, rehearsed: what is sent, and what the replies mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire_support.h"

#define NODE    LINK_NODE_COMMAND
#define Q       "+QUEUED\r\n"
#define SPOILED "-ERR wrong number of arguments for 'role' command\r\n"
#define ABORTED \
    "-EXECABORT Transaction discarded because of previous errors.\r\n"
#define UNKNOWN "-ERR unknown command 'x', with args beginning with: 'y'\r\n"

/* Nothing of it would change anything, even if a server ran it. */
static void test_commands(void **state)
{
    (void)state;
    char text[1000];
    struct buffer out;
    buffer_init(&out, 10000);
    struct wire *wire = wire_support_begin(NODE, "TO", &out);
    wire_support_commands(&out, text, sizeof text);
    assert_string_equal(text, "MULTI\nROLE none\nEXEC\n"
                              "MULTI\nROLE none\nSLAVEOF 10.0.0.1 6379\n"
                              "CONFIG REWRITE\nCLIENT KILL TYPE none\n"
                              "CLIENT PAUSE 0 WRITE\nEXEC");
    wire_free(wire);
    buffer_clear(&out);
}

static const struct wire_support_row rows[] = {
    {"a transaction ends as it should", NODE, "T", "+OK\r\n" SPOILED ABORTED,
     "-; -; rehearsed 1"},
    {"no right to MULTI", NODE, "T",
     "-NOPERM this user has no permissions to run the 'multi' "
     "command\r\n" SPOILED "-ERR EXEC without MULTI\r\n",
     "-; -; rehearsed 1 -multi"},
    {"MULTI is renamed", NODE, "T",
     UNKNOWN SPOILED "-ERR EXEC without MULTI\r\n", "-; -; rehearsed 1 -multi"},
    {"no right to EXEC", NODE, "T", "+OK\r\n" SPOILED "-NOPERM exec\r\n",
     "-; -; rehearsed 1 -multi"},
    {"no ROLE spoils it as well", NODE, "T", "+OK\r\n" UNKNOWN ABORTED,
     "-; -; rehearsed 1"},
    {"a server that runs what is spoiled", NODE, "T",
     "+OK\r\n" Q "*1\r\n+OK\r\n", "-; -; ack rehearse refused 1"},
    {"loading", NODE, "T", "-LOADING a\r\n-LOADING a\r\n-LOADING a\r\n",
     "-; -; ack rehearse refused 1"},
    {"all is allowed", NODE, "O", "+OK\r\n" SPOILED Q Q Q Q ABORTED,
     "-; -; -; -; -; -; rehearsed 1"},
    {"a user of the documented rights", NODE, "O",
     "+OK\r\n" SPOILED Q Q Q
     "-NOPERM this user has no permissions to run the 'client|pause' "
     "command\r\n" ABORTED,
     "-; -; -; -; -; -; rehearsed 1 -pause"},
    {"nothing is allowed", NODE, "O",
     "+OK\r\n" SPOILED
     "-NOPERM a\r\n-NOPERM b\r\n-NOPERM c\r\n" UNKNOWN ABORTED,
     "-; -; -; -; -; -; rehearsed 1 -slaveof -rewrite -kill -pause"},
    {"CONFIG is renamed", NODE, "O", "+OK\r\n" SPOILED Q UNKNOWN Q Q ABORTED,
     "-; -; -; -; -; -; rehearsed 1 -rewrite"},
    {"a subcommand is not known", NODE, "O",
     "+OK\r\n" SPOILED Q Q Q
     "-ERR unknown subcommand 'PAUSE'. Try CLIENT HELP.\r\n" ABORTED,
     "-; -; -; -; -; -; rehearsed 1 -pause"},
    {"busy in the middle", NODE, "O",
     "+OK\r\n" SPOILED Q "-BUSY a\r\n" Q Q ABORTED,
     "-; -; -; -; -; -; ack rehearse refused 1"},
    {"nonsense", NODE, "O", "+OK\r\n" SPOILED ":1\r\n" Q Q Q ABORTED,
     "-; -; -; -; -; -; ack rehearse refused 1"},
    {"one after the other", NODE, "TO",
     "+OK\r\n" SPOILED "-NOPERM exec\r\n"
     "+OK\r\n" SPOILED Q Q Q Q ABORTED,
     "-; -; rehearsed 1 -multi; -; -; -; -; -; -; rehearsed 2"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
