/* INFO: the sections that a monitoring system reads, in Redis' format.
 *
 * Sections are written in a fixed order, whatever
 * order they were asked in. The numbers come from the shell's status and from
 * the model; a field that a supervisor cannot know is left out rather than
 * made up. `# Sentineld` is ours and comes only when it is asked for by its
 * name or with `everything`, so that the usual output is Redis' own. */
#include <assert.h>
#include <inttypes.h>

#include "command_private.h"
#include "sentineld/jobs.h"
#include "sentineld/model.h"
#include "sentineld/version.h"

enum {
    INFO_MAX_BYTES = 16 * 1024 * 1024, /* some 500 for each of MAX_GROUPS */
    SECONDS_PER_DAY = 86400,
    US_PER_SECOND = 1000000,
    MS_PER_SECOND = 1000,
    BYTES_PER_KB = 1024,
    LRU_CLOCK_END = 1 << 24, /* Redis' clock of 24 bits, in seconds */
};

static void write_server(const struct server_status *status, struct buffer *out)
{
    buffer_printf(out,
                  "# Server\r\n"
                  "redis_version:%s\r\n"
                  "redis_git_sha1:00000000\r\n"
                  "redis_git_dirty:0\r\n"
                  "redis_mode:sentinel\r\n"
                  "os:%s\r\n"
                  "arch_bits:%zu\r\n"
                  "monotonic_clock:POSIX clock_gettime\r\n"
                  "multiplexing_api:libev\r\n"
                  "gcc_version:%d.%d.%d\r\n"
                  "process_id:%" PRId64 "\r\n"
                  "process_supervised:%s\r\n"
                  "run_id:%s\r\n"
                  "tcp_port:%u\r\n"
                  "server_time_usec:%" PRIu64 "\r\n"
                  "uptime_in_seconds:%" PRIu64 "\r\n"
                  "uptime_in_days:%" PRIu64 "\r\n",
                  SENTINELD_REDIS_VERSION, status->system, sizeof(void *) * 8,
                  __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__,
                  status->process_id, status->is_supervised ? "systemd" : "no",
                  status->run_id, (unsigned)status->port, status->now_us,
                  status->uptime_s, status->uptime_s / SECONDS_PER_DAY);
    buffer_printf(out,
                  "lru_clock:%" PRIu64 "\r\n"
                  "executable:%s\r\n"
                  "config_file:%s\r\n"
                  "io_threads_active:0\r\n"
                  "listener0:name=tcp,%s,port=%u\r\n",
                  status->now_us / US_PER_SECOND % LRU_CLOCK_END,
                  status->executable == NULL ? "" : status->executable,
                  status->config_file == NULL ? "" : status->config_file,
                  status->listening, (unsigned)status->port);
}

/* What is always 0 in a supervisor is said, as exporters look for it. */
static void write_clients(const struct command_context *context,
                          struct buffer *out)
{
    const struct server_status *status = context->status;
    const struct session *session;
    size_t tracking = 0;
    TAILQ_FOREACH (session, &context->sessions->sessions, entry) {
        tracking += session->tracking != NULL ? 1 : 0;
    }
    buffer_printf(out,
                  "# Clients\r\n"
                  "connected_clients:%" PRIu32 "\r\n"
                  "cluster_connections:0\r\n"
                  "maxclients:%" PRIu32 "\r\n"
                  "blocked_clients:0\r\n"
                  "tracking_clients:%zu\r\n"
                  "clients_in_timeout_table:0\r\n"
                  "total_blocking_keys:0\r\n"
                  "total_blocking_keys_on_nokey:0\r\n",
                  status->connected_clients, status->max_clients, tracking);
}

/* With two decimals, as Redis has them. */
static void write_kbps(const char *what, uint64_t bytes_per_s,
                       struct buffer *out)
{
    uint64_t hundredths = bytes_per_s * 100 / BYTES_PER_KB;
    buffer_printf(out, "instantaneous_%s_kbps:%" PRIu64 ".%02" PRIu64 "\r\n",
                  what, hundredths / 100, hundredths % 100);
}

static void write_stats(const struct server_status *status, struct buffer *out)
{
    buffer_printf(out,
                  "# Stats\r\n"
                  "total_connections_received:%" PRIu64 "\r\n"
                  "total_commands_processed:%" PRIu64 "\r\n"
                  "instantaneous_ops_per_sec:%" PRIu64 "\r\n"
                  "total_net_input_bytes:%" PRIu64 "\r\n"
                  "total_net_output_bytes:%" PRIu64 "\r\n",
                  status->total_connections, status->total_commands,
                  status->commands_per_s, status->total_input_bytes,
                  status->total_output_bytes);
    write_kbps("input", status->input_bytes_per_s, out);
    write_kbps("output", status->output_bytes_per_s, out);
    buffer_printf(out,
                  "rejected_connections:%" PRIu64 "\r\n"
                  "pubsub_channels:%" PRIu32 "\r\n"
                  "pubsub_patterns:%" PRIu32 "\r\n"
                  "pubsubshard_channels:0\r\n"
                  "unexpected_error_replies:0\r\n"
                  "total_error_replies:%" PRIu64 "\r\n"
                  "total_reads_processed:%" PRIu64 "\r\n"
                  "total_writes_processed:%" PRIu64 "\r\n",
                  status->rejected_connections, status->pubsub_channels,
                  status->pubsub_patterns, status->total_error_replies,
                  status->total_reads, status->total_writes);
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
                  group->member_count + 1);
}

static void write_sentinel(const struct command_context *context,
                           struct buffer *out)
{
    const struct model *model = context->model;
    const struct stall *stall = &model->stall;
    buffer_printf(out,
                  "# Sentinel\r\n"
                  "sentinel_masters:%" PRIu32 "\r\n"
                  "sentinel_tilt:%d\r\n",
                  model->group_count, stall->active ? 1 : 0);
    if (stall->active) {
        buffer_printf(out, "sentinel_tilt_since_seconds:%" PRIu64 "\r\n",
                      (context->now - stall->since) / MS_PER_SECOND);
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
                  model->stall.count);
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
        write_stats(context->status, out);
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
