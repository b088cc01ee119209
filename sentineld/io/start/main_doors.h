/* All that the daemon listens on: its ports, with and without TLS, on each
 * address, and a path of this machine. */
#ifndef SENTINELD_MAIN_DOORS_H
#define SENTINELD_MAIN_DOORS_H

#include <ev.h>

#include "io/net/conn.h"
#include "sentineld/conf.h"

/* Filled by the caller: all borrowed until main_doors_close. */
struct main_doors {
    struct ev_loop *loop;
    const struct conf *conf;
    void (*on_accept)(int descriptor, void *context);
    void (*on_accept_tls)(int descriptor, void *context);
    void *context;
    struct listener *listeners[2 * (CONF_MAX_BIND + 2) + 1];
    size_t count;
    bool owns_path;
};

/* What was opened before a failure is closed by main_doors_close. */
MUST_CHECK bool main_doors_open(struct main_doors *doors, struct error *error);
void main_doors_close(struct main_doors *doors);

#endif
