/* Full outages: everything is dead, and what comes back comes in every order
 * there is. */
#ifndef SENTINELD_SIM_OUTAGE_H
#define SENTINELD_SIM_OUTAGE_H

#include "random.h"

/* How many outages there are: all orders of three servers and three
 * sentinels, of which one server and one sentinel may never come back. */
uint64_t outage_count(void);
/* Runs that one; the seed draws what else is different between them: who
 * was behind, who comes back empty, how slowly they come. False when a rule
 * was broken. */
bool outage_run(uint64_t number, uint64_t seed, bool verbose,
                struct random_total *total);

#endif
