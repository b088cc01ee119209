/* Actions that wait until what they reveal is on disk.
 *
 * A queue, in the order in which the core decided. Each entry waits for the
 * newest version that the store had been given when it was added: nothing
 * overtakes, so a vote never leaves before an older one. While a save fails
 * nothing becomes durable, so everything keeps waiting or is refused.
 *
 * It neither saves nor sends: that is runtime.c's part. */
#include "io/runtime/held_actions.h"

#include <assert.h>
#include <stdlib.h>

#include "sentineld/memory.h"

void held_actions_init(struct held_actions *hold)
{
    *hold = (struct held_actions){0};
    STAILQ_INIT(&hold->list);
}

void held_actions_clear(struct held_actions *hold)
{
    struct held_action *held;
    while ((held = held_actions_refuse(hold)) != NULL) {
        free(held);
    }
}

void held_actions_saving(struct held_actions *hold, uint64_t version)
{
    assert(version > hold->handed);
    hold->handed = version;
}

void held_actions_saved(struct held_actions *hold, uint64_t version)
{
    assert(version <= hold->handed);
    if (version > hold->durable) {
        hold->durable = version;
    }
}

bool held_actions_unsaved(const struct held_actions *hold)
{
    return hold->durable < hold->handed;
}

void held_actions_add(struct held_actions *hold,
                      const struct core_action *action, uint64_t connection)
{
    assert(held_actions_unsaved(hold));
    struct held_action *held = xmalloc(sizeof(*held));
    held->action = *action;
    held->version = hold->handed;
    held->connection = connection;
    STAILQ_INSERT_TAIL(&hold->list, held, entry);
}

struct held_action *held_actions_release(struct held_actions *hold)
{
    struct held_action *first = STAILQ_FIRST(&hold->list);
    if (first == NULL || first->version > hold->durable) {
        return NULL;
    }
    return held_actions_refuse(hold);
}

struct held_action *held_actions_refuse(struct held_actions *hold)
{
    struct held_action *first = STAILQ_FIRST(&hold->list);
    if (first != NULL) {
        STAILQ_REMOVE_HEAD(&hold->list, entry);
    }
    return first;
}
