/* SENTINEL HISTORY: the last failovers of a group, newest first, and what
 * each cost. */
#include "proto/commands/command_private.h"
#include "sentineld/model.h"

enum { FIELDS = 16 };

/* NEVER and NO_OFFSET are null. */
static void write_number(struct resp_writer *writer, const char *name,
                         uint64_t value)
{
    resp_string(writer, name);
    if (value == UINT64_MAX) {
        resp_null(writer);
    } else {
        resp_integer(writer, (int64_t)value);
    }
}

static void write_text(struct resp_writer *writer, const char *name,
                       const char *text)
{
    resp_string(writer, name);
    if (text[0] == '\0') {
        resp_null(writer);
    } else {
        resp_string(writer, text);
    }
}

static void write_report(struct resp_writer *writer,
                         const struct record_report *row)
{
    char uncovered[REPORT_SENTENCE_SIZE];
    report_uncovered(row, uncovered);
    resp_map(writer, FIELDS);
    write_number(writer, "epoch", row->epoch);
    write_number(writer, "unix-ms", row->unix_ms);
    write_text(writer, "cause", report_cause_name(row->cause));
    write_text(writer, "leader", row->leader);
    write_text(writer, "from-ip", row->from.host);
    write_number(writer, "from-port", row->from.port);
    write_text(writer, "to-ip", row->to.host);
    write_number(writer, "to-port", row->to.port);
    write_number(writer, "duration-ms", row->led ? row->duration_ms : NEVER);
    write_number(writer, "master-offset", row->master_offset);
    write_number(writer, "promoted-offset", row->promoted_offset);
    write_number(writer, "behind-bytes", row->behind_bytes);
    write_number(writer, "behind-ms", row->behind_ms);
    write_number(writer, "lost-bytes", row->lost_bytes);
    write_text(writer, "uncovered", uncovered);
    write_text(writer, "candidates", row->candidates);
}

/* COUNT n; all of them when it is not given. False: an error was written. */
static bool read_count(const struct call *call, uint32_t *count)
{
    int64_t number = MAX_REPORTS_PER_GROUP;
    size_t argc = call->request->argc;
    if (argc != 3 && (argc != 5 || !command_word_is(call, 3, "count"))) {
        resp_err(call->writer, "syntax error");
        return false;
    }
    if (argc == 5 && (!command_read_integer(call, 4, &number) || number < 1)) {
        resp_err(call->writer, "COUNT must be 1 or greater");
        return false;
    }
    *count = number < MAX_REPORTS_PER_GROUP ? (uint32_t)number
                                            : MAX_REPORTS_PER_GROUP;
    return true;
}

enum command_next cmd_sentinel_history(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    const struct report_entry *report;
    uint32_t most = 0;
    size_t count = 0;
    if (!read_count(call, &most)) {
        return COMMAND_REPLIED;
    }
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    /* One that nobody was told yet a crash could make us forget. */
    TAILQ_FOREACH (report, &group->reports, entry) {
        count += report->told && count < most ? 1 : 0;
    }
    resp_array(call->writer, count);
    TAILQ_FOREACH (report, &group->reports, entry) {
        if (report->told && count > 0) {
            write_report(call->writer, &report->row);
            count--;
        }
    }
    return COMMAND_REPLIED;
}
