/* The model at start: the configuration declares, the state remembers.
 *
 * What was learned - the current master, epochs, votes, replicas, peers -
 * comes from the records. For a setting, the one changed last wins: a value
 * set at run time holds until the operator changes that value in the file.
 * The same for a group that was removed at run time, and for the master's
 * address: one that the group knows already is no news. */
#include "core/door/door.h"

static const struct record *find_group_record(const struct record *saved,
                                              size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (saved[i].kind == RECORD_GROUP && !saved[i].deleted &&
            strcmp(saved[i].group.name, name) == 0) {
            return &saved[i];
        }
    }
    return NULL;
}

/* Has the group met this address before, as any of its servers? */
static bool is_known_address(const struct record *saved, size_t count,
                             const struct record_group *row,
                             const struct address *address)
{
    if (address_equal(address, &row->master)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (saved[i].kind == RECORD_NODE && !saved[i].deleted &&
            strcmp(saved[i].node.group, row->name) == 0 &&
            address_equal(&saved[i].node.address, address)) {
            return true;
        }
    }
    return false;
}

static const struct address *choose_master(struct core *core,
                                           const struct group_conf *conf,
                                           const struct record *saved,
                                           size_t count,
                                           const struct record_group *row)
{
    if (row->master.host[0] == '\0') {
        return &conf->master;
    }
    if (address_equal(&conf->master, &row->declared) ||
        is_known_address(saved, count, row, &conf->master)) {
        return &row->master;
    }
    if (!row->from_file) {
        event_log(core, LEVEL_WARNING,
                  "%s: the file names %s:%u, which the group never met; it was "
                  "added by SENTINEL MONITOR and stays with %s:%u; SENTINEL "
                  "REMOVE and MONITOR begin anew with another",
                  conf->name, conf->master.host, conf->master.port,
                  row->master.host, row->master.port);
        return &row->master;
    }
    event_log(core, LEVEL_WARNING,
              "%s: the file now names %s:%u, which the group never met: "
              "beginning anew with it instead of %s:%u",
              conf->name, conf->master.host, conf->master.port,
              row->master.host, row->master.port);
    return &conf->master;
}

/* No epoch of a group is ahead of our own, whatever a file says. */
static void raise_epoch(struct core *core, uint64_t epoch)
{
    if (epoch > core->model.current_epoch && epoch <= EPOCH_MAX) {
        core->model.current_epoch = epoch;
    }
}

/* A vote for somebody else binds the full span again: the leader may be at
 * work. One for ourselves binds nobody: we lead nothing now. */
static void restore_vote(struct core *core, struct group *group,
                         const struct record_group *row, msec now)
{
    group->vote = row->vote;
    group->vote_told = true;
    raise_epoch(core, row->config_epoch);
    raise_epoch(core, row->vote.epoch);
    if (row->vote.epoch > row->config_epoch && row->vote.leader[0] != '\0' &&
        strcmp(row->vote.leader, core->model.self) != 0) {
        group->vote_binds_until = now + core->model.vote_lease_ms;
    }
}

static void restore_row(struct core *core, struct group *group,
                        const struct record_group *row, msec now)
{
    restore_vote(core, group, row, now);
    group->config_epoch = row->config_epoch;
    group->published_epoch = row->config_epoch;
    group->accepted = row->accepted;
    group->address_unknown = ruling_is_pending(group);
    raise_epoch(core, row->accepted.epoch);
    memcpy(group->lineage, row->lineage, sizeof(group->lineage));
    group->lineage[0].end = NO_OFFSET;
    group->lineage_epoch = row->lineage_epoch;
}

static void restore_declared(struct core *core, const struct group_conf *conf,
                             const struct record *saved, size_t count, msec now)
{
    const struct record *record = find_group_record(saved, count, conf->name);
    if (record == NULL) {
        struct group *group =
            groups_add(core, conf->name, &conf->master, &conf->settings, now);
        group->from_file = true;
        model_save_group(core, group);
        return;
    }
    const struct record_group *row = &record->group;
    if (row->removed && address_equal(&conf->master, &row->declared) &&
        group_settings_equal(&conf->settings, &row->declared_settings)) {
        event_log(core, LEVEL_NOTICE,
                  "%s stays removed: SENTINEL REMOVE was the last word on it",
                  conf->name);
        return;
    }
    struct group_settings settings = group_settings_merge(
        &conf->settings, &row->declared_settings, &row->settings);
    const struct address *master = choose_master(core, conf, saved, count, row);
    struct group *group = groups_add(core, conf->name, master, &settings, now);
    group->declared = conf->master;
    group->declared_settings = conf->settings;
    memcpy(group->set_at, row->set_at, sizeof(group->set_at));
    group->from_file = true;
    if (address_equal(master, &row->master)) {
        restore_row(core, group, row, now);
    } else {
        group->begins_anew = true; /* as after REMOVE and MONITOR */
        restore_vote(core, group, row, now);
    }
    model_save_group(core, group);
}

/* A group that the file does not declare: kept when MONITOR made it. */
static void restore_monitored(struct core *core, const struct record *record,
                              msec now)
{
    const struct record_group *row = &record->group;
    if (model_group_named(core, row->name) != NULL || row->removed ||
        core->model.group_count == MAX_GROUPS) {
        return;
    }
    if (row->from_file) {
        model_add_record(core, RECORD_GROUP, true)->group = *row;
        event_log(core, LEVEL_NOTICE,
                  "%s is forgotten: the file does not declare it any more",
                  row->name);
        return;
    }
    struct group *group =
        groups_add(core, row->name, &row->master, &row->settings, now);
    group->declared = row->declared;
    group->declared_settings = row->declared_settings;
    memcpy(group->set_at, row->set_at, sizeof(group->set_at));
    restore_row(core, group, row, now);
}

static void restore_node(struct core *core, const struct record_node *row,
                         msec now)
{
    struct group *group = model_group_named(core, row->group);
    if (group == NULL || group->begins_anew) {
        model_add_record(core, RECORD_NODE, true)->node = *row;
        return;
    }
    struct node *node = servers_add(core, group, &row->address, now);
    if (node == NULL) {
        return;
    }
    node->last_offset.seen = row->seen;
    fencing_restore(core, node, row);
    if (node != group->master) {
        node->former_master = row->former_master;
        node->foreign.adopted = row->adopted;
        node->foreign.kind = row->quarantine <= QUARANTINE_GROUP
                                 ? row->quarantine
                                 : QUARANTINE_NONE;
    }
    model_save_node(core, node, false);
}

static void restore_report(struct core *core, const struct record_report *row)
{
    struct group *group = model_group_named(core, row->group);
    if (group == NULL || group->begins_anew ||
        group->report_count == MAX_REPORTS_PER_GROUP) {
        model_add_record(core, RECORD_REPORT, true)->report = *row;
        return;
    }
    struct report_entry *report = failover_log_add(core, group, row->epoch);
    report->row = *row;
    report->told = true;
}

/* It was proven when it was saved, and one more that may be away. */
static struct peer *remember_peer(struct core *core,
                                  const struct record_peer *row, msec now)
{
    struct peer *peer = core->model.peer_count == MAX_PEERS
                            ? NULL
                            : peers_meet(core, row->run_id, &row->address, now);
    if (peer != NULL) {
        (void)peers_accept(core, peer);
    }
    return peer;
}

static void restore_member(struct core *core, const struct record *saved,
                           size_t count, const struct record_member *row,
                           msec now)
{
    struct group *group = model_group_named(core, row->group);
    struct peer *peer = model_peer(core, row->run_id);
    for (size_t i = 0; group != NULL && peer == NULL && i < count; i++) {
        if (saved[i].kind == RECORD_PEER && !saved[i].deleted &&
            group->voter_count < MAX_VOTERS_PER_GROUP &&
            strcmp(saved[i].peer.run_id, row->run_id) == 0) {
            peer = remember_peer(core, &saved[i].peer, now);
        }
    }
    if (group == NULL || peer == NULL) {
        model_add_record(core, RECORD_MEMBER, true)->member = *row;
        return;
    }
    if (model_find_voter(group, peer) == NULL) {
        struct voter *voter = peers_meet_voter(core, group, peer, now);
        voter->hello_at = NEVER;
        if (!peers_accept_voter(core, voter, now)) {
            peers_drop_voter(core, voter);
        }
    }
}

void restore_model(struct core *core, const struct core_conf *conf,
                   const struct record *saved, size_t count, msec now)
{
    settings_restore(core, &conf->settings, NULL);
    for (size_t i = 0; i < count; i++) {
        if (saved[i].kind == RECORD_SELF) {
            copy_text(core->model.self, RUN_ID_SIZE, saved[i].self.run_id);
            core->model.current_epoch = saved[i].self.current_epoch;
            settings_restore(core, &conf->settings, &saved[i].self);
        }
    }
    for (size_t i = 0; i < conf->group_count; i++) {
        restore_declared(core, &conf->groups[i], saved, count, now);
    }
    for (size_t i = 0; i < count; i++) {
        if (saved[i].kind == RECORD_GROUP && !saved[i].deleted) {
            restore_monitored(core, &saved[i], now);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (saved[i].kind == RECORD_NODE && !saved[i].deleted) {
            restore_node(core, &saved[i].node, now);
        }
        if (saved[i].kind == RECORD_REPORT && !saved[i].deleted) {
            restore_report(core, &saved[i].report);
        }
        if (saved[i].kind == RECORD_MEMBER && !saved[i].deleted) {
            restore_member(core, saved, count, &saved[i].member, now);
        }
    }
    core->model.told_epoch = core->model.current_epoch;
    model_save_self(core);
}
