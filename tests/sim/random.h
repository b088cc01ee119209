/* Random runs: a world, a load and a set of faults, all drawn from one seed
 * and carried out as statements of a script. So what a run did can be written
 * down, and runs again without the drawing (shrink.h).
 *
 * What is drawn does not depend on the core: each fault has chance of its
 * own, by the seed and its number, apart from that of the world's physics. */
#ifndef SENTINELD_SIM_RANDOM_H
#define SENTINELD_SIM_RANDOM_H

#include "oracle_writes.h"
#include "script.h"
#include "sentineld/types.h"

struct sim;

enum fault {
    FAULT_DELAY,
    FAULT_RESET,
    FAULT_PARTITION,
    FAULT_ONE_WAY,
    FAULT_REJECT,
    FAULT_PAUSE_REDIS,
    FAULT_KILL_REDIS,
    FAULT_LOG_REDIS,   /* it is back with its append-only file */
    FAULT_OLD_REDIS,   /* ... with an older file */
    FAULT_EMPTY_REDIS, /* ... with nothing */
    FAULT_GHOST,       /* it is never back */
    FAULT_CRASH,
    FAULT_CRASH_AT_SAVE,
    FAULT_DISK,
    FAULT_STALL,
    FAULT_FAILOVER,
    FAULT_OPERATOR, /* SET, RESET, REMOVE and MONITOR, ADOPT */
};
enum { FAULT_COUNT = FAULT_OPERATOR + 1 };

/* Chance of what is drawn. */
struct draw {
    uint64_t state;
};

enum { STATEMENT_SIZE = 512, MAX_PENDING = 32 };

/* The end of a fault, which comes yet. */
struct pending {
    msec at; /* NEVER = none */
    char text[STATEMENT_SIZE];
};

struct random_plan {
    struct script *script;
    uint64_t seed;
    bool enabled[FAULT_COUNT];
    msec pause_max_ms;    /* between two faults */
    msec duration_max_ms; /* of one */
    struct pending pending[MAX_PENDING];
    bool has_ghost;
    bool strict;       /* all faults */
    const char *rules; /* by which it is judged beside the common ones; "" */
};

/* What many runs went through, to see that they are worth something. */
struct random_total {
    uint64_t runs;
    msec time_ms;
    uint64_t promotions;
    struct write_count writes;
};

struct random_options {
    uint64_t seed;
    bool verbose;
    bool strict;        /* all faults */
    const char *rules;  /* "strict", or names of such rules; NULL = none */
    const char *record; /* a file for the statements, or NULL */
};

/* Runs one seed and adds to the total; false when a rule was broken. */
bool random_run(const struct random_options *options,
                struct random_total *total);

/* Within the module: */
/* The nth chance of a seed. */
struct draw draw_begin(uint64_t seed, uint64_t number);
uint32_t draw_below(struct draw *draw, uint32_t below);
bool draw_chance(struct draw *draw, uint32_t percent);
uint64_t draw_one_of(struct draw *draw, const uint64_t *values, size_t count);
#define DRAW(draw, ...)                                  \
    draw_one_of((draw), (const uint64_t[]){__VA_ARGS__}, \
                sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
/* random_world.c: declares the world up to `discover`. */
bool random_build(struct random_plan *plan);
/* random_fault.c: one fault begins; its end, if it has one, is in `end`. */
bool fault_begin(struct random_plan *plan, struct draw *draw, enum fault fault,
                 char end[STATEMENT_SIZE]);

#endif
