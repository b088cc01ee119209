/* The last INFO of each server.
 *
 * Entries are found by the node's id and stand in order of arrival; when a
 * new text does not fit, the oldest entries go. So texts of nodes that are
 * gone leave by themselves: their ids are never asked for again. */
#include "sentineld/info_cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

struct entry {
    TAILQ_ENTRY(entry) order;
    UT_hash_handle hh;
    object_id node;
    msec at;
    size_t length;
    char text[];
};
TAILQ_HEAD(entry_list, entry);

struct info_cache {
    struct entry *by_node;
    struct entry_list by_age; /* oldest first */
    size_t bytes;
    size_t max_bytes;
};

struct info_cache *info_cache_new(size_t max_bytes)
{
    struct info_cache *cache = xcalloc(1, sizeof(*cache));
    cache->max_bytes = max_bytes;
    TAILQ_INIT(&cache->by_age);
    return cache;
}

static void drop(struct info_cache *cache, struct entry *entry)
{
    assert(cache->by_node != NULL); /* the entry is in both */
    HASH_DEL(cache->by_node, entry);
    TAILQ_REMOVE(&cache->by_age, entry, order);
    cache->bytes -= entry->length;
    free(entry);
}

void info_cache_free(struct info_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    struct entry *entry;
    while ((entry = TAILQ_FIRST(&cache->by_age)) != NULL) {
        drop(cache, entry);
    }
    free(cache);
}

static struct entry *find(const struct info_cache *cache, object_id node)
{
    struct entry *entry;
    HASH_FIND(hh, cache->by_node, &node, sizeof(node), entry);
    return entry;
}

void info_cache_keep(struct info_cache *cache, object_id node,
                     const struct info_text *text)
{
    struct entry *entry = find(cache, node);
    if (entry != NULL) {
        drop(cache, entry);
    }
    if (text->length > cache->max_bytes) {
        return;
    }
    while (cache->bytes + text->length > cache->max_bytes) {
        struct entry *oldest = TAILQ_FIRST(&cache->by_age);
        assert(oldest != NULL); /* its bytes were counted */
        drop(cache, oldest);
    }
    entry = xmalloc(sizeof(*entry) + text->length);
    entry->node = node;
    entry->at = text->at;
    entry->length = text->length;
    memcpy(entry->text, text->text, text->length);
    HASH_ADD(hh, cache->by_node, node, sizeof(entry->node), entry);
    TAILQ_INSERT_TAIL(&cache->by_age, entry, order);
    cache->bytes += text->length;
}

bool info_cache_find(const struct info_cache *cache, object_id node,
                     struct info_text *text)
{
    const struct entry *entry = find(cache, node);
    if (entry == NULL) {
        return false;
    }
    *text = (struct info_text){entry->at, entry->text, entry->length};
    return true;
}
