/* The command line. */
#ifndef SENTINELD_OPTIONS_H
#define SENTINELD_OPTIONS_H

#include "sentineld/types.h"

enum options_mode {
    OPTIONS_RUN,
    OPTIONS_CHECK,  /* read the configuration, say what is wrong, end */
    OPTIONS_IMPORT, /* print a sentinel.conf as a file of ours, end */
    OPTIONS_VERSION,
    OPTIONS_HELP,
};

/* Under which name we were started. As redis-sentinel or valkey-sentinel (a
 * link to us) we are what tools take that program for. */
enum options_name { NAME_OWN, NAME_REDIS, NAME_VALKEY };

struct options {
    enum options_mode mode;
    enum options_name name;
    const char *file; /* borrowed from argv; not with VERSION and HELP; "-" is
                         the standard input */
    bool is_sentinel_conf; /* of Redis: given without -c */
    bool reads_input;      /* more lines come from the standard input */
    char *extra;           /* owned: directives given as options, as lines */
};

/* On failure the error says what would be right, and nothing is owned. */
MUST_CHECK bool options_parse(int argc, char *const *argv,
                              struct options *options, struct error *error);
void options_clear(struct options *options);
const char *options_help(void);
/* One line, as the program of that name would say it. */
const char *options_version(enum options_name name);

#endif
