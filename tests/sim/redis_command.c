/* What a fake server does with a sentinel's commands. The transactions are
 * all or nothing, as EXEC is; CLIENT KILL closes the other connections and
 * with them what they had sent and the server had not read. */
#include <assert.h>
#include <stdio.h>

#include "names.h"
#include "redis.h"
#include "sentineld/memory.h"
#include "sim.h"

static void send_reply(struct sim *sim, struct connection *connection,
                       const struct core_event *event)
{
    net_send_to_client(sim, connection, message_new_reply(event));
}

static void send_ack(struct sim *sim, struct connection *connection,
                     const struct core_action *request, bool ok)
{
    const struct redis *redis = sim->processes[connection->server].redis;
    struct core_event event = {.type = EV_ACK, .group = request->group};
    event.ack.what = request->type;
    event.ack.result = ok ? ACK_OK : ACK_REFUSED;
    if (request->type == ACT_REPLICAOF) {
        event.ack.role = redis->is_master ? ROLE_MASTER : ROLE_REPLICA;
    }
    send_reply(sim, connection, &event);
}

/* Answers everything but PING and INFO by an error. */
static bool obeys(const struct sim *sim, const struct redis *redis)
{
    return !redis->wrong_password && !redis->busy && !redis->refuses_slaveof &&
           redis->engine != ENGINE_REFUSES && !redis_is_loading(sim, redis);
}

static void answer_ping(struct sim *sim, struct connection *connection,
                        const struct redis *redis)
{
    enum pong pong = PONG_OK;
    if (redis->wrong_password) {
        pong = PONG_WRONGPASS;
    } else if (redis_is_loading(sim, redis)) {
        pong = PONG_LOADING;
    } else if (redis->busy) {
        pong = PONG_BUSY;
    } else if (redis->misconf && redis->is_master) {
        pong = PONG_MISCONF;
    }
    send_reply(sim, connection,
               &(struct core_event){.type = EV_PONG, .pong = pong});
}

static void answer_info(struct sim *sim, struct connection *connection,
                        const struct redis *redis,
                        const struct core_action *request)
{
    if (redis->wrong_password || redis->busy) {
        send_ack(
            sim, connection,
            &(struct core_action){.type = ACT_INFO, .group = request->group},
            false);
        return;
    }
    struct message *message =
        message_new_reply(&(struct core_event){.type = EV_INFO});
    redis_info(sim, redis, &message->reply.info);
    net_send_to_client(sim, connection, message);
}

static void answer_demand(struct sim *sim, struct connection *connection,
                          const struct redis *redis,
                          const struct core_action *request)
{
    if (!obeys(sim, redis) || redis->demanding.refuses_config) {
        send_ack(sim, connection, request, false);
        return;
    }
    struct core_event event = {.type = EV_MIN_REPLICAS,
                               .group = request->group};
    event.min_replicas = redis->demanding.min_replicas;
    send_reply(sim, connection, &event);
}

/* Nothing is done; what it refuses it refuses here too. */
static void rehearse(struct sim *sim, struct connection *connection,
                     const struct redis *redis,
                     const struct core_action *request)
{
    if (redis->wrong_password || redis->busy || redis_is_loading(sim, redis)) {
        send_ack(sim, connection, request, false);
        return;
    }
    struct core_event event = {.type = EV_REHEARSED, .group = request->group};
    if (request->rehearsal.what == REHEARSAL_ORDERS) {
        event.refused[DENIED_SLAVEOF] =
            redis->refuses_slaveof || redis->engine == ENGINE_REFUSES;
        event.refused[DENIED_REWRITE] = redis->demanding.refuses_config;
    }
    send_reply(sim, connection, &event);
}

static void kill_clients(struct sim *sim, const struct connection *but,
                         enum link_kind kind)
{
    uint32_t server = but->server;
    if (kind == LINK_NODE_COMMAND) {
        writers_drop(sim, server);
    }
    for (uint32_t slot = 0; slot < sim->net.count; slot++) {
        struct connection *connection = sim->net.connections[slot];
        if (connection != NULL && connection != but &&
            connection->server == server && connection->server_open &&
            connection->kind == kind) {
            net_close_by_server(sim, connection, MESSAGE_CLOSED);
        }
    }
}

static void say_from(struct sim *sim, const struct connection *connection,
                     const char *text)
{
    const struct process *server = &sim->processes[connection->server];
    if (sim->transcript.mode == TRANSCRIPT_OFF) {
        return;
    }
    char mark[32] = " < ";
    copy_text(mark + 3, sizeof mark - 3,
              sim->processes[connection->client].name);
    transcript_say(sim, server->name, mark, text);
}

/* SLAVEOF 127.0.0.1 1; then INFO. */
static void cut_off(struct sim *sim, struct connection *connection,
                    struct redis *redis, const struct core_action *request)
{
    struct address nowhere = {.host = "127.0.0.1", .port = 1};
    bool ok = obeys(sim, redis);
    say_from(sim, connection, ok ? ": cut off" : ": cut off, refused");
    struct address before = redis->follows;
    if (ok) {
        redis->has_let_go |= redis->is_master;
        replication_obey(sim, redis, &nowhere);
        oracle_on_told_to_follow(sim, redis, &before, true);
    }
    send_ack(sim, connection, request, ok);
    answer_info(sim, connection, redis, request);
}

static void follow(struct sim *sim, struct connection *connection,
                   struct redis *redis, const struct core_action *request)
{
    const struct address *master = &request->replicaof.master;
    bool was_master = redis->is_master || redis->has_let_go;
    struct address before = redis->follows;
    redis->has_let_go = false;
    replication_obey(sim, redis, master);
    if (was_master || !names_mean_same(sim, &before, master)) {
        redis->is_sent = master->host[0] != '\0' && !was_master &&
                         !oracle_is_leaving(sim, connection->client, redis);
        redis->sent_at = sim->now;
        redis->sent_by = connection->client;
    }
    if (request->replicaof.unpause) {
        redis->paused_until = 0;
    }
    if (!request->replicaof.bare) {
        redis->rewritten = *master;
    }
    if (!request->replicaof.bare && !request->replicaof.keep_clients) {
        kill_clients(sim, connection, LINK_NODE_COMMAND);
        kill_clients(sim, connection, LINK_NODE_HELLO);
        oracle_on_clients_killed(sim, redis, connection->client, was_master,
                                 sim_process_at(sim, master));
    }
    oracle_on_told_to_follow(sim, redis, &before, true);
}

/* MULTI, SLAVEOF, CONFIG REWRITE, CLIENT KILL, CLIENT KILL, EXEC; ROLE. */
static void replicaof(struct sim *sim, struct connection *connection,
                      struct redis *redis, const struct core_action *request)
{
    const struct address *master = &request->replicaof.master;
    bool promotion = master->host[0] == '\0';
    bool ok = obeys(sim, redis);
    char text[64] = ": SLAVEOF ";
    size_t used = strlen(text);
    copy_text(text + used, sizeof text - used - 9,
              promotion ? "NO ONE" : master->host);
    if (!ok) {
        used = strlen(text);
        copy_text(text + used, sizeof text - used, ", refused");
    }
    say_from(sim, connection, text);
    if (ok) {
        follow(sim, connection, redis, request);
    }
    if (ok && promotion) {
        oracle_on_promoted(sim, redis);
        oracle_on_fork(sim, connection->client, redis);
    }
    send_ack(sim, connection, request, ok);
}

/* MULTI, CONFIG SET, CONFIG SET, CONFIG REWRITE, EXEC. */
static void fence(struct sim *sim, struct connection *connection,
                  struct redis *redis, const struct core_action *request)
{
    const struct min_replicas *min_replicas = &request->fence.min_replicas;
    bool ok = obeys(sim, redis) && !redis->demanding.refuses_config;
    char text[64];
    (void)snprintf(text, sizeof text, ": demand %u replicas within %u s%s",
                   min_replicas->replicas, min_replicas->max_lag_s,
                   ok ? "" : ", refused");
    say_from(sim, connection, text);
    if (ok) {
        demand_set(sim, redis, min_replicas);
        redis->demanding.rewritten = *min_replicas;
    }
    send_ack(sim, connection, request, ok);
}

static void pause_writes(struct sim *sim, struct connection *connection,
                         struct redis *redis, const struct core_action *request)
{
    bool ok = obeys(sim, redis);
    redis->paused_until = ok && request->type == ACT_PAUSE
                              ? sim->now + request->pause.duration_ms
                              : 0;
    send_ack(sim, connection, request, ok);
}

static void publish(struct sim *sim, struct connection *connection,
                    struct redis *redis, const struct core_action *request)
{
    bool obeys = !redis->wrong_password && !redis->busy;
    if (obeys) {
        redis_publish(sim, redis, &request->hello);
    }
    send_ack(sim, connection, request, obeys);
}

void redis_on_request(struct sim *sim, struct connection *connection,
                      const struct core_action *request)
{
    struct redis *redis = sim->processes[connection->server].redis;
    bool login = !redis->wrong_password;
    switch (request->type) {
    case ACT_PING:
        answer_ping(sim, connection, redis);
        return;
    case ACT_INFO:
        answer_info(sim, connection, redis, request);
        return;
    case ACT_SUBSCRIBE:
        connection->subscribed = login;
        send_ack(sim, connection, request, login);
        return;
    case ACT_IDENTIFY:
        send_ack(sim, connection, request, false); /* no supervisor */
        return;
    case ACT_HELLO:
        publish(sim, connection, redis, request);
        return;
    case ACT_SCRIPT_KILL:
        redis->busy = false;
        send_ack(sim, connection, request, login);
        return;
    case ACT_CUT_OFF:
        cut_off(sim, connection, redis, request);
        return;
    case ACT_REPLICAOF:
        replicaof(sim, connection, redis, request);
        return;
    case ACT_PAUSE:
    case ACT_UNPAUSE:
        pause_writes(sim, connection, redis, request);
        return;
    case ACT_REHEARSE:
        rehearse(sim, connection, redis, request);
        return;
    case ACT_FENCE_READ:
        answer_demand(sim, connection, redis, request);
        return;
    case ACT_FENCE:
        fence(sim, connection, redis, request);
        return;
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
    case ACT_ACCEPT:
    case ACT_EVENT:
    case ACT_LOG:
    case ACT_SCRIPT:
    case ACT_ASK:
    case ACT_ANSWER:
    case ACT_CRASH:
        break;
    }
    oracle_fail(sim, "S7", "%s was sent a command for a sentinel",
                redis->process->name);
}
