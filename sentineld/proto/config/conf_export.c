/* What holds now, as lines of a sentinel.conf in the order in which Redis
 * writes them: the operator's settings as they are by now, and what was
 * learned.
 *
 * Addresses and epochs are those that clients are told, so what is written is
 * on our own disk already. Settings that Redis does not have are told only in
 * the place of lines that are there. */
#include "sentineld/conf_export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/conf_lines.h"
#include "sentineld/memory.h"

enum { NUMBER_SIZE = 24 };

static void add(struct conf_lines *lines, const char *const *words,
                bool optional)
{
    size_t count = 0;
    while (words[count] != NULL) {
        count++;
    }
    conf_lines_add(lines, words, count, optional);
}

#define ADD(lines, ...) \
    add(lines, (const char *const[]){__VA_ARGS__, NULL}, false)

static const char *number(uint64_t value, char text[NUMBER_SIZE])
{
    (void)snprintf(text, NUMBER_SIZE, "%" PRIu64, value);
    return text;
}

/* --- Settings ------------------------------------------------------------- */

/* The level of a line: ordinary, `sentinel`, of a group. */
struct level {
    const char *sentinel; /* "sentinel", or NULL */
    const char *group;    /* its name, or NULL */
    const void *base;
    const void *standard; /* the same with the defaults of such a file */
    bool is_own_file;
    const char *dir;
};

static void add_words(const struct level *level, const char *const *values,
                      bool optional, struct conf_lines *lines)
{
    const char *words[CONF_MAX_BIND + 4];
    size_t count = 0;
    if (level->sentinel != NULL) {
        words[count++] = level->sentinel;
    }
    words[count++] = values[0];
    if (level->group != NULL) {
        words[count++] = level->group;
    }
    for (size_t i = 1; values[i] != NULL; i++) {
        words[count++] = values[i];
    }
    conf_lines_add(lines, words, count, optional);
}

static void add_binds(const struct level *level, struct conf_lines *lines)
{
    const struct conf *conf = level->base;
    const char *words[CONF_MAX_BIND + 2] = {"bind"};
    char shown[CONF_MAX_BIND][HOST_SIZE + 1];
    for (size_t i = 0; i < conf->bind_count; i++) {
        (void)snprintf(shown[i], sizeof(shown[i]), "%s%s",
                       conf->bind_optional[i] ? "-" : "", conf->bind[i]);
        words[i + 1] = shown[i];
    }
    if (conf->bind_count > 0) {
        add_words(level, words, false, lines);
    }
}

static void add_renames(const struct level *level,
                        const struct setting_row *row, struct conf_lines *lines)
{
    const struct conf_draft *draft = level->base;
    for (size_t i = 0; i < draft->renames.count; i++) {
        const struct rename *rename = &draft->renames.list[i];
        const char *words[] = {row->directive, rename->command, rename->name,
                               NULL};
        add_words(level, words, false, lines);
    }
}

/* A path that was put behind a relative `dir` when the file was read, as it
 * stood there: the next reader puts it there again. */
static void strip_directory(const char *dir, char word[SETTING_WORD_SIZE])
{
    size_t length = strlen(dir);
    if (dir[0] != '/' && strncmp(word, dir, length) == 0 &&
        word[length] == '/') {
        memmove(word, word + length + 1, strlen(word + length + 1) + 1);
    }
}

/* What is as it would be without the line is told only in the place of one that
 * is there; so is what Redis does not know. A text or a number of the daemon
 * that says nothing has no line. */
static void add_row(const struct level *level, const struct setting_row *row,
                    struct conf_lines *lines)
{
    char word[SETTING_WORD_SIZE];
    const char *words[] = {row->directive, word, NULL};
    if (row->type == VALUE_BINDS) {
        add_binds(level, lines);
        return;
    }
    if (row->type == VALUE_RENAMES) {
        add_renames(level, row, lines);
        return;
    }
    bool may_miss = level->sentinel != NULL || level->is_own_file;
    bool standard = may_miss && row->standard != NULL &&
                    setting_equal(row, level->base, level->standard);
    bool optional = standard || (row->flags & ROW_OURS) != 0;
    bool vain = standard && level->group == NULL && row->type == VALUE_NUMBER;
    setting_print_word(row, level->base, word);
    if ((row->flags & ROW_PATH) != 0) {
        strip_directory(level->dir, word);
    }
    if (word[0] != '\0' && !vain && (!optional || level->is_own_file)) {
        add_words(level, words, optional, lines);
    }
}

static bool is_used(const struct conf *conf, const struct setting_row *row)
{
    bool has_tls = conf->tls_port != 0 || conf->tls.servers || conf->tls.peers;
    return has_tls || strncmp(row->key, "tls_", strlen("tls_")) != 0;
}

/* So that Redis' daemon could be started with the file; in one of ours they are
 * the operator's, but for what SENTINEL CONFIG SET changes. */
static void add_ordinary(const struct level *level, struct conf_lines *lines)
{
    for (size_t i = 0; i < daemon_table.count; i++) {
        const struct setting_row *row = &daemon_table.rows[i];
        bool is_told = !level->is_own_file || row->config != 0;
        if (is_told && (row->flags & ROW_EXPORTED) != 0 &&
            is_used(level->base, row)) {
            add_row(level, row, lines);
        }
    }
}

static bool is_as_in(const struct acl *acl, const struct buffer *rules)
{
    struct buffer text;
    const struct acl_user *user =
        acl == NULL ? NULL
                    : acl_find(acl, ACL_DEFAULT_USER, strlen(ACL_DEFAULT_USER));
    buffer_init(&text, SIZE_MAX);
    if (user != NULL) {
        acl_describe_user(user, &text);
    }
    bool same = user != NULL && text.length == rules->length &&
                memcmp(text.data, rules->data, text.length) == 0;
    buffer_clear(&text);
    return same;
}

/* A user `default` whom nobody changed needs no line; with one, another
 * requirepass in the operator's file would be without effect. */
static bool is_understood(const struct conf_export *from,
                          const struct acl_user *user,
                          const struct buffer *rules)
{
    if (strcmp(acl_user_name(user), ACL_DEFAULT_USER) != 0) {
        return false;
    }
    struct acl *standard = acl_new();
    bool understood = is_as_in(standard, rules) ||
                      (from->is_own_file && is_as_in(from->conf->users, rules));
    acl_free(standard);
    return understood;
}

static void add_user(const struct conf_export *from,
                     const struct acl_user *user, struct conf_lines *lines)
{
    struct buffer rules;
    struct conf_words words;
    buffer_init(&rules, SIZE_MAX);
    acl_describe_user(user, &rules);
    if (conf_words_split(rules.data, rules.length, &words) == NULL) {
        const char **all = xcalloc(words.count + 2, sizeof(*all));
        all[0] = "user";
        all[1] = acl_user_name(user);
        for (size_t i = 0; i < words.count; i++) {
            all[i + 2] = words.words[i];
        }
        conf_lines_add(lines, all, words.count + 2,
                       is_understood(from, user, &rules));
        free(all);
        conf_words_clear(&words);
    }
    buffer_clear(&rules);
}

/* Users of an access list file stay there. */
static void add_users(const struct conf_export *from, struct conf_lines *lines)
{
    const struct acl_user *user = NULL;
    while (from->conf->acl_file[0] == '\0' &&
           (user = acl_next(from->acl, user)) != NULL) {
        add_user(from, user, lines);
    }
}

/* --- Sentinel's ----------------------------------------------------------- */

/* The file that we begin with ourselves keeps the names: after a start they
 * are what servers are known by. */
static const struct address *written(const struct conf_export *from,
                                     const struct instance *instance)
{
    return from->is_own_file ? &instance->address : &instance->shown;
}

static bool is_named(const struct conf_export *from,
                     const struct instance *instance)
{
    return !host_is_ip(written(from, instance)->host);
}

static bool has_names(const struct conf_export *from)
{
    const struct group *group;
    TAILQ_FOREACH (group, &from->model->groups, entry) {
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (is_named(from, &node->instance)) {
                return true;
            }
        }
    }
    const struct peer *peer;
    TAILQ_FOREACH (peer, &from->model->peers, entry) {
        if (is_named(from, &peer->instance)) {
            return true;
        }
    }
    return false;
}

static void add_process(const struct level *level, struct conf_lines *lines)
{
    for (size_t i = 0; i < daemon_table.count; i++) {
        const struct setting_row *row = &daemon_table.rows[i];
        if ((row->flags & ROW_SENTINEL) != 0) {
            add_row(level, row, lines);
        }
    }
}

static void add_options(const struct level *level, struct conf_lines *lines)
{
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *row = &group_table.rows[i];
        if (row->directive != NULL && (row->flags & ROW_SET_ALONE) == 0) {
            add_row(level, row, lines);
        }
    }
}

static void add_learned(const struct conf_export *from,
                        const struct group *group, struct conf_lines *lines)
{
    const struct node *node;
    const struct voter *voter;
    char port[NUMBER_SIZE];
    char epoch[NUMBER_SIZE];
    ADD(lines, "sentinel", "config-epoch", group->name,
        number(group->published_epoch, epoch));
    ADD(lines, "sentinel", "leader-epoch", group->name,
        number(group->vote.epoch, epoch));
    TAILQ_FOREACH (node, &group->nodes, entry) {
        const struct address *address = written(from, &node->instance);
        if (node != group->published) {
            ADD(lines, "sentinel", "known-replica", group->name, address->host,
                number(address->port, port));
        }
    }
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        const struct address *address = written(from, &voter->peer->instance);
        ADD(lines, "sentinel", "known-sentinel", group->name, address->host,
            number(address->port, port), voter->peer->run_id);
    }
}

static void add_group(const struct conf_export *from, const struct group *group,
                      const struct conf_export_login *login,
                      struct conf_lines *lines)
{
    const struct address *master = written(from, &group->published->instance);
    struct conf_draft standard = {0};
    struct conf_draft draft = {.group = {.settings = group->settings}};
    char port[NUMBER_SIZE];
    char quorum[NUMBER_SIZE];
    ADD(lines, "sentinel", "monitor", group->name, master->host,
        number(master->port, port), number(model_quorum(group), quorum));
    setting_set_redis_defaults(&group_table, &standard);
    if (login->login != NULL) {
        draft.login = *login->login;
    }
    if (login->renames != NULL) {
        draft.renames = *login->renames; /* borrowed */
    }
    add_options(&(struct level){"sentinel", group->name, &draft, &standard,
                                from->is_own_file, from->conf->dir},
                lines);
    add_learned(from, group, lines);
}

/* The configuration as it holds now, borrowed. Nobody could begin with a file
 * that has names in it and does not allow them. */
static struct conf *conf_of(const struct conf_export *from)
{
    struct conf *conf = xmalloc(sizeof(*conf));
    memcpy(conf, from->conf, sizeof(*conf));
    conf->settings = from->model->settings;
    conf->settings.resolve_hostnames |= has_names(from);
    conf->peer_login = *from->peers;
    return conf;
}

static void add_daemon(const struct conf_export *from, struct conf_lines *lines)
{
    struct conf *conf = conf_of(from);
    struct conf *standard = xcalloc(1, sizeof(*standard));
    struct level level = {NULL,     NULL, conf, standard, from->is_own_file,
                          conf->dir};
    setting_set_redis_defaults(&daemon_table, standard);
    add_ordinary(&level, lines);
    add_users(from, lines);
    ADD(lines, "sentinel", "myid", from->model->self);
    level.sentinel = "sentinel";
    add_process(&level, lines);
    free(standard);
    free(conf);
}

struct conf_lines *conf_export_lines(const struct conf_export *from)
{
    struct conf_lines *lines = conf_lines_new();
    const struct group *group;
    size_t index = 0;
    char text[NUMBER_SIZE];
    add_daemon(from, lines);
    TAILQ_FOREACH (group, &from->model->groups, entry) {
        add_group(from, group, &from->logins[index++], lines);
    }
    ADD(lines, "sentinel", "current-epoch",
        number(from->model->current_epoch, text));
    return lines;
}
