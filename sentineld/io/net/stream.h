/* The bytes of one connection: what is different between plain TCP and TLS.
 * Used by conn.c, listen.c and tls_session.c only.
 *
 * Nothing here blocks and nothing knows the loop: each call tries once and
 * says whether it is done, what it waits for, or that the stream is broken
 * (and then why: stream->failure). */
#ifndef SENTINELD_IO_STREAM_H
#define SENTINELD_IO_STREAM_H

#include <sys/socket.h>

#include "sentineld/core.h"
#include "sentineld/types.h"

enum stream_result {
    STREAM_DONE,
    STREAM_WANTS_READ,
    STREAM_WANTS_WRITE,
    STREAM_FAILED,
};

struct tls_session;

struct stream {
    int descriptor;            /* -1: none */
    enum link_failure failure; /* meaningful after STREAM_FAILED */
    bool is_connected;         /* as far as TCP is concerned */
    struct tls_session *tls;   /* owned; NULL: plain */
    struct sockaddr_storage peer;
    socklen_t peer_size; /* 0: unknown */
};

/* Starts to connect, from `source` unless that is NULL; stream_handshake then
 * says how it goes. */
enum stream_result stream_connect(struct stream *stream, const char *ip,
                                  uint16_t port, const char *source);
/* Takes over an accepted descriptor. */
void stream_accepted(struct stream *stream, int descriptor);
/* From here on the bytes go through TLS; before the first stream_handshake.
 * Takes the session over. */
void stream_secure(struct stream *stream, struct tls_session *tls);
/* Until it is done nothing else may be asked but stream_close. */
enum stream_result stream_handshake(struct stream *stream);
/* DONE: *count bytes arrived, at least one. The end of the other side's data
 * is a failure, CLOSED. */
enum stream_result stream_recv(struct stream *stream, char *data, size_t size,
                               size_t *count);
/* DONE: *count bytes left, perhaps fewer than length. */
enum stream_result stream_send(struct stream *stream, const char *data,
                               size_t length, size_t *count);
/* Bytes have arrived that the kernel will not report again. */
bool stream_has_pending(const struct stream *stream);
/* Tells the other side that we shall send no more. */
enum stream_result stream_shutdown(struct stream *stream);
void stream_close(struct stream *stream); /* at once; may be called twice */
/* After stream_close, when the reason is not asked for any more. */
void stream_clear(struct stream *stream);
/* Why TLS failed, as the end of a sentence about the other side; "" when it
 * did not. */
const char *stream_reason(const struct stream *stream);

bool stream_local_ip(const struct stream *stream, char ip[HOST_SIZE]);
bool stream_local_text(const struct stream *stream, char text[HOST_SIZE]);
/* Did it come by a path of this machine? */
bool stream_is_local(const struct stream *stream);
bool stream_peer_ip(const struct stream *stream, char ip[HOST_SIZE]);
bool stream_peer_text(const struct stream *stream, char text[HOST_SIZE]);

/* The kernel asks after so many seconds of silence, and three times more; 0:
 * it does not ask. */
void stream_keep_alive(int descriptor, uint32_t idle_s);

/* O_NONBLOCK and FD_CLOEXEC. */
bool stream_prepare_descriptor(int descriptor);

/* What lies below TLS, for tls_session.c: like stream_recv and stream_send. */
enum stream_result stream_recv_plain(struct stream *stream, char *data,
                                     size_t size, size_t *count);
enum stream_result stream_send_plain(struct stream *stream, const char *data,
                                     size_t length, size_t *count);

/* tls_session.c: the same operations through TLS. */
enum stream_result tls_session_handshake(struct tls_session *session,
                                         struct stream *stream);
enum stream_result tls_session_recv(struct tls_session *session,
                                    struct stream *stream, char *data,
                                    size_t size, size_t *count);
enum stream_result tls_session_send(struct tls_session *session,
                                    struct stream *stream, const char *data,
                                    size_t length, size_t *count);
bool tls_session_has_pending(const struct tls_session *session);
enum stream_result tls_session_shutdown(struct tls_session *session,
                                        struct stream *stream);
/* Says goodbye if that is possible at once; the reason stays. */
void tls_session_close(struct tls_session *session, struct stream *stream);
const char *tls_session_reason(const struct tls_session *session);

#endif
