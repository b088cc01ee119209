/* Log lines, in Redis' shape:
 *   <pid>:X <dd Mon yyyy hh:mm:ss.mmm> <level char> <text>
 * Level and destination are the one mutable global of the program. */
#ifndef SENTINELD_LOG_H
#define SENTINELD_LOG_H

#include "sentineld/core.h"
#include "sentineld/types.h"

/* path "" = standard output. A file is created with mode 0640. */
MUST_CHECK bool log_open(const char *path, int level, struct error *error);
void log_close(void);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same, but at most once a minute for each key (say "bad reply 1.2.3.4:5");
 * the next line of that key says how many were left out. */
void log_limited(enum log_level level, const char *key, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
