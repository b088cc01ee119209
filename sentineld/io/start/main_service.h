/* The service manager's side of the daemon: ready, alive, stopping. */
#ifndef SENTINELD_MAIN_SERVICE_H
#define SENTINELD_MAIN_SERVICE_H

#include <ev.h>

#include "sentineld/types.h"

struct main_service {
    struct ev_loop *loop;
    struct ev_timer watchdog;
    bool is_told; /* systemd listens */
};

/* Tells that all is ready and, from now on, that the loop turns. `mode` is an
 * enum conf_supervised. False when nobody wants to know. */
bool main_service_ready(struct main_service *service, struct ev_loop *loop,
                        int mode);
/* Only after main_service_ready. */
void main_service_stopping(struct main_service *service);

#endif
