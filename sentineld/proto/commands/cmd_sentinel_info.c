/* SENTINEL INFO-CACHE: what the servers of a group said last, word for word,
 * and how long ago. Names that are none are left out, as in Redis. */
#include "proto/commands/command_private.h"
#include "sentineld/info_cache.h"
#include "sentineld/model.h"

static void write_node(const struct call *call, const struct node *node)
{
    struct info_text info;
    bool known = call->context->infos != NULL &&
                 info_cache_find(call->context->infos, node->id, &info);
    resp_array(call->writer, 2);
    if (!known) {
        resp_integer(call->writer, 0);
        resp_null(call->writer);
        return;
    }
    msec now = call->context->now;
    resp_integer(call->writer, now > info.at ? (int64_t)(now - info.at) : 0);
    resp_bulk(call->writer, info.text, info.length);
}

static void write_group(const struct call *call, const struct group *group)
{
    const struct node *node;
    resp_string(call->writer, group->name);
    resp_array(call->writer, group->node_count);
    write_node(call, group->published);
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->published) {
            write_node(call, node);
        }
    }
}

/* The group named here for the first time; NULL = none. */
static const struct group *find_new(const struct call *call, size_t index)
{
    const struct group *group = command_find_group(call, index);
    for (size_t i = 2; group != NULL && i < index; i++) {
        if (command_find_group(call, i) == group) {
            return NULL;
        }
    }
    return group;
}

enum command_next cmd_sentinel_info_cache(struct call *call)
{
    size_t count = 0;
    for (size_t i = 2; i < call->request->argc; i++) {
        count += find_new(call, i) != NULL ? 1 : 0;
    }
    resp_array(call->writer, 2 * count);
    for (size_t i = 2; i < call->request->argc; i++) {
        const struct group *group = find_new(call, i);
        if (group != NULL) {
            write_group(call, group);
        }
    }
    return COMMAND_REPLIED;
}
