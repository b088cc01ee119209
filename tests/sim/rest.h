/* How a run ends: faults are over, an operator looks after what is left to
 * him, and the world must come to rest. */
#ifndef SENTINELD_SIM_REST_H
#define SENTINELD_SIM_REST_H

#include "script.h"

/* rest [NAME ...]: those stay dead. A rule breaks where it does not end. */
bool script_rest(struct script *script);
/* monitor-again: sentinels that an operator made forget a group get it back,
 * with the master that others name. */
bool script_monitor_again(struct script *script);

#endif
