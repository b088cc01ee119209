/* What the files sentinel_conf*.c share: one line of a sentinel.conf, and what
 * Redis' daemon wrote down there. */
#ifndef SENTINELD_PROTO_SENTINEL_CONF_H
#define SENTINELD_PROTO_SENTINEL_CONF_H

#include "proto/config/config.h"

/* conf_words.c: the words of a line. */

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

/* sentinel_conf_names.c: what Redis and Valkey accept. */

/* NULL: they know no such directive. Else what to tell about one that has no
 * effect here, as the end of a sentence that begins with its name. */
const char *sentinel_conf_ignored(const char *directive);

/* imported_state.c: what Redis' daemon remembered. */

struct imported_state;

struct imported_state *imported_state_new(void);
void imported_state_free(struct imported_state *seeds);
void imported_state_note_id(struct imported_state *seeds);
void imported_state_note_current_epoch(struct imported_state *seeds,
                                       uint64_t epoch);
void imported_state_note_config_epoch(struct imported_state *seeds,
                                      size_t group, uint64_t epoch);
void imported_state_note_leader_epoch(struct imported_state *seeds,
                                      size_t group, uint64_t epoch);

enum import_result {
    IMPORT_OK,
    IMPORT_DUPLICATE,
    IMPORT_FULL, /* one more would pass a limit of types.h; it is left out */
};
enum import_result imported_state_add_node(struct imported_state *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct address *address);
enum import_result imported_state_add_peer(struct imported_state *seeds,
                                           const struct conf *conf,
                                           size_t group,
                                           const struct record_peer *peer);
/* Writes conf->seeds; none when nothing was noted. */
void imported_state_finish(struct imported_state *seeds, struct conf *conf);

/* sentinel_conf_server.c: the ordinary directives. */

bool sentinel_conf_read_server(struct conf_build *build,
                               const struct conf_directive *directive);
/* "file:line: port: sentence". Returns false. */
bool conf_directive_fail(struct conf_build *build,
                         const struct conf_directive *directive,
                         const char *sentence);

/* What the tls-... directives say together. */
bool sentinel_conf_settle_tls(struct conf_build *build);

/* sentinel_conf_value.c: one word into a member. */

struct conf_word {
    struct conf_build *build;
    const struct setting_row *row;
    const char *name; /* "port", "sentinel announce-port" */
    const char *word;
    unsigned line;
};

/* `base` is that of the row's table. */
bool sentinel_conf_take(const struct conf_word *from, void *base);

/* sentinel_conf_paths.c: relative paths. */

/* The path as Redis means it where `dir` is what it is by now. False: that is
 * too long. */
bool sentinel_conf_path(const struct conf *conf, const char *path,
                        char full[CONF_PATH_SIZE]);
/* All that the daemon opens or starts, once everything was read. */
bool sentinel_conf_settle_paths(struct conf_build *build);

/* sentinel_conf_directives.c: the `sentinel` directives. */

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

struct sentinel_conf {
    struct conf_build build;
    const char *name;            /* of the file that was asked for */
    conf_load_file load;         /* NULL: nothing can be included */
    struct conf_source *sources; /* owned */
    struct conf_source *reading;
    size_t source_count;
    struct conf_directive *queued; /* the `sentinel` lines */
    size_t queued_count;
    bool lacks_masters; /* a `monitor` was wrong: what names one may be right */
    struct imported_state *seeds;
};

bool sentinel_conf_read_sentinel(struct sentinel_conf *redis);

/* sentinel_conf_sources.c: the texts, line by line. */

struct conf_line {
    const char *text; /* up to `length`, without its end */
    size_t length;
    const char *file;
    unsigned number;
};

/* Reading goes on with this text, then with what was being read. Takes over
 * the text. */
void conf_sources_push(struct sentinel_conf *redis, const char *name,
                       char *text, bool numbered);
/* The next line; false when everything has been read. */
bool conf_sources_next(struct sentinel_conf *redis, struct conf_line *line);
/* `include NAME`. */
bool conf_sources_include(struct sentinel_conf *redis,
                          const struct conf_directive *directive);
void conf_sources_free(struct sentinel_conf *redis);

enum conf_pass { PASS_PROCESS, PASS_MONITOR, PASS_REST };

enum sentinel_kind {
    SENTINEL_SETTING, /* has a row */
    SENTINEL_CURRENT_EPOCH,
    SENTINEL_MYID,
    SENTINEL_MONITOR,
    SENTINEL_CONFIG_EPOCH,
    SENTINEL_LEADER_EPOCH,
    SENTINEL_KNOWN_REPLICA,
    SENTINEL_KNOWN_SENTINEL,
};

/* `least` and `most` count the words behind the directive's name. */
struct conf_rule {
    const char *name;
    enum sentinel_kind kind;
    enum conf_pass pass;
    size_t least;
    size_t most;
    const struct setting_row *row; /* of SENTINEL_SETTING */
};

/* One directive while it is evaluated. */
struct conf_statement {
    struct sentinel_conf *redis;
    struct conf_build *build;
    const struct conf_rule *rule;
    char *const *words; /* behind the directive's name */
    size_t count;
    unsigned line;
    size_t group; /* of a directive that names a master */
};

/* sentinel_conf_statement.c: what the directives' readers share. */

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

/* sentinel_conf_group.c: the directives about one master. */

bool sentinel_conf_group_monitor(const struct conf_statement *statement);
/* A word of the group with this index. */
bool sentinel_conf_group_take(const struct conf_word *from, size_t index);
bool sentinel_conf_group_epoch(const struct conf_statement *statement);
bool sentinel_conf_group_known_replica(const struct conf_statement *statement);
bool sentinel_conf_group_known_sentinel(const struct conf_statement *statement);
bool sentinel_conf_group_rename_command(const struct conf_statement *statement);

#endif
