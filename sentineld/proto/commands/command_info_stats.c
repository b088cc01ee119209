/* INFO stats: what was received, served and refused since the start.
 *
 * Redis' list has many figures of a data server: keys, replication, forks,
 * defragmentation. A supervisor has none of that, so they are 0 for good; they
 * are said because dashboards and exporters look for them by name. */
#include <inttypes.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"
#include "proto/session/session.h"

enum { BYTES_PER_KB = 1024 };

/* With two decimals, as Redis has them. */
static void write_kbps(const char *what, uint64_t bytes_per_s,
                       struct buffer *out)
{
    uint64_t hundredths = bytes_per_s * 100 / BYTES_PER_KB;
    buffer_printf(out, "instantaneous_%s_kbps:%" PRIu64 ".%02" PRIu64 "\r\n",
                  what, hundredths / 100, hundredths % 100);
}

static void write_traffic(const struct server_status *status,
                          struct buffer *out)
{
    buffer_printf(out,
                  "total_connections_received:%" PRIu64 "\r\n"
                  "total_commands_processed:%" PRIu64 "\r\n"
                  "instantaneous_ops_per_sec:%" PRIu64 "\r\n"
                  "total_net_input_bytes:%" PRIu64 "\r\n"
                  "total_net_output_bytes:%" PRIu64 "\r\n"
                  "total_net_repl_input_bytes:0\r\n"
                  "total_net_repl_output_bytes:0\r\n",
                  status->total_connections, status->total_commands,
                  status->commands_per_s, status->total_input_bytes,
                  status->total_output_bytes);
    write_kbps("input", status->input_bytes_per_s, out);
    write_kbps("output", status->output_bytes_per_s, out);
    buffer_printf(out, "instantaneous_input_repl_kbps:0.00\r\n"
                       "instantaneous_output_repl_kbps:0.00\r\n");
}

/* Of a server that has keys; there are none. */
static void write_keys(struct buffer *out)
{
    buffer_printf(out, "sync_full:0\r\n"
                       "sync_partial_ok:0\r\n"
                       "sync_partial_err:0\r\n"
                       "expired_keys:0\r\n"
                       "expired_stale_perc:0.00\r\n"
                       "expired_time_cap_reached_count:0\r\n"
                       "expire_cycle_cpu_milliseconds:0\r\n"
                       "evicted_keys:0\r\n"
                       "evicted_clients:0\r\n"
                       "total_eviction_exceeded_time:0\r\n"
                       "current_eviction_exceeded_time:0\r\n"
                       "keyspace_hits:0\r\n"
                       "keyspace_misses:0\r\n");
}

static void write_pubsub(const struct session_book *book, struct buffer *out)
{
    buffer_printf(out,
                  "pubsub_channels:%zu\r\n"
                  "pubsub_patterns:%zu\r\n"
                  "pubsubshard_channels:0\r\n",
                  subscribed_names_count(book->channels),
                  subscribed_names_count(book->patterns));
}

/* The same again: what only a data server does. */
static void write_memory(struct buffer *out)
{
    buffer_printf(out, "latest_fork_usec:0\r\n"
                       "total_forks:0\r\n"
                       "migrate_cached_sockets:0\r\n"
                       "slave_expires_tracked_keys:0\r\n"
                       "active_defrag_hits:0\r\n"
                       "active_defrag_misses:0\r\n"
                       "active_defrag_key_hits:0\r\n"
                       "active_defrag_key_misses:0\r\n"
                       "total_active_defrag_time:0\r\n"
                       "current_active_defrag_time:0\r\n"
                       "tracking_total_keys:0\r\n"
                       "tracking_total_items:0\r\n"
                       "tracking_total_prefixes:0\r\n");
}

static void write_replies(const struct command_context *context,
                          struct buffer *out)
{
    const struct server_status *status = context->status;
    const uint64_t *refused = context->acl->log->refused;
    buffer_printf(out,
                  "unexpected_error_replies:0\r\n"
                  "total_error_replies:%" PRIu64 "\r\n"
                  "dump_payload_sanitizations:0\r\n"
                  "total_reads_processed:%" PRIu64 "\r\n"
                  "total_writes_processed:%" PRIu64 "\r\n"
                  "io_threaded_reads_processed:0\r\n"
                  "io_threaded_writes_processed:0\r\n"
                  "reply_buffer_shrinks:0\r\n"
                  "reply_buffer_expands:0\r\n"
                  "acl_access_denied_auth:%" PRIu64 "\r\n"
                  "acl_access_denied_cmd:%" PRIu64 "\r\n"
                  "acl_access_denied_key:0\r\n"
                  "acl_access_denied_channel:%" PRIu64 "\r\n",
                  status->total_error_replies, status->total_reads,
                  status->total_writes, refused[ACL_LOG_AUTH],
                  refused[ACL_LOG_COMMAND], refused[ACL_LOG_CHANNEL]);
}

void info_write_stats(const struct command_context *context, struct buffer *out)
{
    buffer_printf(out, "# Stats\r\n");
    write_traffic(context->status, out);
    buffer_printf(out, "rejected_connections:%" PRIu64 "\r\n",
                  context->status->rejected_connections);
    write_keys(out);
    write_pubsub(context->sessions, out);
    write_memory(out);
    write_replies(context, out);
}
