/* Relative paths of a sentinel.conf: Redis goes to its `dir` when it meets the
 * directive, so an included file is looked for in the `dir` of the lines
 * before it, and the log, the pid file, the list of users, certificates and
 * scripts in the one that holds in the end.
 *
 * We stay where we were started and put the directory before the path instead:
 * the file can be read again later, and means the same then. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "sentinel_conf.h"
#include "sentineld/memory.h"

#define MEMBER(name) \
    offsetof(struct conf, name), sizeof(((struct conf *)NULL)->name)

static const struct {
    const char *directive;
    size_t offset;
    size_t size;
} paths[] = {
    {"logfile", MEMBER(logfile)},
    {"pidfile", MEMBER(pidfile)},
    {"unixsocket", MEMBER(unix_socket)},
    {"aclfile", MEMBER(acl_file)},
    {"tls-cert-file", MEMBER(tls.cert_file)},
    {"tls-key-file", MEMBER(tls.key_file)},
    {"tls-client-cert-file", MEMBER(tls.client.cert_file)},
    {"tls-client-key-file", MEMBER(tls.client.key_file)},
    {"tls-ca-cert-file", MEMBER(tls.client.ca_cert_file)},
    {"tls-ca-cert-dir", MEMBER(tls.client.ca_cert_dir)},
};

bool sentinel_conf_path(const struct conf *conf, const char *path,
                        char full[CONF_PATH_SIZE])
{
    bool stays = path[0] == '/' || path[0] == '\0' || strcmp(path, "-") == 0 ||
                 strcmp(conf->dir, ".") == 0;
    int length = stays
                     ? snprintf(full, CONF_PATH_SIZE, "%s", path)
                     : snprintf(full, CONF_PATH_SIZE, "%s/%s", conf->dir, path);
    return length < CONF_PATH_SIZE;
}

static bool settle(struct conf_build *build, const char *directive, char *path,
                   size_t size)
{
    char full[CONF_PATH_SIZE];
    if (!sentinel_conf_path(build->conf, path, full) || strlen(full) >= size) {
        build->file = build->dir_file != NULL ? build->dir_file : build->file;
        return conf_fail(build, build->dir_line,
                         "%s: the path is too long with dir before "
                         "it",
                         directive);
    }
    copy_text(path, size, full);
    return true;
}

bool sentinel_conf_settle_paths(struct conf_build *build)
{
    struct conf *conf = build->conf;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (!settle(build, paths[i].directive, (char *)conf + paths[i].offset,
                    paths[i].size)) {
            return false;
        }
    }
    for (size_t i = 0; i < conf->group_count; i++) {
        struct group_settings *settings = &conf->groups[i].settings;
        if (!settle(build, "sentinel notification-script",
                    settings->notification_script, SCRIPT_PATH_SIZE) ||
            !settle(build, "sentinel client-reconfig-script",
                    settings->client_reconfig_script, SCRIPT_PATH_SIZE)) {
            return false;
        }
    }
    return true;
}
