/* SIGHUP: the configuration file is read again. */
#ifndef SENTINELD_RELOAD_H
#define SENTINELD_RELOAD_H

#include "io/start/options.h"
#include "sentineld/conf.h"

struct runtime;
struct tls;

struct reload {
    const struct options *options; /* which file */
    struct conf *conf;             /* what holds; gets another content */
    struct tls *tls;
    struct runtime *runtime;
};

/* All of the file or, when anything is wrong with it, nothing; says in the log
 * what changed, or what is wrong. */
void reload_configuration(const struct reload *reload);

#endif
