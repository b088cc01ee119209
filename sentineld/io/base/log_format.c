/* One log line for people: its head, and its bytes made harmless.
 *
 *   1234:X 20 Nov 2026 08:59:01.007 # +sdown master m 10.0.0.1 6379
 *
 * It has local time, as Redis has it. */
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
