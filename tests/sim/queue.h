/* Future events of the simulated world, ordered by (time, number): what was
 * scheduled first happens first within a millisecond, so a run depends on
 * its seed alone. */
#ifndef SENTINELD_SIM_QUEUE_H
#define SENTINELD_SIM_QUEUE_H

#include "sentineld/types.h"

enum sim_event_kind {
    SIM_NET_TO_SERVER, /* a pipe's next message; subject: connection */
    SIM_NET_TO_CLIENT, /* the other way */
    SIM_NET_CONNECT,   /* a SYN arrives; subject: connection */
    SIM_NET_TIMEOUT,   /* a connect gives up; subject: connection */
    SIM_NODE_SETTLE,   /* facts wait; subject: process */
    SIM_NODE_TICK,     /* the core's deadline */
    SIM_DISK_DONE,     /* a save ends, well or not */
    SIM_DISK_RETRY,    /* a save that failed is tried again */
    SIM_REDIS_STEP,    /* one server's replication link moves on */
    SIM_REDIS_PULSE,   /* every server's does; writes arrive */
    SIM_REDIS_RELAY,   /* a hello comes down a replication link */
};

struct sim_event {
    msec at;
    uint64_t number;
    enum sim_event_kind kind;
    uint32_t subject;    /* a process or a connection, by kind */
    uint64_t generation; /* of the subject: older events are void */
    struct hello *hello; /* SIM_REDIS_RELAY: owned by the event */
};

/* What happens in one millisecond, as it was scheduled: places in the pool. */
struct slot {
    uint32_t first, last; /* 0 = nothing */
};

struct pooled_event {
    struct sim_event event;
    uint32_t next; /* in its slot, or the next that is free */
};

enum { WHEEL_SLOTS = 512 };

struct queue {
    /* What happens within the next WHEEL_SLOTS ms, a slot for each; a bit says
     * that there is something in it. */
    struct slot slots[WHEEL_SLOTS];
    struct pooled_event *pool; /* place 0 is not used */
    uint32_t pool_count, pool_capacity;
    uint32_t first_free; /* the last that was freed, which is in the cache */
    uint64_t used[WHEEL_SLOTS / 64];
    msec now;                /* everything before has happened */
    struct sim_event *items; /* later things: a binary heap */
    size_t count, capacity;
    uint64_t last_number;
};

/* Numbers the event and takes it over. */
void queue_push(struct queue *queue, struct sim_event event);
/* False when there is none at or before `until`. */
bool queue_pop(struct queue *queue, msec until, struct sim_event *event);
void queue_free(struct queue *queue);

#endif
