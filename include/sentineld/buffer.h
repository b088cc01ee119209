/* A growing byte buffer with a maximum. */
#ifndef SENTINELD_BUFFER_H
#define SENTINELD_BUFFER_H

#include <stdarg.h>

#include "sentineld/types.h"

struct buffer {
    char *data; /* NULL while nothing was ever appended */
    size_t length;
    size_t capacity;
    size_t maximum; /* an append beyond it fails and sets overflowed */
    bool overflowed;
};

void buffer_init(struct buffer *buffer, size_t maximum);
/* Releases the memory and forgets an overflow; the maximum stays. */
void buffer_clear(struct buffer *buffer);
/* False, and nothing appended, when it would pass the maximum. From then on
 * every append fails: a reply with a hole in it must not look whole. */
bool buffer_append(struct buffer *buffer, const void *data, size_t length);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    PRINTF_LIKE(2, 3);
bool buffer_vprintf(struct buffer *buffer, const char *format,
                    va_list arguments) PRINTF_LIKE(2, 0);
/* Drops bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t length);

#endif
