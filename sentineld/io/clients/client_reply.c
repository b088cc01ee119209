/* The replies of one client, in the order of its requests.
 *
 * RESP pairs replies with requests by order alone. So a request that waits
 * for the core keeps its place in a queue, and what is answered meanwhile
 * lines up behind it. Only the front of the queue leaves, and only once it
 * is answered. In the ordinary case nothing waits, and the queue is one
 * entry that leaves at once.
 *
 * It writes to no socket and knows no RESP. */
#include "io/clients/client_reply.h"

#include <assert.h>
#include <stdlib.h>

#include "sentineld/memory.h"

struct client_reply {
    TAILQ_ENTRY(client_reply) entry;
    uint64_t token; /* 0: was answered at once */
    bool answered;
    struct buffer text;
};

static struct client_reply *add_reply(struct client_replies *replies,
                                      uint64_t token)
{
    struct client_reply *reply = xcalloc(1, sizeof(*reply));
    reply->token = token;
    reply->answered = token == 0;
    buffer_init(&reply->text, SIZE_MAX); /* the limit is that of the queue */
    TAILQ_INSERT_TAIL(&replies->list, reply, entry);
    return reply;
}

static void drop_reply(struct client_replies *replies,
                       struct client_reply *reply)
{
    TAILQ_REMOVE(&replies->list, reply, entry);
    replies->length -= reply->text.length;
    buffer_clear(&reply->text);
    free(reply);
}

static bool append_text(struct client_replies *replies,
                        struct client_reply *reply, const char *data,
                        size_t length)
{
    if (length > replies->maximum - replies->length) {
        return false;
    }
    replies->length += length;
    return buffer_append(&reply->text, data, length);
}

void client_reply_init(struct client_replies *replies, uint64_t maximum)
{
    *replies = (struct client_replies){.maximum = maximum};
    TAILQ_INIT(&replies->list);
}

void client_reply_clear(struct client_replies *replies)
{
    struct client_reply *reply;
    while ((reply = TAILQ_FIRST(&replies->list)) != NULL) {
        drop_reply(replies, reply);
    }
    replies->waiting = 0;
}

bool client_reply_append(struct client_replies *replies, const char *data,
                         size_t length)
{
    if (length == 0) {
        return true;
    }
    struct client_reply *last = TAILQ_LAST(&replies->list, client_reply_list);
    if (last == NULL || last->token != 0) {
        last = add_reply(replies, 0);
    }
    return append_text(replies, last, data, length);
}

void client_reply_expect(struct client_replies *replies, uint64_t token)
{
    assert(token != 0);
    (void)add_reply(replies, token);
    replies->waiting++;
}

bool client_reply_fill(struct client_replies *replies, uint64_t token,
                       const char *data, size_t length)
{
    struct client_reply *reply;
    TAILQ_FOREACH (reply, &replies->list, entry) {
        if (reply->token == token && !reply->answered) {
            reply->answered = true;
            replies->waiting--;
            return append_text(replies, reply, data, length);
        }
    }
    return false;
}

const struct buffer *client_reply_front(const struct client_replies *replies)
{
    const struct client_reply *first = TAILQ_FIRST(&replies->list);
    if (first == NULL || !first->answered) {
        return NULL;
    }
    return &first->text;
}

void client_reply_shift(struct client_replies *replies)
{
    struct client_reply *first = TAILQ_FIRST(&replies->list);
    assert(first != NULL && first->answered);
    drop_reply(replies, first);
}
