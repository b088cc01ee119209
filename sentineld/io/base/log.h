/* Log lines, in Redis' shape:
 *   <pid>:X <dd Mon yyyy hh:mm:ss.mmm> <level char> <text>
 * Level and destination are the one mutable global of the program. Called
 * from the loop's thread only.
 *
 * A line stays a line: control characters in the text become '?', and what is
 * longer than EVENT_TEXT_SIZE - 1 bytes is cut. */
#ifndef SENTINELD_LOG_H
#define SENTINELD_LOG_H

#include "sentineld/core.h"
#include "sentineld/types.h"

/* What a line tells programs beside its text; NULL = nothing. */
struct log_fields {
    const char *event;
    const struct core_subject *about;
};

/* path "" = standard output. A file is created with mode 0640. `level` is an
 * enum log_level, or LEVEL_WARNING + 1 for nothing at all. On failure the
 * destination stays what it was. */
MUST_CHECK bool log_open(const char *path, int level, struct error *error);
/* What is logged from now on; as in log_open. */
void log_set_level(int level);
/* Opens the same path again, for a file that was moved away. On failure the
 * old file stays in use. */
MUST_CHECK bool log_reopen(struct error *error);
/* The same if the file was moved away or removed. On failure the old file
 * stays in use, which is said once. Each line does this first; called
 * besides, a new file is there also when nothing is written. */
void log_follow(void);
/* One JSON object a line: {"time":...,"pid":...,"level":...,"message":...},
 * and more where more is known. */
void log_use_json(bool json);
/* Who we are: in each such line from now on. */
void log_name_supervisor(const char *run_id);
/* To the system's log as well; `facility` as in struct conf. */
void log_use_system(const char *ident, int facility);
/* Standard output again and nothing else, as text, at level NOTICE. */
void log_close(void);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same, but at most once a minute for each key (say "bad reply 1.2.3.4:5");
 * the next line of that key says how many were left out. */
void log_limited(enum log_level level, const char *key, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* So many lines of a kind in a minute; the next one says how many were left
 * out. For what others can cause. */
void log_burst(enum log_level level, const char *kind, unsigned burst,
               const char *line, const struct log_fields *fields);
/* The kind of a sentence: itself without words that have digits. */
void log_kind_of(const char *line, char kind[CLIENT_KEY_SIZE]);

#endif
