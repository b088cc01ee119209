/* Helpers of the tests of wire; see the header. */
#include "wire_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/wire.h"
#include "sentineld/memory.h"
#include "sentineld/resp.h"

static const struct resp_limits limits = {
    .max_arguments = 1000,
    .max_bulk_bytes = 100000,
    .max_inline_bytes = 1000,
    .max_buffered_bytes = 1000000,
};

static struct hello own_hello(void)
{
    struct hello hello = {.current_epoch = 3, .config_epoch = 2};
    copy_text(hello.sentinel.host, HOST_SIZE, "127.0.0.1");
    hello.sentinel.port = 26379;
    copy_text(hello.run_id, RUN_ID_SIZE, SUPPORT_RUN_ID);
    copy_text(hello.group, NAME_SIZE, "mymaster");
    copy_text(hello.master.host, HOST_SIZE, "10.0.0.1");
    hello.master.port = 6379;
    return hello;
}

static struct core_action make_action(char letter, object_id group)
{
    static const char letters[] = "PISKVHACRrkFDdTOXv";
    static const enum core_action_type types[] = {
        ACT_PING,      ACT_INFO,      ACT_SUBSCRIBE, ACT_SCRIPT_KILL,
        ACT_VIEW,      ACT_HELLO,     ACT_ASK,       ACT_CUT_OFF,
        ACT_REPLICAOF, ACT_REPLICAOF, ACT_REPLICAOF, ACT_FENCE_READ,
        ACT_FENCE,     ACT_FENCE,     ACT_REHEARSE,  ACT_REHEARSE,
        ACT_ACCEPT,    ACT_VOTER_VIEW};
    const char *found = strchr(letters, letter);
    assert_non_null(found);
    struct core_action action = {.type = types[found - letters],
                                 .link = SUPPORT_LINK,
                                 .group = group,
                                 .expires_at = NEVER};
    if (letter == 'X') {
        copy_text(action.accept.name, NAME_SIZE, "mymaster");
        action.accept.offer.epoch = 4;
        copy_text(action.accept.offer.master.host, HOST_SIZE, "10.0.0.2");
        action.accept.offer.master.port = 6380;
        copy_text(action.accept.leader, RUN_ID_SIZE, SUPPORT_RUN_ID);
    } else if (letter == 'V' || letter == 'v') {
        copy_text(action.view.name, NAME_SIZE, "mymaster");
    } else if (letter == 'H') {
        action.hello = own_hello();
    } else if (letter == 'A') {
        copy_text(action.ask.master.host, HOST_SIZE, "10.0.0.1");
        action.ask.master.port = 6379;
        action.ask.epoch = 4;
    } else if (letter == 'r' || letter == 'k') {
        action.replicaof.keep_clients = letter == 'k';
        copy_text(action.replicaof.master.host, HOST_SIZE, "10.0.0.2");
        action.replicaof.master.port = 6380;
    } else if (letter == 'D' || letter == 'd') {
        action.fence.min_replicas = (struct min_replicas){1, 2};
        action.fence.bare = letter == 'd';
    } else if (letter == 'O') {
        action.rehearsal.what = REHEARSAL_ORDERS;
        copy_text(action.rehearsal.master.host, HOST_SIZE, "10.0.0.1");
        action.rehearsal.master.port = 6379;
    }
    return action;
}

struct wire *wire_support_begin(enum link_kind kind, const char *letters,
                                struct buffer *out)
{
    struct wire *wire = wire_new(kind, SUPPORT_LINK);
    for (object_id i = 0; letters[i] != '\0'; i++) {
        struct wire_login login = {
            .user = "sam", .password = "secret", .self = SUPPORT_RUN_ID};
        if (letters[i] == 'g') {
            login.password = NULL;
        }
        if (letters[i] == 'g' || letters[i] == 'G') {
            wire_greeting(wire, &login, out);
            continue;
        }
        struct core_action action = make_action(letters[i], i + 1);
        wire_encode(wire, &action, out);
    }
    return wire;
}

static const char *action_name(enum core_action_type type)
{
    static const char *const names[] = {[ACT_PING] = "ping",
                                        [ACT_INFO] = "info",
                                        [ACT_VIEW] = "view",
                                        [ACT_SUBSCRIBE] = "subscribe",
                                        [ACT_IDENTIFY] = "identify",
                                        [ACT_HELLO] = "hello",
                                        [ACT_SCRIPT_KILL] = "script_kill",
                                        [ACT_ACCEPT] = "accept",
                                        [ACT_VOTER_VIEW] = "view",
                                        [ACT_ASK] = "ask",
                                        [ACT_CUT_OFF] = "cut_off",
                                        [ACT_REPLICAOF] = "replicaof",
                                        [ACT_FENCE_READ] = "fence_read",
                                        [ACT_FENCE] = "fence",
                                        [ACT_REHEARSE] = "rehearse"};
    return names[type];
}

static const char *role_name(enum role role)
{
    static const char *const names[] = {[ROLE_UNKNOWN] = "",
                                        [ROLE_MASTER] = " master",
                                        [ROLE_REPLICA] = " replica"};
    return names[role];
}

static const char *const pong_names[] = {
    [PONG_OK] = "ok",
    [PONG_LOADING] = "loading",
    [PONG_MASTERDOWN] = "masterdown",
    [PONG_BUSY] = "busy",
    [PONG_NOAUTH] = "noauth",
    [PONG_WRONGPASS] = "wrongpass",
    [PONG_NOPERM] = "noperm",
    [PONG_MISCONF] = "misconf",
    [PONG_ERROR] = "error",
};

static void describe_ack(const struct core_event *event, struct buffer *out)
{
    static const char *const results[] = {
        [ACK_OK] = "ok", [ACK_REFUSED] = "refused", [ACK_UNSENT] = "unsent"};
    bool extras = event->ack.what == ACT_FENCE && event->ack.extras;
    (void)buffer_printf(out, "ack %s %s %u%s%s", action_name(event->ack.what),
                        results[event->ack.result], (unsigned)event->group,
                        role_name(event->ack.role), extras ? " extras" : "");
}

static void describe_answer(const struct core_event *event, struct buffer *out)
{
    if (event->type == EV_ASK_REPLY) {
        const struct ballot *vote = &event->ask_reply.vote;
        (void)buffer_printf(out, "ask %s %s %" PRIu64 " %u",
                            event->ask_reply.down ? "down" : "up",
                            vote->leader[0] == '\0' ? "-" : vote->leader,
                            vote->epoch, (unsigned)event->group);
        return;
    }
    (void)buffer_printf(
        out, "view %s:%u %" PRIu64 "%s%s %u", event->view.master.host,
        (unsigned)event->view.master.port, event->view.config_epoch,
        event->view.failover_in_progress ? " failover" : "",
        event->view.process_gone              ? " gone"
        : event->view.only_process[0] != '\0' ? " first"
                                              : "",
        (unsigned)event->group);
    char histories[LINEAGE_TEXT_SIZE];
    lineage_format(event->view.lineage, histories);
    (void)buffer_printf(out, "%s%s", histories[0] == '\0' ? "" : " ",
                        histories);
    if (event->view.is_ours) {
        const struct configuration *kept = &event->view.accepted;
        (void)buffer_printf(out, " keeps %" PRIu64 " %s:%u", kept->epoch,
                            kept->master.host, (unsigned)kept->master.port);
    }
}

static void describe_rehearsed(const struct core_event *event,
                               struct buffer *out)
{
    static const char *const names[DENIED_COUNT] = {
        [DENIED_MULTI] = "multi",     [DENIED_SLAVEOF] = "slaveof",
        [DENIED_REWRITE] = "rewrite", [DENIED_KILL] = "kill",
        [DENIED_PAUSE] = "pause",
    };
    (void)buffer_printf(out, "rehearsed %u", (unsigned)event->group);
    for (size_t i = 0; i < DENIED_COUNT; i++) {
        if (event->refused[i]) {
            assert_non_null(names[i]);
            (void)buffer_printf(out, " -%s", names[i]);
        }
    }
}

static void describe_fact(const struct core_event *event, struct buffer *out)
{
    assert_int_equal(event->link, SUPPORT_LINK);
    switch (event->type) {
    case EV_PONG:
        (void)buffer_printf(out, "pong %s", pong_names[event->pong]);
        break;
    case EV_INFO:
        (void)buffer_printf(out, "info%s", role_name(event->info->role));
        break;
    case EV_MIN_REPLICAS:
        (void)buffer_printf(
            out, "demand %u %u %u", event->min_replicas.replicas,
            event->min_replicas.max_lag_s, (unsigned)event->group);
        break;
    case EV_REHEARSED:
        describe_rehearsed(event, out);
        break;
    case EV_HELLO:
        (void)buffer_printf(out, "hello %s", event->hello->group);
        break;
    case EV_ACK:
        describe_ack(event, out);
        break;
    case EV_IDENTITY:
        (void)buffer_printf(out, "identity %s", event->identity.run_id);
        break;
    case EV_VIEW:
    case EV_ASK_REPLY:
        describe_answer(event, out);
        break;
    case EV_RESOLVED:
    case EV_LINK_UP:
    case EV_LINK_DOWN:
    case EV_ASKED:
    case EV_ADMIN:
    case EV_SAVED:
    case EV_SAVE_FAILED:
        fail();
    }
}

static void decode_one(struct wire *wire, const struct redisReply *reply,
                       struct buffer *out)
{
    static struct wire_fact fact;
    memset(&fact, 0x5a, sizeof fact);
    (void)buffer_printf(out, "%s", out->length == 0 ? "" : "; ");
    enum wire_result result = wire_decode(wire, reply, &fact);
    if (result == WIRE_FACT) {
        describe_fact(&fact.event, out);
    } else {
        (void)buffer_printf(out, "%s",
                            result == WIRE_NOTHING ? "-"
                            : result == WIRE_FULL  ? "FULL"
                                                   : "BROKEN");
    }
    if (fact.complaint[0] != '\0') {
        (void)buffer_printf(out, " (%s)", fact.complaint);
    }
}

static void take_text(struct buffer *from, char *text, size_t size)
{
    assert_true(from->length < size);
    if (from->length > 0) {
        memcpy(text, from->data, from->length);
    }
    text[from->length] = '\0';
    buffer_clear(from);
}

void wire_support_decode(struct wire *wire, const char *replies, char *text,
                         size_t size)
{
    struct resp_reader *reader = resp_reader_new(&limits);
    struct buffer out;
    struct redisReply *reply;
    buffer_init(&out, size - 1);
    assert_true(resp_feed(reader, replies, strlen(replies)));
    enum resp_result result = resp_next_reply(reader, &reply);
    while (result == RESP_OK) {
        decode_one(wire, reply, &out);
        resp_reply_free(reply);
        result = resp_next_reply(reader, &reply);
    }
    assert_int_equal(result, RESP_MORE);
    if (wire_pending(wire) > 0) {
        (void)buffer_printf(&out, " +%zu", wire_pending(wire));
    }
    resp_reader_free(reader);
    take_text(&out, text, size);
}

int wire_support_check_row(const struct wire_support_row *row)
{
    char text[2000];
    struct buffer out;
    buffer_init(&out, 100000);
    struct wire *wire = wire_support_begin(row->kind, row->letters, &out);
    wire_support_decode(wire, row->replies, text, sizeof text);
    int failed = strcmp(text, row->expected) == 0 ? 0 : 1;
    if (failed != 0) {
        print_error("%s: %s\n  expected %s\n", row->name, text, row->expected);
    }
    wire_free(wire);
    buffer_clear(&out);
    return failed;
}

void wire_support_commands(const struct buffer *out, char *text, size_t size)
{
    struct resp_reader *reader = resp_reader_new(&limits);
    struct resp_request request;
    struct buffer words;
    buffer_init(&words, size - 1);
    assert_true(resp_feed(reader, out->data, out->length));
    while (resp_next_request(reader, &request) == RESP_OK) {
        (void)buffer_printf(&words, "%s", words.length == 0 ? "" : "\n");
        for (size_t i = 0; i < request.argc; i++) {
            (void)buffer_printf(&words, "%s%s", i == 0 ? "" : " ",
                                request.argv[i]);
        }
    }
    resp_reader_free(reader);
    take_text(&words, text, size);
}
