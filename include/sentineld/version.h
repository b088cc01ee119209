/* What this program calls itself, and what it is compatible with. */
#ifndef SENTINELD_VERSION_H
#define SENTINELD_VERSION_H

#define SENTINELD_VERSION "0.1.0"

/* Clients compare it with what they know of Redis: digits and dots only. */
#define SENTINELD_REDIS_VERSION "7.2.4"

#endif
