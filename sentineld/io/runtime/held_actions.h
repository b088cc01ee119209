/* Actions that wait until what they reveal is on disk: which, in which
 * order, and for which save. */
#ifndef SENTINELD_HELD_ACTIONS_H
#define SENTINELD_HELD_ACTIONS_H

#include <sys/queue.h>

#include "sentineld/core.h"
#include "sentineld/types.h"

/* An action that waits, and the connection that it was meant for. */
struct held_action {
    STAILQ_ENTRY(held_action) entry;
    struct core_action action;
    uint64_t version;    /* may leave when this is durable */
    uint64_t connection; /* 0 = none; another one now: do not send it there */
};
STAILQ_HEAD(held_list, held_action);

struct held_actions {
    struct held_list list;
    uint64_t handed;  /* the newest version given to the store */
    uint64_t durable; /* the newest version known to be on disk */
};

void held_actions_init(struct held_actions *hold);
void held_actions_clear(struct held_actions *hold);

/* The store was given records up to this version. */
void held_actions_saving(struct held_actions *hold, uint64_t version);
/* Everything up to this version is on disk. */
void held_actions_saved(struct held_actions *hold, uint64_t version);
/* Is something not known to be on disk? Then what waits must be held. */
bool held_actions_unsaved(const struct held_actions *hold);

/* Copies the action; it waits for the newest version. */
void held_actions_add(struct held_actions *hold,
                      const struct core_action *action, uint64_t connection);
/* The next one that may leave, in order, or NULL. The caller frees it. */
struct held_action *held_actions_release(struct held_actions *hold);
/* The next one, durable or not: it is going to be refused. */
struct held_action *held_actions_refuse(struct held_actions *hold);

#endif
