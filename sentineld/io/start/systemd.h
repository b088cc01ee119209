/* The service manager's side of the daemon: ready, alive, stopping. */
#ifndef SENTINELD_SYSTEMD_H
#define SENTINELD_SYSTEMD_H

#include <ev.h>

#include "sentineld/types.h"

struct systemd {
    struct ev_loop *loop;
    struct ev_timer watchdog;
    bool is_told; /* systemd listens */
};

/* Tells that all is ready and, from now on, that the loop turns. `mode` is an
 * enum conf_supervised. False when nobody wants to know. */
bool systemd_ready(struct systemd *service, struct ev_loop *loop, int mode);
/* Only after systemd_ready. */
void systemd_stopping(struct systemd *service);

#endif
