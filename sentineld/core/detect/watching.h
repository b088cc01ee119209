/* How servers and peers are watched: what link.c, stall.c, down.c, rehearsal.c
 * and witness.c say to the other files of the core. */
#ifndef SENTINELD_CORE_WATCHING_H
#define SENTINELD_CORE_WATCHING_H

#include "sentineld/core.h"
#include "sentineld/model.h"

/* link.c */
void link_init(struct link *link, enum link_kind kind, object_id id, msec now);
void link_due(struct core *core, struct link *link, msec now);
void link_on_up(struct core *core, struct link *link, const char *local_ip,
                msec now);
void link_on_down(struct core *core, struct link *link,
                  enum link_failure failure, msec now);
void link_on_pong(struct core *core, struct link *link, enum pong pong,
                  msec now);
void link_on_ack(struct core *core, struct link *link,
                 enum core_action_type what, msec now);
/* Something was answered on this connection. */
void link_heard(struct link *link, msec now);
/* Hangs up if it is up or connecting; connects again at once. */
void link_restart(struct core *core, struct link *link, msec now);
/* Its down_after is this from now on. */
void link_set_patience(struct core *core, struct link *link, msec down_after_ms,
                       msec now);
/* Hangs up for good: the link is going away. */
void link_stop(struct core *core, struct link *link);
void link_info_soon(struct core *core, struct node *node, msec at);
bool link_usable(const struct link *link);
struct instance *link_owner(const struct link *link);
/* How long an instance has been silent; 0 while nothing is overdue. */
msec link_silence(const struct instance *instance, msec now);

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
