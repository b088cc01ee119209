/* Helpers of the tests of the RESP reader; see the header. */
#include "resp_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>
#include <string.h>

const struct resp_limits resp_support_limits = {
    .max_arguments = 8,
    .max_bulk_bytes = 100,
    .max_inline_bytes = 64,
    .max_buffered_bytes = 1000,
};

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
    struct resp_reader *reader = resp_reader_new(&resp_support_limits);
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

int resp_support_check_row(const struct resp_support_row *row, bool requests)
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
