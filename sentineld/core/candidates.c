/* The candidates of a failover that we lead: cut off from the old master and
 * asked for INFO in one transaction, so that the offsets compared are final;
 * given back to the old master when nothing comes of it. */
#include "private.h"

#include <assert.h>

void candidates_ask(struct core *core, struct group *group, msec now)
{
    msec lease_end = election_lease_end(core, group);
    if (group->failover.without_votes) {
        lease_end = NEVER;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->cut_off = CUT_NONE;
        if (node == group->master || node->subjective_down ||
            !link_usable(&node->instance.command) || node->tried) {
            continue;
        }
        node->cut_off = CUT_SENT;
        out_cut_off(core, node, lease_end);
    }
    schedule_sooner(core, &group->timer, now + SELECT_MS);
}

/* Somebody may still answer who could be chosen. */
bool candidates_are_missing(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if ((node->cut_off == CUT_SENT || node->cut_off == CUT_DONE) &&
            !node->subjective_down) {
            return true;
        }
    }
    return false;
}

void candidates_log(struct core *core, const struct group *group,
                    const struct candidate *candidates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct candidate *candidate = &candidates[i];
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (node->id == candidate->id) {
                break;
            }
        }
        assert(node != NULL);
        out_log(core, LEVEL_NOTICE,
                "%s: candidate %s:%u, priority %u, offset %llu: %s",
                group->name, node->instance.address.host,
                node->instance.address.port, candidate->priority,
                (unsigned long long)candidate->offset,
                select_verdict_name(candidate->verdict));
    }
}

void candidates_on_cut_off(struct core *core, struct node *node,
                           enum ack_result result)
{
    if (node->cut_off == CUT_SENT) {
        node->cut_off = result == ACK_OK ? CUT_DONE : CUT_REFUSED;
    }
    core_touch(core, node->group);
}

void candidates_on_lost(struct core *core, struct node *node)
{
    candidates_on_cut_off(core, node, ACK_UNSENT);
    if (node->cut_off == CUT_DONE) {
        node->cut_off = CUT_REFUSED; /* its INFO will not come */
    }
}

/* Replicas that we cut off follow the old master again - unless our votes
 * no longer bind: then somebody else may be at work on them, and whoever
 * finds them cut off later repairs them. */
void candidates_give_back(struct core *core, struct group *group, msec now)
{
    msec lease_end = election_lease_end(core, group);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool cut = node->cut_off == CUT_SENT || node->cut_off == CUT_DONE ||
                   node->cut_off == CUT_READ;
        if (cut && now < lease_end && node != group->failover.promoted &&
            link_usable(&node->instance.command)) {
            out_replicaof(core, node, &group->master->instance.address,
                          lease_end);
        }
    }
}
