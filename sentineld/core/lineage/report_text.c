/* The words of a report: JSON in one line, for programs and for eyes. */
#include "core/lineage/lineage.h"

#include <stdarg.h>
#include <stdio.h>

/* A text with an end. Once something did not fit, nothing more is added. */
struct text {
    char *at;
    size_t size, length;
    bool full;
};

static void add(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

static void add(struct text *text, const char *format, ...)
{
    size_t room = text->size - text->length;
    va_list arguments;
    va_start(arguments, format);
    int length = text->full ? -1
                            : vsnprintf(text->at + text->length, room, format,
                                        arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room) {
        text->at[text->length] = '\0';
        text->full = true;
        return;
    }
    text->length += (size_t)length;
}

/* Names and hosts have no control characters; these two may be in a name. */
static void add_quoted(struct text *text, const char *key, const char *value)
{
    add(text, "\"%s\":\"", key);
    for (; *value != '\0'; value++) {
        add(text, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
    }
    add(text, "\",");
}

static void add_number(struct text *text, const char *key, uint64_t value)
{
    if (value == UINT64_MAX) { /* NEVER, NO_OFFSET */
        add(text, "\"%s\":null,", key);
    } else {
        add(text, "\"%s\":%llu,", key, (unsigned long long)value);
    }
}

/* Whole entries only. */
static void add_candidate(struct text *text, const struct considered *candidate)
{
    size_t before = text->length;
    add(text,
        "%s{\"server\":\"%s:%u\",\"priority\":%u,\"offset\":%llu,"
        "\"verdict\":\"%s\"}",
        before > 1 ? "," : "", candidate->server->host, candidate->server->port,
        candidate->priority, (unsigned long long)candidate->offset,
        candidate->verdict);
    if (text->full) {
        text->length = before;
        text->at[before] = '\0';
    }
}

void report_write_candidates(const struct considered *candidates, size_t count,
                             char written[REPORT_CANDIDATES_SIZE])
{
    /* Room for the end is kept. */
    struct text text = {.at = written, .size = REPORT_CANDIDATES_SIZE - 1};
    add(&text, "[");
    for (size_t i = 0; i < count; i++) {
        add_candidate(&text, &candidates[i]);
    }
    written[text.length] = ']';
    written[text.length + 1] = '\0';
}

const char *report_cause_name(enum failover_cause cause)
{
    switch (cause) {
    case CAUSE_UNKNOWN:
        return "unknown";
    case CAUSE_DOWN:
        return "down";
    case CAUSE_FORCED:
        return "forced";
    case CAUSE_PLANNED:
        return "planned";
    }
    return "unknown";
}

void report_uncovered(const struct record_report *row,
                      char sentence[REPORT_SENTENCE_SIZE])
{
    const size_t size = REPORT_SENTENCE_SIZE;
    if (!row->led) {
        copy_text(sentence, size, "another supervisor led and knows");
    } else if (row->lost_bytes != NO_OFFSET && row->lost_bytes > 0) {
        (void)snprintf(sentence, size,
                       "%llu bytes that only the old master had",
                       (unsigned long long)row->lost_bytes);
    } else if (row->lost_bytes == 0) {
        copy_text(sentence, size, "none");
    } else if (row->promoted_offset == NO_OFFSET) {
        copy_text(sentence, size, "unknown: the histories cannot be compared");
    } else {
        (void)snprintf(sentence, size,
                       "what the old master wrote after offset %llu until it "
                       "died or is demoted",
                       (unsigned long long)row->promoted_offset);
    }
}

/* The candidates as far as they fit. */
static void add_candidates(struct text *text, const char *candidates)
{
    size_t room = text->size - text->length;
    if (candidates[0] != '\0' && strlen(candidates) + 16 < room) {
        add(text, "\"candidates\":%s}", candidates);
    } else {
        add(text, "\"candidates\":null}");
    }
}

void report_say(struct core *core, const struct record_report *row)
{
    char json[EVENT_TEXT_SIZE];
    char uncovered[REPORT_SENTENCE_SIZE];
    struct text text = {.at = json, .size = sizeof(json)};
    report_uncovered(row, uncovered);
    add(&text, "{");
    add_quoted(&text, "name", row->group);
    add_number(&text, "epoch", row->epoch);
    add_number(&text, "unix_ms", row->unix_ms);
    add_quoted(&text, "cause", report_cause_name(row->cause));
    add_quoted(&text, "leader", row->leader);
    add(&text, "\"from\":\"%s:%u\",\"to\":\"%s:%u\",", row->from.host,
        row->from.port, row->to.host, row->to.port);
    add_number(&text, "duration_ms", row->duration_ms);
    add_number(&text, "master_offset", row->master_offset);
    add_number(&text, "promoted_offset", row->promoted_offset);
    add_number(&text, "behind_bytes", row->behind_bytes);
    add_number(&text, "behind_ms", row->behind_ms);
    add_number(&text, "lost_bytes", row->lost_bytes);
    add_quoted(&text, "uncovered", uncovered);
    add_candidates(&text, row->candidates);
    event_report(core, row->group, json);
}
