/* The configuration: libconfig's own syntax, or an existing sentinel.conf. */
#ifndef SENTINELD_CONF_H
#define SENTINELD_CONF_H

#include "sentineld/types.h"

enum { CONF_PATH_SIZE = 1024, CONF_MAX_BIND = 16, SECRET_SIZE = 512 };

/* What belongs to one group beside what the core needs. */
struct conf_login {
    char user[SECRET_SIZE];
    char password[SECRET_SIZE];
};

struct conf {
    uint16_t port;
    char bind[CONF_MAX_BIND][HOST_SIZE]; /* none: all addresses */
    size_t bind_count;
    bool protected_mode;
    char dir[CONF_PATH_SIZE];     /* where the state database is */
    char logfile[CONF_PATH_SIZE]; /* "" = standard output */
    int loglevel;                 /* enum log_level, or LEVEL_WARNING + 1 */
    char announce_host[HOST_SIZE];
    uint16_t announce_port; /* 0 = port */
    msec vote_lease_ms;
    uint32_t max_clients;
    uint64_t client_output_limit_bytes;
    uint32_t pool_size;        /* default of the groups */
    struct group_conf *groups; /* owned */
    struct conf_login *logins; /* owned; one for each group, same index */
    size_t group_count;
    /* from a sentinel.conf: what Redis' daemon wrote down itself. Used when
     * our own state is still empty. */
    char myid[RUN_ID_SIZE]; /* "" = none */
    struct record *seeds;   /* owned */
    size_t seed_count;
    /* Sentences about directives that were read and have no effect. */
    char (*warnings)[256]; /* owned */
    size_t warning_count;
};

/* Reads a file that is named on the command line; injected so that parsing
 * needs no file system: returns false and a reason when it cannot. Used for
 * secrets that are given as a file name. `text` has room for `size` bytes. */
typedef bool (*conf_read_file)(const char *path, char *text, size_t size,
                               struct error *error);

/* Defaults only. */
void conf_default(struct conf *conf);
void conf_free(struct conf *conf);

/* `name` is the file's name for messages. On failure *conf is freed and the
 * error says file, line, what is wrong and what would be right. */
MUST_CHECK bool conf_parse(const char *text, const char *name,
                           conf_read_file read_file, struct conf *conf,
                           struct error *error);
/* `extra` are the command line's options as further lines, or "". */
MUST_CHECK bool conf_redis_parse(const char *text, const char *extra,
                                 const char *name, struct conf *conf,
                                 struct error *error);
/* The login of a group, or NULL for one that the file does not name. */
const struct conf_login *conf_find_login(const struct conf *conf,
                                         const char *group);

#endif
