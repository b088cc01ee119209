/* Replies to facts.
 *
 * The oldest command that waits says what a reply is about. Whatever that
 * reply is - the answer, an error, nonsense - it uses up exactly one expected
 * reply and gives at most one fact, so one strange answer never shifts the
 * ones behind it. Only a reply that nobody asked for ends the connection.
 *
 * On a hello link, messages come unasked between the replies. */
#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/wire.h"
#include "proto/wire/wire_private.h"
#include "sentineld/info.h"
#include "sentineld/wire.h"

const char *wire_command_name(enum sent_command command)
{
    static const char *const names[] = {
        [SENT_AUTH] = "AUTH",
        [SENT_SETNAME] = "CLIENT SETNAME",
        [SENT_PING] = "PING",
        [SENT_INFO] = "INFO",
        [SENT_SUBSCRIBE] = "SUBSCRIBE " HELLO_CHANNEL,
        [SENT_MYID] = "SENTINEL MYID",
        [SENT_SCRIPT_KILL] = "SCRIPT KILL",
        [SENT_PUBLISH] = "PUBLISH " HELLO_CHANNEL,
        [SENT_MASTER] = "SENTINEL MASTER",
        [SENT_ASK] = "SENTINEL is-master-down-by-addr",
        [SENT_ACCEPT] = "SENTINEL ACCEPT",
        [SENT_MULTI] = "MULTI",
        [SENT_SLAVEOF] = "SLAVEOF",
        [SENT_REWRITE] = "CONFIG REWRITE",
        [SENT_KILL_NORMAL] = "CLIENT KILL TYPE normal",
        [SENT_KILL_PUBSUB] = "CLIENT KILL TYPE pubsub",
        [SENT_EXEC] = "EXEC",
        [SENT_ROLE] = "ROLE",
        [SENT_SLAVEOF_ALONE] = "SLAVEOF",
        [SENT_PAUSE] = "CLIENT PAUSE WRITE",
        [SENT_UNPAUSE] = "CLIENT UNPAUSE",
        [SENT_CONFIG_GET] = "CONFIG GET",
        [SENT_CONFIG_SET] = "CONFIG SET",
    };
    return names[command];
}

bool wire_reply_is_text(const struct redisReply *reply, const char *text)
{
    return reply->type == REDIS_REPLY_STRING && reply->len == strlen(text) &&
           memcmp(reply->str, text, reply->len) == 0;
}

bool wire_reply_is_status(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_STATUS;
}

bool wire_reply_is_error(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ERROR;
}

/* A server that does not know AUTH repeats its arguments in the error. */
static size_t harmless_length(const struct redisReply *reply)
{
    size_t length = strnlen(reply->str, reply->len);
    const char *echo = strstr(reply->str, ", with args");
    return echo == NULL ? length : (size_t)(echo - reply->str);
}

void wire_complain(char complaint[COMPLAINT_SIZE], enum sent_command command,
                   const struct redisReply *reply)
{
    size_t used = strlen(complaint);
    char *end = complaint + used;
    size_t room = COMPLAINT_SIZE - used;
    const char *glue = used == 0 ? "" : "; ";
    const char *name = wire_command_name(command);
    if (wire_reply_is_error(reply)) {
        (void)snprintf(end, room, "%s%s refused: %.*s", glue, name,
                       (int)harmless_length(reply), reply->str);
    } else {
        (void)snprintf(end, room, "%s%s: the answer makes no sense", glue,
                       name);
    }
    for (; *end != '\0'; end++) {
        if ((unsigned char)*end < ' ' || *end == 0x7f) {
            *end = ' ';
        }
    }
}

enum wire_result wire_ack(const struct expected *expected,
                          enum ack_result result, struct wire_fact *fact)
{
    fact->event.type = EV_ACK;
    fact->event.group = expected->group;
    fact->event.ack.what = expected->action;
    fact->event.ack.result = result;
    fact->event.ack.role = ROLE_UNKNOWN;
    fact->event.ack.extras = false;
    return WIRE_FACT;
}

enum wire_result wire_refuse(const struct expected *expected,
                             const struct redisReply *reply,
                             struct wire_fact *fact)
{
    wire_complain(fact->complaint, expected->command, reply);
    return wire_ack(expected, ACK_REFUSED, fact);
}

static bool begins_with(const struct redisReply *reply, const char *word)
{
    size_t length = strlen(word);
    return reply->len >= length && memcmp(reply->str, word, length) == 0;
}

static enum pong read_pong_error(const struct redisReply *reply)
{
    static const struct {
        const char *prefix;
        enum pong pong;
    } errors[] = {
        {"LOADING", PONG_LOADING},     {"MASTERDOWN", PONG_MASTERDOWN},
        {"BUSY", PONG_BUSY},           {"NOAUTH", PONG_NOAUTH},
        {"WRONGPASS", PONG_WRONGPASS}, {"NOPERM", PONG_NOPERM},
        {"MISCONF", PONG_MISCONF},
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (begins_with(reply, errors[i].prefix)) {
            return errors[i].pong;
        }
    }
    return PONG_ERROR;
}

/* A subscribed connection answers PING with the array "pong", "". */
static bool is_pong_frame(const struct redisReply *reply)
{
    return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
           wire_reply_is_text(reply->element[0], "pong");
}

static enum pong read_pong(const struct wire *wire,
                           const struct redisReply *reply)
{
    if (wire_reply_is_status(reply) && begins_with(reply, "PONG")) {
        return PONG_OK;
    }
    if (wire->kind == LINK_NODE_HELLO && is_pong_frame(reply)) {
        return PONG_OK;
    }
    if (!wire_reply_is_error(reply)) {
        return PONG_ERROR;
    }
    enum pong pong = read_pong_error(reply);
    /* a password is wanted, and the one we have was turned down before */
    return pong == PONG_NOAUTH && wire->auth_refused ? PONG_WRONGPASS : pong;
}

static enum wire_result on_ping(const struct wire *wire,
                                const struct redisReply *reply,
                                struct wire_fact *fact)
{
    fact->event.type = EV_PONG;
    fact->event.pong = read_pong(wire, reply);
    if (fact->event.pong == PONG_ERROR) {
        wire_complain(fact->complaint, SENT_PING, reply);
    }
    return WIRE_FACT;
}

static enum wire_result on_greeting(struct wire *wire,
                                    const struct expected *expected,
                                    const struct redisReply *reply,
                                    struct wire_fact *fact)
{
    if (wire_reply_is_status(reply)) {
        return WIRE_NOTHING;
    }
    if (expected->command == SENT_AUTH) {
        wire->auth_refused = true;
    }
    wire_complain(fact->complaint, expected->command, reply);
    return WIRE_NOTHING;
}

static enum wire_result on_info(const struct expected *expected,
                                const struct redisReply *reply,
                                struct wire_fact *fact)
{
    if (reply->type != REDIS_REPLY_STRING ||
        !info_parse(reply->str, reply->len, &fact->info)) {
        return wire_refuse(expected, reply, fact);
    }
    fact->event.type = EV_INFO;
    fact->event.info = &fact->info;
    fact->info_text = reply->str;
    fact->info_length = reply->len;
    return WIRE_FACT;
}

static enum wire_result on_subscribe(const struct expected *expected,
                                     const struct redisReply *reply,
                                     struct wire_fact *fact)
{
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
        !wire_reply_is_text(reply->element[0], "subscribe") ||
        !wire_reply_is_text(reply->element[1], HELLO_CHANNEL)) {
        return wire_refuse(expected, reply, fact);
    }
    return wire_ack(expected, ACK_OK, fact);
}

static enum wire_result on_simple(const struct expected *expected,
                                  const struct redisReply *reply, int type,
                                  struct wire_fact *fact)
{
    if (reply->type != type) {
        return wire_refuse(expected, reply, fact);
    }
    return wire_ack(expected, ACK_OK, fact);
}

static enum wire_result finish_transaction(const struct wire *wire,
                                           const struct expected *expected,
                                           struct wire_fact *fact)
{
    const struct transaction *transaction = &wire->transaction;
    memcpy(fact->complaint, transaction->complaint, COMPLAINT_SIZE);
    (void)wire_ack(expected, transaction->refused ? ACK_REFUSED : ACK_OK, fact);
    fact->event.ack.extras = transaction->extras;
    return WIRE_FACT;
}

static enum wire_result on_exec(struct wire *wire,
                                const struct expected *expected,
                                const struct redisReply *reply,
                                struct wire_fact *fact)
{
    wire_transaction_on_exec(&wire->transaction, reply);
    if (expected->action == ACT_REPLICAOF) {
        return WIRE_NOTHING; /* ROLE comes next and tells the outcome */
    }
    return finish_transaction(wire, expected, fact);
}

static enum wire_result on_role(struct wire *wire,
                                const struct expected *expected,
                                const struct redisReply *reply,
                                struct wire_fact *fact)
{
    enum role role = wire_transaction_on_role(&wire->transaction, reply);
    (void)finish_transaction(wire, expected, fact);
    fact->event.ack.role = role;
    return WIRE_FACT;
}

/* On a hello link: a message on some channel, which nobody waits for. */
static bool is_message(const struct wire *wire, const struct redisReply *reply)
{
    return wire->kind == LINK_NODE_HELLO && reply->type == REDIS_REPLY_ARRAY &&
           reply->elements == 3 &&
           wire_reply_is_text(reply->element[0], "message");
}

static enum wire_result on_message(const struct redisReply *reply,
                                   struct wire_fact *fact)
{
    const struct redisReply *payload = reply->element[2];
    if (!wire_reply_is_text(reply->element[1], HELLO_CHANNEL) ||
        payload->type != REDIS_REPLY_STRING ||
        !hello_parse(payload->str, payload->len, &fact->hello)) {
        (void)snprintf(fact->complaint, sizeof fact->complaint,
                       "a malformed hello on " HELLO_CHANNEL);
        return WIRE_NOTHING;
    }
    fact->event.type = EV_HELLO;
    fact->event.hello = &fact->hello;
    return WIRE_FACT;
}

static struct expected take_expected(struct wire *wire)
{
    struct expected expected = wire->queue[wire->first];
    wire->first = (wire->first + 1) % wire->room;
    wire->count--;
    return expected;
}

static enum wire_result on_reply(struct wire *wire,
                                 const struct expected *expected,
                                 const struct redisReply *reply,
                                 struct wire_fact *fact)
{
    if (expected->action == ACT_REHEARSE) {
        return wire_on_rehearsal(wire, expected, reply, fact);
    }
    switch (expected->command) {
    case SENT_AUTH:
    case SENT_SETNAME:
        return on_greeting(wire, expected, reply, fact);
    case SENT_PING:
        return on_ping(wire, reply, fact);
    case SENT_INFO:
        return on_info(expected, reply, fact);
    case SENT_SUBSCRIBE:
        return on_subscribe(expected, reply, fact);
    case SENT_SCRIPT_KILL:
    case SENT_PAUSE:
    case SENT_ACCEPT:
        return on_simple(expected, reply, REDIS_REPLY_STATUS, fact);
    case SENT_PUBLISH:
        return on_simple(expected, reply, REDIS_REPLY_INTEGER, fact);
    case SENT_MYID:
        return wire_on_identity(expected, reply, fact);
    case SENT_MASTER:
        return wire_on_view(expected, reply, fact);
    case SENT_ASK:
        return wire_on_ask(expected, reply, fact);
    case SENT_MULTI:
        wire_transaction_on_multi(&wire->transaction, reply);
        return WIRE_NOTHING;
    case SENT_SLAVEOF:
    case SENT_REWRITE:
    case SENT_KILL_NORMAL:
    case SENT_KILL_PUBSUB:
    case SENT_CONFIG_SET:
        wire_transaction_on_queued(&wire->transaction, expected->command,
                                   reply);
        return WIRE_NOTHING;
    case SENT_UNPAUSE:
        if (expected->action == ACT_UNPAUSE) {
            return on_simple(expected, reply, REDIS_REPLY_STATUS, fact);
        }
        wire_transaction_on_queued(&wire->transaction, expected->command,
                                   reply);
        return WIRE_NOTHING;
    case SENT_CONFIG_GET:
        return wire_on_min_replicas(expected, reply, fact);
    case SENT_SLAVEOF_ALONE:
        wire_transaction_on_alone(&wire->transaction, reply);
        return expected->action == ACT_CUT_OFF
                   ? finish_transaction(wire, expected, fact)
                   : WIRE_NOTHING;
    case SENT_EXEC:
        return on_exec(wire, expected, reply, fact);
    case SENT_ROLE:
        return on_role(wire, expected, reply, fact);
    }
    assert(false && "an unknown command");
    return WIRE_BROKEN;
}

/* Said to a client that is one too many, in place of its first reply. */
static bool is_full(const struct redisReply *reply)
{
    static const char words[] = "ERR max number of clients";
    return reply->type == REDIS_REPLY_ERROR && reply->len >= sizeof words - 1 &&
           memcmp(reply->str, words, sizeof words - 1) == 0;
}

enum wire_result wire_decode(struct wire *wire, const struct redisReply *reply,
                             struct wire_fact *fact)
{
    memset(&fact->event, 0, sizeof fact->event);
    fact->event.link = wire->link;
    fact->complaint[0] = '\0';
    if (is_message(wire, reply)) {
        return on_message(reply, fact);
    }
    if (is_full(reply)) {
        return WIRE_FULL;
    }
    if (wire->count == 0) {
        (void)snprintf(fact->complaint, sizeof fact->complaint,
                       "an answer that nobody asked for");
        return WIRE_BROKEN;
    }
    struct expected expected = take_expected(wire);
    return on_reply(wire, &expected, reply, fact);
}
