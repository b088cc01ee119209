/* The last INFO of each server, word for word, for whoever wants to look
 * behind what we made of it (SENTINEL INFO-CACHE). Bounded: the oldest texts
 * make room for new ones. */
#ifndef SENTINELD_INFO_CACHE_H
#define SENTINELD_INFO_CACHE_H

#include "sentineld/types.h"

struct info_cache;

struct info_text {
    msec at; /* when it came */
    const char *text;
    size_t length;
};

/* `max_bytes` of all texts together. */
struct info_cache *info_cache_new(size_t max_bytes);
void info_cache_free(struct info_cache *cache); /* NULL is allowed */
/* Replaces what was kept for this node; the text is copied. */
void info_cache_keep(struct info_cache *cache, object_id node,
                     const struct info_text *text);
/* False when there is none; *text is borrowed until the next keep. */
bool info_cache_find(const struct info_cache *cache, object_id node,
                     struct info_text *text);

#endif
