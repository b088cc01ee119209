/* Listening sockets: accepts what comes and hands the descriptors over.
 *
 * When the process has no descriptor left, accept fails although connections
 * wait, and the kernel would report that again at once and for ever; so the
 * listener sleeps a moment instead of spinning. What it does not do: counting
 * or refusing clients (their owner). */
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/net/conn.h"
#include "io/net/stream.h"
#include "sentineld/memory.h"

/* More connections than this wait for the next loop iteration, so that a
 * storm of clients does not starve the links. */
enum { ACCEPTS_PER_TURN = 64 };
enum { BACKLOG = 511 };
/* Of a path, unless told: its owner and his group. */
enum { PATH_MODE = 0770 };
#define SLEEP_WITHOUT_DESCRIPTORS_S 0.1

struct listener {
    struct ev_loop *loop;
    ev_io io;
    ev_timer wake; /* runs while the listener sleeps */
    int descriptor;
    void (*on_accept)(int descriptor, void *context);
    void *context;
};

static void sleep_a_moment(struct listener *listener)
{
    log_limited(LEVEL_WARNING, "accept",
                "Cannot accept connections: %s. Raise the limit of open files "
                "or lower max_clients.",
                strerror(errno));
    ev_io_stop(listener->loop, &listener->io);
    ev_timer_set(&listener->wake, SLEEP_WITHOUT_DESCRIPTORS_S, 0.);
    ev_timer_start(listener->loop, &listener->wake);
}

static bool is_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS ||
           number == ENOMEM;
}

/* False when nothing more can be accepted now. */
static bool accept_one(struct listener *listener)
{
    int descriptor = accept(listener->descriptor, NULL, NULL);
    if (descriptor >= 0) {
        if (stream_prepare_descriptor(descriptor)) {
            listener->on_accept(descriptor, listener->context);
        } else {
            (void)close(descriptor);
        }
        return true;
    }
    if (is_shortage(errno)) {
        sleep_a_moment(listener);
    }
    /* Or there is none, or it is gone; for others the loop comes again. */
    return false;
}

static void on_readable(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    (void)events;
    struct listener *listener = watcher->data;
    for (int i = 0; i < ACCEPTS_PER_TURN && accept_one(listener); i++) {
    }
}

static void on_wake(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)events;
    struct listener *listener = watcher->data;
    ev_io_start(loop, &listener->io);
}

static bool prepare_socket(int descriptor, const struct addrinfo *address)
{
    int on = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) !=
        0) {
        return false;
    }
    /* "::*" beside "*" must not collide with it. */
    if (address->ai_family == AF_INET6 &&
        setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) !=
            0) {
        return false;
    }
    return bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 &&
           listen(descriptor, BACKLOG) == 0;
}

/* -1 and errno when it cannot. */
static int open_listening(const struct addrinfo *address)
{
    int descriptor =
        socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
               IPPROTO_TCP);
    if (descriptor < 0) {
        return -1;
    }
    if (!prepare_socket(descriptor, address)) {
        int number = errno;
        (void)close(descriptor);
        errno = number;
        return -1;
    }
    return descriptor;
}

/* A name may have several addresses: the first that works is taken. */
static int open_first(const struct addrinfo *found)
{
    int descriptor = -1;
    while (found != NULL && descriptor < 0) {
        descriptor = open_listening(found);
        found = found->ai_next;
    }
    return descriptor;
}

static struct addrinfo *find_addresses(const char *ip, uint16_t port,
                                       struct error *error)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    const char *host = ip;
    if (strcmp(ip, "*") == 0 || strcmp(ip, "::*") == 0) {
        hints.ai_family = ip[0] == '*' ? AF_INET : AF_INET6;
        host = NULL;
    }
    struct addrinfo *found = NULL;
    char service[8];
    (void)snprintf(service, sizeof(service), "%u", (unsigned)port);
    int result = getaddrinfo(host, service, &hints, &found);
    if (result != 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot listen on '%s': %s", ip, gai_strerror(result));
        return NULL;
    }
    return found;
}

static struct listener *start(struct ev_loop *loop, int descriptor)
{
    struct listener *listener = xcalloc(1, sizeof(*listener));
    listener->loop = loop;
    listener->descriptor = descriptor;
    ev_io_init(&listener->io, on_readable, descriptor, EV_READ);
    ev_init(&listener->wake, on_wake);
    listener->io.data = listener;
    listener->wake.data = listener;
    ev_io_start(loop, &listener->io);
    return listener;
}

struct listener *conn_listen(struct ev_loop *loop, const char *ip,
                             uint16_t port,
                             void (*on_accept)(int descriptor, void *context),
                             void *context, struct error *error)
{
    struct addrinfo *found = find_addresses(ip, port, error);
    if (found == NULL) {
        return NULL;
    }
    int descriptor = open_first(found);
    int number = errno;
    freeaddrinfo(found);
    if (descriptor < 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot listen on %s port %u: %s", ip, (unsigned)port,
                       strerror(number));
        return NULL;
    }
    struct listener *listener = start(loop, descriptor);
    listener->on_accept = on_accept;
    listener->context = context;
    return listener;
}

/* -1 and errno when it cannot. What an earlier run left behind is replaced;
 * a file that is no socket is not. */
static int open_path(const struct sockaddr_un *address, unsigned mode)
{
    struct stat status;
    int descriptor =
        socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -1;
    }
    if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        (void)unlink(address->sun_path); /* bind says when it is still there */
    }
    /* The path has the mode of the socket, less the umask, from the start; so
     * nobody comes in before it has all of it. */
    if (fchmod(descriptor, (mode_t)mode) != 0 ||
        bind(descriptor, (const struct sockaddr *)address, sizeof(*address)) !=
            0 ||
        chmod(address->sun_path, (mode_t)mode) != 0 ||
        listen(descriptor, BACKLOG) != 0) {
        int number = errno;
        (void)close(descriptor);
        errno = number;
        return -1;
    }
    return descriptor;
}

struct listener *
conn_listen_path(struct ev_loop *loop, const char *path, unsigned mode,
                 void (*on_accept)(int descriptor, void *context),
                 void *context, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = -1;
    errno = ENAMETOOLONG;
    if (strlen(path) < sizeof(address.sun_path)) {
        copy_text(address.sun_path, sizeof(address.sun_path), path);
        descriptor = open_path(&address, mode == 0 ? PATH_MODE : mode);
    }
    if (descriptor < 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot listen on %.300s: %s", path, strerror(errno));
        return NULL;
    }
    struct listener *listener = start(loop, descriptor);
    listener->on_accept = on_accept;
    listener->context = context;
    return listener;
}

void conn_listener_set_backlog(struct listener *listener, uint32_t backlog)
{
    /* A listening socket takes another length; the kernel has the last word. */
    (void)listen(listener->descriptor, (int)backlog);
}

uint16_t conn_listener_port(const struct listener *listener)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    int result =
        getsockname(listener->descriptor, (struct sockaddr *)&address, &size);
    assert(result == 0);
    if (address.ss_family == AF_INET6) {
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    }
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

void conn_listener_free(struct listener *listener)
{
    if (listener == NULL) {
        return;
    }
    ev_io_stop(listener->loop, &listener->io);
    ev_timer_stop(listener->loop, &listener->wake);
    (void)close(listener->descriptor);
    free(listener);
}
