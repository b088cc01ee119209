/* What the files conf_redis*.c share: one line of a sentinel.conf, and what
 * Redis' daemon wrote down there. */
#ifndef SENTINELD_CONF_REDIS_PRIVATE_H
#define SENTINELD_CONF_REDIS_PRIVATE_H

#include "conf_private.h"

/* conf_redis_words.c: the words of a line. */

struct conf_words {
    size_t count;
    char **words;  /* each ends in a NUL */
    char *storage; /* of all of them */
};

/* NULL, or what is wrong with the quoting; then there is nothing to clear. */
const char *conf_words_split(const char *line, size_t length,
                             struct conf_words *words);
void conf_words_clear(struct conf_words *words);
/* The word so that conf_words_split gives it back; `quoted` has room for four
 * times its length and three bytes more. Returns the length written. */
size_t conf_words_quote(const char *word, char *quoted);

struct conf_directive {
    struct conf_words line;
    const char *file; /* kept by its source */
    unsigned number;  /* 0 = the command line */
};

/* conf_redis_names.c: what Redis and Valkey accept. */

/* NULL: they know no such directive. Else what to tell about one that has no
 * effect here, as the end of a sentence that begins with its name. */
const char *conf_redis_ignored(const char *directive);

/* conf_redis_seeds.c: what Redis' daemon remembered. */

struct conf_seeds;

struct conf_seeds *conf_seeds_new(void);
void conf_seeds_free(struct conf_seeds *seeds);
void conf_seeds_note_id(struct conf_seeds *seeds);
void conf_seeds_note_current_epoch(struct conf_seeds *seeds, uint64_t epoch);
void conf_seeds_note_config_epoch(struct conf_seeds *seeds, size_t group,
                                  uint64_t epoch);
void conf_seeds_note_leader_epoch(struct conf_seeds *seeds, size_t group,
                                  uint64_t epoch);

enum conf_seeds_result {
    SEEDS_OK,
    SEEDS_DUPLICATE,
    SEEDS_FULL, /* one more would pass a limit of types.h; it is left out */
};
enum conf_seeds_result conf_seeds_add_node(struct conf_seeds *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct address *address);
enum conf_seeds_result conf_seeds_add_peer(struct conf_seeds *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct record_peer *peer);
/* Writes conf->seeds; none when nothing was noted. */
void conf_seeds_finish(struct conf_seeds *seeds, struct conf *conf);

/* conf_redis_server.c: the ordinary directives. */

bool conf_redis_read_server(struct conf_build *build,
                            const struct conf_directive *directive);
/* "file:line: port: sentence". Returns false. */
bool conf_directive_fail(struct conf_build *build,
                         const struct conf_directive *directive,
                         const char *sentence);
/* These read the first word behind the name strictly, or fail. */
bool conf_directive_port(struct conf_build *build,
                         const struct conf_directive *directive,
                         uint16_t *port);
bool conf_directive_path(struct conf_build *build,
                         const struct conf_directive *directive,
                         char path[CONF_PATH_SIZE]);
bool conf_directive_switch(struct conf_build *build,
                           const struct conf_directive *directive, bool *on);

/* conf_redis_numbers.c: those of them whose value is a number. */

bool conf_redis_is_number(const char *name);
bool conf_redis_read_number(struct conf_build *build,
                            const struct conf_directive *directive);

/* conf_redis_tls.c: the tls-... directives. */

bool conf_redis_is_tls(const char *name);
/* That is where a fault of several directives together is shown. */
void conf_redis_note_tls(struct conf_build *build,
                         const struct conf_directive *directive);
bool conf_redis_read_tls(struct conf_build *build,
                         const struct conf_directive *directive);
/* What they say together. */
bool conf_redis_settle_tls(struct conf_build *build);

/* conf_redis_paths.c: relative paths. */

/* The path as Redis means it where `dir` is what it is by now. False: that is
 * too long. */
bool conf_redis_path(const struct conf *conf, const char *path,
                     char full[CONF_PATH_SIZE]);
/* All that the daemon opens or starts, once everything was read. */
bool conf_redis_settle_paths(struct conf_build *build);

/* conf_redis_sentinel.c: the `sentinel` directives. */

/* One text: the file, one that it includes, the options. */
struct conf_source {
    struct conf_source *older;    /* all that there are, newest first */
    struct conf_source *includer; /* goes on when this one ends */
    unsigned depth;
    char *name; /* owned, as the text */
    char *text;
    const char *at;
    unsigned line; /* of `at`; 0 = lines have no numbers */
};

struct conf_redis {
    struct conf_build build;
    const char *name;            /* of the file that was asked for */
    conf_load_file load;         /* NULL: nothing can be included */
    struct conf_source *sources; /* owned */
    struct conf_source *reading;
    size_t source_count;
    struct conf_directive *queued; /* the `sentinel` lines */
    size_t queued_count;
    struct conf_seeds *seeds;
};

bool conf_redis_read_sentinel(struct conf_redis *redis);

/* conf_redis_sources.c: the texts, line by line. */

struct conf_line {
    const char *text; /* up to `length`, without its end */
    size_t length;
    const char *file;
    unsigned number;
};

/* Reading goes on with this text, then with what was being read. Takes over
 * the text. */
void conf_sources_push(struct conf_redis *redis, const char *name, char *text,
                       bool numbered);
/* The next line; false when everything has been read. */
bool conf_sources_next(struct conf_redis *redis, struct conf_line *line);
/* `include NAME`. */
bool conf_sources_include(struct conf_redis *redis,
                          const struct conf_directive *directive);
void conf_sources_free(struct conf_redis *redis);

enum conf_pass { PASS_PROCESS, PASS_MONITOR, PASS_REST };

enum sentinel_kind {
    SENTINEL_ANNOUNCE_IP,
    SENTINEL_ANNOUNCE_PORT,
    SENTINEL_CURRENT_EPOCH,
    SENTINEL_MYID,
    SENTINEL_RESOLVE_HOSTNAMES,
    SENTINEL_ANNOUNCE_HOSTNAMES,
    SENTINEL_GROUP_OPTION, /* ours, see group_options.h */
    SENTINEL_PEER_USER,
    SENTINEL_PEER_PASS,
    SENTINEL_MONITOR,
    SENTINEL_DOWN_AFTER,
    SENTINEL_FAILOVER_TIMEOUT,
    SENTINEL_PARALLEL_SYNCS,
    SENTINEL_AUTH_PASS,
    SENTINEL_AUTH_USER,
    SENTINEL_CONFIG_EPOCH,
    SENTINEL_LEADER_EPOCH,
    SENTINEL_KNOWN_REPLICA,
    SENTINEL_KNOWN_SENTINEL,
    SENTINEL_DENY_SCRIPTS,
    SENTINEL_NOTIFICATION_SCRIPT,
    SENTINEL_CLIENT_RECONFIG_SCRIPT,
    SENTINEL_RENAME_COMMAND,
    SENTINEL_REBOOT_PERIOD,
};

/* `least` and `most` count the words behind the directive's name. */
struct conf_rule {
    const char *name;
    enum sentinel_kind kind;
    enum conf_pass pass;
    size_t least;
    size_t most;
};

/* One directive while it is evaluated. */
struct conf_statement {
    struct conf_redis *redis;
    struct conf_build *build;
    const struct conf_rule *rule;
    char *const *words; /* behind the directive's name */
    size_t count;
    unsigned line;
    size_t group; /* of a directive that names a master */
};

/* conf_redis_statement.c: what the directives' readers share. */

/* "file:line: sentinel monitor: sentence". Returns false. */
bool conf_statement_fail(const struct conf_statement *statement,
                         const char *sentence);
/* "file:line: sentinel monitor effect" among the warnings. */
void conf_statement_warn(const struct conf_statement *statement,
                         const char *effect);
/* These read a word strictly, or fail. */
bool conf_statement_number(const struct conf_statement *statement,
                           const char *word, int64_t *number);
bool conf_statement_epoch(const struct conf_statement *statement,
                          const char *word, uint64_t *epoch);
/* Host and port, which are next to each other. */
bool conf_statement_address(const struct conf_statement *statement,
                            char *const *words, struct address *address);
bool conf_is_run_id(const char *text);

/* conf_redis_group.c: the directives about one master. */

bool conf_redis_group_monitor(const struct conf_statement *statement);
/* `key_name` is the native key that has the same meaning. */
bool conf_redis_group_time(const struct conf_statement *statement,
                           const char *key_name);
bool conf_redis_group_parallel_syncs(const struct conf_statement *statement);
bool conf_redis_group_option(const struct conf_statement *statement);
bool conf_redis_secret(const struct conf_statement *statement, const char *word,
                       char secret[SECRET_SIZE]);
bool conf_redis_user(const struct conf_statement *statement, const char *word,
                     char user[SECRET_SIZE]);
bool conf_redis_group_script(const struct conf_statement *statement,
                             char path[SCRIPT_PATH_SIZE]);
bool conf_redis_group_epoch(const struct conf_statement *statement);
bool conf_redis_group_known_replica(const struct conf_statement *statement);
bool conf_redis_group_known_sentinel(const struct conf_statement *statement);
bool conf_redis_group_reboot_period(const struct conf_statement *statement);
bool conf_redis_group_rename_command(const struct conf_statement *statement);

#endif
