/* Makes a small case of a random run that breaks a rule. */
#ifndef SENTINELD_SIM_SHRINK_H
#define SENTINELD_SIM_SHRINK_H

#include "random.h"

/* Writes the case to the file that the options name; false when the run breaks
 * no rule. */
bool shrink_run(const struct random_options *options);

#endif
