/* What is the matter: with servers and supervisors, and with ourselves. */
#ifndef SENTINELD_CORE_DETECT_H
#define SENTINELD_CORE_DETECT_H

#include "core/topology/topology.h"

/* alarm.c */
void alarm_check_node(struct core *core, struct node *node, msec now);
void alarm_check_voter(struct core *core, struct voter *voter);
/* A command that the server lets us run, or not: the latter is an alarm. */
void alarm_on_refusal(struct core *core, struct link *link, enum denied what,
                      enum ack_result result);

/* down.c */
void down_check_subjective(struct core *core, struct group *group, msec now);
bool down_is_acceptable(enum pong pong);
/* The same for this link: a group may give a busy server time of its own. */
bool down_accepts(const struct link *link, enum pong pong);

/* down_objective.c */
/* What has just become so. */
struct down_news {
    bool is_down;          /* objectively */
    bool witnesses_silent; /* no replica hears it any more */
};
struct down_news down_check_objective(struct core *core, struct group *group,
                                      msec now);

/* info.c */
/* True = another process than before answers. */
bool info_on_reply(struct core *core, struct node *node,
                   const struct info *info, msec now);
/* It says what it is: by INFO, or by the ROLE after a command of ours. */
void info_on_role(struct core *core, struct node *node, enum role role,
                  msec now);

/* info_due.c */
void info_now(struct core *core, struct group *group, msec now);
void info_soon(struct core *core, struct node *node, msec at);
/* The connection is up: asks it now, or will. */
void info_due(struct core *core, struct node *node, msec now);
/* The period of INFO that the state of things asks for. */
msec info_period(const struct core *core, const struct node *node, msec now);

/* evidence.c */
/* Has the master been silent, or refusing, for so long that its replicas are
 * asked whether they hear it? */
bool evidence_is_wanted(const struct group *group, msec now);
/* How often, meanwhile. */
msec evidence_info_period(const struct group *group);
/* Sees to it that they are asked in time. */
void evidence_settle(struct core *core, struct group *group, msec now);
/* Before an INFO is copied: what it proves beside the one before. */
void evidence_on_info(struct node *node, const struct info *info);
/* Does a majority of the replicas prove that the master has lived since our
 * pings went unanswered, and not down_after ago? */
bool evidence_speaks(struct core *core, struct group *group, msec now);

/* tilt.c */
void tilt_check(struct core *core, msec now);

#endif
