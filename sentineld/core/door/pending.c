/* What an operator set, until it is on disk: SET changes nothing before that.
 *
 * The row that is saved has the new settings; the model takes them, and the
 * event is told, when the save is durable. When it fails, they are forgotten,
 * and a row with those in force goes behind the one that the store still
 * keeps: neither now nor after a restart has anything changed. */
#include "core/door/door.h"

#include <stdio.h>

void pending_add(struct core *core, struct group *group,
                 const struct admin *admin, msec now)
{
    struct pending_set *pending = xcalloc(1, sizeof(*pending));
    pending->version = model_next_version(core);
    pending->set_at = core->unix_offset_ms + now;
    pending->count = admin->option_count;
    memcpy(pending->options, admin->options, sizeof(pending->options));
    STAILQ_INSERT_TAIL(&group->pending, pending, entry);
    core->pending_count++;
    model_save_group(core, group);
}

/* The value as the operator may see it again. */
static void say_option(struct core *core, const struct group *group,
                       const struct admin_option *option)
{
    char value[SCRIPT_PATH_SIZE];
    copy_text(value, sizeof(value), option->text);
    if (value[0] == '\0' && !group_settings_is_text(option->setting)) {
        (void)snprintf(value, sizeof(value), "%llu",
                       (unsigned long long)option->value);
    }
    const struct address *at = model_current_address(group);
    event_about(core, group, "+set", "master %s %s %u %s %s", group->name,
                at->host, at->port, option->typed, value);
}

static void apply(struct core *core, struct group *group,
                  const struct pending_set *pending, msec now)
{
    for (size_t i = 0; i < pending->count; i++) {
        group_settings_set(&group->settings, &pending->options[i]);
        group->set_at[pending->options[i].setting] = pending->set_at;
        say_option(core, group, &pending->options[i]);
        if (pending->options[i].setting == SETTING_FENCING) {
            fencing_adopt(core, group);
        }
    }
    groups_apply_settings(core, group, now);
}

void pending_on_saved(struct core *core, msec now)
{
    struct group *group;
    if (core->pending_count == 0) {
        return; /* and not one look at each group for each save */
    }
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        const struct pending_set *first;
        while ((first = STAILQ_FIRST(&group->pending)) != NULL &&
               first->version <= core->saved_version) {
            apply(core, group, first, now);
            pending_drop_first(group);
            core->pending_count--;
        }
    }
}

void pending_on_save_failed(struct core *core)
{
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (!STAILQ_EMPTY(&group->pending)) {
            pending_free(group);
            model_save_group(core, group);
        }
    }
    core->pending_count = 0;
}
