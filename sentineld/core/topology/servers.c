/* The servers of a group: added, forgotten, known by another address. */
#include "core/topology/topology.h"

#include <assert.h>

/* Believed in, or told to somebody. */
static bool is_in_use(const struct group *group, const struct node *node)
{
    return node == group->master || node == group->published;
}

void servers_drop(struct core *core, struct node *node)
{
    struct group *group = node->group;
    assert(!is_in_use(group, node));
    node->dead = true;
    core->has_dead = true;
    model_save_node(core, node, true);
    link_drop(core, &node->instance.command);
    link_drop(core, &node->hello);
    HASH_DELETE(hh, group->nodes_by_key, node);
    TAILQ_REMOVE(&group->nodes, node, entry);
    TAILQ_INSERT_TAIL(&core->dead_nodes, node, entry);
    group->node_count--;
}

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
        servers_drop(core, oldest);
    }
}

struct node *servers_add(struct core *core, struct group *group,
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
        event_log(core, LEVEL_WARNING,
                  "%s: server %s:%u is not watched: a group can have %d",
                  group->name, address->host, address->port,
                  MAX_NODES_PER_GROUP);
        return NULL;
    }
    node = xcalloc(1, sizeof(*node));
    node->id = core_new_id(core);
    node->group = group;
    node->instance.address = *address;
    alias_show(&core->model, &node->instance);
    link_init_health(&node->instance.health, group->settings.down_after_ms,
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
    node->evidence.asked_at = NEVER;
    node->repair.wrong_since = NEVER;
    node->repair.sent_at = NEVER;
    node->detached_at = NEVER;
    node->followed_at = NEVER;
    node->fence.read_at = NEVER;
    node->fence.wrong_since = NEVER;
    node->instance.command.node = node;
    node->hello.node = node;
    link_add(core, &node->instance.command, LINK_NODE_COMMAND, now);
    link_add(core, &node->hello, LINK_NODE_HELLO, now);
    model_address_key(address, node->key, sizeof(node->key));
    HASH_ADD_STR(group->nodes_by_key, key, node);
    TAILQ_INSERT_TAIL(&group->nodes, node, entry);
    group->node_count++;
    model_save_node(core, node, false);
    core_touch(core, group);
    return node;
}

void servers_rename(struct core *core, struct node *node,
                    const struct address *address)
{
    struct group *group = node->group;
    bool is_published = node == group->published;
    model_save_node(core, node, true);
    if (is_published) {
        groups_unindex_master(core, group);
    }
    HASH_DELETE(hh, group->nodes_by_key, node);
    node->instance.address = *address;
    model_address_key(address, node->key, sizeof(node->key));
    HASH_ADD_STR(group->nodes_by_key, key, node);
    if (is_published) {
        groups_index_master(core, group);
    }
    model_save_node(core, node, false);
    model_save_group(core, group);
}
