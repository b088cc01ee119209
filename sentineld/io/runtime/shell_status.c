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

#include "io/runtime/shell_private.h"

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

static void refresh_rates(struct shell *shell, msec now)
{
    struct server_status *status = &shell->status;
    struct shell_rates *last = &shell->rates[1];
    if (now - last->at >= RATE_MS) {
        shell->rates[0] = *last;
        *last = (struct shell_rates){now, status->total_commands,
                                     status->total_input_bytes,
                                     status->total_output_bytes};
    }
    const struct shell_rates *since = &shell->rates[0];
    msec span = now > since->at ? now - since->at : 1;
    status->commands_per_s =
        per_second(status->total_commands, since->commands, span);
    status->input_bytes_per_s =
        per_second(status->total_input_bytes, since->input_bytes, span);
    status->output_bytes_per_s =
        per_second(status->total_output_bytes, since->output_bytes, span);
}

void shell_refresh_status(struct shell *shell)
{
    struct server_status *status = &shell->status;
    msec now = shell_now();
    if (now < shell->refreshed_at + REFRESH_MS) {
        return; /* asked with every read of a client, seldom for a reason */
    }
    shell->refreshed_at = now;
    status->uptime_s = (now - shell->started_at) / MS_PER_SECOND;
    struct timespec wall;
    if (clock_gettime(CLOCK_REALTIME, &wall) == 0) {
        status->now_us =
            (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000;
    }
    read_processor_time(RUSAGE_SELF, &status->cpu);
    read_processor_time(RUSAGE_CHILDREN, &status->cpu_children);
    read_processor_time(RUSAGE_THREAD, &status->cpu_main_thread);
    refresh_rates(shell, now);
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

void shell_start_status(struct shell *shell)
{
    struct utsname system;
    shell->rates[0] = (struct shell_rates){.at = shell->started_at};
    shell->rates[1] = shell->rates[0];
    shell->status.plain_port = shell->conf->port;
    shell->status.tls_port = shell->conf->tls_port;
    describe_listener(shell->conf, &shell->status);
    if (uname(&system) == 0) {
        (void)snprintf(shell->status.system, sizeof(shell->status.system),
                       "%s %s %s", system.sysname, system.release,
                       system.machine);
    }
}
