/* What INFO told us: facts are copied, new replicas are added, and the moment
 * a role or a master changed is noted. Decides nothing. */
#include "core/detect/detect.h"

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
        event_node(core, LEVEL_NOTICE, "+reboot", node, "");
    }
    copy_text(report->run_id, RUN_ID_SIZE, info->run_id);
    return another;
}

void info_on_role(struct core *core, struct node *node, enum role role,
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
    event_node(core, LEVEL_VERBOSE, fits ? "+role-change" : "-role-change",
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
        event_log(core, LEVEL_WARNING,
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
                 !model_is_detached(node);
    if (wrong && !group->no_master_told) {
        event_log(core, LEVEL_WARNING,
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
        node = alias_obtain_node(core, group, address, now);
        if (node != NULL) {
            event_node(core, LEVEL_NOTICE, "+slave", node, "");
        }
    }
}

/* Said once, when it is met. */
static void say_engine(struct core *core, const struct node *node)
{
    const struct address *at = &node->instance.shown;
    if (node->report.at != NEVER || node->report.known_engine) {
        return;
    }
    event_log(
        core, LEVEL_WARNING,
        "%s: %s:%u is not surely a redis-server or valkey-server: it gets "
        "the orders that Sentinel gives and no others, so its data are "
        "not protected when its master is restarted empty, and a planned "
        "failover may lose the writes of its last moment",
        node->group->name, at->host, at->port);
}

bool info_on_reply(struct core *core, struct node *node,
                   const struct info *info, msec now)
{
    struct group *group = node->group;
    node->instance.command.info_pending = false;
    evidence_on_info(node, info);
    bool another = note_run_id(core, node, info, now);
    info_on_role(core, node, info->role, now);
    note_replication(node, info);
    node->report.good_replicas = count_good(group, info);
    say_engine(core, node);
    node->report.at = now;
    if (node->fresh == FRESH_ASKED) {
        node->fresh = FRESH_READ;
    }
    say_no_master(core, node);
    if (node == group->master && info->role == ROLE_MASTER) {
        learn_replicas(core, group, info, now);
    }
    return another;
}
