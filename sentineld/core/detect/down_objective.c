/* Is the master down for enough of us? A quorum of supervisors say so, and its
 * replicas do not prove that it lives (evidence.c). */
#include "core/detect/detect.h"

#include <stdio.h>

/* What was said of an outage that is over says nothing of this one. */
static bool is_about_now(const struct voter *voter, msec now)
{
    const struct node *master = voter->group->master;
    return voter->answered_at != NEVER &&
           now - voter->answered_at < OPINION_MS &&
           (!master->subjective_down ||
            voter->answered_at >= master->subjective_down_since);
}

static uint32_t count_opinions(struct core *core, struct group *group, msec now)
{
    uint32_t count = group->master->subjective_down ? 1 : 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->says_down && is_about_now(voter, now)) {
            schedule_sooner(core, &group->timer,
                            voter->answered_at + OPINION_MS);
            count++;
        }
    }
    return count;
}

/* True = those who spoke for it have fallen silent. */
static bool check_witnesses(struct core *core, struct group *group, msec now)
{
    bool witnessed =
        group->master->subjective_down && evidence_speaks(core, group, now);
    bool silent = group->witnessed && !witnessed;
    group->witnessed = witnessed;
    return silent;
}

/* The path from here is at fault: an alarm, once while the master is down for
 * us, however often its replicas hear it. */
static void say_path_fault(struct core *core, struct group *group, bool down)
{
    if (group->witnessed && !group->path_fault_told) {
        group->path_fault_told = true;
        event_group(core, LEVEL_WARNING, "+path-fault", group, "");
        bool full = group->master->instance.command.failure == FAILURE_FULL;
        event_log(core, LEVEL_NOTICE,
                  full
                      ? "%s: the master takes no more clients (max number of "
                        "clients reached), and its replicas hear it: no "
                        "failover while they do; raise "
                        "maxclients, or find who holds so many connections"
                      : "%s: we do not reach the master, but its replicas hear "
                        "it: no failover while they do; look at the network "
                        "between us",
                  group->name);
    } else if (group->path_fault_told &&
               (down || !group->master->subjective_down)) {
        group->path_fault_told = false;
        event_group(core, LEVEL_WARNING, "-path-fault", group, "");
    }
}

struct down_news down_check_objective(struct core *core, struct group *group,
                                      msec now)
{
    uint32_t count = count_opinions(core, group, now);
    struct down_news news = {
        .witnesses_silent = check_witnesses(core, group, now),
    };
    bool down = group->master->subjective_down &&
                count >= model_quorum(group) && !group->witnessed;
    say_path_fault(core, group, down);
    if (down == group->objective_down) {
        return news;
    }
    group->objective_down = down;
    group->objective_down_since = now;
    if (!down) {
        event_group(core, LEVEL_WARNING, "-odown", group, "");
        return news;
    }
    char seen[48];
    (void)snprintf(seen, sizeof(seen), "#quorum %u/%u", count,
                   model_quorum(group));
    event_group(core, LEVEL_WARNING, "+odown", group, seen);
    news.is_down = true;
    return news;
}
