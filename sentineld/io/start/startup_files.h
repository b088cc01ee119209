/* The files that a configuration is read from. */
#ifndef SENTINELD_STARTUP_FILES_H
#define SENTINELD_STARTUP_FILES_H

#include "io/start/options.h"
#include "sentineld/types.h"

/* The file that the options name and what else they add to it; "-" is the
 * standard input. The caller's to free; or NULL and a sentence. */
char *startup_files_read(const struct options *options, struct error *error);
/* As conf_load_file wants it. */
char *startup_files_include(const char *name, struct error *error);
/* As conf_read_file wants it. */
bool startup_files_read_secret(const char *path, char *text, size_t size,
                               struct error *error);

#endif
