/* Tells systemd how we are: a few words to a socket that it names. */
#ifndef SENTINELD_SUPERVISE_H
#define SENTINELD_SUPERVISE_H

#include "sentineld/types.h"

/* Sends "READY=1", "STOPPING=1", "WATCHDOG=1" ... if somebody listens. Never
 * blocks; false, and errno, when it did not arrive. */
bool supervise_tell(const char *words);
/* Is there somebody who listens? */
bool supervise_is_asked(void);
/* How often "WATCHDOG=1" is wanted, in seconds; 0.0 = not at all. It is half
 * of the time after which we count as dead. */
double supervise_watchdog_s(void);

#endif
