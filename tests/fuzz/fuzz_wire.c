/* Replies to everything that we send: the first bytes choose the kind of link
 * and the actions, a zero ends them, the rest is what the other side says.
 * One reply uses up one expected reply at most; only an unasked one breaks. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sentineld/memory.h"
#include "sentineld/resp.h"
#include "sentineld/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct resp_limits limits = {
    .max_arguments = 64,
    .max_bulk_bytes = 8192,
    .max_inline_bytes = 64,
    .max_buffered_bytes = 1 << 20,
};

static void send_action(struct wire *wire, uint8_t choice, struct buffer *out)
{
    static const enum core_action_type types[] = {
        ACT_PING,      ACT_INFO,       ACT_SUBSCRIBE, ACT_SCRIPT_KILL,
        ACT_VIEW,      ACT_HELLO,      ACT_ASK,       ACT_CUT_OFF,
        ACT_REPLICAOF, ACT_FENCE_READ, ACT_FENCE,     ACT_REHEARSE};
    struct core_action action = {
        .type = types[choice % (sizeof types / sizeof types[0])],
        .group = choice};
    if (action.type == ACT_REHEARSE) {
        action.rehearsal.what = REHEARSAL_ORDERS;
    }
    wire_encode(wire, &action, out);
}

static void check_fact(const struct wire_fact *fact)
{
    const struct core_event *event = &fact->event;
    assert(event->link == 7);
    if (event->type == EV_ASK_REPLY) {
        size_t length = strlen(event->ask_reply.vote.leader);
        assert(length == 0 || length == RUN_ID_LEN);
        assert(event->ask_reply.vote.epoch <= EPOCH_MAX);
    } else if (event->type == EV_VIEW) {
        assert(event->view.config_epoch <= EPOCH_MAX);
        assert(event->view.master.host[0] != '\0');
        assert(event->view.master.port != 0);
    }
}

/* False when the connection would be closed. */
static bool decode(struct wire *wire, const struct redisReply *reply)
{
    static struct wire_fact fact;
    size_t pending = wire_pending(wire);
    enum wire_result result = wire_decode(wire, reply, &fact);
    assert(strnlen(fact.complaint, sizeof fact.complaint) <
           sizeof fact.complaint);
    if (result == WIRE_FULL) {
        return false;
    }
    if (result == WIRE_BROKEN) {
        assert(pending == 0);
        return false;
    }
    assert(wire_pending(wire) == pending || wire_pending(wire) + 1 == pending);
    if (result == WIRE_FACT) {
        check_fact(&fact);
    }
    return true;
}

static void decode_all(struct wire *wire, const uint8_t *data, size_t size)
{
    struct resp_reader *reader = resp_reader_new(&limits);
    struct redisReply *reply;
    bool is_open = resp_feed(reader, (const char *)data, size);
    while (is_open && resp_next_reply(reader, &reply) == RESP_OK) {
        is_open = decode(wire, reply);
        resp_reply_free(reply);
    }
    resp_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    static const struct wire_login login = {"sam", "secret", "0123456789"};
    struct buffer out;
    buffer_init(&out, SIZE_MAX);
    struct wire *wire = wire_new((enum link_kind)(data[0] % 3), 7);
    wire_greeting(wire, &login, &out);
    size_t at = 1;
    while (at < size && data[at] != 0) {
        send_action(wire, data[at++], &out);
    }
    decode_all(wire, data + at + (at < size), size - at - (at < size));
    wire_free(wire);
    buffer_clear(&out);
    return 0;
}
