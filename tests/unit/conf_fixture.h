/* What the tests of the configuration share: parsing that must succeed or must
 * fail with one sentence, and the files that a configuration may name. */
#ifndef SENTINELD_TESTS_CONF_FIXTURE_H
#define SENTINELD_TESTS_CONF_FIXTURE_H

#include "sentineld/conf.h"

struct conf_row {
    const char *text;
    const char *expected; /* the whole error or warning */
};

/* A conf_read_file over a handful of made-up files below /run. */
bool conf_fixture_read(const char *path, char *text, size_t size,
                       struct error *error);

/* The file's name in messages is s.conf. */
void conf_fixture_parse(const char *text, struct conf *conf);
void conf_fixture_expect_error(const char *row, const char *text,
                               const char *expected);

void conf_fixture_parse_redis(const char *text, const char *extra,
                              struct conf *conf);

#endif
