/* The replies of one client, in the order of its requests, although some of
 * them wait for the core while later ones are there at once. */
#ifndef SENTINELD_CLIENT_REPLY_H
#define SENTINELD_CLIENT_REPLY_H

#include <sys/queue.h>

#include "sentineld/buffer.h"
#include "sentineld/types.h"

struct client_reply;
TAILQ_HEAD(client_reply_list, client_reply);

struct client_replies {
    struct client_reply_list list;
    size_t waiting;   /* slots whose reply is not there yet */
    uint64_t length;  /* bytes of all replies in the list */
    uint64_t maximum; /* ... and how many there may be */
};

void client_reply_init(struct client_replies *replies, uint64_t maximum);
void client_reply_clear(struct client_replies *replies);

/* A request was answered at once. False when too much would wait. */
bool client_reply_append(struct client_replies *replies, const char *data,
                         size_t length);
/* A request waits for the core; its reply will be named by the token. */
void client_reply_expect(struct client_replies *replies, uint64_t token);
/* The reply of a waiting request. False when no slot has that token, or too
 * much would wait. */
bool client_reply_fill(struct client_replies *replies, uint64_t token,
                       const char *data, size_t length);
/* The next bytes that may leave, or NULL when there are none now. They stay
 * valid until client_reply_shift, which drops them. */
const struct buffer *client_reply_front(const struct client_replies *replies);
void client_reply_shift(struct client_replies *replies);

#endif
