/* What the votes show: a leader before us may have died between its first word
 * to the others and its last. Whoever is elected rules on that before it does
 * anything else.
 *
 * Each voter tells, behind its vote, the newest configuration that it keeps,
 * and keeps nothing older from then on. Say the newest is X, in an epoch that
 * we were never told. Those who keep it, and those who did not say, could be a
 * majority: then it may be committed, and somebody may have been told. If X
 * answers, is master and has our data, it is committed once more, in our
 * epoch, and nobody else is promoted. If it is gone, it is a master that died.
 * If they could be no majority, nobody was told and nobody can be: then X is a
 * stray, and the master that we know - if it serves - is committed in our
 * epoch before anything is given back to it, so that X can never rise later.
 *
 * Who keeps a configuration that nobody tells, and hears of no leader any
 * more, stands for that alone; but while the master is down, a failover is what
 * everybody waits for, and rules on it as well. */
#include "core/failover/failover.h"

/* The newest configuration that our votes show. */
struct shown {
    struct configuration newest;
    uint32_t keeping;
    uint32_t silent; /* did not say what they keep */
    bool told;       /* somebody tells it */
};

bool ruling_is_pending(const struct group *group)
{
    return group->accepted.epoch > group->config_epoch;
}

static uint32_t majority(const struct group *group)
{
    return model_voters(group) / 2 + 1;
}

static void note(struct shown *shown, const struct configuration *seen,
                 uint64_t below)
{
    if (seen->epoch < below && seen->epoch > shown->newest.epoch) {
        shown->newest = *seen;
    }
}

static void note_newest(const struct group *group, struct shown *shown,
                        uint64_t below)
{
    const struct voter *voter;
    note(shown, &group->accepted, below);
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (tally_has_view(voter)) {
            note(shown, &voter->view_accepted, below);
            note(shown, &voter->view_told, below);
        }
    }
}

/* The newest below this epoch. Who keeps a newer one may have kept it before.
 * Those of another make keep nothing; they tell what they were told. */
static struct shown look(const struct group *group, uint64_t below)
{
    struct shown shown = {.keeping = 0};
    note_newest(group, &shown, below);
    uint64_t epoch = shown.newest.epoch;
    shown.keeping += group->accepted.epoch >= epoch ? 1 : 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!tally_has_view(voter)) {
            shown.silent += voter->peer->kind == PEER_OTHER ? 0 : 1;
            continue;
        }
        shown.told |= voter->view_told.epoch == epoch;
        shown.keeping += voter->peer->kind == PEER_OURS &&
                                 voter->view_accepted.epoch >= epoch
                             ? 1
                             : 0;
    }
    return shown;
}

static bool may_be_committed(const struct group *group,
                             const struct shown *shown)
{
    return shown->told || shown->keeping + shown->silent >= majority(group);
}

/* Waits for an answer that would settle it, but not for long. */
static bool may_wait(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    if (failover->ruling_until == 0) {
        failover->ruling_until = now + SELECT_MS;
    }
    if (now >= failover->ruling_until) {
        return false;
    }
    schedule_sooner(core, &group->timer, failover->ruling_until);
    return true;
}

/* ... and as long for a server that has just come back. */
static bool may_wait_for(struct core *core, const struct node *node, msec now)
{
    const struct link *link = &node->instance.command;
    msec until = link->state_since + SELECT_MS;
    if (!link_usable(link) || now >= until) {
        return may_wait(core, node->group, now);
    }
    schedule_sooner(core, &node->group->timer, until);
    return true;
}

/* It hangs on somebody who is there and has not said yet what it keeps. */
static bool is_open(const struct group *group, const struct shown *shown)
{
    if (shown->told || shown->keeping >= majority(group)) {
        return false;
    }
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (!tally_has_view(voter) && voter->peer->kind != PEER_OTHER &&
            link_usable(&voter->peer->instance.command)) {
            return true;
        }
    }
    return false;
}

enum presence { PRESENCE_OPEN, PRESENCE_GONE, PRESENCE_MASTER };

/* Is the server there, is it master, has it our data? */
static enum presence look_at(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    const struct failover *failover = &group->failover;
    bool fresh = node->report.at != NEVER &&
                 node->report.at >= failover->started_at &&
                 link_usable(&node->instance.command);
    if (node->subjective_down && node != group->master) {
        return PRESENCE_GONE;
    }
    if (fresh) {
        bool serves = node->report.role == ROLE_MASTER &&
                      lineage_is_kin(group, &node->report);
        return serves ? PRESENCE_MASTER : PRESENCE_GONE;
    }
    if (!may_wait_for(core, node, now)) {
        return PRESENCE_GONE;
    }
    info_soon(core, node, now);
    return PRESENCE_OPEN;
}

static bool is_master_well(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.role == ROLE_MASTER &&
           !master_restart_is_guarded(group);
}

/* Too few of those who voted for us could keep what we promote. */
static bool too_few_keep(struct core *core, struct group *group, msec now)
{
    uint32_t keeping = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        keeping +=
            tally_has_view(voter) && voter->peer->kind == PEER_OURS ? 1 : 0;
    }
    if (!commit_is_possible(group) || keeping >= majority(group)) {
        return false;
    }
    char why[GATE_TEXT_SIZE];
    commit_explain(group, why);
    gates_say(core, group, GATE_NOT_KEPT, why, now);
    return true;
}

static void say(struct core *core, const struct group *group,
                const struct shown *shown, const struct node *whom, bool maybe)
{
    const struct address *newest = &shown->newest.master;
    const struct address *chosen = &whom->instance.address;
    event_log(core, LEVEL_WARNING,
              "%s: %s:%u was made master in epoch %llu by a leader that is "
              "gone, and %s; %s:%u is master from epoch %llu on",
              group->name, newest->host, newest->port,
              (unsigned long long)shown->newest.epoch,
              maybe ? "somebody may have been told" : "nobody was told",
              chosen->host, chosen->port,
              (unsigned long long)group->failover.epoch);
}

/* It is made a replica on sight. */
static void set_aside(struct core *core, struct group *group,
                      const struct shown *shown, const struct node *whom,
                      msec now)
{
    struct node *node =
        alias_obtain_node(core, group, &shown->newest.master, now);
    if (node != NULL && node != whom && node != group->master) {
        node->former_master = true;
        model_save_node(core, node, false);
    }
}

/* The newest that may be committed; its epoch is that of our group, or an
 * older one, when there is none. */
static struct shown find_base(struct group *group)
{
    struct shown shown = look(group, UINT64_MAX);
    group->ruled_out = 0;
    while (shown.newest.epoch > group->config_epoch &&
           !may_be_committed(group, &shown)) {
        if (shown.newest.epoch == group->accepted.epoch) {
            group->ruled_out = shown.newest.epoch;
        }
        shown = look(group, shown.newest.epoch);
    }
    return shown;
}

static enum ruling rule_on_master(struct core *core, struct group *group,
                                  const struct shown *left,
                                  const struct node *gone, struct node **whom,
                                  msec now)
{
    if (!is_master_well(group)) {
        return RULING_FREE;
    }
    *whom = group->master;
    set_aside(core, group, left, group->master, now);
    say(core, group, left, *whom, gone != NULL);
    return RULING_COMMIT;
}

static enum ruling rule(struct core *core, struct group *group,
                        struct node **whom, msec now)
{
    struct shown newest = look(group, UINT64_MAX);
    if (newest.newest.epoch <= group->config_epoch) {
        return RULING_FREE;
    }
    struct shown base = find_base(group);
    if (base.newest.epoch <= group->config_epoch) {
        return rule_on_master(core, group, &newest, NULL, whom, now);
    }
    struct node *node =
        alias_obtain_node(core, group, &base.newest.master, now);
    enum presence presence =
        node != NULL ? look_at(core, node, now) : PRESENCE_GONE;
    if (is_open(group, &base) && may_wait(core, group, now)) {
        return RULING_WAIT; /* the server is read meanwhile */
    }
    switch (presence) {
    case PRESENCE_OPEN:
        return RULING_WAIT;
    case PRESENCE_GONE:
        return rule_on_master(core, group, &base, node, whom, now);
    case PRESENCE_MASTER:
        break;
    }
    *whom = node;
    set_aside(core, group, &newest, node, now);
    say(core, group, &base, node, true);
    return RULING_COMMIT;
}

enum ruling ruling_make(struct core *core, struct group *group,
                        struct node **whom, msec now)
{
    enum ruling ruling = rule(core, group, whom, now);
    bool promotes = ruling == RULING_FREE &&
                    group->failover.state == FAILOVER_WAIT_START &&
                    group->failover.purpose != PURPOSE_KEEP &&
                    !group->failover.switchover.dry_run;
    return promotes && too_few_keep(core, group, now) ? RULING_WAIT : ruling;
}

/* Its leader may still be at work as long as its votes bind; it may go on
 * itself, the others in turn. */
static msec next_chance(const struct core *core, const struct group *group)
{
    msec at = group->failover.retry_at;
    msec free_at = election_free_at(core, group);
    at = free_at > at ? free_at : at;
    bool led = election_is_self(core, group->vote.leader);
    return at + (led ? 0 : election_turn(core, group));
}

/* Something can come of it: what we keep can be told, or the old master is
 * well. */
static bool is_of_use(struct core *core, struct group *group, msec now)
{
    if (is_master_well(group)) {
        return true;
    }
    const struct node *newest = model_find_node(group, &group->accepted.master);
    if (group->ruled_out == group->accepted.epoch) {
        return false;
    }
    if (newest == NULL) {
        newest = alias_obtain_node(core, group, &group->accepted.master, now);
    }
    return newest != NULL && link_usable(&newest->instance.command) &&
           newest->report.role == ROLE_MASTER;
}

bool ruling_may_begin(struct core *core, struct group *group, msec now)
{
    if (!ruling_is_pending(group) || group->master->subjective_down ||
        master_restart_is_guarded(group) || group->unpublished_version != 0 ||
        model_usable(group) < majority(group) || !is_of_use(core, group, now)) {
        return false;
    }
    msec at = next_chance(core, group);
    if (group->ruling_at < at) {
        group->ruling_at = at;
    }
    if (now < group->ruling_at) {
        schedule_sooner(core, &group->timer, group->ruling_at);
        return false;
    }
    return gates_are_able(core, group, now);
}

/* Restarted with what is neither committed nor let go, as far as our disk
 * knows: who asks for the address is not told the old one before a majority
 * has said that it keeps nothing newer. */
void ruling_settle(struct core *core, struct group *group, msec now)
{
    if (!group->address_unknown) {
        return;
    }
    uint32_t keeping = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        bool told = voter->view_at != NEVER;
        keeping += told ? voter->view_accepted.epoch >= group->accepted.epoch
                        : voter->peer->kind != PEER_OTHER;
    }
    group->address_unknown =
        ruling_is_pending(group) && keeping >= majority(group);
    if (group->address_unknown) {
        view_ask_all(core, group, now);
        schedule_sooner(core, &group->timer, now + VIEW_FRESH_MS);
    }
}
