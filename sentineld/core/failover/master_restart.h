/* The master whose process ended: what is known of it (master_restart.c), and
 * how replicas are kept from it meanwhile (keep.c). Part of failover.h. */
#ifndef SENTINELD_CORE_MASTER_RESTART_H
#define SENTINELD_CORE_MASTER_RESTART_H

#include "sentineld/core.h"
#include "sentineld/model.h"

/* master_restart.c: the master's process, gone or another. */
void master_restart_on_refusal(struct core *core, struct node *node, msec now);
/* `another` process than before answered, or we had heard none before. */
void master_restart_on_info(struct core *core, struct node *node, bool another,
                            bool first, msec now);
/* A replica was found that a leader had cut off: perhaps it was kept from this
 * master, for a reason that we have not seen. */
void master_restart_on_kept_back(struct core *core, struct node *node,
                                 msec now);
/* It is there and does not say what it holds: not waited for without end. */
void master_restart_settle_mute(struct core *core, struct group *group,
                                msec now);
/* Another process answers, or may: it is judged from here on ... */
void master_restart_doubt(struct core *core, struct group *group, msec now);
/* ... by what it says, and by what the replicas say. */
void master_restart_judge(struct core *core, struct group *group, msec now);
void master_restart_learn_unjudged(struct core *core, struct group *group);
void master_restart_settle(struct core *core, struct group *group, msec now);
/* Must replicas be kept from the master, as far as we see? */
bool master_restart_is_guarded(const struct group *group);
/* ... and is it to be replaced, by one that has more? */
bool master_restart_is_to_be_replaced(const struct group *group);
/* Does it lack what a replica holds, and is a replacement wanted? */
bool master_restart_lacks_data(const struct group *group);
/* Could a replica lose something by following what runs there? */
bool master_restart_endangers(const struct group *group);
/* Nobody that could be promoted has more, and it has some: what the replicas
 * have more cannot be saved. */
bool master_restart_is_lost_anyway(const struct group *group, msec now);
/* We lead, and decide that it stays master with what it has. */
void master_restart_take(struct core *core, struct group *group);
/* This process is the master, with what it holds. */
void master_restart_accept(struct core *core, struct group *group);
/* What the others say of it since then. */
enum agreement { AGREEMENT_UNKNOWN, AGREEMENT_NO, AGREEMENT_YES };
enum agreement master_restart_agreement(const struct group *group, msec since);
/* A peer told us of this master; it may have been restarted since it was
 * promoted. */
void master_restart_on_adoption(struct core *core, struct group *group,
                                msec now);
/* We believed in another one for a while, and believe in this one again:
 * meanwhile nobody has watched what it lost. */
void master_restart_judge_anew(struct core *core, struct group *group,
                               msec now);
/* It answers, but has not yet said which process it is and what it holds. */
bool master_restart_is_unread(const struct group *group);
/* Do a quorum of supervisors see it, and a majority answer? Asks them. */
bool master_restart_is_agreed(struct core *core, struct group *group, msec now);
/* An operator takes the master as it came back; its replicas copy it. */
enum admin_result master_restart_adopt(struct core *core, struct group *group,
                                       const char **why_not);
/* Nothing can be found out: as if nothing had happened. */
void master_restart_forget(struct core *core, struct group *group);

/* keep.c: replicas are kept from a master whose process ended. */
bool keep_may_begin(struct core *core, struct group *group, msec now);
void keep_start(struct core *core, struct group *group, msec now);
/* Asks those that come back, and the others whether they see it as we do; true
 * = there is no reason any more, or nobody shares it. */
bool keep_is_over(struct core *core, struct group *group, msec now);

#endif
