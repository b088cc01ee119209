#include "io/start/listeners.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

/* One port, on each of the addresses. */
struct door {
    uint16_t port;
    void (*on_accept)(int descriptor, void *context);
};

static void keep(struct listeners *doors, struct listener *listener)
{
    conn_listener_set_backlog(listener, doors->conf->tcp_backlog);
    doors->listeners[doors->count++] = listener;
}

static bool listen_on(struct listeners *doors, const struct door *door,
                      size_t bind, struct error *error)
{
    static const char *const everywhere[] = {"*", "::*"};
    const struct conf *conf = doors->conf;
    bool is_named = conf->bind_count > 0;
    assert(is_named || bind < sizeof(everywhere) / sizeof(everywhere[0]));
    const char *ip = is_named ? conf->bind[bind] : everywhere[bind];
    bool is_optional = is_named ? conf->bind_optional[bind] : bind > 0;
    struct listener *listener = conn_listen(
        doors->loop, ip, door->port, door->on_accept, doors->context, error);
    if (listener == NULL) {
        return is_optional;
    }
    keep(doors, listener);
    return true;
}

static bool open_door(struct listeners *doors, const struct door *door,
                      struct error *error)
{
    const struct conf *conf = doors->conf;
    size_t before = doors->count;
    size_t count = conf->bind_count > 0 ? conf->bind_count : 2;
    if (door->port == 0) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!listen_on(doors, door, i, error)) {
            return false;
        }
    }
    if (doors->count == before) {
        snprintf(error->text, sizeof(error->text),
                 "none of the addresses in 'bind' could be listened on, port "
                 "%u",
                 (unsigned)door->port);
        return false;
    }
    return true;
}

static bool open_path(struct listeners *doors, struct error *error)
{
    const struct conf *conf = doors->conf;
    if (conf->unix_socket[0] == '\0') {
        return true;
    }
    struct listener *listener =
        conn_listen_path(doors->loop, conf->unix_socket, conf->unix_socket_mode,
                         doors->on_accept, doors->context, error);
    if (listener == NULL) {
        return false;
    }
    keep(doors, listener);
    doors->owns_path = true;
    return true;
}

bool listeners_open(struct listeners *doors, struct error *error)
{
    const struct door plain = {doors->conf->port, doors->on_accept};
    const struct door secure = {doors->conf->tls_port, doors->on_accept_tls};
    return open_door(doors, &plain, error) &&
           open_door(doors, &secure, error) && open_path(doors, error);
}

void listeners_close(struct listeners *doors)
{
    for (size_t i = 0; i < doors->count; i++) {
        conn_listener_free(doors->listeners[i]);
    }
    doors->count = 0;
    if (doors->owns_path) {
        (void)unlink(doors->conf->unix_socket); /* somebody may have tidied */
        doors->owns_path = false;
    }
}
