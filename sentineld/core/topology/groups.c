/* What exists: groups and their servers; adding, removing, switching.
 * Whatever changes something durable says so here, so nobody can forget the
 * record.
 *
 * Removing only marks while a settle walks the lists; model_bury frees what
 * was marked when the settle is over. */
#include "core/topology/topology.h"

#include <assert.h>

/* Groups. */
void model_add_link(struct core *core, struct link *link, enum link_kind kind,
                    msec now)
{
    link_init(link, kind, model_new_id(core), now);
    HASH_ADD(hh, core->model.links_by_id, id, sizeof(link->id), link);
    schedule_at(core, &link->timer, now);
}

void model_drop_link(struct core *core, struct link *link)
{
    link_stop(core, link);
    HASH_DELETE(hh, core->model.links_by_id, link);
}

void model_init_health(struct health *health, msec down_after_ms, msec now)
{
    health->unanswered_since = NEVER;
    health->ok_at = now;
    health->reply_at = now;
    health->ping_at = now;
    health->pong = PONG_OK;
    health->pong_since = now;
    health->down_after_ms = down_after_ms;
}

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

void model_index_master_ip(struct core *core, struct group *group)
{
    unindex_master_ip(core, group);
    index_master_ip(core, group);
}

void model_index_master(struct core *core, struct group *group)
{
    const struct address *at = &group->published->instance.address;
    core->model.shares_masters |= model_group_at(core, at) != NULL;
    index_master_ip(core, group);
    model_address_key(at, group->master_key, sizeof(group->master_key));
    HASH_ADD_KEYPTR(hh_master, core->model.groups_by_master, group->master_key,
                    strlen(group->master_key), group);
}

void model_unindex_master(struct core *core, struct group *group)
{
    HASH_DELETE(hh_master, core->model.groups_by_master, group);
    unindex_master_ip(core, group);
}

struct group *model_add_group(struct core *core, const char *name,
                              const struct address *master,
                              const struct group_settings *settings, msec now)
{
    struct model *model = &core->model;
    struct group *group = xcalloc(1, sizeof(*group));
    group->id = model_new_id(core);
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
    group->positions_due_at = now + 2 * INFO_FAST_MS;
    group->twin_seen_at = NEVER;
    STAILQ_INIT(&group->pending);
    group->failover.gate.said_at = NEVER;
    for (int i = 0; i < STAND_HISTORY; i++) {
        group->stood_at[i] = NEVER;
    }
    TAILQ_INIT(&group->nodes);
    TAILQ_INIT(&group->members);
    TAILQ_INIT(&group->reports);
    schedule_init(&group->timer, TIMER_GROUP, group, group->id);
    TAILQ_INSERT_TAIL(&model->groups, group, entry);
    HASH_ADD_STR(model->groups_by_name, name, group);
    HASH_ADD(hh_id, model->groups_by_id, id, sizeof(group->id), group);
    model->group_count++;
    group->master = model_add_node(core, group, master, now);
    group->published = group->master;
    model_index_master(core, group);
    group->hello_at =
        now + core_random(core, (uint32_t)core->model.periods.hello_ms);
    core_touch(core, group);
    return group;
}

void model_remove_group(struct core *core, struct group *group)
{
    struct model *model = &core->model;
    group->dead = true;
    core->has_dead = true;
    model_save_group(core, group);
    struct member *member;
    while ((member = TAILQ_FIRST(&group->members)) != NULL) {
        model_drop_member(core, member);
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        model_save_node(core, node, true);
        model_drop_link(core, &node->instance.command);
        model_drop_link(core, &node->hello);
    }
    model_drop_reports(core, group);
    model_unindex_master(core, group);
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

/* Believed in, or told to somebody. */
static bool is_in_use(const struct group *group, const struct node *node)
{
    return node == group->master || node == group->published;
}

void model_drop_node(struct core *core, struct node *node)
{
    struct group *group = node->group;
    assert(!is_in_use(group, node));
    node->dead = true;
    core->has_dead = true;
    model_save_node(core, node, true);
    model_drop_link(core, &node->instance.command);
    model_drop_link(core, &node->hello);
    HASH_DELETE(hh, group->nodes_by_key, node);
    TAILQ_REMOVE(&group->nodes, node, entry);
    TAILQ_INSERT_TAIL(&core->dead_nodes, node, entry);
    group->node_count--;
}

void model_apply_settings(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        link_set_patience(core, &node->instance.command,
                          group->settings.down_after_ms, now);
    }
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        model_note_patience(core, member->peer, now);
    }
    core_touch(core, group);
}

/* Nodes. */
/* At the limit, the server that has been down longest is forgotten: where
 * addresses come and go, it will not return under that one. */
static void make_room(struct core *core, struct group *group)
{
    struct node *oldest = NULL;
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool needed =
            is_in_use(group, node) || group->failover.state != FAILOVER_NONE;
        if (!needed && node->subjective_down &&
            (oldest == NULL ||
             node->subjective_down_since < oldest->subjective_down_since)) {
            oldest = node;
        }
    }
    if (oldest != NULL) {
        model_drop_node(core, oldest);
    }
}

struct node *model_add_node(struct core *core, struct group *group,
                            const struct address *address, msec now)
{
    struct node *node = model_node_known_as(group, address);
    if (node != NULL) {
        return node;
    }
    if (group->node_count == MAX_NODES_PER_GROUP) {
        make_room(core, group);
    }
    if (group->node_count == MAX_NODES_PER_GROUP) {
        if (group->full_told) {
            return NULL;
        }
        group->full_told = true;
        out_log(core, LEVEL_WARNING,
                "%s: server %s:%u is not watched: a group can have %d",
                group->name, address->host, address->port, MAX_NODES_PER_GROUP);
        return NULL;
    }
    node = xcalloc(1, sizeof(*node));
    node->id = model_new_id(core);
    node->group = group;
    node->instance.address = *address;
    names_show(&core->model, &node->instance);
    model_init_health(&node->instance.health, group->settings.down_after_ms,
                      now);
    node->report.at = NEVER;
    node->last_offset.in_step_at = NEVER;
    node->rebooted_at = NEVER;
    node->report.role_since = now;
    node->report.announced = true;
    node->report.priority = 100;
    node->info_at = now;
    node->info_asked_at = NEVER;
    node->preflight.at = NEVER;
    node->witness.asked_at = NEVER;
    node->repair.wrong_since = NEVER;
    node->repair.sent_at = NEVER;
    node->detached_at = NEVER;
    node->followed_at = NEVER;
    node->fence.read_at = NEVER;
    node->fence.wrong_since = NEVER;
    node->instance.command.node = node;
    node->hello.node = node;
    model_add_link(core, &node->instance.command, LINK_NODE_COMMAND, now);
    model_add_link(core, &node->hello, LINK_NODE_HELLO, now);
    model_address_key(address, node->key, sizeof(node->key));
    HASH_ADD_STR(group->nodes_by_key, key, node);
    TAILQ_INSERT_TAIL(&group->nodes, node, entry);
    group->node_count++;
    model_save_node(core, node, false);
    core_touch(core, group);
    return node;
}

void model_rename_node(struct core *core, struct node *node,
                       const struct address *address)
{
    struct group *group = node->group;
    bool is_published = node == group->published;
    model_save_node(core, node, true);
    if (is_published) {
        model_unindex_master(core, group);
    }
    HASH_DELETE(hh, group->nodes_by_key, node);
    node->instance.address = *address;
    model_address_key(address, node->key, sizeof(node->key));
    HASH_ADD_STR(group->nodes_by_key, key, node);
    if (is_published) {
        model_index_master(core, group);
    }
    model_save_node(core, node, false);
    model_save_group(core, group);
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

static void free_group(struct group *group)
{
    HASH_CLEAR(hh, group->nodes_by_key);
    free_nodes(&group->nodes);
    struct member *member;
    while ((member = TAILQ_FIRST(&group->members)) != NULL) {
        TAILQ_REMOVE(&group->members, member, group_entry);
        free(member);
    }
    pending_free(group);
    model_free_reports(group);
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

void model_bury(struct core *core)
{
    if (!core->has_dead) {
        return;
    }
    core->has_dead = false;
    free_groups(&core->dead_groups);
    free_nodes(&core->dead_nodes);
    free_peers(&core->dead_peers);
}

void model_free(struct core *core)
{
    struct model *model = &core->model;
    model_bury(core);
    HASH_CLEAR(hh, model->links_by_id);
    HASH_CLEAR(hh, model->groups_by_name);
    HASH_CLEAR(hh_id, model->groups_by_id);
    HASH_CLEAR(hh_master, model->groups_by_master);
    HASH_CLEAR(hh_master_ip, model->groups_by_master_ip);
    HASH_CLEAR(hh, model->peers_by_run_id);
    free_groups(&model->groups);
    free_peers(&model->peers);
    free(core->dirty);
}
