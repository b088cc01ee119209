/* "Follow our master": the one place where a server is told that.
 *
 * Whoever wants it - the end of a failover, a repair, a replica that is given
 * back - says which server and until when the order may leave; here is asked
 * what it would lose, and whether it has its turn.
 *
 * Nobody loses data by it without a decision: either the process that is
 * master there was made master by a failover, or by an operator, or was judged
 * since it was started; or the comparison says that there is nothing to lose.
 *
 * Full synchronisations are a load on the master: parallel_syncs of them at a
 * time. Who can go on where it stopped needs no turn. */
#include "core/failover/failover.h"

static bool is_decided(const struct group *group)
{
    const char *run_id = group->master->report.run_id;
    return !master_restart_is_guarded(group) &&
           (group->settings.on_empty_master == ON_EMPTY_ALLOW ||
            strcmp(group->accepted_run_id, run_id) == 0);
}

bool follow_is_free(const struct node *node)
{
    const struct group *group = node->group;
    return is_decided(group) ||
           lineage_loss(node, group->master) == LOSS_NOTHING;
}

/* It was told to follow a moment ago, and its link is not up yet. */
static bool was_just_told(const struct core *core, const struct node *node,
                          msec now)
{
    msec patience = 2 * core->model.periods.reconf_ms;
    bool moving = node->reconf == RECONF_SENT || node->reconf == RECONF_INPROG;
    return (moving && now - node->reconf_at < patience) ||
           (node->followed_at != NEVER && now - node->followed_at < patience);
}

/* It fetches all data from our master, or is about to. */
static bool is_syncing(const struct core *core, const struct node *node,
                       msec now)
{
    const struct report *report = &node->report;
    if (node == node->group->master || node->subjective_down ||
        foreign_is_left_alone(node)) {
        return false;
    }
    bool follows =
        instance_is_at(&node->group->master->instance, &report->master);
    if (follows && report->role == ROLE_REPLICA && report->sync_in_progress) {
        return true;
    }
    return was_just_told(core, node, now) && !node->continues &&
           !(follows && report->master_link_up &&
             report->at >= node->followed_at);
}

static uint32_t count_syncing(const struct core *core,
                              const struct group *group, msec now)
{
    uint32_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        count += is_syncing(core, node, now) ? 1 : 0;
    }
    return count;
}

/* What both said is true of the processes that are there now. */
static bool will_continue(const struct node *node)
{
    const struct node *master = node->group->master;
    return link_is_read(node) && link_is_read(master) &&
           lineage_continues(node, master);
}

bool follow_has_turn(const struct core *core, const struct node *node, msec now)
{
    const struct group *group = node->group;
    return will_continue(node) || is_syncing(core, node, now) ||
           count_syncing(core, group, now) < group->settings.parallel_syncs;
}

void follow_send(struct core *core, struct node *node, msec expires_at,
                 msec now)
{
    struct group *group = node->group;
    node->followed_at = now;
    node->continues = will_continue(node);
    action_replicaof(core, node, &group->master->instance.shown, expires_at);
    info_soon(core, node, now + FOLLOW_LOOK_MS);
}
