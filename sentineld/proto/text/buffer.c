/* A byte buffer that grows as it is filled, up to a maximum.
 *
 * Room doubles, so filling it byte by byte costs a constant per byte. What
 * would pass the maximum is refused as a whole and remembered: the owner
 * writes a reply in many small pieces, looks at `overflowed` once at the end
 * and closes the connection.
 *
 * It does not shrink; buffer_clear gives the memory back. */
#include "sentineld/buffer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/memory.h"

enum { FIRST_CAPACITY = 256 };

void buffer_init(struct buffer *buffer, size_t maximum)
{
    *buffer = (struct buffer){.maximum = maximum};
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->maximum);
}

/* Doubled until it holds `needed`, which is within the maximum. */
static size_t next_capacity(const struct buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity == 0 ? FIRST_CAPACITY : buffer->capacity;
    while (capacity < needed && capacity <= buffer->maximum / 2) {
        capacity *= 2;
    }
    bool is_enough = capacity >= needed && capacity <= buffer->maximum;
    return is_enough ? capacity : buffer->maximum;
}

/* Makes room for `length` more bytes. */
static bool reserve(struct buffer *buffer, size_t length)
{
    if (buffer->overflowed || length > buffer->maximum - buffer->length) {
        buffer->overflowed = true;
        return false;
    }
    size_t needed = buffer->length + length;
    if (needed > buffer->capacity) {
        buffer->capacity = next_capacity(buffer, needed);
        buffer->data = xrealloc(buffer->data, buffer->capacity);
    }
    return true;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t length)
{
    if (!reserve(buffer, length)) {
        return false;
    }
    if (length > 0) {
        memcpy(buffer->data + buffer->length, data, length);
        buffer->length += length;
    }
    return true;
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    bool fits = buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
    return fits;
}

/* Nearly every text fits the small array; only a long one is formatted a
 * second time, into memory of its own, because vsnprintf also wants room for
 * a NUL that the maximum may not leave. */
bool buffer_vprintf(struct buffer *buffer, const char *format,
                    va_list arguments)
{
    char small[256];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    assert(length >= 0);
    bool fits;
    if ((size_t)length < sizeof small) {
        fits = buffer_append(buffer, small, (size_t)length);
    } else {
        char *large = xmalloc((size_t)length + 1);
        (void)vsnprintf(large, (size_t)length + 1, format, again);
        fits = buffer_append(buffer, large, (size_t)length);
        free(large);
    }
    va_end(again);
    return fits;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->length);
    buffer->length -= length;
    if (buffer->length > 0 && length > 0) {
        memmove(buffer->data, buffer->data + length, buffer->length);
    }
}
