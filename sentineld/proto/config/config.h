/* What the files conf*.c share: the tables of keys, the configuration while it
 * is being built, and the way errors and warnings are worded. */
#ifndef SENTINELD_PROTO_CONFIG_H
#define SENTINELD_PROTO_CONFIG_H

#include "sentineld/acl.h"
#include "sentineld/conf.h"
#include "sentineld/model.h"

/* settings_table.c, setting.c: the keys of the native file. */

enum value_type {
    VALUE_NUMBER, /* 123 or 123L */
    VALUE_MODE,   /* of a file, in octal digits: "0700" */
    VALUE_SWITCH, /* true or false */
    VALUE_TEXT,
    VALUE_NAME,    /* of a group */
    VALUE_HOST,    /* ip address or host name */
    VALUE_CHOICE,  /* one of a few words */
    VALUE_BINDS,   /* array of ip addresses */
    VALUE_RENAMES, /* array of "COMMAND name" */
    VALUE_GROUPS,
    VALUE_DEFAULTS, /* of the groups */
    VALUE_USERS,
};

/* The lists of words; the value is the index of the word. */
enum choice {
    CHOICE_LEVEL,      /* enum log_level, and nothing above */
    CHOICE_FORMAT,     /* enum conf_log_format */
    CHOICE_FACILITY,   /* of the system's log */
    CHOICE_SUPERVISED, /* enum conf_supervised */
    CHOICE_AUTH,       /* enum conf_tls_auth */
    CHOICE_DETECTION,
    CHOICE_ON_EMPTY_MASTER,
    CHOICE_ORDER, /* enum selection_order */
    CHOICE_FENCING,
};

/* What else there is to say of a row. */
enum row_flag {
    ROW_FIXED = 1u << 0,    /* used up at the start: a change waits for the next
                               one */
    ROW_SECRET = 1u << 1,   /* never shown */
    ROW_TOLD = 1u << 2,     /* a name in events and log lines: no control
                               characters */
    ROW_PATH = 1u << 3,     /* of a sentinel.conf: it is relative to `dir` */
    ROW_SENTINEL = 1u << 4, /* of the daemon: `sentinel announce-ip ...` */
    ROW_OURS = 1u << 5,     /* Sentinel has no such option */
    ROW_SET_ALONE = 1u << 6, /* an option of SENTINEL SET, but no directive */
    ROW_EXPORTED = 1u << 7, /* an ordinary directive that is told in an exported
                               file */
};

struct setting_row {
    const char *key; /* in the native file */
    enum value_type type;
    size_t offset;    /* of the member that takes the value ... */
    size_t size;      /* ... and its size */
    uint64_t minimum; /* of a number, of a text's length, of a count; of a
                         choice: which enum choice */
    uint64_t maximum;
    const char *standard;  /* the default as one would write it; for a switch
                              of a group also the key at the top that has it;
                              NULL: none, the key is required */
    const char *directive; /* in a sentinel.conf; of a group also its name for
                              SENTINEL SET; NULL: none */
    const char *alias;     /* Valkey's name of that, or NULL */
    /* What Redis takes of a number there: more than that is an error, what is
     * outside our range is brought into it, with a warning. Both 0: our range.
     */
    int64_t least;
    int64_t most;
    const char *redis; /* the default of a sentinel.conf; NULL: the same */
    unsigned flags;    /* enum row_flag */
    unsigned config;   /* its place in SENTINEL CONFIG GET's reply; 0: none */
    const char
        *example; /* the value in the delivered file, if it is required */
    const char *help;
};

struct setting_table {
    const struct setting_row *rows;
    size_t count;
};

/* A group while it is being read: what group_table's offsets mean. */
struct conf_draft {
    struct group_conf group;
    struct conf_login login;
    struct renames renames;
    char password_file[CONF_PATH_SIZE];
    bool tls;
    struct conf_tls_client tls_client;
};

/* The same for a user: what user_table's offsets mean. */
struct conf_user_draft {
    char name[ACL_NAME_SIZE];
    char rules[ACL_RULES_MAX + 1];
};

extern const struct setting_table daemon_table; /* into struct conf */
extern const struct setting_table user_table;   /* into conf_user_draft */
extern const struct setting_table group_table;  /* into struct conf_draft */

enum { SETTING_RANGE_SIZE = 128 };

/* setting.c: what follows from the rows. */

const struct setting_row *setting_find(const struct setting_table *table,
                                       const char *key);
/* By directive or alias, in any case. */
const struct setting_row *
setting_find_directive(const struct setting_table *table, const char *name);
/* The key that was probably meant, or NULL. */
const struct setting_row *setting_guess(const struct setting_table *table,
                                        const char *name);
/* The same for a directive; NULL: none. */
const char *setting_guess_directive(const struct setting_table *table,
                                    const char *name, bool of_sentinel);
void setting_set_defaults(const struct setting_table *table, void *base);
/* The same, with those of a sentinel.conf. */
void setting_set_redis_defaults(const struct setting_table *table, void *base);
/* "1 to 64", "true or false" ... */
void setting_range(const struct setting_row *row,
                   char text[SETTING_RANGE_SIZE]);
/* Of a number, of a mode, or the index of a word. */
uint64_t setting_number(const struct setting_row *row, const void *base);
/* The number must be within the range. */
void setting_set_number(const struct setting_row *row, void *base,
                        uint64_t value);
/* "text, json", with this before the last one. */
void setting_list_words(enum choice choice, const char *last, char *text,
                        size_t size);
/* Ignores case; -1 when the list has no such word. */
int setting_choice_find(enum choice choice, const char *word);
/* How many words there are. */
int setting_choice_count(enum choice choice);
/* The word with this index. */
const char *setting_choice_word(enum choice choice, int index);
/* Is it one that the core keeps of a group, and which? */
bool setting_is_core(const struct setting_row *row, enum setting *setting);

/* setting_word.c: a value as a word. */

enum { SETTING_WORD_SIZE = CONF_PATH_SIZE };
enum mode_fault { MODE_OK, MODE_NOT_OCTAL, MODE_TOO_LARGE };

/* What is wrong with a text beside its length, as the end of a sentence; NULL:
 * nothing. */
const char *setting_text_fault(const struct setting_row *row, const char *text);
enum mode_fault setting_read_mode(const char *text, uint32_t *mode);
/* For all types of values that are one word. False: it is none of the row's. */
MUST_CHECK bool setting_take_word(const struct setting_row *row,
                                  const char *word, void *base);
void setting_print_word(const struct setting_row *row, const void *base,
                        char text[SETTING_WORD_SIZE]);

/* setting_origin.c: where a value of a group comes from. */

enum setting_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_MONITOR, ORIGIN_SET };

/* A group as it is, as it was declared, as if nobody had said anything. */
struct setting_views {
    const struct group *group;
    struct conf_draft *now;
    struct conf_draft *declared;
    struct conf_draft *standard;
};

void setting_views_init(struct setting_views *views, const struct group *group);
void setting_views_clear(struct setting_views *views);
enum setting_origin setting_origin(const struct setting_views *views,
                                   const struct setting_row *row);

/* settings_print.c: the value of a row at `base`, as its table means it. */

/* As the native file has it. */
void setting_print(const struct setting_row *row, const void *base,
                   struct buffer *out);
/* Not for groups. */
bool setting_equal(const struct setting_row *row, const void *a, const void *b);
/* The group as its rows see it. What it points to is borrowed. Of TLS only
 * what the group has for itself. */
void conf_draft_of(const struct conf *conf, size_t index,
                   struct conf_draft *draft);

/* name_index.c: which names and addresses there are, and where. */

struct name_index;

struct name_place {
    size_t index;  /* of the group or row */
    unsigned line; /* 0 = the command line */
};

/* False when there is none. */
bool name_index_find(const struct name_index *known, const char *key,
                     struct name_place *place);
void name_index_add(struct name_index **known, const char *key,
                    struct name_place place);
void name_index_free(struct name_index **known);

/* conf_build.c: a configuration being built. */

enum { CONF_SHOWN_SIZE = 96, CONF_ADDRESS_KEY_SIZE = HOST_SIZE + 8 };

/* Where a setting was given; file NULL: nowhere. */
struct conf_place {
    const char *file;
    unsigned line;
};

struct conf_build {
    struct conf *conf;
    const char *file;           /* its name, for messages */
    struct error *error;        /* set by the first conf_fail */
    struct conf_faults *faults; /* all of them; NULL = only the first counts */
    struct name_index *addresses; /* of the groups' masters */
    char prefix[32];              /* of the keys in messages: "groups[3]." */
    struct conf_place *places;    /* owned; of the rows of daemon_table */
};

void conf_build_init(struct conf_build *build, struct conf *conf,
                     const char *file, struct error *error);
/* Frees what only building needed; also the configuration unless `ok`.
 * Returns `ok`. */
/* May a server be known by this: an ip, or a name where names are allowed? */
bool conf_allows_host(const struct conf *conf, const char *host);

/* What is wrong with a list of addresses to connect from, as the end of a
 * sentence; NULL: nothing. */
const char *conf_source_fault(const char *list);
bool conf_build_end(struct conf_build *build, bool ok);
/* "file:line: sentence" into the error. Line 0 is the command line. Returns
 * false. */
bool conf_fail(struct conf_build *build, unsigned line, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* After a fault: is there a point in looking for more? */
bool conf_goes_on(const struct conf_build *build);
void conf_warn(struct conf_build *build, unsigned line, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* For what rows of the daemon say together: where each was given, and to go
 * there for a sentence. The line is to be given to conf_fail. */
void conf_note_place(struct conf_build *build, const struct setting_row *row,
                     unsigned line);
unsigned conf_go_to(struct conf_build *build, const char *key);
/* Where something was said first: "line 7" or "the command line". */
const char *conf_where(unsigned line, char text[CONF_SHOWN_SIZE]);
/* Somebody's text, made fit for a message: cut, and without anything that a
 * terminal could take for a command. */
const char *conf_shown(const char *text, char shown[CONF_SHOWN_SIZE]);
/* The group is copied, its renames are taken over. Its name must not be there
 * yet. */
void conf_build_add_group(struct conf_build *build,
                          const struct conf_draft *draft, unsigned line);
/* Where the address is watched already; false when it is not. */
bool conf_build_find_address(const struct conf_build *build,
                             const struct address *address,
                             struct name_place *place);
void conf_lower_case(char *text); /* ASCII */
/* The same text for addresses that are equal. */
void conf_address_key(const struct address *address,
                      char key[CONF_ADDRESS_KEY_SIZE]);

/* conf_tls.c: what keys about TLS say together. */

/* A key that is to blame, and the end of a sentence that begins with it. */
struct conf_tls_fault {
    const char *key; /* as in the native file; NULL: all is well */
    const char *text;
};

/* False: a word is none of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3. No word: the
 * protocols that are safe. */
bool conf_tls_parse_protocols(const char *text, unsigned *protocols);
/* Once all keys of the top are read and before the groups are: completes
 * conf->tls and chooses what is for peers and for unnamed groups. */
struct conf_tls_fault conf_tls_settle(struct conf *conf);
bool conf_tls_is_same(const struct conf_tls_client *a,
                      const struct conf_tls_client *b);
/* What a group begins with. */
void conf_tls_start_group(const struct conf *conf, struct conf_draft *draft);
/* Chooses draft->login.tls, once its keys are read. */
struct conf_tls_fault conf_tls_settle_group(struct conf *conf,
                                            struct conf_draft *draft);

/* native_scan.c: what libconfig would let through. */

bool native_scan(struct conf_build *build, const char *text);

/* native_value.c, native_group.c: libconfig's settings into structs. */

struct config_setting_t;

/* native_renames.c: the key rename_commands, in either direction. */

bool native_read_renames(struct conf_build *build,
                         const struct setting_row *row, struct renames *renames,
                         const struct config_setting_t *setting);
void native_print_renames(const struct renames *renames, struct buffer *out);
/* `"` and `\` and what cannot be seen, as libconfig reads them. */
void native_print_text(const char *text, struct buffer *out);

/* Every key but `groups` of one level into the struct at `base`. */
bool native_read_level(struct conf_build *build,
                       const struct setting_table *table, void *base,
                       const struct config_setting_t *level);
/* The same without a demand for the keys that are required. */
bool native_read_values(struct conf_build *build,
                        const struct setting_table *table, void *base,
                        const struct config_setting_t *level);
bool native_read_groups(struct conf_build *build, conf_read_file read_file,
                        const struct config_setting_t *groups,
                        const struct config_setting_t *defaults);

/* conf_secret.c */

struct conf_secret_file {
    conf_read_file read_file;
    const char *key; /* that named it */
    const char *path;
    unsigned line;
};

bool conf_read_secret(struct conf_build *build,
                      const struct conf_secret_file *file,
                      char secret[SECRET_SIZE]);

/* conf_users.c: users of our own port. */

/* A user with these rules. */
bool conf_users_add(struct conf_build *build, unsigned line, const char *name,
                    const struct acl_words *words);
/* When all are added: what their file and requirepass mean for them. */
bool conf_users_finish(struct conf_build *build);
bool conf_users_read(struct conf_build *build, conf_read_file read_file,
                     const struct config_setting_t *root);
bool conf_users_read_all(struct conf_build *build,
                         const struct config_setting_t *users);

#endif
