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

#include "conf_lines.h"
#include "group_options.h"
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

/* --- Ordinary directives -------------------------------------------------- */

static void add_binds(const struct conf *conf, struct conf_lines *lines)
{
    const char *words[CONF_MAX_BIND + 1];
    char shown[CONF_MAX_BIND][HOST_SIZE + 1];
    words[0] = "bind";
    for (size_t i = 0; i < conf->bind_count; i++) {
        (void)snprintf(shown[i], sizeof(shown[i]), "%s%s",
                       conf->bind_optional[i] ? "-" : "", conf->bind[i]);
        words[i + 1] = shown[i];
    }
    if (conf->bind_count > 0) {
        conf_lines_add(lines, words, conf->bind_count + 1, false);
    }
}

static void add_text(struct conf_lines *lines, const char *name,
                     const char *text)
{
    if (text[0] != '\0') {
        ADD(lines, name, text);
    }
}

static void add_tls(const struct conf *conf, struct conf_lines *lines)
{
    const struct conf_tls *tls = &conf->tls;
    char text[NUMBER_SIZE];
    if (conf->tls_port == 0 && !tls->servers && !tls->peers) {
        return;
    }
    ADD(lines, "tls-port", number(conf->tls_port, text));
    add_text(lines, "tls-cert-file", tls->cert_file);
    add_text(lines, "tls-key-file", tls->key_file);
    add_text(lines, "tls-ca-cert-file", tls->client.ca_cert_file);
    add_text(lines, "tls-ca-cert-dir", tls->client.ca_cert_dir);
    ADD(lines, "tls-auth-clients",
        setting_choice_word(CHOICE_AUTH, tls->auth_clients));
    ADD(lines, "tls-replication", tls->servers ? "yes" : "no");
}

/* So that Redis' daemon could be started with the file. */
static void add_ordinary(const struct conf *conf, struct conf_lines *lines)
{
    char text[NUMBER_SIZE];
    ADD(lines, "port", number(conf->port, text));
    add_binds(conf, lines);
    ADD(lines, "protected-mode", conf->protected_mode ? "yes" : "no");
    ADD(lines, "dir", conf->dir);
    add_text(lines, "logfile", conf->logfile);
    ADD(lines, "daemonize", conf->daemonize ? "yes" : "no");
    add_text(lines, "pidfile", conf->pidfile);
    add_text(lines, "requirepass", conf->requirepass);
    add_text(lines, "aclfile", conf->acl_file);
    add_tls(conf, lines);
}

static void add_level(const struct conf_export *from, struct conf_lines *lines)
{
    enum log_level level = from->model->settings.log_level;
    const char *words[] = {"loglevel",
                           setting_choice_word(CHOICE_LEVEL, (int)level), NULL};
    add(lines, words, from->is_own_file && level == LEVEL_NOTICE);
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

/* One that is no unless it is said, as our settings have it. An operator may
 * have written the default down. */
static void add_switch(const struct conf_export *from, struct conf_lines *lines,
                       const char *name, bool on)
{
    const char *words[] = {"sentinel", name, on ? "yes" : "no", NULL};
    bool standard = on == (strcmp(name, "deny-scripts-reconfig") == 0);
    if (!standard || from->is_own_file) {
        add(lines, words, standard);
    }
}

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

/* Nobody could begin with a file that has names in it and does not allow
 * them. */
static void add_name_switches(const struct conf_export *from,
                              struct conf_lines *lines)
{
    const struct daemon_settings *settings = &from->model->settings;
    add_switch(from, lines, "resolve-hostnames",
               settings->resolve_hostnames || has_names(from));
    add_switch(from, lines, "announce-hostnames", settings->announce_hostnames);
}

static void add_process(const struct conf_export *from,
                        struct conf_lines *lines)
{
    const struct daemon_settings *settings = &from->model->settings;
    char text[NUMBER_SIZE];
    ADD(lines, "sentinel", "myid", from->model->self);
    add_switch(from, lines, "deny-scripts-reconfig",
               from->conf->deny_scripts_reconfig);
    add_name_switches(from, lines);
    if (settings->announce_host[0] != '\0') {
        ADD(lines, "sentinel", "announce-ip", settings->announce_host);
    }
    if (settings->announce_port != 0) {
        ADD(lines, "sentinel", "announce-port",
            number(settings->announce_port, text));
    }
    if (from->peers->user[0] != '\0') {
        ADD(lines, "sentinel", "sentinel-user", from->peers->user);
    }
    if (from->peers->password[0] != '\0') {
        ADD(lines, "sentinel", "sentinel-pass", from->peers->password);
    }
}

static void add_options(const struct conf_export *from,
                        const struct group *group, struct conf_lines *lines)
{
    const struct group_option *option = NULL;
    while ((option = group_option_next(option)) != NULL) {
        char value[SCRIPT_PATH_SIZE];
        bool standard =
            group_option_print(option, &group->settings, value, sizeof(value));
        bool optional = standard || option->ours;
        if (option->setting == SETTING_QUORUM) {
            continue; /* of the monitor line */
        }
        if ((optional && !from->is_own_file) || value[0] == '\0') {
            continue;
        }
        const char *words[] = {"sentinel", option->name, group->name, value,
                               NULL};
        add(lines, words, optional);
    }
}

static void add_login(const struct group *group,
                      const struct conf_export_login *login,
                      struct conf_lines *lines)
{
    if (login->login != NULL && login->login->password[0] != '\0') {
        ADD(lines, "sentinel", "auth-pass", group->name,
            login->login->password);
    }
    if (login->login != NULL && login->login->user[0] != '\0') {
        ADD(lines, "sentinel", "auth-user", group->name, login->login->user);
    }
    for (size_t i = 0; login->renames != NULL && i < login->renames->count;
         i++) {
        ADD(lines, "sentinel", "rename-command", group->name,
            login->renames->list[i].command, login->renames->list[i].name);
    }
}

static void add_learned(const struct conf_export *from,
                        const struct group *group, struct conf_lines *lines)
{
    const struct node *node;
    const struct member *member;
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
    TAILQ_FOREACH (member, &group->members, group_entry) {
        const struct address *address = written(from, &member->peer->instance);
        ADD(lines, "sentinel", "known-sentinel", group->name, address->host,
            number(address->port, port), member->peer->run_id);
    }
}

static void add_group(const struct conf_export *from, const struct group *group,
                      const struct conf_export_login *login,
                      struct conf_lines *lines)
{
    const struct address *master = written(from, &group->published->instance);
    char port[NUMBER_SIZE];
    char quorum[NUMBER_SIZE];
    ADD(lines, "sentinel", "monitor", group->name, master->host,
        number(master->port, port), number(group->settings.quorum, quorum));
    add_options(from, group, lines);
    add_login(group, login, lines);
    add_learned(from, group, lines);
}

struct conf_lines *conf_export_lines(const struct conf_export *from)
{
    struct conf_lines *lines = conf_lines_new();
    const struct group *group;
    size_t index = 0;
    char text[NUMBER_SIZE];
    if (!from->is_own_file) {
        add_ordinary(from->conf, lines);
    }
    add_level(from, lines);
    add_users(from, lines);
    add_process(from, lines);
    TAILQ_FOREACH (group, &from->model->groups, entry) {
        add_group(from, group, &from->logins[index++], lines);
    }
    ADD(lines, "sentinel", "current-epoch",
        number(from->model->current_epoch, text));
    return lines;
}
