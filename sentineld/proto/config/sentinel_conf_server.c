/* The ordinary server directives of a sentinel.conf. Those with a row in the
 * table of settings are obeyed; what takes more than the row says is told by
 * the few functions here; what else Redis knows is a warning. */
#include "proto/config/sentinel_conf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"

bool conf_directive_fail(struct conf_build *build,
                         const struct conf_directive *directive,
                         const char *sentence)
{
    char shown[CONF_SHOWN_SIZE];
    return conf_fail(build, directive->number, "%s: %s",
                     conf_shown(directive->line.words[0], shown), sentence);
}

static bool add_bind(struct conf_build *build,
                     const struct conf_directive *directive, const char *word)
{
    struct conf *conf = build->conf;
    bool optional = word[0] == '-';
    const char *ip = optional ? word + 1 : word;
    if (strcmp(ip, "*") == 0) {
        ip = "0.0.0.0";
    } else if (strcmp(ip, "::*") == 0) {
        ip = "::";
    }
    if (!host_is_ip(ip)) {
        char shown[CONF_SHOWN_SIZE];
        return conf_fail(build, directive->number,
                         "bind: \"%s\" is no ip address; it must be an ip "
                         "address, * or ::*, perhaps with a - before it",
                         conf_shown(word, shown));
    }
    copy_text(conf->bind[conf->bind_count], sizeof(conf->bind[0]), ip);
    conf->bind_optional[conf->bind_count] = optional;
    conf->bind_count++;
    return true;
}

static bool read_bind(struct conf_build *build,
                      const struct conf_directive *directive)
{
    const struct conf_words *line = &directive->line;
    if (line->count - 1 > CONF_MAX_BIND) {
        return conf_directive_fail(build, directive,
                                   "Too many bind addresses specified.");
    }
    build->conf->bind_count = 0; /* the last line counts */
    for (size_t i = 1; i < line->count; i++) {
        if (!add_bind(build, directive, line->words[i])) {
            return false;
        }
    }
    return true;
}

static bool read_user(struct conf_build *build,
                      const struct conf_directive *directive)
{
    const struct conf_words *line = &directive->line;
    struct acl_word *words = xcalloc(line->count, sizeof(*words));
    for (size_t i = 2; i < line->count; i++) {
        words[i - 2] =
            (struct acl_word){line->words[i], strlen(line->words[i])};
    }
    const struct acl_words rules = {line->count - 2, words};
    copy_text(build->prefix, sizeof(build->prefix), "user: ");
    bool ok = conf_users_add(build, directive->number, line->words[1], &rules);
    build->prefix[0] = '\0';
    free(words);
    return ok;
}

static bool read_source(struct conf_build *build,
                        const struct conf_directive *directive)
{
    struct conf *conf = build->conf;
    const char *word = directive->line.words[1];
    if (word[0] != '\0' && !host_is_ip(word)) {
        return conf_directive_fail(build, directive, "this is no ip address");
    }
    copy_text(conf->bind_source, sizeof(conf->bind_source), word);
    return true;
}

static bool take(struct conf_build *build,
                 const struct conf_directive *directive,
                 const struct setting_row *row, const char *word)
{
    char shown[CONF_SHOWN_SIZE];
    const struct conf_word from = {
        .build = build,
        .row = row,
        .name = conf_shown(directive->line.words[0], shown),
        .word = word,
        .line = directive->number,
    };
    return sentinel_conf_take(&from, build->conf);
}

/* Redis' systems had another service manager once. */
static bool read_supervised(struct conf_build *build,
                            const struct conf_directive *directive,
                            const struct setting_row *row)
{
    const char *word = directive->line.words[1];
    if (strcasecmp(word, "upstart") == 0) {
        conf_warn(build, directive->number,
                  "supervised upstart has no effect: systemd is the only one "
                  "that is told");
        word = "no";
    }
    return take(build, directive, row, word);
}

/* For servers and for peers: Redis has one directive for both. */
static bool read_replication(struct conf_build *build,
                             const struct conf_directive *directive,
                             const struct setting_row *row)
{
    bool ok = take(build, directive, row, directive->line.words[1]);
    build->conf->tls.peers = build->conf->tls.servers;
    return ok;
}

static bool read_row(struct conf_build *build,
                     const struct conf_directive *directive,
                     const struct setting_row *row)
{
    bool is_name = strcmp(row->directive, "bind-source-addr") == 0;
    if (directive->line.count != 2) {
        return conf_directive_fail(build, directive,
                                   "wrong number of arguments");
    }
    if (strcmp(row->directive, "supervised") == 0) {
        return read_supervised(build, directive, row);
    }
    if (strcmp(row->directive, "tls-replication") == 0) {
        return read_replication(build, directive, row);
    }
    return is_name ? read_source(build, directive)
                   : take(build, directive, row, directive->line.words[1]);
}

static bool fail_unknown(struct conf_build *build,
                         const struct conf_directive *directive)
{
    char sentence[CONF_SHOWN_SIZE + 64];
    const char *guess =
        setting_guess_directive(&daemon_table, directive->line.words[0], false);
    (void)snprintf(sentence, sizeof(sentence),
                   "Bad directive or wrong number of arguments%s%s%s",
                   guess == NULL ? "" : "; did you mean ",
                   guess == NULL ? "" : guess, guess == NULL ? "" : "?");
    return conf_directive_fail(build, directive, sentence);
}

static bool read_ignored(struct conf_build *build,
                         const struct conf_directive *directive)
{
    const char *name = directive->line.words[0];
    const char *effect = sentinel_conf_ignored(name);
    if (effect == NULL) {
        return fail_unknown(build, directive);
    }
    if (directive->line.count < 2 && strcasecmp(name, "save") != 0) {
        return conf_directive_fail(build, directive,
                                   "wrong number of arguments");
    }
    bool is_off = strcasecmp(name, "tls-cluster") == 0 &&
                  strcasecmp(directive->line.words[1], "no") == 0;
    if (!is_off) {
        conf_warn(build, directive->number, "%s %s", name, effect);
    }
    return true;
}

bool sentinel_conf_read_server(struct conf_build *build,
                               const struct conf_directive *directive)
{
    const char *name = directive->line.words[0];
    const struct setting_row *row = setting_find_directive(&daemon_table, name);
    if (row == NULL || (row->flags & ROW_SENTINEL) != 0) {
        return read_ignored(build, directive);
    }
    conf_note_place(build, row, directive->number);
    if (row->type == VALUE_USERS) {
        return directive->line.count > 1
                   ? read_user(build, directive)
                   : conf_directive_fail(build, directive,
                                         "Bad directive or wrong number of "
                                         "arguments");
    }
    if (row->type == VALUE_BINDS && directive->line.count > 1) {
        return read_bind(build, directive);
    }
    return read_row(build, directive, row);
}

/* Native keys are written here with '-' for '_'. */
static void write_as_directive(const char *text, char *written, size_t size)
{
    copy_text(written, size, text);
    for (char *c = written; *c != '\0'; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}

bool sentinel_conf_settle_tls(struct conf_build *build)
{
    struct conf_tls_fault fault = conf_tls_settle(build->conf);
    char text[CONF_PATH_SIZE];
    if (fault.key == NULL) {
        return true;
    }
    unsigned line = conf_go_to(build, fault.key);
    write_as_directive(fault.text, text, sizeof(text));
    return conf_fail(build, line, "%s %s",
                     setting_find(&daemon_table, fault.key)->directive, text);
}
