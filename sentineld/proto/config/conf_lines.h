/* Lines of a sentinel.conf that must be there, found by what they are about. */
#ifndef SENTINELD_CONF_LINES_H
#define SENTINELD_CONF_LINES_H

#include "proto/config/sentinel_conf.h"
#include "sentineld/conf_export.h"
#include "sentineld/hash.h"

struct conf_line_wanted {
    char *about;   /* "sentinel quorum m": one line at most is about it */
    char *text;    /* without its end */
    bool optional; /* only in the place of one that is there */
    bool written;
    struct conf_line_wanted *next; /* in the order of conf_lines_add */
    UT_hash_handle hh;
};

struct conf_lines {
    struct conf_line_wanted *first;
    struct conf_line_wanted **end;
    struct conf_line_wanted *index;
};

struct conf_lines *conf_lines_new(void);
/* `words` are quoted where they have to be. How many of them say what the
 * line is about depends on the directive. */
void conf_lines_add(struct conf_lines *lines, const char *const *words,
                    size_t count, bool optional);
/* NULL when these words are not about anything that is exported. Else what
 * they are about; the caller frees it. */
char *conf_lines_about(char *const *words, size_t count);

#endif
