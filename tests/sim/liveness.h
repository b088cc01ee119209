/* Is everything as it should be after the faults are over? */
#ifndef SENTINELD_SIM_LIVENESS_H
#define SENTINELD_SIM_LIVENESS_H

#include "sentineld/types.h"

struct sim;

/* All running sentinels name the same master in each group, it runs and is
 * one, all running replicas follow it, no failover is in progress. If not,
 * `why` says what is missing. */
bool liveness_is_reached(const struct sim *sim, struct error *why);
/* Every running sentinel knows every server and every other sentinel. */
bool liveness_is_discovered(const struct sim *sim);

#endif
