/* The last state of a failover: the other replicas follow the new master,
 * parallel_syncs at a time. One that hangs holds its place for a moment only
 * and blocks nobody. The old master is demoted by repair.c, as soon as it
 * can be reached. */
#include "core/failover/failover.h"

static bool is_to_move(const struct node *node)
{
    const struct group *group = node->group;
    return !model_is_same_server(node, group->master) && !node->former_master &&
           !foreign_is_left_alone(node);
}

void reconf_start(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->cut_off = CUT_NONE;
        node->reconf = RECONF_NONE;
        node->reconf_at = now;
        node->reconf_due_at = now;
        node->reconf_said = false;
    }
    core_touch(core, group);
}

static bool follows(const struct node *node)
{
    return node->report.role == ROLE_REPLICA &&
           instance_is_at(&node->group->master->instance, &node->report.master);
}

static void advance(struct core *core, struct node *node, enum reconf next,
                    const char *channel, msec now)
{
    node->reconf = next;
    node->reconf_at = now;
    event_node(core, LEVEL_NOTICE, channel, node, "");
}

static void note_progress(struct core *core, struct node *node, msec now)
{
    bool fresh = node->report.at != NEVER && node->report.at >= node->reconf_at;
    if (node->reconf == RECONF_NONE && fresh && follows(node)) {
        node->reconf = RECONF_DONE; /* somebody else moved it already */
    }
    if (node->reconf == RECONF_SENT && fresh && follows(node)) {
        advance(core, node, RECONF_INPROG, "+slave-reconf-inprog", now);
    }
    if (node->reconf == RECONF_INPROG && node->report.master_link_up &&
        follows(node)) {
        advance(core, node, RECONF_DONE, "+slave-reconf-done", now);
    }
    if (node->reconf == RECONF_SENT &&
        now - node->reconf_at >= core->model.periods.reconf_ms) {
        advance(core, node, RECONF_DONE, "-slave-reconf-sent-timeout", now);
    }
    msec patience = node->reconf == RECONF_SENT ? core->model.periods.reconf_ms
                    : node->reconf == RECONF_INPROG
                        ? 2 * core->model.periods.reconf_ms
                        : 0;
    if (patience != 0 && now < node->reconf_at + patience) {
        schedule_sooner(core, &node->group->timer, node->reconf_at + patience);
    }
}

/* An order that leaves when our votes have run out could take a replica from
 * the old master, which others may have found well. Later it is the others'
 * business as much as ours: one that we stood still over is not for now. */
static msec order_expiry(const struct core *core, const struct group *group,
                         msec now)
{
    return group->unpublished_version == 0 ? now + REPAIR_RETRY_MS
                                           : failover_lease_end(core, group);
}

static void send_next(struct core *core, struct node *node, msec now)
{
    node->reconf = RECONF_SENT;
    node->reconf_at = now;
    if (!node->reconf_said) { /* the order may have to be repeated */
        node->reconf_said = true;
        event_node(core, LEVEL_NOTICE, "+slave-reconf-sent", node, "");
    }
    follow_send(core, node, order_expiry(core, node->group, now), now);
    schedule_sooner(core, &node->group->timer,
                    now + core->model.periods.reconf_ms);
}

static void move_some(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_to_move(node)) {
            note_progress(core, node, now);
        }
    }
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!is_to_move(node) || node->reconf != RECONF_NONE ||
            !link_usable(&node->instance.command)) {
            continue;
        }
        if (now < node->reconf_due_at) {
            schedule_sooner(core, &group->timer, node->reconf_due_at);
            continue;
        }
        if (follow_has_turn(core, node, now)) {
            send_next(core, node, now);
        } else {
            schedule_sooner(core, &group->timer, now + INFO_RECONF_MS);
        }
    }
}

static bool is_unfinished(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_to_move(node) && node->reconf != RECONF_DONE &&
            !node->subjective_down) {
            return true;
        }
    }
    return false;
}

/* Until our own disk has the promotion it may come to nothing. */
static bool is_told(const struct group *group)
{
    return group->unpublished_version == 0;
}

bool reconf_settle(struct core *core, struct group *group, msec now)
{
    if (group->objective_down && is_told(group)) {
        event_log(core, LEVEL_WARNING,
                  "%s: the promoted master is down: this failover ends, the "
                  "next one may begin",
                  group->name);
        return true;
    }
    if (master_restart_is_guarded(group)) {
        event_log(core, LEVEL_WARNING,
                  "%s: the promoted master was restarted: this failover ends, "
                  "replicas are kept from it",
                  group->name);
        return true;
    }
    move_some(core, group, now);
    if (!is_unfinished(group)) {
        return is_told(group);
    }
    msec end =
        group->failover.state_since + group->settings.failover_timeout_ms;
    if (!is_told(group)) {
        return false; /* publishing touches the group */
    }
    if (now >= end) {
        event_group(core, LEVEL_WARNING, "+failover-end-for-timeout", group,
                    "");
        return true;
    }
    schedule_sooner(core, &group->timer, end);
    return false;
}

void reconf_on_replicaof(struct core *core, struct node *node,
                         enum ack_result result, msec now)
{
    if (node->reconf != RECONF_SENT) {
        return;
    }
    if (result == ACK_UNSENT) {
        node->reconf = RECONF_NONE; /* it never left: again, when it can */
        node->reconf_due_at = now + INFO_RECONF_MS;
        core_touch(core, node->group);
    } else if (result == ACK_REFUSED) {
        advance(core, node, RECONF_DONE, "-slave-reconf-sent-timeout", now);
    }
}

void reconf_forget_pending(struct node *node)
{
    if (node->reconf == RECONF_SENT) {
        node->reconf = RECONF_NONE; /* tell it again */
    }
}
