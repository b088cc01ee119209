/* The master whose process vanished: what is known of it (vanished.c), and how
 * replicas are kept from it meanwhile (hold.c). Part of failover.h. */
#ifndef SENTINELD_CORE_VANISHED_H
#define SENTINELD_CORE_VANISHED_H

#include "sentineld/core.h"
#include "sentineld/model.h"

/* vanished.c: the master's process, gone or another. */
void vanished_on_refusal(struct core *core, struct node *node, msec now);
/* `another` process than before answered, or we had heard none before. */
void vanished_on_info(struct core *core, struct node *node, bool another,
                      bool first, msec now);
/* A replica was found that a leader had cut off: perhaps it was kept from this
 * master, for a reason that we have not seen. */
void vanished_on_kept_back(struct core *core, struct node *node, msec now);
void vanished_settle(struct core *core, struct group *group, msec now);
/* Must replicas be kept from the master, as far as we see? */
bool vanished_is_guarded(const struct group *group);
/* ... and is it to be replaced, by one that has more? */
bool vanished_is_to_be_replaced(const struct group *group);
/* Does it lack what a replica holds, and is a replacement wanted? */
bool vanished_lacks_data(const struct group *group);
/* Could a replica lose something by following what runs there? */
bool vanished_endangers(const struct group *group);
/* Nobody that could be promoted has more, and it has some: what the replicas
 * have more cannot be saved. */
bool vanished_is_lost_anyway(const struct group *group, msec now);
/* We lead, and decide that it stays master with what it has. */
void vanished_take(struct core *core, struct group *group);
/* This process is the master, with what it holds. */
void vanished_accept(struct core *core, struct group *group);
/* What the others say of it since then. */
enum agreement { AGREEMENT_UNKNOWN, AGREEMENT_NO, AGREEMENT_YES };
enum agreement vanished_agreement(const struct group *group, msec since);
/* A peer told us of this master; it may have been restarted since it was
 * promoted. */
void vanished_on_adoption(struct core *core, struct group *group, msec now);
/* We believed in another one for a while, and believe in this one again:
 * meanwhile nobody has watched what it lost. */
void vanished_judge_anew(struct core *core, struct group *group, msec now);
/* It answers, but has not yet said which process it is and what it holds. */
bool vanished_is_unread(const struct group *group);
/* Do a quorum of supervisors see it, and a majority answer? Asks them. */
bool vanished_is_agreed(struct core *core, struct group *group, msec now);
/* An operator takes the master as it came back; its replicas copy it. */
enum admin_result vanished_adopt(struct core *core, struct group *group,
                                 const char **why_not);
/* Nothing can be found out: as if nothing had happened. */
void vanished_forget(struct core *core, struct group *group);

/* hold.c: replicas are kept from a master whose process vanished. */
bool hold_may_begin(struct core *core, struct group *group, msec now);
void hold_start(struct core *core, struct group *group, msec now);
/* Asks those that come back, and the others whether they see it as we do; true
 * = there is no reason any more, or nobody shares it. */
bool hold_is_over(struct core *core, struct group *group, msec now);

#endif
