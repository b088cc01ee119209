/* The tls-... directives of a sentinel.conf.
 *
 * A table says what kind of value each takes and which member it goes to.
 * tls-replication stands for all outgoing connections, to servers and to
 * peers, and names in certificates are not compared: both as in Redis. Files
 * are opened by tls.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sentinel_conf.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

enum tls_kind {
    TLS_PORT,
    TLS_PATH,
    TLS_WORDS, /* any text */
    TLS_SWITCH,
    TLS_NUMBER,
    TLS_AUTH,
    TLS_PROTOCOLS,
    TLS_REPLICATION,
    TLS_CLUSTER,
    TLS_PARAMETERS,
};

#define AT(member) \
    offsetof(struct conf, member), sizeof(((struct conf *)NULL)->member)

struct tls_rule {
    const char *name;
    enum tls_kind kind;
    size_t offset; /* in struct conf ... */
    size_t size;
    uint32_t least; /* of a number */
};

static const struct tls_rule rules[] = {
    {"tls-port", TLS_PORT, AT(tls_port), 0},
    {"tls-cert-file", TLS_PATH, AT(tls.cert_file), 0},
    {"tls-key-file", TLS_PATH, AT(tls.key_file), 0},
    {"tls-key-file-pass", TLS_WORDS, AT(tls.key_file_pass), 0},
    {"tls-client-cert-file", TLS_PATH, AT(tls.client.cert_file), 0},
    {"tls-client-key-file", TLS_PATH, AT(tls.client.key_file), 0},
    {"tls-client-key-file-pass", TLS_WORDS, AT(tls.client.key_file_pass), 0},
    {"tls-ca-cert-file", TLS_PATH, AT(tls.client.ca_cert_file), 0},
    {"tls-ca-cert-dir", TLS_PATH, AT(tls.client.ca_cert_dir), 0},
    {"tls-auth-clients", TLS_AUTH, AT(tls.auth_clients), 0},
    {"tls-protocols", TLS_PROTOCOLS, AT(tls.protocols_text), 0},
    {"tls-ciphers", TLS_WORDS, AT(tls.ciphers), 0},
    {"tls-ciphersuites", TLS_WORDS, AT(tls.ciphersuites), 0},
    {"tls-prefer-server-ciphers", TLS_SWITCH, AT(tls.prefer_server_ciphers), 0},
    {"tls-session-caching", TLS_SWITCH, AT(tls.session_caching), 0},
    {"tls-session-cache-size", TLS_NUMBER, AT(tls.session_cache_size), 0},
    {"tls-session-cache-timeout", TLS_NUMBER, AT(tls.session_cache_timeout_s),
     1},
    {"tls-replication", TLS_REPLICATION, 0, 0, 0},
    {"tls-cluster", TLS_CLUSTER, 0, 0, 0},
    {"tls-dh-params-file", TLS_PARAMETERS, 0, 0, 0},
};

static const struct tls_rule *find_rule(const char *name)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcasecmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

bool sentinel_conf_is_tls(const char *name)
{
    return find_rule(name) != NULL;
}

static bool read_words(struct conf_build *build,
                       const struct conf_directive *directive, char *text,
                       size_t size)
{
    const char *word = directive->line.words[1];
    if (strlen(word) >= size) {
        return conf_directive_fail(build, directive, "the value is too long");
    }
    copy_text(text, size, word);
    return true;
}

static bool read_number(struct conf_build *build,
                        const struct conf_directive *directive, uint32_t least,
                        uint32_t *value)
{
    const char *word = directive->line.words[1];
    int64_t number = 0;
    if (!parse_integer(word, strlen(word), INT64_MIN, INT64_MAX, &number)) {
        return conf_directive_fail(
            build, directive, "argument couldn't be parsed into an integer");
    }
    if (number < (int64_t)least || number > INT32_MAX) {
        char sentence[CONF_SHOWN_SIZE];
        (void)snprintf(sentence, sizeof(sentence),
                       "argument must be between %" PRIu32
                       " and 2147483647 inclusive",
                       least);
        return conf_directive_fail(build, directive, sentence);
    }
    *value = (uint32_t)number;
    return true;
}

static bool read_auth(struct conf_build *build,
                      const struct conf_directive *directive, int *auth)
{
    *auth = setting_choice_find(CHOICE_AUTH, directive->line.words[1]);
    return *auth >= 0 ||
           conf_directive_fail(build, directive,
                               "argument(s) must be one of the following: no, "
                               "yes, optional");
}

static bool read_protocols(struct conf_build *build,
                           const struct conf_directive *directive)
{
    struct conf_tls *tls = &build->conf->tls;
    if (!read_words(build, directive, tls->protocols_text,
                    sizeof(tls->protocols_text))) {
        return false;
    }
    return conf_tls_parse_protocols(tls->protocols_text, &tls->protocols) ||
           conf_directive_fail(build, directive,
                               "a word is none of TLSv1, TLSv1.1, TLSv1.2 and "
                               "TLSv1.3");
}

static bool read_replication(struct conf_build *build,
                             const struct conf_directive *directive)
{
    struct conf_tls *tls = &build->conf->tls;
    if (!conf_directive_switch(build, directive, &tls->servers)) {
        return false;
    }
    tls->peers = tls->servers;
    return true;
}

static bool read_cluster(struct conf_build *build,
                         const struct conf_directive *directive)
{
    bool on = false;
    if (!conf_directive_switch(build, directive, &on)) {
        return false;
    }
    if (on) {
        conf_warn(build, directive->number,
                  "tls-cluster has no effect: there is no cluster bus here");
    }
    return true;
}

void sentinel_conf_note_tls(struct conf_build *build,
                            const struct conf_directive *directive)
{
    build->tls_file = directive->file;
    build->tls_line = directive->number;
}

bool sentinel_conf_read_tls(struct conf_build *build,
                            const struct conf_directive *directive)
{
    const struct tls_rule *rule = find_rule(directive->line.words[0]);
    char *member = (char *)build->conf + rule->offset;
    if (directive->line.count != 2) {
        return conf_directive_fail(build, directive,
                                   "wrong number of arguments");
    }
    sentinel_conf_note_tls(build, directive);
    switch (rule->kind) {
    case TLS_PORT:
        return conf_directive_port(build, directive, &build->conf->tls_port);
    case TLS_PATH:
        return conf_directive_path(build, directive, member);
    case TLS_WORDS:
        return read_words(build, directive, member, rule->size);
    case TLS_SWITCH:
        return conf_directive_switch(build, directive, (bool *)(void *)member);
    case TLS_NUMBER:
        return read_number(build, directive, rule->least,
                           (uint32_t *)(void *)member);
    case TLS_AUTH:
        return read_auth(build, directive, &build->conf->tls.auth_clients);
    case TLS_PROTOCOLS:
        return read_protocols(build, directive);
    case TLS_REPLICATION:
        return read_replication(build, directive);
    case TLS_CLUSTER:
        return read_cluster(build, directive);
    case TLS_PARAMETERS:
        conf_warn(build, directive->number,
                  "tls-dh-params-file has no effect: parameters that fit the "
                  "key are chosen");
        return true;
    }
    return false;
}

/* Native keys are written here with '-' for '_', and what decides about
 * outgoing connections is one directive. */
static void write_as_directive(const char *text, char *written, size_t size)
{
    copy_text(written, size, text);
    for (char *c = written; *c != '\0'; c++) {
        if (*c == '_') {
            *c = '-';
        }
    }
}

bool sentinel_conf_settle_tls(struct conf_build *build)
{
    struct conf_tls_fault fault = conf_tls_settle(build->conf);
    char name[CONF_SHOWN_SIZE];
    char text[CONF_PATH_SIZE];
    if (fault.key == NULL) {
        return true;
    }
    bool is_outgoing = strcmp(fault.key, "tls_servers") == 0 ||
                       strcmp(fault.key, "tls_peers") == 0;
    write_as_directive(is_outgoing ? "tls_replication" : fault.key, name,
                       sizeof(name));
    write_as_directive(fault.text, text, sizeof(text));
    if (build->tls_file != NULL) {
        build->file = build->tls_file;
    }
    return conf_fail(build, build->tls_line, "%s %s", name, text);
}
