/* Several supervisors were ordered a failover of one group in one moment.
 *
 * Each stands in its own name, and where no candidate has a majority of the
 * votes, all of them would wait for each other. So they compare themselves by
 * the order that the group has among its supervisors: when an epoch cannot be
 * won any more, the first one stands again at once, and the others give up and
 * say so. Whoever sees that another one has a majority gives up, too, first or
 * not. Nobody gives up while its own epoch can still be won, but to one that
 * comes before it and has gone on to a newer epoch.
 *
 * Candidates that stand by themselves take turns instead (election.c). */
#include "core/failover/failover.h"

/* A vote in our epoch or a newer one that is not for us. */
static bool is_for_rival(const struct core *core, const struct group *group,
                         const struct ballot *vote)
{
    return vote->leader[0] != '\0' && vote->epoch >= group->failover.epoch &&
           !election_is_self(core, vote->leader);
}

static bool is_same_vote(const struct ballot *a, const struct ballot *b)
{
    return a->epoch == b->epoch && strcmp(a->leader, b->leader) == 0;
}

/* Those who are known to have given this vote; the candidate is one of them. */
static uint32_t count_votes(const struct group *group,
                            const struct ballot *vote)
{
    uint32_t count = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        bool is_leader = strcmp(voter->peer->run_id, vote->leader) == 0;
        count += is_leader || is_same_vote(&voter->vote, vote) ? 1 : 0;
    }
    return count;
}

static bool has_rival_won(const struct core *core, const struct group *group)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (is_for_rival(core, group, &voter->vote) &&
            count_votes(group, &voter->vote) >= tally_needed(group)) {
            return true;
        }
    }
    return false;
}

static bool is_first(const struct core *core, const struct group *group)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (is_for_rival(core, group, &voter->vote) &&
            election_comes_before(group, voter->vote.leader,
                                  core->model.self)) {
            return false;
        }
    }
    return true;
}

/* It may still vote for us: it can be reached, and is not silent for long. */
static bool may_vote(struct core *core, const struct voter *voter, msec now)
{
    struct group *group = voter->group;
    if (voter->subjective_down ||
        !link_usable(&voter->peer->instance.command)) {
        return false;
    }
    msec end = voter->asked_at + FORCED_ELECTION_MS;
    if (voter->ask_pending && now < end) {
        schedule_sooner(core, &group->timer, end);
    }
    return !voter->ask_pending || now < end;
}

/* Some have voted for others, and the rest is no majority. */
static bool is_split(struct core *core, struct group *group, msec now)
{
    uint32_t possible = 1;
    uint32_t rivals = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (tally_voted_for_us(core, voter)) {
            possible++;
        } else if (is_for_rival(core, group, &voter->vote)) {
            rivals++;
        } else if (may_vote(core, voter, now)) {
            possible++;
        }
    }
    return rivals > 0 && possible < tally_needed(group);
}

enum rivals rivals_judge(struct core *core, struct group *group, msec now)
{
    if (has_rival_won(core, group)) {
        return RIVALS_IN_FRONT;
    }
    if (!is_split(core, group, now)) {
        return RIVALS_NONE;
    }
    return is_first(core, group) && group->failover.stood_again < RIVALS_AGAIN
               ? RIVALS_BEHIND
               : RIVALS_IN_FRONT;
}

/* Whoever asks comes before us and is in a newer epoch: there it needs our
 * vote. */
static bool must_give_way(const struct core *core, const struct group *group,
                          const struct ballot *wanted, msec now)
{
    const struct failover *failover = &group->failover;
    return failover->state == FAILOVER_WAIT_START &&
           wanted->epoch > failover->epoch &&
           !election_is_self(core, wanted->leader) &&
           election_comes_before(group, wanted->leader, core->model.self) &&
           !tally_is_won(core, group, now);
}

void rivals_on_asked(struct core *core, struct group *group,
                     const struct ballot *wanted, msec now)
{
    const struct peer *peer = model_peer(core, wanted->leader);
    struct voter *voter = model_find_voter(group, peer);
    if (!failover_is_ordered(&group->failover)) {
        return; /* we stand by ourselves, or not at all */
    }
    if (voter->vote.epoch < wanted->epoch) {
        voter->vote = *wanted;
        core_touch(core, group);
    }
    if (must_give_way(core, group, wanted, now)) {
        failover_give_way(core, group, now);
    }
}

void rivals_stand_again(struct core *core, struct group *group, msec now)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (is_for_rival(core, group, &voter->vote) &&
            election_is_plausible(core, voter->vote.epoch)) {
            election_new_epoch(core, voter->vote.epoch);
        }
    }
    group->failover.stood_again++;
    group->failover.started_at = now;
    election_stand(core, group);
    election_say_epoch(core, group);
    election_vote_for_self(core, group, now);
    core_touch(core, group);
}
