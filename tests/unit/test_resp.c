/* RESP in: requests, whole and in pieces, good and bad, and their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "proto/resp/resp_private.h"
#include "resp_support.h"
#include "sentineld/memory.h"

static const struct resp_support_row request_rows[] = {
    {"one word", "*1\r\n$4\r\nPING\r\n", 0, "(PING)."},
    {"three words", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", 0,
     "(SET|a|bc)."},
    {"pipelined", "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nINFO\r\nPING\r\n", 0,
     "(PING)(INFO)(PING)."},
    {"empty argument", "*2\r\n$4\r\nPING\r\n$0\r\n\r\n", 0, "(PING|)."},
    {"binary", "*1\r\n$6\r\na\0b\r\n$\r\n", 16, "(a\\x00b\\x0d\\x0a$)."},
    {"empty requests are skipped", "*0\r\n*-1\r\n\r\n\n  \r\nPING\r\n", 0,
     "(PING)."},
    {"longest bulk", "*1\r\n$100\r\n" HUNDRED "\r\n", 0, "(" HUNDRED ")."},
    {"most arguments",
     "*8\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n"
     "\r\n$0\r\n\r\n",
     0, "(|||||||)."},
    {"unfinished header", "*1", 0, "."},
    {"unfinished argument", "*1\r\n$4\r\nPIN", 0, "."},
    {"unfinished end", "*1\r\n$4\r\nPING\r", 0, "."},
    {"too many arguments", "*9\r\n", 0, BROKEN "invalid multibulk length"},
    {"absurd count", "*1000000000\r\n", 0, BROKEN "invalid multibulk length"},
    {"count of 2^64", "*18446744073709551617\r\n", 0,
     BROKEN "invalid multibulk length"},
    {"count is no number", "*abc\r\n", 0, BROKEN "invalid multibulk length"},
    {"count with letters", "*1x\r\n", 0, BROKEN "invalid multibulk length"},
    {"no count", "*\r\n", 0, BROKEN "invalid multibulk length"},
    {"count without \\r", "*1\n", 0, BROKEN "invalid multibulk length"},
    {"endless count", "*" SIXTY "012345", 0,
     BROKEN "too big mbulk count string"},
    {"bulk too long", "*1\r\n$101\r\n", 0, BROKEN "invalid bulk length"},
    {"absurd bulk", "*1\r\n$4294967296\r\n", 0, BROKEN "invalid bulk length"},
    {"negative bulk", "*1\r\n$-1\r\n", 0, BROKEN "invalid bulk length"},
    {"bulk of no length", "*1\r\n$\r\n", 0, BROKEN "invalid bulk length"},
    {"bulk with letters", "*1\r\n$4x\r\n", 0, BROKEN "invalid bulk length"},
    {"bulk longer than said", "*1\r\n$4\r\nPINGX\r\n", 0,
     BROKEN "invalid bulk length"},
    {"bulk without \\r", "*1\r\n$4\r\nPINGX\n", 0,
     BROKEN "invalid bulk length"},
    {"bulk without \\n", "*1\r\n$4\r\nPING\rX", 0,
     BROKEN "invalid bulk length"},
    {"bulk shorter than said", "*1\r\n$5\r\nPING\r\n*1", 0,
     BROKEN "invalid bulk length"},
    {"endless bulk length", "*1\r\n$" SIXTY "012345", 0,
     BROKEN "too big bulk count string"},
    {"not a bulk", "*1\r\n:4\r\n", 0, BROKEN "expected '$', got ':'"},
    {"not visible", "*1\r\n\x01", 0, BROKEN "expected '$', got '?'"},
    {"a blank line in between", "*2\r\n$1\r\na\r\n\r\n", 0,
     BROKEN "expected '$', got '?'"},
    {"good, then bad", "PING\r\n*1\r\nx", 0,
     "(PING)" BROKEN "expected '$', got 'x'"},
    {"POST", "POST / HTTP/1.1\r\nPING\r\n", 0, "quiet"},
    {"post", "post\r\n", 0, "quiet"},
    {"Host:", "GET / HTTP/1.1\r\nhost: x\r\nPING\r\n", 0,
     "(GET|/|HTTP/1.1)quiet"},
    {"POST as an array", "*1\r\n$4\r\nPOST\r\n", 0, "quiet"},
    {"POST is not the first word", "PING POST\r\n", 0, "(PING|POST)."},
    {"POSTED", "POSTED\r\n", 0, "(POSTED)."},
};

static const struct resp_support_row inline_rows[] = {
    {"words", "sentinel masters\r\n", 0, "(sentinel|masters)."},
    {"\\n alone", "PING\n", 0, "(PING)."},
    {"no end yet", "PING", 0, "."},
    {"blanks around", " \t PING \t x  \r\n", 0, "(PING|x)."},
    {"most arguments", "1 2 3 4 5 6 7 8\r\n", 0, "(1|2|3|4|5|6|7|8)."},
    {"too many arguments", "1 2 3 4 5 6 7 8 9\r\n", 0,
     BROKEN "too big inline request"},
    {"longest line", SIXTY "0123\r\n", 0, "(" SIXTY "0123)."},
    {"longest line, \\n alone", SIXTY "0123\n", 0, "(" SIXTY "0123)."},
    {"line too long", SIXTY "01234\r\n", 0, BROKEN "too big inline request"},
    {"endless line", SIXTY "012345", 0, BROKEN "too big inline request"},
    {"double quotes", "SET \"a b\" \"\"\r\n", 0, "(SET|a b|)."},
    {"single quotes", "SET 'a b' ''\r\n", 0, "(SET|a b|)."},
    {"escapes", "\"\\n\\r\\t\\b\\a\\\\\\\"\\q\"\r\n", 0,
     "(\\x0a\\x0d\\x09\\x08\\x07\\\"q)."},
    {"hex", "\"\\x41\\xfF\\x00z\"\r\n", 0, "(A\\xff\\x00z)."},
    {"not hex", "\"\\xg1\\x1\"\r\n", 0, "(xg1x1)."},
    {"hex cut off by the end", "\"\\x4", 0, "."},
    {"escapes in single quotes", "'a\\'b\\n\\\\c'\r\n", 0, "(a'b\\n\\\\c)."},
    {"no way to end in a backslash", "'a\\\\'\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"quote inside a word", "ab\"c d\" e\r\n", 0, "(abc d|e)."},
    {"other quotes inside quotes", "\"it's\" 'say \"x\"'\r\n", 0,
     "(it's|say \"x\")."},
    {"not closed", "\"abc\r\n", 0, BROKEN "unbalanced quotes in request"},
    {"single, not closed", "'abc\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"closed by an escape", "\"abc\\\"\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"backslash at the end", "\"abc\\\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"no blank behind the quote", "\"abc\"d\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"no blank behind the single quote", "'abc'd\r\n", 0,
     BROKEN "unbalanced quotes in request"},
    {"binary", "a\0b \xff\r\n", 7, "(a\\x00b|\\xff)."},
    {"\\r inside splits", "a\rb\r\n", 0, "(a|b)."},
    {"RESP types are words here", "+OK $5\r\n", 0, "(+OK|$5)."},
};

static void test_requests(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof request_rows / sizeof request_rows[0]; i++) {
        failed += resp_support_check_row(&request_rows[i], true);
    }
    assert_int_equal(failed, 0);
}

static void test_inline_requests(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof inline_rows / sizeof inline_rows[0]; i++) {
        failed += resp_support_check_row(&inline_rows[i], true);
    }
    assert_int_equal(failed, 0);
}

/* A header alone costs nothing but its own bytes. */
static void test_announced_lengths_allocate_nothing(void **state)
{
    (void)state;
    const struct resp_limits large = {
        .max_arguments = 1 << 30,
        .max_bulk_bytes = 1 << 30,
        .max_inline_bytes = 1000,
        .max_buffered_bytes = 1 << 30,
    };
    static const char text[] = "*1000000000\r\n$1000000000\r\nabc";
    struct resp_reader *reader = resp_reader_new(&large);
    struct resp_request request;
    struct redisReply *reply;
    assert_true(resp_feed(reader, text, strlen(text)));
    assert_int_equal(resp_next_request(reader, &request), RESP_MORE);
    assert_int_equal(reader->argument_room, 0);
    assert_true(reader->input.capacity < 1000);
    resp_reader_free(reader);

    reader = resp_reader_new(&large);
    assert_true(resp_feed(reader, text, strlen(text)));
    assert_int_equal(resp_next_reply(reader, &reply), RESP_MORE);
    assert_null(reader->hiredis);
    assert_true(reader->input.capacity < 1000);
    resp_reader_free(reader);
}

static void test_unfinished_input_is_bounded(void **state)
{
    (void)state;
    struct resp_reader *reader = resp_reader_new(&resp_support_limits);
    struct resp_request request;
    char text[1000];
    memset(text, 'x', sizeof text);
    memcpy(text, "*8\r\n$100\r\n", 10);
    assert_true(resp_feed(reader, text, 500));
    assert_int_equal(resp_next_request(reader, &request), RESP_BROKEN);
    resp_reader_free(reader);

    reader = resp_reader_new(&resp_support_limits);
    memset(text, '\n', sizeof text);
    assert_false(resp_feed(reader, text, 1001));
    assert_true(resp_feed(reader, text, 999));
    assert_false(resp_feed(reader, text, 2));
    assert_true(resp_feed(reader, text, 1));
    assert_false(resp_feed(reader, text, 1));
    assert_int_equal(resp_next_request(reader, &request), RESP_MORE);
    assert_true(resp_feed(reader, text, 1000));
    resp_reader_free(reader);
}

/* What is unparsed counts, not what has been handed out; and requests stay
 * whole while the input moves. */
static void test_long_pipeline(void **state)
{
    (void)state;
    struct resp_reader *reader = resp_reader_new(&resp_support_limits);
    struct resp_request request;
    char text[64];
    for (int i = 0; i < 20000; i++) {
        int length = snprintf(text, sizeof text,
                              "*2\r\n$4\r\nPING\r\n$5\r\n%05d\r\n", i);
        for (int copy = 0; copy < 3; copy++) {
            assert_true(resp_feed(reader, text, (size_t)length));
        }
        for (int copy = 0; copy < 3; copy++) {
            assert_int_equal(resp_next_request(reader, &request), RESP_OK);
            assert_int_equal(request.argc, 2);
            assert_memory_equal(request.argv[1], text + 18, 5);
        }
        assert_true(reader->input.capacity <= 2000);
    }
    assert_int_equal(resp_next_request(reader, &request), RESP_MORE);
    resp_reader_free(reader);
}

static const struct resp_limits generous = {
    .max_arguments = 1024,
    .max_bulk_bytes = 4 << 20,
    .max_inline_bytes = 4 << 20,
    .max_buffered_bytes = 8 << 20,
};

/* Four million looks, not sixteen million million: this would not end. */
static void test_bytes_are_looked_at_once(void **state)
{
    (void)state;
    struct resp_reader *reader = resp_reader_new(&generous);
    struct resp_request request;
    size_t length = (4 << 20) - 1;
    for (size_t i = 0; i < length; i++) {
        assert_true(resp_feed(reader, "x", 1));
        assert_int_equal(resp_next_request(reader, &request), RESP_MORE);
    }
    assert_true(resp_feed(reader, "\n", 1));
    assert_int_equal(resp_next_request(reader, &request), RESP_OK);
    assert_int_equal(request.lengths[0], length);
    resp_reader_free(reader);
}

static void test_idle_reader_gives_memory_back(void **state)
{
    (void)state;
    struct resp_reader *reader = resp_reader_new(&generous);
    struct resp_request request;
    size_t length = 1 << 20;
    char *text = xmalloc(length);
    memset(text, 'x', length);
    text[length - 1] = '\n';
    assert_true(resp_feed(reader, text, length));
    assert_int_equal(resp_next_request(reader, &request), RESP_OK);
    assert_int_equal(request.lengths[0], length - 1);
    assert_true(resp_feed(reader, "PING\r\n", 6));
    assert_true(reader->input.capacity < 1000);
    assert_int_equal(resp_next_request(reader, &request), RESP_OK);
    assert_string_equal(request.argv[0], "PING");
    free(text);
    resp_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_inline_requests),
        cmocka_unit_test(test_announced_lengths_allocate_nothing),
        cmocka_unit_test(test_unfinished_input_is_bounded),
        cmocka_unit_test(test_long_pipeline),
        cmocka_unit_test(test_bytes_are_looked_at_once),
        cmocka_unit_test(test_idle_reader_gives_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
