/* Servers that contradict our view are put right.
 *
 * An old master that came back: at once. A replica of the wrong master: after
 * a while, and no more at a time than parallel_syncs. A replica that became
 * master by itself: after a longer while. Each repair waits until a majority
 * has confirmed, after the contradiction was seen, that our view is current:
 * the server may be right and we may have missed a failover. */
#include "core/repair/repair.h"

/* Our master, whose name leads nowhere for us, may be this server: it must not
 * be told to follow itself. A replica of somebody is not the one. */
static bool may_be_master(const struct node *node)
{
    return alias_may_be_same(node, node->group->master) &&
           (node->report.role == ROLE_MASTER || model_is_detached(node));
}

static bool is_wrong(const struct node *node)
{
    const struct group *group = node->group;
    if (model_is_same_server(node, group->master) || may_be_master(node) ||
        node->report.at == NEVER || node->report.role == ROLE_UNKNOWN) {
        return false;
    }
    return node->report.role == ROLE_MASTER ||
           !instance_is_at(&group->master->instance, &node->report.master);
}

static void note_wrong(struct node *node, msec now)
{
    if (!is_wrong(node)) {
        node->repair.wrong_since = NEVER;
        node->repair.sent_at = NEVER;
    } else if (node->repair.wrong_since == NEVER) {
        node->repair.wrong_since = now;
        node->info_at = node->info_at > now + INFO_FAST_MS ? now + INFO_FAST_MS
                                                           : node->info_at;
    }
}

/* Did we lead the failover that made the present configuration? */
static bool is_leader(const struct core *core, const struct group *group)
{
    return group->vote.epoch == group->config_epoch &&
           strcmp(group->vote.leader, core->model.self) == 0;
}

/* How long a contradiction must last before we act on it. */
static msec repair_delay(const struct core *core, const struct node *node)
{
    if (node->former_master) {
        return is_leader(core, node->group)
                   ? 0
                   : (1 + election_rank(core, node->group)) * REPAIR_STAGGER_MS;
    }
    if (node->report.role == ROLE_MASTER) {
        return REPAIR_MASTER_MS;
    }
    msec patience =
        model_is_detached(node) ? REPAIR_CUT_OFF_MS : REPAIR_REPLICA_MS;
    return patience + election_rank(core, node->group) * REPAIR_STAGGER_MS;
}

static bool is_master_sane(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.role == ROLE_MASTER && master->report.at != NEVER &&
           !master_restart_is_guarded(group);
}

/* May repairs be done at all now? Nobody's failover is under way. */
static bool is_calm(const struct core *core, const struct group *group,
                    msec now)
{
    return !core->model.tilt.active && group->unpublished_version == 0 &&
           !ruling_is_pending(group) &&
           (group->failover.state == FAILOVER_NONE ||
            group->failover.state == FAILOVER_RECONF) &&
           !election_is_bound(core, group, now);
}

/* The leader of the present configuration acts at once. The others let it:
 * for them an old master's return begins with the connection to it. */
static msec wrong_since(const struct core *core, const struct node *node)
{
    msec up_since = node->instance.command.state_since;
    bool waits = node->former_master && !is_leader(core, node->group);
    return waits && up_since > node->repair.wrong_since
               ? up_since
               : node->repair.wrong_since;
}

/* Its turn has come, as far as the node itself is concerned. */
static bool is_due(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (node->repair.wrong_since == NEVER || node->repair.pending ||
        foreign_is_left_alone(node) || !link_usable(&node->instance.command) ||
        (group->failover.state == FAILOVER_RECONF && !node->former_master)) {
        return false; /* reconf.c moves the replicas of a failover of ours */
    }
    msec due = wrong_since(core, node) + repair_delay(core, node);
    if (node->repair.sent_at != NEVER &&
        due < node->repair.sent_at + REPAIR_RETRY_MS) {
        due = node->repair.sent_at + REPAIR_RETRY_MS;
    }
    if (now < due) {
        schedule_sooner(core, &group->timer, due);
        return false;
    }
    return true;
}

/* It is there, and nothing is known of what it fetches just now. */
static bool is_unread(const struct node *node, msec now)
{
    const struct instance *instance = &node->instance;
    bool hangs = instance->health.unanswered_since != NEVER &&
                 now - instance->health.unanswered_since >= REPAIR_OTHERS_MS;
    return node != node->group->master && link_usable(&instance->command) &&
           !node->subjective_down && !hangs && !foreign_is_left_alone(node) &&
           node->report.role == ROLE_REPLICA &&
           (node->report.at == NEVER ||
            now - node->report.at > REPAIR_OTHERS_MS);
}

/* Another supervisor may have told one of them to fetch all data. */
static bool are_others_read(struct core *core, const struct node *node,
                            msec now)
{
    bool read = true;
    struct node *other;
    TAILQ_FOREACH (other, &node->group->nodes, entry) {
        if (other != node && is_unread(other, now)) {
            info_soon(core, other, now);
            read = false;
        }
    }
    return read;
}

static bool is_allowed(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (master_restart_is_guarded(group) && node->report.role == ROLE_REPLICA) {
        return false; /* what it would follow may have lost everything */
    }
    if (node->former_master) {
        return is_leader(core, group) ||
               node->report.at >= node->instance.command.state_since;
    }
    if (is_master_sane(group) && model_is_detached(node)) {
        master_restart_on_kept_back(core, node, now);
    }
    if (!is_master_sane(group)) {
        return false;
    }
    if (now - node->report.at > REPAIR_FRESH_MS) {
        info_soon(core, node, now); /* do not act on old news */
        return false;
    }
    if (node->report.role == ROLE_REPLICA &&
        (!follow_is_free(node) || !are_others_read(core, node, now) ||
         !follow_has_turn(core, node, now))) {
        schedule_sooner(core, &group->timer, now + INFO_FAST_MS);
        return false;
    }
    return true;
}

/* Others say that our master lacks something. Fewer than the quorum cannot have
 * it replaced, and a replica is kept from it for a lease because of them. */
static bool is_doubted(const struct core *core, const struct node *node,
                       msec since, msec now)
{
    const struct group *group = node->group;
    uint32_t doubts = view_count_doubts(group, since);
    msec end = node->repair.wrong_since + core->model.vote_lease_ms;
    bool outvoted =
        model_is_first_process(group) && doubts >= model_voters(group) / 2 + 1;
    return node->report.role == ROLE_REPLICA && doubts > 0 &&
           (now < end || doubts >= model_quorum(group) || outvoted);
}

/* A leader whose votes still bind knows that nobody else leads. */
static bool is_confirmed(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (group->failover.state == FAILOVER_RECONF &&
        now < tally_lease_end(core, group)) {
        return true;
    }
    msec since = node->repair.wrong_since;
    if (now > since + VIEW_FRESH_MS) {
        since = now - VIEW_FRESH_MS;
    }
    if (!is_doubted(core, node, since, now) && view_is_current(group, since)) {
        return true;
    }
    view_ask_all(core, group, now);
    return false;
}

/* An old master is back while the one that took its place may have lost what
 * it held: it takes no writes any more, and keeps the data until that is known.
 */
static bool keeps_its_data(const struct node *node)
{
    uint64_t held = 0;
    return master_restart_is_guarded(node->group) &&
           node->report.role == ROLE_MASTER && node->report.known_engine &&
           lineage_accepts(node->group, &node->report, &held) && held > 0;
}

static void repair(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (node->repair.sent_at == NEVER) {
        bool was_master =
            node->report.role == ROLE_MASTER || now < node->paused_until;
        event_node(core, LEVEL_NOTICE,
                   was_master ? "+convert-to-slave" : "+fix-slave-config", node,
                   "");
    }
    node->repair.sent_at = now;
    node->repair.pending = true; /* one at a time waits in its socket */
    schedule_sooner(core, &group->timer, now + REPAIR_RETRY_MS);
    if (keeps_its_data(node)) {
        node->cut_offs_out++;
        action_cut_off(core, node, now + REPAIR_RETRY_MS);
    } else {
        follow_send(core, node, now + REPAIR_RETRY_MS, now);
    }
}

void repair_forget_pending(struct node *node)
{
    node->repair.pending = false;
}

void repair_at_once(struct node *node)
{
    node->repair.sent_at = NEVER;
}

void repair_on_replicaof(struct core *core, struct node *node,
                         enum ack_result result, msec now)
{
    node->repair.pending = false;
    if (result == ACK_OK) {
        node->paused_until = 0; /* the same transaction ended its pause */
        info_soon(core, node, now);
    }
    core_touch(core, node->group);
}

void repair_on_cut_off(struct core *core, struct node *node, msec now)
{
    if (node->repair.pending) {
        node->repair.pending = false;
        info_soon(core, node, now);
    }
}

void repair_settle(struct core *core, struct group *group, msec now)
{
    bool calm = is_calm(core, group, now);
    if (!calm && now < group->vote_binds_until) {
        schedule_sooner(core, &group->timer, group->vote_binds_until);
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        note_wrong(node, now);
        switchover_end_pause(core, node, now);
        if (calm && is_due(core, node, now) && is_allowed(core, node, now) &&
            is_confirmed(core, node, now)) {
            repair(core, node, now);
        }
    }
}
