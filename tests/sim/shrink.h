/* Makes a small case of a random run that breaks a rule. */
#ifndef SENTINELD_SIM_SHRINK_H
#define SENTINELD_SIM_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

/* Writes the case to the file; false when the run breaks no rule. */
bool shrink_run(uint64_t seed, bool strict, const char *path);

#endif
