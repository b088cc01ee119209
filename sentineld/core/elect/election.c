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
#include "core/private.h"

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
            epoch - core->model.current_epoch <= UINT32_MAX);
}

void election_new_epoch(struct core *core, const struct group *group,
                        uint64_t epoch)
{
    struct model *model = &core->model;
    if (epoch <= model->current_epoch || epoch > EPOCH_MAX) {
        return;
    }
    model->current_epoch = epoch;
    model_save_self(core);
    out_event_about(core, group, "+new-epoch", "%llu",
                    (unsigned long long)epoch);
}

/* Every epoch in which somebody stood for this group, ours or not. */
static void note_epoch(struct group *group, uint64_t epoch, msec now)
{
    if (!group->master->subjective_down) {
        return; /* an operator's order, or replicas are held back: no storm */
    }
    for (int i = 0; i < STAND_HISTORY; i++) {
        if (group->stood_epoch[i] == epoch) {
            return;
        }
    }
    for (int i = STAND_HISTORY - 1; i > 0; i--) {
        group->stood_epoch[i] = group->stood_epoch[i - 1];
        group->stood_at[i] = group->stood_at[i - 1];
    }
    group->stood_epoch[0] = epoch;
    group->stood_at[0] = now;
    select_mark_fit(group);
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
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!member->subjective_down &&
            turn_key(member->peer->run_id, group->name) < own) {
            rank++;
        }
    }
    return rank;
}

msec election_turn(const struct core *core, const struct group *group)
{
    msec slowest = 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!member->subjective_down && member->answer_ms > slowest) {
            slowest = member->answer_ms;
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

/* Being asked. */

/* Whom we voted for changes roles now. Should he die at it, it is we who go
 * on, and the servers show where he had come to. */
static void watch_leader(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        link_info_soon(core, node, now + INFO_FAST_MS);
    }
}

static void cast_vote(struct core *core, struct group *group,
                      const struct ballot *vote, msec now)
{
    bool renewed = group->vote.epoch == vote->epoch;
    msec lease_ms = core->model.vote_lease_ms;
    group->vote_binds_until = now + lease_ms;
    if (!election_is_self(core, vote->leader)) {
        watch_leader(core, group, now);
        failover_hold_off(core, group,
                          now + lease_ms + LOST_PAUSE_MS +
                              core_random(core, LOST_PAUSE_RANDOM_MS));
    }
    if (renewed) {
        return;
    }
    group->vote = *vote;
    note_epoch(group, vote->epoch, now);
    model_save_group(core, group);
    out_event_about(core, group, "+vote-for-leader", "%s %llu", vote->leader,
                    (unsigned long long)vote->epoch);
}

/* Only a peer that we know as a voter of this group gets a vote or moves
 * our epoch. */
static bool is_known_voter(struct core *core, const struct group *group,
                           const char *run_id, msec now)
{
    const struct peer *peer = model_peer(core, run_id);
    return peer != NULL && !twins_has_peer(peer, now) &&
           model_find_member(group, peer) != NULL;
}

static bool can_grant(const struct group *group, const struct ballot *wanted,
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

static bool shares_master(const struct group *a, const struct group *b)
{
    return instance_is_same(&a->published->instance, &b->published->instance);
}

/* The question names an address. Where several groups have that one, nobody
 * can tell which is meant: the vote is one for all of them, or none. */
static bool can_grant_all(const struct core *core, const struct group *asked,
                          const struct ballot *wanted, msec now)
{
    const struct group *group;
    if (!core->model.shares_masters) {
        return can_grant(asked, wanted, now);
    }
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (shares_master(group, asked) && !can_grant(group, wanted, now)) {
            return false;
        }
    }
    return true;
}

static void grant(struct core *core, struct group *group,
                  const struct ballot *wanted, msec now)
{
    cast_vote(core, group, wanted, now);
    failover_yield(core, group, now);
    core_touch(core, group);
}

static void grant_all(struct core *core, struct group *asked,
                      const struct ballot *wanted, msec now)
{
    struct group *group;
    grant(core, asked, wanted, now);
    if (!core->model.shares_masters) {
        return;
    }
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (group != asked && shares_master(group, asked)) {
            grant(core, group, wanted, now);
        }
    }
}

/* Did this question get or renew our vote? */
static bool consider_vote(struct core *core, struct group *group,
                          const struct ballot *wanted, msec now)
{
    if (!is_known_voter(core, group, wanted->leader, now) ||
        !election_is_plausible(core, wanted->epoch)) {
        core->model.ignored_facts++;
        return false;
    }
    election_new_epoch(core, group, wanted->epoch);
    rivals_on_asked(core, group, wanted, now);
    if (group->master != group->published ||
        !can_grant_all(core, group, wanted, now)) {
        if (wanted->epoch > group->vote.epoch &&
            wanted->epoch > group->config_epoch && now >= group->votes_from) {
            note_epoch(group, wanted->epoch, now); /* a rival, not a late one */
        }
        return false;
    }
    grant_all(core, group, wanted, now);
    return true;
}

/* Whoever asks thinks that the master is down. If we do too, but lack the
 * others' word, it is time to ask again. */
static void nudge(struct core *core, struct group *group, msec now)
{
    if (!group->master->subjective_down || group->objective_down ||
        group->witnessed) {
        return;
    }
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!member->says_down && !member->ask_pending &&
            member->asked_at != NEVER && now - member->asked_at >= NUDGE_MS) {
            member->asked_at = NEVER;
            core_touch(core, group);
        }
    }
}

/* What a candidate is told. Our ballot in its name only when this question
 * renewed it: the candidate counts its lease from the question. */
static struct ballot answer_candidate(struct core *core, struct group *group,
                                      const struct core_event *event, msec now)
{
    struct ballot none = {.leader = "", .epoch = 0};
    struct ballot wanted = {.epoch = event->asked.epoch};
    copy_text(wanted.leader, RUN_ID_SIZE, event->asked.candidate);
    bool granted = consider_vote(core, group, &wanted, now);
    bool for_another = strcmp(group->vote.leader, wanted.leader) != 0;
    return granted || for_another ? group->vote : none;
}

void election_on_asked(struct core *core, const struct core_event *event,
                       msec now)
{
    struct group *group = model_group_at(core, &event->asked.master);
    struct ballot vote = {.leader = "", .epoch = 0};
    if (group == NULL) {
        out_opinion(core, event->asked.client, false, &vote);
        return;
    }
    if (event->asked.candidate[0] != '\0') {
        vote = answer_candidate(core, group, event, now);
    }
    nudge(core, group, now);
    /* A master that we have left already is nothing to agree on; one that its
     * replicas hear is not down, we only do not reach it. */
    bool down = group->master == group->published &&
                group->master->subjective_down && !group->witnessed &&
                !core->model.stall.active;
    out_opinion(core, event->asked.client, down, &vote);
}

/* Standing. */

void election_stand(struct core *core, struct group *group)
{
    assert(core->model.current_epoch >= group->config_epoch &&
           core->model.current_epoch >= group->vote.epoch);
    election_new_epoch(core, group, core->model.current_epoch + 1);
    group->failover.epoch = core->model.current_epoch;
}

void election_vote_for_self(struct core *core, struct group *group, msec now)
{
    assert(!election_cannot_stand(core, group, now));
    struct ballot vote = {.epoch = group->failover.epoch};
    copy_text(vote.leader, RUN_ID_SIZE, core->model.self);
    cast_vote(core, group, &vote, now);
    struct group *other;
    TAILQ_FOREACH (other, &core->model.groups, entry) {
        if (!core->model.shares_masters) {
            return;
        }
        if (other != group && other->failover.state == FAILOVER_NONE &&
            strcmp(other->master_key, group->master_key) == 0 &&
            can_grant(other, &vote, now)) {
            cast_vote(core, other, &vote, now);
        }
    }
}

void election_withdraw(struct core *core, struct group *group, msec now)
{
    if (election_is_self(core, group->vote.leader) &&
        group->vote_binds_until > now) {
        group->vote_binds_until = now;
    }
}
