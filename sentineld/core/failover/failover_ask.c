/* WAIT_START: a leader asks for votes, and for what they show.
 *
 * The votes are for a reason. Keeping replicas from a master that restarted is
 * no failover: nobody is told of it, and no event that Sentinel has is sent.
 * When the master is to be replaced after all, the same voters are asked again
 * in the same epoch, for that: only then it is an election as everybody knows
 * it, with its events in their order. */
#include "core/failover/failover.h"

#include <assert.h>

/* Somebody is master already: that is the whole of this failover. */
void failover_commit_again(struct core *core, struct group *group,
                           struct node *whom, msec now)
{
    struct failover *failover = &group->failover;
    if (failover->state == FAILOVER_WAIT_START &&
        !failover_is_quiet(failover)) {
        event_group(core, LEVEL_WARNING, "+elected-leader", group, "");
        settings_simulate(core, SIMULATE_AFTER_ELECTION);
    } else if (failover->state == FAILOVER_KEEP) {
        event_group(core, LEVEL_WARNING, "-hold-replicas", group, "");
    }
    if (failover->purpose == PURPOSE_PLANNED) {
        copy_text(failover->switchover.why, sizeof(failover->switchover.why),
                  "a promotion that another leader had begun had to be "
                  "settled first");
        switchover_undo(core, group);
        failover->purpose = PURPOSE_FORCED;
    }
    if (failover->purpose == PURPOSE_KEEP) {
        failover->purpose = PURPOSE_RULE;
    }
    failover->promoted = whom;
    failover->promotion = PROMOTION_CONFIRMED;
    commit_start(core, group, now);
}

static void elected(struct core *core, struct group *group, msec now)
{
    enum purpose purpose = group->failover.purpose;
    if (purpose == PURPOSE_KEEP) {
        keep_start(core, group, now);
        return;
    }
    event_group(core, LEVEL_WARNING, "+elected-leader", group, "");
    settings_simulate(core, SIMULATE_AFTER_ELECTION);
    bool planned = purpose == PURPOSE_PLANNED;
    failover_move(group, planned ? FAILOVER_CATCH_UP : FAILOVER_SELECT, now);
    event_group(core, LEVEL_WARNING, "+failover-state-select-slave", group, "");
    if (planned) {
        switchover_start(core, group, now);
    } else {
        switchover_begun(core, group);
        candidates_ask(core, group, now);
    }
    core_touch(core, group);
}

/* What nobody was told of becomes a failover, in the same epoch: the others are
 * asked for that anew, and every vote so far was for less. */
void failover_replace_master(struct core *core, struct group *group,
                             enum purpose purpose, msec now)
{
    struct failover *failover = &group->failover;
    assert(failover_is_quiet(failover));
    failover->purpose = purpose;
    failover->started_at = now;
    failover->won_at = 0;
    election_say_epoch(core, group);
    event_group(core, LEVEL_WARNING, "+try-failover", group, "");
    election_say_vote(core, group);
    if (failover->state == FAILOVER_KEEP) {
        failover_move(group, FAILOVER_WAIT_START, now);
    }
    core_touch(core, group);
}

/* How long to collect votes. An operator's order does not wait for the dead,
 * but it does wait until the living are free of their last vote. */
static msec election_patience(const struct core *core,
                              const struct group *group)
{
    if (!failover_is_ordered(&group->failover)) {
        return core->model.periods.election_ms;
    }
    return tally_was_refused(core, group)
               ? core->model.vote_lease_ms + FORCED_ELECTION_MS
               : FORCED_ELECTION_MS;
}

/* The master that is to be replaced may be back, and not judged yet; the one
 * that replicas are to be kept from may be down for good. */
static void note_reason(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    bool back = failover_is_master_back(group);
    if (failover->purpose == PURPOSE_KEEP && !back) {
        if (gates_are_able(core, group, now)) {
            failover_replace_master(core, group, PURPOSE_REPLACE, now);
        }
    } else if (back && master_restart_is_guarded(group)) {
        failover->purpose = PURPOSE_KEEP;
    }
}

/* Others were ordered the same in this moment. False = we have given up, or
 * stand anew. */
static bool settle_rivals(struct core *core, struct group *group, msec now)
{
    switch (rivals_judge(core, group, now)) {
    case RIVALS_NONE:
        break;
    case RIVALS_BEHIND:
        rivals_stand_again(core, group, now);
        return false;
    case RIVALS_IN_FRONT:
        failover_give_way(core, group, now);
        return false;
    }
    return true;
}

static bool is_needless(const struct group *group)
{
    switch (group->failover.purpose) {
    case PURPOSE_RULE:
        return !ruling_is_pending(group);
    case PURPOSE_KEEP:
        return !master_restart_is_guarded(group);
    case PURPOSE_NONE:
    case PURPOSE_REPLACE:
    case PURPOSE_FORCED:
    case PURPOSE_PLANNED:
        break;
    }
    return failover_is_master_back(group);
}

bool failover_is_ruled(struct core *core, struct group *group, msec now)
{
    struct node *whom = NULL;
    if (group->failover.without_votes) {
        return false;
    }
    switch (ruling_make(core, group, &whom, now)) {
    case RULING_WAIT:
        return true;
    case RULING_COMMIT:
        failover_commit_again(core, group, whom, now);
        return true;
    case RULING_FREE:
        break;
    }
    return false;
}

/* We have the votes; what do they show? */
static void rule(struct core *core, struct group *group, msec now)
{
    if (failover_is_ruled(core, group, now)) {
        return;
    }
    if (group->failover.purpose != PURPOSE_RULE) {
        elected(core, group, now);
    } else if (group->objective_down) {
        failover_replace_master(core, group, PURPOSE_REPLACE, now);
    } else {
        failover_abort(core, group, "-failover-abort-not-elected", now);
    }
}

/* Not long: our voters' views are right behind their votes. */
static void settle_won(struct core *core, struct group *group, msec now)
{
    if (tally_has_views(core, group, now)) {
        rule(core, group, now);
    }
    if (group->failover.state != FAILOVER_WAIT_START) {
        return;
    }
    struct failover *failover = &group->failover;
    failover->won_at = failover->won_at == 0 ? now : failover->won_at;
    msec end = failover->won_at + core->model.periods.election_ms;
    if (now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    failover_undo(core, group, "-failover-abort-not-elected", now);
}

void failover_settle_ask(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    bool ordered = failover_is_ordered(failover);
    if (failover->purpose != PURPOSE_RULE) {
        note_reason(core, group, now);
    }
    if (is_needless(group)) {
        event_log(core, LEVEL_NOTICE, "%s: the master answers again",
                  group->name);
        failover_undo(core, group, "-failover-abort-not-elected", now);
        return;
    }
    if (tally_is_won(core, group, now)) {
        settle_won(core, group, now);
        return;
    }
    if (ordered && !settle_rivals(core, group, now)) {
        return;
    }
    bool lost = !ordered && tally_is_lost(core, group, now);
    msec end = failover->started_at + election_patience(core, group);
    if (now < end && !lost) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    bool only_with = failover->switchover.mode == FAILOVER_MODE_COORDINATED;
    if (ordered && !only_with && !tally_was_refused(core, group)) {
        failover->without_votes = true;
        event_log(core, LEVEL_WARNING,
                  "%s: %u votes of the %u needed for the forced failover: "
                  "going on without, as ordered",
                  group->name, tally_votes(core, group, now),
                  tally_needed(group));
        elected(core, group, now);
        return;
    }
    failover_abort(core, group, "-failover-abort-not-elected", now);
}
