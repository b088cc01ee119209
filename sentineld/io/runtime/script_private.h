/* What the files script*.c share:
 *   script.c        the queue: what waits, what runs, when and how often
 *   script_start.c  one job: its words, its process */
#ifndef SENTINELD_SCRIPT_PRIVATE_H
#define SENTINELD_SCRIPT_PRIVATE_H

#include "io/runtime/script.h"

/* A job that has never been started. */
struct job *script_job_new(const struct core_script *script);
void script_job_free(struct job *job);

/* Starts its process. 0, or errno: why there is none. */
int script_job_start(struct job *job);
/* Kills its process with all that it started itself. */
void script_job_kill(const struct job *job);
/* Is the reason one of the file, so that another attempt is in vain? */
bool script_is_hopeless(int reason);

#endif
