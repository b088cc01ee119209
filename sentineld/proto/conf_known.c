/* Which names, addresses and ids a configuration has used already, and in
 * which line: ten thousand groups are checked for duplicates without
 * comparing each with each.
 *
 * A text is looked up in a hash table; nothing ever depends on its order. */
#include "conf_private.h"

#include <stdlib.h>
#include <string.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

struct conf_known {
    UT_hash_handle hh;
    struct conf_known_place place;
    char key[];
};

bool conf_known_find(const struct conf_known *known, const char *key,
                     struct conf_known_place *place)
{
    const struct conf_known *found = NULL;
    HASH_FIND_STR(known, key, found);
    if (found == NULL) {
        return false;
    }
    *place = found->place;
    return true;
}

void conf_known_add(struct conf_known **known, const char *key,
                    struct conf_known_place place)
{
    size_t size = strlen(key) + 1;
    struct conf_known *added = xmalloc(sizeof(*added) + size);
    added->place = place;
    memcpy(added->key, key, size);
    HASH_ADD_STR(*known, key, added);
}

void conf_known_free(struct conf_known **known)
{
    struct conf_known *one = NULL;
    struct conf_known *next = NULL;
    HASH_ITER (hh, *known, one, next) {
        HASH_DEL(*known, one);
        free(one);
    }
}
