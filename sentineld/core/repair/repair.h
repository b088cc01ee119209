/* Servers that contradict what is decided, and whether they would obey. */
#ifndef SENTINELD_CORE_REPAIR_H
#define SENTINELD_CORE_REPAIR_H

#include "core/failover/failover.h"

/* repair.c */
void repair_on_replicaof(struct core *core, struct node *node,
                         enum ack_result result, msec now);
/* An old master takes no writes any more; whom it follows comes later. */
void repair_on_cut_off(struct core *core, struct node *node, msec now);
/* What was on its way is lost with the connection. */
void repair_forget_pending(struct node *node);
/* It is due again without a pause. */
void repair_at_once(struct node *node);
void repair_settle(struct core *core, struct group *group, msec now);

/* preflight.c */
void preflight_on_up(struct node *node, msec now);
/* What was on its way is lost with the connection. */
void preflight_forget_pending(struct node *node);
void preflight_on_reply(struct core *core, struct node *node,
                        const bool refused[DENIED_COUNT], msec now);
/* The answer told nothing, or there was none. */
void preflight_on_nothing(struct node *node, msec now);
void preflight_settle(struct core *core, struct group *group, msec now);

#endif
