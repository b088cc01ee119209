/* What a group knows of its failovers: the one under way, those that follow
 * each other, the time without a master, and those of the past. Part of the
 * model, see model.h. */
#ifndef SENTINELD_MODEL_FAILOVER_H
#define SENTINELD_MODEL_FAILOVER_H

#include <sys/queue.h>

#include "sentineld/types.h"

struct node;

enum failover_state {
    FAILOVER_NONE,
    FAILOVER_WAIT_START, /* asking for votes */
    FAILOVER_KEEP,       /* replicas are kept from it: see keep */
    FAILOVER_CATCH_UP,   /* a planned one: see switchover */
    FAILOVER_SELECT,     /* cutting off and reading the candidates */
    FAILOVER_PROMOTE,    /* waiting for one to say that it is master */
    FAILOVER_COMMIT,     /* until a majority's disks have it: see commit */
    FAILOVER_RECONF,     /* repointing the others */
};

/* What a leader is to do with the group. The first two are nothing to tell
 * clients of: no event that Sentinel has is sent for them. */
enum purpose {
    PURPOSE_NONE,
    PURPOSE_KEEP,    /* replicas from a master that restarted: see keep */
    PURPOSE_RULE,    /* on what a leader before us left: see ruling */
    PURPOSE_REPLACE, /* a master that is down, or lacks data */
    PURPOSE_FORCED,  /* replace it, as an operator ordered */
    PURPOSE_PLANNED, /* the same, and nothing is to be lost: see switchover */
};

/* What the candidate made of our command. */
enum promotion {
    PROMOTION_NONE,
    PROMOTION_SENT,      /* outcome unknown */
    PROMOTION_CONFIRMED, /* it says itself that it is master */
    PROMOTION_REFUSED,
    PROMOTION_UNSENT, /* it never left */
};

/* The steps of a planned switchover, before anything is promoted. */
enum switchover_phase {
    SWITCHOVER_NONE,
    SWITCHOVER_CHOOSE,   /* fresh INFO of all */
    SWITCHOVER_PAUSE,    /* the master is told to pause writes ... */
    SWITCHOVER_REFUSED,  /* ... and cannot */
    SWITCHOVER_UNSENT,   /* ... and was never told */
    SWITCHOVER_CATCH_UP, /* until the chosen one has what the master has */
    SWITCHOVER_HAND_OVER /* the master is to let go: see handover.c */
};

struct switchover {
    enum failover_mode mode;
    bool dry_run;
    enum switchover_phase phase;
    msec phase_at;
    msec timeout_ms;
    struct node *target;      /* named by the operator, then the chosen */
    bool caught_up_once;      /* the pause was acknowledged before */
    bool compared;            /* the target was asked again after the cut-off */
    uint64_t client;          /* who waits for the outcome; 0 = nobody */
    char why[GATE_TEXT_SIZE]; /* it failed, or what was left out */
};

/* Why there is no failover, in the order of asking: see gates. */
enum gate {
    GATE_OPEN,
    GATE_TILT,         /* time went by without us */
    GATE_LATE,         /* something is unread */
    GATE_UNSAVED,      /* our disk does not save: then we ask nobody either */
    GATE_NO_MAJORITY,  /* too few supervisors answer */
    GATE_NOT_KEPT,     /* too few that would have a new master on disk */
    GATE_NOT_AGREED,   /* too few find the master down */
    GATE_WITNESSED,    /* its replicas hear it */
    GATE_HEARD,        /* too many supervisors do */
    GATE_NOT_TOLD,     /* the last switch is not on disk */
    GATE_VOTE,         /* ours binds us */
    GATE_TURN,         /* others first, or a pause after a lost election */
    GATE_ATTEMPTS,     /* too many that came to nothing */
    GATE_FLAPPING,     /* failovers followed each other */
    GATE_NO_CANDIDATE, /* nobody can be promoted */
    GATE_AWAY,         /* one that was seen with more */
    /* not to go on, once we lead */
    GATE_FENCING,    /* the old master may take writes */
    GATE_DURABILITY, /* too few replicas were read */
    GATE_OPERATOR,   /* one has to decide about an empty master */
    GATE_COUNT,
};

struct gate_log {
    enum gate first;          /* that is closed ... */
    msec since;               /* ... since then */
    enum gate said;           /* the last that was said ... */
    msec said_at;             /* ... at this time; NEVER = none was */
    unsigned announced;       /* bit set: events about it were sent */
    char why[GATE_TEXT_SIZE]; /* what was said */
};

struct failover {
    enum failover_state state;
    enum purpose purpose; /* NONE when there is no failover */
    msec state_since;
    uint64_t epoch; /* that we stand in, or won */
    msec started_at;
    bool takes_master;  /* the same master, although it lacks something */
    msec won_at;        /* and not all is said; 0 = not yet */
    msec ruling_until;  /* ... whose server must answer by then; 0 = none */
    bool without_votes; /* forced, and no majority could be reached */
    msec justified_at;  /* a quorum shared the reason for holding then */
    struct switchover switchover;
    struct node *promoted;
    enum promotion promotion;
    msec promote_sent_at;
    uint64_t accepted_version; /* the save of what we offer to the others */
    msec retry_at;             /* no attempt of ours before */
    uint32_t lost_in_a_row;
    uint32_t stood_again; /* an order that met others: see rivals */
    char *considered; /* the candidates as the report will have them; NULL */
    struct gate_log gate;
};

/* Failovers of one group that follow each other. */
struct flapping {
    uint32_t count; /* since a quiet time, or an operator's ACKNOWLEDGE */
    msec last_at;   /* the last of them; NEVER */
};

/* While a group is without a master: see last_resort.c. */
struct last_resort {
    msec masterless_since; /* NEVER = it has one */
    msec majority_since;   /* enough supervisors are up; NEVER = they are not */
    msec present_since;    /* some server is there; NEVER = none */
    bool waits;            /* for one that was seen with more */
    bool over;             /* that may not last longer */
};

/* What became of the master's process, as we see it ourselves. */
enum restart_state {
    RESTART_NONE,   /* it is the one we know, or one that is as good */
    RESTART_GONE,   /* its host refuses connections: nothing runs there */
    RESTART_BACK,   /* another one answers; what it holds is not judged yet */
    RESTART_BEHIND, /* ... and it lacks what a replica holds */
};

struct master_restart {
    enum restart_state state;
    msec since;     /* the first sign of it */
    msec gone_at;   /* its host began to refuse us then */
    msec back_at;   /* another process was first heard then */
    bool witnessed; /* we knew the process before */
    bool proved;    /* GONE: a replica's broken link says so, too */
    bool doubted;   /* GONE: it was not judged, or lacked something */
    bool lacking;   /* this process was found to lack something */
    bool said;      /* +process-gone */
};

enum { STAND_HISTORY = 3 };

/* A failover of the past. */
struct report_entry {
    TAILQ_ENTRY(report_entry) entry;
    struct record_report row;
    bool told; /* with the new master */
};
TAILQ_HEAD(report_entry_list, report_entry);

#endif
