/* What INFO told us: facts are copied, new replicas are added, and the moment
 * a role or a master changed is noted. Decides nothing. */
#include "core/guard/fencing.h"

static bool is_old(const struct group *group, msec now)
{
    return now - group->created_at >= INFO_YOUNG_MS &&
           (group->switched_at == NEVER ||
            now - group->switched_at >= INFO_YOUNG_MS);
}

/* A few groups can be looked at every second: what somebody changes on a
 * server is seen then. An operator's own period holds as it is. */
static msec quiet_period(const struct core *core)
{
    msec longest = core->model.periods.info_ms;
    msec wanted = INFO_FAST_MS + core->model.group_count * INFO_GROUP_MS;
    return longest == INFO_QUIET_MS && wanted < longest ? wanted : longest;
}

/* It was told to follow another master a moment ago, and is not there yet: what
 * clients are shown of it is to be true soon. */
static bool is_moving(const struct node *node, msec now)
{
    const struct group *group = node->group;
    bool arrived =
        node->report.master_link_up &&
        instance_is_at(&group->master->instance, &node->report.master);
    return node != group->master && !arrived && !node->subjective_down &&
           group->switched_at != NEVER &&
           now - group->switched_at < INFO_MOVING_MS;
}

msec observe_info_period(const struct core *core, const struct node *node,
                         msec now)
{
    const struct group *group = node->group;
    if (node->reconf == RECONF_SENT || node->reconf == RECONF_INPROG ||
        (node == group->failover.promoted &&
         group->failover.state == FAILOVER_PROMOTE) ||
        is_moving(node, now)) {
        return INFO_RECONF_MS;
    }
    if (node != group->master && witness_is_wanted(group, now)) {
        return witness_info_period(group);
    }
    bool role_fits =
        (node == group->master) == (node->report.role == ROLE_MASTER);
    bool calm = is_old(group, now) && role_fits && node->wrong_since == NEVER &&
                !group->master->subjective_down && !group->master->misconf &&
                group->failover.state == FAILOVER_NONE;
    bool counted = node == group->master && fencing_counts_replicas(group);
    return calm && !counted ? quiet_period(core) : INFO_FAST_MS;
}

bool observe_is_cut_off(const struct node *node)
{
    const struct address *master = &node->report.master;
    return node->report.role == ROLE_REPLICA && master->port == NOWHERE_PORT &&
           strcmp(master->host, NOWHERE_HOST) == 0;
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

/* What the process before had on disk says what this one can hold. */
static void note_restart(struct report *report)
{
    report->kept_log = report->append_only; /* until it has loaded its data */
    report->began = true;
    report->keys_begun = 0;
    report->keys_before = report->keys;
    report->all_saved = report->unsaved_changes == 0;
}

/* True = another process than the one that we knew. */
static bool note_run_id(struct core *core, struct node *node,
                        const struct info *info, msec now)
{
    struct report *report = &node->report;
    if (info->run_id[0] == '\0' || strcmp(report->run_id, info->run_id) == 0) {
        return false;
    }
    bool another = report->run_id[0] != '\0';
    if (another) {
        node->rebooted_at = now;
        report->run_id_since = now;
        report->was_replica = false;
        note_restart(report);
        out_event_node(core, LEVEL_NOTICE, "+reboot", node, "");
    }
    copy_text(report->run_id, RUN_ID_SIZE, info->run_id);
    return another;
}

void observe_on_role(struct core *core, struct node *node, enum role role,
                     msec now)
{
    struct report *report = &node->report;
    report->was_replica |= role == ROLE_REPLICA;
    if (report->role == role || role == ROLE_UNKNOWN) {
        return;
    }
    bool first = report->role == ROLE_UNKNOWN;
    report->role = role;
    report->role_since = now;
    bool is_master = role == ROLE_MASTER;
    bool fits = is_master == (node == node->group->master);
    if (first && fits) {
        return;
    }
    out_event_node(core, LEVEL_VERBOSE, fits ? "+role-change" : "-role-change",
                   node,
                   is_master ? "new reported role is master"
                             : "new reported role is slave");
}

/* Once it has loaded its data. A server that is loading its append-only file
 * says that it has none. */
static void note_beginning(struct report *report, const struct info *info)
{
    if (info->loading) {
        return;
    }
    if (report->began) {
        report->began = false;
        report->kept_log = report->kept_log && info->append_only;
        report->keys_begun = info->keys; /* later it has new ones, too */
    }
    report->append_only = info->append_only;
}

static void note_replication(struct node *node, const struct info *info)
{
    struct report *report = &node->report;
    if (!address_equal(&report->master, &info->master)) {
        report->master = info->master;
    }
    copy_text(report->replid, RUN_ID_SIZE, info->replid);
    copy_text(report->replid2, RUN_ID_SIZE, info->replid2);
    report->second_repl_offset = info->second_repl_offset;
    report->master_link_up = info->master_link_up;
    report->master_link_down_s = info->master_link_down_s;
    report->sync_in_progress = info->sync_in_progress;
    report->loading = info->loading;
    report->announced = info->announced;
    report->priority = info->priority;
    report->offset = info->offset;
    report->keys = info->keys;
    note_beginning(report, info);
    report->backlog_from = info->backlog_from;
    report->unsaved_changes = info->unsaved_changes;
    report->saves_failing = info->saves_failing;
    report->known_engine = info->known_engine;
}

/* The replicas that a master counts for min-replicas-to-write. */
static uint32_t count_good(const struct group *group, const struct info *info)
{
    uint32_t count = 0;
    for (size_t i = 0; i < info->replica_count; i++) {
        count += info->replicas[i].online &&
                 info->replicas[i].lag_s <= group->settings.fencing_max_lag_s;
    }
    return count;
}

/* Not known and not followed: nobody can tell it from the master. */
static void say_same_address(struct core *core, struct group *group,
                             const struct address *address)
{
    if (!group->same_address_told) {
        group->same_address_told = true;
        out_log(core, LEVEL_WARNING,
                "%s: a replica announces %s:%u, which is the master's own "
                "address: it is not watched and cannot be promoted; correct "
                "replica-announce-ip and replica-announce-port there",
                group->name, address->host, address->port);
    }
}

/* Before any failover, what was configured is the likely mistake. */
static void say_no_master(struct core *core, const struct node *node)
{
    struct group *group = node->group;
    const struct address *named = &node->instance.shown;
    const struct address *master = &node->report.master;
    bool wrong = node == group->master && group->config_epoch == 0 &&
                 node->report.role == ROLE_REPLICA && master->host[0] != '\0' &&
                 !observe_is_cut_off(node);
    if (wrong && !group->no_master_told) {
        out_log(core, LEVEL_WARNING,
                "%s: %s:%u is no master but a replica of %s:%u: monitor that "
                "one instead, `sentinel monitor %s %s %u %u`",
                group->name, named->host, named->port, master->host,
                master->port, group->name, master->host, master->port,
                model_quorum(group));
    }
    group->no_master_told =
        wrong || (group->no_master_told && node != group->master);
}

static void learn_replicas(struct core *core, struct group *group,
                           const struct info *info, msec now)
{
    for (size_t i = 0; i < info->replica_count; i++) {
        const struct address *address = &info->replicas[i].address;
        struct node *node = model_find_node(group, address);
        if (node == group->master) {
            say_same_address(core, group, address);
        }
        if (node != NULL) {
            continue;
        }
        node = names_obtain_node(core, group, address, now);
        if (node != NULL) {
            out_event_node(core, LEVEL_NOTICE, "+slave", node, "");
        }
    }
}

/* What it holds is what our master has. */
static bool tells_history(const struct node *node)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    if (node == group->master) {
        return report->role == ROLE_MASTER;
    }
    return report->role == ROLE_REPLICA && report->master_link_up &&
           !report->sync_in_progress &&
           instance_is_at(&group->master->instance, &report->master);
}

/* A replica whose offset is no smaller than the one that the master said last
 * has all that the master had then. */
static void note_in_step(struct node *node)
{
    const struct report *master = &node->group->master->report;
    if (node != node->group->master && master->at != NEVER &&
        master->role == ROLE_MASTER && tells_history(node) &&
        node->report.offset >= master->offset) {
        node->in_step_at = master->at;
    }
}

/* Said once, when it is met. */
static void say_engine(struct core *core, const struct node *node)
{
    const struct address *at = &node->instance.shown;
    if (node->report.at != NEVER || node->report.known_engine) {
        return;
    }
    out_log(core, LEVEL_WARNING,
            "%s: %s:%u is not surely a redis-server or valkey-server: it gets "
            "the orders that Sentinel gives and no others, so its data are "
            "not protected when its master is restarted empty, and a planned "
            "failover may lose the writes of its last moment",
            node->group->name, at->host, at->port);
}

void observe_on_info(struct core *core, struct node *node,
                     const struct info *info, msec now)
{
    struct group *group = node->group;
    node->instance.command.info_pending = false;
    witness_on_info(node, info);
    bool another = note_run_id(core, node, info, now);
    observe_on_role(core, node, info->role, now);
    note_replication(node, info);
    node->report.good_replicas = count_good(group, info);
    vanished_on_info(core, node, another, now);
    say_engine(core, node);
    node->report.at = now;
    if (node->fresh == FRESH_ASKED) {
        node->fresh = FRESH_READ;
    }
    bool just_let_go = observe_is_cut_off(node) && now < node->paused_until;
    if (info->role == ROLE_REPLICA && !just_let_go) {
        if (node->former_master) {
            node->former_master = false;
            model_save_node(core, node, false);
        }
        node->paused_until = 0; /* it was demoted: its clients are gone */
    }
    bool read = node->cut_off == CUT_READING && node->fresh == FRESH_READ;
    if (read && info->known_engine) {
        node->cut_off = CUT_WAITING; /* we had not known */
    } else if (node->cut_off == CUT_DONE || read) {
        node->cut_off = CUT_READ;
        node->info_at = now + observe_info_period(core, node, now);
    }
    say_no_master(core, node);
    if (node == group->master && info->role == ROLE_MASTER) {
        learn_replicas(core, group, info, now);
    }
    bool follows =
        tells_history(node) && group->vanishing.state == VANISHED_NOT;
    if (follows) {
        history_learn(core, group, &node->report, node == group->master);
    }
    position_on_info(node, follows);
    note_in_step(node);
    report_old_master(core, node);
    promotion_on_info(core, node);
    core_touch(core, group);
    schedule_sooner(core, &node->instance.command.timer, node->info_at);
}
