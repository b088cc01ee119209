/* Actions that wait until what they reveal is on disk: which, in which
 * order, and for which save. */
#ifndef SENTINELD_SHELL_HOLD_H
#define SENTINELD_SHELL_HOLD_H

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

struct shell_hold {
    struct held_list list;
    uint64_t handed;  /* the newest version given to the store */
    uint64_t durable; /* the newest version known to be on disk */
};

void shell_hold_init(struct shell_hold *hold);
void shell_hold_clear(struct shell_hold *hold);

/* The store was given records up to this version. */
void shell_hold_saving(struct shell_hold *hold, uint64_t version);
/* Everything up to this version is on disk. */
void shell_hold_saved(struct shell_hold *hold, uint64_t version);
/* Is something not known to be on disk? Then what waits must be held. */
bool shell_hold_unsaved(const struct shell_hold *hold);

/* Copies the action; it waits for the newest version. */
void shell_hold_add(struct shell_hold *hold, const struct core_action *action,
                    uint64_t connection);
/* The next one that may leave, in order, or NULL. The caller frees it. */
struct held_action *shell_hold_release(struct shell_hold *hold);
/* The next one, durable or not: it is going to be refused. */
struct held_action *shell_hold_refuse(struct shell_hold *hold);

#endif
