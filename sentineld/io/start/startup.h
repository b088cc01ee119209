/* What is done once, before the loop runs: files, identity, descriptors. */
#ifndef SENTINELD_STARTUP_H
#define SENTINELD_STARTUP_H

#include "io/start/options.h"
#include "io/store/store.h"
#include "sentineld/acl.h"
#include "sentineld/conf.h"
#include "sentineld/types.h"

/* Reads and checks the configuration file. On failure nothing is owned.
 * `faults`: all that is wrong with it, if it is; NULL: the first is enough. */
MUST_CHECK bool startup_read_conf(const struct options *options,
                                  struct conf_faults *faults, struct conf *conf,
                                  struct error *error);

/* Do both names lead to one file? */
bool startup_is_same_file(const char *a, const char *b);

/* Pid file, user, log, in this order. *owns_pidfile: the file is ours to
 * remove. */
MUST_CHECK bool startup_process(const struct conf *conf, bool *owns_pidfile,
                                struct error *error);

/* What the store remembers. On the first start it is given an identity, and
 * what a sentinel.conf knew, before anything else can happen; so there are
 * always records. *records is the caller's to free. */
MUST_CHECK bool startup_load_state(struct store *store, const struct conf *conf,
                                   struct record **records, size_t *count,
                                   struct error *error);

/* The users of our port: as they are, and as the configuration declares
 * them. */
struct startup_users {
    struct acl *live;
    struct acl *declared;
};

/* The users of the configuration, or of its file, into an empty list. */
MUST_CHECK bool startup_declare_users(const struct conf *conf,
                                      struct acl *declared,
                                      struct error *error);
/* On failure too, startup_users_clear gives back what there is. */
MUST_CHECK bool startup_load_users(struct store *store, const struct conf *conf,
                                   struct startup_users *users,
                                   struct error *error);
void startup_users_clear(struct startup_users *users);

/* startup_warn.c: says in the log what is open that may not be meant to be:
 * the port, and files with secrets. `file`: of the configuration. */
void startup_warn(const struct conf *conf, const struct acl *acl,
                  const char *file);
/* May whoever reaches the port do everything? */
bool startup_is_open(const struct conf *conf, const struct acl *acl);
bool startup_is_readable_by_others(const char *path);

/* Raises the limit of open files as far as allowed; says in the log what
 * that means, and lowers max_clients to what fits. */
void startup_fit_descriptors(struct conf *conf);

struct model;
/* A warning for each value that SENTINEL SET made another than the file's. */
void startup_tell_overrides(const struct model *model);
/* How many clients fit when `limit` files may be open. */
uint32_t startup_clients_that_fit(uint64_t limit, const struct conf *conf);

/* From the kernel. */
void startup_fill_random(void *data, size_t length);
uint64_t startup_random_seed(void);
/* 40 random hexadecimal digits. */
void startup_random_id(char id[RUN_ID_SIZE]);

#endif
