/* ACL LOG: what was refused lately, the newest first. */
#include <inttypes.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"

enum { US_PER_MS = 1000, US_PER_S = 1000000, ENTRIES_USUAL = 10 };

/* Seconds with milliseconds: a number of its own kind in RESP3. */
static void reply_age(struct resp_writer *writer, uint64_t age_us)
{
    struct buffer text;
    buffer_init(&text, SIZE_MAX);
    (void)buffer_printf(&text, "%" PRIu64 ".%03" PRIu64, age_us / US_PER_S,
                        age_us % US_PER_S / US_PER_MS);
    if (writer->protocol == 3) {
        (void)buffer_printf(writer->out, ",%.*s\r\n", (int)text.length,
                            text.data);
    } else {
        resp_bulk(writer, text.data, text.length);
    }
    buffer_clear(&text);
}

static void reply_entry(struct resp_writer *writer,
                        const struct acl_log_entry *entry, uint64_t now_us)
{
    resp_map(writer, 10);
    resp_string(writer, "count");
    resp_integer(writer, (int64_t)entry->count);
    resp_string(writer, "reason");
    resp_string(writer, acl_reason_name(entry->reason));
    resp_string(writer, "context");
    resp_string(writer, "toplevel");
    resp_string(writer, "object");
    resp_string(writer, entry->object);
    resp_string(writer, "username");
    resp_string(writer, entry->user);
    resp_string(writer, "age-seconds");
    reply_age(writer,
              now_us > entry->updated_us ? now_us - entry->updated_us : 0);
    resp_string(writer, "client-info");
    resp_string(writer, entry->client);
    resp_string(writer, "entry-id");
    resp_integer(writer, (int64_t)entry->id);
    resp_string(writer, "timestamp-created");
    resp_integer(writer, (int64_t)(entry->created_us / US_PER_MS));
    resp_string(writer, "timestamp-last-updated");
    resp_integer(writer, (int64_t)(entry->updated_us / US_PER_MS));
}

static enum command_next reply_entries(const struct call *call, size_t most)
{
    const struct acl_log *log = call->context->acl->log;
    const struct acl_log_entry *entry;
    size_t left = log->count < most ? log->count : most;
    resp_array(call->writer, left);
    TAILQ_FOREACH (entry, &log->entries, entry) {
        if (left == 0) {
            break;
        }
        reply_entry(call->writer, entry, call->context->status->now_us);
        left--;
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_acl_log(struct call *call)
{
    int64_t most = ENTRIES_USUAL;
    if (call->request->argc > 3) {
        resp_err(call->writer,
                 "unknown subcommand or wrong number of arguments for '%s'. "
                 "Try ACL HELP.",
                 call->request->argv[1]);
        return COMMAND_REPLIED;
    }
    if (call->request->argc == 3 && command_word_is(call, 2, "reset")) {
        acl_log_reset(call->context->acl->log);
        resp_status(call->writer, "OK");
        return COMMAND_REPLIED;
    }
    if (call->request->argc == 3 && !command_read_integer(call, 2, &most)) {
        resp_err(call->writer, "value is not an integer or out of range");
        return COMMAND_REPLIED;
    }
    return reply_entries(call, most < 0 ? 0 : (size_t)most);
}
