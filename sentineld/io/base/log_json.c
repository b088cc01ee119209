/* One log line for programs: a JSON object.
 *
 *   {"time":"2026-11-20T07:59:01.007Z","pid":1234,"level":"warning",
 *    "supervisor":"3f...","event":"+sdown","group":"m","role":"master",
 *    "server":"10.0.0.1:6379","epoch":7,
 *    "message":"+sdown master m 10.0.0.1 6379"}            (in one line)
 *
 * It has UTC. What is no UTF-8 could not be JSON, so it becomes '?'. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "io/base/log_private.h"

struct line {
    char *at;
    size_t length;
};

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LEVEL_DEBUG:
        return "debug";
    case LEVEL_VERBOSE:
        return "verbose";
    case LEVEL_NOTICE:
        return "notice";
    case LEVEL_WARNING:
        return "warning";
    }
    return "warning";
}

/* How many bytes from here on are one character; 0 = this is none. Forms
 * that are longer than they must be are left to whoever reads them. */
static size_t character_length(const char *text)
{
    unsigned char first = (unsigned char)*text;
    size_t length = first < 0x80                     ? 1
                    : first >= 0xc2 && first <= 0xdf ? 2
                    : first >= 0xe0 && first <= 0xef ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static void add(struct line *line, const char *format, ...) PRINTF_LIKE(2, 3);

static void add(struct line *line, const char *format, ...)
{
    size_t room = LOG_LINE_SIZE - line->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line->at + line->length, room, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < room);
    line->length += (size_t)length;
}

/* The text in UTF-8; with what a string's quotes and backslashes need, or
 * as it is. There is room for twice the text. */
static void add_text(struct line *line, const char *text, bool escaped)
{
    char *out = line->at + line->length;
    while (*text != '\0') {
        size_t length = character_length(text);
        if (length == 0) {
            *out++ = '?';
            text++;
            continue;
        }
        if (escaped && (*text == '"' || *text == '\\')) {
            *out++ = '\\';
        }
        for (size_t i = 0; i < length; i++) {
            *out++ = *text++;
        }
    }
    line->length = (size_t)(out - line->at);
    assert(line->length < LOG_LINE_SIZE);
}

static void add_string(struct line *line, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return;
    }
    add(line, "\"%s\":\"", key);
    add_text(line, text, true);
    add(line, "\",");
}

static void add_server(struct line *line, const struct address *server)
{
    char text[HOST_SIZE + 16];
    if (server->host[0] != '\0') {
        bool brackets = strchr(server->host, ':') != NULL;
        (void)snprintf(text, sizeof(text), "%s%s%s:%u", brackets ? "[" : "",
                       server->host, brackets ? "]" : "", server->port);
        add_string(line, "server", text);
    }
}

static void add_fields(struct line *line, const struct log_fields *fields)
{
    const struct core_subject *about = fields->about;
    add_string(line, "event", fields->event);
    if (about == NULL) {
        return;
    }
    add_string(line, "group", about->group);
    add_string(line, "role", about->role);
    add_server(line, &about->server);
    add_string(line, "peer", about->peer);
    if (about->epoch != 0) {
        add(line, "\"epoch\":%" PRIu64 ",", about->epoch);
    }
    add_string(line, "reason", about->reason);
}

static void add_head(struct line *line, enum log_level level)
{
    struct timespec now;
    struct tm utc;
    char date[32];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t dated = strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    assert(dated > 0);
    add(line, "{\"time\":\"%s.%03dZ\",\"pid\":%ld,\"level\":\"%s\",", date,
        (int)(now.tv_nsec / 1000000), (long)getpid(), level_name(level));
}

/* What is an object already, in one that is whole. */
static const char *object_of(const struct log_fields *fields, const char *text)
{
    size_t length = strlen(text);
    if (fields->event == NULL || strcmp(fields->event, REPORT_EVENT) != 0 ||
        length == 0 || text[length - 1] != '}') {
        return NULL;
    }
    return strchr(text, '{');
}

size_t log_format_json(char text_of_line[LOG_LINE_SIZE], enum log_level level,
                       const char *supervisor, const struct log_fields *fields,
                       char *text)
{
    struct line line = {.at = text_of_line};
    const char *object = object_of(fields, text);
    log_replace_control_characters(text);
    add_head(&line, level);
    add_string(&line, "supervisor", supervisor);
    add_fields(&line, fields);
    if (object != NULL) {
        add(&line, "\"report\":");
        add_text(&line, object, false);
        add(&line, ",\"message\":\"%s\"}\n", REPORT_EVENT);
        return line.length;
    }
    add(&line, "\"message\":\"");
    add_text(&line, text, true);
    add(&line, "\"}\n");
    return line.length;
}
