/* Imitated servers and peers: what they answer when they live. */
#include "core_world.h"

#include <assert.h>
#include <stdio.h>

static void history_id(uint8_t history, char replid[RUN_ID_SIZE])
{
    (void)snprintf(replid, RUN_ID_SIZE, "%040x", history + 1u);
}

static void list_replicas(const struct world *world, int index,
                          struct info *info)
{
    int first = index / 3 * 3;
    for (int i = first; i < first + 3; i++) {
        if (i != index && world->servers[i].master == index) {
            info->replicas[info->replica_count++].address =
                world_server_address(i);
        }
    }
}

void servers_say_info(struct world *world, object_id link, int index)
{
    const struct server *server = &world->servers[index];
    struct info info = {.role = server->role,
                        .second_repl_offset = (int64_t)server->branched_at,
                        .priority = 100,
                        .offset = server->offset,
                        .master_last_io_s = 1,
                        .announced = true,
                        .known_engine = true};
    (void)snprintf(info.run_id, RUN_ID_SIZE, "%020d%020u", index,
                   server->lives);
    history_id(server->history, info.replid);
    if (server->history_before != server->history) {
        history_id(server->history_before, info.replid2);
    }
    if (server->role == ROLE_REPLICA) {
        info.master = world_server_address(server->master);
        info.master_link_up =
            server->master != NOWHERE && !world->servers[server->master].dead;
    } else {
        list_replicas(world, index, &info);
    }
    world_record(world, &(struct core_event){
                            .type = EV_INFO, .link = link, .info = &info});
}

static void obey_replicaof(struct server *server, const struct address *master)
{
    if (master->host[0] != '\0') {
        server->role = ROLE_REPLICA;
        server->master = world_server_at(master);
        return;
    }
    if (server->role == ROLE_REPLICA) {
        server->history_before = server->history;
        server->history = (uint8_t)(server->history * 5 + 7);
        server->branched_at = server->offset + 1;
    }
    server->role = ROLE_MASTER;
    server->master = NOWHERE;
}

static void answer_ask(struct world *world, const struct link *link,
                       const struct core_action *action)
{
    struct core_event event = {
        .type = EV_ASK_REPLY, .link = action->link, .group = action->group};
    int index = world_server_at(&action->ask.master);
    event.ask_reply.down = index != NOWHERE && world->servers[index].dead;
    struct ballot *vote =
        &world->peer_votes[(unsigned char)link->peer->run_id[0] % PEERS];
    if (action->ask.candidate[0] != '\0') {
        if (action->ask.epoch > vote->epoch) {
            vote->epoch = action->ask.epoch;
            copy_text(vote->leader, RUN_ID_SIZE, action->ask.candidate);
        }
        event.ask_reply.vote = *vote;
    }
    world_record(world, &event);
}

static void answer_view(struct world *world, const struct core_action *action)
{
    const struct group *group =
        model_find_group_by_id(core_model(world->core), action->group);
    struct core_event event = {
        .type = EV_VIEW, .link = action->link, .group = action->group};
    if (group != NULL) {
        event.view.config_epoch = group->published_epoch;
        event.view.master = *model_current_address(group);
        event.view.is_ours = true;
        event.view.accepted.epoch = event.view.config_epoch;
        event.view.accepted.master = event.view.master;
    }
    world_record(world, &event);
}

/* One of them is somebody else, and one of an older version. */
static void answer_identity(struct world *world, const struct link *link)
{
    struct core_event event = {.type = EV_IDENTITY, .link = link->id};
    const char *run_id = link->peer->run_id;
    const char *host = link->peer->instance.address.host;
    event.identity.how = PROVEN_ANSWER;
    if (strcmp(host, "10.0.1.7") == 0) {
        copy_text(event.identity.run_id, RUN_ID_SIZE,
                  core_model(world->core)->self);
    } else if (strcmp(host, "10.0.1.6") != 0) {
        copy_text(event.identity.run_id, RUN_ID_SIZE, run_id);
    }
    world_record(world, &event);
}

/* True when the command is over and its answer recorded. */
static bool answer_server(struct world *world, struct sent *sent, int index)
{
    const struct core_action *action = &sent->action;
    struct server *server = &world->servers[index];
    if (action->type == ACT_PING) {
        world_record(world, &(struct core_event){.type = EV_PONG,
                                                 .link = action->link,
                                                 .pong = PONG_OK});
    } else if (action->type == ACT_INFO || sent->info_left) {
        servers_say_info(world, action->link, index);
    } else if (action->type == ACT_FENCE_READ) {
        world_record(
            world, &(struct core_event){.type = EV_MIN_REPLICAS,
                                        .link = action->link,
                                        .group = action->group,
                                        .min_replicas = server->min_replicas});
    } else if (action->type == ACT_REHEARSE) {
        world_record(world, &(struct core_event){.type = EV_REHEARSED,
                                                 .link = action->link,
                                                 .group = action->group});
    } else if (action->type == ACT_CUT_OFF) {
        struct address nowhere = world_server_address(NOWHERE);
        obey_replicaof(server, &nowhere);
        world_acknowledge(world, action, ACK_OK, ROLE_UNKNOWN);
        sent->info_left = true;
        return false;
    } else {
        if (action->type == ACT_REPLICAOF) {
            obey_replicaof(server, &action->replicaof.master);
        } else if (action->type == ACT_FENCE) {
            server->min_replicas = action->fence.min_replicas;
        }
        world_acknowledge(world, action, ACK_OK, server->role);
    }
    return true;
}

/* The server behind a link; -1 for a peer's or an unheard-of address. */
int servers_behind(const struct link *link)
{
    return link->node == NULL ? NOWHERE
                              : world_server_at(&link->node->instance.address);
}

static bool answer(struct world *world, struct sent *sent)
{
    const struct link *link =
        model_find_link(core_model(world->core), sent->action.link);
    if (link == NULL) {
        return false; /* removed in this batch */
    }
    if (link->peer == NULL) {
        int index = servers_behind(link);
        return index != NOWHERE && !world->servers[index].dead &&
               answer_server(world, sent, index);
    }
    if (sent->action.type == ACT_IDENTIFY) {
        answer_identity(world, link);
    } else if (sent->action.type == ACT_ASK) {
        answer_ask(world, link, &sent->action);
    } else if (sent->action.type == ACT_VIEW ||
               sent->action.type == ACT_VOTER_VIEW) {
        answer_view(world, &sent->action);
    } else if (sent->action.type == ACT_PING) {
        world_record(world, &(struct core_event){.type = EV_PONG,
                                                 .link = sent->action.link,
                                                 .pong = PONG_OK});
    } else {
        world_acknowledge(world, &sent->action, ACK_OK, ROLE_UNKNOWN);
    }
    return true;
}

/* Everybody who lives answers what is out, once. */
void servers_answer_all(struct world *world)
{
    for (object_id id = 1; id <= world->last_link; id++) {
        if (world->connections[id].state != LINK_CONNECTING) {
            continue;
        }
        const struct link *link = model_find_link(core_model(world->core), id);
        if (link == NULL) {
            continue; /* removed in this batch */
        }
        int index = link->peer != NULL ? 0 : servers_behind(link);
        if (index == NOWHERE ||
            (link->peer == NULL && world->servers[index].dead)) {
            world_link_down(world, id, FAILURE_REFUSED);
        } else {
            world_link_up(world, id);
        }
    }
    size_t i = 0;
    size_t turns = world->sent_count;
    while (turns-- > 0 && i < world->sent_count) {
        struct sent *sent = &world->sent[i];
        if (sent->version != 0) {
            i++;
            continue;
        }
        struct sent copy = *sent; /* its facts may drop others */
        if (answer(world, &copy)) {
            world_drop_sent(world, i);
        } else {
            *sent = copy;
            i++;
        }
    }
}
