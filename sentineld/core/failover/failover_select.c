/* SELECT: the candidates are read, and the best of them is promoted. */
#include "core/failover/failover.h"

#include <stdio.h>

/* What `durability` promises holds only when enough replicas were read, and
 * the one that is promoted is behind none of them. False, and it is said what
 * is missing. */
static bool is_durable(struct core *core, struct group *group,
                       const struct candidate *candidates, size_t count,
                       const struct candidate *chosen, msec now)
{
    if (group->last_resort.over && group->settings.last_resort_ms != 0) {
        return true; /* who set that wants a master even so */
    }
    uint32_t missing = select_count_missing(group, candidates, count);
    bool behind = group->settings.durability > 0 && chosen != NULL &&
                  select_is_behind(candidates, count, chosen);
    if (missing == 0 && !behind) {
        return true;
    }
    char why[160];
    if (missing > 0) {
        (void)snprintf(why, sizeof(why),
                       "%u more of %u replicas must answer for durability %u",
                       missing, group->node_count - 1,
                       group->settings.durability);
    } else {
        (void)snprintf(why, sizeof(why),
                       "a replica that may not be promoted has more data, "
                       "which durability %u protects",
                       group->settings.durability);
    }
    gates_say(core, group, GATE_DURABILITY, why, now);
    return false;
}

void failover_settle_select(struct core *core, struct group *group, msec now)
{
    if (!failover_still_leads(core, group, now)) {
        failover_abort(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
    if (failover_is_master_back(group) && master_restart_is_guarded(group)) {
        group->failover.purpose = PURPOSE_KEEP;
        keep_start(core, group, now);
        return;
    }
    if (failover_is_master_back(group)) {
        if (master_restart_is_unread(group)) {
            return; /* it answers, but it may be another process, and empty */
        }
        event_log(core, LEVEL_NOTICE, "%s: the master answers again",
                  group->name);
        failover_undo(core, group, "-failover-abort-not-elected", now);
        return;
    }
    if (failover_is_ruled(core, group, now)) {
        return; /* whom an earlier leader made master is back */
    }
    msec end = group->failover.state_since + SELECT_MS;
    bool incomplete = candidates_are_missing(core, group, now) ||
                      ask_awaits_histories(core, group);
    if (incomplete && now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, true, candidates);
    int best = select_best(candidates, count);
    if (group->failover.switchover.mode != FAILOVER_MODE_FORCE &&
        candidates_wait_for_more(core, group,
                                 best < 0 ? NULL : &candidates[best], now)) {
        return;
    }
    if (!is_durable(core, group, candidates, count,
                    best < 0 ? NULL : &candidates[best], now)) {
        /* We wait as long as we lead, but not by order: the master may be
         * alive, and its replicas are not kept from it for long. */
        if (failover_is_ordered(&group->failover)) {
            failover_undo(core, group, "-failover-abort-no-good-slave", now);
        }
        schedule_sooner(core, &group->timer, now + INFO_RECONF_MS);
        return;
    }
    if (fencing_must_wait(core, group, now)) {
        return;
    }
    candidates_log(core, group, candidates, count);
    if (best < 0) {
        failover_undo(core, group, "-failover-abort-no-good-slave", now);
        return;
    }
    promotion_send(core, group, model_node_with_id(group, candidates[best].id),
                   now);
}
