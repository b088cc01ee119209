/* A hash table of names with the number of sessions that listen to each; a
 * name leaves with its last listener. */
#include "proto/session/session.h"

#include <assert.h>
#include <string.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

struct subscribed_name {
    UT_hash_handle hh;
    size_t listeners;
    char name[];
};

static struct subscribed_name *find(struct subscribed_name *names,
                                    const char *name, size_t length)
{
    struct subscribed_name *one;
    HASH_FIND(hh, names, name, length, one);
    return one;
}

void subscribed_names_add(struct subscribed_name **names, const char *name,
                          size_t length)
{
    struct subscribed_name *one = find(*names, name, length);
    if (one == NULL) {
        one = xcalloc(1, sizeof(*one) + length + 1);
        memcpy(one->name, name, length);
        HASH_ADD_KEYPTR(hh, *names, one->name, length, one);
    }
    one->listeners++;
}

void subscribed_names_drop(struct subscribed_name **names, const char *name,
                           size_t length)
{
    struct subscribed_name *one = find(*names, name, length);
    assert(one != NULL);
    one->listeners--;
    if (one->listeners == 0) {
        HASH_DEL(*names, one);
        free(one);
    }
}

size_t subscribed_names_count(const struct subscribed_name *names)
{
    return HASH_COUNT(names);
}
