/* What the imitation servers say: the few commands that supervisors send, and
 * +OK to all others. */
#define _GNU_SOURCE
#include "fleet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { INFO_BYTES = 4096, OFFSET_FIRST = 1000, OFFSET_PER_SECOND = 100 };

static long long offset_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return OFFSET_FIRST +
           (long long)(now.tv_sec - fleet.started_at) * OFFSET_PER_SECOND;
}

static struct server *server_at(unsigned port)
{
    unsigned index = port - fleet.base_port;
    return index < fleet.groups * fleet.per_group ? &fleet.servers[index]
                                                  : NULL;
}

static bool follows(const struct server *replica, const struct server *master)
{
    return replica != master && replica->state == SERVER_UP &&
           replica->master_port == master->port;
}

__attribute__((format(printf, 3, 4))) static size_t
add_text(char *text, size_t length, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int added =
        vsnprintf(text + length, INFO_BYTES - length, format, arguments);
    va_end(arguments);
    size_t total = length + (size_t)added;
    return total < INFO_BYTES ? total : INFO_BYTES - 1;
}

static size_t add_master_part(char *text, size_t length,
                              const struct server *server)
{
    struct server *first = &fleet.servers[server->group * fleet.per_group];
    unsigned count = 0;
    length = add_text(text, length, "role:master\r\n");
    for (unsigned i = 0; i < fleet.per_group; i++) {
        if (follows(&first[i], server)) {
            length = add_text(text, length,
                              "slave%u:ip=127.0.0.1,port=%u,state=online,"
                              "offset=%lld,lag=0\r\n",
                              count++, first[i].port, offset_now());
        }
    }
    return add_text(text, length, "connected_slaves:%u\r\n", count);
}

static size_t add_replica_part(char *text, size_t length,
                               const struct server *server)
{
    const struct server *master = server_at(server->master_port);
    bool up = master != NULL && master->state == SERVER_UP;
    length = add_text(text, length,
                      "role:slave\r\nmaster_host:127.0.0.1\r\n"
                      "master_port:%u\r\nmaster_link_status:%s\r\n"
                      "master_last_io_seconds_ago:0\r\n"
                      "master_sync_in_progress:0\r\nslave_repl_offset:%lld\r\n",
                      server->master_port, up ? "up" : "down", offset_now());
    if (!up) {
        length = add_text(text, length, "master_link_down_since_seconds:0\r\n");
    }
    return add_text(text, length,
                    "slave_priority:100\r\nslave_read_only:1\r\n"
                    "replica_announced:1\r\nconnected_slaves:0\r\n");
}

static void run_info(struct client *client, const struct request *request)
{
    (void)request; /* all sections, whatever was asked */
    const struct server *server = client->server;
    char text[INFO_BYTES];
    size_t length = add_text(text, 0,
                             "# Server\r\nredis_version:7.0.15\r\nrun_id:%s\r\n"
                             "tcp_port:%u\r\n# Persistence\r\nloading:0\r\n"
                             "# Replication\r\n",
                             server->run_id, server->port);
    length = server->master_port == 0 ? add_master_part(text, length, server)
                                      : add_replica_part(text, length, server);
    length = add_text(text, length,
                      "master_failover_state:no-failover\r\n"
                      "master_replid:%040u\r\nmaster_replid2:%040d\r\n"
                      "master_repl_offset:%lld\r\nsecond_repl_offset:-1\r\n",
                      server->group + 1, 0, offset_now());
    fleet_put_bulk(client, text, length);
}

static void run_ping(struct client *client, const struct request *request)
{
    (void)request;
    fleet_put_text(client, "%s",
                   client->channels > 0 ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
                                        : "+PONG\r\n");
}

static void run_subscribe(struct client *client, const struct request *request)
{
    for (size_t i = 1; i < request->count; i++) {
        client->channels++;
        fleet_put_text(client, "*3\r\n$9\r\nsubscribe\r\n");
        fleet_put_bulk(client, request->words[i], request->lengths[i]);
        fleet_put_text(client, ":%u\r\n", client->channels);
    }
}

/* To the subscribers of one server; the channel is not compared, because
 * nobody asks for another than __sentinel__:hello. */
static unsigned deliver(struct server *server, const struct request *request)
{
    unsigned count = 0;
    for (struct client *to = server->clients; to != NULL; to = to->next) {
        if (to->channels > 0) {
            fleet_put_text(to, "*3\r\n$7\r\nmessage\r\n");
            fleet_put_bulk(to, request->words[1], request->lengths[1]);
            fleet_put_bulk(to, request->words[2], request->lengths[2]);
            fleet_flush(to);
            count++;
        }
    }
    return count;
}

static void run_publish(struct client *client, const struct request *request)
{
    struct server *server = client->server;
    struct server *first = &fleet.servers[server->group * fleet.per_group];
    if (request->count != 3) {
        fleet_put_text(client, "-ERR wrong number of arguments\r\n");
        return;
    }
    unsigned count = deliver(server, request);
    for (unsigned i = 0; i < fleet.per_group; i++) {
        if (server->master_port == 0 && follows(&first[i], server)) {
            (void)deliver(&first[i], request);
        }
    }
    fleet_put_text(client, ":%u\r\n", count);
}

static void run_role(struct client *client, const struct request *request)
{
    (void)request;
    unsigned master_port = client->server->master_port;
    if (master_port == 0) {
        fleet_put_text(client, "*3\r\n$6\r\nmaster\r\n:%lld\r\n*0\r\n",
                       offset_now());
    } else {
        fleet_put_text(client,
                       "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:%u\r\n"
                       "$9\r\nconnected\r\n:%lld\r\n",
                       master_port, offset_now());
    }
}

static void run_set(struct client *client, const struct request *request)
{
    (void)request;
    fleet_put_text(client, "%s",
                   client->server->master_port == 0
                       ? "+OK\r\n"
                       : "-READONLY You can't write against a replica.\r\n");
}

static void run_multi(struct client *client, const struct request *request)
{
    (void)request;
    client->in_transaction = true;
    client->queued = 0;
    fleet_put_text(client, "+OK\r\n");
}

static void run_exec(struct client *client, const struct request *request)
{
    (void)request;
    fleet_put_text(client, "*%u\r\n", client->queued);
    for (unsigned i = 0; i < client->queued; i++) {
        fleet_put_text(client, "+OK\r\n");
    }
    client->in_transaction = false;
}

static void run_other(struct client *client, const struct request *request)
{
    (void)request;
    fleet_put_text(client, "+OK\r\n");
}

/* Takes effect at once, in a transaction too: all that is queued there is
 * executed a moment later anyway. */
static void set_master(struct server *server, const struct request *request)
{
    if (request->count == 3) {
        server->master_port =
            strcasecmp(request->words[1], "NO") == 0
                ? 0
                : (unsigned)strtoul(request->words[2], NULL, 10);
    }
}

static const struct {
    const char *name;
    void (*run)(struct client *client, const struct request *request);
} commands[] = {
    {"PING", run_ping}, {"INFO", run_info},           {"PUBLISH", run_publish},
    {"ROLE", run_role}, {"SUBSCRIBE", run_subscribe}, {"MULTI", run_multi},
    {"SET", run_set},
};

void fleet_run(struct client *client, const struct request *request)
{
    const char *name = request->words[0];
    fleet.commands++;
    if (strcasecmp(name, "EXEC") == 0) {
        run_exec(client, request);
        return;
    }
    if (strcasecmp(name, "SLAVEOF") == 0 ||
        strcasecmp(name, "REPLICAOF") == 0) {
        set_master(client->server, request);
    }
    if (client->in_transaction) {
        client->queued++;
        fleet_put_text(client, "+QUEUED\r\n");
        return;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcasecmp(name, commands[i].name) == 0) {
            commands[i].run(client, request);
            return;
        }
    }
    run_other(client, request);
}
