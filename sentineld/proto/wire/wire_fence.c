/* What a server demands of its replicas: min-replicas-to-write and
 * min-replicas-max-lag, read and set.
 *
 * Their older names are used, which every version knows, and one CONFIG SET
 * for each, because several at once are an error before 7.0; the transaction
 * makes them one change. */
#include <hiredis/hiredis.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/wire_private.h"
#include "sentineld/info.h"

static const char replicas_name[] = "min-slaves-to-write";
static const char max_lag_name[] = "min-slaves-max-lag";

void wire_encode_fence_read(const struct wire *wire, struct buffer *out)
{
    const char *command[] = {"CONFIG", "GET", "min-slaves-*"};
    wire_put(wire, 3, command, out);
}

static void send_set(struct wire *wire, const struct core_action *action,
                     const char *name, struct buffer *out)
{
    const struct min_replicas *min_replicas = &action->fence.min_replicas;
    char value[16];
    (void)snprintf(value, sizeof value, "%" PRIu32,
                   name == max_lag_name ? min_replicas->max_lag_s
                                        : min_replicas->replicas);
    const char *command[] = {"CONFIG", "SET", name, value};
    wire_put(wire, 4, command, out);
    wire_expect(wire, SENT_CONFIG_SET, action);
}

void wire_encode_fence(struct wire *wire, const struct core_action *action,
                       struct buffer *out)
{
    wire_send_fixed(wire, SENT_MULTI, action, out);
    send_set(wire, action, max_lag_name, out);
    send_set(wire, action, replicas_name, out);
    if (!action->fence.bare) {
        wire_send_fixed(wire, SENT_REWRITE, action, out);
    }
    wire_send_fixed(wire, SENT_EXEC, action, out);
}

/* The value behind that name, in a list of names and values. */
static bool find_number(const struct redisReply *reply, const char *name,
                        uint32_t *number)
{
    uint64_t value;
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        const struct redisReply *text = reply->element[i + 1];
        if (wire_reply_is_text(reply->element[i], name) &&
            text->type == REDIS_REPLY_STRING &&
            parse_unsigned(text->str, text->len, UINT32_MAX, &value)) {
            *number = (uint32_t)value;
            return true;
        }
    }
    return false;
}

enum wire_result wire_on_min_replicas(const struct expected *expected,
                                      const struct redisReply *reply,
                                      struct wire_fact *fact)
{
    struct min_replicas min_replicas;
    if (reply->type != REDIS_REPLY_ARRAY ||
        !find_number(reply, replicas_name, &min_replicas.replicas) ||
        !find_number(reply, max_lag_name, &min_replicas.max_lag_s)) {
        return wire_refuse(expected, reply, fact);
    }
    fact->event.type = EV_MIN_REPLICAS;
    fact->event.group = expected->group;
    fact->event.min_replicas = min_replicas;
    return WIRE_FACT;
}
