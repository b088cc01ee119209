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

static void note_vote(const struct core *core, struct voter *voter,
                      const struct ballot *vote)
{
    bool known = tally_voted_for_us(core, voter);
    voter->vote = *vote;
    voter->vote_is_quiet = vote_reason_is_quiet(voter->asked_reason);
    voter->vote_asked_at = voter->asked_at;
    if (!known) {
        voter->granted_at = voter->asked_at;
    }
}

void ask_on_reply(struct core *core, struct link *link,
                  const struct core_event *event, msec now)
{
    struct voter *voter = model_voter_behind(core, link, event->group);
    if (voter == NULL || !voter->ask_pending) {
        core->model.ignored_facts++;
        return;
    }
    voter->ask_pending = false;
    core_touch(core, voter->group);
    if (event->type != EV_ASK_REPLY) {
        return;
    }
    voter->answer_ms = now - voter->asked_at;
    voter->answered_epoch = voter->asked_epoch;
    if (voter->asked_about == voter->group->master->id) {
        voter->says_down = event->ask_reply.down;
        voter->answered_at = now;
    }
    const struct ballot *vote = &event->ask_reply.vote;
    bool none = voter->asked_epoch != 0 && vote->leader[0] == '\0';
    voter->denies =
        !event->ask_reply.down &&
        (voter->denies || (none && voter->asked_reason == REASON_DOWN));
    if (voter->asked_epoch != 0 && !none && vote->epoch <= EPOCH_MAX) {
        voter->denies = false;
        note_vote(core, voter, vote);
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

static void ask(struct core *core, struct voter *voter, msec now)
{
    const struct group *group = voter->group;
    struct ballot wanted = {.epoch = core->model.current_epoch};
    enum vote_reason why = REASON_NONE;
    if (ask_is_standing(group) && tally_may_vote(voter)) {
        wanted.epoch = group->failover.epoch;
        copy_text(wanted.leader, RUN_ID_SIZE, core->model.self);
        why = voter->peer->kind == PEER_OURS ? reason(group, now) : REASON_NONE;
    }
    voter->ask_pending = true;
    voter->asked_reason = why;
    voter->asked_epoch = wanted.leader[0] != '\0' ? wanted.epoch : 0;
    voter->asked_about = group->published->id;
    voter->asked_at = now;
    action_ask(core, voter, &wanted, why);
    if (voter->asked_epoch != 0 && !voter->view_pending &&
        !tally_voted_for_us(core, voter)) {
        view_ask_voter(core, voter, now);
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

static msec next_vote(const struct core *core, const struct voter *voter,
                      msec now)
{
    const struct group *group = voter->group;
    if (!ask_is_standing(group) || !tally_may_vote(voter)) {
        return NEVER;
    }
    bool for_less = vote_reason_is_quiet(voter->asked_reason) &&
                    !failover_is_quiet(&group->failover);
    if (voter->asked_epoch != group->failover.epoch || for_less) {
        return now;
    }
    return voter->asked_at + (tally_voted_for_us(core, voter)
                                  ? core->model.vote_lease_ms / 2
                                  : VOTE_RETRY_MS);
}

/* When this voter is to be asked next, while the master is down or we
 * stand: often at first, then less; and again before a vote runs out. */
static msec next_question(const struct core *core, const struct voter *voter,
                          msec now)
{
    if (voter->asked_at == NEVER) {
        return now;
    }
    const struct group *group = voter->group;
    msec again = next_vote(core, voter, now);
    if (ask_is_standing(group) && !wants_opinions(group)) {
        return again;
    }
    if (voter->asked_at < group->master->subjective_down_since) {
        return now;
    }
    msec age = now - group->master->subjective_down_since;
    msec longest = core->model.periods.ask_ms;
    msec pause = age / 4;
    pause = pause < ASK_MIN_MS ? ASK_MIN_MS : pause;
    pause = pause > longest ? longest : pause;
    return again < voter->asked_at + pause ? again : voter->asked_at + pause;
}

void ask_again(struct group *group)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!voter->ask_pending) {
            voter->asked_at = NEVER;
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
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!voter->says_down && !voter->ask_pending &&
            voter->asked_at != NEVER && now - voter->asked_at >= NUDGE_MS) {
            voter->asked_at = NEVER;
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
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (tally_voted_for_us(core, voter) && !voter->view_pending &&
            !tally_has_view(voter) &&
            link_usable(&voter->peer->instance.command)) {
            view_ask_voter(core, voter, now);
        }
    }
}

bool ask_awaits_histories(const struct core *core, const struct group *group)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (tally_voted_for_us(core, voter) && !tally_has_view(voter) &&
            link_usable(&voter->peer->instance.command)) {
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
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->ask_pending ||
            !link_usable(&voter->peer->instance.command)) {
            continue; /* the reply, or the link, touches the group */
        }
        msec at = next_question(core, voter, now);
        if (at <= now) {
            ask(core, voter, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
    if (ask_is_standing(group)) {
        ask_for_views(core, group, now);
    }
}
