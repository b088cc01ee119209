/* The ordinary server directives of a sentinel.conf: those that mean
 * something here are obeyed, what else Redis knows is a warning. */
#include "sentinel_conf.h"

#include <string.h>
#include <strings.h>

#include "sentineld/info.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

enum server_kind {
    SERVER_PORT,
    SERVER_BIND,
    SERVER_DIR,
    SERVER_LOGFILE,
    SERVER_LOGLEVEL,
    SERVER_DAEMONIZE,
    SERVER_PROTECTED_MODE,
    SERVER_PIDFILE,
    SERVER_SUPERVISED,
    SERVER_SYSLOG_ENABLED,
    SERVER_SYSLOG_IDENT,
    SERVER_SYSLOG_FACILITY,
    SERVER_REQUIREPASS,
    SERVER_USER,
    SERVER_ACLFILE,
    SERVER_EXPORT,
    SERVER_BIND_SOURCE,
    SERVER_UNIX_SOCKET,
    SERVER_UNIX_MODE,
    SERVER_OTHER,
};

static const struct {
    const char *name;
    enum server_kind kind;
} obeyed[] = {
    {"port", SERVER_PORT},
    {"bind", SERVER_BIND},
    {"dir", SERVER_DIR},
    {"logfile", SERVER_LOGFILE},
    {"loglevel", SERVER_LOGLEVEL},
    {"daemonize", SERVER_DAEMONIZE},
    {"protected-mode", SERVER_PROTECTED_MODE},
    {"pidfile", SERVER_PIDFILE},
    {"supervised", SERVER_SUPERVISED},
    {"syslog-enabled", SERVER_SYSLOG_ENABLED},
    {"syslog-ident", SERVER_SYSLOG_IDENT},
    {"syslog-facility", SERVER_SYSLOG_FACILITY},
    {"requirepass", SERVER_REQUIREPASS},
    {"user", SERVER_USER},
    {"aclfile", SERVER_ACLFILE},
    {"bind-source-addr", SERVER_BIND_SOURCE},
    {"unixsocket", SERVER_UNIX_SOCKET},
    {"unixsocketperm", SERVER_UNIX_MODE},
    {"export-sentinel-conf", SERVER_EXPORT}, /* ours */
};

static enum server_kind kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++) {
        if (strcasecmp(obeyed[i].name, name) == 0) {
            return obeyed[i].kind;
        }
    }
    return SERVER_OTHER;
}

bool conf_directive_fail(struct conf_build *build,
                         const struct conf_directive *directive,
                         const char *sentence)
{
    char shown[CONF_SHOWN_SIZE];
    return conf_fail(build, directive->number, "%s: %s",
                     conf_shown(directive->line.words[0], shown), sentence);
}

bool conf_directive_port(struct conf_build *build,
                         const struct conf_directive *directive, uint16_t *port)
{
    const char *word = directive->line.words[1];
    int64_t number = 0;
    if (!parse_integer(word, strlen(word), INT64_MIN, INT64_MAX, &number)) {
        return conf_directive_fail(
            build, directive, "argument couldn't be parsed into an integer");
    }
    if (number < 0 || number > 65535) {
        return conf_directive_fail(
            build, directive, "argument must be between 0 and 65535 inclusive");
    }
    *port = (uint16_t)number;
    return true;
}

/* `word` as in Redis: a leading '-' allows the address not to be there, '*'
 * and '::*' are all addresses of a kind. */
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

bool conf_directive_path(struct conf_build *build,
                         const struct conf_directive *directive,
                         char path[CONF_PATH_SIZE])
{
    const char *word = directive->line.words[1];
    if (strlen(word) >= CONF_PATH_SIZE) {
        return conf_directive_fail(build, directive, "the path is too long");
    }
    copy_text(path, CONF_PATH_SIZE, word);
    return true;
}

static bool read_dir(struct conf_build *build,
                     const struct conf_directive *directive)
{
    if (directive->line.words[1][0] == '\0') {
        return conf_directive_fail(
            build, directive, "the path is empty; it must name a directory");
    }
    build->dir_file = directive->file;
    build->dir_line = directive->number;
    return conf_directive_path(build, directive, build->conf->dir);
}

static bool read_level(struct conf_build *build,
                       const struct conf_directive *directive)
{
    int level = setting_choice_find(CHOICE_LEVEL, directive->line.words[1]);
    if (level < 0) {
        return conf_directive_fail(
            build, directive,
            "argument(s) must be one of the following: debug, "
            "verbose, notice, warning, nothing");
    }
    build->conf->loglevel = level;
    return true;
}

bool conf_directive_switch(struct conf_build *build,
                           const struct conf_directive *directive, bool *on)
{
    const char *word = directive->line.words[1];
    *on = strcasecmp(word, "yes") == 0;
    if (!*on && strcasecmp(word, "no") != 0) {
        return conf_directive_fail(build, directive,
                                   "argument must be 'yes' or 'no'");
    }
    return true;
}

/* Redis' systems had another service manager once. */
static bool read_supervised(struct conf_build *build,
                            const struct conf_directive *directive)
{
    const char *word = directive->line.words[1];
    int index = setting_choice_find(CHOICE_SUPERVISED, word);
    if (strcasecmp(word, "upstart") == 0) {
        conf_warn(build, directive->number,
                  "supervised upstart has no effect: systemd is the only one "
                  "that is told");
        index = SUPERVISED_NO;
    }
    if (index < 0) {
        return conf_directive_fail(
            build, directive,
            "argument(s) must be one of the following: upstart, "
            "systemd, auto, no");
    }
    build->conf->supervised = index;
    return true;
}

static bool read_syslog_ident(struct conf_build *build,
                              const struct conf_directive *directive)
{
    struct conf *conf = build->conf;
    const char *word = directive->line.words[1];
    if (word[0] == '\0' || strlen(word) >= sizeof(conf->syslog_ident)) {
        return conf_directive_fail(build, directive,
                                   "this must be 1 to 63 bytes");
    }
    copy_text(conf->syslog_ident, sizeof(conf->syslog_ident), word);
    return true;
}

static bool read_syslog_facility(struct conf_build *build,
                                 const struct conf_directive *directive)
{
    int index = setting_choice_find(CHOICE_FACILITY, directive->line.words[1]);
    if (index < 0) {
        return conf_directive_fail(
            build, directive,
            "argument(s) must be one of the following: user, local0, "
            "local1, local2, local3, local4, local5, local6, local7");
    }
    build->conf->syslog_facility = index;
    return true;
}

static bool read_requirepass(struct conf_build *build,
                             const struct conf_directive *directive)
{
    const char *word = directive->line.words[1];
    if (strlen(word) >= SECRET_SIZE) {
        return conf_directive_fail(build, directive,
                                   "this is too long; it may have 511 bytes");
    }
    copy_text(build->conf->requirepass, SECRET_SIZE, word);
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

static bool read_aclfile(struct conf_build *build,
                         const struct conf_directive *directive)
{
    build->acl_file_line = directive->number;
    return conf_directive_path(build, directive, build->conf->acl_file);
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

static bool read_socket(struct conf_build *build,
                        const struct conf_directive *directive)
{
    const char *word = directive->line.words[1];
    if (strlen(word) >= CONF_SOCKET_SIZE) {
        return conf_directive_fail(build, directive,
                                   "the path is too long for a socket");
    }
    copy_text(build->conf->unix_socket, CONF_SOCKET_SIZE, word);
    return true;
}

/* Octal digits. */
static bool read_socket_mode(struct conf_build *build,
                             const struct conf_directive *directive)
{
    const char *word = directive->line.words[1];
    uint32_t mode = 0;
    if (word[0] == '\0' || strspn(word, "01234567") != strlen(word)) {
        return conf_directive_fail(
            build, directive, "argument couldn't be parsed as an octal number");
    }
    for (const char *c = word; *c != '\0' && mode <= 0777; c++) {
        mode = mode * 8 + (uint32_t)(*c - '0');
    }
    if (mode > 0777) {
        return conf_directive_fail(build, directive,
                                   "argument must be between 0 and 777 "
                                   "inclusive");
    }
    build->conf->unix_socket_mode = mode;
    return true;
}

static bool read_other(struct conf_build *build,
                       const struct conf_directive *directive)
{
    const char *name = directive->line.words[0];
    const char *effect = sentinel_conf_ignored(name);
    if (effect == NULL) {
        return conf_directive_fail(
            build, directive, "Bad directive or wrong number of arguments");
    }
    if (directive->line.count < 2 && strcasecmp(name, "save") != 0) {
        return conf_directive_fail(build, directive,
                                   "wrong number of arguments");
    }
    conf_warn(build, directive->number, "%s %s", name, effect);
    return true;
}

/* Words of the line, its name included. */
static bool is_count_right(enum server_kind kind, size_t count)
{
    bool takes_many = kind == SERVER_BIND || kind == SERVER_USER;
    return kind == SERVER_OTHER || count == 2 || (count > 2 && takes_many);
}

static bool read_obeyed(struct conf_build *build,
                        const struct conf_directive *directive,
                        enum server_kind kind)
{
    switch (kind) {
    case SERVER_PORT:
        sentinel_conf_note_tls(build, directive);
        return conf_directive_port(build, directive, &build->conf->port);
    case SERVER_BIND:
        return read_bind(build, directive);
    case SERVER_DIR:
        return read_dir(build, directive);
    case SERVER_LOGFILE:
        return conf_directive_path(build, directive, build->conf->logfile);
    case SERVER_LOGLEVEL:
        return read_level(build, directive);
    case SERVER_DAEMONIZE:
        return conf_directive_switch(build, directive, &build->conf->daemonize);
    case SERVER_PIDFILE:
        return conf_directive_path(build, directive, build->conf->pidfile);
    case SERVER_SUPERVISED:
        return read_supervised(build, directive);
    case SERVER_SYSLOG_ENABLED:
        return conf_directive_switch(build, directive,
                                     &build->conf->syslog_enabled);
    case SERVER_SYSLOG_IDENT:
        return read_syslog_ident(build, directive);
    case SERVER_SYSLOG_FACILITY:
        return read_syslog_facility(build, directive);
    case SERVER_PROTECTED_MODE:
        return conf_directive_switch(build, directive,
                                     &build->conf->protected_mode);
    case SERVER_REQUIREPASS:
        return read_requirepass(build, directive);
    case SERVER_USER:
        return read_user(build, directive);
    case SERVER_ACLFILE:
        return read_aclfile(build, directive);
    case SERVER_BIND_SOURCE:
        return read_source(build, directive);
    case SERVER_EXPORT:
        return conf_directive_path(build, directive,
                                   build->conf->export_sentinel_conf);
    case SERVER_UNIX_SOCKET:
        return read_socket(build, directive);
    case SERVER_UNIX_MODE:
        return read_socket_mode(build, directive);
    case SERVER_OTHER:
        break;
    }
    return read_other(build, directive);
}

bool sentinel_conf_read_server(struct conf_build *build,
                               const struct conf_directive *directive)
{
    const struct conf_words *line = &directive->line;
    if (sentinel_conf_is_tls(line->words[0])) {
        return sentinel_conf_read_tls(build, directive);
    }
    if (sentinel_conf_is_number(line->words[0])) {
        return sentinel_conf_read_number(build, directive);
    }
    enum server_kind kind = kind_of(line->words[0]);
    if (!is_count_right(kind, line->count)) {
        return conf_directive_fail(
            build, directive,
            kind == SERVER_USER ? "Bad directive or wrong number of arguments"
                                : "wrong number of arguments");
    }
    return read_obeyed(build, directive, kind);
}
