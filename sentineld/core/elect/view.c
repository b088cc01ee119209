/* What a peer believes, and keeps on its disk: its view.
 *
 * Before repairing a server that contradicts our view, the view itself is
 * put to the peers (SENTINEL MASTER): only what a majority confirms after the
 * contradiction was seen is acted on. */
#include "core/elect/elect.h"

struct group *view_on_reply(struct core *core, struct link *link,
                            const struct core_event *event)
{
    struct member *member = model_member_behind(core, link, event->group);
    if (member == NULL || !member->view_pending) {
        core->model.ignored_facts++;
        return NULL;
    }
    member->view_pending = false;
    core_touch(core, member->group);
    if (event->type != EV_VIEW) {
        return NULL;
    }
    member->peer->kind = event->view.is_ours ? PEER_OURS : PEER_OTHER;
    member->view_at = member->view_asked_at;
    member->voter_view_in = member->voter_view_at == member->view_asked_at;
    member->view_told.epoch = event->view.config_epoch;
    member->view_told.master = event->view.master;
    member->view_accepted =
        event->view.is_ours ? event->view.accepted : member->view_told;
    member->view_epoch = event->view.config_epoch;
    member->view_failover = event->view.failover_in_progress;
    member->view_gone =
        event->view.process_gone &&
        instance_is_at(&member->group->master->instance, &event->view.master);
    if (ask_is_standing(member->group) ||
        model_is_master_in_doubt(member->group)) {
        lineage_merge(core, member->group, event->view.lineage_epoch,
                      event->view.lineage);
    }
    return member->group;
}

bool view_doubts_master(const struct group *group, msec since)
{
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->view_at != NEVER && member->view_at >= since &&
            member->view_gone) {
            return true;
        }
    }
    return false;
}

bool view_is_current(const struct group *group, msec since)
{
    uint32_t agreeing = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->view_at == NEVER || member->view_at < since) {
            continue;
        }
        if (member->view_epoch > group->config_epoch ||
            member->view_accepted.epoch > group->config_epoch ||
            member->view_failover) {
            return false;
        }
        agreeing++;
    }
    return agreeing >= model_voters(group) / 2 + 1;
}

void view_ask(struct core *core, struct member *member, msec now)
{
    member->view_pending = true;
    member->view_asked_at = now;
    action_view(core, member, false);
}

void view_ask_voter(struct core *core, struct member *member, msec now)
{
    member->view_pending = true;
    member->view_asked_at = now;
    member->voter_view_at = now;
    member->voter_view_in = false;
    action_view(core, member, true);
}

/* While a master's process has only just gone, each millisecond counts; when
 * it may be thousands of them, so does each question. */
static msec view_retry_ms(const struct core *core, const struct group *group,
                          msec now)
{
    bool urgent = model_is_master_in_doubt(group) &&
                  now - group->vanishing.since < VANISHED_URGENT_MS;
    msec retry_ms =
        VIEW_RETRY_URGENT_MS + core->model.group_count / VIEW_URGENT_GROUPS;
    return urgent && retry_ms < VIEW_RETRY_MS ? retry_ms : VIEW_RETRY_MS;
}

void view_ask_all(struct core *core, struct group *group, msec now)
{
    msec retry_ms = view_retry_ms(core, group, now);
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        struct link *link = &member->peer->instance.command;
        if (member->view_pending || !link_usable(link)) {
            continue;
        }
        if (member->view_asked_at != NEVER &&
            now - member->view_asked_at < retry_ms) {
            schedule_sooner(core, &group->timer,
                            member->view_asked_at + retry_ms);
            continue;
        }
        view_ask(core, member, now);
    }
}

/* Of which make is who has just come? */
void view_settle(struct core *core, struct group *group, msec now)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->peer->kind != PEER_UNKNOWN || member->view_pending ||
            !link_usable(&member->peer->instance.command)) {
            continue;
        }
        msec at = member->view_asked_at == NEVER
                      ? now
                      : member->view_asked_at + KIND_RETRY_MS;
        if (at <= now) {
            view_ask(core, member, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
}
