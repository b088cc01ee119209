/* What is the matter: with servers and supervisors, and with ourselves. */
#ifndef SENTINELD_CORE_DETECT_H
#define SENTINELD_CORE_DETECT_H

#include "core/topology/topology.h"

/* stall.c */
void stall_check(struct core *core, msec now);

/* down.c */
void down_check_subjective(struct core *core, struct group *group, msec now);
/* What has just become so. */
struct down_news {
    bool is_down;          /* objectively */
    bool witnesses_silent; /* no replica hears it any more */
};
struct down_news down_check_objective(struct core *core, struct group *group,
                                      msec now);
bool down_is_acceptable(enum pong pong);
/* The same for this link: a group may give a busy server time of its own. */
bool down_accepts(const struct link *link, enum pong pong);

/* alarm.c */
void alarm_check_node(struct core *core, struct node *node, msec now);
void alarm_check_member(struct core *core, struct member *member);
/* A command that the server lets us run, or not: the latter is an alarm. */
void alarm_on_refusal(struct core *core, struct link *link, enum denied what,
                      enum ack_result result);

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

/* observe.c */
/* True = another process than before answers. */
bool observe_on_info(struct core *core, struct node *node,
                     const struct info *info, msec now);
/* It says what it is: by INFO, or by the ROLE after a command of ours. */
void observe_on_role(struct core *core, struct node *node, enum role role,
                     msec now);
void observe_info_now(struct core *core, struct group *group, msec now);
void link_info_soon(struct core *core, struct node *node, msec at);
/* The connection is up: asks it now, or will. */
void observe_due(struct core *core, struct node *node, msec now);
/* The period of INFO that the state of things asks for. */
msec observe_info_period(const struct core *core, const struct node *node,
                         msec now);

#endif
