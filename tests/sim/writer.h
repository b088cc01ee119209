/* Simulated clients that write. Each lives on the host of some process, asks
 * the sentinels it can reach who is master, and writes there: one unit of the
 * replication stream is one write. What it is answered for is in the ledger.
 *
 * One kind follows +switch-master, the other is pooled: it keeps a connection
 * until that breaks. Either may confirm what it writes by WAIT. */
#ifndef SENTINELD_SIM_WRITER_H
#define SENTINELD_SIM_WRITER_H

#include "sentineld/types.h"

struct sim;
struct redis;
struct sentinel;

enum { MAX_WRITERS = 16 };

struct writer {
    char name[16];
    uint32_t group;
    uint32_t beside; /* the process whose host, and network, it shares */
    bool pooled;
    uint32_t wait_for;    /* WAIT for so many replicas; 0 = no WAIT */
    uint32_t server;      /* process number; 0 = no connection */
    uint32_t server_life; /* the connection is to that life of it */
    msec silent_since;    /* no answer since; NEVER */
    msec next_attempt_at;
    uint32_t attempts;
    bool waits; /* for the confirmation of these, with WAIT */
    uint64_t open_from, open_to;
};

struct writers {
    struct writer items[MAX_WRITERS];
    uint32_t count;
};

/* Copies it; false when there are too many. */
bool writers_add(struct sim *sim, const struct writer *writer);
/* What they write from now until then, as long as nothing else happens. */
void writers_advance(struct sim *sim, msec until);
/* A server closes its clients' connections. */
void writers_drop(struct sim *sim, uint32_t server);
/* A stopped server goes on: first with what clients had sent it. */
void writers_on_resume(struct sim *sim, struct redis *redis);
/* A sentinel publishes +switch-master: "GROUP OLD PORT NEW PORT". */
void writers_on_switch(struct sim *sim, const struct sentinel *sentinel,
                       const char *text);

#endif
