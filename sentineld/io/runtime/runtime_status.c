/* Facts of the process for INFO: its age, the processor time it took, how
 * busy its port is.
 *
 * What is counted is counted where it happens; here is what time changes.
 * Rates are those of the last one or two seconds: counters are noted once a
 * second at most, and compared with the note before the last. */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"

#include "io/runtime/runtime_private.h"

enum { REFRESH_MS = 10, RATE_MS = 1000, MS_PER_SECOND = 1000 };

static uint64_t microseconds(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void read_processor_time(int who, struct processor_time *time)
{
    struct rusage usage;
    if (getrusage(who, &usage) == 0) {
        time->user_us = microseconds(usage.ru_utime);
        time->system_us = microseconds(usage.ru_stime);
    }
}

static uint64_t per_second(uint64_t now, uint64_t before, msec span)
{
    return (now - before) * MS_PER_SECOND / span;
}

static void refresh_rates(struct runtime *runtime, msec now)
{
    struct server_status *status = &runtime->status;
    struct runtime_rates *last = &runtime->rates[1];
    if (now - last->at >= RATE_MS) {
        runtime->rates[0] = *last;
        *last = (struct runtime_rates){now, status->total_commands,
                                       status->total_input_bytes,
                                       status->total_output_bytes};
    }
    const struct runtime_rates *since = &runtime->rates[0];
    msec span = now > since->at ? now - since->at : 1;
    status->commands_per_s =
        per_second(status->total_commands, since->commands, span);
    status->input_bytes_per_s =
        per_second(status->total_input_bytes, since->input_bytes, span);
    status->output_bytes_per_s =
        per_second(status->total_output_bytes, since->output_bytes, span);
}

void runtime_refresh_status(struct runtime *runtime)
{
    struct server_status *status = &runtime->status;
    msec now = runtime_now();
    if (now < runtime->refreshed_at + REFRESH_MS) {
        return; /* asked with every read of a client, seldom for a reason */
    }
    runtime->refreshed_at = now;
    status->uptime_s = (now - runtime->started_at) / MS_PER_SECOND;
    struct timespec wall;
    if (clock_gettime(CLOCK_REALTIME, &wall) == 0) {
        status->now_us =
            (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000;
    }
    read_processor_time(RUSAGE_SELF, &status->cpu);
    read_processor_time(RUSAGE_CHILDREN, &status->cpu_children);
    read_processor_time(RUSAGE_THREAD, &status->cpu_main_thread);
    refresh_rates(runtime, now);
}

/* "bind=127.0.0.1,bind=-::1", as Redis tells it. */
static void describe_listener(const struct conf *conf,
                              struct server_status *status)
{
    char *text = status->listening;
    size_t size = sizeof(status->listening);
    size_t used = 0;
    if (conf->bind_count == 0) {
        copy_text(text, size, "bind=*,bind=-::*");
        return;
    }
    for (size_t i = 0; i < conf->bind_count && used < size; i++) {
        int written =
            snprintf(text + used, size - used, "%sbind=%s%s", i == 0 ? "" : ",",
                     conf->bind_optional[i] ? "-" : "", conf->bind[i]);
        used += written > 0 ? (size_t)written : 0;
    }
}

void runtime_start_status(struct runtime *runtime)
{
    struct utsname system;
    runtime->rates[0] = (struct runtime_rates){.at = runtime->started_at};
    runtime->rates[1] = runtime->rates[0];
    runtime->status.plain_port = runtime->conf->port;
    runtime->status.tls_port = runtime->conf->tls_port;
    describe_listener(runtime->conf, &runtime->status);
    if (uname(&system) == 0) {
        (void)snprintf(runtime->status.system, sizeof(runtime->status.system),
                       "%s %s %s", system.sysname, system.release,
                       system.machine);
    }
}
