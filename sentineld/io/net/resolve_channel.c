/* c-ares on the loop: its sockets, its timeouts, its answers.
 *
 * c-ares says which sockets it wants watched and when it wants to be called;
 * both are mirrored in libev watchers. It may call back from inside its own
 * functions, so an answer is only noted there, and given to resolve.c at the
 * end of the same loop iteration, from a watcher that is fed and never
 * started. Of several addresses the first is taken. */
#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "io/net/resolve_private.h"
#include "sentineld/memory.h"

enum {
    LIFETIME_MIN_S = 1, /* also for /etc/hosts, which says nothing */
    LIFETIME_MAX_S = 3600,
    QUERY_TIMEOUT_MS = 1000, /* of one server; c-ares doubles it */
    QUERY_TRIES = 2,         /* of each server */
};

/* A socket of c-ares. */
struct watch {
    struct resolve_channel *channel;
    ev_io io;
    TAILQ_ENTRY(watch) entry;
};

/* c-ares' timeouts change with everything it does. */
static void arm_timer(struct resolve_channel *channel)
{
    struct timeval wait;
    ev_timer_stop(channel->loop, &channel->timer);
    if (ares_timeout(channel->ares, NULL, &wait) == NULL) {
        return;
    }
    double wait_s = (double)wait.tv_sec + (double)wait.tv_usec / 1e6;
    ev_now_update(channel->loop);
    ev_timer_set(&channel->timer, wait_s, 0.);
    ev_timer_start(channel->loop, &channel->timer);
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    struct resolve_channel *channel = watcher->data;
    ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm_timer(channel);
}

/* The watch may be gone when ares_process_fd returns. */
static void on_socket(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)loop;
    struct watch *watch = watcher->data;
    struct resolve_channel *channel = watch->channel;
    int descriptor = watcher->fd;
    ares_process_fd(channel->ares,
                    (events & EV_READ) != 0 ? descriptor : ARES_SOCKET_BAD,
                    (events & EV_WRITE) != 0 ? descriptor : ARES_SOCKET_BAD);
    arm_timer(channel);
}

static struct watch *obtain_watch(struct resolve_channel *channel,
                                  int descriptor)
{
    struct watch *watch = NULL;
    TAILQ_FOREACH (watch, &channel->watches, entry) {
        if (watch->io.fd == descriptor) {
            return watch;
        }
    }
    watch = xcalloc(1, sizeof(*watch));
    watch->channel = channel;
    ev_io_init(&watch->io, on_socket, descriptor, 0);
    watch->io.data = watch;
    TAILQ_INSERT_TAIL(&channel->watches, watch, entry);
    return watch;
}

/* c-ares says which of its sockets to watch for what; for nothing: it is
 * about to close it. */
static void on_socket_state(void *data, ares_socket_t descriptor, int readable,
                            int writable)
{
    struct resolve_channel *channel = data;
    struct watch *watch = obtain_watch(channel, descriptor);
    int wanted = (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0);
    ev_io_stop(channel->loop, &watch->io);
    if (wanted != 0) {
        ev_io_set(&watch->io, descriptor, wanted);
        ev_io_start(channel->loop, &watch->io);
        return;
    }
    TAILQ_REMOVE(&channel->watches, watch, entry);
    free(watch);
}

static enum outcome outcome_of(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return OUTCOME_FOUND;
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
    case ARES_EBADNAME: /* never a name: too long a label, say */
        return OUTCOME_NONE;
    default:
        return OUTCOME_TROUBLE;
    }
}

static msec lifetime_ms(const struct ares_addrinfo *found)
{
    int lifetime_s = found->nodes->ai_ttl;
    for (const struct ares_addrinfo_cname *alias = found->cnames; alias != NULL;
         alias = alias->next) {
        if (alias->ttl < lifetime_s) {
            lifetime_s = alias->ttl;
        }
    }
    if (lifetime_s < LIFETIME_MIN_S) {
        lifetime_s = LIFETIME_MIN_S;
    } else if (lifetime_s > LIFETIME_MAX_S) {
        lifetime_s = LIFETIME_MAX_S;
    }
    return (msec)lifetime_s * 1000;
}

static bool note_address(struct lookup *lookup,
                         const struct ares_addrinfo *found)
{
    if (found == NULL || found->nodes == NULL) {
        return false;
    }
    const struct sockaddr *address = found->nodes->ai_addr;
    lookup->lifetime_ms = lifetime_ms(found);
    return getnameinfo(address, found->nodes->ai_addrlen, lookup->ip,
                       sizeof(lookup->ip), NULL, 0, NI_NUMERICHOST) == 0;
}

static void on_addresses(void *context, int status, int timeouts,
                         struct ares_addrinfo *found)
{
    (void)timeouts;
    struct lookup *lookup = context;
    lookup->outcome = outcome_of(status);
    if (lookup->outcome == OUTCOME_FOUND && !note_address(lookup, found)) {
        lookup->outcome = OUTCOME_NONE;
    }
    if (found != NULL) {
        ares_freeaddrinfo(found);
    }
    struct resolve_channel *channel = lookup->channel;
    TAILQ_INSERT_TAIL(&channel->ready, lookup, entry);
    ev_feed_event(channel->loop, &channel->turn, EV_CUSTOM);
}

void resolve_channel_ask(struct resolve_channel *channel, const char *host,
                         int family, struct lookup *lookup)
{
    struct ares_addrinfo_hints hints = {.ai_family = family,
                                        .ai_socktype = SOCK_STREAM,
                                        .ai_flags = ARES_AI_NOSORT};
    lookup->channel = channel;
    lookup->family = family;
    ares_getaddrinfo(channel->ares, host, NULL, &hints, on_addresses, lookup);
    arm_timer(channel);
}

static void on_turn(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)events;
    struct resolve_channel *channel = watcher->data;
    while (!TAILQ_EMPTY(&channel->ready)) {
        struct lookup *lookup = TAILQ_FIRST(&channel->ready);
        TAILQ_REMOVE(&channel->ready, lookup, entry);
        resolve_on_outcome(lookup);
    }
}

static int start_ares(struct resolve_channel *channel)
{
    struct ares_options options;
    memset(&options, 0, sizeof(options));
    options.timeout = QUERY_TIMEOUT_MS;
    options.tries = QUERY_TRIES;
    options.sock_state_cb = on_socket_state;
    options.sock_state_cb_data = channel;
    int result = ares_library_init(ARES_LIB_INIT_ALL);
    if (result != ARES_SUCCESS) {
        return result;
    }
    result = ares_init_options(&channel->ares, &options,
                               ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                   ARES_OPT_SOCK_STATE_CB);
    if (result != ARES_SUCCESS) {
        ares_library_cleanup();
    }
    return result;
}

bool resolve_channel_open(struct resolve_channel *channel, struct ev_loop *loop,
                          struct error *error)
{
    memset(channel, 0, sizeof(*channel));
    channel->loop = loop;
    TAILQ_INIT(&channel->watches);
    TAILQ_INIT(&channel->ready);
    ev_init(&channel->timer, on_timer);
    ev_init(&channel->turn, on_turn);
    channel->timer.data = channel;
    channel->turn.data = channel;
    int result = start_ares(channel);
    if (result != ARES_SUCCESS) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot start the resolver of host names: %s",
                       ares_strerror(result));
        return false;
    }
    return true;
}

bool resolve_channel_use_servers(struct resolve_channel *channel,
                                 const char *servers, struct error *error)
{
    int result = ares_set_servers_ports_csv(channel->ares, servers);
    if (result != ARES_SUCCESS) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot use name servers '%.200s': %s", servers,
                       ares_strerror(result));
        return false;
    }
    return true;
}

void resolve_channel_close(struct resolve_channel *channel)
{
    /* Closes its sockets and ends the lookups; nobody hears of these ends. */
    ares_destroy(channel->ares);
    assert(TAILQ_EMPTY(&channel->watches));
    ev_timer_stop(channel->loop, &channel->timer);
    ev_clear_pending(channel->loop, &channel->turn);
    ares_library_cleanup();
}
