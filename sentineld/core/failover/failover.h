/* What a leader does: the state machine of a failover and its steps. */
#ifndef SENTINELD_CORE_FAILOVER_H
#define SENTINELD_CORE_FAILOVER_H

#include "core/failover/master_restart.h"
#include "core/failover/outage.h"
#include "core/guard/guard.h"

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
/* The same, under votes that still bind: what was taken is given back first. */
void failover_undo(struct core *core, struct group *group, const char *channel,
                   msec now);
/* Nobody ordered it, and the reason to replace the master is gone. */
bool failover_is_master_back(const struct group *group);
/* Do the votes still bind, or was it ordered without? */
bool failover_still_leads(const struct core *core, const struct group *group,
                          msec now);
/* Until when what a leader sends may leave. */
msec failover_lease_end(const struct core *core, const struct group *group);
msec failover_expiry(const struct core *core, const struct group *group,
                     msec patience_at);

/* failover_ask.c */
void failover_settle_ask(struct core *core, struct group *group, msec now);
void failover_replace_master(struct core *core, struct group *group,
                             enum purpose purpose, msec now);
void failover_commit_again(struct core *core, struct group *group,
                           struct node *whom, msec now);
/* Does what the votes show decide it? False = go on as if there were nothing.
 * Asked until somebody is promoted: whom an earlier leader made master may
 * come back. */
bool failover_is_ruled(struct core *core, struct group *group, msec now);

/* failover_select.c */
void failover_settle_select(struct core *core, struct group *group, msec now);

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

/* What a candidate holds of the group's data. All but the first two serve in a
 * last resort alone. */
enum holding {
    HOLDS_OURS,
    HOLDS_OTHERS,   /* ours too, but see parts.c */
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
/* parts.c: histories that nobody can compare by their offsets. */
void parts_order(const struct group *group, struct candidate *candidates,
                 size_t count);
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

/* considered.c */
/* Those of the last choice; the report of what comes of it has them. */
void report_note_candidates(struct group *group,
                            const struct candidate *candidates, size_t count);

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
/* Notes what is asked for, and says in `purpose` whether it can be planned. */
enum admin_result switchover_plan(struct group *group,
                                  const struct admin *admin,
                                  enum purpose *purpose);
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

/* votes.c */
void election_on_asked(struct core *core, const struct core_event *event,
                       msec now);
/* Takes the next epoch for a failover of ours. */
void election_stand(struct core *core, struct group *group);
void election_vote_for_self(struct core *core, struct group *group, msec now);

/* rivals.c: several supervisors were ordered a failover in one moment. */
enum rivals {
    RIVALS_NONE,     /* nobody is in the way */
    RIVALS_BEHIND,   /* nobody can win this epoch, and we come first */
    RIVALS_IN_FRONT, /* somebody else goes on */
};
/* Somebody wants votes: whoever does has given himself his own. */
void rivals_on_asked(struct core *core, struct group *group,
                     const struct ballot *wanted, msec now);
enum rivals rivals_judge(struct core *core, struct group *group, msec now);
/* In a new epoch, beyond those of all rivals. */
void rivals_stand_again(struct core *core, struct group *group, msec now);

/* switch.c */
/* Believes in another master from now on; told to nobody until it is on
 * disk (switch_publish). */
/* What was ordered before and has not left does not leave any more. */
void model_decide_anew(struct group *group);
void switch_master(struct core *core, struct group *group, struct node *master,
                   uint64_t config_epoch, msec now);
/* The master, the same or another, begins its time now: nothing that was
 * measured or said of it before counts. */
void switch_begin(struct core *core, struct group *group, msec now);
/* Believes again in whom we told of last: nobody was told of the switch, and
 * who leads next decides about it. */
void switch_take_back(struct core *core, struct group *group, msec now);
/* A peer told us of this master, in a hello that is better than what we know.
 */
void switch_adopt(struct core *core, struct node *master,
                  const struct voter *teller, msec now);
/* Makes the durable belief the one that is told. */
void switch_publish(struct core *core, struct group *group);

/* follow.c */
/* Would it lose nothing by following our master, or is that decided? */
bool follow_is_free(const struct node *node);
/* May it begin to fetch now, as parallel_syncs goes? */
bool follow_has_turn(const struct core *core, const struct node *node,
                     msec now);
/* The order itself; the caller has asked both. */
void follow_send(struct core *core, struct node *node, msec expires_at,
                 msec now);

/* gates.c: why there is no failover. */
/* Each gate by itself, and the sentence about it. */
bool gates_is_closed(const struct core *core, const struct group *group,
                     enum gate gate, msec now);
void gates_explain(const struct core *core, const struct group *group,
                   enum gate gate, msec now, char text[GATE_TEXT_SIZE]);
/* This one is the first that is closed: said in time, and again while it is. */
void gates_say(struct core *core, struct group *group, enum gate gate,
               const char *why, msec now);
/* There is no reason any more. */
void gates_forget(struct group *group);
/* The master is down, but a failover now would come too soon. */
bool gates_must_pause(struct core *core, struct group *group, msec now);
/* Have we read what came in, and does the disk work? */
bool gates_are_able(struct core *core, struct group *group, msec now);
bool gates_may_begin(struct core *core, struct group *group, msec now);

/* flapping.c */
/* The master is about to be replaced: because it is down, or by an order? */
void flapping_on_switch(struct group *group, msec now);
/* A failover by itself is to wait: why, and an event that says so. */
void flapping_explain(const struct group *group, char text[GATE_TEXT_SIZE]);
void flapping_announce(struct core *core, struct group *group);
/* An operator knows: what was counted is forgotten. */
void flapping_acknowledge(struct core *core, struct group *group);

/* fencing_wait.c */
/* With `safety`: true while the old master may still acknowledge writes. */
bool fencing_must_wait(struct core *core, struct group *group, msec now);

/* publish.c: tells what has become durable. */
void publish_saved(struct core *core, msec now);

/* ruling.c: what a leader before us may have committed. */
enum ruling {
    RULING_FREE,   /* nothing, or what is gone: go on as if it were not there */
    RULING_WAIT,   /* its server has not answered yet */
    RULING_COMMIT, /* this one is master, in our epoch */
};
/* Do we keep a configuration that nobody tells? */
bool ruling_is_pending(const struct group *group);
/* We are elected, and our voters have told what they keep. */
enum ruling ruling_make(struct core *core, struct group *group,
                        struct node **whom, msec now);
/* May we stand for a ruling alone? */
bool ruling_may_begin(struct core *core, struct group *group, msec now);
void ruling_settle(struct core *core, struct group *group, msec now);

/* commit.c: a majority's disks have it before anybody is told. */
/* Are there enough peers that can keep a configuration? */
bool commit_is_possible(const struct group *group);
/* A peer has shown of which make it is. */
void commit_note_kind(struct core *core, struct group *group);
/* Are too few reached that could keep it? */
bool commit_lacks_peers(const struct group *group);
void commit_explain(const struct group *group, char text[GATE_TEXT_SIZE]);
void commit_start(struct core *core, struct group *group, msec now);
void commit_settle(struct core *core, struct group *group, msec now);
void commit_on_answer(struct core *core, struct link *link,
                      const struct core_event *event);
void commit_on_saved(struct core *core);
/* A leader offers us what it is about to commit. */
void commit_on_offer(struct core *core, const struct admin *admin, msec now);

#endif
