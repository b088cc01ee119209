/* Whole requests of a client, from bytes to replies, on a small pool.
 *
 * The first byte chooses the protocol, the rest is what the client sends.
 * Facts that come out are recorded and the core's answers written, so that a
 * request can also meet what an earlier one changed. Beside not crashing,
 * each request must leave whole RESP values behind: one that is a byte short
 * would put all later replies out of step. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>

#include "sentineld/command.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"

enum { NOW = 1000000, OUT_MAX = 1 << 20, REQUEST_MAX = 64 * 1024 };

static const struct resp_limits limits = {
    .max_arguments = 1024,
    .max_bulk_bytes = REQUEST_MAX,
    .max_inline_bytes = REQUEST_MAX,
    .max_buffered_bytes = 4 * REQUEST_MAX,
};

struct client {
    struct core *core;
    struct acl *acl;
    struct server_status status;
    struct session session;
    struct session_book book;
    struct buffer out;
    struct resp_writer writer;
};

static struct core *new_core(void)
{
    static const char id[] = "5555555555555555555555555555555555555555";
    static const struct group_conf group = {
        .name = "mymaster",
        .master = {.host = "127.0.0.1", .port = 6379},
        .settings = {.quorum = 2,
                     .parallel_syncs = 1,
                     .down_after_ms = 30000,
                     .failover_timeout_ms = 180000},
    };
    const struct core_conf conf = {
        .groups = &group,
        .group_count = 1,
        .port = 26379,
        .vote_lease_ms = 2000,
    };
    struct record saved[3] = {
        {.kind = RECORD_NODE,
         .node = {.group = "mymaster",
                  .address = {.host = "127.0.0.1", .port = 6380}}},
        {.kind = RECORD_PEER,
         .peer = {"1111111111111111111111111111111111111111",
                  {.host = "127.0.0.1", .port = 26380}}},
        {.kind = RECORD_MEMBER,
         .member = {"mymaster", "1111111111111111111111111111111111111111"}},
    };
    return core_new(&conf, id, saved, 3, 1, NOW);
}

/* Everything that the core wants saved is saved at once. */
static void settle(struct client *client)
{
    struct core_output output;
    core_settle(client->core, NOW, &output);
    for (size_t i = 0; i < output.count; i++) {
        const struct core_action *action = &output.actions[i];
        if (action->type == ACT_ANSWER) {
            command_finish(action, &client->writer);
        } else if (action->type == ACT_EVENT) {
            (void)session_publish(&client->session, action->event.channel,
                                  action->event.text, &client->writer);
        }
    }
    if (output.save_version != 0) {
        const struct core_event saved = {.type = EV_SAVED,
                                         .saved_version = output.save_version};
        core_record(client->core, NOW, &saved);
    }
}

/* hiredis' reader of Debian 12 does not know RESP3. */
static void check_whole_values(const struct client *client)
{
    struct resp_reader *reader;
    struct redisReply *reply;
    if (client->session.protocol != 2 || client->out.length == 0) {
        return;
    }
    const struct resp_limits any = {OUT_MAX, OUT_MAX, OUT_MAX, 2 * OUT_MAX};
    reader = resp_reader_new(&any);
    assert(!client->out.overflowed);
    assert(resp_feed(reader, client->out.data, client->out.length));
    enum resp_result result;
    while ((result = resp_next_reply(reader, &reply)) == RESP_OK) {
        resp_reply_free(reply);
    }
    assert(result == RESP_MORE);
    /* Nothing is left of a value: this one comes next. */
    assert(resp_feed(reader, "+END\r\n", 6));
    assert(resp_next_reply(reader, &reply) == RESP_OK);
    resp_reply_free(reply);
    assert(resp_next_reply(reader, &reply) == RESP_MORE);
    resp_reader_free(reader);
}

/* False when the client is to be closed. */
static bool run(struct client *client, const struct resp_request *request)
{
    static const unsigned char random[COMMAND_RANDOM_SIZE];
    struct command_fact fact;
    const struct command_context context = {
        .model = core_model(client->core),
        .acl = client->acl,
        .has_acl_file = true,
        .random = random,
        .status = &client->status,
        .now = NOW,
        .sessions = &client->book,
    };
    bool silent = session_is_silent(&client->session);
    buffer_consume(&client->out, client->out.length);
    enum command_next next;
    do {
        next = command_run(&context, &client->session, request, 1,
                           &client->writer, &fact);
    } while (next == COMMAND_AGAIN);
    silent = silent || next == COMMAND_SHUTDOWN ||
             session_is_silent(&client->session);
    bool waits =
        next == COMMAND_WAIT || next == COMMAND_USERS || next == COMMAND_LOGIN;
    assert(silent || (client->out.length == 0) == waits);
    if (next == COMMAND_FACT || next == COMMAND_WAIT) {
        core_record(client->core, NOW, &fact.event);
        settle(client);
        assert(client->out.length > 0);
    }
    command_fact_clear(&fact);
    check_whole_values(client);
    return next != COMMAND_CLOSE && next != COMMAND_SHUTDOWN &&
           !client->session.doomed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct client client = {.core = new_core(), .acl = acl_new()};
    struct resp_reader *reader = resp_reader_new(&limits);
    struct resp_request request;
    session_init(&client.session, 1);
    session_book_init(&client.book);
    session_book_add(&client.book, &client.session);
    client.session.protocol = data[0] == '3' ? 3 : 2;
    buffer_init(&client.out, OUT_MAX);
    client.writer = (struct resp_writer){&client.out, client.session.protocol};
    settle(&client);
    if (resp_feed(reader, (const char *)data + 1, size - 1)) {
        while (resp_next_request(reader, &request) == RESP_OK &&
               run(&client, &request)) {
        }
    }
    resp_reader_free(reader);
    session_book_remove(&client.book, &client.session);
    session_clear(&client.session);
    buffer_clear(&client.out);
    core_free(client.core);
    acl_free(client.acl);
    return 0;
}
