/* What --check looks at beside the file's own words. */
#ifndef SENTINELD_IO_CHECK_H
#define SENTINELD_IO_CHECK_H

#include "io/start/options.h"
#include "sentineld/conf.h"

/* Which of the two kinds of files this is read as. */
const char *check_format_name(const struct options *options);
/* False: there is nothing in it but comments. An option counts as something. */
MUST_CHECK bool check_text(const struct options *options, const char *text,
                           struct error *error);
MUST_CHECK bool check_start(const struct options *options,
                            const struct conf *conf, struct error *error);

#endif
