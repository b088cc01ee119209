/* All that the daemon listens on: its ports, with and without TLS, on each
 * address, and a path of this machine. */
#ifndef SENTINELD_LISTENERS_H
#define SENTINELD_LISTENERS_H

#include <ev.h>

#include "io/net/conn.h"
#include "sentineld/conf.h"

/* Filled by the caller: all borrowed until listeners_close. */
struct listeners {
    struct ev_loop *loop;
    const struct conf *conf;
    void (*on_accept)(int descriptor, void *context);
    void (*on_accept_tls)(int descriptor, void *context);
    void *context;
    struct listener *listeners[2 * (CONF_MAX_BIND + 2) + 1];
    size_t count;
    bool owns_path;
};

/* What was opened before a failure is closed by listeners_close. */
MUST_CHECK bool listeners_open(struct listeners *doors, struct error *error);
void listeners_close(struct listeners *doors);

#endif
