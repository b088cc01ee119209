/* When a server is asked for INFO: every ten seconds while all is quiet, more
 * often the more depends on what it says. */
#include "core/detect/detect.h"

static bool is_old(const struct group *group, msec now)
{
    return now - group->created_at >= INFO_YOUNG_MS &&
           (group->switched_at == NEVER ||
            now - group->switched_at >= INFO_YOUNG_MS);
}

/* A few groups can be looked at every second: what somebody changes on a
 * server is seen then. An operator's own period holds as it is. */
static msec quiet_period(const struct core *core)
{
    msec longest = core->model.periods.info_ms;
    msec wanted = INFO_FAST_MS + core->model.group_count * INFO_GROUP_MS;
    return longest == INFO_QUIET_MS && wanted < longest ? wanted : longest;
}

/* It was told to follow another master a moment ago, and is not there yet: what
 * clients are shown of it is to be true soon. */
static bool is_moving(const struct node *node, msec now)
{
    const struct group *group = node->group;
    bool arrived =
        node->report.master_link_up &&
        instance_is_at(&group->master->instance, &node->report.master);
    return node != group->master && !arrived && !node->subjective_down &&
           group->switched_at != NEVER &&
           now - group->switched_at < INFO_MOVING_MS;
}

msec info_period(const struct core *core, const struct node *node, msec now)
{
    const struct group *group = node->group;
    if (node->reconf == RECONF_SENT || node->reconf == RECONF_INPROG ||
        (node == group->failover.promoted &&
         group->failover.state == FAILOVER_PROMOTE) ||
        is_moving(node, now)) {
        return INFO_RECONF_MS;
    }
    if (node != group->master && evidence_is_wanted(group, now)) {
        return evidence_info_period(group);
    }
    bool role_fits =
        (node == group->master) == (node->report.role == ROLE_MASTER);
    bool calm =
        is_old(group, now) && role_fits && node->repair.wrong_since == NEVER &&
        !group->master->subjective_down && !group->master->alarm.misconf &&
        group->failover.state == FAILOVER_NONE;
    bool counted = node == group->master &&
                   group->settings.fencing == FENCING_AVAILABILITY;
    return calm && !counted ? quiet_period(core) : INFO_FAST_MS;
}

void info_soon(struct core *core, struct node *node, msec at)
{
    if (at < node->info_at) {
        node->info_at = at;
        schedule_sooner(core, &node->instance.command.timer, at);
    }
}

void info_now(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!node->instance.command.info_pending) {
            info_soon(core, node, now);
        }
    }
}

static void ask(struct core *core, struct node *node, msec now)
{
    struct link *link = &node->instance.command;
    link->info_pending = true;
    node->info_asked_at = now;
    if (node->fresh == FRESH_WANTED) {
        node->fresh = FRESH_ASKED;
    }
    node->info_at = now + info_period(core, node, now);
    action_simple(core, ACT_INFO, link, node->group);
}

void info_due(struct core *core, struct node *node, msec now)
{
    struct link *link = &node->instance.command;
    if (link->info_pending) {
        return;
    }
    if (now >= node->info_at) {
        ask(core, node, now);
    } else {
        schedule_sooner(core, &link->timer, node->info_at);
    }
}
