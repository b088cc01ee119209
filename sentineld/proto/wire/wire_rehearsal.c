/* A failover's orders, rehearsed: would this server take them from us?
 *
 * In a transaction a server checks each command - does it know it, may this
 * user run it - and only then puts it aside. A command with a word too many
 * makes it throw all of them away at EXEC, so nothing is ever done, and no
 * right is needed beyond those of the orders themselves. That it does so is
 * tried first, with nothing else inside. The orders are such that they would
 * change nothing even if they ran: SLAVEOF to where it follows now, a pause of
 * no time, and clients of a type that there is not. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/wire/wire_private.h"

static void send(struct wire *wire, enum sent_command command,
                 const struct core_action *action, size_t count,
                 const char *const *words, struct buffer *out)
{
    wire_put(wire, count, words, out);
    wire_expect(wire, command, action);
}

static void send_orders(struct wire *wire, const struct core_action *action,
                        struct buffer *out)
{
    const struct address *master = &action->rehearsal.master;
    bool follows = master->host[0] != '\0';
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)master->port);
    const char *slaveof[] = {"SLAVEOF", follows ? master->host : "NO",
                             follows ? port : "ONE"};
    const char *kill[] = {"CLIENT", "KILL", "TYPE", "none"};
    const char *pause[] = {"CLIENT", "PAUSE", "0", "WRITE"};
    send(wire, SENT_SLAVEOF, action, 3, slaveof, out);
    wire_send_fixed(wire, SENT_REWRITE, action, out);
    send(wire, SENT_KILL_NORMAL, action, 4, kill, out);
    send(wire, SENT_PAUSE, action, 4, pause, out);
}

void wire_encode_rehearsal(struct wire *wire, const struct core_action *action,
                           struct buffer *out)
{
    const char *spoiler[] = {"ROLE", "none"};
    wire_send_fixed(wire, SENT_MULTI, action, out);
    send(wire, SENT_ROLE, action, 2, spoiler, out);
    if (action->rehearsal.what == REHEARSAL_ORDERS) {
        send_orders(wire, action, out);
    }
    wire_send_fixed(wire, SENT_EXEC, action, out);
}

static bool begins_with(const struct redisReply *reply, const char *text)
{
    size_t length = strlen(text);
    return reply->len >= length && strncasecmp(reply->str, text, length) == 0;
}

/* A user without the right, or a command that is renamed or not there. */
static bool is_denial(const struct redisReply *reply)
{
    return wire_reply_is_error(reply) &&
           (begins_with(reply, "NOPERM") || begins_with(reply, "ERR unknown "));
}

static bool is_status(const struct redisReply *reply, const char *text)
{
    return wire_reply_is_status(reply) && begins_with(reply, text);
}

static enum denied denied_by(enum sent_command command)
{
    switch ((int)command) {
    case SENT_SLAVEOF:
        return DENIED_SLAVEOF;
    case SENT_REWRITE:
        return DENIED_REWRITE;
    case SENT_KILL_NORMAL:
        return DENIED_KILL;
    case SENT_PAUSE:
        return DENIED_PAUSE;
    default:
        return DENIED_MULTI;
    }
}

/* What is neither taken nor denied - it is loading, busy, wants a password -
 * says nothing: another time. */
static void judge(struct rehearsed *rehearsed, enum sent_command command,
                  const struct redisReply *reply, const char *expected)
{
    if (is_denial(reply)) {
        rehearsed->refused[denied_by(command)] = true;
    } else if (!is_status(reply, expected)) {
        rehearsed->unclear = true;
    }
}

static enum wire_result finish(const struct wire *wire,
                               const struct expected *expected,
                               struct wire_fact *fact)
{
    const struct rehearsed *rehearsed = &wire->rehearsed;
    if (rehearsed->unclear) {
        return wire_ack(expected, ACK_REFUSED, fact);
    }
    fact->event.type = EV_REHEARSED;
    fact->event.group = expected->group;
    memcpy(fact->event.refused, rehearsed->refused, sizeof rehearsed->refused);
    return WIRE_FACT;
}

enum wire_result wire_on_rehearsal(struct wire *wire,
                                   const struct expected *expected,
                                   const struct redisReply *reply,
                                   struct wire_fact *fact)
{
    struct rehearsed *rehearsed = &wire->rehearsed;
    switch ((int)expected->command) {
    case SENT_MULTI:
        memset(rehearsed, 0, sizeof *rehearsed);
        judge(rehearsed, SENT_MULTI, reply, "OK");
        return WIRE_NOTHING;
    case SENT_ROLE: /* the word too many */
        rehearsed->unclear |= !wire_reply_is_error(reply);
        return WIRE_NOTHING;
    case SENT_EXEC:
        if (!rehearsed->refused[DENIED_MULTI] && is_denial(reply)) {
            rehearsed->refused[DENIED_MULTI] = true;
        } else if (!rehearsed->refused[DENIED_MULTI]) {
            rehearsed->unclear |=
                !wire_reply_is_error(reply) || !begins_with(reply, "EXECABORT");
        }
        return finish(wire, expected, fact);
    default:
        judge(rehearsed, expected->command, reply, "QUEUED");
        return WIRE_NOTHING;
    }
}
