/* The list `groups` of the native file and the `defaults` that they begin with:
 * each group's keys, and what one key cannot say alone - two groups of one name
 * or address, a quorum that can never be reached, a password given twice, TLS
 * without a CA. */
#include "proto/config/config.h"

#include <inttypes.h>
#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/memory.h"

static unsigned line_of(const config_setting_t *group, const char *key)
{
    const config_setting_t *member = config_setting_get_member(group, key);
    return config_setting_source_line(member != NULL ? member : group);
}

static bool check_duplicates(struct conf_build *build,
                             const struct conf_draft *draft, unsigned line)
{
    struct name_place first;
    char where[CONF_SHOWN_SIZE];
    if (name_index_find(build->conf->names, draft->group.name, &first)) {
        return conf_fail(build, line,
                         "%sname \"%s\" is taken by groups[%zu] (%s); each "
                         "group needs its own",
                         build->prefix, draft->group.name, first.index,
                         conf_where(first.line, where));
    }
    if (conf_build_find_address(build, &draft->group.master, &first)) {
        return conf_fail(build, line,
                         "%shost %s port %u is watched by groups[%zu] (%s) "
                         "already; a master belongs to one group",
                         build->prefix, draft->group.master.host,
                         (unsigned)draft->group.master.port, first.index,
                         conf_where(first.line, where));
    }
    return true;
}

static bool check_host(struct conf_build *build, const struct conf_draft *draft,
                       const config_setting_t *group)
{
    const char *host = draft->group.master.host;
    return conf_allows_host(build->conf, host) ||
           conf_fail(build, line_of(group, "host"),
                     "%shost \"%s\" is no ip address, and resolve_hostnames "
                     "is false; give an ip address, or allow names",
                     build->prefix, host);
}

static bool check_settings(struct conf_build *build,
                           const struct group_settings *settings,
                           const config_setting_t *group)
{
    if (settings->pool_size != 0 && settings->quorum > settings->pool_size) {
        return conf_fail(build, line_of(group, "quorum"),
                         "%squorum is %" PRIu32 ", but pool_size is %" PRIu32
                         "; so many supervisors must exist",
                         build->prefix, settings->quorum, settings->pool_size);
    }
    if (settings->refused_after_ms > settings->down_after_ms) {
        return conf_fail(build, line_of(group, "refused_after_ms"),
                         "%srefused_after_ms is %" PRIu64
                         ", more than down_after_ms; it must be 0 to %" PRIu64,
                         build->prefix, settings->refused_after_ms,
                         settings->down_after_ms);
    }
    return true;
}

static bool settle_login(struct conf_build *build, conf_read_file read_file,
                         struct conf_draft *draft,
                         const config_setting_t *group)
{
    bool has_file = draft->password_file[0] != '\0';
    if (has_file && draft->login.password[0] != '\0') {
        return conf_fail(build, line_of(group, "auth_pass_file"),
                         "%sauth_pass and auth_pass_file are both given; give "
                         "one of them",
                         build->prefix);
    }
    const struct conf_secret_file file = {read_file, "auth_pass_file",
                                          draft->password_file,
                                          line_of(group, "auth_pass_file")};
    if (has_file && !conf_read_secret(build, &file, draft->login.password)) {
        return false;
    }
    if (draft->login.user[0] != '\0' && draft->login.password[0] == '\0') {
        return conf_fail(build, line_of(group, "auth_user"),
                         "%sauth_user needs a password; give auth_pass or "
                         "auth_pass_file",
                         build->prefix);
    }
    return true;
}

static bool settle_tls(struct conf_build *build, struct conf_draft *draft,
                       const config_setting_t *group)
{
    struct conf_tls_fault fault = conf_tls_settle_group(build->conf, draft);
    if (fault.key == NULL) {
        return true;
    }
    return conf_fail(build, line_of(group, fault.key), "%s%s %s", build->prefix,
                     fault.key, fault.text);
}

/* What says the same thing in another way takes the place of the default. */
static void drop_overruled(struct conf_draft *draft,
                           const config_setting_t *group)
{
    bool has_file = config_setting_get_member(group, "auth_pass_file") != NULL;
    bool has_pass = config_setting_get_member(group, "auth_pass") != NULL;
    if (has_pass && !has_file) {
        draft->password_file[0] = '\0';
    }
    if (has_file && !has_pass) {
        draft->login.password[0] = '\0';
    }
}

static void warn_of_quorum(struct conf_build *build,
                           const struct group_settings *settings,
                           const config_setting_t *group)
{
    if (settings->quorum == 0 && settings->pool_size == 0) {
        conf_warn(build, config_setting_source_line(group),
                  "%squorum and pool_size are not given: the supervisors that "
                  "are known are taken for all of them, and one alone for a "
                  "majority; give pool_size",
                  build->prefix);
    }
}

static bool read_draft(struct conf_build *build, conf_read_file read_file,
                       struct conf_draft *draft, const config_setting_t *group)
{
    struct group_settings *settings = &draft->group.settings;
    if (!native_read_level(build, &group_table, draft, group)) {
        return false;
    }
    drop_overruled(draft, group);
    if (settings->pool_size == 0) {
        settings->pool_size = build->conf->pool_size;
    }
    warn_of_quorum(build, settings, group);
    return check_host(build, draft, group) &&
           check_settings(build, settings, group) &&
           settle_login(build, read_file, draft, group) &&
           settle_tls(build, draft, group) &&
           check_duplicates(build, draft, config_setting_source_line(group));
}

static bool read_group(struct conf_build *build, conf_read_file read_file,
                       const struct conf_draft *defaults,
                       const config_setting_t *group)
{
    struct conf_draft draft = *defaults;
    draft.renames = renames_copy(&defaults->renames);
    if (!read_draft(build, read_file, &draft, group)) {
        renames_clear(&draft.renames);
        return false;
    }
    conf_build_add_group(build, &draft, config_setting_source_line(group));
    return true;
}

static bool read_defaults(struct conf_build *build, struct conf_draft *defaults,
                          const config_setting_t *level)
{
    static const char *const own[] = {"name", "host", "port"};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (config_setting_get_member(level, own[i]) != NULL) {
            return conf_fail(build, line_of(level, own[i]),
                             "defaults.%s is given; each group needs its own",
                             own[i]);
        }
    }
    copy_text(build->prefix, sizeof(build->prefix), "defaults.");
    return native_read_values(build, &group_table, defaults, level);
}

static bool read_list(struct conf_build *build, conf_read_file read_file,
                      const struct conf_draft *defaults,
                      const config_setting_t *groups)
{
    int count = config_setting_length(groups);
    if (count > MAX_GROUPS) {
        return conf_fail(build, config_setting_source_line(groups),
                         "%d groups; there may be %d", count, MAX_GROUPS);
    }
    bool ok = true;
    for (int i = 0; i < count && (ok || conf_goes_on(build)); i++) {
        const config_setting_t *group =
            config_setting_get_elem(groups, (unsigned)i);
        (void)snprintf(build->prefix, sizeof(build->prefix), "groups[%d].", i);
        ok &= config_setting_type(group) == CONFIG_TYPE_GROUP
                  ? read_group(build, read_file, defaults, group)
                  : conf_fail(build, config_setting_source_line(group),
                              "groups[%d] is not a group; it must be like { "
                              "name = \"m\"; host = \"10.0.0.1\"; port = 6379; "
                              "quorum = 2; }",
                              i);
    }
    return ok;
}

bool native_read_groups(struct conf_build *build, conf_read_file read_file,
                        const struct config_setting_t *groups,
                        const struct config_setting_t *defaults)
{
    struct conf_draft draft;
    memset(&draft, 0, sizeof(draft));
    setting_set_defaults(&group_table, &draft);
    conf_tls_start_group(build->conf, &draft);
    bool ok = defaults == NULL || read_defaults(build, &draft, defaults);
    if ((ok || conf_goes_on(build)) && groups != NULL) {
        ok &= read_list(build, read_file, &draft, groups);
    }
    renames_clear(&draft.renames);
    return ok;
}
