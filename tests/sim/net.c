/* Connections with the semantics of TCP. Each has two pipes; a pipe delivers
 * in order, waits while the path is cut (and tries again with growing pauses,
 * as TCP does), and keeps what arrives while the receiver is stopped.
 *
 * Does not model windows, keepalive, or a retransmission that gives up: the
 * core has to end such connections itself. */
#include "net.h"

#include <assert.h>
#include <string.h>

#include "node.h"
#include "redis.h"
#include "sentineld/memory.h"
#include "sim.h"

enum { RETRY_FIRST_MS = 200, RETRY_MAX_MS = 3200, SYN_RETRY_MS = 1000 };

static void drop_messages(struct pipe *pipe)
{
    struct message *message;
    while ((message = STAILQ_FIRST(&pipe->messages)) != NULL) {
        STAILQ_REMOVE_HEAD(&pipe->messages, entry);
        free(message);
    }
}

static void release(struct sim *sim, struct connection *connection)
{
    drop_messages(&connection->to_server);
    drop_messages(&connection->to_client);
    sim->net.connections[connection->slot] = NULL;
    free(connection);
}

struct connection *net_find(struct sim *sim, uint32_t slot, uint64_t serial)
{
    struct connection *connection = sim->net.connections[slot];
    return connection != NULL && connection->serial == serial ? connection
                                                              : NULL;
}

static void schedule(struct sim *sim, const struct connection *connection,
                     enum sim_event_kind kind, msec at)
{
    queue_push(&sim->queue,
               (struct sim_event){.at = at < sim->now ? sim->now : at,
                                  .kind = kind,
                                  .subject = connection->slot,
                                  .generation = connection->serial});
}

/* --- Paths ---------------------------------------------------------------- */

void net_block(struct sim *sim, uint32_t from, uint32_t to, bool blocked)
{
    sim->net.blocked[from][to] = blocked || sim->net.blocked_for_ever[from][to];
}

bool net_is_open(const struct sim *sim, uint32_t a, uint32_t b)
{
    return !sim->net.blocked[a][b] && !sim->net.blocked[b][a];
}

bool net_can_connect(const struct sim *sim, uint32_t client, uint32_t server)
{
    return net_is_open(sim, client, server) &&
           !sim->net.rejected[client][server];
}

void net_reject(struct sim *sim, uint32_t client, uint32_t server,
                bool rejected)
{
    sim->net.rejected[client][server] =
        rejected || sim->net.rejected_for_ever[client][server];
    for (uint32_t slot = 0; rejected && slot < sim->net.count; slot++) {
        struct connection *connection = sim->net.connections[slot];
        if (connection != NULL && connection->client == client &&
            connection->server == server) {
            net_break(sim, connection);
        }
    }
}

void net_heal(struct sim *sim)
{
    struct net *net = &sim->net;
    memcpy(net->blocked, net->blocked_for_ever, sizeof net->blocked);
    memcpy(net->rejected, net->rejected_for_ever, sizeof net->rejected);
}

void net_break_for_ever(struct sim *sim, uint32_t a, uint32_t b, bool rejects)
{
    struct net *net = &sim->net;
    net->broken_for_ever = true;
    if (rejects) {
        net->rejected_for_ever[a][b] = true;
        net_reject(sim, a, b, true);
        return;
    }
    net->blocked_for_ever[a][b] = net->blocked_for_ever[b][a] = true;
    net->blocked[a][b] = net->blocked[b][a] = true;
}

bool net_is_broken_for_ever(const struct sim *sim)
{
    return sim->net.broken_for_ever;
}

msec net_delay(struct sim *sim, uint32_t from, uint32_t to)
{
    const struct net *net = &sim->net;
    msec spread = net->delay_max_ms - net->delay_min_ms;
    msec chance = spread == 0 ? 0 : sim_random(sim, (uint32_t)spread + 1);
    return net->delay_min_ms + chance + net->extra_ms[from] + net->extra_ms[to];
}

/* --- Pipes ---------------------------------------------------------------- */

static void wake_pipe(struct sim *sim, struct connection *connection,
                      enum sim_event_kind kind, msec at)
{
    struct pipe *pipe = kind == SIM_NET_TO_SERVER ? &connection->to_server
                                                  : &connection->to_client;
    if (!pipe->scheduled && !STAILQ_EMPTY(&pipe->messages)) {
        pipe->scheduled = true;
        schedule(sim, connection, kind, at);
    }
}

static void append(struct pipe *pipe, struct message *message, msec arrives_at)
{
    if (arrives_at < pipe->last_arrival) {
        arrives_at = pipe->last_arrival;
    }
    pipe->last_arrival = arrives_at;
    message->arrives_at = arrives_at;
    STAILQ_INSERT_TAIL(&pipe->messages, message, entry);
}

void net_send_to_server(struct sim *sim, struct connection *connection,
                        struct message *message)
{
    append(&connection->to_server, message,
           sim->now + net_delay(sim, connection->client, connection->server));
    wake_pipe(sim, connection, SIM_NET_TO_SERVER, message->arrives_at);
}

void net_send_to_client(struct sim *sim, struct connection *connection,
                        struct message *message)
{
    if (!connection->client_open) {
        free(message);
        return;
    }
    append(&connection->to_client, message,
           sim->now + net_delay(sim, connection->server, connection->client));
    wake_pipe(sim, connection, SIM_NET_TO_CLIENT, message->arrives_at);
}

/* Is the first message to be read now? If it is only too early, or the path
 * is cut, asks to be called again. */
static bool has_arrived(struct sim *sim, struct connection *connection,
                        enum sim_event_kind kind)
{
    bool to_server = kind == SIM_NET_TO_SERVER;
    struct pipe *pipe =
        to_server ? &connection->to_server : &connection->to_client;
    uint32_t from = to_server ? connection->client : connection->server;
    uint32_t to = to_server ? connection->server : connection->client;
    const struct message *first = STAILQ_FIRST(&pipe->messages);
    if (first == NULL || sim->processes[to].state == PROCESS_PAUSED) {
        return false; /* net_on_resume wakes the pipe */
    }
    if (to_server && connection->awaiting_answer) {
        return false; /* net_read_on does */
    }
    if (first->arrives_at > sim->now) {
        wake_pipe(sim, connection, kind, first->arrives_at);
        return false;
    }
    if (sim->net.blocked[from][to]) {
        pipe->retry_ms =
            pipe->retry_ms == 0 ? RETRY_FIRST_MS : pipe->retry_ms * 2;
        if (pipe->retry_ms > RETRY_MAX_MS) {
            pipe->retry_ms = RETRY_MAX_MS;
        }
        wake_pipe(sim, connection, kind, sim->now + pipe->retry_ms);
        return false;
    }
    pipe->retry_ms = 0;
    return true;
}

static struct message *take_first(struct pipe *pipe)
{
    struct message *message = STAILQ_FIRST(&pipe->messages);
    STAILQ_REMOVE_HEAD(&pipe->messages, entry);
    return message;
}

/* --- What arrives --------------------------------------------------------- */

static void deliver_to_server(struct sim *sim, struct connection *connection,
                              struct message *message)
{
    if (message->type == MESSAGE_CLOSED) {
        release(sim, connection);
    } else if (sim->processes[connection->server].kind == PROCESS_REDIS) {
        redis_on_request(sim, connection, &message->request);
    } else {
        node_on_request(sim, connection, &message->request);
    }
}

static void read_as_server(struct sim *sim, uint32_t slot, uint64_t serial)
{
    struct connection *connection;
    while ((connection = net_find(sim, slot, serial)) != NULL) {
        if (!connection->server_open) {
            drop_messages(&connection->to_server);
            return;
        }
        if (!has_arrived(sim, connection, SIM_NET_TO_SERVER)) {
            return;
        }
        struct message *message = take_first(&connection->to_server);
        deliver_to_server(sim, connection, message);
        free(message);
    }
}

/* The client's end after a message that ends the connection. */
static void close_client(struct sim *sim, struct connection *connection)
{
    connection->client_open = false;
    drop_messages(&connection->to_client);
    if (!connection->server_open) {
        release(sim, connection);
        return;
    }
    net_send_to_server(sim, connection, message_new(MESSAGE_CLOSED));
}

static void deliver_to_client(struct sim *sim, struct connection *connection,
                              const struct message *message)
{
    switch (message->type) {
    case MESSAGE_CONNECTED:
        connection->answered = true;
        node_on_connected(sim, connection);
        return;
    case MESSAGE_REFUSED:
        node_on_disconnected(sim, connection, FAILURE_REFUSED);
        close_client(sim, connection);
        return;
    case MESSAGE_RESET:
        node_on_disconnected(sim, connection, FAILURE_RESET);
        close_client(sim, connection);
        return;
    case MESSAGE_CLOSED:
        node_on_disconnected(sim, connection, FAILURE_CLOSED);
        close_client(sim, connection);
        return;
    case MESSAGE_REPLY:
        node_on_reply(sim, connection, &message->reply);
        return;
    case MESSAGE_PUSH:
        node_on_push(sim, connection, &message->hello);
        return;
    case MESSAGE_REQUEST:
        break;
    }
    assert(false);
}

static void read_as_client(struct sim *sim, uint32_t slot, uint64_t serial)
{
    struct connection *connection;
    while ((connection = net_find(sim, slot, serial)) != NULL &&
           connection->client_open &&
           has_arrived(sim, connection, SIM_NET_TO_CLIENT)) {
        struct message *message = take_first(&connection->to_client);
        deliver_to_client(sim, connection, message);
        free(message);
    }
}

/* --- Connecting and closing ----------------------------------------------- */

static uint32_t take_slot(struct net *net)
{
    for (uint32_t slot = 0; slot < net->count; slot++) {
        if (net->connections[slot] == NULL) {
            return slot;
        }
    }
    if (net->count == net->capacity) {
        net->capacity = net->capacity == 0 ? 64 : net->capacity * 2;
        net->connections =
            xrealloc(net->connections, net->capacity * sizeof(void *));
    }
    return net->count++;
}

struct connection *net_connect(struct sim *sim,
                               const struct connect_request *request)
{
    struct net *net = &sim->net;
    struct connection *connection = xcalloc(1, sizeof *connection);
    connection->slot = take_slot(net);
    connection->serial = ++net->last_serial;
    connection->client = request->client;
    connection->server = sim_process_at(sim, request->address);
    connection->link = request->link;
    connection->kind = request->kind;
    connection->client_open = true;
    connection->gives_up_at = sim->now + request->timeout_ms;
    STAILQ_INIT(&connection->to_server.messages);
    STAILQ_INIT(&connection->to_client.messages);
    net->connections[connection->slot] = connection;
    schedule(sim, connection, SIM_NET_CONNECT,
             sim->now + net_delay(sim, connection->client, connection->server));
    schedule(sim, connection, SIM_NET_TIMEOUT, connection->gives_up_at);
    return connection;
}

/* A SYN arrives, or does not. The kernel accepts for a stopped process. */
static void knock(struct sim *sim, struct connection *connection)
{
    if (!connection->client_open) {
        release(sim, connection);
        return;
    }
    if (!net_is_open(sim, connection->client, connection->server)) {
        schedule(sim, connection, SIM_NET_CONNECT,
                 sim->now + ((msec)SYN_RETRY_MS << connection->attempts++));
        return;
    }
    connection->knocked = true;
    connection->server_open =
        sim->processes[connection->server].state != PROCESS_DEAD &&
        !sim->net.rejected[connection->client][connection->server];
    net_send_to_client(sim, connection,
                       message_new(connection->server_open ? MESSAGE_CONNECTED
                                                           : MESSAGE_REFUSED));
}

static void give_up(struct sim *sim, struct connection *connection)
{
    if (connection->answered || !connection->client_open ||
        sim->processes[connection->client].state == PROCESS_PAUSED) {
        return;
    }
    node_on_disconnected(sim, connection, FAILURE_TIMED_OUT);
    net_disconnect(sim, connection);
}

void net_disconnect(struct sim *sim, struct connection *connection)
{
    connection->client_open = false;
    drop_messages(&connection->to_client);
    if (connection->server_open) {
        net_send_to_server(sim, connection, message_new(MESSAGE_CLOSED));
    } else if (connection->knocked) {
        release(sim, connection);
    } /* else its SYN is on the way, and knock ends it */
}

void net_close_by_server(struct sim *sim, struct connection *connection,
                         enum message_type how)
{
    connection->server_open = false;
    connection->subscribed = false;
    drop_messages(&connection->to_server);
    if (!connection->client_open) {
        release(sim, connection);
        return;
    }
    net_send_to_client(sim, connection, message_new(how));
}

void net_break(struct sim *sim, struct connection *connection)
{
    if (!connection->server_open) {
        return;
    }
    drop_messages(&connection->to_client);
    net_close_by_server(sim, connection, MESSAGE_RESET);
}

void net_read_on(struct sim *sim, struct connection *connection)
{
    connection->awaiting_answer = false;
    wake_pipe(sim, connection, SIM_NET_TO_SERVER, sim->now);
}

/* --- Life of the processes ------------------------------------------------ */

void net_on_death(struct sim *sim, uint32_t process)
{
    for (uint32_t slot = 0; slot < sim->net.count; slot++) {
        struct connection *connection = sim->net.connections[slot];
        if (connection == NULL) {
            continue;
        }
        if (connection->server == process && connection->server_open) {
            net_close_by_server(sim, connection, MESSAGE_RESET);
        } else if (connection->client == process && connection->client_open) {
            net_disconnect(sim, connection);
        }
    }
}

static void wake_connection(struct sim *sim, struct connection *connection,
                            uint32_t process)
{
    if (connection->server == process) {
        wake_pipe(sim, connection, SIM_NET_TO_SERVER, sim->now);
    }
    if (connection->client == process) {
        wake_pipe(sim, connection, SIM_NET_TO_CLIENT, sim->now);
        if (!connection->answered) {
            schedule(sim, connection, SIM_NET_TIMEOUT, connection->gives_up_at);
        }
    }
}

/* In which order a process finds its connections readable is chance. */
void net_on_resume(struct sim *sim, uint32_t process)
{
    uint32_t count = sim->net.count;
    uint32_t first = count == 0 ? 0 : sim_random(sim, count);
    for (uint32_t i = 0; i < count; i++) {
        struct connection *connection =
            sim->net.connections[(first + i) % count];
        if (connection != NULL) {
            wake_connection(sim, connection, process);
        }
    }
}

void net_on_event(struct sim *sim, const struct sim_event *event)
{
    struct connection *connection =
        net_find(sim, event->subject, event->generation);
    if (connection == NULL) {
        return;
    }
    if (event->kind == SIM_NET_TO_SERVER) {
        connection->to_server.scheduled = false;
        read_as_server(sim, event->subject, event->generation);
    } else if (event->kind == SIM_NET_TO_CLIENT) {
        connection->to_client.scheduled = false;
        read_as_client(sim, event->subject, event->generation);
    } else if (event->kind == SIM_NET_CONNECT) {
        knock(sim, connection);
    } else {
        give_up(sim, connection);
    }
}

void net_free(struct sim *sim)
{
    for (uint32_t slot = 0; slot < sim->net.count; slot++) {
        if (sim->net.connections[slot] != NULL) {
            release(sim, sim->net.connections[slot]);
        }
    }
    free(sim->net.connections);
}
