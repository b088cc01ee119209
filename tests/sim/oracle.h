/* The oracle watches everything that leaves a sentinel and everything a core
 * believes, and stops the run at the first broken rule.
 *
 *   S1  in one epoch, at most one sentinel promotes for a group
 *   S2  a sentinel never shows two votes for one group and epoch
 *   S3  the epochs a sentinel reveals never decrease
 *   S4  same group and config epoch: same address everywhere
 *   S5  what a performed action reveals is on the disk
 *   S6  no failover begins without a quorum that says down, nor in a stall;
 *       no master is objectively down while a majority of its replicas have
 *       told that they hear it
 *   S7  no action names a dead id; CONNECT is answered before the next;
 *       every question is answered; the core does not spin
 *   S8  the promoted replica is of the master's history and, of those read
 *       after the cut-off, the best
 *   S9  two leaders never promote at the same time
 *   planned  a planned switchover promotes nobody before the old master has
 *       let go of all it had, and tells of nobody while that takes writes
 *   fenced  with fencing = safety, no write is acknowledged by an old master
 *       after the promotion
 *   Q1  a server in quarantine is sent no change of role
 *   told what is shown as a group's configuration, a majority's disks had
 *   G10 no replica is led to a master that came back with less than it has
 *   E1  each event has its level
 *   detached, charged, readers, syncs, needless  what is owed to the pool
 *       (oracle_owed.c); judged where a script says `rules`
 *
 * W1 to W5 are about what clients wrote (oracle_writes.h).
 *
 * Forced failovers that went on without votes are excepted from S1, S4 and
 * S9, forced ones of any kind from `fenced`. Liveness is checked at the end of
 * a run (liveness.h). */
#ifndef SENTINELD_SIM_ORACLE_H
#define SENTINELD_SIM_ORACLE_H

#include "node.h"
#include "oracle_writes.h"
#include "writer.h"

struct sim;
struct core_output;
struct group;
struct redis;

/* One claim that must stay true: (who, group, epoch) -> value. */
struct claim {
    uint32_t subject; /* process number; 0 = everybody */
    uint32_t group;
    uint64_t epoch;
    char value[RUN_ID_SIZE + 24]; /* a run id, or an address */
    msec at;                      /* `kept` alone: when that was */
};

struct claims {
    struct claim *items;
    size_t count, capacity;
};

enum { ORACLE_GROUPS = 8, TOLD_MAX = 64 };

/* The last planned promotion of a group: who had to let go for it. */
struct handed_over {
    uint64_t epoch; /* 0 = none yet */
    uint32_t target;
    uint32_t old; /* process number, in this life of it */
    uint32_t lives;
};

/* What the oracle remembers of one sentinel in one group. */
struct watched_group {
    /* The last epochs that it revealed, by channel: a hello that waits for
     * the disk may be overtaken by a view, as it may on the network. */
    uint64_t hello_epoch;
    uint64_t view_epoch;
    uint64_t vote_epoch;
    uint64_t published_epoch; /* the last that S4 and S5 looked at */
    bool published_seen;
    bool in_failover;    /* after the last settle */
    bool objective_down; /* the same */
    bool in_ruling;      /* ... on what a leader before it left */
    bool in_hold;        /* ... or keeping replicas from the master */
    /* When it last believed that its master, this one, was down; 0 = never. */
    msec down_at[MAX_PROCESSES];
    /* ... or that its process had gone, or was not judged yet. */
    msec gone_at[MAX_PROCESSES];
};

/* What a sentinel has read in a replica's INFO: when it surely heard its
 * master last. */
struct heard {
    msec asked_at; /* this INFO was asked for */
    uint64_t offset;
    uint32_t master; /* whom it follows with its link up; 0 = nobody */
    msec at;
};

/* What is owed to the pool; the core does not keep all of it yet. */
enum owed {
    OWED_DETACHED,
    OWED_CHARGED,
    OWED_READERS,
    OWED_SYNCS,
    OWED_NEEDLESS,
};
enum { OWED_COUNT = OWED_NEEDLESS + 1 };

/* A replica that a sentinel told to follow nobody. */
struct kept_away {
    msec since;    /* 0 = it is not */
    uint32_t from; /* the process that it followed before; 0 = none */
};

struct oracle {
    bool violated;
    uint32_t owed;    /* rules of enum owed that are judged */
    uint32_t allowed; /* rules that a script expects to break ... */
    uint32_t told_of; /* ... and it did, and the transcript says so */
    char rule[12];
    char text[512];
    struct claims promoters;               /* S1 */
    struct claims votes;                   /* S2 */
    struct claims configs;                 /* S4 */
    struct claims kept;                    /* told */
    struct claims exceptions;              /* epochs taken without votes */
    uint64_t current_epoch[MAX_PROCESSES]; /* S3: the last revealed */
    struct watched_group watched[MAX_PROCESSES][ORACLE_GROUPS];
    struct handed_over handovers[ORACLE_GROUPS];
    uint64_t promoted_epoch[ORACLE_GROUPS]; /* the last promotion of any kind */
    /* The last histories that a server showed while it was master, to
     * anybody and (the very last) to each sentinel. */
    uint32_t told[MAX_PROCESSES][TOLD_MAX];
    uint32_t told_to[MAX_PROCESSES][MAX_PROCESSES];     /* [sentinel][server] */
    uint32_t told_parent[MAX_PROCESSES][MAX_PROCESSES]; /* its replid2 */
    struct promotion_order orders[MAX_PROCESSES];       /* [chosen] */
    struct forks forks;
    struct reach reach[MAX_PROCESSES];
    struct kept_away kept_away[MAX_PROCESSES];
    msec deserted_since[MAX_PROCESSES]; /* masters; 0 = not */
    msec copied_at[MAX_PROCESSES];      /* masters: by a replica, all of it */
    bool emptied[ORACLE_GROUPS];        /* some server there lost its data */
    struct write_count counts[MAX_WRITERS];
    msec silent_since[MAX_PROCESSES]; /* fenced: old masters; 0 = not one */
    struct heard heard[MAX_PROCESSES][MAX_PROCESSES]; /* [sentinel][server] */
    msec info_asked_at[MAX_PROCESSES][MAX_PROCESSES]; /* the last one */
    /* The process of each server that each sentinel has read. */
    char read_run_id[MAX_PROCESSES][MAX_PROCESSES][RUN_ID_SIZE];
    uint32_t promotions; /* seen in this run */
};

/* Its bit in `allowed`; 0 = not a rule's name. */
uint32_t oracle_rule_bit(const char *rule);
void oracle_fail(struct sim *sim, const char *rule, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* After each settle, before its actions are performed. */
void oracle_on_settle(struct sim *sim, struct sentinel *sentinel,
                      const struct core_output *output);
/* Before an action of a kind that waits is performed. */
void oracle_on_perform(struct sim *sim, struct sentinel *sentinel,
                       const struct issued *issued);
/* A peer is shown this sentinel's view of a group. */
void oracle_on_view(struct sim *sim, struct sentinel *sentinel,
                    const char *group, uint64_t config_epoch);
/* A sentinel asks a server for INFO. */
void oracle_on_info_asked(struct sim *sim, const struct sentinel *sentinel,
                          uint32_t server);
/* A sentinel reads what a server says of itself. */
void oracle_on_info(struct sim *sim, const struct sentinel *sentinel,
                    uint32_t server, const struct info_text *info);
/* A sentinel that stands is told by a peer which history is the newest. */
void oracle_on_view_told(struct sim *sim, const struct sentinel *sentinel,
                         const struct core_event *event);
/* A server has become master, with a history of its own. */
void oracle_on_promoted(struct sim *sim, const struct redis *redis);
/* A replica has come to that master. */
void oracle_on_attached(struct sim *sim, const struct redis *master);
/* A master acknowledges writes. */
void oracle_on_write(struct sim *sim, const struct redis *redis);
/* An operator removes a group: what this sentinel voted and showed in it is
 * forgotten with it. */
void oracle_on_removed(struct sim *sim, const struct sentinel *sentinel,
                       const char *group);
void oracle_init(struct oracle *oracle); /* it is all zeros */
void oracle_free(struct oracle *oracle);

/* A server has obeyed an order, of a sentinel or an operator; it followed the
 * other before. */
void oracle_on_told_to_follow(struct sim *sim, const struct redis *redis,
                              const struct address *before, bool by_sentinel);
/* Its clients' connections were closed with an order to follow. */
void oracle_on_clients_killed(struct sim *sim, const struct redis *redis,
                              uint32_t sentinel, bool was_master,
                              uint32_t gives_back_to);
/* It begins to copy all that its master has. */
/* Does this sentinel give back what it took, to go? Nobody can do it later. */
bool oracle_is_leaving(const struct sim *sim, uint32_t sentinel,
                       const struct redis *redis);
void oracle_on_full_sync(struct sim *sim, struct redis *redis);
/* Is a replica that could have this master's writes kept from it for long? */
bool oracle_is_deserted(const struct sim *sim, uint32_t master);

/* Judges by these from now on: "strict" = all; false = no such rule. */
bool oracle_judge_owed(struct sim *sim, const char *name);
bool oracle_is_owed(const struct sim *sim, enum owed owed);

/* Within the module: */
/* oracle_owed.c */
void oracle_check_detached(struct sim *sim);
void oracle_look_for_deserted(struct sim *sim);
void oracle_check_needless(struct sim *sim, const struct sentinel *sentinel,
                           const struct group *group);
uint32_t oracle_group(const struct sim *sim, const char *name);
/* Adds the claim; NULL, or the earlier one that says something else. */
const struct claim *oracle_claim(struct claims *claims,
                                 const struct claim *claim);
size_t oracle_count(const struct claims *claims, const struct claim *like);
bool oracle_is_excepted(const struct sim *sim, uint32_t group, uint64_t epoch);
/* oracle_reveal.c: S2 to S5 */
void oracle_check_answer(struct sim *sim, struct sentinel *sentinel,
                         const struct core_action *action,
                         const struct group *group);
void oracle_check_ask(struct sim *sim, struct sentinel *sentinel,
                      const struct core_action *action,
                      const struct group *group);
void oracle_check_hello(struct sim *sim, struct sentinel *sentinel,
                        const struct core_action *action);
void oracle_check_config_durable(struct sim *sim, struct sentinel *sentinel,
                                 const struct issued *issued,
                                 const struct group *group);
void oracle_check_published(struct sim *sim, struct sentinel *sentinel,
                            const struct group *group);
/* oracle_told.c */
/* A save of this sentinel is over. */
void oracle_on_durable(struct sim *sim, const struct sentinel *sentinel);
void oracle_check_committed(struct sim *sim, const struct sentinel *sentinel,
                            const char *group, uint64_t epoch,
                            const struct address *master);
void oracle_check_passed_over(struct sim *sim, const struct sentinel *sentinel,
                              const struct issued *issued,
                              const struct group *group);
/* oracle_events.c: E1 */
void oracle_on_event(struct sim *sim, const struct sentinel *sentinel,
                     const struct core_action *action);

/* oracle_failover.c: S1, S6, S9 */
void oracle_check_start(struct sim *sim, struct sentinel *sentinel,
                        const struct group *group);
void oracle_check_promotion(struct sim *sim, struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group);
/* oracle_planned.c */
/* Is it no promotion, but the end of a planned one that came to nothing? */
bool oracle_is_given_back(struct sim *sim, const struct sentinel *sentinel,
                          const struct issued *issued,
                          const struct group *group);
/* True: it was taken without votes, and so is given back. */
bool oracle_check_given_back(struct sim *sim, const struct sentinel *sentinel,
                             const struct issued *issued);
void oracle_check_planned(struct sim *sim, const struct sentinel *sentinel,
                          const struct issued *issued,
                          const struct group *group);
void oracle_check_told(struct sim *sim, const struct sentinel *sentinel,
                       const char *group, uint64_t epoch,
                       const struct address *master);
/* oracle_fencing.c: fenced */
void oracle_note_fenced(struct sim *sim, const struct issued *issued,
                        const struct sentinel *sentinel,
                        const struct group *group);
/* oracle_witness.c: S6 */
void oracle_note_heard(struct sim *sim, const struct sentinel *sentinel,
                       uint32_t server, const struct info_text *info);
void oracle_check_down(struct sim *sim, struct sentinel *sentinel,
                       const struct group *group);
/* oracle_vanished.c: G10, and S6 of what begins before the master is down */
bool oracle_saw_gone(const struct sim *sim, const struct group *group);
void oracle_check_following(struct sim *sim, const struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group);
/* A server starts: did another of its group hold more, when it last ran? */
bool oracle_is_behind(const struct sim *sim, const struct redis *redis);
/* oracle_choice.c: S8 */
void oracle_check_choice(struct sim *sim, const struct sentinel *sentinel,
                         const struct issued *issued,
                         const struct group *group);
/* Who else could have been promoted as far as its leader can know, or would
 * still have answered: into order->rivals, and ->worse by priority alone. */
void oracle_find_rivals(const struct sim *sim, const struct sentinel *sentinel,
                        const struct group *group, uint32_t chosen,
                        struct promotion_order *order);

#endif
