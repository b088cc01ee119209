/* What the files log*.c share:
 *   log.c         level, destination, how often a key may speak
 *   log_format.c  one line for people: its head, its bytes made harmless
 *   log_json.c    one line for programs */
#ifndef SENTINELD_LOG_PRIVATE_H
#define SENTINELD_LOG_PRIVATE_H

#include "io/base/log.h"

/* A quote takes two bytes in JSON; there is room to spare. */
enum { LOG_LINE_SIZE = (EVENT_TEXT_SIZE + NAME_SIZE + HOST_SIZE) * 2 + 600 };

#define REPORT_EVENT "+failover-report"

/* A whole line with its end. Returns the length. Control characters in `text`
 * are replaced in place. */
size_t log_format_text(char line[LOG_LINE_SIZE], enum log_level level,
                       char *text);
size_t log_format_json(char line[LOG_LINE_SIZE], enum log_level level,
                       const char *supervisor, const struct log_fields *fields,
                       char *text);
void log_replace_control_characters(char *text);

#endif
