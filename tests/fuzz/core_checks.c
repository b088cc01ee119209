/* What must be true of the model after every settle. */
#include "core_world.h"

#include <assert.h>

static bool is_out(const struct world *world, enum core_action_type type,
                   object_id link, object_id group)
{
    for (size_t i = 0; i < world->sent_count; i++) {
        const struct sent *sent = &world->sent[i];
        if (sent->action.type == type && sent->action.link == link &&
            (group == 0 || sent->action.group == group)) {
            return true;
        }
    }
    return false;
}

/* A flag that says "it is out" while nothing is would never go away. */
static void check_link(const struct world *world, const struct link *link)
{
    const struct model *model = core_model(world->core);
    assert(model_find_link(model, link->id) == link);
    assert(link->state == world->connections[link->id].state);
    assert(!link->timer.scheduled || link->timer.at > world->now);
    assert(link->state == LINK_CONNECTING || link->timer.scheduled ||
           link->kind == LINK_NODE_HELLO);
    assert(!link->ping_pending || is_out(world, ACT_PING, link->id, 0));
    assert(!link->info_pending || is_out(world, ACT_INFO, link->id, 0));
    assert(!link->hello_pending || is_out(world, ACT_HELLO, link->id, 0));
}

static void check_node(const struct world *world, const struct group *group,
                       const struct node *node)
{
    assert(node->group == group && !node->dead);
    check_link(world, &node->instance.command);
    check_link(world, &node->hello);
    object_id link = node->instance.command.id;
    assert(node->cut_off != CUT_SENT || is_out(world, ACT_CUT_OFF, link, 0));
    assert(!node->fence.read_pending || is_out(world, ACT_FENCE_READ, link, 0));
    assert(!node->fence.sent_pending || is_out(world, ACT_FENCE, link, 0));
    assert(!node->preflight.pending || is_out(world, ACT_REHEARSE, link, 0));
    assert(!node->hello_due || world->now < node->paused_until ||
           node->instance.command.hello_pending ||
           node->instance.command.state != LINK_UP);
    if (node != group->master) {
        return;
    }
    assert(!node->former_master);
}

static void check_voter(const struct world *world, const struct group *group,
                        const struct voter *voter)
{
    object_id link = voter->peer->instance.command.id;
    assert(voter->group == group && !voter->peer->dead);
    assert(!voter->ask_pending || is_out(world, ACT_ASK, link, group->id));
    assert(!voter->view_pending || is_out(world, ACT_VIEW, link, group->id) ||
           is_out(world, ACT_VOTER_VIEW, link, group->id));
    assert(!voter->offer_pending || is_out(world, ACT_ACCEPT, link, group->id));
    assert(!voter->hello_pending || is_out(world, ACT_HELLO, link, group->id));
    assert(!voter->hello_due || voter->hello_pending ||
           voter->peer->instance.command.state != LINK_UP);
}

static void check_failover(const struct group *group)
{
    const struct failover *failover = &group->failover;
    assert(failover->state != FAILOVER_PROMOTE || failover->promoted != NULL);
    if (failover->state == FAILOVER_NONE) {
        assert(failover->promoted == NULL && failover->purpose == PURPOSE_NONE);
    } else {
        assert(failover->epoch > group->config_epoch ||
               failover->state == FAILOVER_RECONF);
    }
}

static void check_group(const struct world *world, const struct group *group)
{
    const struct model *model = core_model(world->core);
    assert(!group->dead && !group->touched && !group->dirty);
    assert(model_find_group(model, group->name) == group);
    assert(model_find_group_by_id(model, group->id) == group);
    assert(model_find_group_at(model, model_current_address(group)) != NULL);
    assert(group->timer.scheduled && group->timer.at > world->now);
    assert(group->published_epoch <= group->config_epoch);
    assert(group->config_epoch <= model->current_epoch);
    assert(group->vote.epoch <= model->current_epoch);
    uint32_t nodes = 0;
    bool has_master = false;
    bool has_published = false;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        check_node(world, group, node);
        has_master = has_master || node == group->master;
        has_published = has_published || node == group->published;
        nodes++;
    }
    assert(has_master && has_published && nodes == group->node_count);
    assert(HASH_COUNT(group->nodes_by_key) == nodes);
    uint32_t voters = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        check_voter(world, group, voter);
        voters++;
    }
    assert(voters == group->voter_count);
    check_failover(group);
}

static void check_peers(const struct world *world)
{
    const struct model *model = core_model(world->core);
    uint32_t peers = 0;
    const struct peer *peer;
    TAILQ_FOREACH (peer, &model->peers, entry) {
        assert(model_find_peer(model, peer->run_id) == peer);
        assert(!TAILQ_EMPTY(&peer->voters));
        check_link(world, &peer->instance.command);
        peers++;
    }
    assert(peers == model->peer_count);
}

/* No connection outlives its link. */
static void check_connections(const struct world *world)
{
    const struct model *model = core_model(world->core);
    for (object_id id = 0; id <= world->last_link; id++) {
        assert(world->connections[id].state == LINK_IDLE ||
               model_find_link(model, id) != NULL);
    }
}

/* A command may wait for the end of a failover, for nothing else. */
static void check_commands(const struct world *world)
{
    const struct group *group;
    TAILQ_FOREACH (group, &core_model(world->core)->groups, entry) {
        if (group->failover.state != FAILOVER_NONE) {
            return;
        }
        assert(group->failover.purpose != PURPOSE_PLANNED);
        assert(group->failover.switchover.client == 0);
    }
    for (uint32_t i = 0; i < world->commands; i++) {
        assert(!world->unanswered[i]);
    }
}

void checks_model(struct world *world)
{
    const struct model *model = core_model(world->core);
    assert(model->current_epoch >= world->epoch_seen);
    assert(model->current_epoch >= world->epoch_told);
    world->epoch_seen = model->current_epoch;
    uint32_t groups = 0;
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        check_group(world, group);
        groups++;
    }
    assert(groups == model->group_count);
    check_peers(world);
    check_connections(world);
    check_commands(world);
    assert(core_deadline(world->core) > world->now);
}
