/* RESP in: requests and replies, whole and in pieces, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/memory.h"
#include "sentineld/proto/resp_private.h"
#include "sentineld/resp.h"

static const struct resp_limits limits = {
    .max_arguments = 8,
    .max_bulk_bytes = 100,
    .max_inline_bytes = 64,
    .max_buffered_bytes = 1000,
};

/* What was read, as one text: (a|b) is a request; then how it ended:
 * "." waits for more, "quiet", or "! error". */
static void put_bytes(struct buffer *out, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)data[i];
        if (byte < ' ' || byte >= 0x7f) {
            (void)buffer_printf(out, "\\x%02x", byte);
        } else {
            (void)buffer_printf(out, "%c", byte);
        }
    }
}

static void put_request(struct buffer *out, const struct resp_request *request)
{
    for (size_t i = 0; i < request->argc; i++) {
        (void)buffer_printf(out, "%s", i == 0 ? "(" : "|");
        put_bytes(out, request->argv[i], request->lengths[i]);
        assert_int_equal(request->argv[i][request->lengths[i]], '\0');
    }
    (void)buffer_printf(out, ")");
}

/* Arrays are flat: "[3" and then three values. */
static void put_value(struct buffer *out, const struct redisReply *reply)
{
    switch (reply->type) {
    case REDIS_REPLY_STATUS:
        (void)buffer_printf(out, "+");
        put_bytes(out, reply->str, reply->len);
        break;
    case REDIS_REPLY_ERROR:
        (void)buffer_printf(out, "-");
        put_bytes(out, reply->str, reply->len);
        break;
    case REDIS_REPLY_INTEGER:
        (void)buffer_printf(out, ":%lld", reply->integer);
        break;
    case REDIS_REPLY_STRING:
        (void)buffer_printf(out, "'");
        put_bytes(out, reply->str, reply->len);
        (void)buffer_printf(out, "'");
        break;
    case REDIS_REPLY_NIL:
        (void)buffer_printf(out, "nil");
        break;
    case REDIS_REPLY_ARRAY:
        (void)buffer_printf(out, "[%zu", reply->elements);
        break;
    default:
        fail();
    }
}

/* A stack instead of a recursion; a reply has at most 100 bulks here. */
static void put_reply(struct buffer *out, const struct redisReply *reply)
{
    const struct redisReply *waiting[256];
    size_t count = 0;
    waiting[count++] = reply;
    (void)buffer_printf(out, "(");
    while (count > 0) {
        const struct redisReply *next = waiting[--count];
        put_value(out, next);
        size_t elements = next->type == REDIS_REPLY_ARRAY ? next->elements : 0;
        assert_true(count + elements <= 256);
        for (size_t i = elements; i > 0; i--) {
            waiting[count++] = next->element[i - 1];
        }
        (void)buffer_printf(out, "%s", count == 0 ? "" : " ");
    }
    (void)buffer_printf(out, ")");
}

static enum resp_result read_one(struct resp_reader *reader, bool requests,
                                 struct buffer *out)
{
    struct resp_request request;
    struct redisReply *reply = NULL;
    enum resp_result result = requests ? resp_next_request(reader, &request)
                                       : resp_next_reply(reader, &reply);
    if (result == RESP_OK && requests) {
        put_request(out, &request);
    } else if (result == RESP_OK) {
        put_reply(out, reply);
        resp_reply_free(reply);
    }
    return result;
}

/* The transcript of `text` when it comes in pieces of `size` bytes. */
static void read_in_pieces(const char *text, size_t length, size_t size,
                           bool requests, struct buffer *out)
{
    struct resp_reader *reader = resp_reader_new(&limits);
    enum resp_result result = RESP_MORE;
    for (size_t at = 0; at < length && result == RESP_MORE; at += size) {
        size_t piece = length - at < size ? length - at : size;
        if (!resp_feed(reader, text + at, piece)) {
            (void)buffer_printf(out, "full");
            break;
        }
        do {
            result = read_one(reader, requests, out);
        } while (result == RESP_OK);
    }
    if (result == RESP_BROKEN) {
        (void)buffer_printf(out, "! %s", resp_reader_error(reader));
        assert_int_equal(read_one(reader, requests, out), RESP_BROKEN);
        assert_true(resp_feed(reader, "+OK\r\n", 5));
    } else if (result == RESP_QUIET) {
        (void)buffer_printf(out, "quiet");
        assert_int_equal(read_one(reader, requests, out), RESP_QUIET);
    } else {
        (void)buffer_printf(out, ".");
    }
    resp_reader_free(reader);
}

struct row {
    const char *name;
    const char *text;
    size_t length; /* 0 = strlen */
    const char *expected;
};

static int check_row(const struct row *row, bool requests)
{
    static const size_t sizes[] = {10000, 1, 2, 3, 5, 7};
    int failed = 0;
    size_t length = row->length == 0 ? strlen(row->text) : row->length;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer out;
        buffer_init(&out, 100000);
        read_in_pieces(row->text, length, sizes[i], requests, &out);
        (void)buffer_append(&out, "", 1);
        if (strcmp(out.data, row->expected) != 0) {
            print_error("%s, by %zu: %s\n  expected %s\n", row->name, sizes[i],
                        out.data, row->expected);
            failed++;
        }
        buffer_clear(&out);
    }
    return failed;
}

#define TEN     "0123456789"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define BROKEN  "! Protocol error: "

static const struct row request_rows[] = {
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

static const struct row inline_rows[] = {
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

static const struct row reply_rows[] = {
    {"status", "+PONG\r\n", 0, "(+PONG)."},
    {"error", "-NOAUTH x\r\n", 0, "(-NOAUTH x)."},
    {"integers", ":0\r\n:-12\r\n:9223372036854775807\r\n", 0,
     "(:0)(:-12)(:9223372036854775807)."},
    {"bulk", "$3\r\na\nb\r\n$0\r\n\r\n", 0, "('a\\x0ab')('')."},
    {"nulls", "$-1\r\n*-1\r\n", 0, "(nil)(nil)."},
    {"empty array", "*0\r\n+x\r\n", 0, "([0)(+x)."},
    {"array", "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n", 0, "([3 :0 '*' :0)."},
    {"nested", "*2\r\n*1\r\n*0\r\n+x\r\n:1\r\n", 0, "([2 [1 [0 +x)(:1)."},
    {"deepest", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 0,
     "([1 [1 [1 [1 [1 [1 [1 :1)."},
    {"longest line", "+" TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345678\r\n", 0,
     "(+" TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345678)."},
    {"unfinished", "*2\r\n:1\r\n", 0, "."},
    {"unfinished bulk", "$3\r\nabc\r", 0, "."},
    {"too deep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", 0,
     BROKEN "arrays are nested too deeply"},
    {"too many elements", "*9\r\n", 0, BROKEN "an array is too long"},
    {"absurd array", "*1000000000\r\n", 0, BROKEN "an array is too long"},
    {"negative array", "*-2\r\n", 0, BROKEN "a bad number"},
    {"bulk too long", "$101\r\n", 0, BROKEN "a bulk string is too long"},
    {"absurd bulk", "$9223372036854775807\r\n", 0,
     BROKEN "a bulk string is too long"},
    {"negative bulk", "$-2\r\n", 0, BROKEN "a bad number"},
    {"line too long", "+" HUNDRED "\r\n", 0, BROKEN "a line is too long"},
    {"endless line", "-" HUNDRED "01", 0, BROKEN "a line is too long"},
    {"no number", ":\r\n", 0, BROKEN "a bad number"},
    {"letters", ":1a\r\n", 0, BROKEN "a bad number"},
    {"number too large", ":9223372036854775808\r\n", 0, BROKEN "a bad number"},
    {"RESP3", "%1\r\n", 0, BROKEN "a reply of unknown type"},
    {"not RESP", "HTTP/1.1 400 Bad Request\r\n", 0,
     BROKEN "a reply of unknown type"},
    {"blank line", "\r\n", 0, BROKEN "a bad line"},
    {"\\n alone", "+OK\n", 0, BROKEN "a bad line"},
    {"bulk longer than said", "$1\r\nabc", 0,
     BROKEN "a bulk string has another length"},
    {"good, then bad", "+OK\r\n*1\r\nx\r\n", 0,
     "(+OK)" BROKEN "a reply of unknown type"},
};

static void test_requests(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof request_rows / sizeof request_rows[0]; i++) {
        failed += check_row(&request_rows[i], true);
    }
    assert_int_equal(failed, 0);
}

static void test_inline_requests(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof inline_rows / sizeof inline_rows[0]; i++) {
        failed += check_row(&inline_rows[i], true);
    }
    assert_int_equal(failed, 0);
}

static void test_replies(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof reply_rows / sizeof reply_rows[0]; i++) {
        failed += check_row(&reply_rows[i], false);
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
    struct resp_reader *reader = resp_reader_new(&limits);
    struct resp_request request;
    char text[1000];
    memset(text, 'x', sizeof text);
    memcpy(text, "*8\r\n$100\r\n", 10);
    assert_true(resp_feed(reader, text, 500));
    assert_int_equal(resp_next_request(reader, &request), RESP_BROKEN);
    resp_reader_free(reader);

    reader = resp_reader_new(&limits);
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
    struct resp_reader *reader = resp_reader_new(&limits);
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
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_announced_lengths_allocate_nothing),
        cmocka_unit_test(test_unfinished_input_is_bounded),
        cmocka_unit_test(test_long_pipeline),
        cmocka_unit_test(test_bytes_are_looked_at_once),
        cmocka_unit_test(test_idle_reader_gives_memory_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
