/* One byte stream: connect, accept, read, write, close. Plain now; TLS goes
 * behind the same four functions (recv, send, handshake, shutdown).
 *
 * Closing is deferred to the end of the callback, and on_close is called
 * exactly once for each conn that was handed out; after it the conn is gone.
 * conn_close by its owner also ends in on_close (failure NONE). */
#ifndef SENTINELD_CONN_H
#define SENTINELD_CONN_H

#include <ev.h>

#include "sentineld/core.h"
#include "sentineld/types.h"

struct conn;

struct conn_owner {
    void (*on_open)(struct conn *conn, void *context);
    /* Bytes arrived; borrowed for the call. */
    void (*on_data)(struct conn *conn, const char *data, size_t length,
                    void *context);
    void (*on_close)(struct conn *conn, enum link_failure failure,
                     void *context);
};

/* Numeric ip and port. Never NULL: what fails at once is reported by
 * on_close from the loop, later. */
struct conn *conn_connect(struct ev_loop *loop, const char *ip, uint16_t port,
                          msec timeout_ms, const struct conn_owner *owner,
                          void *context);
/* Takes over an accepted, non-blocking descriptor. */
struct conn *conn_accepted(struct ev_loop *loop, int descriptor,
                           const struct conn_owner *owner, void *context);
/* Queues bytes; they leave when the loop turns. False when more than
 * `limit` bytes would wait unsent (nothing is queued then). */
bool conn_write(struct conn *conn, const char *data, size_t length,
                size_t limit);
size_t conn_unsent(const struct conn *conn);
void conn_pause_reading(struct conn *conn, bool paused);
void conn_close(struct conn *conn);             /* drops what is unsent */
void conn_close_after_write(struct conn *conn); /* sends it first */
bool conn_local_ip(const struct conn *conn, char ip[HOST_SIZE]);
bool conn_peer_text(const struct conn *conn,
                    char text[HOST_SIZE]); /* ip:port */

/* A listening socket; on_accept gets a non-blocking descriptor that it must
 * hand to conn_accepted or close. */
struct listener;
struct listener *conn_listen(struct ev_loop *loop, const char *ip,
                             uint16_t port,
                             void (*on_accept)(int descriptor, void *context),
                             void *context, struct error *error);
void conn_listener_free(struct listener *listener);

#endif
