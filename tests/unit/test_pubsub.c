/* Subscriptions, what a subscriber may say, and messages. The replies are
 * those of redis-sentinel 7.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "proto/wire/wire.h"

#define ONLY_SUBSCRIBING                                                  \
    ": only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are " \
    "allowed in this context\r\n"

static const struct asked_row subscribing_rows[] = {
    {"unsubscribe from what was never subscribed", "unsubscribe a b",
     "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n"
     "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n"},
    {"unsubscribe from nothing", "unsubscribe",
     "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n"},
    {"punsubscribe from nothing", "punsubscribe",
     "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n"},
    {"still no subscriber", "ping", "+PONG\r\n"},
    {"one confirmation for each name", "subscribe a b a",
     "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
     "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"
     "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:2\r\n"},
    {"patterns count too", "psubscribe x*",
     "*3\r\n$10\r\npsubscribe\r\n$2\r\nx*\r\n:3\r\n"},
    {"ping while subscribed", "ping", "*2\r\n$4\r\npong\r\n$0\r\n\r\n"},
    {"ping with a text", "ping x", "*2\r\n$4\r\npong\r\n$1\r\nx\r\n"},
    {"info while subscribed", "INFO",
     "-ERR Can't execute 'info'" ONLY_SUBSCRIBING},
    {"a subcommand while subscribed", "SENTINEL masters",
     "-ERR Can't execute 'sentinel|masters'" ONLY_SUBSCRIBING},
    {"the number of words comes first", "sentinel",
     "-ERR wrong number of arguments for 'sentinel' command\r\n"},
    {"unsubscribe from one", "unsubscribe a",
     "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:2\r\n"},
    {"unsubscribe from the rest", "unsubscribe",
     "*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n"},
    {"punsubscribe from another", "punsubscribe y",
     "*3\r\n$12\r\npunsubscribe\r\n$1\r\ny\r\n:1\r\n"},
    {"punsubscribe from the rest", "punsubscribe",
     "*3\r\n$12\r\npunsubscribe\r\n$2\r\nx*\r\n:0\r\n"},
    {"no subscriber any more", "ping", "+PONG\r\n"},
    {"subscribe to nothing", "subscribe",
     "-ERR wrong number of arguments for 'subscribe' command\r\n"},
};

static void test_subscribing(void **state)
{
    check_replies(*state, subscribing_rows,
                  sizeof(subscribing_rows) / sizeof(subscribing_rows[0]));
}

static void test_quit_while_subscribed(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "subscribe a");
    assert_string_equal(ask(fixture, "quit"), "+OK\r\n");
    assert_int_equal(fixture->next, COMMAND_CLOSE);
}

/* What a session with these subscriptions gets for one event. */
static const struct {
    const char *name;
    const char *subscribe;
    size_t frames;
    const char *text;
} message_rows[] = {
    {"by channel", "subscribe +sdown", 1,
     "*3\r\n$7\r\nmessage\r\n$6\r\n+sdown\r\n$4\r\nwhat\r\n"},
    {"by pattern", "psubscribe [-+]sdown", 1,
     "*4\r\n$8\r\npmessage\r\n$9\r\n[-+]sdown\r\n$6\r\n+sdown\r\n$4\r\nwhat"
     "\r\n"},
    {"another channel", "subscribe +odown +sdow +sdown2", 0, ""},
    {"another pattern", "psubscribe +o* *-", 0, ""},
    {"case counts", "subscribe +SDOWN", 0, ""},
    {"by two patterns", "psubscribe * +s*", 2,
     "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$6\r\n+sdown\r\n$4\r\nwhat\r\n"
     "*4\r\n$8\r\npmessage\r\n$3\r\n+s*\r\n$6\r\n+sdown\r\n$4\r\nwhat\r\n"},
};

static void test_messages(void **state)
{
    struct command_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(message_rows) / sizeof(message_rows[0]);
         i++) {
        session_clear(&fixture->session);
        (void)ask(fixture, message_rows[i].subscribe);
        fixture->out.length = 0;
        size_t frames = session_publish(&fixture->session, "+sdown", "what",
                                        &fixture->writer);
        if (frames != message_rows[i].frames ||
            strcmp(written(fixture), message_rows[i].text) != 0) {
            fail_msg("%s: %zu frames, %s", message_rows[i].name, frames,
                     fixture->out.data);
        }
    }
}

static void test_channel_and_pattern_both_deliver(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "psubscribe *");
    (void)ask(fixture, "subscribe +sdown");
    assert_int_equal(session_channels(&fixture->session), 1);
    assert_int_equal(session_patterns(&fixture->session), 1);
    fixture->out.length = 0;
    assert_int_equal(
        session_publish(&fixture->session, "+sdown", "", &fixture->writer), 2);
    assert_string_equal(written(fixture),
                        "*3\r\n$7\r\nmessage\r\n$6\r\n+sdown\r\n$0\r\n\r\n"
                        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$6\r\n+sdown\r\n"
                        "$0\r\n\r\n");
}

static void test_protocol_3_pushes_and_allows_everything(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->session.protocol = 3;
    fixture->writer.protocol = 3;
    assert_string_equal(ask(fixture, "subscribe a"),
                        ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
    assert_string_equal(ask(fixture, "ping"), "+PONG\r\n");
    assert_string_equal(ask(fixture, "client id"), ":9\r\n");
    fixture->out.length = 0;
    (void)session_publish(&fixture->session, "a", "b", &fixture->writer);
    assert_string_equal(written(fixture),
                        ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n");
    assert_string_equal(ask(fixture, "punsubscribe"),
                        ">3\r\n$12\r\npunsubscribe\r\n_\r\n:1\r\n");
}

static void test_binary_names(void **state)
{
    struct command_fixture *fixture = *state;
    const char *const argv[] = {"subscribe", "a\0b"};
    const size_t lengths[] = {9, 3};
    (void)ask_words(fixture, 2, argv, lengths);
    assert_memory_equal(fixture->out.data,
                        "*3\r\n$9\r\nsubscribe\r\n$3\r\na\0b\r\n:1\r\n", 32);
    fixture->out.length = 0;
    assert_int_equal(
        session_publish(&fixture->session, "a", "x", &fixture->writer), 0);
}

static const char refusal[] =
    "-ERR At most 256 channels and patterns of at most 256 bytes for one "
    "client\r\n";

static void test_number_of_subscriptions_is_bounded(void **state)
{
    struct command_fixture *fixture = *state;
    char line[64];
    for (int i = 0; i < MAX_SUBSCRIPTIONS; i++) {
        (void)snprintf(line, sizeof(line), "%ssubscribe c%d",
                       i % 2 == 0 ? "" : "p", i);
        assert_begins(ask(fixture, line), "*3");
    }
    assert_string_equal(ask(fixture, "subscribe more"), refusal);
    assert_string_equal(ask(fixture, "psubscribe more"), refusal);
    assert_string_equal(ask(fixture, "subscribe c0"),
                        "*3\r\n$9\r\nsubscribe\r\n$2\r\nc0\r\n:256\r\n");
    (void)ask(fixture, "unsubscribe c0");
    assert_string_equal(ask(fixture, "subscribe more"),
                        "*3\r\n$9\r\nsubscribe\r\n$4\r\nmore\r\n:256\r\n");
}

static void test_length_of_a_name_is_bounded(void **state)
{
    struct command_fixture *fixture = *state;
    char name[MAX_SUBSCRIPTION_BYTES + 2];
    memset(name, 'x', sizeof(name));
    const char *const argv[] = {"psubscribe", name};
    const size_t fits[] = {10, MAX_SUBSCRIPTION_BYTES};
    const size_t too_long[] = {10, MAX_SUBSCRIPTION_BYTES + 1};
    assert_begins(ask_words(fixture, 2, argv, fits), "*3");
    assert_string_equal(ask_words(fixture, 2, argv, too_long), refusal);
}

#define RUN_ID "1111111111111111111111111111111111111111"

static void test_hello_becomes_a_fact(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture,
                            "PUBLISH __sentinel__:hello "
                            "10.0.0.9,26380," RUN_ID ",7,m,10.0.0.1,6379,5"),
                        ":1\r\n");
    assert_int_equal(fixture->next, COMMAND_FACT);
    assert_int_equal(fixture->fact.event.type, EV_HELLO);
    assert_int_equal(fixture->fact.event.link, 0);
    const struct hello *hello = fixture->fact.event.hello;
    assert_ptr_equal(hello, &fixture->fact.hello);
    assert_string_equal(hello->run_id, RUN_ID);
    assert_string_equal(hello->group, "m");
    assert_int_equal(hello->config_epoch, 5);
}

static void test_other_publications(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture, "publish __sentinel__:hello garbage"),
                        ":1\r\n");
    assert_int_equal(fixture->next, COMMAND_REPLIED);
    assert_string_equal(
        ask(fixture, "publish a b"),
        "-ERR Only HELLO messages are accepted by Sentinel instances.\r\n");
    assert_string_equal(
        ask(fixture, "publish __SENTINEL__:hello x"),
        "-ERR Only HELLO messages are accepted by Sentinel instances.\r\n");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_subscribing),
        TEST(test_quit_while_subscribed),
        TEST(test_messages),
        TEST(test_channel_and_pattern_both_deliver),
        TEST(test_protocol_3_pushes_and_allows_everything),
        TEST(test_binary_names),
        TEST(test_number_of_subscriptions_is_bounded),
        TEST(test_length_of_a_name_is_bounded),
        TEST(test_hello_becomes_a_fact),
        TEST(test_other_publications),
    };
    return cmocka_run_group_tests_name("pubsub", tests, NULL, NULL);
}
