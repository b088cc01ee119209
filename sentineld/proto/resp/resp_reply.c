/* Replies to what we sent: checked against the limits here, built by hiredis.
 *
 * hiredis' reader believes every header. So the bytes are first walked over
 * here - types, lengths, line ends, depth - until one whole value has come,
 * and only then are given to hiredis, which finds nothing left to doubt and
 * allocates no more than the bytes that are really there justify.
 *
 * RESP2 only: we never ask for more, so another type is an error. */
#include <hiredis/hiredis.h>

#include "proto/resp/resp_private.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

/* One value is complete; so may be the arrays that it ends. */
static void close_value(struct resp_reader *reader)
{
    while (reader->depth > 0 && --reader->open[reader->depth - 1] == 0) {
        reader->depth--;
    }
}

static enum resp_result read_bytes(struct resp_reader *reader)
{
    enum resp_result result = resp_take_bulk(reader);
    if (result == RESP_BROKEN) {
        return resp_break(reader, "a bulk string has another length");
    }
    if (result == RESP_OK) {
        close_value(reader);
    }
    return result;
}

static enum resp_result open_bulk(struct resp_reader *reader, int64_t length)
{
    if (length > 0 && (uint64_t)length > reader->limits.max_bulk_bytes) {
        return resp_break(reader, "a bulk string is too long");
    }
    if (length < 0) {
        close_value(reader);
        return RESP_OK;
    }
    reader->in_bulk = true;
    reader->bulk_length = (size_t)length;
    return RESP_OK;
}

static enum resp_result open_array(struct resp_reader *reader, int64_t count)
{
    if (count > 0 && (uint64_t)count > reader->limits.max_arguments) {
        return resp_break(reader, "an array is too long");
    }
    if (count <= 0) {
        close_value(reader);
        return RESP_OK;
    }
    if (reader->depth == REPLY_DEPTH_MAX) {
        return resp_break(reader, "arrays are nested too deeply");
    }
    reader->open[reader->depth++] = (size_t)count;
    return RESP_OK;
}

static enum resp_result read_typed(struct resp_reader *reader,
                                   const struct resp_line *line)
{
    int64_t number = 0;
    char type = line->text[0];
    if (type == '+' || type == '-') {
        close_value(reader);
        return RESP_OK;
    }
    if (type != ':' && type != '$' && type != '*') {
        return resp_break(reader, "a reply of unknown type");
    }
    int64_t minimum = type == ':' ? INT64_MIN : -1;
    if (!parse_integer(line->text + 1, line->length - 1, minimum, INT64_MAX,
                       &number)) {
        return resp_break(reader, "a bad number");
    }
    if (type == '$') {
        return open_bulk(reader, number);
    }
    if (type == '*') {
        return open_array(reader, number);
    }
    close_value(reader);
    return RESP_OK;
}

static enum resp_result read_item(struct resp_reader *reader)
{
    struct resp_line line;
    if (reader->in_bulk) {
        return read_bytes(reader);
    }
    enum resp_result result =
        resp_take_line(reader, reader->limits.max_bulk_bytes, &line);
    if (result == RESP_BROKEN) {
        return resp_break(reader, "a line is too long");
    }
    if (result != RESP_OK) {
        return result;
    }
    if (!line.has_cr || line.length == 0) {
        return resp_break(reader, "a bad line");
    }
    return read_typed(reader, &line);
}

static enum resp_result build_reply(struct resp_reader *reader,
                                    struct redisReply **reply)
{
    void *built = NULL;
    if (reader->hiredis == NULL) {
        reader->hiredis = redisReaderCreate();
    }
    if (reader->hiredis == NULL ||
        redisReaderFeed(reader->hiredis, resp_input(reader), reader->cursor) !=
            REDIS_OK) {
        abort(); /* out of memory */
    }
    if (redisReaderGetReply(reader->hiredis, &built) != REDIS_OK ||
        built == NULL) {
        if (reader->hiredis->err == REDIS_ERR_OOM) {
            abort();
        }
        return resp_break(reader, "a bad reply");
    }
    *reply = built;
    return RESP_OK;
}

enum resp_result resp_next_reply(struct resp_reader *reader,
                                 struct redisReply **reply)
{
    if (reader->fate != RESP_OK) {
        return reader->fate;
    }
    resp_begin(reader);
    do {
        enum resp_result result = read_item(reader);
        if (result != RESP_OK) {
            return result;
        }
    } while (reader->in_bulk || reader->depth > 0);
    reader->finished = true;
    return build_reply(reader, reply);
}

void resp_reply_free(struct redisReply *reply)
{
    freeReplyObject(reply);
}
