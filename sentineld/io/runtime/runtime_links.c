/* Connections to servers and peers: one for each link of the core.
 *
 * ACT_CONNECT resolves the name and records EV_RESOLVED, connects, greets and
 * records EV_LINK_UP;
 * every reply goes through the RESP reader and wire.c and becomes a fact. A
 * connection that ends by itself is one EV_LINK_DOWN; one that the core ended
 * (ACT_DISCONNECT) leaves the table at once and records nothing more, while
 * its socket is closed in the background. Each connection has a number of its
 * own, so that what was meant for one is never sent on the next. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/net/conn.h"
#include "io/net/resolve.h"
#include "io/net/tls.h"
#include "io/runtime/held_actions.h"
#include "sentineld/conf.h"
#include "sentineld/hash.h"
#include "sentineld/info_cache.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sentineld/resp.h"

#include "io/runtime/runtime_private.h"

enum {
    /* What one connection may have unsent: more than a hello, a question and
     * a view for each of MAX_GROUPS, all to the same peer. */
    UNSENT_BYTES_MAX = 24 * 1024 * 1024,
    /* INFO of a server with thousands of clients or replicas is far below. */
    REPLY_BYTES_MAX = 1024 * 1024,
    REPLY_ELEMENTS_MAX = 1024,
    PLACE_SIZE = HOST_SIZE + 8, /* "host:port" */
};

struct runtime_link {
    struct runtime *runtime;
    object_id id;
    uint64_t connection; /* its number */
    enum link_kind kind;
    char place[PLACE_SIZE];
    char host[HOST_SIZE]; /* name or ip, as it was asked for */
    uint16_t port;
    msec give_up_at;   /* connecting has failed by then */
    bool resolving;    /* the resolver has our question */
    struct conn *conn; /* NULL until the name is resolved */
    struct resp_reader *reader;
    struct wire *wire;
    bool up;                   /* EV_LINK_UP was recorded */
    bool closing;              /* conn_close was called */
    bool forgotten;            /* by ACT_DISCONNECT; not in the table */
    enum link_failure failure; /* why we closed it; NONE: the world did */
    UT_hash_handle hh;
};

static struct runtime_link *find_link(const struct runtime *runtime,
                                      object_id id)
{
    struct runtime_link *link;
    HASH_FIND(hh, runtime->links, &id, sizeof(id), link);
    return link;
}

static void free_link(struct runtime_link *link)
{
    resp_reader_free(link->reader);
    wire_free(link->wire);
    free(link);
}

static void forget_link(struct runtime_link *link)
{
    link->forgotten = true;
    HASH_DEL(link->runtime->links, link);
}

static void fail_link(struct runtime_link *link, enum link_failure failure)
{
    struct runtime *runtime = link->runtime;
    struct core_event event = {
        .type = EV_LINK_DOWN, .link = link->id, .failure = failure};
    forget_link(link);
    free_link(link);
    runtime_record(runtime, &event);
}

/* --- Talking ------------------------------------------------------------- */

static void break_link(struct runtime_link *link, enum link_failure failure,
                       const char *reason)
{
    log_limited(LEVEL_WARNING, link->place, "%s: closing the connection: %s",
                link->place, reason);
    link->failure = failure;
    link->closing = true;
    conn_close(link->conn);
}

static void send_out(struct runtime_link *link)
{
    struct buffer *out = &link->runtime->out;
    if (out->overflowed ||
        !conn_write(link->conn, out->data, out->length, UNSENT_BYTES_MAX)) {
        buffer_clear(out);
        break_link(link, FAILURE_TIMED_OUT,
                   "it does not read what we send to it");
        return;
    }
    buffer_consume(out, out->length);
}

/* For SENTINEL INFO-CACHE. */
static void keep_info(const struct runtime_link *link,
                      const struct wire_fact *fact)
{
    const struct link *known =
        model_find_link(core_model(link->runtime->core), link->id);
    if (fact->event.type == EV_INFO && known != NULL && known->node != NULL) {
        info_cache_keep(link->runtime->infos, known->node->id,
                        &(struct info_text){runtime_now(), fact->info_text,
                                            fact->info_length});
    }
}

static void take_reply(struct runtime_link *link,
                       const struct redisReply *reply)
{
    struct wire_fact *fact = &link->runtime->received;
    fact->complaint[0] = '\0';
    enum wire_result result = wire_decode(link->wire, reply, fact);
    if (fact->complaint[0] != '\0') {
        char key[PLACE_SIZE + 16];
        snprintf(key, sizeof(key), "complaint %s", link->place);
        log_limited(LEVEL_WARNING, key, "%s: %s", link->place, fact->complaint);
    }
    switch (result) {
    case WIRE_NOTHING:
        return;
    case WIRE_FACT:
        keep_info(link, fact);
        runtime_record(link->runtime, &fact->event);
        return;
    case WIRE_FULL:
        break_link(link, FAILURE_FULL,
                   "max number of clients reached there: raise its maxclients");
        return;
    case WIRE_BROKEN:
        break_link(link, FAILURE_PROTOCOL,
                   "its reply does not belong to what was asked");
        return;
    }
}

static void take_replies(struct runtime_link *link)
{
    while (!link->closing) {
        struct redisReply *reply;
        switch (resp_next_reply(link->reader, &reply)) {
        case RESP_OK:
            take_reply(link, reply);
            resp_reply_free(reply);
            break;
        case RESP_MORE:
            return;
        case RESP_BROKEN:
        case RESP_QUIET:
            break_link(link, FAILURE_PROTOCOL, resp_reader_error(link->reader));
            return;
        }
    }
}

/* --- The connection's side ----------------------------------------------- */

static void greet(struct runtime_link *link)
{
    struct runtime *runtime = link->runtime;
    const struct model *model = core_model(runtime->core);
    struct wire_login login = {.self = model->self};
    const struct link *known = model_find_link(model, link->id);
    const struct conf_login *found = NULL;
    const struct renames *renames = NULL;
    if (known != NULL && known->node != NULL) {
        found = runtime_find_login(runtime, known->node->group->name);
        renames = runtime_find_renames(runtime, known->node->group->name);
    }
    struct conf_login peer;
    if (known != NULL && known->node == NULL) {
        runtime_peer_login(runtime, &peer);
        found = &peer;
    }
    if (found != NULL) {
        login.user = found->user;
        login.password = found->password;
    }
    if (renames != NULL) {
        wire_rename(link->wire, renames_copy(renames));
    }
    wire_greeting(link->wire, &login, &runtime->out);
    send_out(link);
}

static void on_open(struct conn *conn, void *context)
{
    struct runtime_link *link = context;
    if (link->closing) {
        return;
    }
    struct core_event event = {.type = EV_LINK_UP, .link = link->id};
    if (!conn_local_ip(conn, event.link_up.local_ip)) {
        event.link_up.local_ip[0] = '\0';
    }
    greet(link);
    if (!link->closing) {
        link->up = true;
        runtime_record(link->runtime, &event);
    }
}

static void on_data(struct conn *conn, const char *data, size_t length,
                    void *context)
{
    (void)conn;
    struct runtime_link *link = context;
    if (link->closing) {
        return;
    }
    if (!resp_feed(link->reader, data, length)) {
        break_link(link, FAILURE_PROTOCOL, "its reply is too long");
        return;
    }
    take_replies(link);
}

/* A handshake that fails is not a dead server: say why. One that is never
 * answered may be either, a server that hangs or one that knows no TLS. */
static void tell_about_tls(const struct runtime_link *link,
                           enum link_failure failure)
{
    char key[PLACE_SIZE + 8];
    const char *reason = conn_reason(link->conn);
    bool is_known = failure == FAILURE_TLS || failure == FAILURE_CLOSED ||
                    failure == FAILURE_TIMED_OUT;
    if (!is_known || reason[0] == '\0') {
        return;
    }
    snprintf(key, sizeof(key), "tls %s", link->place);
    log_limited(LEVEL_WARNING, key, "%s: TLS failed: %s", link->place, reason);
}

static void tell_about_source(const struct runtime_link *link,
                              enum link_failure failure)
{
    const char *source = link->runtime->conf->bind_source;
    if (failure == FAILURE_LOCAL && source[0] != '\0') {
        log_limited(LEVEL_WARNING, "bind source",
                    "%s: cannot connect from here. Are the addresses of "
                    "bind_source (%s) this machine's?",
                    link->place, source);
    }
}

static void on_close(struct conn *conn, enum link_failure failure,
                     void *context)
{
    (void)conn;
    struct runtime_link *link = context;
    tell_about_tls(link, failure);
    tell_about_source(link, failure);
    if (link->forgotten) {
        free_link(link);
        return;
    }
    fail_link(link, link->failure != FAILURE_NONE ? link->failure : failure);
}

static const struct conn_owner link_owner = {on_open, on_data, on_close, NULL};

/* --- Connecting ---------------------------------------------------------- */

static msec remaining(msec until)
{
    msec now = runtime_now();
    return until > now ? until - now : 1;
}

/* Which of conf.tls_clients the link uses; 0 = none. */
static size_t find_tls(const struct runtime_link *link)
{
    const struct runtime *runtime = link->runtime;
    const struct link *known =
        model_find_link(core_model(runtime->core), link->id);
    if (known == NULL || known->node == NULL) {
        return runtime->conf->tls_peers;
    }
    return conf_find_tls(runtime->conf, known->node->group->name);
}

static void connect_link(struct runtime_link *link, const char *ip)
{
    char source[HOST_SIZE];
    const struct conn_target target = {
        .ip = ip,
        .port = link->port,
        .source = conf_find_source(link->runtime->conf, ip, source),
        .timeout_ms = remaining(link->give_up_at),
    };
    link->conn = conn_connect(link->runtime->loop, &target, &link_owner, link);
    size_t tls = find_tls(link);
    if (tls != 0) {
        conn_secure(link->conn,
                    tls_connect(link->runtime->tls, tls, link->host));
    }
}

static void on_resolved(const char *ip, void *context)
{
    struct runtime_link *link = context;
    link->resolving = false;
    if (ip == NULL) {
        char key[PLACE_SIZE + 16];
        snprintf(key, sizeof(key), "resolve %s", link->place);
        log_limited(LEVEL_WARNING, key,
                    "%s: cannot resolve this name; see to /etc/hosts or the "
                    "name server, or write an ip",
                    link->place);
        fail_link(link, FAILURE_UNRESOLVABLE);
        return;
    }
    if (strcmp(ip, link->host) != 0) {
        struct core_event event = {.type = EV_RESOLVED, .link = link->id};
        copy_text(event.resolved.ip, IP_SIZE, ip);
        runtime_record(link->runtime, &event);
    }
    connect_link(link, ip);
}

static struct runtime_link *new_link(struct runtime *runtime,
                                     const struct core_action *action)
{
    static const struct resp_limits limits = {
        .max_arguments = REPLY_ELEMENTS_MAX,
        .max_bulk_bytes = REPLY_BYTES_MAX,
        .max_inline_bytes = 65536,
        .max_buffered_bytes = 2 * REPLY_BYTES_MAX,
    };
    struct runtime_link *link = xcalloc(1, sizeof(*link));
    link->runtime = runtime;
    link->id = action->link;
    link->connection = ++runtime->last_connection;
    link->kind = action->connect.kind;
    link->port = action->connect.address.port;
    copy_text(link->host, sizeof(link->host), action->connect.address.host);
    link->give_up_at = runtime_now() + action->connect.timeout_ms;
    link->reader = resp_reader_new(&limits);
    link->wire = wire_new(link->kind, link->id);
    snprintf(link->place, sizeof(link->place), "%s:%u",
             action->connect.address.host, (unsigned)link->port);
    HASH_ADD(hh, runtime->links, id, sizeof(link->id), link);
    return link;
}

void runtime_link_connect(struct runtime *runtime,
                          const struct core_action *action)
{
    assert(find_link(runtime, action->link) == NULL);
    struct runtime_link *link = new_link(runtime, action);
    link->resolving = true;
    resolve_start(runtime->resolver, action->connect.address.host,
                  action->connect.timeout_ms, link->connection, on_resolved,
                  link);
}

static void drop_link(struct runtime_link *link)
{
    struct runtime *runtime = link->runtime;
    forget_link(link);
    if (link->conn == NULL) {
        if (link->resolving) {
            resolve_cancel(runtime->resolver, link->connection);
        }
        free_link(link);
        return;
    }
    if (!link->closing) {
        link->closing = true;
        conn_close(link->conn); /* on_close gives the memory back */
    }
}

void runtime_link_disconnect(struct runtime *runtime, object_id id)
{
    runtime_drop_facts(runtime, id);
    struct runtime_link *link = find_link(runtime, id);
    if (link != NULL) {
        drop_link(link);
    }
}

uint64_t runtime_link_connection(const struct runtime *runtime, object_id id)
{
    const struct runtime_link *link = find_link(runtime, id);
    return link != NULL && link->up && !link->closing ? link->connection : 0;
}

bool runtime_link_send(struct runtime *runtime,
                       const struct core_action *action)
{
    if (runtime_link_connection(runtime, action->link) == 0) {
        return false;
    }
    struct runtime_link *link = find_link(runtime, action->link);
    wire_encode(link->wire, action, &runtime->out);
    send_out(link);
    return true;
}

void runtime_links_log_in_anew(struct runtime *runtime, const char *group)
{
    const struct model *model = core_model(runtime->core);
    struct runtime_link *link;
    struct runtime_link *next;
    HASH_ITER (hh, runtime->links, link, next) {
        const struct link *known = model_find_link(model, link->id);
        if (known == NULL || link->conn == NULL || link->closing) {
            continue;
        }
        const char *whose = known->node == NULL ? "" : known->node->group->name;
        if (strcmp(whose, group) == 0) {
            link->failure = FAILURE_CLOSED;
            link->closing = true;
            conn_close(link->conn);
        }
    }
}

void runtime_links_close(struct runtime *runtime)
{
    struct runtime_link *link;
    struct runtime_link *next;
    HASH_ITER (hh, runtime->links, link, next) {
        drop_link(link);
    }
}
