/* What a leader does: the state machine of a failover and its steps. */
#ifndef SENTINELD_CORE_FAILOVER_H
#define SENTINELD_CORE_FAILOVER_H

#include "sentineld/core.h"
#include "sentineld/model.h"

struct candidate; /* select.c, below */

/* failover_state.c: the only place that assigns failover.state. */
void failover_move(struct group *group, enum failover_state next, msec now);
/* Forgets everything about a failover that is over. */
void failover_clear(struct group *group);

/* failover.c */
void failover_settle(struct core *core, struct group *group, msec now);
enum admin_result failover_request(struct core *core, struct group *group,
                                   const struct admin *admin, msec now);
/* Somebody else leads: ours ends, whatever it was doing. */
void failover_yield(struct core *core, struct group *group, msec now);
/* The same while votes are collected; whoever ordered it gets to know. */
void failover_give_way(struct core *core, struct group *group, msec now);
/* Ends without a new master; what a promotion may still do is remembered. */
void failover_abort(struct core *core, struct group *group, const char *channel,
                    msec now);
/* Do the votes still bind, or was it ordered without? */
bool failover_still_leads(const struct core *core, const struct group *group,
                          msec now);
/* Until when what a leader sends may leave. */
msec failover_lease_end(const struct core *core, const struct group *group);
msec failover_expiry(const struct core *core, const struct group *group,
                     msec patience_at);
void failover_hold_off(struct core *core, struct group *group, msec until);

/* candidates.c */
void candidates_ask(struct core *core, struct group *group, msec now);
/* The old master, too: it answers, and is to be replaced all the same. */
void candidates_ask_master(struct core *core, struct group *group, msec now);
bool candidates_include(const struct node *node);
bool candidates_may_return(const struct node *node);
/* Somebody may still answer who could be chosen. */
bool candidates_are_missing(struct core *core, struct group *group, msec now);
/* One that was last seen with more than the best of those that answered is
 * waited for until it answers or is down: at most down_after_ms, and 5 s. */
bool candidates_wait_for_more(struct core *core, struct group *group,
                              const struct candidate *best, msec now);
void candidates_log(struct core *core, struct group *group,
                    const struct candidate *candidates, size_t count);
void candidates_give_back(struct core *core, struct group *group, msec now);
void candidates_on_cut_off(struct core *core, struct node *node,
                           enum ack_result result, msec now);

void candidates_forget_pending(struct node *node);

/* select.c */
enum verdict {
    VERDICT_CHOSEN,
    VERDICT_LESS_OF_OURS,
    VERDICT_LATER_PRIORITY,
    VERDICT_SMALLER_OFFSET,
    VERDICT_LARGER_RUN_ID,
    VERDICT_DOWN,
    VERDICT_DISCONNECTED,
    VERDICT_NOT_NAMED,
    VERDICT_PASSWORD_WANTED,
    VERDICT_WRONG_PASSWORD,
    VERDICT_REFUSED,
    VERDICT_NOT_FOLLOWING,
    VERDICT_NO_INFO,
    VERDICT_NOT_CUT_OFF,
    VERDICT_PRIORITY_ZERO,
    VERDICT_NEVER_SYNCED,
    VERDICT_OTHER_HISTORY,
    VERDICT_LOADING,
    VERDICT_TRIED,
    VERDICT_LAGS,
    VERDICT_NO_MORE,
    VERDICT_QUARANTINED,
    VERDICT_AS_USELESS,
};

/* What a candidate holds of the group's data. All but the first serve in a
 * last resort alone. */
enum holding {
    HOLDS_OURS,
    HOLDS_A_BRANCH, /* and something beyond it of its own */
    HOLDS_UNKNOWN,  /* it had ours, and has lost the name of what it holds */
    HOLDS_NOTHING,
};

struct candidate {
    object_id id;
    const char *run_id; /* borrowed from the node */
    uint32_t priority;
    uint64_t offset;
    enum holding holding;
    bool data_first; /* the offset counts before the priority */
    bool down;
    bool disconnected;
    bool not_named;     /* the operator named another one */
    bool not_following; /* ... and it must follow the master now */
    bool refused;       /* it obeys no change of role */
    bool as_useless;    /* the master refuses writes, and it would as well */
    enum pong pong;     /* what it answers a PING */
    bool known;         /* its INFO was read at some time */
    bool has_info;
    bool cut_off; /* or this does not matter yet */
    bool never_synced;
    bool same_history;
    bool loading;
    bool tried;
    bool quarantined;
    bool no_more;         /* than the master, which lives */
    bool lags;            /* further behind than the settings allow */
    enum verdict verdict; /* result */
};

/* Judges every candidate; returns the index of the chosen one or -1. */
int select_best(struct candidate *candidates, size_t count);
int select_compare(const struct candidate *a, const struct candidate *b);
/* All nodes but the master. `final`: offsets must have been read after the
 * cut-off of this failover. */
size_t select_collect(const struct group *group, bool final,
                      struct candidate candidates[MAX_NODES_PER_GROUP]);
const char *select_verdict_name(enum verdict verdict);
/* Is there one with more data that may not be promoted? */
bool select_is_behind(const struct candidate *candidates, size_t count,
                      const struct candidate *chosen);
/* How many more replicas must be read before one may be promoted. A write
 * that k replicas confirmed is on one of any R - k + 1 of the R there are. */
uint32_t select_count_missing(const struct group *group,
                              const struct candidate *candidates, size_t count);
/* Appends what is wrong with each: " ip:port: its priority is 0, ...". */
void select_write_verdicts(const struct group *group,
                           const struct candidate *candidates, size_t count,
                           char why_not[GATE_TEXT_SIZE]);
/* Remembers which of them could be promoted now; later: could one that could
 * not be then? */
void select_mark_fit(struct group *group);
bool select_is_anybody_fit_since(const struct group *group);
/* ... one that has more than a master that lives? See select_any. */
bool select_any_with_more(const struct group *group);

/* useless.c: does it answer so that a replica had better take its place? */
bool useless_is_master(const struct link *link, enum pong pong);

/* lag.c: sets `lags`. */
void lag_mark(const struct group *group, bool final,
              struct candidate *candidates, size_t count);

/* promotion.c */
void promotion_send(struct core *core, struct group *group, struct node *node,
                    msec now);
void promotion_settle(struct core *core, struct group *group, msec now);
/* It is on disk, but too late for anybody to be told of it. */
void promotion_take_back(struct core *core, struct group *group, msec now);
/* A server was told to follow, or nobody: what became of it. False = that was
 * no promotion. */
bool promotion_on_replicaof(struct core *core, struct node *node,
                            enum ack_result result, enum role role, msec now);
void promotion_on_info(struct core *core, struct node *node);
/* It refused what belongs to the promotion or the repointing, not the change
 * of role itself: that alone, once more. */
bool promotion_send_bare(struct core *core, struct node *node);

/* orders_seen.c */
void failover_on_info(struct core *core, struct node *node,
                      const struct info *info, msec now);

/* switchover.c */
enum switchover_outcome {
    SWITCHOVER_WAITS,
    SWITCHOVER_READY,      /* promote its target */
    SWITCHOVER_UNPAUSABLE, /* the server cannot do it: the best otherwise */
    SWITCHOVER_FAILED,     /* undo it */
};
/* Notes what is asked for; switchover.planned says if it can be planned. */
enum admin_result switchover_plan(struct group *group,
                                  const struct admin *admin);
void switchover_start(struct core *core, struct group *group, msec now);
enum switchover_outcome switchover_settle(struct core *core,
                                          struct group *group, msec expires_at,
                                          msec now);
void switchover_on_pause(struct core *core, struct node *node,
                         enum core_action_type what, enum ack_result result,
                         msec now);
/* The master goes on as if nothing had been asked; whoever asked gets to
 * know why. */
void switchover_undo(struct core *core, struct group *group);
/* Without a plan, whoever asked only waits for the election. */
void switchover_begun(struct core *core, struct group *group);
/* Another supervisor does it. */
void switchover_in_progress(struct core *core, struct group *group);
/* The failover ends, and it was not we who told of the new master. */
void switchover_untold(struct core *core, struct group *group);
void switchover_end_pause(struct core *core, struct node *node, msec now);
/* It is done and durable: whoever asked gets to know. */
void switchover_done(struct core *core, struct group *group);

/* handover.c: the old master lets go before anybody is promoted. */
enum handover {
    HANDOVER_WAITS,
    HANDOVER_DONE,    /* it is no master, and the target has all it had */
    HANDOVER_BEHIND,  /* it has more than the target will ever get */
    HANDOVER_REFUSED, /* it was not told, or would not */
};
void handover_start(struct core *core, struct group *group, msec expires_at);
enum handover handover_settle(struct core *core, struct group *group, msec now);
/* Nothing comes of the promotion: it is to be master again, if it may have
 * let go and we are the one to say so. */
void handover_give_back(struct core *core, struct group *group, msec now);

/* reconf.c: the last state of a failover. */
void reconf_start(struct core *core, struct group *group, msec now);
/* True when nothing is left to do, or waiting longer is pointless. */
bool reconf_settle(struct core *core, struct group *group, msec now);
/* What was on its way is lost with the connection. */
void reconf_forget_pending(struct node *node);
void reconf_on_replicaof(struct core *core, struct node *node,
                         enum ack_result result, msec now);

#endif
