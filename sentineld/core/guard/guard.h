/* What servers demand of their replicas, by whose will, and which servers are
 * left alone. */
#ifndef SENTINELD_CORE_GUARD_H
#define SENTINELD_CORE_GUARD_H

#include "core/elect/elect.h"

/* fencing_owner.c */
struct min_replicas fencing_full(const struct group_settings *settings);
bool fencing_min_replicas_equal(const struct min_replicas *a,
                                const struct min_replicas *b);
/* `ours` is what a supervisor is known to have set; NULL = nothing.
 * `is_short`: lately there were too few replicas, so a peer may have asked
 * for fewer. */
enum fence_owner fencing_judge(const struct group_settings *settings,
                               const struct min_replicas *has,
                               const struct min_replicas *ours, bool is_short);

/* fencing.c, fencing_known.c */
void fencing_restore(struct core *core, struct node *node,
                     const struct record_node *row);
/* What was on its way is lost with the connection. */
void fencing_forget_pending(struct node *node);
/* An operator set `fencing` anew: what he set by hand before is ours now. */
void fencing_adopt(struct core *core, struct group *group);
void fencing_on_min_replicas(struct core *core, struct node *node,
                             const struct min_replicas *min_replicas, msec now);
void fencing_on_read_refused(struct core *core, struct node *node,
                             enum ack_result result, msec now);
void fencing_on_ack(struct core *core, struct node *node,
                    const struct core_event *event, msec now);
/* With `safety` a master demands its replicas from its first moment on. */
void fencing_before_promotion(struct core *core, struct node *node,
                              msec expires_at);
void fencing_settle(struct core *core, struct group *group, msec now);
/* Shall INFO of the master be asked often? */
bool fencing_counts_replicas(const struct group *group);

/* foreign.c */
void foreign_settle(struct core *core, struct group *group, msec now);
/* Nothing may be done to this server: it is in quarantine, or will be. */
bool foreign_is_left_alone(const struct node *node);
/* It is our master now: there is no doubt any more. */
void foreign_end(struct node *node);
/* *why_not: a sentence for the asker, when it is refused. */
enum admin_result foreign_adopt(struct core *core, struct group *group,
                                const struct address *address,
                                const char **why_not);

#endif
