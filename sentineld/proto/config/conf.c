/* The configuration: its defaults, and the native file in libconfig's syntax.
 *
 * native_scan looks for what libconfig would let through, libconfig parses,
 * then the tables of setting.c decide about every setting: native_value.c
 * reads one level by its table, native_group.c the groups. The first thing that
 * is wrong ends it with a sentence that has the file and the line.
 *
 * Nothing is opened here: the text comes from the caller, secrets through the
 * function that he passes, and @include is refused. */
#include "sentineld/conf.h"

#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/acl.h"
#include "sentineld/memory.h"

void conf_default(struct conf *conf)
{
    memset(conf, 0, sizeof(*conf));
    setting_set_defaults(&daemon_table, conf);
    (void)conf_tls_parse_protocols(conf->tls.protocols_text,
                                   &conf->tls.protocols); /* ours are good */
}

void conf_free(struct conf *conf)
{
    name_index_free(&conf->names);
    acl_free(conf->users);
    for (size_t i = 0; i < conf->group_count; i++) {
        renames_clear(&conf->renames[i]);
    }
    free(conf->renames);
    free(conf->groups);
    free(conf->logins);
    free(conf->tls_clients);
    free(conf->seeds);
    free(conf->warnings);
    memset(conf, 0, sizeof(*conf));
}

const struct conf_login *conf_find_login(const struct conf *conf,
                                         const char *group)
{
    struct name_place place;
    if (!name_index_find(conf->names, group, &place)) {
        return NULL;
    }
    return &conf->logins[place.index];
}

const struct renames *conf_find_renames(const struct conf *conf,
                                        const char *group)
{
    struct name_place place;
    if (!name_index_find(conf->names, group, &place)) {
        return NULL;
    }
    return &conf->renames[place.index];
}

size_t conf_find_tls(const struct conf *conf, const char *group)
{
    const struct conf_login *login = conf_find_login(conf, group);
    return login != NULL ? login->tls : conf->tls_servers;
}

static const struct conf_tls_client *find_tls_client(const struct conf *conf,
                                                     const char *group)
{
    size_t number =
        group[0] == '\0' ? conf->tls_peers : conf_find_tls(conf, group);
    return number == 0 ? NULL : &conf->tls_clients[number - 1];
}

bool conf_same_tls(const struct conf *a, const struct conf *b,
                   const char *group)
{
    const struct conf_tls_client *in_a = find_tls_client(a, group);
    const struct conf_tls_client *in_b = find_tls_client(b, group);
    if (in_a == NULL || in_b == NULL) {
        return in_a == in_b;
    }
    return conf_tls_is_same(in_a, in_b);
}

/* The port of ours that peers are to come to. */
static uint16_t peer_port(const struct conf *conf)
{
    bool by_tls = conf->port == 0 || (conf->tls.peers && conf->tls_port != 0);
    return by_tls ? conf->tls_port : conf->port;
}

void conf_peer_login(const struct conf *conf, struct conf_login *login)
{
    *login = conf->peer_login;
    if (login->password[0] == '\0') {
        login->user[0] = '\0';
        copy_text(login->password, sizeof(login->password), conf->requirepass);
    }
}

uint16_t conf_announced_port(const struct conf *conf)
{
    uint16_t port = conf->settings.announce_port;
    return port != 0 ? port : peer_port(conf);
}

void conf_core(const struct conf *conf, struct core_conf *core)
{
    memset(core, 0, sizeof(*core));
    core->groups = conf->groups;
    core->group_count = conf->group_count;
    core->settings = conf->settings;
    core->port = peer_port(conf);
    core->vote_lease_ms = conf->vote_lease_ms;
}

static bool fail_parse(struct conf_build *build, const config_t *parsed)
{
    int line = config_error_line(parsed);
    const char *text = config_error_text(parsed);
    const char *advice = "a setting looks like  port = 26379;";
    if (strcmp(text, "duplicate setting name") == 0) {
        text = "this key is given twice";
        advice = "give it once";
    } else if (strcmp(text, "mismatched element type in array") == 0) {
        advice = "the elements of [ ... ] must be of one type";
    } else if (strcmp(text, "memory exhausted") == 0) {
        text = "brackets inside brackets, too many of them";
    }
    return conf_fail(build, line > 0 ? (unsigned)line : 1, "%s; %s", text,
                     advice);
}

static bool settle_tls(struct conf_build *build)
{
    struct conf_tls_fault fault = conf_tls_settle(build->conf);
    return fault.key == NULL || conf_fail(build, conf_go_to(build, fault.key),
                                          "%s %s", fault.key, fault.text);
}

static bool check_source(struct conf_build *build)
{
    const char *fault = conf_source_fault(build->conf->bind_source);
    return fault == NULL || conf_fail(build, conf_go_to(build, "bind_source"),
                                      "bind_source %s", fault);
}

/* What settings say together is looked at only when each is right. */
static bool read_daemon(struct conf_build *build, conf_read_file read_file,
                        const config_setting_t *root)
{
    return native_read_level(build, &daemon_table, build->conf, root) &&
           check_source(build) && settle_tls(build) &&
           conf_users_read(build, read_file, root);
}

static bool read_settings(struct conf_build *build, conf_read_file read_file,
                          const config_t *parsed)
{
    const config_setting_t *root = config_root_setting(parsed);
    const config_setting_t *groups = config_setting_get_member(root, "groups");
    bool ok = read_daemon(build, read_file, root);
    build->prefix[0] = '\0';
    bool has_list =
        groups == NULL || config_setting_type(groups) == CONFIG_TYPE_LIST;
    if ((ok || conf_goes_on(build)) && has_list) {
        ok &= native_read_groups(build, read_file, groups,
                                 config_setting_get_member(root, "defaults"));
    }
    return ok;
}

static bool read_text(struct conf_build *build, conf_read_file read_file,
                      const char *text)
{
    config_t parsed;
    bool ok = false;
    config_init(&parsed);
    /* Were an @include ever overlooked, it could still open nothing. */
    config_set_include_dir(&parsed, "/dev/null");
    if (config_read_string(&parsed, text) == CONFIG_FALSE) {
        ok = fail_parse(build, &parsed);
    } else {
        ok = read_settings(build, read_file, &parsed);
    }
    config_destroy(&parsed);
    return ok;
}

bool conf_parse_all(const char *text, const char *name,
                    conf_read_file read_file, struct conf_faults *faults,
                    struct conf *conf, struct error *error)
{
    struct conf_build build;
    conf_build_init(&build, conf, name, error);
    build.faults = faults;
    bool ok = native_scan(&build, text) && read_text(&build, read_file, text);
    return conf_build_end(&build, ok);
}

bool conf_parse(const char *text, const char *name, conf_read_file read_file,
                struct conf *conf, struct error *error)
{
    return conf_parse_all(text, name, read_file, NULL, conf, error);
}
