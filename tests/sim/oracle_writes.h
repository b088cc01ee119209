/* What became of the writes that clients were told are done.
 *
 *   W1  a planned switchover loses none, before or after the promotion, while
 *       the old master can be told
 *   W2  durability k: none that WAIT k confirmed is lost, but by an order that
 *       went on without votes
 *   W3  a failover loses none that a server had which could have been
 *       promoted instead, or was still to be heard
 *   W4  a master that has been replaced takes no more for long, once a
 *       majority of the sentinels can tell it
 *   W5  none is lost for no reason at all
 *
 * Which were lost is known in the end, when there is one master: what of a
 * stretch is not in its data. The reason is where the way to its history left
 * the stretch's: a promotion, or a data set that began anew. */
#ifndef SENTINELD_SIM_ORACLE_WRITES_H
#define SENTINELD_SIM_ORACLE_WRITES_H

#include "ledger.h"
#include "net.h"

struct sim;
struct group;
struct issued;
struct redis;
struct sentinel;

/* Why writes were lost that may be. */
enum loss {
    LOSS_NONE,
    LOSS_EMPTY,      /* with the data of a server that came back empty */
    LOSS_REPLICA,    /* no replica that could be promoted had them */
    LOSS_PRIORITY,   /* one had them, of a worse priority than the promoted */
    LOSS_FORCED,     /* they were under way when an operator forced it */
    LOSS_OLD_MASTER, /* taken by a master that was replaced already */
    LOSS_UNKNOWN_MASTER, /* ... whose promotion nobody else had heard of */
    LOSS_OLD_FILE,       /* a master was started with an older file, and kept */
    LOSS_DETACHED,       /* no replica had them: supervisors kept them away */
};
enum { LOSS_COUNT = LOSS_DETACHED + 1 };

struct write_count {
    uint64_t acknowledged;
    uint64_t lost[LOSS_COUNT];
};

/* What is to be remembered of an order to promote until it is obeyed. */
struct position {
    uint32_t history;
    uint64_t offset;
};

struct promotion_order {
    uint32_t leader;
    uint32_t old_master;
    bool planned;
    bool forced;
    bool without_votes;
    uint32_t rivals; /* bit n: process n could have been promoted instead */
    uint32_t worse;  /* ... but for its priority */
    struct position data[MAX_PROCESSES]; /* when the order was given */
};

/* A promotion that happened: where a history began. */
struct fork {
    uint32_t history;
    msec at;
    struct promotion_order order;
    bool held;        /* the old master took no writes at that moment */
    bool leader_died; /* its leader did, soon afterwards */
    struct position data[MAX_PROCESSES]; /* of all servers, by process */
};

struct forks {
    struct fork *items;
    size_t count, capacity;
};

/* Can a majority of the sentinels tell a server anything? */
struct reach {
    msec since;       /* NEVER = no */
    msec stale_since; /* ... while each of them names another and it is a
                         master still; NEVER = no */
};

/* A leader sends the promotion. */
void oracle_on_order(struct sim *sim, const struct sentinel *sentinel,
                     const struct issued *issued, const struct group *group);
/* A server has obeyed it. */
void oracle_on_fork(struct sim *sim, uint32_t leader,
                    const struct redis *redis);
void oracle_on_acknowledged(struct sim *sim, const struct span *span);
/* Ten times a second. */
void oracle_look_around(struct sim *sim);
/* Judges everything; to be called when there is one master in each group. */
void oracle_judge_writes(struct sim *sim);
/* The count of one writer, or of all (MAX_WRITERS); after the judgement. */
void oracle_count_writes(const struct sim *sim, uint32_t writer,
                         struct write_count *count);
const char *oracle_loss_name(enum loss loss);

/* Within the module, oracle_fork.c: the last promotion into this history;
 * NULL = it began in another way. */
const struct fork *oracle_find_fork(const struct sim *sim, uint32_t history);

#endif
