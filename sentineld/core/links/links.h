/* Connections to servers and supervisors: when to open one, to ask whether the
 * other side lives, and to hang up. */
#ifndef SENTINELD_CORE_LINKS_H
#define SENTINELD_CORE_LINKS_H

#include "core/action/action.h"

/* These return true when a connection has ended or begun: whatever was on its
 * way is lost, and the caller tells whom it concerns. */
bool link_due(struct core *core, struct link *link, msec now);
bool link_on_up(struct core *core, struct link *link, const char *local_ip,
                msec now);
bool link_on_down(struct core *core, struct link *link,
                  enum link_failure failure, msec now);
/* `accepted`: the answer is one of a server that is well enough. */
bool link_on_pong(struct core *core, struct link *link, enum pong pong,
                  bool accepted, msec now);
/* Hangs up if it is up or connecting; connects again at once. */
bool link_restart(struct core *core, struct link *link, msec now);
/* Hangs up, for it leads to somebody else; tries again later. */
void link_refuse(struct core *core, struct link *link, msec now);
/* It is wanted sooner than its pauses would have it. */
void link_hurry(struct core *core, struct link *link, msec now);
/* Hangs up, and stays so. */
void link_rest(struct core *core, struct link *link);
void link_on_ack(struct core *core, struct link *link,
                 enum core_action_type what, msec now);
/* Something was answered on this connection. */
void link_heard(struct link *link, msec now);
/* Its down_after is this from now on. */
void link_set_patience(struct core *core, struct link *link, msec down_after_ms,
                       msec now);
/* A new connection, to be opened at once; and one that goes away for good. */
void link_add(struct core *core, struct link *link, enum link_kind kind,
              msec now);
void link_drop(struct core *core, struct link *link);
void link_init_health(struct health *health, msec down_after_ms, msec now);
/* Asks now whether it lives, if nothing is on its way. */
void link_ping_soon(struct core *core, struct node *node, msec now);
bool link_usable(const struct link *link);
/* What this server said is of the process that is there now. */
bool link_is_read(const struct node *node);
/* How long an instance has been silent; 0 while nothing is overdue. */
msec link_silence(const struct instance *instance, msec now);

#endif
