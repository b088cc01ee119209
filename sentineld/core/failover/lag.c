/* Who is too far behind to be promoted: max_lag_bytes and max_lag_ms.
 *
 * Bytes are counted from the largest offset that is known of the group's
 * data, by the old master's last INFO or because another candidate holds it.
 * Time is counted between the last moment at which the replica was known to
 * have all that the master had, and the master's last sign of life; both come
 * with INFO, so it is too long rather than too short, by one period of INFO
 * at most. One that holds all that is known of is not behind, however long
 * ago that was seen. */
#include "core/failover/failover.h"

static const struct node *node_of(const struct group *group,
                                  const struct candidate *candidate)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->id == candidate->id) {
            break;
        }
    }
    return node;
}

static uint64_t newest_offset(const struct group *group,
                              const struct candidate *candidates, size_t count)
{
    const struct report *master = &group->master->report;
    uint64_t newest = 0;
    if (master->at == NEVER || !lineage_is_known(group) ||
        !lineage_accepts(group, master, &newest)) {
        newest = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].same_history && candidates[i].has_info &&
            candidates[i].holding == HOLDS_OURS &&
            candidates[i].offset > newest) {
            newest = candidates[i].offset;
        }
    }
    return newest;
}

/* Was its offset read after the master had fallen silent? Before, it is no
 * wonder that it is smaller. */
static bool is_comparable(const struct node *node, bool final)
{
    const struct node *master = node->group->master;
    return final || (master->subjective_down &&
                     node->report.at >= master->subjective_down_since);
}

static bool is_out_of_step(const struct node *node)
{
    msec limit_ms = node->group->settings.max_lag_ms;
    const struct node *master = node->group->master;
    if (limit_ms == 0 || master->report.at == NEVER) {
        return false;
    }
    return node->last_offset.in_step_at == NEVER ||
           master->instance.health.ok_at >
               node->last_offset.in_step_at + limit_ms;
}

void lag_mark(const struct group *group, bool final,
              struct candidate *candidates, size_t count)
{
    uint64_t limit = group->settings.max_lag_bytes;
    if (limit == 0 && group->settings.max_lag_ms == 0) {
        return;
    }
    uint64_t newest = newest_offset(group, candidates, count);
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = &candidates[i];
        const struct node *node = node_of(group, candidate);
        if (!candidate->same_history || candidate->offset >= newest ||
            !is_comparable(node, final)) {
            continue;
        }
        candidate->lags = (limit != 0 && newest - candidate->offset > limit) ||
                          is_out_of_step(node);
    }
}
