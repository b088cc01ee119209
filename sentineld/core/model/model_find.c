/* Look-ups over what exists, and the counts that agreement needs. Changes
 * nothing. */
#include "core/model/model.h"

struct group *model_group_named(struct core *core, const char *name)
{
    struct group *group = NULL;
    HASH_FIND_STR(core->model.groups_by_name, name, group);
    return group;
}

const struct group *model_find_group(const struct model *model,
                                     const char *name)
{
    struct group *group = NULL;
    HASH_FIND_STR(model->groups_by_name, name, group);
    return group;
}

const struct group *model_find_group_by_id(const struct model *model,
                                           object_id id)
{
    struct group *group = NULL;
    HASH_FIND(hh_id, model->groups_by_id, &id, sizeof(id), group);
    return group;
}

struct group *model_group(struct core *core, object_id id)
{
    struct group *group = NULL;
    HASH_FIND(hh_id, core->model.groups_by_id, &id, sizeof(id), group);
    return group;
}

const struct group *model_find_group_at(const struct model *model,
                                        const struct address *address)
{
    char key[HOST_SIZE + 8];
    model_address_key(address, key, sizeof(key));
    struct group *group = NULL;
    HASH_FIND(hh_master, model->groups_by_master, key, strlen(key), group);
    if (group == NULL) {
        HASH_FIND(hh_master_ip, model->groups_by_master_ip, key, strlen(key),
                  group);
    }
    return group;
}

struct group *model_group_at(struct core *core, const struct address *address)
{
    const struct group *group = model_find_group_at(&core->model, address);
    return group == NULL ? NULL : model_group(core, group->id);
}

struct group *model_group_of(struct core *core, const struct instance *instance)
{
    struct address at = instance->address;
    struct group *group = model_group_at(core, &at);
    if (group == NULL && instance->ip[0] != '\0') {
        copy_text(at.host, HOST_SIZE, instance->ip);
        group = model_group_at(core, &at);
    }
    return group;
}

const struct peer *model_find_peer(const struct model *model,
                                   const char *run_id)
{
    struct peer *peer = NULL;
    HASH_FIND_STR(model->peers_by_run_id, run_id, peer);
    return peer;
}

struct peer *model_peer(struct core *core, const char *run_id)
{
    struct peer *peer = NULL;
    HASH_FIND_STR(core->model.peers_by_run_id, run_id, peer);
    return peer;
}

const struct link *model_find_link(const struct model *model, object_id id)
{
    struct link *link = NULL;
    HASH_FIND(hh, model->links_by_id, &id, sizeof(id), link);
    return link;
}

struct link *model_link(struct core *core, object_id id)
{
    struct link *link = NULL;
    HASH_FIND(hh, core->model.links_by_id, &id, sizeof(id), link);
    return link;
}

struct node *model_node_known_as(const struct group *group,
                                 const struct address *address)
{
    char key[HOST_SIZE + 8];
    model_address_key(address, key, sizeof(key));
    struct node *node = NULL;
    HASH_FIND_STR(group->nodes_by_key, key, node);
    return node;
}

/* A name that leads nowhere now has no claim on the ip of its last server:
 * somebody else may have got that. */
static bool leads_nowhere(const struct node *node)
{
    return node->instance.command.failure == FAILURE_UNRESOLVABLE;
}

struct node *model_find_node(const struct group *group,
                             const struct address *address)
{
    struct node *known = model_node_known_as(group, address);
    if (known != NULL || !host_is_ip(address->host)) {
        return known;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (instance_is_at(&node->instance, address) && !leads_nowhere(node)) {
            return node;
        }
    }
    return NULL;
}

bool model_is_same_server(const struct node *a, const struct node *b)
{
    return a == b || instance_is_same(&a->instance, &b->instance) ||
           (a->report.run_id[0] != '\0' &&
            strcmp(a->report.run_id, b->report.run_id) == 0);
}

struct node *model_node_with_id(struct group *group, object_id id)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->id == id) {
            return node;
        }
    }
    return NULL;
}

struct voter *model_find_voter(const struct group *group,
                               const struct peer *peer)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->peer == peer) {
            return voter;
        }
    }
    return NULL;
}

const struct address *model_current_address(const struct group *group)
{
    return &group->published->instance.shown;
}

struct configuration model_newest_configuration(const struct group *group)
{
    struct configuration newest = {.epoch = group->published_epoch,
                                   .master = *model_current_address(group)};
    return group->accepted.epoch > newest.epoch ? group->accepted : newest;
}

struct voter *model_voter_behind(struct core *core, const struct link *link,
                                 object_id group_id)
{
    struct group *group = model_group(core, group_id);
    return group == NULL || link->peer == NULL
               ? NULL
               : model_find_voter(group, link->peer);
}

uint32_t model_voters(const struct group *group)
{
    uint32_t known = group->voter_count + 1 + (group->has_twin ? 1 : 0);
    uint32_t pool_size = group->settings.pool_size;
    return known > pool_size ? known : pool_size;
}

uint32_t model_quorum(const struct group *group)
{
    uint32_t quorum = group->settings.quorum;
    return quorum != 0 ? quorum : model_voters(group) / 2 + 1;
}

uint32_t model_usable(const struct group *group)
{
    uint32_t usable = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        usable +=
            voter->subjective_down || instance_is_locked(&voter->peer->instance)
                ? 0
                : 1;
    }
    return usable;
}

struct instance *link_owner(const struct link *link)
{
    return link->node != NULL ? &link->node->instance : &link->peer->instance;
}

const struct instance *link_instance(const struct link *link)
{
    return link_owner(link);
}

bool model_is_detached(const struct node *node)
{
    const struct address *master = &node->report.master;
    return node->report.role == ROLE_REPLICA && master->port == NOWHERE_PORT &&
           strcmp(master->host, NOWHERE_HOST) == 0;
}

bool model_is_first_process(const struct group *group)
{
    const struct report *report = &group->master->report;
    return report->run_id[0] != '\0' && report->run_id_since == 0 &&
           group->published == group->master;
}

bool model_is_master_in_doubt(const struct group *group)
{
    const struct master_restart *restart = &group->restart;
    bool seen = restart->state != RESTART_GONE || restart->proved;
    return group->settings.on_empty_master != ON_EMPTY_ALLOW &&
           restart->state != RESTART_NONE && seen;
}

bool model_is_master_awaited(const struct node *node)
{
    const struct group *group = node->group;
    bool perhaps = group->restart.state == RESTART_GONE &&
                   node->instance.command.refused_in_a_row < RESTART_TRIES;
    return node == group->master && !node->subjective_down &&
           (perhaps || model_is_master_in_doubt(group));
}
