/* A simulated sentinel: a core, its fake disk, and a caller that keeps the
 * promises of core.h exactly as the runtime does. */
#ifndef SENTINELD_SIM_NODE_H
#define SENTINELD_SIM_NODE_H

#include "disk.h"
#include "net.h"

struct sim;
struct process;

/* An action together with what was true when the core issued it. */
struct issued {
    STAILQ_ENTRY(issued) entry;
    uint64_t version;      /* records it may reveal are saved by this */
    uint64_t connection;   /* serial of its link's connection; 0 = none */
    uint64_t epoch;        /* of the group's failover */
    uint64_t config_epoch; /* of the group */
    bool without_votes;
    bool planned;
    bool undecided;            /* a failover was under way, and not committed */
    struct core_action action; /* large: only what means anything is filled */
};
STAILQ_HEAD(issued_list, issued);

/* A fact that waits for the next settle, with what its pointers need. */
struct fact {
    STAILQ_ENTRY(fact) entry;
    struct core_event event;
};
STAILQ_HEAD(fact_list, fact);

/* What the caller keeps of a link. */
struct sim_link {
    uint32_t slot;
    uint64_t serial; /* 0 = no connection */
    bool up;
};

/* A question of a peer that waits for the core's answer. */
struct question {
    uint64_t client; /* 0 = free */
    uint32_t slot;
    uint64_t serial;
    object_id group;     /* as the asker calls it */
    object_id own_group; /* as we do; 0 = we know no such master */
};

enum { MAX_QUESTIONS = 512 };

/* Kill it at its next save. */
enum trap { TRAP_NONE, TRAP_BEFORE_SAVE, TRAP_AFTER_SAVE };

/* What this sentinel read of one server for its present failover. */
struct reading {
    uint64_t epoch;      /* of the failover it cut the server off for */
    bool cut_off;        /* the server obeyed */
    bool read;           /* ... and its INFO came afterwards */
    bool tried;          /* it was asked to be master */
    bool without_votes;  /* by an operator's order alone */
    msec asked_at;       /* to be cut off */
    uint32_t out;        /* such orders without an answer ... */
    uint64_t connection; /* ... on this connection */
    uint32_t replid, replid2;
    uint64_t offset;
    uint32_t priority;
    bool followed; /* it has followed somebody since it was started */
};

struct sentinel {
    struct process *process;
    struct core *core; /* NULL while it is not running */
    char run_id[RUN_ID_SIZE];
    bool locked;       /* wants another password than its peers give */
    uint64_t lives;    /* generation: events of earlier lives are void */
    msec began_at;     /* this life */
    msec resumed_at;   /* after it had stood still; 0 = never */
    msec clock_offset; /* each host's clock began at another time */
    struct disk disk;
    struct issued_list held;
    struct fact_list facts; /* what appeared while actions were performed */
    bool announces_ips;     /* announce-hostnames is no */
    bool is_older;          /* of a version that keeps no configurations */
    bool looks_up_nothing;  /* its name servers know no name */
    bool performing;
    bool crashing;          /* it performed ACT_CRASH: nothing more leaves it */
    bool settle_due;        /* an event for it is in the queue */
    msec tick_at;           /* the next timer event; NEVER = none */
    bool saved_waits;       /* a save ended while it was stopped */
    uint64_t version;       /* of the last batch of records */
    struct sim_link *links; /* by link id */
    size_t link_count;
    struct question questions[MAX_QUESTIONS];
    uint64_t last_client;
    uint32_t unanswered; /* questions recorded, no answer issued */
    enum trap trap;
    msec missed_at; /* the first deadline that passed meanwhile; NEVER */
    bool first_settle_after_pause;
    msec busy_at; /* detects a core that asks for endless settles */
    uint32_t busy_settles;
    struct reading readings[MAX_PROCESSES];
};

struct sentinel *node_new(struct sim *sim, struct process *process);
void node_start(struct sim *sim, struct sentinel *sentinel);
void node_free(struct sentinel *sentinel);
msec node_now(const struct sim *sim, const struct sentinel *sentinel);

void node_on_event(struct sim *sim, const struct sim_event *event);
void node_on_resume(struct sim *sim, struct sentinel *sentinel);
void node_on_death(struct sim *sim, struct sentinel *sentinel);
/* An operator's command. */
void node_admin(struct sim *sim, struct sentinel *sentinel,
                const struct admin *admin);

/* From the network, as client ... */
void node_on_connected(struct sim *sim, struct connection *connection);
void node_on_disconnected(struct sim *sim, struct connection *connection,
                          enum link_failure failure);
void node_on_reply(struct sim *sim, struct connection *connection,
                   const struct reply *reply);
void node_on_push(struct sim *sim, struct connection *connection,
                  const struct hello *hello);
/* ... and as server. */
void node_on_request(struct sim *sim, struct connection *connection,
                     const struct core_action *request);

/* Within the module: */
/* Hands a fact to the core, now or after the actions that are performed. */
void node_record(struct sim *sim, struct sentinel *sentinel,
                 const struct core_event *event);
void node_perform(struct sim *sim, struct sentinel *sentinel,
                  const struct issued *issued);
void node_refuse(struct sim *sim, struct sentinel *sentinel,
                 const struct issued *issued);
struct question *node_question(struct sentinel *sentinel, uint64_t client);
void node_answer(struct sim *sim, struct sentinel *sentinel,
                 const struct core_action *action, bool durable);
struct connection *node_connection(struct sim *sim,
                                   const struct sentinel *sentinel,
                                   object_id link);
void node_schedule(struct sim *sim, const struct sentinel *sentinel,
                   enum sim_event_kind kind, msec at);
/* Soon, when the other events of this millisecond are over. */
void node_want_settle(struct sim *sim, struct sentinel *sentinel);
void node_settle(struct sim *sim, struct sentinel *sentinel);
/* Records what appeared meanwhile; true when there was anything. */
bool node_record_queued(struct sim *sim, struct sentinel *sentinel);
/* A row was handed to the disk, or a retry is due. */
void node_start_save(struct sim *sim, struct sentinel *sentinel);
void node_on_saved(struct sim *sim, struct sentinel *sentinel);

#endif
