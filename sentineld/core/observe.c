/* What INFO told us, and what it calls for.
 *
 * On arrival facts are copied, new replicas are added, and the moment a role
 * or a master changed is noted. On settling, a server that contradicts our
 * view is repaired: an old master that came back at once, a replica of the
 * wrong master after a while, a replica that became master by itself after
 * a longer one. Each repair waits until a majority has confirmed, after the
 * contradiction was seen, that our view is current: the server may be right
 * and we may have missed a failover. */
#include "private.h"

/* --- INFO in ----------------------------------------------------------- */

static bool is_old(const struct group *group, msec now)
{
    return now - group->created_at >= INFO_YOUNG_MS &&
           (group->switched_at == NEVER ||
            now - group->switched_at >= INFO_YOUNG_MS);
}

msec observe_info_period(const struct node *node, msec now)
{
    const struct group *group = node->group;
    if (node->reconf == RECONF_SENT || node->reconf == RECONF_INPROG ||
        (node == group->failover.promoted &&
         group->failover.state == FAILOVER_PROMOTE)) {
        return INFO_RECONF_MS;
    }
    bool role_fits =
        (node == group->master) == (node->report.role == ROLE_MASTER);
    bool calm = is_old(group, now) && role_fits && node->wrong_since == NEVER &&
                !group->master->subjective_down &&
                group->failover.state == FAILOVER_NONE;
    return calm ? INFO_PERIOD_MS : INFO_FAST_MS;
}

void observe_info_now(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!node->instance.command.info_pending) {
            link_info_soon(core, node, now);
        }
    }
}

static void note_run_id(struct core *core, struct node *node,
                        const struct info *info)
{
    struct report *report = &node->report;
    if (info->run_id[0] == '\0' || strcmp(report->run_id, info->run_id) == 0) {
        return;
    }
    if (report->run_id[0] != '\0') {
        out_event_node(core, LEVEL_NOTICE, "+reboot", node, "");
    }
    copy_text(report->run_id, RUN_ID_SIZE, info->run_id);
}

static void note_role(struct core *core, struct node *node,
                      const struct info *info, msec now)
{
    struct report *report = &node->report;
    if (report->role == info->role) {
        return;
    }
    bool first = report->role == ROLE_UNKNOWN;
    report->role = info->role;
    report->role_since = now;
    bool is_master = info->role == ROLE_MASTER;
    bool fits = is_master == (node == node->group->master);
    if (first && fits) {
        return;
    }
    out_event_node(core, LEVEL_VERBOSE, fits ? "+role-change" : "-role-change",
                   node,
                   is_master ? "new reported role is master"
                             : "new reported role is slave");
}

static void note_replication(struct node *node, const struct info *info,
                             msec now)
{
    struct report *report = &node->report;
    if (!address_equal(&report->master, &info->master)) {
        report->master = info->master;
        report->master_since = now;
    }
    copy_text(report->replid, RUN_ID_SIZE, info->replid);
    copy_text(report->replid2, RUN_ID_SIZE, info->replid2);
    report->master_link_up = info->master_link_up;
    report->master_link_down_s = info->master_link_down_s;
    report->sync_in_progress = info->sync_in_progress;
    report->loading = info->loading;
    report->announced = info->announced;
    report->priority = info->priority;
    report->offset = info->offset;
}

static void learn_replicas(struct core *core, struct group *group,
                           const struct info *info, msec now)
{
    for (size_t i = 0; i < info->replica_count; i++) {
        const struct address *address = &info->replicas[i].address;
        if (model_find_node(group, address) != NULL) {
            continue;
        }
        struct node *node = model_add_node(core, group, address, now);
        if (node != NULL) {
            out_event_node(core, LEVEL_NOTICE, "+slave", node, "");
        }
    }
}

/* The history that we follow is the one that our master has. The old one is
 * kept: replicas that have not followed yet still hold it. */
static void learn_history(struct core *core, struct group *group,
                          const struct info *info)
{
    if (group->lineage[0][0] == '\0') {
        model_learn_history(core, group, info->replid2);
    }
    model_learn_history(core, group, info->replid);
}

void observe_on_info(struct core *core, struct node *node,
                     const struct info *info, msec now)
{
    struct group *group = node->group;
    node->instance.command.info_pending = false;
    note_run_id(core, node, info);
    note_role(core, node, info, now);
    note_replication(node, info, now);
    node->report.at = now;
    if (info->role == ROLE_REPLICA) {
        node->former_master = false;
    }
    if (node->cut_off == CUT_DONE) {
        node->cut_off = CUT_READ;
    }
    if (node == group->master && info->role == ROLE_MASTER) {
        learn_replicas(core, group, info, now);
        learn_history(core, group, info);
    }
    failover_on_info(core, node);
    core_touch(core, group);
    schedule_sooner(core, &node->instance.command.timer, node->info_at);
}

/* --- repairs ----------------------------------------------------------- */

static bool is_wrong(const struct node *node)
{
    const struct group *group = node->group;
    if (node == group->master || node->report.at == NEVER) {
        return false;
    }
    return node->report.role == ROLE_MASTER ||
           !address_equal(&node->report.master,
                          &group->master->instance.address);
}

static void note_wrong(struct node *node, msec now)
{
    if (!is_wrong(node)) {
        node->wrong_since = NEVER;
        node->repaired_at = NEVER;
    } else if (node->wrong_since == NEVER) {
        node->wrong_since = now;
        node->info_at = node->info_at > now + INFO_FAST_MS ? now + INFO_FAST_MS
                                                           : node->info_at;
    }
}

static bool is_cut_off(const struct node *node)
{
    const struct address *master = &node->report.master;
    return node->report.role == ROLE_REPLICA && master->port == NOWHERE_PORT &&
           strcmp(master->host, NOWHERE_HOST) == 0;
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
        return is_leader(core, node->group) ? 0 : REPAIR_STAGGER_MS;
    }
    if (node->report.role == ROLE_MASTER) {
        return REPAIR_MASTER_MS;
    }
    return is_cut_off(node) ? REPAIR_CUT_OFF_MS : REPAIR_REPLICA_MS;
}

static bool is_master_sane(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.role == ROLE_MASTER && master->report.at != NEVER;
}

/* Replicas that are fetching from our master right now. */
static uint32_t count_syncing(const struct group *group)
{
    uint32_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && node->report.role == ROLE_REPLICA &&
            !node->subjective_down && !is_wrong(node) &&
            !node->report.master_link_up) {
            count++;
        }
    }
    return count;
}

/* May repairs be done at all now? Nobody's failover is under way. */
static bool is_calm(const struct core *core, const struct group *group,
                    msec now)
{
    return !core->model.stall.active && group->unpublished_version == 0 &&
           (group->failover.state == FAILOVER_NONE ||
            group->failover.state == FAILOVER_RECONF) &&
           !election_is_bound(core, group, now);
}

/* Its turn has come, as far as the node itself is concerned. */
static bool is_due(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (node->wrong_since == NEVER || !link_usable(&node->instance.command) ||
        (group->failover.state == FAILOVER_RECONF && !node->former_master)) {
        return false; /* reconf.c moves the replicas of a failover of ours */
    }
    msec due = node->wrong_since + repair_delay(core, node);
    if (node->repaired_at != NEVER &&
        due < node->repaired_at + REPAIR_RETRY_MS) {
        due = node->repaired_at + REPAIR_RETRY_MS;
    }
    if (now < due) {
        schedule_sooner(core, &group->timer, due);
        return false;
    }
    return true;
}

static bool is_allowed(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (node->former_master) {
        return true;
    }
    if (!is_master_sane(group)) {
        return false;
    }
    if (now - node->report.at > 2 * INFO_FAST_MS) {
        link_info_soon(core, node, now); /* do not act on old news */
        return false;
    }
    if (node->report.role == ROLE_REPLICA &&
        count_syncing(group) >= group->settings.parallel_syncs) {
        schedule_sooner(core, &group->timer, now + INFO_FAST_MS);
        return false;
    }
    return true;
}

/* A leader whose votes still bind knows that nobody else leads. */
static bool is_confirmed(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    if (group->failover.state == FAILOVER_RECONF &&
        now < election_lease_end(core, group)) {
        return true;
    }
    msec since = node->wrong_since;
    if (now > since + VIEW_FRESH_MS) {
        since = now - VIEW_FRESH_MS;
    }
    if (gossip_view_is_current(group, since)) {
        return true;
    }
    gossip_ask_views(core, group, now);
    return false;
}

static void repair(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    node->repaired_at = now;
    schedule_sooner(core, &group->timer, now + REPAIR_RETRY_MS);
    out_event_node(core, LEVEL_NOTICE,
                   node->report.role == ROLE_MASTER ? "+convert-to-slave"
                                                    : "+fix-slave-config",
                   node, "");
    out_replicaof(core, node, &group->master->instance.address,
                  now + REPAIR_RETRY_MS);
}

void observe_on_replicaof(struct core *core, struct node *node,
                          enum ack_result result, msec now)
{
    if (result == ACK_OK) {
        link_info_soon(core, node, now);
    }
    core_touch(core, node->group);
}

void observe_settle(struct core *core, struct group *group, msec now)
{
    bool calm = is_calm(core, group, now);
    if (!calm && now < group->vote_binds_until) {
        schedule_sooner(core, &group->timer, group->vote_binds_until);
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        note_wrong(node, now);
        if (calm && is_due(core, node, now) && is_allowed(core, node, now) &&
            is_confirmed(core, node, now)) {
            repair(core, node, now);
        }
    }
}
