/* What goes out: one function for each action, and the sentences of events. */
#ifndef SENTINELD_CORE_ACTION_H
#define SENTINELD_CORE_ACTION_H

#include "core/model/model.h"

/* action.c: one function per action; the caller has decided. */
/* An empty one; event.c builds on it. */
struct core_action *action_add(struct core *core, enum core_action_type type);
void action_clear(struct core *core);
void action_connect(struct core *core, struct link *link, msec timeout_ms);
/* PING, INFO, SUBSCRIBE, SCRIPT_KILL, CUT_OFF, DISCONNECT. */
void action_simple(struct core *core, enum core_action_type type,
                   struct link *link, const struct group *group);
void action_cut_off(struct core *core, struct node *node, msec expires_at);
void action_replicaof(struct core *core, struct node *node,
                      const struct address *master, msec expires_at);
void action_hello(struct core *core, struct link *link,
                  const struct group *group);
void action_ask(struct core *core, struct voter *voter,
                const struct ballot *wanted, enum vote_reason reason);
void action_pause(struct core *core, struct node *node, msec duration_ms,
                  msec expires_at);
void action_fence(struct core *core, struct node *node,
                  const struct min_replicas *min_replicas, msec expires_at);
void action_preflight(struct core *core, struct node *node);
/* Behind a question for its vote, or not. */
void action_view(struct core *core, struct voter *voter, bool of_voter);
/* Offers it the configuration that we accepted last. */
void action_accept(struct core *core, struct voter *voter, msec expires_at);
void action_opinion(struct core *core, uint64_t client, bool down,
                    const struct ballot *vote);
/* With a text for the asker: why not, or a remark. */
void action_refusal(struct core *core, const struct admin *admin,
                    enum admin_result result, const char *text);
void action_outcome(struct core *core, const struct admin *admin,
                    enum admin_result result, uint32_t count);
void action_crash(struct core *core);

/* event.c */
/* Events in Sentinel's form: "<type> <name> <ip> <port>", for all but a
 * master followed by " @ <group> <ip> <port>", then the extra text. */
void event_say(struct core *core, enum log_level level, const char *channel,
               const char *format, ...) PRINTF_LIKE(4, 5);
void event_group(struct core *core, enum log_level level, const char *channel,
                 const struct group *group, const char *extra);
void event_node(struct core *core, enum log_level level, const char *channel,
                const struct node *node, const char *extra);
void event_voter(struct core *core, enum log_level level, const char *channel,
                 const struct voter *voter, const char *extra);
/* A warning about a group in other words; its program hears of it, as it does
 * of the warnings above. */
void event_about(struct core *core, const struct group *group,
                 const char *channel, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The group's other program hears that the published master has changed. */
void event_client_reconfig(struct core *core, const struct group *group,
                           const struct address *from, bool leads);
void event_log(struct core *core, enum log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);
void event_report(struct core *core, const char *group, const char *json);
/* Why there is none yet; `reason` is the word for it, for programs. */
void event_no_failover(struct core *core, const struct group *group,
                       const char *reason, const char *why);

#endif
