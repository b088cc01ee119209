/* Those of the last choice, for the report of what comes of it. */
#include "core/failover/failover.h"

static const struct node *node_of(const struct group *group, object_id id)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->id == id) {
            break;
        }
    }
    return node;
}

void report_note_candidates(struct group *group,
                            const struct candidate *candidates, size_t count)
{
    struct failover *failover = &group->failover;
    struct considered considered[MAX_NODES_PER_GROUP];
    for (size_t i = 0; i < count; i++) {
        const struct node *node = node_of(group, candidates[i].id);
        considered[i] = (struct considered){
            .server = &node->instance.address,
            .priority = candidates[i].priority,
            .offset = candidates[i].offset,
            .verdict = select_verdict_name(candidates[i].verdict),
        };
    }
    if (failover->considered == NULL) {
        failover->considered = xcalloc(1, REPORT_CANDIDATES_SIZE);
    }
    report_write_candidates(considered, count, failover->considered);
}
