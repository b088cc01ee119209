/* Which names, addresses and ids a configuration has used already, and in
 * which line: ten thousand groups are checked for duplicates without
 * comparing each with each.
 *
 * A text is looked up in a hash table; nothing ever depends on its order. */
#include "proto/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

struct name_index {
    UT_hash_handle hh;
    struct name_place place;
    char key[];
};

bool name_index_find(const struct name_index *known, const char *key,
                     struct name_place *place)
{
    const struct name_index *found = NULL;
    HASH_FIND_STR(known, key, found);
    if (found == NULL) {
        return false;
    }
    *place = found->place;
    return true;
}

void name_index_add(struct name_index **known, const char *key,
                    struct name_place place)
{
    size_t size = strlen(key) + 1;
    struct name_index *added = xmalloc(sizeof(*added) + size);
    added->place = place;
    memcpy(added->key, key, size);
    HASH_ADD_STR(*known, key, added);
}

void name_index_free(struct name_index **known)
{
    struct name_index *one = NULL;
    struct name_index *next = NULL;
    HASH_ITER (hh, *known, one, next) {
        HASH_DEL(*known, one);
        free(one);
    }
}
