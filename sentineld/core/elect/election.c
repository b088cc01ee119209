/* Epochs and votes.
 *
 * Votes are per group: whether one is granted depends on the group's own
 * ballot only, so a thousand elections at once do not invalidate each other.
 *
 * A vote binds its voter for vote_lease_ms: meanwhile no other candidate gets
 * one, and asking again renews it; but one that ran out is not renewed. The
 * leader counts the same span from the moment it asked, so it always believes
 * its leadership shorter than its voters do. A candidate that gives up frees
 * its own vote at once; a vote for somebody else stays bound, and its candidate
 * may collect it again.
 *
 * Nobody stands for nothing: a candidate first hears from a majority, and no
 * group sees more than three epochs a minute without a switch, but for those
 * that only hold replicas back: each of these has seen a process end. */
#include "core/elect/elect.h"

#include <assert.h>

/* Pure rules. */

/* One vote per epoch; never for an epoch that is over; and while a vote
 * binds, only its own candidate may move it to a newer epoch. */
bool election_grant(const struct ballot *held, bool binds,
                    uint64_t config_epoch, const struct ballot *wanted)
{
    bool same = strcmp(held->leader, wanted->leader) == 0;
    if (wanted->epoch <= config_epoch || wanted->epoch < held->epoch) {
        return false;
    }
    if (wanted->epoch == held->epoch) {
        return same;
    }
    return same || !binds;
}

uint32_t election_count(const struct ballot *votes, size_t count,
                        const struct ballot *wanted)
{
    uint32_t for_wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (votes[i].epoch == wanted->epoch &&
            strcmp(votes[i].leader, wanted->leader) == 0) {
            for_wanted++;
        }
    }
    return for_wanted;
}

/* A majority of all voters, and never fewer than the quorum. */
uint32_t election_needed(uint32_t voters, uint32_t quorum)
{
    uint32_t majority = voters / 2 + 1;
    return majority > quorum ? majority : quorum;
}

/* Epochs. */

/* Counting one by one, no pool gets so far ahead of us: a number beyond is
 * garbage, and taking it would use up all epochs for ever. */
bool election_is_plausible(const struct core *core, uint64_t epoch)
{
    return epoch <= EPOCH_MAX &&
           (epoch <= core->model.current_epoch ||
            epoch - core->model.current_epoch <= EPOCH_JUMP_MAX);
}

void election_new_epoch(struct core *core, uint64_t epoch)
{
    struct model *model = &core->model;
    if (epoch <= model->current_epoch || epoch > EPOCH_MAX) {
        return;
    }
    model->current_epoch = epoch;
    model_save_self(core);
}

void election_say_epoch(struct core *core, const struct group *group)
{
    struct model *model = &core->model;
    if (model->told_epoch >= model->current_epoch) {
        return;
    }
    model->told_epoch = model->current_epoch;
    event_about(core, group, "+new-epoch", "%llu",
                (unsigned long long)model->current_epoch);
}

bool election_note_epoch(struct group *group, uint64_t epoch, msec now)
{
    if (!group->master->subjective_down) {
        return false; /* an operator's order, or replicas are held back: no
                         storm */
    }
    for (int i = 0; i < STAND_HISTORY; i++) {
        if (group->stood_epoch[i] == epoch) {
            return false;
        }
    }
    for (int i = STAND_HISTORY - 1; i > 0; i--) {
        group->stood_epoch[i] = group->stood_epoch[i - 1];
        group->stood_at[i] = group->stood_at[i - 1];
    }
    group->stood_epoch[0] = epoch;
    group->stood_at[0] = now;
    return true;
}

msec election_next_chance(const struct group *group)
{
    msec oldest = group->stood_at[STAND_HISTORY - 1];
    return oldest == NEVER ? 0 : oldest + STAND_WINDOW_MS;
}

bool election_is_self(const struct core *core, const char *run_id)
{
    return strcmp(run_id, core->model.self) == 0;
}

bool election_is_bound(const struct core *core, const struct group *group,
                       msec now)
{
    return group->vote.leader[0] != '\0' && now < group->vote_binds_until &&
           group->vote.epoch > group->config_epoch &&
           !election_is_self(core, group->vote.leader);
}

void election_hold_off(struct core *core, struct group *group, msec until)
{
    if (until > group->failover.retry_at) {
        group->failover.retry_at = until;
        schedule_sooner(core, &group->timer, until);
    }
}

/* Order of standing. */

/* FNV-1a over run id and group: another order in every group, so that the
 * work of a thousand elections is spread. */
static uint64_t turn_key(const char *run_id, const char *group_name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = group_name; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    for (const char *c = run_id; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    hash = (hash ^ (hash >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

bool election_comes_before(const struct group *group, const char *a,
                           const char *b)
{
    uint64_t key_a = turn_key(a, group->name);
    uint64_t key_b = turn_key(b, group->name);
    return key_a != key_b ? key_a < key_b : strcmp(a, b) < 0;
}

uint32_t election_rank(const struct core *core, const struct group *group)
{
    uint64_t own = turn_key(core->model.self, group->name);
    uint32_t rank = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!voter->subjective_down &&
            turn_key(voter->peer->run_id, group->name) < own) {
            rank++;
        }
    }
    return rank;
}

msec election_turn(const struct core *core, const struct group *group)
{
    msec slowest = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!voter->subjective_down && voter->answer_ms > slowest) {
            slowest = voter->answer_ms;
        }
    }
    msec step = 3 * slowest;
    step = step < RANK_MIN_MS ? RANK_MIN_MS : step;
    step = step > RANK_MAX_MS ? RANK_MAX_MS : step;
    return election_rank(core, group) * step;
}

msec election_free_at(const struct core *core, const struct group *group)
{
    bool bound = group->vote.leader[0] != '\0' &&
                 !election_is_self(core, group->vote.leader);
    /* in turn, or all who were started together would stand together */
    msec from = group->votes_from + election_turn(core, group);
    return bound && group->vote_binds_until > from ? group->vote_binds_until
                                                   : from;
}

bool election_cannot_stand(const struct core *core, const struct group *group,
                           msec now)
{
    return now < election_free_at(core, group);
}

/* Giving our vote. */

/* Whom we voted for changes roles now. Should he die at it, it is we who go
 * on, and the servers show where he had come to. */
static void watch_leader(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        info_soon(core, node, now + INFO_FAST_MS);
    }
}

void election_say_vote(struct core *core, struct group *group)
{
    if (!group->vote_told) {
        group->vote_told = true;
        event_about(core, group, "+vote-for-leader", "%s %llu",
                    group->vote.leader, (unsigned long long)group->vote.epoch);
    }
}

bool election_cast(struct core *core, struct group *group,
                   const struct ballot *vote, msec now)
{
    bool renewed = group->vote.epoch == vote->epoch;
    msec lease_ms = core->model.vote_lease_ms;
    group->vote_binds_until = now + lease_ms;
    if (!election_is_self(core, vote->leader)) {
        watch_leader(core, group, now);
        election_hold_off(core, group,
                          now + lease_ms + LOST_PAUSE_MS +
                              core_random(core, LOST_PAUSE_RANDOM_MS));
    }
    if (renewed) {
        return false;
    }
    group->vote = *vote;
    group->vote_told = false;
    model_save_group(core, group);
    return election_note_epoch(group, vote->epoch, now);
}

/* Only a peer that we know as a voter of this group gets a vote or moves
 * our epoch. */
bool election_is_voter(struct core *core, const struct group *group,
                       const char *run_id, msec now)
{
    const struct peer *peer = model_peer(core, run_id);
    return peer != NULL && !twins_has_peer(peer, now) &&
           model_find_voter(group, peer) != NULL;
}

bool election_can_grant(const struct group *group, const struct ballot *wanted,
                        msec now)
{
    bool binds = group->vote.leader[0] != '\0' && now < group->vote_binds_until;
    if (!binds && wanted->epoch == group->vote.epoch) {
        return false; /* it ran out: we have been free, and so have others */
    }
    if (now < group->votes_from && wanted->epoch != group->vote.epoch) {
        return false; /* what we voted before may be forgotten */
    }
    return election_grant(&group->vote, binds, group->config_epoch, wanted);
}

bool election_shares_master(const struct group *a, const struct group *b)
{
    return instance_is_same(&a->published->instance, &b->published->instance);
}

/* The question names an address. Where several groups have that one, nobody
 * can tell which is meant: the vote is one for all of them, or none. */
bool election_can_grant_all(const struct core *core, const struct group *asked,
                            const struct ballot *wanted, msec now)
{
    const struct group *group;
    if (!core->model.shares_masters) {
        return election_can_grant(asked, wanted, now);
    }
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (election_shares_master(group, asked) &&
            !election_can_grant(group, wanted, now)) {
            return false;
        }
    }
    return true;
}

void election_withdraw(struct core *core, struct group *group, msec now)
{
    if (election_is_self(core, group->vote.leader) &&
        group->vote_binds_until > now) {
        group->vote_binds_until = now;
    }
}
