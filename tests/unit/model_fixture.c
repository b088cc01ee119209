/* Small models filled in by hand; see the header. */
#include "model_fixture.h"

#include <stdio.h>

#include "sentineld/memory.h"

const char *const model_fixture_self =
    "5555555555555555555555555555555555555555";

static void init_instance(struct instance *instance, enum link_kind kind)
{
    instance->command.kind = kind;
    instance->command.state = LINK_UP;
    instance->health = (struct health){
        .unanswered_since = NEVER,
        .ok_at = NEVER,
        .reply_at = NEVER,
        .ping_at = NEVER,
    };
}

void model_fixture_init(struct model *model)
{
    *model = (struct model){
        .port = 26379,
        .vote_lease_ms = 2000,
        .periods = {.down_after_ms = 30000, .failover_timeout_ms = 180000},
        .settings = {.log_level = LEVEL_NOTICE},
    };
    copy_text(model->self, sizeof(model->self), model_fixture_self);
    TAILQ_INIT(&model->groups);
    TAILQ_INIT(&model->peers);
}

struct node *model_fixture_add_node(struct group *group, const char *host,
                                    uint16_t port)
{
    struct node *node = xcalloc(1, sizeof(*node));
    node->group = group;
    init_instance(&node->instance, LINK_NODE_COMMAND);
    copy_text(node->instance.address.host, HOST_SIZE, host);
    node->instance.address.port = port;
    node->instance.shown = node->instance.address;
    node->hello.kind = LINK_NODE_HELLO;
    node->hello.state = LINK_UP;
    node->report.at = NEVER;
    node->report.role_since = NEVER;
    node->report.announced = true;
    node->report.priority = 100;
    TAILQ_INSERT_TAIL(&group->nodes, node, entry);
    group->node_count++;
    return node;
}

struct group *model_fixture_add_group(struct model *model, const char *name,
                                      uint16_t port)
{
    struct group *group = xcalloc(1, sizeof(*group));
    group->id = ++model->group_count;
    copy_text(group->name, sizeof(group->name), name);
    group->settings = (struct group_settings){
        .quorum = 2,
        .parallel_syncs = 1,
        .down_after_ms = 30000,
        .failover_timeout_ms = 180000,
    };
    TAILQ_INIT(&group->nodes);
    TAILQ_INIT(&group->voters);
    group->master = model_fixture_add_node(group, "127.0.0.1", port);
    group->published = group->master;
    TAILQ_INSERT_TAIL(&model->groups, group, entry);
    HASH_ADD_STR(model->groups_by_name, name, group);
    HASH_ADD(hh_id, model->groups_by_id, id, sizeof(group->id), group);
    return group;
}

void model_fixture_report_replica(struct node *node, msec at)
{
    node->report.at = at;
    node->report.role = ROLE_REPLICA;
    node->report.role_since = at;
    node->report.master = node->group->published->instance.address;
    node->report.master_link_up = true;
    node->report.offset = 305;
}

static struct peer *find_or_add_peer(struct model *model, char digit,
                                     uint16_t port)
{
    char run_id[RUN_ID_SIZE] = "";
    struct peer *peer;
    memset(run_id, digit, RUN_ID_LEN);
    HASH_FIND_STR(model->peers_by_run_id, run_id, peer);
    if (peer != NULL) {
        return peer;
    }
    peer = xcalloc(1, sizeof(*peer));
    memcpy(peer->run_id, run_id, sizeof(run_id));
    init_instance(&peer->instance, LINK_PEER);
    copy_text(peer->instance.address.host, HOST_SIZE, "127.0.0.2");
    peer->instance.address.port = port;
    peer->instance.shown = peer->instance.address;
    TAILQ_INIT(&peer->voters);
    TAILQ_INSERT_TAIL(&model->peers, peer, entry);
    HASH_ADD_STR(model->peers_by_run_id, run_id, peer);
    model->peer_count++;
    return peer;
}

struct voter *model_fixture_add_voter(struct model *model, struct group *group,
                                      char digit, uint16_t port)
{
    struct voter *voter = xcalloc(1, sizeof(*voter));
    voter->group = group;
    voter->peer = find_or_add_peer(model, digit, port);
    voter->answered_at = NEVER;
    voter->hello_at = NEVER;
    TAILQ_INSERT_TAIL(&group->voters, voter, group_entry);
    TAILQ_INSERT_TAIL(&voter->peer->voters, voter, peer_entry);
    group->voter_count++;
    return voter;
}

static void free_group(struct group *group)
{
    struct node *node;
    struct voter *voter;
    while ((node = TAILQ_FIRST(&group->nodes)) != NULL) {
        TAILQ_REMOVE(&group->nodes, node, entry);
        free(node);
    }
    while ((voter = TAILQ_FIRST(&group->voters)) != NULL) {
        TAILQ_REMOVE(&group->voters, voter, group_entry);
        free(voter);
    }
    free(group);
}

void model_fixture_remove_group(struct model *model, struct group *group)
{
    HASH_DEL(model->groups_by_name, group);
    HASH_DELETE(hh_id, model->groups_by_id, group);
    TAILQ_REMOVE(&model->groups, group, entry);
    free_group(group);
}

void model_fixture_clear(struct model *model)
{
    struct group *group;
    struct peer *peer;
    HASH_CLEAR(hh, model->groups_by_name);
    HASH_CLEAR(hh_id, model->groups_by_id);
    HASH_CLEAR(hh, model->peers_by_run_id);
    while ((group = TAILQ_FIRST(&model->groups)) != NULL) {
        TAILQ_REMOVE(&model->groups, group, entry);
        free_group(group);
    }
    while ((peer = TAILQ_FIRST(&model->peers)) != NULL) {
        TAILQ_REMOVE(&model->peers, peer, entry);
        free(peer);
    }
}
