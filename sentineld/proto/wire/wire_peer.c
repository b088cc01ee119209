/* What other supervisors answer: their opinion of a master, their vote, and
 * their view of a group.
 *
 * A peer may be of another make, or may not be a supervisor at all. Every
 * value is checked before it is believed: an epoch beyond EPOCH_MAX would
 * poison ours, so an answer with one is refused as a whole. */
#include <hiredis/hiredis.h>
#include <string.h>
#include <strings.h>

#include "proto/wire/wire.h"
#include "proto/wire/wire_private.h"
#include "sentineld/info.h"

/* Visible ASCII and at most size - 1 of it. */
static bool take_word(const struct redisReply *reply, char *target, size_t size)
{
    if (reply->len == 0 || reply->len >= size) {
        return false;
    }
    for (size_t i = 0; i < reply->len; i++) {
        if (reply->str[i] <= ' ' || reply->str[i] >= 0x7f) {
            return false;
        }
    }
    memcpy(target, reply->str, reply->len);
    target[reply->len] = '\0';
    return true;
}

/* Before 6.2 there was no such subcommand, and a user's rules may leave it out:
 * only a supervisor says so. */
static bool is_reticent(const struct redisReply *reply)
{
    static const char *const words[] = {"ERR Unknown sentinel subcommand",
                                        "ERR unknown subcommand", "NOPERM"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (wire_reply_is_error(reply) && reply->len >= length &&
            strncasecmp(reply->str, words[i], length) == 0) {
            return true;
        }
    }
    return false;
}

enum wire_result wire_on_identity(const struct expected *expected,
                                  const struct redisReply *reply,
                                  struct wire_fact *fact)
{
    char *run_id = fact->event.identity.run_id;
    run_id[0] = '\0';
    bool told = reply->type == REDIS_REPLY_STRING && reply->len == RUN_ID_LEN &&
                take_word(reply, run_id, RUN_ID_SIZE);
    if (!told && !is_reticent(reply)) {
        return wire_refuse(expected, reply, fact);
    }
    fact->event.type = EV_IDENTITY;
    fact->event.identity.how = PROVEN_ANSWER;
    return WIRE_FACT;
}

static bool take_epoch(const struct redisReply *reply, uint64_t *epoch)
{
    if (reply->type != REDIS_REPLY_INTEGER || reply->integer < 0 ||
        (uint64_t)reply->integer > EPOCH_MAX) {
        return false;
    }
    *epoch = (uint64_t)reply->integer;
    return true;
}

static bool take_vote(const struct redisReply *leader,
                      const struct redisReply *epoch, struct ballot *vote)
{
    if (leader->type != REDIS_REPLY_STRING ||
        !take_epoch(epoch, &vote->epoch)) {
        return false;
    }
    if (wire_reply_is_text(leader, "*")) {
        vote->leader[0] = '\0';
        return true;
    }
    return leader->len == RUN_ID_LEN &&
           take_word(leader, vote->leader, sizeof vote->leader);
}

enum wire_result wire_on_ask(const struct expected *expected,
                             const struct redisReply *reply,
                             struct wire_fact *fact)
{
    struct ballot vote = {0};
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
        return wire_refuse(expected, reply, fact);
    }
    const struct redisReply *down = reply->element[0];
    if (down->type != REDIS_REPLY_INTEGER || down->integer < 0 ||
        down->integer > 1 ||
        !take_vote(reply->element[1], reply->element[2], &vote)) {
        return wire_refuse(expected, reply, fact);
    }
    fact->event.type = EV_ASK_REPLY;
    fact->event.group = expected->group;
    fact->event.ask_reply.down = down->integer == 1;
    fact->event.ask_reply.vote = vote;
    return WIRE_FACT;
}

/* The value beside a name in a flat list; NULL when it is not there or not a
 * string. Only the first counts. */
static const struct redisReply *find_value(const struct redisReply *reply,
                                           const char *name)
{
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        if (wire_reply_is_text(reply->element[i], name)) {
            const struct redisReply *value = reply->element[i + 1];
            return value->type == REDIS_REPLY_STRING ? value : NULL;
        }
    }
    return NULL;
}

/* Is `word` one of the words between commas? */
static bool has_flag(const struct redisReply *flags, const char *word)
{
    size_t start = 0;
    size_t length = strlen(word);
    for (size_t i = 0; i <= flags->len; i++) {
        if (i < flags->len && flags->str[i] != ',') {
            continue;
        }
        if (i - start == length &&
            memcmp(flags->str + start, word, length) == 0) {
            return true;
        }
        start = i + 1;
    }
    return false;
}

/* Only our own kind tells it, so that it is missing proves nothing. */
static void take_lineage(const struct redisReply *reply,
                         struct core_event *event)
{
    const struct redisReply *text = find_value(reply, "replication-histories");
    const struct redisReply *epoch =
        find_value(reply, "replication-histories-epoch");
    if (text != NULL && epoch != NULL &&
        parse_unsigned(epoch->str, epoch->len, EPOCH_MAX,
                       &event->view.lineage_epoch)) {
        (void)lineage_parse(text->str, text->len, event->view.lineage);
    }
}

/* "7 10.0.0.3 6379": the newest configuration that it was asked to keep, by
 * which we know our own kind, too. */
static void take_accepted(const struct redisReply *reply,
                          struct core_event *event)
{
    const struct redisReply *text = find_value(reply, "accepted-configuration");
    struct configuration told = {0};
    uint64_t port;
    if (text == NULL) {
        return;
    }
    const char *end = text->str + text->len;
    const char *host = memchr(text->str, ' ', text->len);
    const char *last =
        host == NULL ? NULL : memchr(host + 1, ' ', (size_t)(end - host - 1));
    if (last == NULL ||
        !parse_host(host + 1, (size_t)(last - host - 1), told.master.host) ||
        !parse_unsigned(text->str, (size_t)(host - text->str), EPOCH_MAX,
                        &told.epoch) ||
        !parse_unsigned(last + 1, (size_t)(end - last - 1), UINT16_MAX,
                        &port) ||
        port == 0) {
        return;
    }
    told.master.port = (uint16_t)port;
    event->view.accepted = told;
    event->view.is_ours = true;
}

/* The flag goes when the new master is told, the state when the last replica
 * has been moved. */
static bool tells_failover(const struct redisReply *reply,
                           const struct redisReply *flags)
{
    static const char none[] = "none";
    const struct redisReply *state = find_value(reply, "failover-state");
    return has_flag(flags, "failover_in_progress") ||
           (state != NULL && (state->len != sizeof none - 1 ||
                              memcmp(state->str, none, state->len) != 0));
}

static bool take_view(const struct redisReply *reply, struct core_event *event)
{
    const struct redisReply *ip = find_value(reply, "ip");
    const struct redisReply *port = find_value(reply, "port");
    const struct redisReply *epoch = find_value(reply, "config-epoch");
    const struct redisReply *flags = find_value(reply, "flags");
    struct address *master = &event->view.master;
    uint64_t number;
    if (ip == NULL || port == NULL || epoch == NULL || flags == NULL ||
        !parse_host(ip->str, ip->len, master->host) ||
        !parse_unsigned(port->str, port->len, UINT16_MAX, &number) ||
        number == 0) {
        return false;
    }
    master->port = (uint16_t)number;
    event->view.failover_in_progress = tells_failover(reply, flags);
    take_lineage(reply, event);
    take_accepted(reply, event);
    event->view.process_gone = find_value(reply, "process-gone-time") != NULL;
    const struct redisReply *only = find_value(reply, "only-process-met");
    if (only != NULL) {
        (void)take_word(only, event->view.only_process, RUN_ID_SIZE);
    }
    return parse_unsigned(epoch->str, epoch->len, EPOCH_MAX,
                          &event->view.config_epoch);
}

enum wire_result wire_on_view(const struct expected *expected,
                              const struct redisReply *reply,
                              struct wire_fact *fact)
{
    struct core_event view = fact->event;
    view.type = EV_VIEW;
    view.group = expected->group;
    if (reply->type != REDIS_REPLY_ARRAY || !take_view(reply, &view)) {
        return wire_refuse(expected, reply, fact);
    }
    fact->event = view;
    return WIRE_FACT;
}
