/* The input side of RESP: bytes in, whole values out, within limits.
 *
 * Bytes are kept in one buffer and looked at once: how far the value under
 * way was understood is remembered between calls, so a peer that sends one
 * byte at a time costs no more than one that sends all at once. What is
 * handed out is dropped with the next call; the rest moves to the front only
 * when at least as much was dropped.
 *
 * A length that somebody announces never leads to an allocation: memory
 * grows with the bytes that came. The first error is final. */
#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "proto/resp/resp_private.h"
#include "sentineld/memory.h"

enum {
    /* An idle connection keeps no more than this. */
    IDLE_CAPACITY = 4 * 1024,
    /* Unparsed, of one who has not logged in: his longest string (see
     * resp_request.c), and what may come with it. */
    GUEST_BUFFERED_BYTES_MAX = 24 * 1024,
};

struct resp_reader *resp_reader_new(const struct resp_limits *limits)
{
    struct resp_reader *reader = xcalloc(1, sizeof *reader);
    assert(limits->max_bulk_bytes < SIZE_MAX / 4);
    assert(limits->max_inline_bytes < SIZE_MAX / 4);
    assert(limits->max_buffered_bytes < SIZE_MAX / 4);
    reader->limits = *limits;
    reader->fate = RESP_OK;
    /* what was handed out may still be there beside as much again */
    buffer_init(&reader->input, 2 * limits->max_buffered_bytes);
    return reader;
}

void resp_reader_free(struct resp_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    if (reader->hiredis != NULL) {
        redisReaderFree(reader->hiredis);
    }
    buffer_clear(&reader->input);
    free(reader->offsets);
    free(reader->lengths);
    free(reader->argv);
    free(reader);
}

const char *resp_reader_error(const struct resp_reader *reader)
{
    return reader->error;
}

char *resp_input(const struct resp_reader *reader)
{
    return reader->input.data + reader->position;
}

size_t resp_available(const struct resp_reader *reader)
{
    return reader->input.length - reader->position;
}

size_t resp_unparsed(const struct resp_reader *reader)
{
    return resp_available(reader) - (reader->finished ? reader->cursor : 0);
}

void resp_begin(struct resp_reader *reader)
{
    if (!reader->finished) {
        return;
    }
    reader->position += reader->cursor;
    reader->cursor = 0;
    reader->searched = 0;
    reader->argc = 0;
    reader->in_array = false;
    reader->finished = false;
}

static void move_to_front(struct resp_reader *reader)
{
    if (reader->position < resp_available(reader)) {
        return;
    }
    buffer_consume(&reader->input, reader->position);
    reader->position = 0;
    if (reader->input.length == 0 && reader->input.capacity > IDLE_CAPACITY) {
        buffer_clear(&reader->input);
    }
}

bool resp_feed(struct resp_reader *reader, const char *data, size_t length)
{
    if (reader->fate != RESP_OK) {
        return true; /* already refused; nobody will look at it */
    }
    resp_begin(reader);
    move_to_front(reader);
    size_t most = reader->limits.max_buffered_bytes;
    if (reader->is_guest && most > GUEST_BUFFERED_BYTES_MAX) {
        most = GUEST_BUFFERED_BYTES_MAX;
    }
    size_t held = resp_available(reader);
    if (held < most && length <= most - held &&
        buffer_append(&reader->input, data, length)) {
        return true;
    }
    (void)snprintf(reader->error, sizeof reader->error,
                   "Protocol error: too much input at once");
    return false;
}

enum resp_result resp_break(struct resp_reader *reader, const char *reason)
{
    (void)snprintf(reader->error, sizeof reader->error, "Protocol error: %s",
                   reason);
    reader->fate = RESP_BROKEN;
    return RESP_BROKEN;
}

enum resp_result resp_take_line(struct resp_reader *reader, size_t limit,
                                struct resp_line *line)
{
    size_t available = resp_available(reader);
    if (reader->searched == available) {
        return RESP_MORE;
    }
    char *start = resp_input(reader) + reader->cursor;
    char *end = memchr(resp_input(reader) + reader->searched, '\n',
                       available - reader->searched);
    if (end == NULL) {
        reader->searched = available;
        /* one more than the limit may be the \r of a line that fits */
        return available - reader->cursor > limit + 1 ? RESP_BROKEN : RESP_MORE;
    }
    size_t length = (size_t)(end - start);
    reader->cursor += length + 1;
    reader->searched = reader->cursor;
    bool has_cr = length > 0 && start[length - 1] == '\r';
    *line = (struct resp_line){start, length - (has_cr ? 1 : 0), has_cr};
    return line->length > limit ? RESP_BROKEN : RESP_OK;
}

enum resp_result resp_take_bulk(struct resp_reader *reader)
{
    size_t whole = reader->bulk_length + 2;
    if (resp_available(reader) - reader->cursor < whole) {
        return RESP_MORE;
    }
    const char *end = resp_input(reader) + reader->cursor + reader->bulk_length;
    reader->cursor += whole;
    reader->searched = reader->cursor;
    reader->in_bulk = false;
    return end[0] == '\r' && end[1] == '\n' ? RESP_OK : RESP_BROKEN;
}
