/* The configuration file was read again while we run.
 *
 * For each setting, of groups and of the daemon, the value changed last
 * holds: what the file says now where that is not what it said before, else
 * what was set at run time. Groups that are new in the file are watched from
 * now on, those that it declared and does not any more are not; one that
 * SENTINEL REMOVE took away stays away as long as its lines are the same. The
 * rules are those of a start (restore.c), with a model in place of records. */
#include "core/door/door.h"

#include "sentineld/hash.h"

/* A group of the file as it was, to be found by its name. */
struct declared {
    const struct group_conf *conf;
    UT_hash_handle hh;
};

static struct declared *index_groups(const struct core_conf *conf,
                                     struct declared *rows)
{
    struct declared *index = NULL;
    for (size_t i = 0; i < conf->group_count; i++) {
        rows[i].conf = &conf->groups[i];
        HASH_ADD_KEYPTR(hh, index, conf->groups[i].name,
                        strlen(conf->groups[i].name), &rows[i]);
    }
    return index;
}

static const struct group_conf *find(const struct declared *index,
                                     const char *name)
{
    const struct declared *found;
    HASH_FIND_STR(index, name, found);
    return found == NULL ? NULL : found->conf;
}

static bool is_same(const struct group_conf *a, const struct group_conf *b)
{
    return address_equal(&a->master, &b->master) &&
           group_settings_equal(&a->settings, &b->settings);
}

static void add(struct core *core, const struct group_conf *conf,
                const struct group_conf *before, msec now)
{
    if (before != NULL && is_same(conf, before)) {
        return; /* SENTINEL REMOVE was the last word on it */
    }
    if (core->model.group_count == MAX_GROUPS) {
        event_log(core, LEVEL_WARNING,
                  "%s is not watched: there are %d groups already", conf->name,
                  MAX_GROUPS);
        return;
    }
    struct group *group =
        groups_add(core, conf->name, &conf->master, &conf->settings, now);
    group->from_file = true;
    model_save_group(core, group);
}

static void drop(struct core *core, struct group *group, msec now)
{
    failover_yield(core, group, now);
    event_group(core, LEVEL_WARNING, "-monitor", group, "");
    groups_remove(core, group);
}

/* As a start with such a file would: the servers and what they had in common
 * are forgotten; what we promised our peers is not. */
static void begin_anew(struct core *core, struct group *old,
                       const struct group_conf *conf,
                       const struct group_settings *settings, msec now)
{
    struct ballot vote = old->vote;
    msec binds_until = old->vote_binds_until;
    const struct address *known = &old->master->instance.address;
    event_log(core, LEVEL_WARNING,
              "%s: the file now names %s:%u, which the group never met: "
              "beginning anew with it instead of %s:%u",
              conf->name, conf->master.host, conf->master.port, known->host,
              known->port);
    drop(core, old, now);
    struct group *group =
        groups_add(core, conf->name, &conf->master, settings, now);
    group->declared_settings = conf->settings;
    group->from_file = true;
    group->vote = vote;
    group->vote_binds_until = binds_until;
    model_save_group(core, group);
}

static void update(struct core *core, struct group *group,
                   const struct group_conf *conf, msec now)
{
    const struct group_conf then = {.master = group->declared,
                                    .settings = group->declared_settings};
    if (group->from_file && is_same(conf, &then)) {
        return;
    }
    struct group_settings settings = group_settings_merge(
        &conf->settings, &group->declared_settings, &group->settings);
    if (!address_equal(&conf->master, &group->declared) &&
        model_find_node(group, &conf->master) == NULL) {
        begin_anew(core, group, conf, &settings, now);
        return;
    }
    group->from_file = true;
    group->declared = conf->master;
    group->declared_settings = conf->settings;
    group->settings = settings;
    groups_apply_settings(core, group, now);
    model_save_group(core, group);
}

static void forget_undeclared(struct core *core, const struct core_conf *file,
                              msec now)
{
    struct declared *rows = xcalloc(file->group_count, sizeof(*rows));
    struct declared *index = index_groups(file, rows);
    struct group *group;
    struct group *next;
    for (group = TAILQ_FIRST(&core->model.groups); group != NULL;
         group = next) {
        next = TAILQ_NEXT(group, entry);
        if (group->from_file && find(index, group->name) == NULL) {
            group->from_file = false; /* its row goes away, too */
            leaving_forget(core, group, 0, now);
        }
    }
    HASH_CLEAR(hh, index);
    free(rows);
}

static void take_declared(struct core *core, const struct core_conf *file,
                          const struct core_conf *before, msec now)
{
    struct declared *rows = xcalloc(before->group_count, sizeof(*rows));
    struct declared *index = index_groups(before, rows);
    for (size_t i = 0; i < file->group_count; i++) {
        const struct group_conf *conf = &file->groups[i];
        struct group *group = model_group_named(core, conf->name);
        if (group == NULL) {
            add(core, conf, find(index, conf->name), now);
        } else {
            update(core, group, conf, now);
        }
    }
    HASH_CLEAR(hh, index);
    free(rows);
}

void reload_apply(struct core *core, const struct core_conf *file,
                  const struct core_conf *before, msec now)
{
    settings_reload(core, &file->settings);
    core->model.port = file->port;
    forget_undeclared(core, file, now);
    take_declared(core, file, before, now);
}
