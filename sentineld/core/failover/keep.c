/* The replicas are kept from a master whose process ended.
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
#include "core/failover/failover.h"

/* Waits for its turn and for its vote to be free. */
static bool must_wait(struct core *core, struct group *group, msec now)
{
    msec until = group->failover.retry_at;
    msec free_at = election_free_at(core, group);
    until = free_at > until ? free_at : until;
    if (now >= until) {
        return false;
    }
    schedule_sooner(core, &group->timer, until);
    return true;
}

/* Detaching is harmless only to servers that are known to keep their data. */
static bool is_to_be_kept(const struct node *node)
{
    return node != node->group->master && node->report.known_engine &&
           node->report.role == ROLE_REPLICA && !foreign_is_left_alone(node) &&
           link_usable(&node->instance.command);
}

static bool is_any_to_be_kept(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_to_be_kept(node)) {
            return true;
        }
    }
    return false;
}

/* Redis' votes bind nobody, and are not asked for. */
static bool can_be_elected(const struct group *group)
{
    uint32_t binding = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        binding += voter->peer->kind == PEER_OURS &&
                           link_usable(&voter->peer->instance.command)
                       ? 1
                       : 0;
    }
    return binding >= tally_needed(group);
}

bool keep_may_begin(struct core *core, struct group *group, msec now)
{
    bool seen =
        group->restart.witnessed || group->restart.state == RESTART_BEHIND;
    return seen && master_restart_is_guarded(group) &&
           master_restart_endangers(group) && !group->objective_down &&
           group->unpublished_version == 0 && is_any_to_be_kept(group) &&
           can_be_elected(group) && !must_wait(core, group, now) &&
           gates_are_able(core, group, now) &&
           master_restart_is_agreed(core, group, now);
}

void keep_start(struct core *core, struct group *group, msec now)
{
    event_group(core, LEVEL_WARNING, "+hold-replicas", group, "");
    failover_move(group, FAILOVER_KEEP, now);
    group->failover.justified_at = now;
    candidates_ask(core, group, now);
    core_touch(core, group);
}

static void ask_the_others(struct core *core, struct group *group, msec now)
{
    msec period = core->model.vote_lease_ms / 4;
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        bool due = voter->view_asked_at == NEVER ||
                   now - voter->view_asked_at >= period;
        if (due && !voter->view_pending &&
            link_usable(&voter->peer->instance.command)) {
            view_ask(core, voter, now);
        }
    }
    schedule_sooner(core, &group->timer, now + period);
}

/* What keeps replicas from a master is renewed by a quorum that still sees it
 * as we do, or it ends: at once when they say otherwise, after a lease when
 * they say nothing. */
static bool is_unjustified(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    msec lease_ms = core->model.vote_lease_ms;
    msec since = now > lease_ms / 2 ? now - lease_ms / 2 : 0;
    ask_the_others(core, group, now);
    switch (master_restart_agreement(group, since)) {
    case AGREEMENT_YES:
        failover->justified_at = now;
        return false;
    case AGREEMENT_NO:
        return true;
    case AGREEMENT_UNKNOWN:
        return now - failover->justified_at >= lease_ms;
    }
    return true;
}

bool keep_is_over(struct core *core, struct group *group, msec now)
{
    if (!master_restart_is_guarded(group) || is_unjustified(core, group, now)) {
        return true;
    }
    if (master_restart_is_lost_anyway(group, now)) {
        master_restart_take(core, group);
        return true;
    }
    if (group->restart.state == RESTART_BEHIND) {
        gates_say(core, group, GATE_OPERATOR,
                  master_restart_lacks_data(group)
                      ? "the master lacks data that replicas hold, and none of "
                        "those can be promoted"
                      : "the master lacks data that replicas hold; they are "
                        "kept from it until an operator decides",
                  now);
        candidates_give_back(core, group, now);
    }
    (void)candidates_are_missing(core, group, now);
    return false;
}
