/* Random runs: a world, a load and a set of faults, all drawn from one seed. */
#ifndef SENTINELD_SIM_RANDOM_H
#define SENTINELD_SIM_RANDOM_H

#include "oracle_writes.h"
#include "sentineld/types.h"

struct sim;
struct sim_event;

enum fault {
    FAULT_DELAY,
    FAULT_RESET,
    FAULT_PARTITION,
    FAULT_ONE_WAY,
    FAULT_PAUSE_REDIS,
    FAULT_KILL_REDIS,
    FAULT_EMPTY_REDIS,
    FAULT_CRASH,
    FAULT_CRASH_AT_SAVE,
    FAULT_DISK,
    FAULT_STALL,
    FAULT_ADMIN,
};
enum { FAULT_COUNT = FAULT_ADMIN + 1, MAX_ONGOING = 32 };

/* One fault that will end. */
struct ongoing {
    bool active;
    enum fault fault;
    uint32_t process; /* whom it befell, or whose paths */
    uint64_t cut[32]; /* PARTITION, ONE_WAY: [from], a bit for each to */
};

struct faults {
    bool enabled[FAULT_COUNT];
    msec pause_max_ms;    /* between two faults */
    msec duration_max_ms; /* of one */
    struct ongoing ongoing[MAX_ONGOING];
    bool over; /* no more faults */
};

/* What many runs went through, to see that they are worth something. */
struct random_total {
    msec time_ms;
    uint64_t promotions;
    struct write_count writes;
};

/* Runs one seed and adds to the total; false when a rule was broken. */
bool random_run(uint64_t seed, bool verbose, struct random_total *total);
void random_on_event(struct sim *sim, const struct sim_event *event);

#endif
