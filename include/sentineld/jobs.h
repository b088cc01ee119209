/* Scripts that wait or run. Plain and visible, so that clients can be told of
 * them; only the files script*.c change them. */
#ifndef SENTINELD_JOBS_H
#define SENTINELD_JOBS_H

#include <sys/queue.h>

#include "sentineld/core.h"
#include "sentineld/types.h"

enum {
    MAX_JOBS = 256,
    MAX_RUNNING_JOBS = 16,
    MAX_JOB_STARTS = 10,
    MAX_JOB_WORDS = 8,
};

struct job {
    TAILQ_ENTRY(job) entry;
    enum script_kind kind;
    char group[NAME_SIZE];
    char *words[MAX_JOB_WORDS + 1]; /* the path first; owned; NULL behind */
    size_t word_count;
    int64_t process_id; /* 0 = not running */
    msec started_at;    /* while it runs */
    msec start_at;      /* not before; while it waits */
    uint32_t starts;
    bool killed;    /* it ran too long */
    bool overtaken; /* what it announces is not the newest master */
};
TAILQ_HEAD(job_list, job);

struct jobs {
    struct job_list list; /* in the order in which they were asked for */
    size_t count;
    size_t running;
};

#endif
