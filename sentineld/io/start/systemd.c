/* The service manager's side of the daemon: ready, alive, stopping.
 *
 * That the loop turns is what its watchdog wants to know, so a timer of the
 * loop tells it, twice as often as it must. */
#include "io/start/systemd.h"

#include <errno.h>
#include <string.h>

#include "io/base/log.h"
#include "sentineld/conf.h"

#include "io/start/supervise.h"

static void on_watchdog(struct ev_loop *loop, struct ev_timer *watcher,
                        int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
    (void)supervise_tell("WATCHDOG=1"); /* a lost one is followed by another */
}

static void start_watchdog(struct systemd *service)
{
    double interval_s = supervise_watchdog_s();
    ev_timer_init(&service->watchdog, on_watchdog, 0.0, interval_s);
    if (interval_s > 0.0) {
        ev_timer_start(service->loop, &service->watchdog);
    }
}

bool systemd_ready(struct systemd *service, struct ev_loop *loop, int mode)
{
    service->loop = loop;
    service->is_told = mode != SUPERVISED_NO && supervise_is_asked();
    if (mode == SUPERVISED_SYSTEMD && !service->is_told) {
        log_line(LEVEL_WARNING, "systemd is to be told that all is ready, but "
                                "NOTIFY_SOCKET does not say where");
    }
    if (!service->is_told) {
        return false;
    }
    if (!supervise_tell("READY=1\nSTATUS=Ready to accept connections\n")) {
        log_line(LEVEL_WARNING,
                 "systemd could not be told that all is ready: %s",
                 strerror(errno));
    }
    start_watchdog(service);
    return true;
}

void systemd_stopping(struct systemd *service)
{
    if (service->is_told) {
        ev_timer_stop(service->loop, &service->watchdog);
        (void)supervise_tell("STOPPING=1"); /* it sees us go in any case */
    }
}
