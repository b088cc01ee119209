/* The core's door: facts in, actions out.
 *
 * A fact is something that happened: a PONG came, a link broke, a peer asked
 * for our vote. An action is something to do. core_record notes one fact;
 * core_settle decides about everything that facts or time have touched and
 * returns the actions. Same seed and same sequence of (time, fact) give the
 * same actions, always.
 *
 * The core promises: deterministic; cannot fail, cannot block; any message
 * may stay unanswered; work in proportion to what was touched or is due.
 *
 * The caller promises:
 *  1. `now` never goes back. (Coming much too late is the core's business.)
 *  2. Nothing is recorded or settled while the actions of the previous
 *     settle are being performed; facts that appear meanwhile are queued.
 *  3. Settle after every batch of facts, and no later than core_deadline().
 *  4. While `save_version` was not 0 and is not yet durable, every action for
 *     which core_action_waits() is held back, in order; the others are
 *     performed at once. When the store says that the records are durable,
 *     record EV_SAVED and perform what was held. When it says they are not,
 *     record EV_SAVE_FAILED, refuse what was held (EV_ACK with ACK_UNSENT; an
 *     error to a client), keep the records, and try again with the next batch.
 *  5. An action whose `expires_at` has passed, or whose decision does not
 *     stand any more (core_action_stands), is refused, not performed. */
#ifndef SENTINELD_CORE_H
#define SENTINELD_CORE_H

#include "sentineld/types.h"

struct core;
struct model;

/* Life of a link, as the caller must keep it: ACT_CONNECT is answered by one
 * EV_LINK_UP or one EV_LINK_DOWN, before which an EV_RESOLVED may say where
 * the name led to; after EV_LINK_UP there is one EV_LINK_DOWN
 * unless ACT_DISCONNECT came first; after ACT_DISCONNECT nothing of that
 * connection is recorded any more. */
enum link_kind {
    LINK_NODE_COMMAND, /* to a Redis server: PING, INFO, PUBLISH, SLAVEOF */
    LINK_NODE_HELLO,   /* to a Redis server: SUBSCRIBE __sentinel__:hello */
    LINK_PEER,         /* to another supervisor; one for each process */
};

/* Why a link is down. Each is another fact about the world. */
enum link_failure {
    FAILURE_NONE,
    FAILURE_REFUSED,      /* the kernel there says: no such process */
    FAILURE_RESET,        /* reset in the middle */
    FAILURE_CLOSED,       /* closed by the other side */
    FAILURE_TIMED_OUT,    /* no answer to our connect, or ACT_DISCONNECT */
    FAILURE_UNREACHABLE,  /* no route */
    FAILURE_UNRESOLVABLE, /* the name has no address */
    FAILURE_TLS,          /* it answered, and TLS was refused by one side */
    FAILURE_PROTOCOL,     /* answered something that is not RESP */
    FAILURE_FULL,         /* answered that it has as many clients as it may */
    FAILURE_LOCAL,        /* our own trouble: descriptors, memory */
};

/* What answered our PING. */
enum pong {
    PONG_OK,
    PONG_LOADING,
    PONG_MASTERDOWN,
    PONG_BUSY,
    PONG_NOAUTH,    /* a password is wanted */
    PONG_WRONGPASS, /* ours is wrong */
    PONG_NOPERM,    /* the user may not */
    PONG_MISCONF,   /* persistence trouble there */
    PONG_ERROR,     /* any other error, or no status at all */
};

/* How a supervisor's id was shown, the best last. */
enum proven {
    PROVEN_NOT,
    PROVEN_ANSWER, /* its address answered with it */
    PROVEN_TLS,    /* ... and each side verified the other's certificate */
    PROVEN_KEY,    /* ... and it has the pool's key */
};

enum ack_result {
    ACK_OK,
    ACK_REFUSED, /* answered by an error */
    ACK_UNSENT,  /* never left: not durable, expired, or the link was down */
};

enum core_action_type {
    ACT_CONNECT,
    ACT_DISCONNECT,
    ACT_PING,
    ACT_INFO,
    ACT_SUBSCRIBE, /* to __sentinel__:hello */
    ACT_IDENTIFY,  /* who is this supervisor? Answered by EV_IDENTITY */
    ACT_SCRIPT_KILL,
    ACT_FENCE_READ, /* CONFIG GET what it demands; answered by EV_DEMAND */
    ACT_REHEARSE,   /* a failover's orders, without effect; EV_REHEARSED */
    ACT_ACCEPT,     /* offer a peer a configuration; EV_ACK when it is on
                       its disk */
    ACT_VIEW,       /* ask a peer: SENTINEL MASTER name; answered by EV_VIEW */
    ACT_EVENT,      /* log and publish "+sdown ..." */
    ACT_LOG,        /* a sentence for the log alone */
    ACT_SCRIPT,     /* start an operator's program */
    /* these reveal durable state, so they wait for the save: */
    ACT_HELLO,      /* PUBLISH __sentinel__:hello to a server or a peer */
    ACT_ASK,        /* SENTINEL is-master-down-by-addr to a peer */
    ACT_VOTER_VIEW, /* as ACT_VIEW, behind the question for a vote */
    ACT_CUT_OFF,    /* follow nobody; then INFO. Its clients stay */
    ACT_REPLICAOF,  /* promote, or repoint; then ROLE */
    ACT_PAUSE,      /* CLIENT PAUSE WRITE on a master */
    ACT_UNPAUSE,
    ACT_FENCE,  /* CONFIG SET what it demands, and CONFIG REWRITE */
    ACT_ANSWER, /* to a client of ours */
    ACT_CRASH,  /* end this process at once, as an operator asked for */
};

enum core_event_type {
    EV_RESOLVED,     /* the name that we are to connect to has this ip */
    EV_LINK_UP,      /* connected, greeting sent */
    EV_LINK_DOWN,    /* failed to connect, or closed */
    EV_PONG,         /* reply to ACT_PING, whatever it said */
    EV_INFO,         /* reply to ACT_INFO or the INFO of ACT_CUT_OFF, parsed */
    EV_MIN_REPLICAS, /* reply to ACT_FENCE_READ */
    EV_REHEARSED,    /* reply to ACT_REHEARSE */
    EV_IDENTITY,     /* a peer's answer to ACT_IDENTIFY */
    EV_VIEW,         /* a peer's answer to ACT_VIEW */
    EV_ASK_REPLY,    /* a peer's opinion and perhaps its vote */
    EV_HELLO,        /* a hello, from pub/sub (link) or sent to us (link 0) */
    EV_ACK,          /* SUBSCRIBE, HELLO, CUT_OFF, REPLICAOF, SCRIPT_KILL done;
                        or INFO, VIEW, ASK, PING answered by garbage or unsent,
                        or REHEARSE in a way that tells nothing */
    EV_ASKED,        /* a peer asks our opinion and perhaps our vote */
    EV_ADMIN,        /* an operator wants a change */
    EV_SAVED,        /* all records up to this version are on disk */
    EV_SAVE_FAILED,  /* those since are not, and will be tried again */
};

struct core_event {
    enum core_event_type type;
    object_id link;  /* 0 when the fact has no link */
    object_id group; /* VIEW, ASK_REPLY, and ACKs: as in the action; else 0 */
    union {
        struct {
            char ip[IP_SIZE];
        } resolved;
        struct {
            char local_ip[HOST_SIZE]; /* our side of the connection */
        } link_up;
        enum link_failure failure; /* EV_LINK_DOWN */
        enum pong pong;
        const struct info *info;   /* borrowed for the call */
        const struct hello *hello; /* borrowed for the call */
        struct min_replicas min_replicas;
        bool refused[DENIED_COUNT]; /* EV_REHEARSED */
        struct {
            char run_id[RUN_ID_SIZE]; /* "" = it is a supervisor, and of a
                                         version that does not tell */
            enum proven how;
        } identity;
        struct {
            uint64_t config_epoch;
            struct address master;
            bool failover_in_progress;
            struct history lineage[LINEAGE_SIZE]; /* newest first */
            uint64_t lineage_epoch; /* config epoch of who told it */
            bool process_gone;      /* the master's, as the peer sees it */
            char only_process[RUN_ID_SIZE]; /* of the master that the peer has
                                               met; "" = none, or others */
            bool is_ours;                   /* a sentineld: the rest is told */
            struct configuration accepted;  /* the newest that it has */
        } view;
        struct {
            bool down;
            struct ballot vote; /* leader "" when the peer said "*" */
        } ask_reply;
        struct {
            enum core_action_type what;
            enum ack_result result;
            enum role role; /* REPLICAOF: what ROLE said afterwards */
            bool extras;    /* what belongs to it was refused (CONFIG REWRITE,
                               CLIENT KILL), not what it is about */
        } ack;
        struct {
            uint64_t client; /* gets an ACT_ANSWER; opaque */
            struct address master;
            uint64_t epoch;
            char candidate[RUN_ID_SIZE]; /* "" when the peer sent "*" */
            enum vote_reason reason;
        } asked;
        const struct admin *admin; /* borrowed for the call */
        uint64_t saved_version;
    };
};

/* Level of an event or a log sentence, as in Redis. */
enum log_level { LEVEL_DEBUG, LEVEL_VERBOSE, LEVEL_NOTICE, LEVEL_WARNING };

/* Which of a group's two programs, and so what it is told. */
enum script_kind { SCRIPT_NOTIFICATION, SCRIPT_CLIENT_RECONFIG };

struct core_script {
    enum script_kind kind;
    char path[SCRIPT_PATH_SIZE];
    char group[NAME_SIZE];
    union {
        struct {
            char channel[CHANNEL_SIZE];
            char text[EVENT_TEXT_SIZE];
        } event; /* SCRIPT_NOTIFICATION */
        struct {
            bool leads; /* this supervisor did it */
            struct address from;
            struct address to;
        } reconfig; /* SCRIPT_CLIENT_RECONFIG */
    };
};

/* What an event or a sentence is about, for programs that read the log: NULL,
 * "" and 0 where there is nothing to tell. */
struct core_subject {
    char group[NAME_SIZE];
    const char *role; /* of the server: master, replica or supervisor */
    struct address server;
    char peer[RUN_ID_SIZE]; /* if the server is a supervisor */
    uint64_t epoch;         /* the current one when it was said */
    const char *reason;     /* why there is no failover: one word */
};

struct core_action {
    enum core_action_type type;
    object_id link;    /* 0 when the action has no link */
    object_id group;   /* whose business it is; comes back in the fact */
    msec expires_at;   /* NEVER, or: refuse it after this moment */
    uint64_t decision; /* what it belongs to; 0 = to none, it always stands */
    union {
        struct {
            enum link_kind kind;
            struct address address;
            msec timeout_ms; /* give up connecting after this */
        } connect;
        struct {
            char name[NAME_SIZE];
        } view;
        struct {
            char name[NAME_SIZE];
            struct configuration offer;
            char leader[RUN_ID_SIZE];
        } accept;
        struct {
            enum log_level level;
            char channel[CHANNEL_SIZE]; /* "" for ACT_LOG */
            char text[EVENT_TEXT_SIZE];
            struct core_subject about;
        } event; /* ACT_EVENT, ACT_LOG */
        struct core_script script;
        struct hello hello;
        struct {
            struct address master;
            uint64_t epoch;
            char candidate[RUN_ID_SIZE]; /* "" = "*": no vote wanted */
            enum vote_reason reason;
        } ask;
        struct {
            struct address master; /* host "" = NO ONE: a promotion */
            bool unpause;          /* and CLIENT UNPAUSE: we paused it */
            bool bare;         /* SLAVEOF alone: the rest is refused there */
            bool keep_clients; /* its role stays the same, so they may stay */
        } replicaof;
        struct {
            msec duration_ms;
        } pause;
        struct {
            enum rehearsal what;
            struct address master; /* whom it follows now; host "" = nobody */
        } rehearsal;
        struct {
            struct min_replicas min_replicas;
            bool bare; /* without CONFIG REWRITE: it is refused there */
        } fence;
        struct {
            uint64_t client;
            bool is_opinion; /* to EV_ASKED; else the outcome of EV_ADMIN */
            bool down;
            struct ballot vote; /* leader "" = "*" */
            enum admin_type asked;
            enum admin_result result;
            uint32_t count;            /* RESET: how many groups */
            char text[GATE_TEXT_SIZE]; /* REFUSED, NO_GOOD_REPLICA: why;
                                          OK: a remark, or "" */
        } answer;
    };
};

struct core_output {
    const struct core_action *actions; /* valid until the next settle */
    size_t count;
    const struct record *records; /* what must be on disk; as above */
    size_t record_count;
    uint64_t save_version; /* 0 when there are no records */
};

/* Builds the core from the configuration and what the disk remembers.
 * `saved` may be empty (first start): then `run_id` becomes our own id and
 * the first settle emits its record. Everything is copied. */
struct core *core_new(const struct core_conf *conf, const char *run_id,
                      const struct record *saved, size_t saved_count,
                      uint64_t seed, msec now);
void core_free(struct core *core);

void core_record(struct core *core, msec now, const struct core_event *event);
void core_settle(struct core *core, msec now, struct core_output *output);

/* What the wall clock says now, for reports that people read. Nothing is
 * decided by it. */
void core_set_unix_time(struct core *core, msec now, uint64_t unix_ms);

/* When core_settle must be called at the latest; NEVER if nothing is due. */
msec core_deadline(const struct core *core);

/* After ADMIN_STOP: has every server got back what was taken from it, or is
 * the time for that over? */
bool core_is_at_rest(const struct core *core, msec now);

/* Does this kind of action reveal durable state? */
bool core_action_waits(enum core_action_type type);

/* Does the decision still stand that this order to a server, or offer to a
 * peer, belongs to? What waits for the disk dies with it. */
bool core_action_stands(const struct core *core,
                        const struct core_action *action);

const struct model *core_model(const struct core *core);

#endif
