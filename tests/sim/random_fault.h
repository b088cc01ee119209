/* The faults of a random run. */
#ifndef SENTINELD_SIM_RANDOM_FAULT_H
#define SENTINELD_SIM_RANDOM_FAULT_H

struct sim;

/* Draws which faults this run knows and how often they strike; the first is
 * on its way. */
void fault_draw(struct sim *sim);
/* Ends all faults and brings everybody back, but perhaps a minority of the
 * sentinels. */
void fault_heal(struct sim *sim);

#endif
