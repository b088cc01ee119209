/* Questions to the peers, and what their answers add up to.
 *
 * Asking has two meanings, as in Sentinel: "do you think this master is
 * down?" and, with a candidate and an epoch, "do you vote for me?". At most
 * one question to a peer about a group is open; it is repeated often at
 * first, then less, and in time before a vote runs out.
 *
 * Behind the first question for a vote goes one for the voter's view, which
 * tells the replication histories that it knows: what the leader compares by
 * is what a majority has seen, not what it happened to see itself. */
#include "core/elect/elect.h"

bool asking_is_standing(const struct group *group)
{
    return group->failover.state != FAILOVER_NONE &&
           group->failover.state != FAILOVER_RECONF;
}

/* A vote for what nobody is told of is none for a failover. */
bool election_voted_for_us(const struct core *core, const struct member *member)
{
    const struct failover *failover = &member->group->failover;
    return member->vote.epoch == failover->epoch &&
           election_is_self(core, member->vote.leader) &&
           (!member->vote_is_quiet || failover_is_quiet(failover));
}

static bool was_asked_quietly(const struct member *member)
{
    return member->asked_reason == REASON_KEEP ||
           member->asked_reason == REASON_RULE;
}

static bool own_vote_counts(const struct core *core, const struct group *group)
{
    return group->vote.epoch == group->failover.epoch &&
           election_is_self(core, group->vote.leader);
}

static void note_vote(const struct core *core, struct member *member,
                      const struct ballot *vote)
{
    bool known = election_voted_for_us(core, member);
    member->vote = *vote;
    member->vote_is_quiet = was_asked_quietly(member);
    member->vote_asked_at = member->asked_at;
    if (!known) {
        member->granted_at = member->asked_at;
    }
}

void asking_on_reply(struct core *core, struct link *link,
                     const struct core_event *event, msec now)
{
    struct member *member = model_member_behind(core, link, event->group);
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
    member->answered_epoch = member->asked_epoch;
    if (member->asked_about == member->group->master->id) {
        member->says_down = event->ask_reply.down;
        member->answered_at = now;
    }
    const struct ballot *vote = &event->ask_reply.vote;
    bool none = member->asked_epoch != 0 && vote->leader[0] == '\0';
    member->denies =
        !event->ask_reply.down &&
        (member->denies || (none && member->asked_reason == REASON_DOWN));
    if (member->asked_epoch != 0 && !none && vote->epoch <= EPOCH_MAX) {
        member->denies = false;
        note_vote(core, member, vote);
    }
}

/* It has not answered for so long that it would count as down soon. */
static bool is_silent(const struct group *group, msec now)
{
    const struct instance *master = &group->master->instance;
    return !link_usable(&master->command) ||
           now - master->health.reply_at >= group->settings.down_after_ms / 2;
}

static enum vote_reason reason(const struct group *group, msec now)
{
    switch (group->failover.purpose) {
    case PURPOSE_NONE:
        break;
    case PURPOSE_KEEP:
        return REASON_KEEP;
    case PURPOSE_RULE:
        return REASON_RULE;
    case PURPOSE_REPLACE:
        return is_silent(group, now) ? REASON_DOWN : REASON_UNFIT;
    case PURPOSE_FORCED:
    case PURPOSE_PLANNED:
        return REASON_ORDER;
    }
    return REASON_NONE;
}

/* Those of another make are asked for no vote that is not for a failover: it
 * would keep them from theirs, and bind them to nothing. */
static bool may_vote(const struct member *member)
{
    return member->group->failover.purpose != PURPOSE_KEEP ||
           member->peer->kind == PEER_OURS;
}

static void ask(struct core *core, struct member *member, msec now)
{
    const struct group *group = member->group;
    struct ballot wanted = {.epoch = core->model.current_epoch};
    enum vote_reason why = REASON_NONE;
    if (asking_is_standing(group) && may_vote(member)) {
        wanted.epoch = group->failover.epoch;
        copy_text(wanted.leader, RUN_ID_SIZE, core->model.self);
        why =
            member->peer->kind == PEER_OURS ? reason(group, now) : REASON_NONE;
    }
    member->ask_pending = true;
    member->asked_reason = why;
    member->asked_epoch = wanted.leader[0] != '\0' ? wanted.epoch : 0;
    member->asked_about = group->published->id;
    member->asked_at = now;
    out_ask(core, member, &wanted, why);
    if (member->asked_epoch != 0 && !member->view_pending &&
        !election_voted_for_us(core, member)) {
        gossip_ask_voter(core, member, now);
    }
}

/* A leader that only holds the replicas back does not know yet whether the
 * master is objectively down. */
static bool wants_opinions(const struct group *group)
{
    return !asking_is_standing(group) ||
           (group->failover.purpose == PURPOSE_KEEP &&
            group->master->subjective_down);
}

static msec next_vote(const struct core *core, const struct member *member,
                      msec now)
{
    const struct group *group = member->group;
    if (!asking_is_standing(group) || !may_vote(member)) {
        return NEVER;
    }
    bool for_less =
        was_asked_quietly(member) && !failover_is_quiet(&group->failover);
    if (member->asked_epoch != group->failover.epoch || for_less) {
        return now;
    }
    return member->asked_at + (election_voted_for_us(core, member)
                                   ? core->model.vote_lease_ms / 2
                                   : VOTE_RETRY_MS);
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
    msec again = next_vote(core, member, now);
    if (asking_is_standing(group) && !wants_opinions(group)) {
        return again;
    }
    if (member->asked_at < group->master->subjective_down_since) {
        return now;
    }
    msec age = now - group->master->subjective_down_since;
    msec longest = core->model.periods.ask_ms;
    msec pause = age / 4;
    pause = pause < ASK_MIN_MS ? ASK_MIN_MS : pause;
    pause = pause > longest ? longest : pause;
    return again < member->asked_at + pause ? again : member->asked_at + pause;
}

void asking_again(struct group *group)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!member->ask_pending) {
            member->asked_at = NEVER;
        }
    }
}

/* Whoever asks thinks that the master is down. If we do too, but lack the
 * others' word, it is time to ask again. */
void asking_nudge(struct core *core, struct group *group, msec now)
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

static bool wants_answers(const struct group *group)
{
    return group->master->subjective_down || asking_is_standing(group);
}

/* Our own vote is renewed together with the questions to the others. */
static void renew_own_vote(struct core *core, struct group *group, msec now)
{
    if (asking_is_standing(group) && own_vote_counts(core, group)) {
        group->vote_binds_until = now + core->model.vote_lease_ms;
    }
}

bool asking_has_view(const struct member *member)
{
    return member->vote.epoch == member->group->failover.epoch &&
           member->voter_view_in && member->granted_at != NEVER &&
           member->voter_view_at >= member->granted_at;
}

static void ask_for_views(struct core *core, struct group *group, msec now)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (election_voted_for_us(core, member) && !member->view_pending &&
            !asking_has_view(member) &&
            link_usable(&member->peer->instance.command)) {
            gossip_ask_voter(core, member, now);
        }
    }
}

bool asking_awaits_histories(const struct core *core, const struct group *group)
{
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (election_voted_for_us(core, member) && !asking_has_view(member) &&
            link_usable(&member->peer->instance.command)) {
            return true;
        }
    }
    return false;
}

void asking_settle(struct core *core, struct group *group, msec now)
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
    if (asking_is_standing(group)) {
        ask_for_views(core, group, now);
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
    return election_needed(model_voters(group), model_quorum(group));
}

bool asking_has_views(const struct core *core, const struct group *group,
                      msec now)
{
    uint32_t telling = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        telling +=
            election_voted_for_us(core, member) && asking_has_view(member) &&
                    now < member->vote_asked_at + core->model.vote_lease_ms
                ? 1
                : 0;
    }
    return telling >= votes_needed(group);
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

/* It hears the master still, or will know in a moment. It may vote for us yet,
 * so long as we have not waited for that. */
static bool is_undecided(const struct member *member, msec now)
{
    const struct group *group = member->group;
    return member->denies && group->failover.purpose == PURPOSE_REPLACE &&
           now < group->failover.started_at + DENIAL_MS;
}

bool election_is_lost(struct core *core, struct group *group, msec now)
{
    uint32_t possible = own_vote_counts(core, group) ? 1 : 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        bool open =
            member->ask_pending ||
            (member->asked_epoch != group->failover.epoch && may_vote(member));
        bool refused = member->vote.epoch >= group->failover.epoch &&
                       !election_voted_for_us(core, member);
        bool undecided = !refused && is_undecided(member, now);
        if (election_voted_for_us(core, member) || (open && !refused) ||
            undecided) {
            possible++;
        }
        if (undecided) {
            schedule_sooner(core, &group->timer,
                            group->failover.started_at + DENIAL_MS);
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

/* Too few could vote: the others hear the master. */
bool election_is_denied(const struct group *group, msec now)
{
    uint32_t denying = 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        bool answers = member->answered_at != NEVER &&
                       now - member->answered_at < REACHABLE_MS;
        denying += member->denies && answers ? 1 : 0;
    }
    return model_voters(group) - denying < votes_needed(group);
}

/* A voter that answers, but has not voted for us: bound to somebody whose
 * promotion may be under way. */
bool asking_was_refused(const struct core *core, const struct group *group)
{
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (!election_voted_for_us(core, member) &&
            member->answered_epoch == group->failover.epoch) {
            return true;
        }
    }
    return false;
}
