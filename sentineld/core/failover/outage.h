/* After a full outage: how long servers are waited for (last_resort.c). Part of
 * failover.h. */
#ifndef SENTINELD_CORE_OUTAGE_H
#define SENTINELD_CORE_OUTAGE_H

#include "sentineld/core.h"
#include "sentineld/model.h"

struct candidate;

/* Is there a master, and if not, since when could there be one? */
void last_resort_settle(struct core *core, struct group *group, msec now);
/* Has every server that could be promoted just been started? */
bool last_resort_follows_outage(const struct group *group);
/* Must this candidate still wait for a server that has more? Says for which,
 * and until when. */
bool last_resort_waits(const struct group *group,
                       const struct candidate *chosen, char why[160]);
/* When the time is over: takes what would otherwise be left out. */
void last_resort_admit(const struct group *group, struct candidate *candidates,
                       size_t count);
/* How long a server that may have more is waited for. */
msec last_resort_patience(const struct group *group);
msec last_resort_deadline(const struct group *group);

#endif
