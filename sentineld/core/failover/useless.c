/* A master that lives and takes no writes. */
#include "core/failover/failover.h"

/* Some replica can be promoted, and would take writes. */
static bool is_better_off(const struct group *group)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    (void)select_best(candidates, count);
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].verdict < VERDICT_DOWN) {
            return true;
        }
    }
    return false;
}

/* A master whose snapshots fail refuses all writes. */
bool useless_is_master(const struct link *link, enum pong pong)
{
    return pong == PONG_MISCONF && link->node != NULL &&
           link->node == link->node->group->master &&
           is_better_off(link->node->group);
}
