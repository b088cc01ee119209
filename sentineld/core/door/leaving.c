/* Before a group is forgotten, and before this process ends, what was taken
 * from its servers is given back: nobody could do it later.
 *
 * A promotion that is under way is finished first; that takes milliseconds.
 * A planned failover that has promoted nobody yet is undone. Replicas that are
 * kept from the master follow it again, also when it does not answer: who ends
 * the supervision wants what there would be without it. Only a master that is
 * known to lack what they hold is not followed; that is said, and left to the
 * operator. While another supervisor leads, all of it is that one's business.
 *
 * No longer than LEAVE_MS: a server that does not answer holds up nobody. */
#include "core/door/door.h"

/* Without us they are still a majority: what one of them took from its servers
 * is for that one to give back, and for the next leader if it cannot. */
static bool can_others_lead(const struct group *group)
{
    return model_usable(group) - 1 >= model_voters(group) / 2 + 1;
}

static bool is_kept_back(const struct node *node)
{
    bool by_us = node->cut_off == CUT_SENT || node->cut_off == CUT_DONE ||
                 node->detached_at != NEVER;
    return node != node->group->master &&
           (by_us ||
            (model_is_detached(node) && !can_others_lead(node->group)));
}

/* A promotion is finished, everything else ends here. */
static void end_failover(struct core *core, struct group *group, msec now)
{
    switch (group->failover.state) {
    case FAILOVER_NONE:
    case FAILOVER_PROMOTE:
    case FAILOVER_COMMIT:
    case FAILOVER_RECONF:
        return;
    case FAILOVER_WAIT_START:
        failover_yield(core, group, now);
        return;
    case FAILOVER_KEEP:
    case FAILOVER_CATCH_UP:
    case FAILOVER_SELECT:
        failover_undo(core, group, "-failover-abort-not-elected", now);
        return;
    }
}

static void give_back(struct core *core, struct node *node, msec now)
{
    const struct address *address = &node->instance.shown;
    if (master_restart_lacks_data(node->group)) {
        event_log(core, LEVEL_WARNING,
                  "%s: %s:%u follows nobody: the master lacks what it holds; "
                  "make one of the two the master by SLAVEOF",
                  node->group->name, address->host, address->port);
        return;
    }
    if (node->followed_at != now && link_usable(&node->instance.command)) {
        follow_send(core, node, node->group->leaving.until, now);
    }
}

static void give_all_back(struct core *core, struct group *group, msec now)
{
    struct node *kept[MAX_NODES_PER_GROUP];
    size_t count = 0;
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_kept_back(node)) {
            kept[count++] = node;
        }
    }
    end_failover(core, group, now);
    if (group->failover.state != FAILOVER_NONE ||
        election_is_bound(core, group, now)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        give_back(core, kept[i], now);
    }
}

static bool is_answer_open(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (link_usable(&node->instance.command) &&
            node->instance.command.pending_commands > 0) {
            return true;
        }
    }
    return false;
}

static bool is_over(const struct group *group, msec now)
{
    return now >= group->leaving.until ||
           (group->failover.state == FAILOVER_NONE &&
            group->unpublished_version == 0 && !is_answer_open(group));
}

static bool has_taken(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_kept_back(node) || node->paused_until != 0) {
            return true;
        }
    }
    return group->failover.state != FAILOVER_NONE;
}

static void begin(struct core *core, struct group *group, msec now)
{
    if (group->leaving.until != 0) {
        return;
    }
    group->leaving.until = has_taken(group) ? now + LEAVE_MS : now;
    give_all_back(core, group, now);
    core_touch(core, group);
}

static void forget(struct core *core, struct group *group)
{
    struct admin asked = {.type = ADMIN_REMOVE,
                          .client = group->leaving.client};
    event_group(core, LEVEL_WARNING, "-monitor", group, "");
    groups_remove(core, group);
    action_outcome(core, &asked, ADMIN_OK, 0);
}

void leaving_settle(struct core *core, struct group *group, msec now)
{
    if (is_over(group, now)) {
        if (group->leaving.forgets) {
            forget(core, group);
        }
        return;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        switchover_end_pause(core, node, now);
    }
    if (group->failover.state != FAILOVER_NONE) { /* and none begins */
        ask_settle(core, group, now);
        failover_settle(core, group, now);
    }
    schedule_sooner(core, &group->timer, now + LEAVE_LOOK_MS);
}

void leaving_forget(struct core *core, struct group *group, uint64_t client,
                    msec now)
{
    group->leaving.forgets = true;
    group->leaving.client = client;
    begin(core, group, now);
    if (group->leaving.until == now) {
        forget(core, group);
    }
}

void leaving_stop(struct core *core, msec now)
{
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        begin(core, group, now);
    }
}

bool core_is_at_rest(const struct core *core, msec now)
{
    const struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (group->leaving.until != 0 && !is_over(group, now)) {
            return false;
        }
    }
    return true;
}
