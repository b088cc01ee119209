/* What a leader is to do, and why a vote is asked for. */
#include "core/model/model.h"

#include <string.h>

static const char *const reason_names[REASON_COUNT] = {
    [REASON_NONE] = "",     [REASON_KEEP] = "keep",   [REASON_RULE] = "rule",
    [REASON_DOWN] = "down", [REASON_UNFIT] = "unfit", [REASON_ORDER] = "order",
};

const char *vote_reason_name(enum vote_reason reason)
{
    return reason_names[reason];
}

bool vote_reason_parse(const char *name, enum vote_reason *reason)
{
    for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        if (strcmp(name, reason_names[i]) == 0) {
            *reason = (enum vote_reason)i;
            return true;
        }
    }
    return false;
}

bool vote_reason_is_quiet(enum vote_reason reason)
{
    return reason == REASON_KEEP || reason == REASON_RULE;
}

bool failover_is_ordered(const struct failover *failover)
{
    return failover->purpose == PURPOSE_FORCED ||
           failover->purpose == PURPOSE_PLANNED;
}

bool failover_is_quiet(const struct failover *failover)
{
    return failover->purpose == PURPOSE_KEEP ||
           failover->purpose == PURPOSE_RULE;
}
