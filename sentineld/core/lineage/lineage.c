/* What an INFO says of the data that its server holds. */
#include "core/lineage/lineage.h"

/* What it holds is what our master has. */
static bool tells_history(const struct node *node)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    if (node == group->master) {
        return report->role == ROLE_MASTER;
    }
    return report->role == ROLE_REPLICA && report->master_link_up &&
           !report->sync_in_progress &&
           instance_is_at(&group->master->instance, &report->master);
}

/* A replica whose offset is no smaller than the one that the master said last
 * has all that the master had then. */
static void note_in_step(struct node *node)
{
    const struct report *master = &node->group->master->report;
    if (node != node->group->master && master->at != NEVER &&
        master->role == ROLE_MASTER && tells_history(node) &&
        node->report.offset >= master->offset) {
        node->last_offset.in_step_at = master->at;
    }
}

void lineage_on_info(struct core *core, struct node *node)
{
    struct group *group = node->group;
    bool follows =
        tells_history(node) && group->vanishing.state == VANISHED_NOT;
    if (follows) {
        history_learn(core, group, &node->report, node == group->master);
    }
    position_on_info(node, follows);
    note_in_step(node);
    report_old_master(core, node);
}
