/* The old master lets go: the last step before a planned promotion.
 *
 * It is made a replica of nobody, so from then on it acknowledges nothing,
 * whatever becomes of the pause and of us; and what it says it has then is
 * the end of it. Only a replica that has all of that is promoted. So between
 * the promotion and the first who hears of it anything may take any time:
 * nobody writes to a server that is about to lose.
 *
 * Its clients notice nothing: they wait in the pause, until they are sent to
 * the new master or find the old one writable again. When nothing comes of
 * the promotion and our votes still bind, it gets its role back; otherwise it
 * is down for all supervisors, since it says itself that it is no master, and
 * an ordinary failover finds it among the candidates. */
#include "core/failover/failover.h"

void handover_start(struct core *core, struct group *group, msec expires_at)
{
    struct node *master = group->master;
    bool ends_first = master->paused_until < expires_at;
    group->failover.switchover.compared = false;
    if (!master->report.known_engine) {
        master->cut_off = CUT_READ; /* it only stops in the pause */
        return;
    }
    master->cut_offs_out++;
    master->cut_off = CUT_SENT;
    action_cut_off(core, master,
                   ends_first ? master->paused_until : expires_at);
}

/* It has let go and said how far it had come. What the replica still has on
 * its way to it arrives while their connection lasts. */
static enum handover compare(struct core *core, struct group *group, msec now)
{
    struct switchover *plan = &group->failover.switchover;
    struct node *target = plan->target;
    if (target->fresh == FRESH_READ) {
        if (target->report.offset >= group->master->report.offset) {
            return HANDOVER_DONE;
        }
        if (plan->compared && !target->report.master_link_up) {
            return HANDOVER_BEHIND;
        }
        plan->compared = true;
        target->fresh = FRESH_WANTED;
        info_soon(core, target, now + 1);
    }
    return HANDOVER_WAITS;
}

enum handover handover_settle(struct core *core, struct group *group, msec now)
{
    switch (group->master->cut_off) {
    case CUT_SENT:
    case CUT_DONE:
    case CUT_READING:
        return HANDOVER_WAITS;
    case CUT_READ:
        return compare(core, group, now);
    case CUT_NONE:
    case CUT_WAITING:
    case CUT_REFUSED:
        return HANDOVER_REFUSED;
    }
    return HANDOVER_REFUSED;
}

void handover_give_back(struct core *core, struct group *group, msec now)
{
    struct node *master = group->master;
    bool let_go = (master->cut_off == CUT_SENT || master->cut_off == CUT_DONE ||
                   master->cut_off == CUT_READ) &&
                  master->report.known_engine;
    if (group->failover.purpose != PURPOSE_PLANNED || !let_go ||
        !failover_still_leads(core, group, now) ||
        !link_usable(&master->instance.command)) {
        return;
    }
    event_log(core, LEVEL_WARNING, "%s: %s:%u is to be master again",
              group->name, master->instance.address.host,
              master->instance.address.port);
    action_replicaof(core, master, NULL, failover_lease_end(core, group));
    master->cut_off = CUT_NONE;
}
