/* Believing what others say of the master: adopting their configuration.
 *
 * A hello that names a better one is a hint, for anybody can write it: its
 * teller and all the others are then asked for their views. A view that names
 * a better configuration is adopted when
 *  - a majority vouches for it, ourselves included: we do when a leader whom we
 *    voted for had us keep it, or tells it of the epoch of our vote; or
 *  - the server says itself that it is master, and has our newest history or
 *    one that grew out of it; or
 *  - the server that we took for the master follows it.
 * An epoch far ahead of ours takes the majority in any case. So one liar moves
 * nobody, and no server is met because one supervisor names it. */
#include "core/elect/elect.h"

/* Two addresses in one epoch: our own supervisors never produce that, but
 * a forced failover of others may. Everybody takes the larger address: the
 * larger ip, where both are known, for some may say names and some ips. */
static bool wins_tie(const struct group *group, const struct address *theirs)
{
    const struct instance *ours = &group->master->instance;
    struct address mine = alias_best_known(group, &ours->address);
    struct address other = alias_best_known(group, theirs);
    if (alias_may_be_master(group, theirs)) {
        return false;
    }
    if (host_is_ip(mine.host) != host_is_ip(other.host)) {
        mine = ours->address;
        other = *theirs;
    }
    int order = strcmp(other.host, mine.host);
    return order > 0 || (order == 0 && other.port > mine.port);
}

/* Whom we take for the master says that it follows this one. */
static bool is_followed(const struct group *group, const struct address *theirs)
{
    return group->master->report.role == ROLE_REPLICA &&
           address_equal(&group->master->report.master, theirs);
}

/* At epoch 0 the addresses come from configuration files: one that names a
 * replica gives way to one that names its master. */
bool adoption_is_better(const struct group *group,
                        const struct configuration *theirs)
{
    const struct instance *ours = &group->master->instance;
    if (theirs->master.host[0] == '\0' || theirs->epoch > EPOCH_MAX) {
        return false;
    }
    if (theirs->epoch != group->config_epoch) {
        return theirs->epoch > group->config_epoch;
    }
    if (instance_is_at(ours, &theirs->master)) {
        return false;
    }
    return group->config_epoch == 0 ? is_followed(group, &theirs->master)
                                    : wins_tie(group, &theirs->master);
}

void adoption_ask(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        voter->view_due = true;
        link_hurry(core, &voter->peer->instance.command, now);
    }
    core_touch(core, group);
}

static bool names_same(const struct group *group, const struct configuration *a,
                       const struct configuration *b)
{
    const struct node *node = model_find_node(group, &a->master);
    return a->epoch == b->epoch &&
           (address_equal(&a->master, &b->master) ||
            (node != NULL && node == model_find_node(group, &b->master)));
}

static bool is_fresh(const struct voter *voter, msec now)
{
    return voter->view_at != NEVER && now - voter->view_at <= VIEW_FRESH_MS;
}

static bool do_we_vouch(const struct group *group, const struct voter *teller)
{
    const struct configuration *told = &teller->view_told;
    return names_same(group, &group->accepted, told) ||
           (group->vote.epoch == told->epoch &&
            strcmp(group->vote.leader, teller->peer->run_id) == 0);
}

static bool vouches(const struct group *group, const struct voter *voter,
                    const struct configuration *told, msec now)
{
    return is_fresh(voter, now) &&
           (names_same(group, &voter->view_told, told) ||
            names_same(group, &voter->view_accepted, told));
}

/* Who has seen no master yet knows nothing to set against the others. */
static bool is_vouched_for(const struct group *group,
                           const struct voter *teller, msec now)
{
    uint32_t voters = model_voters(group);
    uint32_t vouching = do_we_vouch(group, teller) ? 1 : 0;
    const struct voter *voter;
    if (!lineage_is_known(group) && vouching == 0) {
        voters--;
    }
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        vouching += vouches(group, voter, &teller->view_told, now) ? 1 : 0;
    }
    return vouching >= voters / 2 + 1;
}

/* It is master, and has what ours had. */
static bool is_heir(const struct group *group, const struct node *node)
{
    const struct report *report = &node->report;
    const char *newest = group->lineage[0].replid;
    return link_usable(&node->instance.command) && report->at != NEVER &&
           report->role == ROLE_MASTER && newest[0] != '\0' &&
           (strcmp(report->replid, newest) == 0 ||
            strcmp(report->replid2, newest) == 0);
}

/* It may be about to say what makes it one. */
static void look_again(struct core *core, struct node *node, msec now)
{
    msec at = node->report.at == NEVER ? now : node->report.at + INFO_RECONF_MS;
    info_soon(core, node, at > now ? at : now);
}

static bool may_adopt(struct core *core, struct group *group,
                      const struct voter *teller, msec now)
{
    const struct configuration *told = &teller->view_told;
    struct node *node = model_find_node(group, &told->master);
    if (is_vouched_for(group, teller, now)) {
        return true;
    }
    if (!election_is_plausible(core, told->epoch)) {
        return false;
    }
    if (node != NULL && !is_heir(group, node)) {
        look_again(core, node, now);
    }
    return is_followed(group, &told->master) ||
           (node != NULL && is_heir(group, node));
}

struct node *adoption_choose(struct core *core, struct group *group,
                             const struct voter **teller, msec now)
{
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (is_fresh(voter, now) &&
            adoption_is_better(group, &voter->view_told) &&
            may_adopt(core, group, voter, now)) {
            *teller = voter;
            return alias_obtain_node(core, group, &voter->view_told.master,
                                     now);
        }
    }
    return NULL;
}
