/* One client's requests and replies.
 *
 * Requests are answered as far as the client may go on: not past its slice of
 * time (client_turn.c), not past its limit of waiting questions, not past
 * replies that it does not read, and not past an operator's change whose
 * answer is missing, so that its next request sees the change. What it sends
 * meanwhile stays unread in the kernel. A request that the core must answer is
 * recorded as a fact and named by a token; its place among the replies is kept
 * (client_reply.c).
 *
 * Everything that a client can make us keep has a limit: unparsed input,
 * questions that wait, replies that it does not read. Who passes one is
 * closed, and nobody else waits for it.
 *
 * Nothing here knows a command; that is command.c. */
#include <assert.h>
#include <string.h>

#include "io/base/log.h"
#include "io/net/conn.h"
#include "io/runtime/runtime.h"
#include "io/runtime/script.h"
#include "sentineld/conf.h"
#include "sentineld/resp.h"
#include "sentineld/secret.h"

#include "io/clients/client_private.h"
#include "io/start/startup.h"

enum {
    /* Questions of one client that may wait for their answers. */
    WAITING_MAX = 1024,
    REQUEST_ARGUMENTS_MAX = 1024,
    REQUEST_BULK_BYTES_MAX = 64 * 1024,
    REQUEST_INLINE_BYTES_MAX = 64 * 1024,
    REQUEST_BUFFERED_BYTES_MAX = 256 * 1024,
    /* The reply under construction keeps its memory up to this. */
    SCRATCH_BYTES_KEPT = 64 * 1024,
    /* Who has so much of replies still to read is asked nothing more. */
    UNREAD_BYTES_MAX = 256 * 1024,
    /* The same before logging in, when all replies are short. */
    GUEST_UNREAD_BYTES_MAX = 8 * 1024,
    /* What is taken from the kernel at once. */
    READ_BYTES = 64 * 1024,
    GUEST_READ_BYTES = 4 * 1024,
};

struct resp_reader *client_new_reader(void)
{
    static const struct resp_limits limits = {
        .max_arguments = REQUEST_ARGUMENTS_MAX,
        .max_bulk_bytes = REQUEST_BULK_BYTES_MAX,
        .max_inline_bytes = REQUEST_INLINE_BYTES_MAX,
        .max_buffered_bytes = REQUEST_BUFFERED_BYTES_MAX,
    };
    return resp_reader_new(&limits);
}

/* --- Replies ------------------------------------------------------------- */

void client_close(struct client *client)
{
    client->is_closed = true;
    conn_close(client->conn);
}

static void close_over_limit(struct client *client)
{
    log_limited(
        LEVEL_WARNING, "client output",
        "Closing client %s%s%s: it does not read its replies or "
        "events, and more than %llu bytes would wait",
        client->session.address, client->session.name[0] != '\0' ? " " : "",
        client->session.name,
        (unsigned long long)client->table->conf->client_output_limit_bytes);
    client_close(client);
}

void client_send_replies(struct client *client)
{
    size_t limit = (size_t)client->table->conf->client_output_limit_bytes;
    const struct buffer *front;
    while (!client->is_closed &&
           (front = client_reply_front(&client->replies)) != NULL) {
        runtime_status(client->table->runtime)->total_output_bytes +=
            front->length;
        runtime_status(client->table->runtime)->total_writes++;
        if (front->length > 0 &&
            !conn_write(client->conn, front->data, front->length, limit)) {
            close_over_limit(client);
            return;
        }
        client_reply_shift(&client->replies);
    }
    if (client->is_ending && client->replies.waiting == 0 &&
        !client->is_closed) {
        client->is_closed = true;
        conn_close_after_write(client->conn);
    }
}

struct resp_writer client_start_reply(struct client *client)
{
    struct buffer *scratch = &client->table->scratch;
    if (scratch->overflowed || scratch->capacity > SCRATCH_BYTES_KEPT) {
        buffer_clear(scratch);
    }
    buffer_consume(scratch, scratch->length);
    return (struct resp_writer){.out = scratch,
                                .protocol = client->session.protocol};
}

void client_finish_reply(struct client *client, uint64_t token)
{
    const struct buffer *reply = &client->table->scratch;
    struct client_replies *replies = &client->replies;
    if (reply->length > 0 && reply->data[0] == '-') {
        runtime_status(client->table->runtime)->total_error_replies++;
    }
    bool fits = !reply->overflowed;
    if (fits && token == 0) {
        fits = client_reply_append(replies, reply->data, reply->length);
    } else if (fits) {
        fits = client_reply_fill(replies, token, reply->data, reply->length);
    }
    if (!fits) {
        close_over_limit(client);
    }
}

/* --- Requests ------------------------------------------------------------ */

static bool is_guest(const struct client *client)
{
    return session_is_guest(&client->session,
                            runtime_acl(client->table->runtime));
}

/* Half of what may wait at most, so that the next reply finds room. */
static size_t unread_limit(const struct client *client)
{
    uint64_t half = client->table->conf->client_output_limit_bytes / 2;
    if (is_guest(client)) {
        return GUEST_UNREAD_BYTES_MAX;
    }
    return half < UNREAD_BYTES_MAX ? (size_t)half : UNREAD_BYTES_MAX;
}

static bool reads_replies(const struct client *client)
{
    return conn_unsent(client->conn) + client->replies.length <
           unread_limit(client);
}

static bool may_go_on(const struct client *client)
{
    return !client->is_closed && !client->is_ending && client->change == 0 &&
           client->postponed.argc == 0 &&
           client->replies.waiting < WAITING_MAX && reads_replies(client);
}

static uint64_t next_token(const struct client *client)
{
    uint64_t number = 2 * client->questions % (1U << TOKEN_NUMBER_BITS);
    uint64_t silent = session_is_silent(&client->session) ? TOKEN_SILENT : 0;
    return client->session.id << TOKEN_NUMBER_BITS | number | silent;
}

static void wait_for_core(struct client *client, uint64_t token,
                          const struct command_fact *fact)
{
    client->questions++;
    client_reply_expect(&client->replies, token);
    if (fact->event.type == EV_ADMIN) {
        client->change = token;
    }
    if (fact->event.type == EV_ADMIN && fact->admin.type == ADMIN_REMOVE) {
        runtime_forget_login(client->table->runtime, fact->admin.name);
    }
    runtime_record(client->table->runtime, &fact->event);
}

static void wait_for_login(struct client *client, uint64_t token,
                           struct command_fact *fact)
{
    client->questions++;
    client_reply_expect(&client->replies, token);
    client->change = token;
    runtime_order_login(client->table->runtime, token, fact->login);
    fact->login = NULL;
}

static void wait_for_users(struct client *client, uint64_t token,
                           struct command_fact *fact)
{
    client->questions++;
    client_reply_expect(&client->replies, token);
    client->change = token;
    runtime_order_users(client->table->runtime, token, &fact->users);
}

static enum command_next run_command(struct client *client,
                                     const struct resp_request *request,
                                     uint64_t token, struct command_fact *fact)
{
    struct client_table *table = client->table;
    struct session *session = &client->session;
    struct command_context context = {
        .model = runtime_model(table->runtime),
        .acl = runtime_acl(table->runtime),
        .peer_user = runtime_find_peer_login(table->runtime)->user,
        .has_peer_password =
            runtime_find_peer_login(table->runtime)->password[0] != '\0',
        .has_acl_file = table->conf->acl_file[0] != '\0',
        .status = runtime_status(table->runtime),
        .now = runtime_now(),
        .sessions = &table->book,
        .jobs = runtime_jobs(table->runtime),
        .infos = runtime_infos(table->runtime),
        .dir = table->conf->dir,
        .is_executable =
            table->conf->deny_scripts_reconfig ? NULL : script_is_executable,
    };
    struct resp_writer writer = client_start_reply(client);
    client_note_bytes(client);
    enum command_next next =
        command_run(&context, session, request, token, &writer, fact);
    unsigned char random[COMMAND_RANDOM_SIZE];
    if (next == COMMAND_RANDOM) {
        startup_fill_random(random, sizeof(random));
        context.random = random;
        next = command_run(&context, session, request, token, &writer, fact);
        secret_wipe(random, sizeof(random));
    }
    client_set_subscribed(client, session_channels(session) > 0 ||
                                      session_patterns(session) > 0);
    return next;
}

static void serve_request(struct client *client,
                          const struct resp_request *request)
{
    struct command_fact fact;
    memset(&fact, 0, sizeof(fact));
    uint64_t token = next_token(client);
    switch (run_command(client, request, token, &fact)) {
    case COMMAND_REPLIED:
        client_finish_reply(client, 0);
        break;
    case COMMAND_FACT:
        client_finish_reply(client, 0);
        runtime_record(client->table->runtime, &fact.event);
        break;
    case COMMAND_WAIT:
        wait_for_core(client, token, &fact);
        break;
    case COMMAND_CLOSE:
        client_finish_reply(client, 0);
        client->is_ending = true;
        break;
    case COMMAND_SHUTDOWN:
        log_line(LEVEL_WARNING, "User requested shutdown: client %s",
                 client->session.address);
        client->is_ending = true;
        runtime_leave(client->table->runtime);
        break;
    case COMMAND_USERS:
        wait_for_users(client, token, &fact);
        break;
    case COMMAND_LOGIN:
        wait_for_login(client, token, &fact);
        break;
    case COMMAND_AGAIN:
        client->is_unfinished = true;
        client->postponed = *request;
        client->table->postponed++;
        break;
    case COMMAND_POSTPONE:
        client->postponed = *request;
        client->table->postponed++;
        break;
    case COMMAND_RANDOM:
        assert(false); /* it was done */
        break;
    }
    command_fact_clear(&fact);
    client_close_doomed(client->table, client);
}

/* The client learns what was wrong, then it is closed. */
static void refuse_input(struct client *client)
{
    const char *reason = resp_reader_error(client->reader);
    log_limited(LEVEL_NOTICE, "client protocol", "Closing client %s: %s",
                client->session.address, reason);
    struct resp_writer writer = client_start_reply(client);
    resp_err(&writer, "%s", reason);
    client_finish_reply(client, 0);
    client->is_ending = true;
}

static void refuse_http(struct client *client)
{
    log_limited(LEVEL_WARNING, "client http",
                "Closing client %s: it speaks HTTP. If that was not a "
                "health check, a web page may be trying to reach this port "
                "through somebody's browser",
                client->session.address);
    client_close(client);
}

static void serve_postponed(struct client *client)
{
    struct resp_request request = client->postponed;
    if (request.argc == 0 || client->is_closed) {
        return;
    }
    client->postponed = (struct resp_request){0};
    client->is_unfinished = false;
    client->table->postponed--;
    serve_request(client, &request);
}

void client_limit_input(struct client *client)
{
    bool guest = is_guest(client);
    resp_reader_set_guest(client->reader, guest);
    conn_limit_reading(client->conn, guest ? GUEST_READ_BYTES : READ_BYTES);
}

/* True: the slice was over before all was answered that may be. */
static bool serve_requests(struct client *client,
                           const struct client_slice *slice)
{
    serve_postponed(client);
    while (may_go_on(client)) {
        struct resp_request request;
        if (client_slice_is_over(slice)) {
            return true;
        }
        resp_reader_set_guest(client->reader, is_guest(client));
        switch (resp_next_request(client->reader, &request)) {
        case RESP_OK:
            runtime_status(client->table->runtime)->total_commands++;
            serve_request(client, &request);
            break;
        case RESP_MORE:
            return false;
        case RESP_BROKEN:
            refuse_input(client);
            return false;
        case RESP_QUIET:
            refuse_http(client);
            return false;
        }
    }
    return false;
}

void client_serve_slice(struct client *client, const struct client_slice *slice)
{
    bool has_more = serve_requests(client, slice) || client->is_unfinished;
    client_send_replies(client);
    client_note_bytes(client);
    if (client->is_closed) {
        return;
    }
    client->is_paused = has_more || !may_go_on(client);
    conn_pause_reading(client->conn, client->is_paused);
    client_limit_input(client);
    client_set_ready(client, has_more);
}

void client_sent(struct client *client)
{
    client_note_bytes(client);
    if (client->is_paused && may_go_on(client)) {
        client_set_ready(client, true);
    }
}

void client_take(struct client *client, const char *data, size_t length)
{
    struct runtime *runtime = client->table->runtime;
    if (client->is_closed || client->is_ending) {
        return;
    }
    runtime_refresh_status(runtime);
    runtime_status(runtime)->total_input_bytes += length;
    runtime_status(runtime)->total_reads++;
    if (!resp_feed(client->reader, data, length)) {
        refuse_input(client);
    }
    client_set_ready(client, true);
}
