/* The gates: every reason not to begin a failover, or not to go on, in the
 * order in which they are asked. Each has a pure question, a sentence with the
 * names in it, and a moment to look again; the switches have no default, so a
 * new one must be explained everywhere.
 *
 * The first gate that is closed is said in the log, when it has been the first
 * for as long as it may be in passing, then again each minute, and when its
 * sentence has changed. Whoever wants to see all that are closed asks each. */
#include "core/failover/failover.h"

#include <assert.h>

/* Questions. */

/* Attempts that may have failed for another reason than there is now do not
 * count. In turn, or all of them would stand when the minute is over. */
static msec next_chance(const struct core *core, const struct group *group)
{
    return election_next_chance(group) + election_turn(core, group);
}

static msec flapping_end(const struct core *core, const struct group *group)
{
    msec end = flapping_pause_end(group);
    return end == 0 ? 0 : end + election_turn(core, group);
}

/* After a full outage, somebody better may be about to come back. */
static bool is_better_away(const struct group *group)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    int best = select_best(candidates, count);
    char why[160];
    return best >= 0 && last_resort_waits(group, &candidates[best], why);
}

static bool is_said_while_leading(const struct group *group, enum gate gate)
{
    return group->failover.state != FAILOVER_NONE &&
           group->failover.gate.first == gate;
}

bool gates_is_closed(const struct core *core, const struct group *group,
                     enum gate gate, msec now)
{
    char why_not[GATE_TEXT_SIZE];
    switch (gate) {
    case GATE_OPEN:
    case GATE_COUNT:
        return false;
    case GATE_TILT:
        return core->model.tilt.active;
    case GATE_NO_MAJORITY:
        return !tally_majority_answers(group, now);
    case GATE_NOT_KEPT:
        return commit_lacks_peers(group);
    case GATE_NOT_AGREED:
        return !group->objective_down && !group->witnessed;
    case GATE_WITNESSED:
        return group->witnessed;
    case GATE_HEARD:
        return tally_is_denied(group, now);
    case GATE_NOT_TOLD:
        return group->unpublished_version != 0;
    case GATE_VOTE:
        return election_cannot_stand(core, group, now);
    case GATE_TURN:
        return now < group->failover.retry_at;
    case GATE_ATTEMPTS:
        return now < next_chance(core, group) &&
               !select_is_anybody_fit_since(group);
    case GATE_FLAPPING:
        return now < flapping_end(core, group);
    case GATE_LATE:
        return core->late;
    case GATE_UNSAVED:
        return core->unsaved_since != NEVER &&
               now - core->unsaved_since >= MUTE_MS;
    case GATE_NO_CANDIDATE:
        return !select_any(group, why_not);
    case GATE_AWAY:
        return is_better_away(group);
    case GATE_FENCING:
    case GATE_DURABILITY:
    case GATE_OPERATOR:
        return is_said_while_leading(group, gate);
    }
    assert(false);
    return true;
}

/* Looking again: NEVER where a fact that opens the gate touches the group. */
static msec next_look(const struct core *core, const struct group *group,
                      enum gate gate, msec now)
{
    switch (gate) {
    case GATE_VOTE:
        return election_free_at(core, group);
    case GATE_TURN:
        return group->failover.retry_at;
    case GATE_ATTEMPTS:
        return next_chance(core, group);
    case GATE_FLAPPING:
        return flapping_end(core, group);
    case GATE_LATE:
        return now + STALL_MS;
    case GATE_UNSAVED:
        return now + MUTE_MS;
    case GATE_NO_CANDIDATE:
        return now + GATE_LOOK_MS;
    case GATE_OPEN:
    case GATE_TILT:
    case GATE_NO_MAJORITY:
    case GATE_NOT_KEPT:
    case GATE_NOT_AGREED:
    case GATE_WITNESSED:
    case GATE_HEARD:
    case GATE_NOT_TOLD:
    case GATE_AWAY: /* woken at the deadline by last_resort.c */
    case GATE_FENCING:
    case GATE_DURABILITY:
    case GATE_OPERATOR:
    case GATE_COUNT:
        return NEVER;
    }
    assert(false);
    return NEVER;
}

/* Saying. */

/* So long each may be the first in passing. */
static msec patience(enum gate gate)
{
    switch (gate) {
    case GATE_TILT:
    case GATE_NO_MAJORITY:
    case GATE_NOT_KEPT:
    case GATE_NOT_AGREED:
    case GATE_HEARD:
    case GATE_NOT_TOLD:
    case GATE_LATE:
        return GATE_PASSING_MS;
    case GATE_VOTE:
    case GATE_TURN:
        return GATE_TURNS_MS;
    case GATE_WITNESSED: /* +path-fault says it first */
        return GATE_REPEAT_MS;
    case GATE_OPEN:
    case GATE_ATTEMPTS:
    case GATE_FLAPPING:
    case GATE_UNSAVED:
    case GATE_NO_CANDIDATE:
    case GATE_AWAY:
    case GATE_FENCING:
    case GATE_DURABILITY:
    case GATE_OPERATOR:
    case GATE_COUNT:
        return 0;
    }
    assert(false);
    return 0;
}

/* The gates that tools listen for: once, until there is no reason any more. */
static void announce(struct core *core, struct group *group, enum gate gate)
{
    struct gate_log *log = &group->failover.gate;
    if ((log->announced & 1u << gate) != 0) {
        return;
    }
    log->announced |= 1u << gate;
    if (gate == GATE_FLAPPING) {
        flapping_announce(core, group);
    } else if (gate == GATE_NO_CANDIDATE) {
        event_group(core, LEVEL_WARNING, "-failover-abort-no-good-slave", group,
                    "");
    }
}

/* When the first gate is to be said. */
static msec say_at(const struct gate_log *log, const char *why)
{
    if (log->said_at == NEVER || log->said != log->first) {
        return log->since + patience(log->first);
    }
    return log->said_at +
           (strcmp(log->why, why) == 0 ? GATE_REPEAT_MS : GATE_CHANGED_MS);
}

/* The word for it in a log that programs read. */
static const char *reason_of(enum gate gate)
{
    static const char *const words[GATE_COUNT] = {
        [GATE_OPEN] = "none",
        [GATE_TILT] = "tilt",
        [GATE_LATE] = "late",
        [GATE_UNSAVED] = "disk",
        [GATE_NO_MAJORITY] = "no-majority",
        [GATE_NOT_KEPT] = "not-kept",
        [GATE_NOT_AGREED] = "no-quorum",
        [GATE_WITNESSED] = "replicas-hear-it",
        [GATE_HEARD] = "supervisors-hear-it",
        [GATE_NOT_TOLD] = "last-switch-not-saved",
        [GATE_VOTE] = "vote-given",
        [GATE_TURN] = "turn",
        [GATE_ATTEMPTS] = "attempts",
        [GATE_FLAPPING] = "flapping",
        [GATE_NO_CANDIDATE] = "no-candidate",
        [GATE_AWAY] = "better-candidate-away",
        [GATE_FENCING] = "fencing",
        [GATE_DURABILITY] = "durability",
        [GATE_OPERATOR] = "operator",
    };
    assert(gate < GATE_COUNT && words[gate] != NULL);
    return words[gate];
}

void gates_say(struct core *core, struct group *group, enum gate gate,
               const char *why, msec now)
{
    struct gate_log *log = &group->failover.gate;
    if (log->first != gate) {
        log->first = gate;
        log->since = now;
        announce(core, group, gate);
    }
    msec at = say_at(log, why);
    if (now < at) {
        schedule_sooner(core, &group->timer, at);
        return;
    }
    log->said = gate;
    log->said_at = now;
    copy_text(log->why, sizeof(log->why), why);
    event_no_failover(core, group, reason_of(gate), why);
    schedule_sooner(core, &group->timer, now + GATE_REPEAT_MS);
}

void gates_forget(struct group *group)
{
    group->failover.gate = (struct gate_log){.said_at = NEVER};
}

/* Passing. */

static enum gate first_closed(const struct core *core,
                              const struct group *group, enum gate from,
                              enum gate to, msec now)
{
    for (enum gate gate = from; gate <= to; gate++) {
        if (gates_is_closed(core, group, gate, now)) {
            return gate;
        }
    }
    return GATE_OPEN;
}

/* False, and it is seen to that it is asked again. */
static bool pass(struct core *core, struct group *group, enum gate gate,
                 msec now)
{
    if (gate == GATE_OPEN) {
        return true;
    }
    char why[GATE_TEXT_SIZE];
    gates_explain(core, group, gate, now, why);
    gates_say(core, group, gate, why, now);
    msec look = next_look(core, group, gate, now);
    if (look != NEVER) {
        schedule_sooner(core, &group->timer, look);
    }
    return false;
}

/* Once somebody who was waited for is there, all see it at the same time, and
 * so take their turns again. */
static bool take_turn_after_waiting(struct core *core, struct group *group,
                                    enum gate closed, msec now)
{
    bool waited = group->last_resort.waits;
    group->last_resort.waits = closed == GATE_AWAY;
    if (!waited || group->last_resort.waits) {
        return false;
    }
    election_hold_off(core, group, now + election_turn(core, group));
    core_touch(core, group);
    return true;
}

bool gates_must_pause(struct core *core, struct group *group, msec now)
{
    if (!pass(core, group,
              first_closed(core, group, GATE_FLAPPING, GATE_FLAPPING, now),
              now)) {
        return true;
    }
    enum gate closed = first_closed(core, group, GATE_AWAY, GATE_AWAY, now);
    return !pass(core, group, closed, now) ||
           take_turn_after_waiting(core, group, closed, now);
}

bool gates_are_able(struct core *core, struct group *group, msec now)
{
    return pass(core, group,
                first_closed(core, group, GATE_LATE, GATE_UNSAVED, now), now);
}

/* What held all of them back is gone, and all of them see it at about the same
 * time: in turn. */
static bool take_turn_after_opening(struct core *core, struct group *group,
                                    msec now)
{
    enum gate first = group->failover.gate.first;
    msec turn = election_turn(core, group);
    if (turn == 0 || (first != GATE_NO_CANDIDATE && first != GATE_ATTEMPTS)) {
        return false;
    }
    group->failover.gate.first = GATE_TURN;
    group->failover.gate.since = now;
    election_hold_off(core, group, now + turn);
    core_touch(core, group);
    return true;
}

bool gates_may_begin(struct core *core, struct group *group, msec now)
{
    if (!group->master->subjective_down) {
        if (!master_restart_is_guarded(group)) {
            gates_forget(group);
        }
        return false;
    }
    enum gate closed = first_closed(core, group, GATE_TILT, GATE_AWAY, now);
    bool may = pass(core, group, closed, now);
    if (may || closed == GATE_AWAY) {
        may = !take_turn_after_waiting(core, group, closed, now) && may;
    }
    return may && !take_turn_after_opening(core, group, now);
}
