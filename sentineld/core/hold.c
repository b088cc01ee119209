/* The replicas are kept from a master whose process vanished.
 *
 * Only a leader may do that, so it takes an epoch and votes as for a failover;
 * then the replicas are cut off as its candidates are, and keep what they have.
 * Three things can follow. The master is found to hold what they hold: they
 * are given back, and a partial resynchronisation is all that it cost. It
 * lacks something, or it does not come back before it counts as down: the same
 * leader goes on and promotes one of them. An operator who wants to decide
 * himself (`on_empty_master = alert`) finds them as they were.
 *
 * While they are held, WAIT is not answered. It is done for each process that
 * a quorum sees the end of, as often as that happens: one time too few would
 * cost all the data, one too many costs what the refusal lasted and some
 * milliseconds. Epochs of this kind do not count among those that a failover
 * may use up in a minute. */
#include "private.h"

/* Waits for its turn and for its vote to be free. */
static bool must_wait(struct core *core, struct group *group, msec now)
{
    msec until = group->failover.hold_until;
    if (election_cannot_stand(core, group, now) &&
        group->vote_binds_until > until) {
        until = group->vote_binds_until;
    }
    if (now >= until) {
        return false;
    }
    schedule_sooner(core, &group->timer, until);
    return true;
}

bool hold_may_begin(struct core *core, struct group *group, msec now)
{
    char why_not[GATE_TEXT_SIZE];
    bool seen =
        group->vanishing.witnessed || group->vanishing.state == VANISHED_EMPTY;
    return seen && vanished_is_guarded(group) && !group->objective_down &&
           group->unpublished_version == 0 && !must_wait(core, group, now) &&
           gates_are_able(core, group, now) && select_any(group, why_not) &&
           vanished_is_agreed(core, group, now);
}

void hold_start(struct core *core, struct group *group, msec now)
{
    out_event_group(core, LEVEL_WARNING, "+hold-replicas", group, "");
    failover_move(group, FAILOVER_HOLD, now);
    candidates_ask(core, group, now);
    core_touch(core, group);
}

/* It is there, but does not say what it holds: perhaps it is not asked in the
 * right way any more. That is no reason to keep replicas back for ever. */
static bool is_mute(struct core *core, struct group *group, msec now)
{
    const struct node *master = group->master;
    const struct link *link = &master->instance.command;
    if (!link_usable(link) || group->vanishing.state == VANISHED_EMPTY ||
        master->instance.health.pong == PONG_LOADING) {
        return false;
    }
    msec end = link->state_since + group->settings.failover_timeout_ms;
    if (now < end) {
        schedule_sooner(core, &group->timer, end);
        return false;
    }
    out_log(core, LEVEL_WARNING,
            "%s: the master was restarted and does not answer INFO: its "
            "replicas follow it again, whatever it holds",
            group->name);
    return true;
}

bool hold_is_over(struct core *core, struct group *group, msec now)
{
    if (vanished_is_guarded(group) && is_mute(core, group, now)) {
        vanished_forget(core, group);
    }
    if (!vanished_is_guarded(group)) {
        return true;
    }
    if (group->vanishing.state == VANISHED_EMPTY) {
        gates_say(core, group, GATE_OPERATOR,
                  "the master lacks data that replicas hold; they are "
                  "kept from it until an operator decides",
                  now);
    }
    (void)candidates_are_missing(core, group, now);
    return false;
}
