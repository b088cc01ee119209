/* Requests of clients: arrays of bulk strings, or a line of words.
 *
 * Arguments are handed out where they lie in the input: the byte after each
 * one belongs to its line end or quote, so it can be made the NUL that
 * callers like to find. The list of arguments grows as they arrive, never by
 * what a header announces.
 *
 * A browser that was talked into posting to our port, or a script that
 * speaks HTTP, begins with POST or Host:. Such a connection is closed without
 * a word, before anything that follows can be taken for a command. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/resp/resp_private.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

enum {
    FIRST_ROOM = 8,
    /* To log in takes no more than this. */
    GUEST_ARGUMENTS_MAX = 10,
    GUEST_BULK_BYTES_MAX = 16384,
};

void resp_reader_set_guest(struct resp_reader *reader, bool guest)
{
    reader->is_guest = guest;
}

static void grow_arguments(struct resp_reader *reader)
{
    size_t room =
        reader->argument_room == 0 ? FIRST_ROOM : 2 * reader->argument_room;
    reader->offsets = xrealloc(reader->offsets, room * sizeof *reader->offsets);
    reader->lengths = xrealloc(reader->lengths, room * sizeof *reader->lengths);
    reader->argv = xrealloc(reader->argv, room * sizeof *reader->argv);
    reader->argument_room = room;
}

bool resp_add_argument(struct resp_reader *reader, size_t offset, size_t length)
{
    if (reader->argc == reader->limits.max_arguments) {
        return false;
    }
    if (reader->argc == reader->argument_room) {
        grow_arguments(reader);
    }
    reader->offsets[reader->argc] = offset;
    reader->lengths[reader->argc] = length;
    reader->argc++;
    return true;
}

static enum resp_result read_inline(struct resp_reader *reader)
{
    struct resp_line line;
    bool too_many = false;
    enum resp_result result =
        resp_take_line(reader, reader->limits.max_inline_bytes, &line);
    if (result == RESP_MORE) {
        return RESP_MORE;
    }
    if (result == RESP_OK && resp_split_inline(reader, &line, &too_many)) {
        return RESP_OK;
    }
    if (result == RESP_OK && !too_many) {
        return resp_break(reader, "unbalanced quotes in request");
    }
    return resp_break(reader, "too big inline request");
}

/* The number behind '*' or '$'. A line end without \r is no header. */
static bool read_count(const struct resp_line *line, int64_t *count)
{
    return line->has_cr && line->length > 0 &&
           parse_integer(line->text + 1, line->length - 1, INT64_MIN, INT64_MAX,
                         count);
}

static enum resp_result read_array_header(struct resp_reader *reader)
{
    struct resp_line line;
    int64_t count;
    enum resp_result result =
        resp_take_line(reader, reader->limits.max_inline_bytes, &line);
    if (result == RESP_BROKEN) {
        return resp_break(reader, "too big mbulk count string");
    }
    if (result != RESP_OK) {
        return result;
    }
    if (!read_count(&line, &count) ||
        (count > 0 && (uint64_t)count > reader->limits.max_arguments)) {
        return resp_break(reader, "invalid multibulk length");
    }
    if (reader->is_guest && count > GUEST_ARGUMENTS_MAX) {
        return resp_break(reader, "unauthenticated multibulk length");
    }
    reader->in_array = true;
    reader->missing = count > 0 ? (size_t)count : 0;
    return RESP_OK;
}

static enum resp_result refuse_type(struct resp_reader *reader, char found)
{
    char reason[32];
    bool is_visible = found >= ' ' && found < 0x7f;
    (void)snprintf(reason, sizeof reason, "expected '$', got '%c'",
                   is_visible ? found : '?');
    return resp_break(reader, reason);
}

static enum resp_result read_bulk_header(struct resp_reader *reader)
{
    struct resp_line line;
    int64_t length;
    if (resp_available(reader) == reader->cursor) {
        return RESP_MORE;
    }
    char type = resp_input(reader)[reader->cursor];
    if (type != '$') {
        return refuse_type(reader, type);
    }
    enum resp_result result =
        resp_take_line(reader, reader->limits.max_inline_bytes, &line);
    if (result == RESP_BROKEN) {
        return resp_break(reader, "too big bulk count string");
    }
    if (result != RESP_OK) {
        return result;
    }
    if (!read_count(&line, &length) || length < 0 ||
        (uint64_t)length > reader->limits.max_bulk_bytes) {
        return resp_break(reader, "invalid bulk length");
    }
    if (reader->is_guest && length > GUEST_BULK_BYTES_MAX) {
        return resp_break(reader, "unauthenticated bulk length");
    }
    reader->in_bulk = true;
    reader->bulk_length = (size_t)length;
    return RESP_OK;
}

static enum resp_result read_argument(struct resp_reader *reader)
{
    if (!reader->in_bulk) {
        enum resp_result result = read_bulk_header(reader);
        if (result != RESP_OK) {
            return result;
        }
    }
    size_t offset = reader->cursor;
    enum resp_result result = resp_take_bulk(reader);
    if (result == RESP_BROKEN) {
        return resp_break(reader, "invalid bulk length");
    }
    if (result == RESP_OK) {
        /* the header was checked, so there is room for it */
        (void)resp_add_argument(reader, offset, reader->bulk_length);
        reader->missing--;
    }
    return result;
}

static enum resp_result read_request(struct resp_reader *reader)
{
    if (!reader->in_array) {
        if (resp_available(reader) == 0) {
            return RESP_MORE;
        }
        if (resp_input(reader)[0] != '*') {
            return read_inline(reader);
        }
        enum resp_result result = read_array_header(reader);
        if (result != RESP_OK) {
            return result;
        }
    }
    while (reader->missing > 0) {
        enum resp_result result = read_argument(reader);
        if (result != RESP_OK) {
            return result;
        }
    }
    return RESP_OK;
}

static void hand_out(struct resp_reader *reader, struct resp_request *request)
{
    char *input = resp_input(reader);
    for (size_t i = 0; i < reader->argc; i++) {
        char *argument = input + reader->offsets[i];
        argument[reader->lengths[i]] = '\0';
        reader->argv[i] = argument;
    }
    request->argc = reader->argc;
    request->argv = reader->argv;
    request->lengths = reader->lengths;
}

static bool is_http(const struct resp_request *request)
{
    return strcasecmp(request->argv[0], "post") == 0 ||
           strcasecmp(request->argv[0], "host:") == 0;
}

enum resp_result resp_next_request(struct resp_reader *reader,
                                   struct resp_request *request)
{
    while (reader->fate == RESP_OK) {
        resp_begin(reader);
        enum resp_result result = read_request(reader);
        if (result != RESP_OK) {
            return result;
        }
        reader->finished = true;
        if (reader->argc == 0) {
            continue; /* a blank line, *0 or *-1 */
        }
        hand_out(reader, request);
        if (!is_http(request)) {
            return RESP_OK;
        }
        reader->fate = RESP_QUIET;
    }
    return reader->fate;
}
