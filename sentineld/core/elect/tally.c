/* What the answers to our questions add up to: have we enough votes, until
 * when, and may we still get them? */
#include "core/elect/elect.h"

/* Those of another make are asked for no vote that is not for a failover: it
 * would keep them from theirs, and bind them to nothing. */
bool tally_may_vote(const struct voter *voter)
{
    return voter->group->failover.purpose != PURPOSE_KEEP ||
           voter->peer->kind == PEER_OURS;
}

/* Whatever for: so long as it is bound to us, nobody else leads. */
static bool is_bound_to_us(const struct core *core, const struct voter *voter)
{
    return voter->vote.epoch == voter->group->failover.epoch &&
           election_is_self(core, voter->vote.leader);
}

/* A vote for what nobody is told of is none for a failover. */
bool tally_voted_for_us(const struct core *core, const struct voter *voter)
{
    return is_bound_to_us(core, voter) &&
           (!voter->vote_is_quiet ||
            failover_is_quiet(&voter->group->failover));
}

bool tally_counts_own_vote(const struct core *core, const struct group *group)
{
    return group->vote.epoch == group->failover.epoch &&
           election_is_self(core, group->vote.leader);
}

bool tally_has_view(const struct voter *voter)
{
    return voter->vote.epoch == voter->group->failover.epoch &&
           voter->voter_view_in && voter->granted_at != NEVER &&
           voter->voter_view_at >= voter->granted_at;
}

uint32_t tally_votes(const struct core *core, const struct group *group,
                     msec now)
{
    struct ballot votes[MAX_VOTERS_PER_GROUP + 1];
    size_t count = 0;
    struct ballot wanted = {.epoch = group->failover.epoch};
    copy_text(wanted.leader, RUN_ID_SIZE, core->model.self);
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (now < voter->vote_asked_at + core->model.vote_lease_ms) {
            votes[count++] = voter->vote;
        }
    }
    if (tally_counts_own_vote(core, group)) {
        votes[count++] = group->vote;
    }
    return election_count(votes, count, &wanted);
}

uint32_t tally_needed(const struct group *group)
{
    return election_needed(model_voters(group), model_quorum(group));
}

bool tally_has_views(const struct core *core, const struct group *group,
                     msec now)
{
    uint32_t telling = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        telling +=
            tally_voted_for_us(core, voter) && tally_has_view(voter) &&
                    now < voter->vote_asked_at + core->model.vote_lease_ms
                ? 1
                : 0;
    }
    return telling >= tally_needed(group);
}

bool tally_is_won(const struct core *core, const struct group *group, msec now)
{
    return tally_votes(core, group, now) >= tally_needed(group);
}

/* The leadership ends when so many votes have run out that the rest is no
 * majority: with n needed, the n-th latest end among those for us. Our own
 * vote never runs out while we lead. */
msec tally_lease_end(const struct core *core, const struct group *group)
{
    msec ends[MAX_VOTERS_PER_GROUP];
    uint32_t count = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!is_bound_to_us(core, voter)) {
            continue;
        }
        msec end = voter->vote_asked_at + core->model.vote_lease_ms;
        uint32_t slot = count++;
        while (slot > 0 && ends[slot - 1] < end) {
            ends[slot] = ends[slot - 1];
            slot--;
        }
        ends[slot] = end; /* latest first */
    }
    uint32_t others = tally_needed(group) - 1;
    if (others == 0) {
        return NEVER;
    }
    return count < others ? 0 : ends[others - 1];
}

/* It hears the master still, or will know in a moment. It may vote for us yet,
 * so long as we have not waited for that. */
static bool is_undecided(const struct voter *voter, msec now)
{
    const struct group *group = voter->group;
    return voter->denies && group->failover.purpose == PURPOSE_REPLACE &&
           now < group->failover.started_at + DENIAL_MS;
}

bool tally_is_lost(struct core *core, struct group *group, msec now)
{
    uint32_t possible = tally_counts_own_vote(core, group) ? 1 : 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        bool open = voter->ask_pending ||
                    (voter->asked_epoch != group->failover.epoch &&
                     tally_may_vote(voter));
        bool refused = voter->vote.epoch >= group->failover.epoch &&
                       !is_bound_to_us(core, voter);
        bool undecided = !refused && is_undecided(voter, now);
        if (tally_voted_for_us(core, voter) || (open && !refused) ||
            undecided) {
            possible++;
        }
        if (undecided) {
            schedule_sooner(core, &group->timer,
                            group->failover.started_at + DENIAL_MS);
        }
    }
    return possible < tally_needed(group);
}

bool tally_majority_answers(const struct group *group, msec now)
{
    uint32_t answering = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->answered_at != NEVER &&
            now - voter->answered_at < REACHABLE_MS) {
            answering++;
        }
    }
    return answering >= model_voters(group) / 2 + 1;
}

/* Too few could vote: the others hear the master. */
bool tally_is_denied(const struct group *group, msec now)
{
    uint32_t denying = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        bool answers = voter->answered_at != NEVER &&
                       now - voter->answered_at < REACHABLE_MS;
        denying += voter->denies && answers ? 1 : 0;
    }
    return model_voters(group) - denying < tally_needed(group);
}

/* A voter that answers, but has not voted for us: bound to somebody whose
 * promotion may be under way. */
bool tally_was_refused(const struct core *core, const struct group *group)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!is_bound_to_us(core, voter) &&
            voter->answered_epoch == group->failover.epoch) {
            return true;
        }
    }
    return false;
}
