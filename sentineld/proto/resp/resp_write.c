/* The output side of RESP: values into a buffer.
 *
 * Nothing here fails: when the buffer's maximum is passed it says so itself,
 * and refuses all that follows. RESP3 differs in maps, sets, pushes,
 * texts and nulls only; numbers of instance rows stay bulk strings in both. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/resp.h"

/* A failed append is remembered by the buffer, so it is not looked at here. */
static void put(struct buffer *out, const void *data, size_t length)
{
    (void)buffer_append(out, data, length);
}

static void put_header(struct buffer *out, char type, size_t count)
{
    (void)buffer_printf(out, "%c%zu\r\n", type, count);
}

/* From `start` to the end is one line: text that somebody sent us and that
 * is echoed must not end it early. */
static void end_line(struct buffer *out, size_t start)
{
    for (size_t i = start; i < out->length; i++) {
        if (out->data[i] == '\r' || out->data[i] == '\n') {
            out->data[i] = ' ';
        }
    }
    put(out, "\r\n", 2);
}

void resp_status(struct resp_writer *writer, const char *text)
{
    size_t start = writer->out->length;
    (void)buffer_printf(writer->out, "+%s", text);
    end_line(writer->out, start);
}

/* "NOAUTH ...", but not "No such master" or "A sentence". */
static bool has_code(const char *text)
{
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return length > 1 && (text[length] == ' ' || text[length] == '\0');
}

void resp_error(struct resp_writer *writer, const char *text)
{
    size_t start = writer->out->length;
    (void)buffer_printf(writer->out, "-%s%s", has_code(text) ? "" : "ERR ",
                        text);
    end_line(writer->out, start);
}

void resp_err(struct resp_writer *writer, const char *format, ...)
{
    size_t start = writer->out->length;
    va_list arguments;
    put(writer->out, "-ERR ", 5);
    va_start(arguments, format);
    (void)buffer_vprintf(writer->out, format, arguments);
    va_end(arguments);
    end_line(writer->out, start);
}

void resp_integer(struct resp_writer *writer, int64_t value)
{
    (void)buffer_printf(writer->out, ":%" PRId64 "\r\n", value);
}

static void put_bulk(struct buffer *out, const void *data, size_t length)
{
    put_header(out, '$', length);
    put(out, data, length);
    put(out, "\r\n", 2);
}

void resp_bulk(struct resp_writer *writer, const void *data, size_t length)
{
    put_bulk(writer->out, data, length);
}

void resp_string(struct resp_writer *writer, const char *text)
{
    put_bulk(writer->out, text, strlen(text));
}

void resp_number(struct resp_writer *writer, uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
    assert(length > 0 && (size_t)length < sizeof digits);
    put_bulk(writer->out, digits, (size_t)length);
}

void resp_array(struct resp_writer *writer, size_t count)
{
    put_header(writer->out, '*', count);
}

void resp_map(struct resp_writer *writer, size_t pairs)
{
    if (writer->protocol >= 3) {
        put_header(writer->out, '%', pairs);
    } else {
        put_header(writer->out, '*', 2 * pairs);
    }
}

void resp_push(struct resp_writer *writer, size_t count)
{
    put_header(writer->out, writer->protocol >= 3 ? '>' : '*', count);
}

void resp_set(struct resp_writer *writer, size_t count)
{
    put_header(writer->out, writer->protocol >= 3 ? '~' : '*', count);
}

void resp_verbatim(struct resp_writer *writer, const void *data, size_t length)
{
    if (writer->protocol < 3) {
        put_bulk(writer->out, data, length);
        return;
    }
    put_header(writer->out, '=', length + strlen("txt:"));
    put(writer->out, "txt:", strlen("txt:"));
    put(writer->out, data, length);
    put(writer->out, "\r\n", 2);
}

void resp_null(struct resp_writer *writer)
{
    const char *text = writer->protocol >= 3 ? "_\r\n" : "$-1\r\n";
    put(writer->out, text, strlen(text));
}

void resp_null_array(struct resp_writer *writer)
{
    const char *text = writer->protocol >= 3 ? "_\r\n" : "*-1\r\n";
    put(writer->out, text, strlen(text));
}

void resp_command(struct buffer *out, size_t argc, const char *const *argv)
{
    put_header(out, '*', argc);
    for (size_t i = 0; i < argc; i++) {
        put_bulk(out, argv[i], strlen(argv[i]));
    }
}
