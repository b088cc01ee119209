/* Histories of our data that cannot be compared by their offsets.
 *
 * A master that is restarted from its append-only file goes on under a new
 * name, and its offsets begin at 0 again. Both names are ours: who copied the
 * newer one has all that the master held and took since; who did not come to
 * that has the older one. Offsets say nothing between the two. The newer one
 * holds more - but for a master that lost its data unseen. Then it has few
 * keys: less than half of those of the older one. */
#include "core/failover/failover.h"

static bool counts(const struct candidate *candidate)
{
    return candidate->same_history && candidate->has_info &&
           !candidate->never_synced && !candidate->loading &&
           !candidate->quarantined && !candidate->down;
}

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

/* The one of two candidates that speaks for its part. */
static const struct node *better(const struct group *group,
                                 const struct node *a, const struct node *b)
{
    if (a == NULL || b == NULL) {
        return a == NULL ? b : a;
    }
    uint32_t part_a = lineage_part(group, &a->report);
    uint32_t part_b = lineage_part(group, &b->report);
    if (part_a == part_b) {
        return a->report.keys >= b->report.keys ? a : b;
    }
    const struct node *newer = part_a < part_b ? a : b;
    const struct node *older = newer == a ? b : a;
    return newer->report.keys < older->report.keys / 2 ? older : newer;
}

void parts_order(const struct group *group, struct candidate *candidates,
                 size_t count)
{
    const struct node *best = NULL;
    for (size_t i = 0; lineage_is_known(group) && i < count; i++) {
        if (counts(&candidates[i])) {
            best = better(group, best, node_of(group, &candidates[i]));
        }
    }
    for (size_t i = 0; best != NULL && i < count; i++) {
        const struct report *report = &node_of(group, &candidates[i])->report;
        bool other =
            lineage_part(group, report) != lineage_part(group, &best->report);
        if (candidates[i].same_history && other) {
            candidates[i].holding = HOLDS_OTHERS;
        }
    }
}
