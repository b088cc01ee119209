/* How servers and peers are watched: what link.c, stall.c, down.c, rehearsal.c
 * and witness.c say to the other files of the core. */
#ifndef SENTINELD_CORE_WATCHING_H
#define SENTINELD_CORE_WATCHING_H

#include "sentineld/core.h"
#include "sentineld/model.h"

/* stall.c */
void stall_check(struct core *core, msec now);

/* down.c */
void down_check_subjective(struct core *core, struct group *group, msec now);
void down_check_objective(struct core *core, struct group *group, msec now);
bool down_is_acceptable(enum pong pong);
/* The same for this link: a group may give a busy server time of its own. */
bool down_accepts(const struct link *link, enum pong pong);
/* A command that the server lets us run, or not: the latter is an alarm. */
void down_on_refusal(struct core *core, struct link *link, enum denied what,
                     enum ack_result result);

/* rehearsal.c */
void rehearsal_on_up(struct node *node, msec now);
/* What was on its way is lost with the connection. */
void rehearsal_forget_pending(struct node *node);
void rehearsal_on_reply(struct core *core, struct node *node,
                        const bool refused[DENIED_COUNT], msec now);
/* The answer told nothing, or there was none. */
void rehearsal_on_nothing(struct node *node, msec now);
void rehearsal_settle(struct core *core, struct group *group, msec now);

/* witness.c */
/* Has the master been silent, or refusing, for so long that its replicas are
 * asked whether they hear it? */
bool witness_is_wanted(const struct group *group, msec now);
/* How often, meanwhile. */
msec witness_info_period(const struct group *group);
/* Sees to it that they are asked in time. */
void witness_settle(struct core *core, struct group *group, msec now);
/* Before an INFO is copied: what it proves beside the one before. */
void witness_on_info(struct node *node, const struct info *info);
/* Does a majority of the replicas prove that the master has lived since our
 * pings went unanswered, and not down_after ago? */
bool witness_speaks(struct core *core, struct group *group, msec now);

#endif
