/* The failover state machine.
 *
 *   NONE ─► WAIT_START ─► SELECT ─► PROMOTE ─► COMMIT ─► RECONF ─► NONE
 *            │  ▲  ▲       │   ▲       │ ▲
 *            │  │  ▼       │   └───────┤ │ refused: the next candidate
 *            │  │ KEEP ◄───┘           │ │
 *            ▼  ▼  ▼                   ▼ │
 *            │ NONE                  NONE│
 *            └────────► CATCH_UP ────────┘ planned: see switchover.c
 *
 * Every step runs at the speed of its replies. Until the promotion, leading
 * needs votes that bind their voters; the promotion itself is refused by
 * whoever sends it when it would leave too late. Once it is told there is no
 * way back, and the rest is repointing (reconf.c); until then it is taken back
 * when the votes run out (publish.c). */
#include "core/failover/failover.h"

#include <assert.h>
#include <stdio.h>

/* Ends. */

/* A pause that grows with every lost election, random so that two
 * candidates do not meet again. */
static void pause_after_loss(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    uint32_t doublings = failover->lost_in_a_row < LOST_PAUSE_DOUBLINGS
                             ? failover->lost_in_a_row
                             : LOST_PAUSE_DOUBLINGS;
    failover->lost_in_a_row++;
    election_hold_off(
        core, group,
        now + LOST_PAUSE_MS +
            core_random(core, (uint32_t)LOST_PAUSE_RANDOM_MS << doublings));
}

static void finish(struct core *core, struct group *group, msec now)
{
    switchover_undo(core, group);
    election_withdraw(core, group, now);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
    pause_after_loss(core, group, now);
    core_touch(core, group);
}

/* It may have become master all the same: a known stray. */
static void note_stray(struct group *group)
{
    const struct failover *failover = &group->failover;
    if (failover->state == FAILOVER_PROMOTE &&
        (failover->promotion == PROMOTION_SENT ||
         failover->promotion == PROMOTION_CONFIRMED)) {
        failover->promoted->former_master = failover->promoted != group->master;
    }
}

static void say_end(struct core *core, const struct group *group,
                    const char *channel)
{
    const struct failover *failover = &group->failover;
    if (!failover_is_quiet(failover)) {
        event_group(core, LEVEL_WARNING, channel, group, "");
    } else if (failover->state == FAILOVER_KEEP) {
        event_group(core, LEVEL_WARNING, "-hold-replicas", group, "");
    }
}

void failover_abort(struct core *core, struct group *group, const char *channel,
                    msec now)
{
    model_decide_anew(group);
    say_end(core, group, channel);
    note_stray(group);
    finish(core, group, now);
}

void failover_undo(struct core *core, struct group *group, const char *channel,
                   msec now)
{
    model_decide_anew(group);
    handover_give_back(core, group, now);
    candidates_give_back(core, group, now);
    say_end(core, group, channel);
    note_stray(group);
    finish(core, group, now);
}

void failover_give_way(struct core *core, struct group *group, msec now)
{
    switchover_in_progress(core, group);
    failover_abort(core, group, "-failover-abort-not-elected", now);
}

static void end_failover(struct core *core, struct group *group, msec now)
{
    event_group(core, LEVEL_WARNING, "+failover-end", group, "");
    switchover_untold(core, group);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
    gates_forget(group);
    core_touch(core, group);
}

void failover_yield(struct core *core, struct group *group, msec now)
{
    switch (group->failover.state) {
    case FAILOVER_NONE:
        return;
    case FAILOVER_WAIT_START:
        failover_give_way(core, group, now);
        return;
    case FAILOVER_KEEP:
    case FAILOVER_CATCH_UP:
    case FAILOVER_SELECT:
    case FAILOVER_PROMOTE:
    case FAILOVER_COMMIT:
        /* nothing is given back: the one who leads now decides */
        failover_abort(core, group, "-failover-abort-not-elected", now);
        return;
    case FAILOVER_RECONF:
        end_failover(core, group, now);
        return;
    }
}

/* NONE. */

static void begin(struct core *core, struct group *group, enum purpose purpose,
                  msec now)
{
    struct failover *failover = &group->failover;
    failover->purpose = purpose;
    failover->started_at = now;
    model_decide_anew(group);
    gates_forget(group);
    election_stand(core, group);
    if (!failover_is_quiet(failover)) {
        election_say_epoch(core, group);
        event_group(core, LEVEL_WARNING, "+try-failover", group, "");
    }
    election_vote_for_self(core, group, now);
    failover_move(group, FAILOVER_WAIT_START, now);
    core_touch(core, group);
}

static void settle_none(struct core *core, struct group *group, msec now)
{
    if (ruling_may_begin(core, group, now)) {
        begin(core, group, PURPOSE_RULE, now);
    } else if (keep_may_begin(core, group, now)) {
        begin(core, group, PURPOSE_KEEP, now);
    } else if (gates_may_begin(core, group, now)) {
        begin(core, group, PURPOSE_REPLACE, now);
    }
}

bool failover_is_master_back(const struct group *group)
{
    return !failover_is_ordered(&group->failover) && !group->objective_down &&
           !master_restart_is_to_be_replaced(group);
}

/* The replicas are cut off already: it goes on from there. */
static enum admin_result order_while_keeping(struct core *core,
                                             struct group *group,
                                             const struct admin *admin,
                                             msec now)
{
    if (group->restart.state == RESTART_BACK &&
        admin->mode != FAILOVER_MODE_FORCE) {
        return ADMIN_IN_PROGRESS; /* it may lack nothing, and is judged now */
    }
    event_log(core, LEVEL_NOTICE, "Executing user requested FAILOVER of '%s'",
              group->name);
    group->failover.switchover.mode = admin->mode;
    failover_replace_master(core, group, PURPOSE_FORCED, now);
    return ADMIN_OK;
}

enum admin_result failover_request(struct core *core, struct group *group,
                                   const struct admin *admin, msec now)
{
    struct failover *failover = &group->failover;
    if (failover->purpose == PURPOSE_KEEP &&
        admin->mode != FAILOVER_MODE_COORDINATED) {
        return order_while_keeping(core, group, admin, now);
    }
    if (now < group->votes_from) { /* INPROG would be misleading */
        gates_explain(core, group, GATE_VOTE, now, failover->switchover.why);
        return ADMIN_REFUSED;
    }
    if (failover->state != FAILOVER_NONE || group->unpublished_version != 0 ||
        election_cannot_stand(core, group, now)) {
        return ADMIN_IN_PROGRESS;
    }
    if (gates_is_closed(core, group, GATE_UNSAVED, now)) {
        gates_explain(core, group, GATE_UNSAVED, now, failover->switchover.why);
        return ADMIN_REFUSED;
    }
    if (admin->mode == FAILOVER_MODE_FORCE && !admin->dry_run) {
        lineage_forget(core, group); /* whatever others say of it */
    }
    failover->switchover.mode = admin->mode;
    if (!select_any(group, failover->switchover.why)) {
        failover->switchover.mode = FAILOVER_MODE_DEFAULT;
        return ADMIN_NO_GOOD_REPLICA;
    }
    enum purpose purpose = PURPOSE_NONE;
    enum admin_result planned = switchover_plan(group, admin, &purpose);
    if (planned != ADMIN_OK) {
        failover->switchover.client = 0;
        return planned;
    }
    event_log(core, LEVEL_NOTICE, "Executing user requested FAILOVER of '%s'",
              group->name);
    begin(core, group, purpose, now);
    return ADMIN_OK;
}

bool failover_still_leads(const struct core *core, const struct group *group,
                          msec now)
{
    return group->failover.without_votes || tally_is_won(core, group, now);
}

/* KEEP: see keep.c. */

static void end_keep(struct core *core, struct group *group, msec now)
{
    if (ruling_is_pending(group) || group->failover.takes_master) {
        /* committed before anything is given back to it */
        failover_commit_again(core, group, group->master, now);
        return;
    }
    model_decide_anew(group);
    candidates_give_back(core, group, now);
    event_group(core, LEVEL_WARNING, "-hold-replicas", group, "");
    election_withdraw(core, group, now);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
    core_touch(core, group);
}

/* A pause between failovers is no time to be bound to us: an operator may want
 * one from anybody. The replicas stay cut off. */
static bool must_pause(struct core *core, struct group *group, msec now)
{
    return !master_restart_is_to_be_replaced(group) &&
           gates_must_pause(core, group, now);
}

static void settle_keep(struct core *core, struct group *group, msec now)
{
    if (!failover_still_leads(core, group, now)) {
        failover_abort(core, group, "-hold-replicas", now);
        return;
    }
    if (failover_is_ruled(core, group, now)) {
        return;
    }
    if (!failover_is_master_back(group) && must_pause(core, group, now)) {
        failover_abort(core, group, "-hold-replicas", now);
    } else if (!failover_is_master_back(group)) {
        if (!gates_are_able(core, group, now)) {
            return; /* in a stall, nothing is known for sure */
        }
        failover_replace_master(core, group, PURPOSE_REPLACE, now);
    } else if (keep_is_over(core, group, now)) {
        end_keep(core, group, now);
    }
}

/* CATCH_UP: a planned one, see switchover.c. */

/* A dry run ends where the pause would begin. */
static void end_dry_run(struct core *core, struct group *group, msec now)
{
    switchover_done(core, group);
    election_withdraw(core, group, now);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
}

static void settle_catch_up(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    msec lease_end = failover_lease_end(core, group);
    enum switchover_outcome outcome =
        failover_still_leads(core, group, now)
            ? switchover_settle(core, group, lease_end, now)
            : SWITCHOVER_FAILED;
    switch (outcome) {
    case SWITCHOVER_WAITS:
        return;
    case SWITCHOVER_READY:
        if (failover->switchover.dry_run) {
            end_dry_run(core, group, now);
        } else {
            promotion_send(core, group, failover->switchover.target, now);
        }
        return;
    case SWITCHOVER_UNPAUSABLE:
        event_log(core, LEVEL_WARNING, "%s: %s: going on without a pause",
                  group->name, failover->switchover.why);
        failover->purpose = PURPOSE_FORCED;
        failover_move(group, FAILOVER_SELECT, now);
        candidates_ask(core, group, now);
        core_touch(core, group);
        return;
    case SWITCHOVER_FAILED:
        failover_undo(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
}

/* RECONF. */

static void settle_reconf(struct core *core, struct group *group, msec now)
{
    if (master_restart_is_guarded(group) && group->unpublished_version != 0) {
        promotion_take_back(core, group, now);
        return;
    }
    if (reconf_settle(core, group, now)) {
        end_failover(core, group, now);
    }
}

void failover_settle(struct core *core, struct group *group, msec now)
{
    if (core->model.tilt.active) {
        return; /* first a fresh round of replies */
    }
    switch (group->failover.state) {
    case FAILOVER_NONE:
        settle_none(core, group, now);
        return;
    case FAILOVER_WAIT_START:
        failover_settle_ask(core, group, now);
        return;
    case FAILOVER_KEEP:
        settle_keep(core, group, now);
        return;
    case FAILOVER_CATCH_UP:
        settle_catch_up(core, group, now);
        return;
    case FAILOVER_SELECT:
        failover_settle_select(core, group, now);
        return;
    case FAILOVER_PROMOTE:
        promotion_settle(core, group, now);
        return;
    case FAILOVER_COMMIT:
        commit_settle(core, group, now);
        return;
    case FAILOVER_RECONF:
        settle_reconf(core, group, now);
        return;
    }
}
