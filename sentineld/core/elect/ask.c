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

bool ask_is_standing(const struct group *group)
{
    return group->failover.state != FAILOVER_NONE &&
           group->failover.state != FAILOVER_RECONF;
}

static bool was_asked_quietly(const struct member *member)
{
    return member->asked_reason == REASON_KEEP ||
           member->asked_reason == REASON_RULE;
}

static void note_vote(const struct core *core, struct member *member,
                      const struct ballot *vote)
{
    bool known = tally_voted_for_us(core, member);
    member->vote = *vote;
    member->vote_is_quiet = was_asked_quietly(member);
    member->vote_asked_at = member->asked_at;
    if (!known) {
        member->granted_at = member->asked_at;
    }
}

void ask_on_reply(struct core *core, struct link *link,
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

static void ask(struct core *core, struct member *member, msec now)
{
    const struct group *group = member->group;
    struct ballot wanted = {.epoch = core->model.current_epoch};
    enum vote_reason why = REASON_NONE;
    if (ask_is_standing(group) && tally_may_vote(member)) {
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
    action_ask(core, member, &wanted, why);
    if (member->asked_epoch != 0 && !member->view_pending &&
        !tally_voted_for_us(core, member)) {
        view_ask_voter(core, member, now);
    }
}

/* A leader that only holds the replicas back does not know yet whether the
 * master is objectively down. */
static bool wants_opinions(const struct group *group)
{
    return !ask_is_standing(group) ||
           (group->failover.purpose == PURPOSE_KEEP &&
            group->master->subjective_down);
}

static msec next_vote(const struct core *core, const struct member *member,
                      msec now)
{
    const struct group *group = member->group;
    if (!ask_is_standing(group) || !tally_may_vote(member)) {
        return NEVER;
    }
    bool for_less =
        was_asked_quietly(member) && !failover_is_quiet(&group->failover);
    if (member->asked_epoch != group->failover.epoch || for_less) {
        return now;
    }
    return member->asked_at + (tally_voted_for_us(core, member)
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
    if (ask_is_standing(group) && !wants_opinions(group)) {
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

void ask_again(struct group *group)
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
void ask_nudge(struct core *core, struct group *group, msec now)
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
    return group->master->subjective_down || ask_is_standing(group);
}

/* Our own vote is renewed together with the questions to the others. */
static void renew_own_vote(struct core *core, struct group *group, msec now)
{
    if (ask_is_standing(group) && tally_counts_own_vote(core, group)) {
        group->vote_binds_until = now + core->model.vote_lease_ms;
    }
}

static void ask_for_views(struct core *core, struct group *group, msec now)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (tally_voted_for_us(core, member) && !member->view_pending &&
            !tally_has_view(member) &&
            link_usable(&member->peer->instance.command)) {
            view_ask_voter(core, member, now);
        }
    }
}

bool ask_awaits_histories(const struct core *core, const struct group *group)
{
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (tally_voted_for_us(core, member) && !tally_has_view(member) &&
            link_usable(&member->peer->instance.command)) {
            return true;
        }
    }
    return false;
}

void ask_settle(struct core *core, struct group *group, msec now)
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
    if (ask_is_standing(group)) {
        ask_for_views(core, group, now);
    }
}
