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

#include "proto/config/sentinel_conf.h"
#include "sentineld/memory.h"

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

/* The path that the row names at `base`. */
static bool settle(struct conf_build *build, const struct setting_row *row,
                   void *base)
{
    char full[CONF_PATH_SIZE];
    char *path = (char *)base + row->offset;
    if ((row->flags & ROW_PATH) == 0) {
        return true;
    }
    if (!sentinel_conf_path(build->conf, path, full) ||
        strlen(full) >= row->size) {
        bool of_group = setting_find(&daemon_table, row->key) != row;
        return conf_fail(build, conf_go_to(build, "dir"),
                         "%s%s: the path is too long with dir before it",
                         of_group ? "sentinel " : "", row->directive);
    }
    copy_text(path, row->size, full);
    return true;
}

static bool settle_group(struct conf_build *build, struct group_conf *group)
{
    struct conf_draft draft;
    draft.group = *group;
    for (size_t i = 0; i < group_table.count; i++) {
        if (!settle(build, &group_table.rows[i], &draft)) {
            return false;
        }
    }
    *group = draft.group;
    return true;
}

bool sentinel_conf_settle_paths(struct conf_build *build)
{
    struct conf *conf = build->conf;
    for (size_t i = 0; i < daemon_table.count; i++) {
        if (!settle(build, &daemon_table.rows[i], conf)) {
            return false;
        }
    }
    for (size_t i = 0; i < conf->group_count; i++) {
        if (!settle_group(build, &conf->groups[i])) {
            return false;
        }
    }
    return true;
}
