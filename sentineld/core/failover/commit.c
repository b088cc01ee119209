/* COMMIT: a new master is told to nobody before a majority's disks have it.
 *
 * The promoted server has said that it is master. The leader now writes that
 * configuration - its epoch and the server's address - to its own disk and
 * offers it to all the others at the same time. One whose vote binds it to this
 * leader keeps it, and says so when it is on its disk. With a majority,
 * our own disk included, it is committed: only then the group has another
 * master, and clients, peers and servers are told.
 *
 * What is accepted and not committed is told to nobody, by none of those who
 * keep it. Once it was offered nothing is undone: some disks may have it, and
 * so the next leader decides. When the votes run out first, we let go.
 *
 * Supervisors of another make keep nothing. Where so many of them are in a
 * group that the rest is no majority, nothing can be committed: then a new
 * master is told when it is on our own disk, and that is said. */
#include "core/failover/failover.h"

#include <stdio.h>

static uint32_t majority(const struct group *group)
{
    return model_voters(group) / 2 + 1;
}

static uint32_t count_others(const struct group *group)
{
    uint32_t others = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        others += voter->peer->kind == PEER_OTHER ? 1 : 0;
    }
    return others;
}

bool commit_is_possible(const struct group *group)
{
    return model_voters(group) - count_others(group) >= majority(group);
}

void commit_note_kind(struct core *core, struct group *group)
{
    bool possible = commit_is_possible(group);
    if (!possible && !group->others_told) {
        event_log(
            core, LEVEL_WARNING,
            "%s: %u of %u supervisors are no sentineld of this version: a "
            "new master is told before a majority has it on disk, as "
            "Redis does",
            group->name, count_others(group), model_voters(group));
    }
    group->others_told = !possible;
}

static uint32_t count_reached(const struct group *group)
{
    uint32_t reached = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        reached += voter->peer->kind == PEER_OURS &&
                           link_usable(&voter->peer->instance.command)
                       ? 1
                       : 0;
    }
    return reached;
}

bool commit_lacks_peers(const struct group *group)
{
    return commit_is_possible(group) && count_reached(group) < majority(group);
}

void commit_explain(const struct group *group, char text[GATE_TEXT_SIZE])
{
    (void)snprintf(text, GATE_TEXT_SIZE,
                   "%u supervisors must have a new master on disk before it is "
                   "told, and %u that can are reached",
                   majority(group), count_reached(group));
}

/* The leader's side. */

/* What nobody else has to keep, or can, is committed with our own save. */
static bool is_ours_alone(const struct group *group)
{
    return group->failover.without_votes || majority(group) == 1 ||
           !commit_is_possible(group);
}

static void switch_to(struct core *core, struct group *group,
                      struct node *master, msec now)
{
    struct failover *failover = &group->failover;
    failover_move(group, FAILOVER_RECONF, now);
    event_group(core, LEVEL_WARNING, "+failover-state-reconf-slaves", group,
                "");
    failover->lost_in_a_row = 0;
    master->subjective_down = false;
    if (master != group->master || failover->promote_sent_at != 0) {
        report_promotion(core, group, now);
    }
    switch_master(core, group, master, failover->epoch, now);
    switch_begin(core, group, now);
    if (failover->takes_master) {
        master_restart_accept(core, group);
    }
    reconf_start(core, group, now);
    info_now(core, group, now);
}

void commit_start(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    if (is_ours_alone(group)) {
        switch_to(core, group, failover->promoted, now);
        return;
    }
    failover_move(group, FAILOVER_COMMIT, now);
    group->accepted.epoch = failover->epoch;
    group->accepted.master = failover->promoted->instance.shown;
    model_save_group(core, group);
    failover->accepted_version = model_next_version(core);
    core->accepting_version = failover->accepted_version;
    info_soon(core, failover->promoted, now);
    core_touch(core, group);
}

static void offer(struct core *core, struct voter *voter, msec now)
{
    struct group *group = voter->group;
    voter->offer_pending = true;
    voter->offered_at = now;
    voter->offered_epoch = group->accepted.epoch;
    action_accept(core, voter, failover_lease_end(core, group));
}

/* One that refused may be about to know us. */
static void offer_to_all(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->accepted_epoch == group->accepted.epoch ||
            voter->offer_pending || voter->peer->kind != PEER_OURS ||
            !link_usable(&voter->peer->instance.command)) {
            continue;
        }
        msec at = voter->offered_epoch == group->accepted.epoch
                      ? voter->offered_at + OFFER_RETRY_MS
                      : now;
        if (at <= now) {
            offer(core, voter, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
}

void commit_on_answer(struct core *core, struct link *link,
                      const struct core_event *event)
{
    struct voter *voter = model_voter_behind(core, link, event->group);
    if (voter == NULL || !voter->offer_pending) {
        core->model.ignored_facts++;
        return;
    }
    voter->offer_pending = false;
    if (event->ack.result == ACK_OK) {
        voter->accepted_epoch = voter->offered_epoch;
    }
    core_touch(core, voter->group);
}

static bool majority_has_it(const struct core *core, const struct group *group)
{
    const struct failover *failover = &group->failover;
    uint32_t having = core->saved_version >= failover->accepted_version ? 1 : 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        having += voter->accepted_epoch == failover->epoch ? 1 : 0;
    }
    return having >= majority(group);
}

/* Nobody is told of a server that is no master any more. */
static bool has_gone(const struct node *promoted)
{
    return promoted->report.role != ROLE_MASTER ||
           (promoted->subjective_down && promoted != promoted->group->master);
}

static void let_go(struct core *core, struct group *group, const char *why,
                   msec now)
{
    const struct address *promoted =
        &group->failover.promoted->instance.address;
    event_log(
        core, LEVEL_WARNING,
        "%s: %s:%u was promoted in vain: before a majority had it on disk, "
        "%s; nobody was told, and the next leader decides",
        group->name, promoted->host, promoted->port, why);
    failover_abort(core, group, "-failover-abort-slave-timeout", now);
}

void commit_settle(struct core *core, struct group *group, msec now)
{
    struct node *promoted = group->failover.promoted;
    if (!failover_still_leads(core, group, now)) {
        let_go(core, group, "our votes had run out", now);
        return;
    }
    if (has_gone(promoted)) {
        let_go(core, group, "it was gone", now);
        return;
    }
    if (majority_has_it(core, group)) {
        switch_to(core, group, promoted, now);
        return;
    }
    offer_to_all(core, group, now);
    schedule_sooner(core, &group->timer, failover_lease_end(core, group));
}

/* Our own disk counts, too. */
void commit_on_saved(struct core *core)
{
    if (core->accepting_version == 0) {
        return;
    }
    if (core->saved_version >= core->accepting_version) {
        core->accepting_version = 0;
    }
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        if (group->failover.state == FAILOVER_COMMIT) {
            core_touch(core, group);
        }
    }
}

/* A voter's side. */

static bool is_same(const struct configuration *a,
                    const struct configuration *b)
{
    return a->epoch == b->epoch && address_equal(&a->master, &b->master);
}

/* Only from whom our vote binds us to. So nothing older than our vote is kept,
 * and nothing that comes so late that its leader cannot commit it any more and
 * the old master may be relied on again. One epoch has one master. */
static bool is_acceptable(const struct group *group,
                          const struct configuration *offered,
                          const char *leader, msec now)
{
    bool voted = group->vote.epoch == offered->epoch &&
                 strcmp(group->vote.leader, leader) == 0 &&
                 now < group->vote_binds_until;
    bool other_master = group->accepted.epoch == offered->epoch &&
                        !is_same(&group->accepted, offered);
    return voted && offered->epoch > group->config_epoch &&
           offered->epoch >= group->accepted.epoch && !other_master;
}

/* It is committed already, and we were told. */
static bool is_known(const struct group *group,
                     const struct configuration *offered)
{
    return group->config_epoch == offered->epoch &&
           instance_is_at(&group->master->instance, &offered->master);
}

void commit_on_offer(struct core *core, const struct admin *admin, msec now)
{
    struct group *group = model_group_named(core, admin->name);
    const struct configuration *offered = &admin->offer;
    if (group == NULL) {
        action_refusal(core, admin, ADMIN_NO_SUCH_GROUP, "");
        return;
    }
    if (is_known(group, offered)) {
        action_outcome(core, admin, ADMIN_OK, 0);
        return;
    }
    if (!is_acceptable(group, offered, admin->leader, now)) {
        core->model.ignored_facts++;
        action_refusal(core, admin, ADMIN_REFUSED,
                       "our vote does not bind us to the leader of this epoch");
        return;
    }
    group->accepted = *offered;
    model_save_group(core, group);
    action_outcome(core, admin, ADMIN_OK, 0);
}
