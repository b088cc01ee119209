/* TCP, and TLS over it, one attempt at a time.
 *
 * Every system call that a connection makes is here, and so is the
 * translation of errno into the kinds of failure that the core tells apart.
 * With TLS the same operations go through tls_session.c, which comes back
 * here for the plain bytes.
 * What it deliberately does not do: waiting, buffering, calling back (conn.c).
 */
#include "io/net/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/net/tls.h"

/* An idle client whose host vanished is noticed after about ten minutes. */
enum { KEEPALIVE_IDLE_S = 300 };

/* Numeric IPv6 text with a scope ("fe80::1%eth0"). */
enum { IP_TEXT_SIZE = 64 };

/* Numbers that are not listed are our own trouble: no descriptors, no memory,
 * no free port, a firewall of this host. */
static enum link_failure failure_of(int number)
{
    switch (number) {
    case ECONNREFUSED:
        return FAILURE_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case EPIPE:
        return FAILURE_RESET;
    case ETIMEDOUT:
        return FAILURE_TIMED_OUT;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENOPROTOOPT:  /* an ICMP answer, not an option of ours */
    case EAFNOSUPPORT: /* IPv6 is switched off here */
        return FAILURE_UNREACHABLE;
    default:
        return FAILURE_LOCAL;
    }
}

static enum stream_result fail(struct stream *stream, enum link_failure failure)
{
    stream->failure = failure;
    return STREAM_FAILED;
}

/* After a call that returned -1: come again, or broken? */
static enum stream_result wait_or_fail(struct stream *stream,
                                       enum stream_result wanted)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        return wanted;
    }
    return fail(stream, failure_of(errno));
}

bool stream_prepare_descriptor(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags != -1 &&
           fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != -1 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) != -1;
}

void stream_keep_alive(int descriptor, uint32_t idle_s)
{
    int on = idle_s > 0;
    int idle = (int)idle_s;
    int interval = idle > 3 ? idle / 3 : 1;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (on) {
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
                         sizeof(idle));
        (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
                         sizeof(interval));
    }
}

/* Best effort: a stream without these options still works. */
static void set_options(int descriptor)
{
    int on = 1;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    stream_keep_alive(descriptor, KEEPALIVE_IDLE_S);
}

static bool parse_peer(struct stream *stream, const char *ip, uint16_t port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[8];
    (void)snprintf(service, sizeof(service), "%u", (unsigned)port);
    if (getaddrinfo(ip, service, &hints, &found) != 0) {
        return false;
    }
    assert(found->ai_addrlen <= sizeof(stream->peer));
    memcpy(&stream->peer, found->ai_addr, found->ai_addrlen);
    stream->peer_size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static void init(struct stream *stream, int descriptor)
{
    memset(stream, 0, sizeof(*stream));
    stream->descriptor = descriptor;
    stream->failure = FAILURE_NONE;
}

/* The kernel picks the port when it knows where to: else it would be taken
 * for every destination at once. */
static bool bind_source(int descriptor, const char *source)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
#ifdef IP_BIND_ADDRESS_NO_PORT
    int on = 1;
    (void)setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
                     sizeof(on)); /* only to have more ports */
#endif
    if (getaddrinfo(source, NULL, &hints, &found) != 0) {
        return false;
    }
    bool bound = bind(descriptor, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    return bound;
}

enum stream_result stream_connect(struct stream *stream, const char *ip,
                                  uint16_t port, const char *source)
{
    init(stream, -1);
    if (!parse_peer(stream, ip, port)) {
        return fail(stream, FAILURE_UNRESOLVABLE);
    }
    stream->descriptor =
        socket(stream->peer.ss_family,
               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (stream->descriptor < 0) {
        return fail(stream, failure_of(errno));
    }
    set_options(stream->descriptor);
    if (source != NULL && !bind_source(stream->descriptor, source)) {
        return fail(stream, FAILURE_LOCAL);
    }
    const struct sockaddr *peer = (const struct sockaddr *)&stream->peer;
    if (connect(stream->descriptor, peer, stream->peer_size) == 0 ||
        errno == EINPROGRESS || errno == EINTR) {
        return STREAM_WANTS_WRITE;
    }
    return fail(stream, failure_of(errno));
}

void stream_secure(struct stream *stream, struct tls_session *tls)
{
    assert(stream->tls == NULL);
    stream->tls = tls;
}

void stream_accepted(struct stream *stream, int descriptor)
{
    init(stream, descriptor);
    set_options(descriptor);
    stream->peer_size = sizeof(stream->peer);
    if (getpeername(descriptor, (struct sockaddr *)&stream->peer,
                    &stream->peer_size) != 0) {
        stream->peer_size = 0; /* gone already; the first read will say so */
    }
}

/* The kernel may pick, as the local port of a connection to our own host, the
 * very port that we connect to while nobody listens there, and connects the
 * socket to itself. That is a server that is not there. */
static bool is_connected_to_itself(const struct stream *stream)
{
    struct sockaddr_storage local;
    socklen_t size = sizeof(local);
    memset(&local, 0, sizeof(local));
    if (getsockname(stream->descriptor, (struct sockaddr *)&local, &size) !=
        0) {
        return false;
    }
    return size == stream->peer_size &&
           memcmp(&local, &stream->peer, size) == 0;
}

static enum stream_result finish_connecting(struct stream *stream)
{
    int number = 0;
    socklen_t size = sizeof(number);
    if (getsockopt(stream->descriptor, SOL_SOCKET, SO_ERROR, &number, &size) !=
        0) {
        return fail(stream, failure_of(errno));
    }
    if (number != 0) {
        return fail(stream, failure_of(number));
    }
    struct sockaddr_storage peer;
    socklen_t peer_size = sizeof(peer);
    if (getpeername(stream->descriptor, (struct sockaddr *)&peer, &peer_size) !=
        0) {
        return errno == ENOTCONN ? STREAM_WANTS_WRITE
                                 : fail(stream, failure_of(errno));
    }
    if (is_connected_to_itself(stream)) {
        return fail(stream, FAILURE_REFUSED);
    }
    stream->is_connected = true;
    return STREAM_DONE;
}

enum stream_result stream_handshake(struct stream *stream)
{
    if (!stream->is_connected) {
        enum stream_result result = finish_connecting(stream);
        if (result != STREAM_DONE) {
            return result;
        }
    }
    return stream->tls != NULL ? tls_session_handshake(stream->tls, stream)
                               : STREAM_DONE;
}

enum stream_result stream_recv_plain(struct stream *stream, char *data,
                                     size_t size, size_t *count)
{
    ssize_t got = recv(stream->descriptor, data, size, 0);
    if (got > 0) {
        *count = (size_t)got;
        return STREAM_DONE;
    }
    if (got == 0) {
        return fail(stream, FAILURE_CLOSED);
    }
    return wait_or_fail(stream, STREAM_WANTS_READ);
}

enum stream_result stream_recv(struct stream *stream, char *data, size_t size,
                               size_t *count)
{
    return stream->tls != NULL
               ? tls_session_recv(stream->tls, stream, data, size, count)
               : stream_recv_plain(stream, data, size, count);
}

enum stream_result stream_send_plain(struct stream *stream, const char *data,
                                     size_t length, size_t *count)
{
    ssize_t sent = send(stream->descriptor, data, length, MSG_NOSIGNAL);
    if (sent >= 0) {
        *count = (size_t)sent;
        return STREAM_DONE;
    }
    return wait_or_fail(stream, STREAM_WANTS_WRITE);
}

enum stream_result stream_send(struct stream *stream, const char *data,
                               size_t length, size_t *count)
{
    return stream->tls != NULL
               ? tls_session_send(stream->tls, stream, data, length, count)
               : stream_send_plain(stream, data, length, count);
}

bool stream_has_pending(const struct stream *stream)
{
    return stream->tls != NULL && tls_session_has_pending(stream->tls);
}

enum stream_result stream_shutdown(struct stream *stream)
{
    if (stream->tls != NULL) {
        enum stream_result result = tls_session_shutdown(stream->tls, stream);
        if (result != STREAM_DONE) {
            return result;
        }
    }
    if (shutdown(stream->descriptor, SHUT_WR) == 0) {
        return STREAM_DONE;
    }
    return fail(stream, failure_of(errno));
}

void stream_close(struct stream *stream)
{
    if (stream->tls != NULL) {
        tls_session_close(stream->tls, stream);
    }
    if (stream->descriptor >= 0) {
        (void)close(stream->descriptor); /* nothing left that could be lost */
        stream->descriptor = -1;
    }
}

void stream_clear(struct stream *stream)
{
    tls_session_free(stream->tls);
    stream->tls = NULL;
}

const char *stream_reason(const struct stream *stream)
{
    return stream->tls != NULL ? tls_session_reason(stream->tls) : "";
}

static bool format_ip(const struct sockaddr_storage *address, socklen_t size,
                      char ip[IP_TEXT_SIZE], char port[8])
{
    return getnameinfo((const struct sockaddr *)address, size, ip, IP_TEXT_SIZE,
                       port, 8, NI_NUMERICHOST | NI_NUMERICSERV) == 0;
}

/* "ip:port"; brackets around an IPv6 address. */
static bool format_text(const struct sockaddr_storage *address, socklen_t size,
                        char text[HOST_SIZE])
{
    char ip[IP_TEXT_SIZE];
    char port[8];
    if (!format_ip(address, size, ip, port)) {
        return false;
    }
    bool is_ipv6 = address->ss_family == AF_INET6;
    (void)snprintf(text, HOST_SIZE, is_ipv6 ? "[%s]:%s" : "%s:%s", ip, port);
    return true;
}

static bool get_local(const struct stream *stream,
                      struct sockaddr_storage *local, socklen_t *size)
{
    *size = sizeof(*local);
    return stream->descriptor >= 0 &&
           getsockname(stream->descriptor, (struct sockaddr *)local, size) == 0;
}

bool stream_local_ip(const struct stream *stream, char ip[HOST_SIZE])
{
    struct sockaddr_storage local;
    socklen_t size;
    char text[IP_TEXT_SIZE];
    char port[8];
    if (!get_local(stream, &local, &size) ||
        !format_ip(&local, size, text, port)) {
        return false;
    }
    (void)snprintf(ip, HOST_SIZE, "%s", text);
    return true;
}

bool stream_local_text(const struct stream *stream, char text[HOST_SIZE])
{
    struct sockaddr_storage local;
    socklen_t size;
    return get_local(stream, &local, &size) && format_text(&local, size, text);
}

bool stream_is_local(const struct stream *stream)
{
    return stream->peer_size != 0 && stream->peer.ss_family == AF_UNIX;
}

bool stream_peer_ip(const struct stream *stream, char ip[HOST_SIZE])
{
    char text[IP_TEXT_SIZE];
    char port[8];
    if (stream->peer_size == 0 ||
        !format_ip(&stream->peer, stream->peer_size, text, port)) {
        return false;
    }
    (void)snprintf(ip, HOST_SIZE, "%s", text);
    return true;
}

bool stream_peer_text(const struct stream *stream, char text[HOST_SIZE])
{
    return stream->peer_size != 0 &&
           format_text(&stream->peer, stream->peer_size, text);
}
