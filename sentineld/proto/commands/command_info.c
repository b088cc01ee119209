/* INFO: the sections that a monitoring system reads, in Redis' format.
 *
 * Sections are written in a fixed order, whatever
 * order they were asked in. The numbers come from the runtime's status and from
 * the model; what a supervisor has none of (keys, say) is 0, because those who
 * watch look for its name. `# Sentineld` is ours and comes only when it is
 * asked for by its name or with `everything`, so that the usual output is
 * Redis' own. */
#include <assert.h>
#include <inttypes.h>

#include "proto/commands/command_private.h"
#include "sentineld/jobs.h"
#include "sentineld/model.h"
#include "sentineld/version.h"

enum {
    INFO_MAX_BYTES = 16 * 1024 * 1024, /* some 500 for each of MAX_GROUPS */
    SECONDS_PER_DAY = 86400,
    US_PER_SECOND = 1000000,
    MS_PER_SECOND = 1000,
    LRU_CLOCK_END = 1 << 24, /* Redis' clock of 24 bits, in seconds */
};

/* Which build is it? One number for the version and the compiler. */
static uint64_t build_id(void)
{
    const char *text = SENTINELD_VERSION " " __VERSION__;
    uint64_t hash = 14695981039346656037U; /* FNV-1a */
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211U;
    }
    return hash;
}

static void write_program(const struct server_status *status,
                          struct buffer *out)
{
    buffer_printf(out,
                  "# Server\r\n"
                  "redis_version:%s\r\n"
                  "redis_git_sha1:00000000\r\n"
                  "redis_git_dirty:0\r\n"
                  "redis_build_id:%" PRIx64 "\r\n"
                  "redis_mode:sentinel\r\n"
                  "os:%s\r\n"
                  "arch_bits:%zu\r\n"
                  "monotonic_clock:POSIX clock_gettime\r\n"
                  "multiplexing_api:libev\r\n"
                  "atomicvar_api:pthread-mutex\r\n"
                  "gcc_version:%d.%d.%d\r\n",
                  SENTINELD_REDIS_VERSION, build_id(), status->system,
                  sizeof(void *) * 8, __GNUC__, __GNUC_MINOR__,
                  __GNUC_PATCHLEVEL__);
}

static void write_listeners(const struct server_status *status,
                            struct buffer *out)
{
    unsigned number = 0;
    if (status->plain_port != 0) {
        buffer_printf(out, "listener%u:name=tcp,%s,port=%u\r\n", number++,
                      status->listening, (unsigned)status->plain_port);
    }
    if (status->tls_port != 0) {
        buffer_printf(out, "listener%u:name=tls,%s,port=%u\r\n", number,
                      status->listening, (unsigned)status->tls_port);
    }
}

/* There is no regular tick, so hz is only what Redis' would be if nobody
 * changed it. */
static void write_server(const struct server_status *status, struct buffer *out)
{
    write_program(status, out);
    buffer_printf(out,
                  "process_id:%" PRId64 "\r\n"
                  "process_supervised:%s\r\n"
                  "run_id:%s\r\n"
                  "tcp_port:%u\r\n"
                  "server_time_usec:%" PRIu64 "\r\n"
                  "uptime_in_seconds:%" PRIu64 "\r\n"
                  "uptime_in_days:%" PRIu64 "\r\n"
                  "hz:10\r\n"
                  "configured_hz:10\r\n"
                  "lru_clock:%" PRIu64 "\r\n",
                  status->process_id, status->is_supervised ? "systemd" : "no",
                  status->run_id, (unsigned)status->port, status->now_us,
                  status->uptime_s, status->uptime_s / SECONDS_PER_DAY,
                  status->now_us / US_PER_SECOND % LRU_CLOCK_END);
    buffer_printf(out,
                  "executable:%s\r\n"
                  "config_file:%s\r\n"
                  "io_threads_active:0\r\n",
                  status->executable == NULL ? "" : status->executable,
                  status->config_file == NULL ? "" : status->config_file);
    write_listeners(status, out);
}

static uint64_t more(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* What is always 0 in a supervisor is said, as exporters look for it. */
static void write_clients(const struct command_context *context,
                          struct buffer *out)
{
    const struct server_status *status = context->status;
    const struct session_book *book = context->sessions;
    const struct session_peaks *peaks = &book->peaks;
    buffer_printf(out,
                  "# Clients\r\n"
                  "connected_clients:%" PRIu32 "\r\n"
                  "cluster_connections:0\r\n"
                  "maxclients:%" PRIu32 "\r\n"
                  "client_recent_max_input_buffer:%" PRIu64 "\r\n"
                  "client_recent_max_output_buffer:%" PRIu64 "\r\n"
                  "blocked_clients:0\r\n"
                  "tracking_clients:%zu\r\n"
                  "pubsub_clients:%zu\r\n"
                  "watching_clients:0\r\n"
                  "clients_in_timeout_table:0\r\n"
                  "total_watched_keys:0\r\n"
                  "total_blocking_keys:0\r\n"
                  "total_blocking_keys_on_nokey:0\r\n",
                  status->connected_clients, status->max_clients,
                  more(peaks->before.unparsed, peaks->now.unparsed),
                  more(peaks->before.unsent, peaks->now.unsent), book->tracking,
                  book->listening);
}

static void write_processor_time(const struct processor_time *time,
                                 const char *whose, struct buffer *out)
{
    buffer_printf(out,
                  "used_cpu_sys%s:%" PRIu64 ".%06" PRIu64 "\r\n"
                  "used_cpu_user%s:%" PRIu64 ".%06" PRIu64 "\r\n",
                  whose, time->system_us / US_PER_SECOND,
                  time->system_us % US_PER_SECOND, whose,
                  time->user_us / US_PER_SECOND, time->user_us % US_PER_SECOND);
}

static void write_cpu(const struct server_status *status, struct buffer *out)
{
    buffer_printf(out, "# CPU\r\n");
    write_processor_time(&status->cpu, "", out);
    write_processor_time(&status->cpu_children, "_children", out);
    write_processor_time(&status->cpu_main_thread, "_main_thread", out);
}

static void write_master(const struct group *group, size_t number,
                         struct buffer *out)
{
    const struct address *address = model_current_address(group);
    const char *status = group->objective_down               ? "odown"
                         : group->published->subjective_down ? "sdown"
                                                             : "ok";
    buffer_printf(out,
                  "master%zu:name=%s,status=%s,address=%s:%u,slaves=%" PRIu32
                  ",sentinels=%" PRIu32 "\r\n",
                  number, group->name, status, address->host,
                  (unsigned)address->port, group->node_count - 1,
                  group->voter_count + 1);
}

static void write_sentinel(const struct command_context *context,
                           struct buffer *out)
{
    const struct model *model = context->model;
    const struct tilt *tilt = &model->tilt;
    buffer_printf(out,
                  "# Sentinel\r\n"
                  "sentinel_masters:%" PRIu32 "\r\n"
                  "sentinel_tilt:%d\r\n",
                  model->group_count, tilt->active ? 1 : 0);
    if (tilt->active) {
        buffer_printf(out, "sentinel_tilt_since_seconds:%" PRIu64 "\r\n",
                      (context->now - tilt->since) / MS_PER_SECOND);
    } else {
        buffer_printf(out, "sentinel_tilt_since_seconds:-1\r\n");
    }
    buffer_printf(out,
                  "sentinel_running_scripts:%zu\r\n"
                  "sentinel_scripts_queue_length:%zu\r\n"
                  "sentinel_simulate_failure_flags:%u\r\n",
                  context->jobs == NULL ? 0 : context->jobs->running,
                  context->jobs == NULL ? 0 : context->jobs->count,
                  model->simulated);
    const struct group *group;
    size_t number = 0;
    TAILQ_FOREACH (group, &model->groups, entry) {
        write_master(group, number++, out);
    }
}

static void write_sentineld(const struct command_context *context,
                            struct buffer *out)
{
    const struct server_status *status = context->status;
    const struct model *model = context->model;
    buffer_printf(out,
                  "# Sentineld\r\n"
                  "sentineld_version:%s\r\n"
                  "state_save_failing:%d\r\n"
                  "state_save_error:%s\r\n"
                  "state_saves:%" PRIu64 "\r\n"
                  "state_save_failures:%" PRIu64 "\r\n"
                  "ignored_facts:%" PRIu64 "\r\n"
                  "stalls:%" PRIu32 "\r\n",
                  SENTINELD_VERSION, status->save_failing ? 1 : 0,
                  status->save_failing ? status->save_error : "", status->saves,
                  status->save_failures, model->ignored_facts,
                  model->tilt.count);
}

/* In the order of output. The last one is not part of the usual output. */
enum section { SERVER, CLIENTS, STATS, CPU, SENTINEL, SENTINELD };
enum { SECTION_COUNT = SENTINELD + 1 };

static const char *const section_names[SECTION_COUNT] = {
    "server", "clients", "stats", "cpu", "sentinel", "sentineld",
};

static void write_section(const struct command_context *context,
                          enum section section, struct buffer *out)
{
    switch (section) {
    case SERVER:
        write_server(context->status, out);
        break;
    case CLIENTS:
        write_clients(context, out);
        break;
    case STATS:
        info_write_stats(context, out);
        break;
    case CPU:
        write_cpu(context->status, out);
        break;
    case SENTINEL:
        write_sentinel(context, out);
        break;
    case SENTINELD:
        write_sentineld(context, out);
        break;
    }
}

static bool is_asked(const struct call *call, enum section section)
{
    bool usual = section != SENTINELD;
    size_t argc = call->request->argc;
    for (size_t i = 1; i < argc; i++) {
        bool all = command_word_is(call, i, "default") ||
                   command_word_is(call, i, "all");
        if ((all && usual) || command_word_is(call, i, "everything") ||
            command_word_is(call, i, section_names[section])) {
            return true;
        }
    }
    return argc == 1 && usual;
}

enum command_next cmd_info(struct call *call)
{
    struct buffer text;
    buffer_init(&text, INFO_MAX_BYTES);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (is_asked(call, (enum section)i)) {
            (void)buffer_append(&text, "\r\n", text.length == 0 ? 0 : 2);
            write_section(call->context, (enum section)i, &text);
        }
    }
    assert(!text.overflowed);
    resp_bulk(call->writer, text.length == 0 ? "" : text.data, text.length);
    buffer_clear(&text);
    return COMMAND_REPLIED;
}
