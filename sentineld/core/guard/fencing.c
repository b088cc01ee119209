/* Managed isolation: a master that is cut off from its replicas stops taking
 * writes, because it demands so many of them that it heard from lately
 * (min-replicas-to-write, min-replicas-max-lag). Supervisors own these two.
 *
 * With `availability` only the master demands anything: as much as is
 * configured, and no more than there are replicas. With `safety` all servers
 * of the group demand all of it, always, so that there is no moment at which
 * a new master demands nothing.
 *
 * What a server demands is read as often as INFO of a quiet one. A change is
 * made by one supervisor at a time, those after it look again before their
 * turn, and like a repair it needs a majority that confirms our view: so
 * nobody who is cut off together with a master can make it demand less. What
 * an operator set is left alone (fencing_owner.c tells who set what). What a
 * server demands now, and what of it is ours, is read by fencing_known.c. */
#include "core/guard/fencing.h"

#include <stdio.h>

static const struct min_replicas nothing = {0, 10}; /* as a server starts */

void fencing_adopt(struct core *core, struct group *group)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->fence.adopt = group->settings.fencing != FENCING_OFF;
        node->fence.read_due_at = 0;
    }
    core_touch(core, group);
}

/* Nothing of ours is there, and nothing shall be. */
static bool is_concerned(const struct node *node)
{
    return node->group->settings.fencing != FENCING_OFF ||
           node->fence.run_id[0] != '\0';
}

bool fencing_counts_replicas(const struct group *group)
{
    return group->settings.fencing == FENCING_AVAILABILITY;
}

/* A replica is gone: the master will miss it, so we look whether it does. */
static void notice_losses(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool there = link_usable(&node->instance.command);
        if (node->fence.was_there && !there && node != group->master) {
            info_soon(core, group->master, now + FENCE_LOOK_MS);
        }
        node->fence.was_there = there;
    }
}

static void count_good(struct group *group, msec now)
{
    struct fence *fence = &group->master->fence;
    uint32_t good = group->master->report.good_replicas;
    if (good > group->settings.fencing_replicas) {
        good = group->settings.fencing_replicas;
    }
    if (good != fence->good) {
        fence->good = good;
        fence->good_since = now;
    }
}

/* --- Whose is it? --------------------------------------------------------- */

static bool is_short(const struct node *node, msec now)
{
    const struct fence *fence = &node->fence;
    return fence->good < node->group->settings.fencing_replicas ||
           now - fence->good_since < FENCE_SHORT_MS;
}

/* A server that was not master before, or that a peer has set free. */
static bool is_unburdened(const struct node *node)
{
    const struct fence *fence = &node->fence;
    const struct group *group = node->group;
    bool free = group->settings.fencing == FENCING_OFF ||
                (group->settings.fencing == FENCING_AVAILABILITY &&
                 (node != group->master || !fence->leads));
    return free && fence->has.replicas == 0;
}

static void say_alone(struct core *core, struct node *node)
{
    struct fence *fence = &node->fence;
    bool alone = fence->owner == FENCE_OPERATORS &&
                 node->group->settings.fencing != FENCING_OFF;
    if (alone == fence->alone_told) {
        return;
    }
    fence->alone_told = alone;
    char text[128];
    (void)snprintf(text, sizeof(text),
                   "min-replicas-to-write %u, min-replicas-max-lag %u were "
                   "not set by a sentinel: left alone",
                   fence->has.replicas, fence->has.max_lag_s);
    event_node(core, alone ? LEVEL_WARNING : LEVEL_NOTICE,
               alone ? "+fencing-operator" : "-fencing-operator", node,
               alone ? text : "");
}

static void judge(struct core *core, struct node *node, msec now)
{
    struct fence *fence = &node->fence;
    if (is_unburdened(node)) {
        fencing_forget(core, node);
    }
    fence->leads = node == node->group->master;
    bool same_life = fence->run_id[0] != '\0' &&
                     strcmp(fence->run_id, node->report.run_id) == 0;
    fence->owner =
        fencing_judge(&node->group->settings, &fence->has,
                      same_life ? &fence->ours : NULL, is_short(node, now));
    if (fence->owner == FENCE_OPERATORS && fence->adopt) {
        fence->owner = FENCE_OURS;
    } else {
        fence->adopt = false;
        if (fence->owner == FENCE_OURS) {
            fencing_remember(core, node, &fence->has);
        }
    }
    if (fence->owner == FENCE_NOBODYS) {
        fencing_forget(core, node);
    }
    say_alone(core, node);
}

/* --- What it shall be ----------------------------------------------------- */

/* As many replicas as there are. What is asked for again comes back after a
 * while only, so that a replica that comes and goes is no storm of writes to
 * the server's configuration file. False = not yet. */
static bool want_available(struct core *core, const struct node *node,
                           struct min_replicas *wanted, msec now)
{
    const struct fence *fence = &node->fence;
    struct min_replicas full = fencing_full(&node->group->settings);
    if (fence->good == 0) {
        *wanted = fence->owner == FENCE_OURS
                      ? (struct min_replicas){full.replicas, 0}
                      : fence->has;
        return true;
    }
    *wanted = (struct min_replicas){fence->good, full.max_lag_s};
    uint32_t has = fence->has.max_lag_s == 0 ? 0 : fence->has.replicas;
    msec stable_at = fence->good_since + FENCE_RESTORE_MS;
    if (fence->owner == FENCE_OURS && wanted->replicas > has &&
        now < stable_at) {
        schedule_sooner(core, &node->group->timer, stable_at);
        return false;
    }
    return true;
}

/* False = it stays as it is. */
static bool decide(struct core *core, const struct node *node,
                   struct min_replicas *wanted, msec now)
{
    const struct group *group = node->group;
    if (node->fence.owner == FENCE_OPERATORS ||
        node->repair.wrong_since != NEVER) {
        return false;
    }
    bool leads = node == group->master;
    switch (group->settings.fencing) {
    case FENCING_SAFETY:
        *wanted = fencing_full(&group->settings);
        return true;
    case FENCING_AVAILABILITY:
        if (leads) {
            return node->report.role == ROLE_MASTER &&
                   want_available(core, node, wanted, now);
        }
        break;
    case FENCING_OFF:
        break;
    }
    *wanted = nothing;
    return node->fence.owner == FENCE_OURS;
}

/* --- Doing it ------------------------------------------------------------- */

/* Nobody's failover is under way, but for the end of our own. */
static bool is_calm(const struct core *core, const struct group *group,
                    msec now)
{
    return !core->model.tilt.active && group->unpublished_version == 0 &&
           !group->objective_down &&
           (group->failover.state == FAILOVER_NONE ||
            group->failover.state == FAILOVER_RECONF) &&
           !election_is_bound(core, group, now);
}

/* Its turn has come, and it was seen since that nobody else did it. */
static bool is_due(struct core *core, struct node *node, msec now)
{
    struct fence *fence = &node->fence;
    struct group *group = node->group;
    msec turn = fence->wrong_since +
                (msec)election_rank(core, group) * FENCE_STAGGER_MS;
    msec due = turn > fence->retry_at ? turn : fence->retry_at;
    if (fence->sent_pending || fence->read_pending) {
        return false;
    }
    if (now < due) {
        schedule_sooner(core, &group->timer, due);
        return false;
    }
    if (fence->read_at < turn) {
        fencing_read(core, node);
        return false;
    }
    return true;
}

/* What the master said of its replicas is not old. */
static bool is_fresh(struct core *core, struct node *node, msec now)
{
    if (now - node->report.at <= 2 * INFO_FAST_MS) {
        return true;
    }
    info_soon(core, node, now);
    return false;
}

static bool is_confirmed(struct core *core, struct group *group, msec since,
                         msec now)
{
    if (now > since + VIEW_FRESH_MS) {
        since = now - VIEW_FRESH_MS;
    }
    if (view_is_current(group, since)) {
        return true;
    }
    view_ask_all(core, group, now);
    return false;
}

static void send(struct core *core, struct node *node,
                 const struct min_replicas *wanted, msec expires_at)
{
    struct fence *fence = &node->fence;
    fence->sent = *wanted;
    fence->sent_pending = true;
    action_fence(core, node, wanted, expires_at);
}

static void settle_node(struct core *core, struct node *node, bool calm,
                        msec now)
{
    struct fence *fence = &node->fence;
    struct min_replicas wanted;
    if (!is_concerned(node)) {
        fence->owner = FENCE_UNKNOWN;
        return;
    }
    fencing_read_when_due(core, node, now);
    if (fence->read_at == NEVER || node->report.at == NEVER ||
        node->report.at < node->instance.command.state_since) {
        return;
    }
    judge(core, node, now);
    if (!decide(core, node, &wanted, now) ||
        fencing_min_replicas_equal(&wanted, &fence->has)) {
        fence->wrong_since = NEVER;
        return;
    }
    if (fence->wrong_since == NEVER) {
        fence->wrong_since = now;
    }
    if (calm && link_usable(&node->instance.command) &&
        is_due(core, node, now) && is_fresh(core, node, now) &&
        is_confirmed(core, node->group, fence->wrong_since, now)) {
        send(core, node, &wanted, now + FENCE_SEND_MS);
    }
}

void fencing_settle(struct core *core, struct group *group, msec now)
{
    if (fencing_counts_replicas(group)) {
        notice_losses(core, group, now);
        count_good(group, now);
    }
    bool calm = is_calm(core, group, now);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        settle_node(core, node, calm, now);
    }
}

void fencing_before_promotion(struct core *core, struct node *node,
                              msec expires_at)
{
    const struct group *group = node->group;
    if (group->settings.fencing != FENCING_SAFETY ||
        node->fence.owner == FENCE_OPERATORS) {
        return;
    }
    struct min_replicas full = fencing_full(&group->settings);
    send(core, node, &full, expires_at);
}
