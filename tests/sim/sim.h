/* The simulated world: a virtual clock, one queue of future events, seeded
 * chance, and everything that lives in it.
 *
 * Nothing happens outside sim_run_until: scripts and random runs change the
 * world between two calls, or by events of their own. */
#ifndef SENTINELD_SIM_SIM_H
#define SENTINELD_SIM_SIM_H

#include "ledger.h"
#include "net.h"
#include "node.h"
#include "oracle.h"
#include "queue.h"
#include "redis.h"
#include "transcript.h"
#include "writer.h"

enum process_kind { PROCESS_NOWHERE, PROCESS_SENTINEL, PROCESS_REDIS };
enum process_state { PROCESS_RUNNING, PROCESS_PAUSED, PROCESS_DEAD };

struct process {
    uint32_t number;
    enum process_kind kind;
    enum process_state state;
    bool is_gone; /* dead for ever, as a replica that was scaled down */
    msec paused_at;
    char name[16]; /* its host's name too */
    struct address address;
    char ip[IP_SIZE];    /* "" in a world of names alone */
    uint32_t moves;      /* to another ip */
    struct redis *redis; /* one of them by kind */
    struct sentinel *sentinel;
};

/* Whose an address was when it was asked for last: the same few are asked for
 * all the time. */
struct known_address {
    struct address address; /* port 0 = none yet */
    uint32_t number;
};
enum { KNOWN_ADDRESSES = 256 };

enum { MAX_SIM_GROUPS = 8, MAX_HISTORIES = 4096 };

struct branch {
    uint32_t parent; /* 0 = a data set of its own */
    uint32_t root;
    uint64_t forked_at; /* the last offset it shares with its parent */
    uint64_t base;      /* this offset is shown as 0 */
    bool is_nameless;   /* it does not tell its parent's name */
    bool is_old; /* it began with a file older than what there had been */
};

struct sim_group {
    char name[NAME_SIZE];
    struct group_settings settings;
    uint32_t first_master; /* process number; 0 = none declared yet */
};

struct sim {
    msec now;
    uint64_t random_state;
    uint64_t seed;
    struct queue queue;
    struct net net;
    /* Number 0 is where no process is: connecting there is refused. */
    struct process processes[MAX_PROCESSES];
    uint32_t process_count;
    struct known_address known[KNOWN_ADDRESSES]; /* sim_process_at's memory */
    struct sim_group groups[MAX_SIM_GROUPS];
    uint32_t group_count;
    msec vote_lease_ms;
    bool unequal_leases; /* each sentinel has another */
    bool names;          /* servers have ips beside their names */
    bool announce_ips;   /* by sentinels: all that are added ... */
    bool announce_odd;   /* ... or every other one */
    bool writing;        /* masters take writes */
    msec sync_ms;        /* how long a full synchronisation takes */
    msec load_ms;        /* ... and loading after a restart */
    msec save_max_ms;    /* a save takes from 1 to this */
    /* Replication histories, by number: where each branched off. */
    struct branch histories[MAX_HISTORIES];
    uint32_t history_count;
    struct writers writers;
    struct ledger ledger; /* what they were told is done */
    struct oracle oracle;
    struct transcript transcript;
};

struct sim *sim_new(uint64_t seed);
void sim_free(struct sim *sim);

/* Runs everything that happens up to and at this time, unless the oracle
 * stops it. */
void sim_run_until(struct sim *sim, msec until);

/* Below `below`, which is not 0. */
uint32_t sim_random(struct sim *sim, uint32_t below);
bool sim_chance(struct sim *sim, uint32_t percent);

uint32_t sim_add_group(struct sim *sim, const char *name);
struct process *sim_add_process(struct sim *sim, enum process_kind kind,
                                const char *name);
struct process *sim_find_process(struct sim *sim, const char *name);
/* By name or ip; 0 when nobody has that address. */
uint32_t sim_process_at(const struct sim *sim, const struct address *address);
/* Somebody is added, or has moved. */
void sim_forget_addresses(struct sim *sim);

/* A new replication history; parent 0 = of a new data set. */
uint32_t sim_new_history(struct sim *sim, uint32_t parent, uint64_t forked_at);
/* How much of what a server of history `of` went through is in a data set at
 * this position: the last offset they share. False when they share nothing. */
bool sim_shared_offset(const struct sim *sim, uint32_t history, uint64_t offset,
                       uint32_t of, uint64_t *shared);

/* Life of a process of either kind. */
void sim_pause(struct sim *sim, struct process *process);
void sim_resume(struct sim *sim, struct process *process);
void sim_kill(struct sim *sim, struct process *process);
/* A server's firewall refuses the connections of a client, be that a sentinel,
 * a replica or a writer beside one of them; those that stand are reset. */
void sim_reject(struct sim *sim, uint32_t client, uint32_t server,
                bool rejects);

#endif
