/* Inbound clients: operators, applications' libraries, and our peers. Who is
 * connected, who is subscribed, and who may go on after an answer.
 *
 * A connection that is refused (too many, protected mode) is told why before
 * it is closed. An answer of the core finds its client by the token's upper
 * part, the client's id, which is never used twice: a client that left is not
 * found, and that is all. Events go to subscribers only, so publishing costs
 * nothing to those who never asked for them. */
#include "io/clients/clients.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/net/conn.h"
#include "io/runtime/runtime.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/resp.h"

#include "io/clients/client_private.h"
#include "io/net/stream.h"

enum {
    /* Connections that are told why they are refused, at the same time. */
    REFUSED_MAX = 64,
    /* Of max_clients so many, but a quarter at most, are for those who come
     * from this machine: an operator gets in when a crowd has taken all. */
    RESERVED_MAX = 10,
};

/* --- Lists --------------------------------------------------------------- */

void client_set_subscribed(struct client *client, bool subscribed)
{
    if (client->is_subscribed == subscribed) {
        return;
    }
    client->is_subscribed = subscribed;
    struct client_list *list = &client->table->subscribers;
    if (subscribed) {
        TAILQ_INSERT_TAIL(list, client, subscriber_entry);
    } else {
        TAILQ_REMOVE(list, client, subscriber_entry);
    }
}

/* --- The book of sessions ------------------------------------------------ */

void client_note_bytes(struct client *client)
{
    const struct session_bytes bytes = {
        .unparsed = resp_unparsed(client->reader),
        .unsent = client->is_closed ? 0 : conn_unsent(client->conn),
    };
    client->session.waiting = client->replies.waiting;
    session_note_bytes(&client->session, &bytes, runtime_now());
}

void client_close_doomed(struct client_table *table, struct client *caller)
{
    struct session *session;
    struct session *next;
    if (!table->book.has_doomed) {
        return;
    }
    table->book.has_doomed = false;
    for (session = TAILQ_FIRST(&table->book.sessions); session != NULL;
         session = next) {
        next = TAILQ_NEXT(session, entry);
        struct client *client;
        HASH_FIND(hh, table->clients, &session->id, sizeof(session->id),
                  client);
        assert(client != NULL); /* who stands in the book is connected */
        if (!session->doomed || client->is_closed) {
            continue;
        }
        log_line(LEVEL_NOTICE, "Closing client %s: %s %s", session->address,
                 caller != NULL ? "killed by client" : "its user may not stay",
                 caller != NULL ? caller->session.address : session->user);
        if (client == caller) {
            client->is_ending = true;
        } else {
            client_close(client);
        }
    }
}

/* --- Arriving and leaving ------------------------------------------------ */

static void on_data(struct conn *conn, const char *data, size_t length,
                    void *context)
{
    (void)conn;
    client_take(context, data, length);
}

static void on_sent(struct conn *conn, void *context)
{
    (void)conn;
    client_sent(context);
}

static void tell_about_tls(const struct client *client)
{
    char ip[HOST_SIZE];
    char key[HOST_SIZE + 8];
    if (conn_reason(client->conn)[0] == '\0') {
        return; /* it left, as all do */
    }
    if (!conn_peer_ip(client->conn, ip)) {
        copy_text(ip, sizeof(ip), "(gone)");
    }
    snprintf(key, sizeof(key), "tls %s", ip);
    log_limited(LEVEL_WARNING, key, "Client %s: TLS failed: %s",
                client->session.address, conn_reason(client->conn));
}

static void on_close(struct conn *conn, enum link_failure failure,
                     void *context)
{
    (void)conn;
    struct client *client = context;
    struct client_table *table = client->table;
    if (failure == FAILURE_TLS || failure == FAILURE_CLOSED) {
        tell_about_tls(client);
    }
    client_set_subscribed(client, false);
    client_set_ready(client, false);
    table->postponed -= client->postponed.argc > 0 ? 1 : 0;
    HASH_DEL(table->clients, client);
    session_book_remove(&table->book, &client->session);
    if (client->is_refused) {
        table->refused--;
    } else {
        runtime_status(table->runtime)->connected_clients--;
    }
    resp_reader_free(client->reader);
    session_clear(&client->session);
    client_reply_clear(&client->replies);
    free(client);
}

static const struct conn_owner client_owner = {NULL, on_data, on_close,
                                               on_sent};

static void describe_ends(const struct conn *conn, struct session *session)
{
    if (!conn_peer_text(conn, session->address)) {
        copy_text(session->address, sizeof(session->address), "(gone)");
    }
    if (!conn_local_text(conn, session->local_address)) {
        copy_text(session->local_address, sizeof(session->local_address),
                  "(gone)");
    }
}

/* What others are told of the connection (CLIENT LIST). */
static void describe_session(struct client *client, int descriptor)
{
    struct session *session = &client->session;
    const char *path = client->table->conf->unix_socket;
    session->is_local = path[0] != '\0' && conn_is_local(client->conn);
    if (session->is_local) {
        snprintf(session->address, HOST_SIZE, "%s:0", path);
        snprintf(session->local_address, HOST_SIZE, "%s:0", path);
    } else {
        describe_ends(client->conn, session);
    }
    session->descriptor = descriptor;
    session->created_at = runtime_now();
    session->spoke_at = session->created_at;
}

static struct client *add_client(struct client_table *table, int descriptor,
                                 struct tls_session *tls)
{
    struct client *client = xcalloc(1, sizeof(*client));
    client->table = table;
    client->reader = client_new_reader();
    session_init(&client->session, ++table->last_id);
    client->session.authenticated = acl_is_open(runtime_acl(table->runtime));
    client_reply_init(&client->replies, table->conf->client_output_limit_bytes);
    HASH_ADD(hh, table->clients, session.id, sizeof(client->session.id),
             client);
    client->conn =
        conn_accepted(table->loop, descriptor, &client_owner, client);
    stream_keep_alive(descriptor, table->conf->tcp_keepalive_s);
    if (tls != NULL) {
        conn_secure(client->conn, tls);
    }
    client_limit_input(client);
    describe_session(client, descriptor);
    runtime_status(table->runtime)->total_connections++;
    runtime_status(table->runtime)->connected_clients++;
    return client;
}

static bool is_loopback(const char *ip)
{
    return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0 ||
           strncmp(ip, "::ffff:127.", 11) == 0;
}

static bool is_of_this_machine(const struct client *client)
{
    char ip[HOST_SIZE];
    return client->session.is_local ||
           (conn_peer_ip(client->conn, ip) && is_loopback(ip));
}

static uint32_t room_for(const struct client *client)
{
    uint32_t all = client->table->conf->max_clients;
    uint32_t reserved = all / 4 < RESERVED_MAX ? all / 4 : RESERVED_MAX;
    return is_of_this_machine(client) ? all : all - reserved;
}

/* Why it may not stay; NULL when it may. */
static const char *reason_to_refuse(const struct client *client)
{
    const struct client_table *table = client->table;
    const struct conf *conf = table->conf;
    if (runtime_status(table->runtime)->connected_clients > room_for(client)) {
        return "-ERR max number of clients reached\r\n";
    }
    if (!conf->protected_mode || conf->bind_count > 0 ||
        is_of_this_machine(client)) {
        return NULL;
    }
    return "-DENIED This sentineld is in protected mode: it was not told on "
           "which addresses to listen, so it serves only clients of its own "
           "host. Set 'bind' to the addresses that its peers and clients "
           "use, or turn protected mode off if the network is "
           "trusted.\r\n";
}

/* Telling why keeps a descriptor for a moment: that has its limit too. */
static void refuse_client(struct client *client, const char *reason)
{
    struct client_table *table = client->table;
    runtime_status(table->runtime)->connected_clients--;
    runtime_status(table->runtime)->rejected_connections++;
    client->is_refused = true;
    client->is_closed = true;
    table->refused++;
    if (table->refused > REFUSED_MAX) {
        conn_close(client->conn);
        return;
    }
    (void)conn_write(client->conn, reason, strlen(reason), SIZE_MAX);
    conn_close_after_write(client->conn);
}

void client_accept(int descriptor, struct tls_session *tls,
                   struct client_table *table)
{
    struct client *client = add_client(table, descriptor, tls);
    const char *reason = reason_to_refuse(client);
    if (reason != NULL) {
        log_limited(LEVEL_WARNING, "client refused", "Refusing client %s: %.*s",
                    client->session.address, (int)strcspn(reason + 1, "\r"),
                    reason + 1);
        refuse_client(client, reason);
        return;
    }
    session_book_add(&client->table->book, &client->session);
}

/* --- For the runtime -------------------------------------------------------
 */

/* Who asked the question with this token; NULL when he is gone. */
static struct client *find_asker(const struct client_table *table,
                                 uint64_t token)
{
    uint64_t id = token >> TOKEN_NUMBER_BITS;
    struct client *client;
    HASH_FIND(hh, table->clients, &id, sizeof(id), client);
    return client == NULL || client->is_closed ? NULL : client;
}

/* The answer is written: it takes its place, and what waited for it goes on. */
static void finish_answer(struct client *client, uint64_t token)
{
    client_finish_reply(client, token);
    if (client->change == token) {
        client->change = 0;
    }
    client_set_ready(client, true);
    client_send_replies(client);
}

void client_answer(struct client_table *table, const struct core_action *answer,
                   bool refused)
{
    uint64_t token = answer->answer.client;
    struct client *client = find_asker(table, token);
    if (client == NULL) {
        return;
    }
    struct resp_writer writer = client_start_reply(client);
    bool silent = (token & TOKEN_SILENT) != 0;
    if (refused && !silent) {
        command_refuse(answer, &writer);
    } else if (!silent) {
        command_finish(answer, &writer);
    }
    finish_answer(client, token);
}

void client_answer_users(struct client_table *table, uint64_t token,
                         const struct users_order *order, const char *refusal)
{
    struct client *client = find_asker(table, token);
    if (client == NULL) {
        return;
    }
    struct resp_writer writer = client_start_reply(client);
    bool silent = (token & TOKEN_SILENT) != 0;
    if (refusal != NULL && !silent) {
        resp_err(&writer, "%s", refusal);
    } else if (!silent) {
        command_finish_users(order, &writer);
    }
    finish_answer(client, token);
}

void client_apply_users(struct client_table *table)
{
    session_book_apply(&table->book, runtime_acl(table->runtime));
}

void client_close_refused(struct client_table *table)
{
    client_close_doomed(table, NULL);
}

void client_publish(struct client_table *table, const char *channel,
                    const char *text)
{
    struct client *client;
    TAILQ_FOREACH (client, &table->subscribers, subscriber_entry) {
        if (client->is_closed) {
            continue;
        }
        struct resp_writer writer = client_start_reply(client);
        if (session_publish(&client->session, channel, text, &writer) > 0) {
            client_finish_reply(client, 0);
            client_send_replies(client);
        }
    }
}

struct client_table *client_table_new(struct ev_loop *loop,
                                      const struct conf *conf,
                                      struct runtime *runtime)
{
    struct client_table *table = xcalloc(1, sizeof(*table));
    table->loop = loop;
    table->conf = conf;
    table->runtime = runtime;
    TAILQ_INIT(&table->subscribers);
    client_turn_init(table);
    session_book_init(&table->book);
    buffer_init(&table->scratch, conf->client_output_limit_bytes);
    client_idle_init(table);
    return table;
}

void client_close_all(struct client_table *table)
{
    client_idle_stop(table);
    struct client *client;
    struct client *next;
    HASH_ITER (hh, table->clients, client, next) {
        client_close(client);
    }
}

void client_table_free(struct client_table *table)
{
    buffer_clear(&table->scratch);
    free(table);
}
