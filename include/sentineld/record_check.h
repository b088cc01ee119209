/* Rows of durable state that were loaded: could we have written them? */
#ifndef SENTINELD_RECORD_CHECK_H
#define SENTINELD_RECORD_CHECK_H

#include "sentineld/types.h"

/* False and a sentence when a value is one that is never saved: an epoch that
 * no election can have reached, a setting out of its range, a host that is
 * none. What would then be decided by it cannot be told. */
MUST_CHECK bool record_check(const struct record *record, struct error *error);

#endif
