/* The states of a failover as data, and the one place that assigns them: a
 * change that the table does not allow is a bug of ours. Beside it, how long
 * a leader's commands may be on their way. */
#include "core/failover/failover.h"

#include <assert.h>

struct transition {
    const char *name; /* as clients are shown it */
    unsigned allowed; /* bit set of next states */
};

#define TO(state) (1u << (state))

static const struct transition transitions[] = {
    [FAILOVER_NONE] = {"none", TO(FAILOVER_WAIT_START)},
    [FAILOVER_WAIT_START] = {"wait_start",
                             TO(FAILOVER_SELECT) | TO(FAILOVER_KEEP) |
                                 TO(FAILOVER_CATCH_UP) | TO(FAILOVER_COMMIT) |
                                 TO(FAILOVER_RECONF) | TO(FAILOVER_NONE)},
    [FAILOVER_KEEP] = {"wait_start",
                       TO(FAILOVER_WAIT_START) | TO(FAILOVER_COMMIT) |
                           TO(FAILOVER_RECONF) | TO(FAILOVER_NONE)},
    [FAILOVER_CATCH_UP] = {"select_slave", TO(FAILOVER_PROMOTE) |
                                               TO(FAILOVER_SELECT) |
                                               TO(FAILOVER_NONE)},
    [FAILOVER_SELECT] = {"select_slave",
                         TO(FAILOVER_PROMOTE) | TO(FAILOVER_KEEP) |
                             TO(FAILOVER_COMMIT) | TO(FAILOVER_RECONF) |
                             TO(FAILOVER_NONE)},
    [FAILOVER_PROMOTE] = {"wait_promotion",
                          TO(FAILOVER_COMMIT) | TO(FAILOVER_RECONF) |
                              TO(FAILOVER_SELECT) | TO(FAILOVER_NONE)},
    [FAILOVER_COMMIT] = {"wait_promotion",
                         TO(FAILOVER_RECONF) | TO(FAILOVER_NONE)},
    [FAILOVER_RECONF] = {"reconf_slaves", TO(FAILOVER_NONE)},
};

const char *failover_state_name(const struct failover *failover)
{
    return transitions[failover->state].name;
}

void failover_move(struct group *group, enum failover_state next, msec now)
{
    struct failover *failover = &group->failover;
    assert((transitions[failover->state].allowed & TO(next)) != 0);
    failover->state = next;
    failover->state_since = now;
}

msec failover_lease_end(const struct core *core, const struct group *group)
{
    return group->failover.without_votes ? NEVER : tally_lease_end(core, group);
}

/* What we wait for until `patience_at` must not leave later than that. */
msec failover_expiry(const struct core *core, const struct group *group,
                     msec patience_at)
{
    msec lease_end = failover_lease_end(core, group);
    return lease_end < patience_at ? lease_end : patience_at;
}

void failover_clear(struct group *group)
{
    struct failover *failover = &group->failover;
    failover->promoted = NULL;
    failover->promotion = PROMOTION_NONE;
    failover->purpose = PURPOSE_NONE;
    failover->promote_sent_at = 0;
    failover->without_votes = false;
    failover->stood_again = 0;
    free(failover->considered);
    failover->considered = NULL;
    failover->won_at = 0;
    failover->takes_master = false;
    failover->ruling_until = 0;
    memset(&failover->switchover, 0, sizeof(failover->switchover));
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->cut_off = CUT_NONE;
        node->detached_at = NEVER;
        node->fresh = FRESH_NONE;
        node->tried = false;
        node->reconf = RECONF_NONE;
    }
}
