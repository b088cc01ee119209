/* One byte stream: connect, accept, read, write, close; plain, or by TLS,
 * which nobody but conn_secure's caller notices.
 *
 * Nothing happens inside the calls: every callback comes from the loop. A
 * conn that was handed out gets on_open once it can be used (accepted ones
 * too), then on_data, and exactly one on_close, after which it is gone.
 * conn_close by its owner also ends in on_close (failure NONE), at the end of
 * the running loop iteration; nothing else is reported in between. */
#ifndef SENTINELD_CONN_H
#define SENTINELD_CONN_H

#include <ev.h>

#include "sentineld/core.h"
#include "sentineld/types.h"

struct conn;
struct tls_session;

struct conn_owner {
    void (*on_open)(struct conn *conn, void *context); /* may be NULL */
    /* Bytes arrived; borrowed for the call. */
    void (*on_data)(struct conn *conn, const char *data, size_t length,
                    void *context);
    void (*on_close)(struct conn *conn, enum link_failure failure,
                     void *context);
    /* Some of what was queued has left; may be NULL. */
    void (*on_sent)(struct conn *conn, void *context);
};

struct conn_target {
    const char *ip; /* numeric */
    uint16_t port;
    const char *source; /* ip of ours to connect from, of the same kind; NULL =
                           the system chooses */
    msec timeout_ms;    /* not open after this: TIMED_OUT */
};
/* Never NULL: what fails at once is reported by on_close from the loop,
 * later; that `source` is no address of ours as LOCAL. */
struct conn *conn_connect(struct ev_loop *loop,
                          const struct conn_target *target,
                          const struct conn_owner *owner, void *context);
/* Takes over an accepted, non-blocking descriptor. */
struct conn *conn_accepted(struct ev_loop *loop, int descriptor,
                           const struct conn_owner *owner, void *context);
/* What goes over it is to be TLS. At once after one of the two above; takes
 * the session over. An accepted conn that is not open after
 * CONN_HANDSHAKE_MS is TIMED_OUT. */
void conn_secure(struct conn *conn, struct tls_session *session);
/* Why TLS failed, as the end of a sentence about the other side ("its
 * certificate ..."); until on_close is over; "" when it did not. */
const char *conn_reason(const struct conn *conn);
/* Queues bytes; they leave, joined, at the end of this loop iteration, or
 * after on_open. False when more than `limit` bytes would wait unsent
 * (nothing is queued then). On a conn whose on_close is already due the
 * bytes are dropped and the answer is true. */
bool conn_write(struct conn *conn, const char *data, size_t length,
                size_t limit);
size_t conn_unsent(const struct conn *conn);
void conn_pause_reading(struct conn *conn, bool paused);
/* So many bytes are taken from the kernel at once; at most, and unless told,
 * CONN_READ_BYTES. */
void conn_limit_reading(struct conn *conn, size_t bytes);
void conn_close(struct conn *conn); /* drops what is unsent */
/* Sends what is queued, tells the other side that this was all, and waits a
 * little for it to close, so that it can read our last words. Nothing that
 * arrives meanwhile is reported; a side that does not read is cut off after
 * CONN_LINGER_MS. */
void conn_close_after_write(struct conn *conn);
bool conn_local_ip(const struct conn *conn, char ip[HOST_SIZE]);
/* "ip:port", "[ip]:port" for IPv6; of the other side, or of ours, until
 * on_close is over. False when the kernel could not say. */
bool conn_peer_text(const struct conn *conn, char text[HOST_SIZE]);
bool conn_local_text(const struct conn *conn, char text[HOST_SIZE]);
bool conn_peer_ip(const struct conn *conn, char ip[HOST_SIZE]);
/* Did it come by a path of this machine? */
bool conn_is_local(const struct conn *conn);

enum {
    CONN_LINGER_MS = 2000,
    CONN_HANDSHAKE_MS = 10000,
    CONN_READ_BYTES = 64 * 1024,
};

/* A listening socket; on_accept gets a non-blocking descriptor that it must
 * hand to conn_accepted or close. `ip` is an address, "*" (any IPv4), "::*"
 * (any IPv6) or a host name; a name is looked up at once, blocking, so call
 * this at start only. Port 0 lets the kernel choose. */
struct listener;
struct listener *conn_listen(struct ev_loop *loop, const char *ip,
                             uint16_t port,
                             void (*on_accept)(int descriptor, void *context),
                             void *context, struct error *error);
/* The same on a path of this machine; `mode` is the socket's permissions, 0
 * stands for 0770. Who frees the listener removes the path. */
struct listener *
conn_listen_path(struct ev_loop *loop, const char *path, unsigned mode,
                 void (*on_accept)(int descriptor, void *context),
                 void *context, struct error *error);
/* How many connections may wait to be accepted, 511 unless told. */
void conn_listener_set_backlog(struct listener *listener, uint32_t backlog);
uint16_t conn_listener_port(const struct listener *listener);
void conn_listener_free(struct listener *listener);

#endif
