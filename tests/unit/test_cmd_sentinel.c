/* SENTINEL subcommands that only look. Replies are those of redis-sentinel
 * 7.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"

static struct group *add_group(struct command_fixture *fixture)
{
    return model_fixture_add_group(&fixture->model, "mymaster", 26981);
}

static const struct asked_row no_group_rows[] = {
    {"MASTER", "sentinel master nope",
     "-ERR No such master with that name\r\n"},
    {"REPLICAS", "sentinel replicas nope",
     "-ERR No such master with that name\r\n"},
    {"SLAVES", "sentinel slaves nope",
     "-ERR No such master with that name\r\n"},
    {"SENTINELS", "sentinel sentinels nope",
     "-ERR No such master with that name\r\n"},
    {"CKQUORUM", "sentinel ckquorum nope",
     "-ERR No such master with that name\r\n"},
    {"an empty name", "sentinel master ''",
     "-ERR No such master with that name\r\n"},
    {"no master's address is a null, not an error",
     "sentinel get-master-addr-by-name nope", "*-1\r\n"},
    {"MASTERS of nothing", "sentinel masters", "*0\r\n"},
    {"MYID", "sentinel myid",
     "$40\r\n5555555555555555555555555555555555555555\r\n"},
};

static void test_unknown_names(void **state)
{
    check_replies(*state, no_group_rows,
                  sizeof(no_group_rows) / sizeof(no_group_rows[0]));
}

static void test_name_with_a_nul_is_another_name(void **state)
{
    struct command_fixture *fixture = *state;
    (void)add_group(fixture);
    const char *const argv[] = {"sentinel", "master", "mymaster\0a"};
    const size_t lengths[] = {8, 6, 10};
    assert_string_equal(ask_words(fixture, 3, argv, lengths),
                        "-ERR No such master with that name\r\n");
}

static void test_get_master_addr(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    const char *line = "SENTINEL Get-Master-Addr-By-Name mymaster";
    assert_string_equal(ask(fixture, line),
                        "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n26981\r\n");
    /* The switch counts once it is durable. */
    group->master = model_fixture_add_node(group, "::1", 7);
    assert_string_equal(ask(fixture, line),
                        "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n26981\r\n");
    group->published = group->master;
    assert_string_equal(ask(fixture, line), "*2\r\n$3\r\n::1\r\n$1\r\n7\r\n");
}

/* --- CKQUORUM ---------------------------------------------------------- */

#define NO_QUORUM                                                            \
    "Not enough available Sentinels to reach the specified quorum for this " \
    "master"
#define NO_MAJORITY                                                         \
    "Not enough available Sentinels to reach the majority and authorize a " \
    "failover"

static void test_ckquorum(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct voter *a = model_fixture_add_voter(&fixture->model, group, 'a', 1);
    struct voter *b = model_fixture_add_voter(&fixture->model, group, 'b', 2);
    const struct {
        bool a_down;
        bool b_down;
        uint32_t quorum;
        const char *reply;
    } rows[] = {
        {false, false, 2,
         "+OK 3 usable Sentinels. Quorum and failover authorization can be "
         "reached. Warning: no replica is known\r\n"},
        {true, false, 2,
         "+OK 2 usable Sentinels. Quorum and failover authorization can be "
         "reached. Warning: no replica is known\r\n"},
        {true, false, 3, "-NOQUORUM 2 usable Sentinels. " NO_QUORUM "\r\n"},
        {true, true, 1, "-NOQUORUM 1 usable Sentinels. " NO_MAJORITY "\r\n"},
        {true, true, 3,
         "-NOQUORUM 1 usable Sentinels. " NO_QUORUM ". " NO_MAJORITY "\r\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        a->subjective_down = rows[i].a_down;
        b->subjective_down = rows[i].b_down;
        group->settings.quorum = rows[i].quorum;
        assert_string_equal(ask(fixture, "sentinel ckquorum mymaster"),
                            rows[i].reply);
    }
}

/* Sentinel would say OK, and nothing would come of it. */
static void test_ckquorum_says_what_it_cannot_do(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct voter *a = model_fixture_add_voter(&fixture->model, group, 'a', 1);
    group->settings.quorum = 2;
    a->peer->instance.health.pong = PONG_WRONGPASS;
    assert_string_equal(ask(fixture, "sentinel ckquorum mymaster"),
                        "-NOQUORUM 1 usable Sentinels. " NO_QUORUM
                        ". " NO_MAJORITY "\r\n");
    a->peer->instance.health.pong = PONG_OK;
    fixture->model.save_failed = true;
    assert_string_equal(
        ask(fixture, "sentinel ckquorum mymaster"),
        "-NOQUORUM 2 usable Sentinels. This one cannot save its state, so it "
        "neither votes nor fails over\r\n");
}

/* Those that the operator runs and that nobody has heard of count too. */
static void test_ckquorum_counts_the_pool(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    (void)model_fixture_add_voter(&fixture->model, group, 'a', 1);
    group->settings.pool_size = 5;
    assert_string_equal(ask(fixture, "sentinel ckquorum mymaster"),
                        "-NOQUORUM 2 usable Sentinels. " NO_MAJORITY "\r\n");
}

static void test_help_is_a_list_of_lines(void **state)
{
    const char *help = ask(*state, "sentinel help");
    static const char begin[] =
        "+SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
        "\r\n+ACCEPT <master-name> ";
    size_t lines = 0;
    assert_int_equal(sscanf(help, "*%zu", &lines), 1);
    help = strstr(help, "\r\n") + 2;
    assert_begins(help, begin);
    for (; lines > 0; lines--) {
        assert_int_equal(*help, '+');
        help = strstr(help, "\r\n") + 2;
    }
    assert_string_equal(help, "");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_unknown_names),
        TEST(test_name_with_a_nul_is_another_name),
        TEST(test_get_master_addr),
        TEST(test_ckquorum),
        TEST(test_ckquorum_says_what_it_cannot_do),
        TEST(test_ckquorum_counts_the_pool),
        TEST(test_help_is_a_list_of_lines),
    };
    return cmocka_run_group_tests_name("cmd_sentinel", tests, NULL, NULL);
}
