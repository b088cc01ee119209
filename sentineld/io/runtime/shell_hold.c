/* Actions that wait until what they reveal is on disk.
 *
 * A queue, in the order in which the core decided. Each entry waits for the
 * newest version that the store had been given when it was added: nothing
 * overtakes, so a vote never leaves before an older one. While a save fails
 * nothing becomes durable, so everything keeps waiting or is refused.
 *
 * It neither saves nor sends: that is shell.c's part. */
#include "io/runtime/shell_hold.h"

#include <assert.h>
#include <stdlib.h>

#include "sentineld/memory.h"

void shell_hold_init(struct shell_hold *hold)
{
    *hold = (struct shell_hold){0};
    STAILQ_INIT(&hold->list);
}

void shell_hold_clear(struct shell_hold *hold)
{
    struct held_action *held;
    while ((held = shell_hold_refuse(hold)) != NULL) {
        free(held);
    }
}

void shell_hold_saving(struct shell_hold *hold, uint64_t version)
{
    assert(version > hold->handed);
    hold->handed = version;
}

void shell_hold_saved(struct shell_hold *hold, uint64_t version)
{
    assert(version <= hold->handed);
    if (version > hold->durable) {
        hold->durable = version;
    }
}

bool shell_hold_unsaved(const struct shell_hold *hold)
{
    return hold->durable < hold->handed;
}

void shell_hold_add(struct shell_hold *hold, const struct core_action *action,
                    uint64_t connection)
{
    assert(shell_hold_unsaved(hold));
    struct held_action *held = xmalloc(sizeof(*held));
    held->action = *action;
    held->version = hold->handed;
    held->connection = connection;
    STAILQ_INSERT_TAIL(&hold->list, held, entry);
}

struct held_action *shell_hold_release(struct shell_hold *hold)
{
    struct held_action *first = STAILQ_FIRST(&hold->list);
    if (first == NULL || first->version > hold->durable) {
        return NULL;
    }
    return shell_hold_refuse(hold);
}

struct held_action *shell_hold_refuse(struct shell_hold *hold)
{
    struct held_action *first = STAILQ_FIRST(&hold->list);
    if (first != NULL) {
        STAILQ_REMOVE_HEAD(&hold->list, entry);
    }
    return first;
}
