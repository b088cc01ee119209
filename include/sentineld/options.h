/* The command line. */
#ifndef SENTINELD_OPTIONS_H
#define SENTINELD_OPTIONS_H

#include "sentineld/types.h"

enum options_mode {
    OPTIONS_RUN,
    OPTIONS_CHECK, /* read the configuration, say what is wrong, end */
    OPTIONS_VERSION,
    OPTIONS_HELP,
};

struct options {
    enum options_mode mode;
    const char *file;      /* borrowed from argv; RUN and CHECK only */
    bool is_sentinel_conf; /* of Redis: given without -c */
    char *extra;           /* owned: directives given as options, as lines */
};

/* On failure the error says what would be right, and nothing is owned. */
MUST_CHECK bool options_parse(int argc, char *const *argv,
                              struct options *options, struct error *error);
void options_clear(struct options *options);
const char *options_help(void);
const char *options_version(void);

#endif
