/* The failover state machine.
 *
 *   NONE ─► WAIT_START ─► SELECT ─► PROMOTE ─► RECONF ─► NONE
 *            │  │  │       │ ▲  ▲      │ ▲
 *            │  │  │       │ │  └──────┤ │ refused: the next candidate
 *            │  ▼  └► HOLD ◄─┘         ▼ │
 *            │ NONE     └─► NONE      NONE
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
    failover_hold_off(
        core, group,
        now + LOST_PAUSE_MS +
            core_random(core, (uint32_t)LOST_PAUSE_RANDOM_MS << doublings));
}

void failover_abort(struct core *core, struct group *group, const char *channel,
                    msec now)
{
    struct failover *failover = &group->failover;
    if (!failover->ruling) {
        out_event_group(core, LEVEL_WARNING,
                        failover->holding ? "-hold-replicas" : channel, group,
                        "");
    }
    if (failover->state == FAILOVER_PROMOTE &&
        (failover->promotion == PROMOTION_SENT ||
         failover->promotion == PROMOTION_CONFIRMED)) {
        /* It may have become master all the same: a known stray. */
        failover->promoted->former_master = failover->promoted != group->master;
    }
    switchover_undo(core, group);
    election_withdraw(core, group, now);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
    pause_after_loss(core, group, now);
    core_touch(core, group);
}

void failover_give_way(struct core *core, struct group *group, msec now)
{
    switchover_in_progress(core, group);
    failover_abort(core, group, "-failover-abort-not-elected", now);
}

static void end_failover(struct core *core, struct group *group, msec now)
{
    out_event_group(core, LEVEL_WARNING, "+failover-end", group, "");
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
    case FAILOVER_HOLD:
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

static void begin(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    assert(failover->forced || !failover->switchover.planned);
    failover->started_at = now;
    gates_forget(group);
    election_stand(core, group);
    if (!failover->holding && !failover->ruling) {
        out_event_group(core, LEVEL_WARNING, "+try-failover", group, "");
    }
    election_vote_for_self(core, group, now);
    failover_move(group, FAILOVER_WAIT_START, now);
    core_touch(core, group);
}

static void settle_none(struct core *core, struct group *group, msec now)
{
    bool ruling = ruling_may_begin(core, group, now);
    bool holding = !ruling && hold_may_begin(core, group, now);
    if (ruling || holding || gates_may_begin(core, group, now)) {
        group->failover.ruling = ruling;
        group->failover.holding = holding;
        begin(core, group, now);
    }
}

/* What was begun to keep the replicas back goes on to replace the master. */
static void replace_master(struct core *core, struct group *group, msec now)
{
    group->failover.holding = false;
    group->failover.ruling = false;
    group->failover.started_at = now;
    out_event_group(core, LEVEL_WARNING, "+try-failover", group, "");
}

static bool is_master_back(const struct group *group)
{
    return !group->failover.forced && !group->objective_down &&
           !vanished_is_to_be_replaced(group);
}

enum admin_result failover_request(struct core *core, struct group *group,
                                   const struct admin *admin, msec now)
{
    struct failover *failover = &group->failover;
    if (failover->holding && !failover->forced &&
        group->vanishing.state == VANISHED_BACK &&
        admin->mode != FAILOVER_MODE_FORCE) {
        return ADMIN_IN_PROGRESS; /* it may lack nothing, and is judged now */
    }
    if (failover->holding && !failover->forced &&
        admin->mode != FAILOVER_MODE_COORDINATED) {
        out_log(core, LEVEL_NOTICE, "Executing user requested FAILOVER of '%s'",
                group->name);
        failover->forced = true; /* the replicas are cut off already */
        failover->switchover.mode = admin->mode;
        core_touch(core, group);
        return ADMIN_OK;
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
    failover->switchover.mode = admin->mode;
    if (!select_any(group, failover->switchover.why)) {
        failover->switchover.mode = FAILOVER_MODE_DEFAULT;
        return ADMIN_NO_GOOD_REPLICA;
    }
    enum admin_result planned = switchover_plan(group, admin);
    if (planned != ADMIN_OK) {
        failover->switchover.planned = false;
        failover->switchover.client = 0;
        return planned;
    }
    out_log(core, LEVEL_NOTICE, "Executing user requested FAILOVER of '%s'",
            group->name);
    failover->forced = true;
    begin(core, group, now);
    return ADMIN_OK;
}

/* WAIT_START. */

/* A leader before us left something: that is the whole of this failover. */
static void commit_again(struct core *core, struct group *group,
                         struct node *whom, msec now)
{
    struct failover *failover = &group->failover;
    if (!failover->ruling && !failover->holding) {
        out_event_group(core, LEVEL_WARNING, "+elected-leader", group, "");
        settings_simulate(core, SIMULATE_AFTER_ELECTION);
    }
    if (failover->switchover.planned) {
        copy_text(failover->switchover.why, sizeof(failover->switchover.why),
                  "a promotion that another leader had begun had to be "
                  "settled first");
        switchover_undo(core, group);
        failover->switchover.planned = false;
    }
    failover->ruling |= failover->holding;
    failover->holding = false;
    failover->promoted = whom;
    failover->promotion = PROMOTION_CONFIRMED;
    commit_start(core, group, now);
}

static void elected(struct core *core, struct group *group, msec now)
{
    bool planned = group->failover.switchover.planned;
    if (group->failover.holding) {
        hold_start(core, group, now);
        return;
    }
    out_event_group(core, LEVEL_WARNING, "+elected-leader", group, "");
    settings_simulate(core, SIMULATE_AFTER_ELECTION);
    failover_move(group, planned ? FAILOVER_CATCH_UP : FAILOVER_SELECT, now);
    out_event_group(core, LEVEL_WARNING, "+failover-state-select-slave", group,
                    "");
    if (planned) {
        switchover_start(core, group, now);
    } else {
        switchover_begun(core, group);
        candidates_ask(core, group, now);
    }
    core_touch(core, group);
}

/* How long to collect votes. An operator's order does not wait for the dead,
 * but it does wait until the living are free of their last vote. */
static msec election_patience(const struct core *core,
                              const struct group *group)
{
    if (!group->failover.forced) {
        return core->model.periods.election_ms;
    }
    return asking_was_refused(core, group)
               ? core->model.vote_lease_ms + FORCED_ELECTION_MS
               : FORCED_ELECTION_MS;
}

/* The master that is to be replaced may be back, and not judged yet; the one
 * that replicas are to be kept from may be down for good. */
static void note_reason(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    bool back = is_master_back(group);
    if (failover->holding && !back) {
        if (gates_are_able(core, group, now)) {
            replace_master(core, group, now);
        }
    } else if (back && vanished_is_guarded(group)) {
        failover->holding = true;
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
    const struct failover *failover = &group->failover;
    if (failover->ruling) {
        return !ruling_is_pending(group);
    }
    return failover->holding ? !vanished_is_guarded(group)
                             : is_master_back(group);
}

/* We have the votes; what do they show? */
static void rule(struct core *core, struct group *group, msec now)
{
    struct node *whom = NULL;
    switch (ruling_make(core, group, &whom, now)) {
    case RULING_WAIT:
        return;
    case RULING_COMMIT:
        commit_again(core, group, whom, now);
        return;
    case RULING_FREE:
        break;
    }
    if (!group->failover.ruling) {
        elected(core, group, now);
    } else if (group->objective_down) {
        replace_master(core, group, now);
        elected(core, group, now);
    } else {
        failover_abort(core, group, "-failover-abort-not-elected", now);
    }
}

/* Not long: our voters' views are right behind their votes. */
static void settle_won(struct core *core, struct group *group, msec now)
{
    if (asking_has_views(core, group, now)) {
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
    failover_abort(core, group, "-failover-abort-not-elected", now);
}

static void settle_wait_start(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    if (!failover->ruling) {
        note_reason(core, group, now);
    }
    if (is_needless(group)) {
        out_log(core, LEVEL_NOTICE, "%s: the master answers again",
                group->name);
        failover_abort(core, group, "-failover-abort-not-elected", now);
        return;
    }
    if (election_won(core, group, now)) {
        settle_won(core, group, now);
        return;
    }
    if (failover->forced && !settle_rivals(core, group, now)) {
        return;
    }
    bool lost = !failover->forced && election_is_lost(core, group);
    msec end = failover->started_at + election_patience(core, group);
    if (now < end && !lost) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    bool only_with = failover->switchover.mode == FAILOVER_MODE_COORDINATED;
    if (failover->forced && !only_with && !asking_was_refused(core, group)) {
        failover->without_votes = true;
        out_log(core, LEVEL_WARNING,
                "%s: %u votes of the %u needed for the forced failover: "
                "going on without, as ordered",
                group->name, election_votes(core, group, now),
                election_needed(model_voters(group), model_quorum(group)));
        elected(core, group, now);
        return;
    }
    failover_abort(core, group, "-failover-abort-not-elected", now);
}

/* SELECT. */

bool failover_still_leads(const struct core *core, const struct group *group,
                          msec now)
{
    return group->failover.without_votes || election_won(core, group, now);
}

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

static void give_up_choice(struct core *core, struct group *group, msec now)
{
    candidates_give_back(core, group, now);
    failover_abort(core, group, "-failover-abort-no-good-slave", now);
}

static void settle_select(struct core *core, struct group *group, msec now)
{
    if (!failover_still_leads(core, group, now)) {
        failover_abort(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
    if (is_master_back(group) && vanished_is_guarded(group)) {
        group->failover.holding = true;
        hold_start(core, group, now);
        return;
    }
    if (is_master_back(group)) {
        if (vanished_is_unread(group)) {
            return; /* it answers, but it may be another process, and empty */
        }
        out_log(core, LEVEL_NOTICE, "%s: the master answers again",
                group->name);
        candidates_give_back(core, group, now);
        failover_abort(core, group, "-failover-abort-not-elected", now);
        return;
    }
    msec end = group->failover.state_since + SELECT_MS;
    bool incomplete = candidates_are_missing(core, group, now) ||
                      asking_awaits_histories(core, group);
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
        if (group->failover.forced) {
            give_up_choice(core, group, now);
        }
        schedule_sooner(core, &group->timer, now + INFO_RECONF_MS);
        return;
    }
    if (fencing_must_wait(core, group, now)) {
        return;
    }
    candidates_log(core, group, candidates, count);
    if (best < 0) {
        give_up_choice(core, group, now);
        return;
    }
    promotion_send(core, group, model_node_with_id(group, candidates[best].id),
                   now);
}

/* HOLD: see hold.c. */

static void end_hold(struct core *core, struct group *group, msec now)
{
    if (ruling_is_pending(group) || group->failover.takes_master) {
        /* committed before anything is given back to it */
        out_event_group(core, LEVEL_WARNING, "-hold-replicas", group, "");
        commit_again(core, group, group->master, now);
        return;
    }
    candidates_give_back(core, group, now);
    out_event_group(core, LEVEL_WARNING, "-hold-replicas", group, "");
    election_withdraw(core, group, now);
    failover_move(group, FAILOVER_NONE, now);
    failover_clear(group);
    core_touch(core, group);
}

/* A pause between failovers is no time to be bound to us: an operator may want
 * one from anybody. The replicas stay cut off. */
static bool must_pause(struct core *core, struct group *group, msec now)
{
    return !group->failover.forced && !vanished_is_to_be_replaced(group) &&
           gates_must_pause(core, group, now);
}

static void settle_hold(struct core *core, struct group *group, msec now)
{
    if (!failover_still_leads(core, group, now)) {
        failover_abort(core, group, "-hold-replicas", now);
        return;
    }
    if (!is_master_back(group) && must_pause(core, group, now)) {
        failover_abort(core, group, "-hold-replicas", now);
    } else if (!is_master_back(group)) {
        if (!gates_are_able(core, group, now)) {
            return; /* in a stall, nothing is known for sure */
        }
        replace_master(core, group, now);
        elected(core, group, now);
    } else if (hold_is_over(core, group, now)) {
        end_hold(core, group, now);
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
        out_log(core, LEVEL_WARNING, "%s: %s: going on without a pause",
                group->name, failover->switchover.why);
        failover->switchover.planned = false;
        failover_move(group, FAILOVER_SELECT, now);
        candidates_ask(core, group, now);
        core_touch(core, group);
        return;
    case SWITCHOVER_FAILED:
        handover_give_back(core, group, now);
        failover_abort(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
}

/* RECONF. */

static void settle_reconf(struct core *core, struct group *group, msec now)
{
    if (vanished_is_guarded(group) && group->unpublished_version != 0) {
        promotion_take_back(core, group, now);
        return;
    }
    if (reconf_settle(core, group, now)) {
        end_failover(core, group, now);
    }
}

void failover_settle(struct core *core, struct group *group, msec now)
{
    if (core->model.stall.active) {
        return; /* first a fresh round of replies */
    }
    switch (group->failover.state) {
    case FAILOVER_NONE:
        settle_none(core, group, now);
        return;
    case FAILOVER_WAIT_START:
        settle_wait_start(core, group, now);
        return;
    case FAILOVER_HOLD:
        settle_hold(core, group, now);
        return;
    case FAILOVER_CATCH_UP:
        settle_catch_up(core, group, now);
        return;
    case FAILOVER_SELECT:
        settle_select(core, group, now);
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
