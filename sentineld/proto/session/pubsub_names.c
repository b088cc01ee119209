/* A hash table of names with the number of sessions that listen to each; a
 * name leaves with its last listener. */
#include "proto/session/pubsub_names.h"

#include <assert.h>
#include <string.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

struct pubsub_name {
    UT_hash_handle hh;
    size_t listeners;
    char name[];
};

static struct pubsub_name *find(struct pubsub_name *names, const char *name,
                                size_t length)
{
    struct pubsub_name *one;
    HASH_FIND(hh, names, name, length, one);
    return one;
}

void pubsub_names_add(struct pubsub_name **names, const char *name,
                      size_t length)
{
    struct pubsub_name *one = find(*names, name, length);
    if (one == NULL) {
        one = xcalloc(1, sizeof(*one) + length + 1);
        memcpy(one->name, name, length);
        HASH_ADD_KEYPTR(hh, *names, one->name, length, one);
    }
    one->listeners++;
}

void pubsub_names_drop(struct pubsub_name **names, const char *name,
                       size_t length)
{
    struct pubsub_name *one = find(*names, name, length);
    assert(one != NULL);
    one->listeners--;
    if (one->listeners == 0) {
        HASH_DEL(*names, one);
        free(one);
    }
}

size_t pubsub_names_count(const struct pubsub_name *names)
{
    return HASH_COUNT(names);
}
