/* What a peer believes, and keeps on its disk: its view.
 *
 * Before repairing a server that contradicts our view, the view itself is
 * put to the peers (SENTINEL MASTER): only what a majority confirms after the
 * contradiction was seen is acted on. */
#include "core/elect/elect.h"

/* A leader of another make shows the epoch of its failover beside the old
 * master's address, until it has moved the replicas: that is no configuration.
 */
static struct configuration told_by(const struct core_event *event)
{
    struct configuration told = {.epoch = event->view.config_epoch,
                                 .master = event->view.master};
    struct configuration nothing = {.epoch = 0};
    return event->view.is_ours || !event->view.failover_in_progress ? told
                                                                    : nothing;
}

struct group *view_on_reply(struct core *core, struct link *link,
                            const struct core_event *event, msec now)
{
    struct voter *voter = model_voter_behind(core, link, event->group);
    if (voter == NULL) {
        voter = newcomers_find(link, model_group(core, event->group));
    }
    if (voter == NULL || !voter->view_pending) {
        core->model.ignored_facts++;
        return NULL;
    }
    voter->view_pending = false;
    core_touch(core, voter->group);
    if (event->type != EV_VIEW ||
        (voter->newcomer && !newcomers_join(core, voter, now))) {
        return NULL;
    }
    voter->peer->kind = event->view.is_ours ? PEER_OURS : PEER_OTHER;
    voter->view_at = voter->view_asked_at;
    voter->voter_view_in = voter->voter_view_at == voter->view_asked_at;
    voter->view_told = told_by(event);
    voter->view_accepted =
        event->view.is_ours ? event->view.accepted : voter->view_told;
    voter->view_epoch = event->view.config_epoch;
    voter->view_failover = event->view.failover_in_progress;
    voter->view_gone =
        event->view.process_gone &&
        instance_is_at(&voter->group->master->instance, &event->view.master);
    copy_text(voter->view_only_process, RUN_ID_SIZE, event->view.only_process);
    if ((ask_is_standing(voter->group) ||
         model_is_master_in_doubt(voter->group)) &&
        voter->group->failover.switchover.mode != FAILOVER_MODE_FORCE) {
        lineage_merge(core, voter->group, event->view.lineage_epoch,
                      event->view.lineage);
    }
    return voter->group;
}

uint32_t view_count_doubts(const struct group *group, msec since)
{
    uint32_t count = 0;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        count += voter->view_at != NEVER && voter->view_at >= since &&
                         voter->view_gone
                     ? 1
                     : 0;
    }
    return count;
}

/* It may know something newer. One that names a server which we do not know,
 * or which tells us that it is a replica, lies or is behind: a majority that
 * knows nothing of it has kept nothing of it. */
static bool may_be_newer(const struct group *group,
                         const struct configuration *told)
{
    const struct node *node = model_find_node(group, &told->master);
    return told->epoch > group->config_epoch && node != NULL &&
           (!link_usable(&node->instance.command) || node->report.at == NEVER ||
            node->report.role == ROLE_MASTER);
}

bool view_is_current(const struct group *group, msec since)
{
    uint32_t agreeing = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->view_at == NEVER || voter->view_at < since) {
            continue;
        }
        if (may_be_newer(group, &voter->view_told) ||
            may_be_newer(group, &voter->view_accepted) ||
            voter->view_failover) {
            return false;
        }
        agreeing += voter->view_epoch <= group->config_epoch &&
                            voter->view_accepted.epoch <= group->config_epoch
                        ? 1
                        : 0;
    }
    return agreeing >= model_voters(group) / 2 + 1;
}

void view_ask(struct core *core, struct voter *voter, msec now)
{
    voter->view_pending = true;
    voter->view_due = false;
    voter->view_asked_at = now;
    action_view(core, voter, false);
}

void view_ask_voter(struct core *core, struct voter *voter, msec now)
{
    voter->view_pending = true;
    voter->view_asked_at = now;
    voter->voter_view_at = now;
    voter->voter_view_in = false;
    action_view(core, voter, true);
}

/* While a master's process has only just gone, each millisecond counts; when
 * it may be thousands of them, so does each question. */
static msec view_retry_ms(const struct core *core, const struct group *group,
                          msec now)
{
    bool urgent = model_is_master_in_doubt(group) &&
                  now - group->restart.since < VANISHED_URGENT_MS;
    msec retry_ms =
        VIEW_RETRY_URGENT_MS + core->model.group_count / VIEW_URGENT_GROUPS;
    return urgent && retry_ms < VIEW_RETRY_MS ? retry_ms : VIEW_RETRY_MS;
}

void view_ask_all(struct core *core, struct group *group, msec now)
{
    msec retry_ms = view_retry_ms(core, group, now);
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        struct link *link = &voter->peer->instance.command;
        if (voter->view_pending || !link_usable(link)) {
            continue;
        }
        if (voter->view_asked_at != NEVER &&
            now - voter->view_asked_at < retry_ms) {
            schedule_sooner(core, &group->timer,
                            voter->view_asked_at + retry_ms);
            continue;
        }
        view_ask(core, voter, now);
    }
}

/* Of which make is who has just come? What does it say of the master? */
static msec next_view(const struct voter *voter, msec now)
{
    msec pause_ms = voter->view_due ? VIEW_RETRY_URGENT_MS : KIND_RETRY_MS;
    if (voter->peer->kind != PEER_UNKNOWN && !voter->view_due) {
        return NEVER;
    }
    return voter->view_asked_at == NEVER ? now
                                         : voter->view_asked_at + pause_ms;
}

void view_settle(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->view_pending ||
            !link_usable(&voter->peer->instance.command)) {
            continue;
        }
        msec at = next_view(voter, now);
        if (at <= now) {
            view_ask(core, voter, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
}
