/* What the master's process holds that took the place of another one: the
 * judgement. It is compared with what each replica holds, in one place
 * (loss.c); what cannot be known is waited for, and in the end accepted. */
#include "core/failover/failover.h"

#include <stdio.h>

bool master_restart_is_unread(const struct group *group)
{
    const struct instance *master = &group->master->instance;
    bool denied = master->health.pong == PONG_NOAUTH ||
                  master->health.pong == PONG_WRONGPASS ||
                  master->health.pong == PONG_NOPERM;
    return group->settings.on_empty_master != ON_EMPTY_ALLOW &&
           link_usable(&master->command) && !denied &&
           !link_is_read(group->master);
}

/* Once it has said what it holds it may be away for a while, or hang: that is
 * safe with it, and given up only when it was away for long or its process has
 * ended. */
static bool may_hold(const struct node *node, msec now)
{
    const struct group *group = node->group;
    const struct link *link = &node->instance.command;
    bool lost =
        node->subjective_down && now - node->subjective_down_since >=
                                     group->settings.failover_timeout_ms;
    if (lost || node->report.at == NEVER ||
        link->refused_in_a_row >= REFUSALS_NEEDED) {
        return false;
    }
    return link_is_read(node) || group->restart.state == RESTART_BEHIND ||
           node->report.at >= group->restart.since;
}

/* An operator wants this process, whatever it holds. */
static bool is_accepted(const struct group *group, msec now)
{
    const char *run_id = group->master->report.run_id;
    return run_id[0] != '\0' && now >= group->unseen_until &&
           strcmp(group->accepted_run_id, run_id) == 0;
}

/* Who did not see the process end knows only replicas that somebody kept back,
 * and only where the master began with nothing: any other history may be a
 * promotion that we missed. */
static bool is_comparable(const struct node *node)
{
    const struct group *group = node->group;
    return group->restart.witnessed ||
           (model_is_detached(node) &&
            group->master->report.replid2[0] == '\0');
}

/* What would this replica lose if it followed the master? */
static enum loss loss_of(const struct node *node, msec now)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    uint64_t held = 0;
    if (model_is_same_server(node, group->master) || !may_hold(node, now) ||
        foreign_is_left_alone(node) || is_accepted(group, now) ||
        report->role == ROLE_UNKNOWN || report->loading ||
        !lineage_accepts(group, report, &held) || held == 0 ||
        !is_comparable(node)) {
        return LOSS_NOTHING;
    }
    return lineage_loss(node, group->master);
}

static const struct node *find_losing(const struct group *group, enum loss loss,
                                      msec now)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (loss_of(node, now) == loss) {
            return node;
        }
    }
    return NULL;
}

void master_restart_on_kept_back(struct core *core, struct node *node, msec now)
{
    struct master_restart *restart = &node->group->restart;
    if (!link_is_read(node)) {
        return; /* old news: the judgement would not take it, and never end */
    }
    if (node->group->settings.on_empty_master != ON_EMPTY_ALLOW &&
        restart->state == RESTART_NONE && loss_of(node, now) == LOSS_BYTES) {
        master_restart_doubt(core, node->group, now);
    }
}

static bool has_told(const struct node *node)
{
    bool open = node->cut_off == CUT_WAITING || node->cut_off == CUT_SENT ||
                node->cut_off == CUT_DONE || node->cut_off == CUT_READING;
    return link_is_read(node) && !open &&
           node->report.at >= node->group->restart.since;
}

/* Some replica may still tell us that it holds more. */
static bool is_replica_missing(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && !node->subjective_down &&
            !has_told(node) && !foreign_is_left_alone(node)) {
            return true;
        }
    }
    return false;
}

/* We saw the process end, and each replica, also one that is down, has been
 * compared since: nobody can refute the judgement later. */
static bool is_final(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && !has_told(node) &&
            !foreign_is_left_alone(node)) {
            return false;
        }
    }
    return group->restart.witnessed;
}

static void say_empty(struct core *core, const struct group *group,
                      const struct node *ahead)
{
    char text[HOST_SIZE + 80];
    bool behind =
        lineage_is_linked(group, &group->master->report, &ahead->report);
    const struct address *address = &ahead->instance.shown;
    (void)snprintf(text, sizeof(text), "%s, %s:%u has %llu",
                   behind ? "#behind" : "#another history", address->host,
                   address->port, (unsigned long long)ahead->report.offset);
    event_group(core, LEVEL_WARNING, "+empty-master", group, text);
}

static bool is_master_read(struct core *core, struct group *group, msec now)
{
    struct node *master = group->master;
    bool stopped = model_is_detached(master); /* by us, as it is empty */
    if (!link_is_read(master) ||
        (master->report.role != ROLE_MASTER && !stopped)) {
        return false;
    }
    if (master->report.loading) {
        group->restart.back_at = now; /* it serves nobody yet: no hurry */
        info_soon(core, master, now + INFO_RECONF_MS);
    }
    return !master->report.loading;
}

/* Until when we wait for replicas that are away: what is kept from them is
 * service, unless we know already that one of them is needed. */
static msec patience_end(const struct master_restart *restart)
{
    bool hurry = restart->state == RESTART_BACK && restart->witnessed;
    return hurry ? restart->back_at + SELECT_MS : NEVER;
}

/* This process is the master, with what it holds. */
void master_restart_accept(struct core *core, struct group *group)
{
    master_restart_forget(core, group);
    lineage_learn(core, group, &group->master->report, true);
}

/* Every replica that has more goes on from what the master has. */
static bool is_behind_only(const struct group *group, msec now)
{
    const struct report *master = &group->master->report;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (loss_of(node, now) != LOSS_NOTHING &&
            !lineage_is_linked(group, &node->report, master)) {
            return false;
        }
    }
    return master->keys_begun > 0;
}

bool master_restart_is_lost_anyway(const struct group *group, msec now)
{
    return master_restart_lacks_data(group) && !select_any_with_more(group) &&
           is_behind_only(group, now);
}

void master_restart_take(struct core *core, struct group *group)
{
    event_log(core, LEVEL_WARNING,
              "%s: the master was restarted with less than a replica has, and "
              "no replica that has more can be promoted: it stays master",
              group->name);
    group->failover.takes_master = true; /* with all of us: see commit.c */
}

/* It is there, and does not say what it holds: perhaps it is not asked in the
 * right way any more. That is no reason to keep replicas back for ever. */
void master_restart_settle_mute(struct core *core, struct group *group,
                                msec now)
{
    const struct instance *master = &group->master->instance;
    const struct link *link = &master->command;
    if (!link_usable(link) || master->health.pong == PONG_LOADING ||
        group->master->report.loading ||
        group->restart.state == RESTART_BEHIND) {
        return;
    }
    msec since = link->state_since > master->health.pong_since
                     ? link->state_since
                     : master->health.pong_since;
    msec end = since + group->settings.failover_timeout_ms;
    if (now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    event_log(core, LEVEL_WARNING,
              "%s: the master was restarted and does not answer INFO: its "
              "replicas follow it again, whatever it holds",
              group->name);
    master_restart_forget(core, group);
}

void master_restart_judge(struct core *core, struct group *group, msec now)
{
    struct master_restart *restart = &group->restart;
    if (!is_master_read(core, group, now)) {
        master_restart_settle_mute(core, group, now);
        return;
    }
    const struct node *ahead = find_losing(group, LOSS_BYTES, now);
    if (ahead != NULL) {
        if (restart->state != RESTART_BEHIND) {
            say_empty(core, group, ahead);
            restart->state = RESTART_BEHIND;
            restart->lacking = true;
        }
        return;
    }
    msec end = patience_end(restart);
    if (is_replica_missing(group) && now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    msec settled_at = restart->back_at + last_resort_patience(group);
    if (find_losing(group, LOSS_UNKNOWN, now) != NULL && now < settled_at) {
        schedule_sooner(core, &group->timer, settled_at);
        return;
    }
    group->unseen_until = is_final(group) ? 0 : settled_at;
    master_restart_accept(core, group);
}

enum admin_result master_restart_adopt(struct core *core, struct group *group,
                                       const char **why_not)
{
    enum failover_state state = group->failover.state;
    if (group->restart.state != RESTART_BEHIND) {
        *why_not = "that server is the master, and nothing is kept from it";
        return ADMIN_REFUSED;
    }
    if (state != FAILOVER_NONE && state != FAILOVER_KEEP) {
        *why_not = "that server is being replaced";
        return ADMIN_REFUSED;
    }
    group->unseen_until = 0;
    master_restart_accept(core, group);
    return ADMIN_OK;
}

/* It is down again, not judged yet, and nobody is known to have had more. What
 * was copied from it since it came back are our data, too; the choice weighs
 * those copies against the older ones. */
void master_restart_learn_unjudged(struct core *core, struct group *group)
{
    const struct master_restart *restart = &group->restart;
    const struct node *master = group->master;
    const struct report *report = &master->report;
    if (master->subjective_down && restart->state != RESTART_NONE &&
        !restart->lacking && restart->witnessed && report->at != NEVER &&
        report->at >= restart->since && report->role == ROLE_MASTER &&
        !report->loading && report->keys_begun > 0) {
        lineage_learn(core, group, report, true);
    }
}
