/* The faults of a random run. */
#ifndef SENTINELD_SIM_RANDOM_FAULT_H
#define SENTINELD_SIM_RANDOM_FAULT_H

#include "random.h"

struct process;
struct sim;

/* Draws which faults this run knows and how often they strike; the first is
 * on its way. */
void fault_draw(struct sim *sim);
/* Ends all faults and brings everybody back, but perhaps a minority of the
 * sentinels. */
void fault_heal(struct sim *sim);

/* Within the module, random_strike.c: */
void fault_begin(struct sim *sim, struct ongoing *ongoing);
void fault_end(struct sim *sim, struct ongoing *ongoing);
void fault_mend_disk(struct sim *sim, struct process *process);
/* Stopped or dead, it runs again. */
void fault_start_again(struct sim *sim, struct process *process, bool empty);

#endif
