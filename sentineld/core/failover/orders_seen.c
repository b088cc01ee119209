/* What INFO says about orders of ours: of those whose answer was lost, and of
 * a candidate that is read. */
#include "core/failover/failover.h"

/* It was demoted: its clients are gone, and so is the pause. */
static void note_demoted(struct core *core, struct node *node, msec now)
{
    bool just_let_go = model_is_detached(node) && now < node->paused_until;
    if (just_let_go) {
        return;
    }
    if (node->former_master) {
        node->former_master = false;
        model_save_node(core, node, false);
    }
    node->paused_until = 0;
}

static void note_read(struct core *core, struct node *node, msec now)
{
    bool read = node->cut_off == CUT_READING && node->fresh == FRESH_READ;
    if (read && node->report.known_engine) {
        node->cut_off = CUT_WAITING; /* we had not known */
    } else if (node->cut_off == CUT_DONE || read) {
        node->cut_off = CUT_READ;
        node->info_at = now + info_period(core, node, now);
    }
}

void failover_on_info(struct core *core, struct node *node,
                      const struct info *info, msec now)
{
    if (info->role == ROLE_REPLICA) {
        note_demoted(core, node, now);
    }
    note_read(core, node, now);
    promotion_on_info(core, node);
}
