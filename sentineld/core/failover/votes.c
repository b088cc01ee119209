/* Our vote: what a supervisor is told that asks whether the master is down and
 * whether it gets our vote, and how we give it to ourselves. */
#include "core/failover/failover.h"

#include <assert.h>

/* When somebody stands anew, we note who could be promoted then. A quiet vote
 * is told when it becomes one for a failover. */
static void cast(struct core *core, struct group *group,
                 const struct ballot *vote, bool quiet, msec now)
{
    if (election_cast(core, group, vote, now)) {
        select_mark_fit(group);
    }
    if (!quiet) {
        election_say_epoch(core, group);
        election_say_vote(core, group);
    }
}

static void note_rival(struct group *group, uint64_t epoch, msec now)
{
    if (election_note_epoch(group, epoch, now)) {
        select_mark_fit(group);
    }
}

static void grant(struct core *core, struct group *group,
                  const struct ballot *wanted, bool quiet, msec now)
{
    cast(core, group, wanted, quiet, now);
    model_decide_anew(group);
    failover_yield(core, group, now);
    core_touch(core, group);
}

static void grant_all(struct core *core, struct group *asked,
                      const struct ballot *wanted, bool quiet, msec now)
{
    struct group *group;
    grant(core, asked, wanted, quiet, now);
    if (!core->model.shares_masters) {
        return;
    }
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (group != asked && election_shares_master(group, asked)) {
            grant(core, group, wanted, quiet, now);
        }
    }
}

/* It answered us as a master should, just now: for us it is not down. */
static bool hears_master(const struct group *group, msec now)
{
    const struct node *master = group->master;
    const struct health *health = &master->instance.health;
    return !master->subjective_down && !master_restart_is_guarded(group) &&
           link_usable(&master->instance.command) && health->pong == PONG_OK &&
           now - health->reply_at <= PROOF_FRESH_MS;
}

/* Whoever asks finds it silent. Before a vote is wanted we know better whether
 * it is to us. */
static void look_at_master(struct core *core, struct group *group, msec now)
{
    const struct node *master = group->master;
    if (!master->subjective_down &&
        now - master->instance.health.reply_at > PROOF_FRESH_MS / 2) {
        link_ping_soon(core, group->master, now);
    }
}

/* Did this question get or renew our vote? */
static bool consider_vote(struct core *core, struct group *group,
                          const struct ballot *wanted, enum vote_reason reason,
                          msec now)
{
    if (!election_is_voter(core, group, wanted->leader, now) ||
        !election_is_plausible(core, wanted->epoch)) {
        core->model.ignored_facts++;
        return false;
    }
    election_new_epoch(core, wanted->epoch);
    if (!vote_reason_is_quiet(reason)) {
        election_say_epoch(core, group);
    }
    rivals_on_asked(core, group, wanted, now);
    if (reason == REASON_DOWN && hears_master(group, now)) {
        return false;
    }
    if (group->master != group->published ||
        !election_can_grant_all(core, group, wanted, now)) {
        if (wanted->epoch > group->vote.epoch &&
            wanted->epoch > group->config_epoch && now >= group->votes_from) {
            note_rival(group, wanted->epoch, now); /* not a late one */
        }
        return false;
    }
    grant_all(core, group, wanted, vote_reason_is_quiet(reason), now);
    return true;
}

/* What a candidate is told. Our ballot in its name only when this question
 * renewed it: the candidate counts its lease from the question. */
static struct ballot answer_candidate(struct core *core, struct group *group,
                                      const struct core_event *event, msec now)
{
    struct ballot none = {.leader = "", .epoch = 0};
    struct ballot wanted = {.epoch = event->asked.epoch};
    copy_text(wanted.leader, RUN_ID_SIZE, event->asked.candidate);
    bool granted =
        consider_vote(core, group, &wanted, event->asked.reason, now);
    bool for_another = strcmp(group->vote.leader, wanted.leader) != 0;
    return granted || for_another ? group->vote : none;
}

void election_on_asked(struct core *core, const struct core_event *event,
                       msec now)
{
    struct group *group = model_group_at(core, &event->asked.master);
    struct ballot vote = {.leader = "", .epoch = 0};
    if (group == NULL) {
        action_opinion(core, event->asked.client, false, &vote);
        return;
    }
    if (event->asked.candidate[0] != '\0') {
        vote = answer_candidate(core, group, event, now);
    }
    ask_nudge(core, group, now);
    look_at_master(core, group, now);
    /* A master that we have left already is nothing to agree on; one that its
     * replicas hear is not down, we only do not reach it. */
    bool down = group->master == group->published &&
                group->master->subjective_down && !group->witnessed &&
                !core->model.tilt.active;
    action_opinion(core, event->asked.client, down, &vote);
}

/* Standing. */

void election_stand(struct core *core, struct group *group)
{
    assert(core->model.current_epoch >= group->config_epoch &&
           core->model.current_epoch >= group->vote.epoch);
    election_new_epoch(core, core->model.current_epoch + 1);
    group->failover.epoch = core->model.current_epoch;
}

void election_vote_for_self(struct core *core, struct group *group, msec now)
{
    assert(!election_cannot_stand(core, group, now));
    struct ballot vote = {.epoch = group->failover.epoch};
    copy_text(vote.leader, RUN_ID_SIZE, core->model.self);
    bool quiet = failover_is_quiet(&group->failover);
    cast(core, group, &vote, quiet, now);
    struct group *other;
    TAILQ_FOREACH (other, &core->model.groups, entry) {
        if (!core->model.shares_masters) {
            return;
        }
        if (other != group && other->failover.state == FAILOVER_NONE &&
            strcmp(other->master_key, group->master_key) == 0 &&
            election_can_grant(other, &vote, now)) {
            cast(core, other, &vote, quiet, now);
        }
    }
}
