/* Epochs and votes.
 *
 * Asking has two meanings, as in Sentinel: "do you think this master is
 * down?" and, with a candidate and an epoch, "do you vote for me?". Votes are
 * per group: whether one is granted depends on the group's own ballot only,
 * so a thousand elections at once do not invalidate each other.
 *
 * A vote binds its voter for vote_lease_ms: meanwhile no other candidate gets
 * one, and asking again renews it. The leader counts the same span from the
 * moment it asked, so it always believes its leadership shorter than its
 * voters do. A candidate that gives up frees its own vote at once; a vote for
 * somebody else stays bound, and its candidate may collect it again.
 *
 * Nobody stands for nothing: a candidate first hears from a majority, and no
 * group sees more than three epochs a minute without a switch. */
#include "private.h"

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

void election_new_epoch(struct core *core, uint64_t epoch)
{
    struct model *model = &core->model;
    if (epoch <= model->current_epoch || epoch > EPOCH_MAX) {
        return;
    }
    model->current_epoch = epoch;
    model_save_self(core);
    out_event(core, LEVEL_WARNING, "+new-epoch", "%llu",
              (unsigned long long)epoch);
}

/* Every epoch in which somebody stood for this group, ours or not. */
static void note_epoch(struct group *group, uint64_t epoch, msec now)
{
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
}

msec election_next_chance(const struct group *group)
{
    msec oldest = group->stood_at[STAND_HISTORY - 1];
    return oldest == NEVER ? 0 : oldest + STAND_WINDOW_MS;
}

static bool is_self(const struct core *core, const char *run_id)
{
    return strcmp(run_id, core->model.self) == 0;
}

bool election_is_bound(const struct core *core, const struct group *group,
                       msec now)
{
    return group->vote.leader[0] != '\0' && now < group->vote_binds_until &&
           group->vote.epoch > group->config_epoch &&
           !is_self(core, group->vote.leader);
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

msec election_turn(const struct core *core, const struct group *group)
{
    uint64_t own = turn_key(core->model.self, group->name);
    uint32_t rank = 0;
    msec slowest = 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->subjective_down) {
            continue;
        }
        rank += turn_key(member->peer->run_id, group->name) < own ? 1 : 0;
        slowest = member->answer_ms > slowest ? member->answer_ms : slowest;
    }
    msec step = 3 * slowest;
    step = step < RANK_MIN_MS ? RANK_MIN_MS : step;
    step = step > RANK_MAX_MS ? RANK_MAX_MS : step;
    return rank * step;
}

bool election_cannot_stand(const struct core *core, const struct group *group,
                           msec now)
{
    return group->vote.leader[0] != '\0' && now < group->vote_binds_until &&
           !is_self(core, group->vote.leader);
}

/* Being asked. */

static void cast_vote(struct core *core, struct group *group,
                      const struct ballot *vote, msec now)
{
    bool renewed = group->vote.epoch == vote->epoch;
    msec lease_ms = core->model.vote_lease_ms;
    group->vote_binds_until = now + lease_ms;
    if (!is_self(core, vote->leader)) {
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
    out_event(core, LEVEL_WARNING, "+vote-for-leader", "%s %llu", vote->leader,
              (unsigned long long)vote->epoch);
}

/* Only a peer that we know as a voter of this group gets a vote or moves
 * our epoch. */
static bool is_known_voter(struct core *core, const struct group *group,
                           const char *run_id)
{
    const struct peer *peer = model_peer(core, run_id);
    return peer != NULL && model_find_member(group, peer) != NULL;
}

static void consider_vote(struct core *core, struct group *group,
                          const struct ballot *wanted, msec now)
{
    if (!is_known_voter(core, group, wanted->leader) ||
        wanted->epoch > EPOCH_MAX) {
        core->model.ignored_facts++;
        return;
    }
    election_new_epoch(core, wanted->epoch);
    bool binds = group->vote.leader[0] != '\0' && now < group->vote_binds_until;
    if (!election_grant(&group->vote, binds, group->config_epoch, wanted)) {
        return;
    }
    cast_vote(core, group, wanted, now);
    failover_yield(core, group, now);
    core_touch(core, group);
}

/* Whoever asks thinks that the master is down. If we do too, but lack the
 * others' word, it is time to ask again. */
static void nudge(struct core *core, struct group *group, msec now)
{
    if (!group->master->subjective_down || group->objective_down) {
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
        struct ballot wanted = {.epoch = event->asked.epoch};
        copy_text(wanted.leader, RUN_ID_SIZE, event->asked.candidate);
        consider_vote(core, group, &wanted, now);
        vote = group->vote;
    }
    nudge(core, group, now);
    bool down = group->master->subjective_down && !core->model.stall.active;
    out_opinion(core, event->asked.client, down, &vote);
}

/* Asking. */

/* From the first question for votes until a promotion is a fact. */
static bool is_standing(const struct group *group)
{
    return group->failover.state != FAILOVER_NONE &&
           group->failover.state != FAILOVER_RECONF;
}

static bool own_vote_counts(const struct core *core, const struct group *group)
{
    return group->vote.epoch == group->failover.epoch &&
           is_self(core, group->vote.leader);
}

static struct member *member_behind(struct core *core, const struct link *link,
                                    object_id group_id)
{
    struct group *group = model_group(core, group_id);
    if (group == NULL || link->peer == NULL) {
        return NULL;
    }
    return model_find_member(group, link->peer);
}

void election_on_reply(struct core *core, struct link *link,
                       const struct core_event *event, msec now)
{
    struct member *member = member_behind(core, link, event->group);
    if (member == NULL || !member->ask_pending) {
        core->model.ignored_facts++;
        return;
    }
    member->ask_pending = false;
    core_touch(core, member->group);
    if (event->type != EV_ASK_REPLY) {
        return;
    }
    member->answer_ms = now - member->asked_at;
    if (member->asked_about == member->group->master->id) {
        member->says_down = event->ask_reply.down;
        member->answered_at = now;
    }
    const struct ballot *vote = &event->ask_reply.vote;
    if (vote->leader[0] != '\0' && vote->epoch <= EPOCH_MAX) {
        member->vote = *vote;
        member->vote_asked_at = member->asked_at;
    }
}

static void ask(struct core *core, struct member *member, msec now)
{
    const struct group *group = member->group;
    struct ballot wanted = {.epoch = core->model.current_epoch};
    if (is_standing(group)) {
        wanted.epoch = group->failover.epoch;
        copy_text(wanted.leader, RUN_ID_SIZE, core->model.self);
    }
    member->ask_pending = true;
    member->asked_about = group->published->id;
    member->asked_at = now;
    out_ask(core, member, &wanted);
}

bool election_voted_for_us(const struct core *core, const struct member *member)
{
    return member->vote.epoch == member->group->failover.epoch &&
           is_self(core, member->vote.leader);
}

/* When this member is to be asked next, while the master is down or we
 * stand: often at first, then less; and again before a vote runs out. */
static msec next_question(const struct core *core, const struct member *member,
                          msec now)
{
    if (member->asked_at == NEVER) {
        return now;
    }
    const struct group *group = member->group;
    if (is_standing(group)) {
        if (member->asked_at < group->failover.started_at) {
            return now;
        }
        return member->asked_at + (election_voted_for_us(core, member)
                                       ? core->model.vote_lease_ms / 2
                                       : VOTE_RETRY_MS);
    }
    if (member->asked_at < group->master->subjective_down_since) {
        return now;
    }
    msec age = now - group->master->subjective_down_since;
    msec pause = age / 4;
    pause = pause < ASK_MIN_MS ? ASK_MIN_MS : pause;
    pause = pause > ASK_MAX_MS ? ASK_MAX_MS : pause;
    return member->asked_at + pause;
}

static bool wants_answers(const struct group *group)
{
    return group->master->subjective_down || is_standing(group);
}

/* Our own vote is renewed together with the questions to the others. */
static void renew_own_vote(struct core *core, struct group *group, msec now)
{
    if (is_standing(group) && own_vote_counts(core, group)) {
        group->vote_binds_until = now + core->model.vote_lease_ms;
    }
}

void election_settle(struct core *core, struct group *group, msec now)
{
    if (!wants_answers(group)) {
        return;
    }
    renew_own_vote(core, group, now);
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->ask_pending ||
            !link_usable(&member->peer->instance.command)) {
            continue; /* the reply, or the link, touches the group */
        }
        msec at = next_question(core, member, now);
        if (at <= now) {
            ask(core, member, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
}

/* The tally. */

uint32_t election_votes(const struct core *core, const struct group *group,
                        msec now)
{
    struct ballot votes[MAX_MEMBERS_PER_GROUP + 1];
    size_t count = 0;
    struct ballot wanted = {.epoch = group->failover.epoch};
    copy_text(wanted.leader, RUN_ID_SIZE, core->model.self);
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (now < member->vote_asked_at + core->model.vote_lease_ms) {
            votes[count++] = member->vote;
        }
    }
    if (own_vote_counts(core, group)) {
        votes[count++] = group->vote;
    }
    return election_count(votes, count, &wanted);
}

static uint32_t votes_needed(const struct group *group)
{
    return election_needed(model_voters(group), group->settings.quorum);
}

bool election_won(const struct core *core, const struct group *group, msec now)
{
    return election_votes(core, group, now) >= votes_needed(group);
}

/* The leadership ends when so many votes have run out that the rest is no
 * majority: with n needed, the n-th latest end among those for us. Our own
 * vote never runs out while we lead. */
msec election_lease_end(const struct core *core, const struct group *group)
{
    msec ends[MAX_MEMBERS_PER_GROUP];
    uint32_t count = 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!election_voted_for_us(core, member)) {
            continue;
        }
        msec end = member->vote_asked_at + core->model.vote_lease_ms;
        uint32_t slot = count++;
        while (slot > 0 && ends[slot - 1] < end) {
            ends[slot] = ends[slot - 1];
            slot--;
        }
        ends[slot] = end; /* latest first */
    }
    uint32_t others = votes_needed(group) - 1;
    if (others == 0) {
        return NEVER;
    }
    return count < others ? 0 : ends[others - 1];
}

bool election_is_lost(const struct core *core, const struct group *group)
{
    uint32_t possible = own_vote_counts(core, group) ? 1 : 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        bool open = member->ask_pending || member->asked_at == NEVER ||
                    member->asked_at < group->failover.started_at;
        bool refused = member->vote.epoch >= group->failover.epoch &&
                       !election_voted_for_us(core, member);
        if (election_voted_for_us(core, member) || (open && !refused)) {
            possible++;
        }
    }
    return possible < votes_needed(group);
}

bool election_majority_answers(const struct group *group, msec now)
{
    uint32_t answering = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->answered_at != NEVER &&
            now - member->answered_at < REACHABLE_MS) {
            answering++;
        }
    }
    return answering >= model_voters(group) / 2 + 1;
}

/* Standing. */

void election_stand(struct core *core, struct group *group)
{
    election_new_epoch(core, core->model.current_epoch + 1);
    group->failover.epoch = core->model.current_epoch;
}

void election_vote_for_self(struct core *core, struct group *group, msec now)
{
    assert(!election_cannot_stand(core, group, now));
    struct ballot vote = {.epoch = group->failover.epoch};
    copy_text(vote.leader, RUN_ID_SIZE, core->model.self);
    cast_vote(core, group, &vote, now);
}

void election_withdraw(struct core *core, struct group *group, msec now)
{
    if (is_self(core, group->vote.leader) && group->vote_binds_until > now) {
        group->vote_binds_until = now;
    }
}
