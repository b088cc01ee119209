/* One log line: its head, and its bytes made harmless.
 *
 *   1234:X 20 Nov 2026 08:59:01.007 # +sdown master m 10.0.0.1 6379
 *   {"time":"2026-11-20T07:59:01.007Z","pid":1234,"level":"warning",
 *    "message":"+sdown master m 10.0.0.1 6379"}            (in one line)
 *
 * The first has local time, as Redis has it; the second is for machines and
 * has UTC. What is no UTF-8 could not be JSON, so it becomes '?'. */
#include <assert.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "io/base/log_private.h"

static char level_char(enum log_level level)
{
    switch (level) {
    case LEVEL_DEBUG:
        return '.';
    case LEVEL_VERBOSE:
        return '-';
    case LEVEL_NOTICE:
        return '*';
    case LEVEL_WARNING:
        return '#';
    }
    return '#';
}

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

void log_replace_control_characters(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte < ' ' || byte == 0x7f) {
            *text = '?';
        }
    }
}

size_t log_format_text(char line[LOG_LINE_SIZE], enum log_level level,
                       char *text)
{
    struct timespec now;
    struct tm local;
    char date[32];
    log_replace_control_characters(text);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)localtime_r(&now.tv_sec, &local);
    size_t dated = strftime(date, sizeof(date), "%d %b %Y %H:%M:%S", &local);
    assert(dated > 0);
    int length =
        snprintf(line, LOG_LINE_SIZE, "%ld:X %s.%03d %c %s\n", (long)getpid(),
                 date, (int)(now.tv_nsec / 1000000), level_char(level), text);
    assert(length > 0 && length < LOG_LINE_SIZE);
    return (size_t)length;
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

/* Returns where it ends. There is room for twice the text. */
static char *append_escaped(char *out, const char *text)
{
    while (*text != '\0') {
        size_t length = character_length(text);
        if (length == 0) {
            *out++ = '?';
            text++;
            continue;
        }
        if (*text == '"' || *text == '\\') {
            *out++ = '\\';
        }
        for (size_t i = 0; i < length; i++) {
            *out++ = *text++;
        }
    }
    return out;
}

size_t log_format_json(char line[LOG_LINE_SIZE], enum log_level level,
                       char *text)
{
    struct timespec now;
    struct tm utc;
    char date[32];
    log_replace_control_characters(text);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &utc);
    size_t dated = strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    assert(dated > 0);
    int head = snprintf(line, LOG_LINE_SIZE,
                        "{\"time\":\"%s.%03dZ\",\"pid\":%ld,\"level\":\"%s\","
                        "\"message\":\"",
                        date, (int)(now.tv_nsec / 1000000), (long)getpid(),
                        level_name(level));
    assert(head > 0 && head < LOG_LINE_SIZE);
    char *end = append_escaped(line + head, text);
    *end++ = '"';
    *end++ = '}';
    *end++ = '\n';
    return (size_t)(end - line);
}
