/* What an operator set and is not on disk yet: the row that is saved has it,
 * what is in force does not. */
#include "core/model/model.h"

struct group_settings pending_settings(const struct group *group)
{
    struct group_settings settings = group->settings;
    const struct pending_set *pending;
    STAILQ_FOREACH(pending, &group->pending, entry)
    {
        for (size_t i = 0; i < pending->count; i++) {
            group_settings_set(&settings, &pending->options[i]);
        }
    }
    return settings;
}

void pending_set_at(const struct group *group, uint64_t set_at[SETTING_COUNT])
{
    const struct pending_set *pending;
    memcpy(set_at, group->set_at, sizeof(group->set_at));
    STAILQ_FOREACH(pending, &group->pending, entry)
    {
        for (size_t i = 0; i < pending->count; i++) {
            set_at[pending->options[i].setting] = pending->set_at;
        }
    }
}

void pending_drop_first(struct group *group)
{
    struct pending_set *first = STAILQ_FIRST(&group->pending);
    STAILQ_REMOVE_HEAD(&group->pending, entry);
    free(first);
}

void pending_free(struct group *group)
{
    while (!STAILQ_EMPTY(&group->pending)) {
        pending_drop_first(group);
    }
}
