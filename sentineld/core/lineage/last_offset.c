/* How far each server had come in the group's data when it was last seen.
 *
 * After a full outage that is all we know of those that are not back yet, so
 * it is kept over restarts of ours. Offsets change all the time: they are
 * saved seldom, all of a group at one moment so that they compare, and at
 * once when a server has gone down, since what it had then is what it will
 * have when it comes back.
 *
 * A server that follows our master has what it says, whatever it had before.
 * One that follows nobody may have lost something by a restart: what was seen
 * before stands, because its file may be the older one. */
#include "core/lineage/lineage.h"

static uint64_t comparable(const struct group *group, const struct node *node)
{
    const struct sighting *seen = &node->last_offset.seen;
    for (int i = 0; seen->replid[0] != '\0' && i < LINEAGE_SIZE; i++) {
        if (strcmp(group->lineage[i].replid, seen->replid) == 0) {
            uint64_t end = group->lineage[i].end;
            return seen->offset < end ? seen->offset : end - 1;
        }
    }
    return NO_OFFSET;
}

bool last_offset_is_known(const struct node *node, uint64_t *offset)
{
    *offset = comparable(node->group, node);
    return *offset != NO_OFFSET;
}

void last_offset_on_info(struct node *node, bool follows)
{
    const struct report *report = &node->report;
    uint64_t before;
    uint64_t offset;
    if (report->loading || report->sync_in_progress ||
        !lineage_is_known(node->group) ||
        !lineage_accepts(node->group, report, &offset)) {
        return;
    }
    if (!follows && last_offset_is_known(node, &before) && before >= offset) {
        return;
    }
    if (node->last_offset.seen.offset != offset ||
        strcmp(node->last_offset.seen.replid, report->replid) != 0) {
        node->last_offset.seen.offset = offset;
        copy_text(node->last_offset.seen.replid, RUN_ID_SIZE, report->replid);
        node->last_offset.unsaved = true;
    }
}

/* The more groups there are, the longer, so that all together they write a
 * few rows a second. */
static msec save_period(const struct core *core)
{
    return POSITIONS_MS + (msec)core->model.group_count * POSITIONS_GROUP_MS;
}

/* A failover must not wait for the disk because of these. */
static bool is_calm(const struct group *group, msec now)
{
    const struct node *master = group->master;
    return group->failover.state == FAILOVER_NONE &&
           group->unpublished_version == 0 &&
           (!master->subjective_down ||
            now - master->subjective_down_since >= POSITIONS_DOWN_MS);
}

static bool is_due(struct core *core, struct group *group, msec now)
{
    if (!is_calm(group, now)) {
        return false;
    }
    if (now >= group->last_offsets_due_at) {
        return true;
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        msec due = node->subjective_down_since + POSITIONS_DOWN_MS;
        if (!node->last_offset.unsaved || !node->subjective_down) {
            continue;
        }
        if (now >= due) {
            return true;
        }
        schedule_sooner(core, &group->timer, due);
    }
    return false;
}

void last_offset_settle(struct core *core, struct group *group, msec now)
{
    if (!is_due(core, group, now)) {
        return;
    }
    group->last_offsets_due_at = now + save_period(core);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->last_offset.unsaved) {
            node->last_offset.unsaved = false;
            model_save_node(core, node, false);
        }
    }
}
