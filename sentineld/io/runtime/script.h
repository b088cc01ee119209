/* Runs the programs that an operator wants started, one process each and no
 * shell between.
 *
 *   notification:    PATH EVENT TEXT
 *   client-reconfig: PATH GROUP leader|observer start FROM-HOST FROM-PORT
 *                    TO-HOST TO-PORT
 *
 * Exit status 0 is success. After 1, or when it died of a signal, it is
 * started again later, ten times at most; anything else is final. */
#ifndef SENTINELD_SCRIPT_H
#define SENTINELD_SCRIPT_H

#include <ev.h>

#include "sentineld/core.h"
#include "sentineld/jobs.h"

struct script_runner;

struct script_limits {
    msec max_runtime_ms; /* then it is killed */
    msec retry_delay_ms; /* before the second start; doubled each time */
};

/* Who hears what becomes of them: events like -script-error. */
struct script_owner {
    void (*say)(void *context, enum log_level level, const char *channel,
                const char *text);
    void *context;
};

/* `loop` must be the default loop as soon as there is something to run: no
 * other gets to know of children. */
struct script_runner *script_runner_new(struct ev_loop *loop,
                                        const struct script_owner *owner);
/* What runs goes on alone; what waits is forgotten. */
void script_runner_free(struct script_runner *runner);

/* Starting is left to the loop: this returns at once. */
void script_run(struct script_runner *runner, const struct core_script *script);

const struct jobs *script_jobs(const struct script_runner *runner);
/* One minute and half a minute, until somebody says otherwise. */
void script_set_limits(struct script_runner *runner,
                       const struct script_limits *limits);
/* Can this be started? */
bool script_is_executable(const char *path);

#endif
