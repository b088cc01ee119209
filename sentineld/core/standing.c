/* May a failover begin by itself? The master must be objectively down, our
 * pause over and our vote free, a majority of supervisors answering and some
 * replica fit to be promoted. Whatever is missing is said in one sentence,
 * once until it changes. */
#include "private.h"

#include <stdio.h>

bool standing_is_explained(const struct group *group, const char *why)
{
    return strcmp(group->failover.explained, why) == 0;
}

void standing_explain(struct core *core, struct group *group, const char *why)
{
    struct failover *failover = &group->failover;
    if (standing_is_explained(group, why)) {
        return;
    }
    copy_text(failover->explained, sizeof(failover->explained), why);
    out_log(core, LEVEL_NOTICE, "%s: no failover yet: %s", group->name, why);
}

/* Waits for the moment and says what for; false = may go on. */
static bool must_wait(struct core *core, struct group *group, msec now)
{
    if (now < group->failover.hold_until) {
        schedule_sooner(core, &group->timer, group->failover.hold_until);
        return true;
    }
    if (election_cannot_stand(core, group, now)) {
        schedule_sooner(core, &group->timer, group->vote_binds_until);
        return true; /* the others voted with us, and are bound as well */
    }
    /* in turn, or all of them would stand when the minute is over */
    msec chance = election_next_chance(group) + election_turn(core, group);
    if (now < chance) {
        standing_explain(core, group,
                         "three attempts within a minute, waiting");
        schedule_sooner(core, &group->timer, chance);
        return true;
    }
    return flapping_must_wait(core, group, now);
}

/* After a full outage, somebody better may be about to come back. Once he is
 * there, all see it at the same time, and so take their turns again. */
static bool waits_for_missing(struct core *core, struct group *group, msec now)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    int best = select_best(candidates, count);
    bool waited = group->last_resort.waits;
    char why[160];
    group->last_resort.waits =
        best >= 0 && last_resort_waits(group, &candidates[best], why);
    if (group->last_resort.waits) {
        standing_explain(core, group, why);
        return true; /* woken at the deadline by last_resort.c */
    }
    if (waited) {
        failover_hold_off(core, group, now + election_turn(core, group));
        core_touch(core, group);
    }
    return waited;
}

bool standing_must_pause(struct core *core, struct group *group, msec now)
{
    return flapping_must_wait(core, group, now) ||
           waits_for_missing(core, group, now);
}

bool standing_is_able(struct core *core, struct group *group, msec now)
{
    if (core->late) { /* first what came while we were away */
        schedule_sooner(core, &group->timer, now + STALL_MS);
        return false;
    }
    if (core->unsaved_since != NEVER && now - core->unsaved_since >= MUTE_MS) {
        standing_explain(core, group, "the state cannot be saved now");
        schedule_sooner(core, &group->timer, now + MUTE_MS);
        return false;
    }
    return true;
}

bool standing_may_begin(struct core *core, struct group *group, msec now)
{
    if (!group->objective_down) {
        group->failover.explained[0] = '\0';
        return false;
    }
    if (group->unpublished_version != 0 || must_wait(core, group, now) ||
        !standing_is_able(core, group, now)) {
        return false;
    }
    if (!election_majority_answers(group, now)) {
        char why[160];
        (void)snprintf(why, sizeof(why),
                       "a majority of %u supervisors does not answer",
                       model_voters(group));
        standing_explain(core, group, why);
        return false; /* the next answer touches the group */
    }
    char why_not[160];
    if (!select_any(group, why_not)) {
        if (!standing_is_explained(group, why_not)) {
            out_event_group(core, LEVEL_WARNING,
                            "-failover-abort-no-good-slave", group, "");
        }
        standing_explain(core, group, why_not);
        schedule_sooner(core, &group->timer, now + INFO_FAST_MS);
        return false;
    }
    return !waits_for_missing(core, group, now);
}
