/* The configuration: libconfig's own syntax, or an existing sentinel.conf. */
#ifndef SENTINELD_CONF_H
#define SENTINELD_CONF_H

#include "sentineld/buffer.h"
#include "sentineld/conf_tls.h"
#include "sentineld/renames.h"
#include "sentineld/types.h"

enum { CONF_MAX_BIND = 16, CONF_SOCKET_SIZE = 108 };

/* What belongs to one group beside what the core needs. */
struct conf_login {
    char user[SECRET_SIZE];
    char password[SECRET_SIZE];
    size_t tls; /* which of conf.tls_clients, from 1; 0 = without TLS */
};

struct name_index;
struct acl;

enum conf_log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };
enum conf_supervised { SUPERVISED_NO, SUPERVISED_AUTO, SUPERVISED_SYSTEMD };

struct conf {
    uint16_t port;                       /* 0 = none, */
    uint16_t tls_port;                   /* but one of them */
    char bind[CONF_MAX_BIND][HOST_SIZE]; /* numeric; none: all addresses */
    bool bind_optional[CONF_MAX_BIND];   /* not being able to listen there is
                                            no reason to stop: "-::1" */
    size_t bind_count;
    char bind_source[2 * HOST_SIZE]; /* one ip of each kind, to connect from */
    bool protected_mode;
    char dir[CONF_PATH_SIZE];     /* where the state database is */
    char logfile[CONF_PATH_SIZE]; /* "" = standard output */
    int log_format;               /* enum conf_log_format */
    bool syslog_enabled;          /* to the system's log as well */
    char syslog_ident[64];
    int syslog_facility; /* 0 = user, then local0 to local7 */
    bool daemonize;
    char pidfile[CONF_PATH_SIZE]; /* "" = none */
    int supervised;               /* enum conf_supervised */
    char user[64];                /* to become after the start; "" = nobody */
    struct daemon_settings settings; /* what can be changed at run time */
    msec vote_lease_ms;
    uint32_t max_clients;
    char unix_socket[CONF_SOCKET_SIZE]; /* "" = none */
    uint32_t unix_socket_mode;          /* 0 = 0770 */
    uint32_t client_timeout_s;          /* idle clients are closed; 0 = never */
    uint32_t tcp_keepalive_s;           /* of clients; 0 = off */
    uint32_t tcp_backlog;
    uint32_t acllog_max_len;
    uint64_t client_output_limit_bytes;
    /* Who clients can be: declared one by one, or in a file. */
    struct acl *users;             /* owned; NULL = none is declared */
    char acl_file[CONF_PATH_SIZE]; /* "" = none */
    char requirepass[SECRET_SIZE]; /* of the user `default`; "" = none */
    char requirepass_file[CONF_PATH_SIZE];
    struct conf_login peer_login; /* no password: requirepass alone */
    char peer_password_file[CONF_PATH_SIZE];
    uint32_t pool_size;         /* default of the groups */
    bool deny_scripts_reconfig; /* they are not SENTINEL SET's to change */
    char export_sentinel_conf[CONF_PATH_SIZE]; /* kept for tools; "" = none */
    struct conf_tls tls;
    struct conf_tls_client *tls_clients; /* owned; all that are used */
    size_t tls_client_count;
    size_t tls_servers; /* which of them, from 1, is for groups that the file
                           does not name; 0 = without TLS */
    size_t tls_peers;   /* the same for peers */
    struct group_conf *groups; /* owned */
    struct conf_login *logins; /* owned; one for each group, same index */
    struct renames *renames;   /* the same */
    size_t group_count;
    struct name_index *names;   /* owned; index of the groups, see
                                   conf_find_login */
    bool has_masters_elsewhere; /* a `monitor` is in a file that a sentinel.conf
                                   includes, or on the command line */
    /* from a sentinel.conf: what Redis' daemon wrote down itself. Used when
     * our own state is still empty. The rows are in the order self, groups,
     * peers, nodes, voters; none at all when the file tells nothing of the
     * kind. Without a `sentinel myid` the self row's run_id is "": whoever
     * uses the rows fills in the id that he made. */
    char myid[RUN_ID_SIZE]; /* "" = none */
    struct record *seeds;   /* owned */
    size_t seed_count;
    /* Sentences about directives that were read and have no effect. */
    char (*warnings)[256]; /* owned */
    size_t warning_count;
};

/* Reads a file that the configuration names; injected so that parsing needs
 * no file system. Used for secrets that are given as a file name. `text` gets
 * the beginning of the file, at most `size` - 1 bytes and a NUL. Returns false
 * and a reason without the path ("Permission denied") when it cannot. On
 * success error->text, "" before the call, may hold what is worth a warning,
 * also without the path: "can be read by every user; chmod 600 it". */
typedef bool (*conf_read_file)(const char *path, char *text, size_t size,
                               struct error *error);

/* Defaults only. */
void conf_default(struct conf *conf);
void conf_free(struct conf *conf);

/* All that is wrong with a file, as far as one is not wrong because of another:
 * a sentence each, the first of them the error's. */
enum { CONF_FAULTS_MAX = 20 };
struct conf_faults {
    char text[CONF_FAULTS_MAX][512];
    size_t count;
};

/* `name` is the file's name for messages. On failure *conf is freed and the
 * error says file, line, what is wrong and what would be right. */
MUST_CHECK bool conf_parse(const char *text, const char *name,
                           conf_read_file read_file, struct conf *conf,
                           struct error *error);
/* The same, and goes on after the first fault; `faults` NULL: it does not. */
MUST_CHECK bool conf_parse_all(const char *text, const char *name,
                               conf_read_file read_file,
                               struct conf_faults *faults, struct conf *conf,
                               struct error *error);
/* `extra` are the command line's options as further lines, or ""; what they
 * say wins over the file. */
MUST_CHECK bool sentinel_conf_parse(const char *text, const char *extra,
                                    const char *name, struct conf *conf,
                                    struct error *error);
/* Loads a file that is to be included: its whole text, the caller's to free,
 * or NULL and a reason without the path. The name may be a pattern; then it
 * is the text of all files that match. */
typedef char *(*conf_load_file)(const char *name, struct error *error);

struct sentinel_conf_input {
    const char *text;
    const char *extra;
    const char *name;
    conf_load_file load;        /* NULL: an `include` is an error */
    struct conf_faults *faults; /* NULL: it ends with the first one */
};

/* The same for a file that may include others. */
MUST_CHECK bool
sentinel_conf_parse_input(const struct sentinel_conf_input *input,
                          struct conf *conf, struct error *error);
/* How to log in at the other supervisors. */
void conf_peer_login(const struct conf *conf, struct conf_login *login);
/* The login of a group, or NULL for one that the file does not name. */
const struct conf_login *conf_find_login(const struct conf *conf,
                                         const char *group);
/* The same for the commands that its servers know under other names. */
const struct renames *conf_find_renames(const struct conf *conf,
                                        const char *group);
/* Which of conf.tls_clients, from 1, is for the servers of this group; 0 =
 * they are connected to without TLS. */
size_t conf_find_tls(const struct conf *conf, const char *group);
/* Do servers of the group, or with "" peers, see the same of our TLS? */
bool conf_same_tls(const struct conf *a, const struct conf *b,
                   const char *group);
/* The address of ours to connect to `ip` from, written to `source`; NULL: the
 * system chooses. */
const char *conf_find_source(const struct conf *conf, const char *ip,
                             char source[HOST_SIZE]);
/* The port that peers are told; a TLS one if they connect by TLS. */
uint16_t conf_announced_port(const struct conf *conf);
/* Appends the configuration as a native file; what cannot be said there is a
 * comment. It has passwords in it. Look at out->overflowed. */
void conf_print(const struct conf *conf, struct buffer *out);
/* The difference between two readings, a sentence on each line. Passwords are
 * not told. */
struct conf_changes {
    struct buffer now;
    struct buffer later; /* of keys that need a restart */
};
/* Appends. */
void conf_changes_find(const struct conf *before, const struct conf *after,
                       struct conf_changes *changes);
/* Gives keys that need a restart the values that are in use. */
void conf_changes_postpone(struct conf *conf, const struct conf *running);
struct model;
/* Appends a sentence on each line: what SENTINEL SET said and is not as in the
 * file. */
void conf_overrides_tell(const struct model *model, struct buffer *out);
/* What the core is started with. core->groups borrows from *conf. */
void conf_core(const struct conf *conf, struct core_conf *core);

/* `--port 26380 --sentinel monitor m 10.0.0.1 6379 2` as lines for
 * sentinel_conf_parse: an argument that begins with "--", and is not the only
 * value of the one before, starts a line; the others are its words, quoted.
 * *lines is the caller's to free. False when the first argument is no
 * option. */
MUST_CHECK bool sentinel_conf_options(int count, char *const *arguments,
                                      char **lines, struct error *error);

/* What is wrong with a group's name or with a host (ip text or host name), as
 * the end of a sentence that begins with it: "has a comma". NULL: nothing. */
const char *conf_name_fault(const char *name);
const char *conf_host_fault(const char *host);
/* An IPv4 address written as inet_aton takes it - 127.1, 0x7f.0.0.1, 127.0.01 -
 * gets the form that it is shown in; all else stays. Returns true. */
bool conf_host_normalize(char host[HOST_SIZE]);
/* The same for a user's name, which travels in events and log lines. */
const char *conf_text_fault(const char *text);
/* The same for a script's path, which travels in events and log lines. */
const char *conf_path_fault(const char *path);

#endif
