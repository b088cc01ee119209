/* A growing byte buffer with a maximum. */
#ifndef SENTINELD_BUFFER_H
#define SENTINELD_BUFFER_H

#include "sentineld/types.h"

struct buffer {
    char *data; /* NULL while nothing was ever appended */
    size_t length;
    size_t capacity;
    size_t maximum; /* an append beyond it fails and sets overflowed */
    bool overflowed;
};

void buffer_init(struct buffer *buffer, size_t maximum);
void buffer_clear(struct buffer *buffer); /* releases the memory */
/* False, and nothing appended, when it would pass the maximum. */
bool buffer_append(struct buffer *buffer, const void *data, size_t length);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* Drops bytes from the front. */
void buffer_consume(struct buffer *buffer, size_t length);

#endif
