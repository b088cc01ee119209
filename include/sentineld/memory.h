/* Memory that cannot be had ends the daemon: no code after a failed
 * allocation pretends otherwise. The votes are on disk; a restart is safe. */
#ifndef SENTINELD_MEMORY_H
#define SENTINELD_MEMORY_H

#include <stdlib.h>
#include <string.h>

static inline void *xrealloc(void *old, size_t size)
{
    void *memory = realloc(old, size == 0 ? 1 : size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static inline void *xmalloc(size_t size)
{
    return xrealloc(NULL, size);
}

/* Zeroed; count * size that does not fit ends the daemon too. */
static inline void *xcalloc(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static inline char *xstrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xmalloc(size), text, size);
}

/* Copies at most size - 1 bytes and always ends in a NUL. */
static inline void copy_text(char *target, size_t size, const char *source)
{
    size_t length = strnlen(source, size - 1);
    memcpy(target, source, length);
    target[length] = '\0';
}

#endif
