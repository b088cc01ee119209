/* The bytes of one connection: what is different between plain TCP and TLS.
 * Used by conn.c and listen.c only.
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

struct stream {
    int descriptor;            /* -1: none */
    enum link_failure failure; /* meaningful after STREAM_FAILED */
    struct sockaddr_storage peer;
    socklen_t peer_size; /* 0: unknown */
};

/* Starts to connect; stream_handshake then says how it goes. */
enum stream_result stream_connect(struct stream *stream, const char *ip,
                                  uint16_t port);
/* Takes over an accepted descriptor. */
void stream_accepted(struct stream *stream, int descriptor);
/* Until it is done nothing else may be asked but stream_close. */
enum stream_result stream_handshake(struct stream *stream);
/* DONE: *count bytes arrived, at least one. The end of the other side's data
 * is a failure, CLOSED. */
enum stream_result stream_recv(struct stream *stream, char *data, size_t size,
                               size_t *count);
/* DONE: *count bytes left, perhaps fewer than length. */
enum stream_result stream_send(struct stream *stream, const char *data,
                               size_t length, size_t *count);
/* Tells the other side that we shall send no more. */
enum stream_result stream_shutdown(struct stream *stream);
void stream_close(struct stream *stream); /* at once; may be called twice */

bool stream_local_ip(const struct stream *stream, char ip[HOST_SIZE]);
bool stream_local_text(const struct stream *stream, char text[HOST_SIZE]);
bool stream_peer_ip(const struct stream *stream, char ip[HOST_SIZE]);
bool stream_peer_text(const struct stream *stream, char text[HOST_SIZE]);

/* O_NONBLOCK and FD_CLOEXEC. */
bool stream_prepare_descriptor(int descriptor);

#endif
