/* What exists: groups and their servers; adding, removing, switching.
 * Whatever changes something durable says so here, so nobody can forget the
 * record.
 *
 * Removing only marks while a settle walks the lists; groups_bury frees what
 * was marked when the settle is over. */
#include "core/topology/topology.h"

#include <assert.h>

static void index_master_ip(struct core *core, struct group *group)
{
    const struct instance *master = &group->published->instance;
    struct address at = {.port = master->address.port};
    copy_text(at.host, HOST_SIZE, master->ip);
    group->master_ip_key[0] = '\0';
    if (master->ip[0] == '\0') {
        return;
    }
    core->model.shares_masters |= model_group_at(core, &at) != NULL;
    model_address_key(&at, group->master_ip_key, sizeof(group->master_ip_key));
    HASH_ADD_KEYPTR(hh_master_ip, core->model.groups_by_master_ip,
                    group->master_ip_key, strlen(group->master_ip_key), group);
}

static void unindex_master_ip(struct core *core, struct group *group)
{
    if (group->master_ip_key[0] != '\0') {
        HASH_DELETE(hh_master_ip, core->model.groups_by_master_ip, group);
        group->master_ip_key[0] = '\0';
    }
}

void groups_index_master_ip(struct core *core, struct group *group)
{
    unindex_master_ip(core, group);
    index_master_ip(core, group);
}

void groups_index_master(struct core *core, struct group *group)
{
    const struct address *at = &group->published->instance.address;
    core->model.shares_masters |= model_group_at(core, at) != NULL;
    index_master_ip(core, group);
    model_address_key(at, group->master_key, sizeof(group->master_key));
    HASH_ADD_KEYPTR(hh_master, core->model.groups_by_master, group->master_key,
                    strlen(group->master_key), group);
}

void groups_unindex_master(struct core *core, struct group *group)
{
    HASH_DELETE(hh_master, core->model.groups_by_master, group);
    unindex_master_ip(core, group);
}

struct group *groups_add(struct core *core, const char *name,
                         const struct address *master,
                         const struct group_settings *settings, msec now)
{
    struct model *model = &core->model;
    struct group *group = xcalloc(1, sizeof(*group));
    group->id = core_new_id(core);
    group->decision = 1; /* 0 is none */
    copy_text(group->name, NAME_SIZE, name);
    group->settings = *settings;
    group->declared_settings = *settings;
    group->declared = *master;
    group->created_at = now;
    group->votes_from = now + model->vote_lease_ms;
    group->switched_at = NEVER;
    group->asked_at = NEVER;
    group->flapping.last_at = NEVER;
    group->last_resort = (struct last_resort){.masterless_since = now,
                                              .majority_since = NEVER,
                                              .present_since = NEVER};
    group->last_offsets_due_at = now + 2 * INFO_FAST_MS;
    group->twin_seen_at = NEVER;
    STAILQ_INIT(&group->pending);
    group->failover.gate.said_at = NEVER;
    for (int i = 0; i < STAND_HISTORY; i++) {
        group->stood_at[i] = NEVER;
    }
    TAILQ_INIT(&group->nodes);
    TAILQ_INIT(&group->voters);
    TAILQ_INIT(&group->newcomers);
    group->newcomer_told_at = NEVER;
    group->pool_full_told_at = NEVER;
    TAILQ_INIT(&group->reports);
    schedule_init(&group->timer, TIMER_GROUP, group, group->id);
    TAILQ_INSERT_TAIL(&model->groups, group, entry);
    HASH_ADD_STR(model->groups_by_name, name, group);
    HASH_ADD(hh_id, model->groups_by_id, id, sizeof(group->id), group);
    model->group_count++;
    group->master = servers_add(core, group, master, now);
    group->published = group->master;
    groups_index_master(core, group);
    group->hello_at =
        now + core_random(core, (uint32_t)core->model.periods.hello_ms);
    core_touch(core, group);
    return group;
}

void groups_remove(struct core *core, struct group *group)
{
    struct model *model = &core->model;
    group->dead = true;
    core->has_dead = true;
    model_save_group(core, group);
    struct voter *voter;
    while ((voter = TAILQ_FIRST(&group->voters)) != NULL ||
           (voter = TAILQ_FIRST(&group->newcomers)) != NULL) {
        peers_drop_voter(core, voter);
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        model_save_node(core, node, true);
        link_drop(core, &node->instance.command);
        link_drop(core, &node->hello);
    }
    failover_log_drop_all(core, group);
    groups_unindex_master(core, group);
    if (group->unpublished_version != 0) {
        TAILQ_REMOVE(&core->unpublished, group, unpublished_entry);
    }
    HASH_DELETE(hh, model->groups_by_name, group);
    HASH_DELETE(hh_id, model->groups_by_id, group);
    TAILQ_REMOVE(&model->groups, group, entry);
    TAILQ_INSERT_TAIL(&core->dead_groups, group, entry);
    model->group_count--;
    schedule_cancel(core, &group->timer);
    if (group->touched) {
        group->touched = false;
        TAILQ_REMOVE(&core->touched, group, touched_entry);
    }
    model_emit_records(core); /* the row holds what dies with the group */
}

void groups_apply_settings(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        link_set_patience(core, &node->instance.command,
                          group->settings.down_after_ms, now);
    }
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        peers_note_patience(core, voter->peer, now);
    }
    core_touch(core, group);
}

/* The end. */
static void free_nodes(struct node_list *nodes)
{
    struct node *node;
    while ((node = TAILQ_FIRST(nodes)) != NULL) {
        TAILQ_REMOVE(nodes, node, entry);
        free(node);
    }
}

static void free_voters(struct voter_list *voters)
{
    struct voter *voter;
    while ((voter = TAILQ_FIRST(voters)) != NULL) {
        TAILQ_REMOVE(voters, voter, group_entry);
        free(voter);
    }
}

static void free_group(struct group *group)
{
    HASH_CLEAR(hh, group->nodes_by_key);
    free_nodes(&group->nodes);
    free_voters(&group->voters);
    free_voters(&group->newcomers);
    pending_free(group);
    failover_log_free(group);
    free(group);
}

static void free_groups(struct group_list *groups)
{
    struct group *group;
    while ((group = TAILQ_FIRST(groups)) != NULL) {
        TAILQ_REMOVE(groups, group, entry);
        free_group(group);
    }
}

static void free_peers(struct peer_list *peers)
{
    struct peer *peer;
    while ((peer = TAILQ_FIRST(peers)) != NULL) {
        TAILQ_REMOVE(peers, peer, entry);
        free(peer);
    }
}

void groups_bury(struct core *core)
{
    if (!core->has_dead) {
        return;
    }
    core->has_dead = false;
    free_groups(&core->dead_groups);
    free_nodes(&core->dead_nodes);
    free_peers(&core->dead_peers);
}

void groups_free(struct core *core)
{
    struct model *model = &core->model;
    groups_bury(core);
    HASH_CLEAR(hh, model->links_by_id);
    HASH_CLEAR(hh, model->groups_by_name);
    HASH_CLEAR(hh_id, model->groups_by_id);
    HASH_CLEAR(hh_master, model->groups_by_master);
    HASH_CLEAR(hh_master_ip, model->groups_by_master_ip);
    HASH_CLEAR(hh, model->peers_by_run_id);
    free_groups(&model->groups);
    free_peers(&model->peers);
    free_peers(&model->newcomers);
    free(core->dirty);
}
