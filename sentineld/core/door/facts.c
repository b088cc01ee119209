/* What a fact means for each room that it concerns. A room is told by its own
 * function, and none tells another. */
#include "core/door/door.h"

/* Whether a server obeyed what was on its way, nobody will tell us. */
void facts_lost(struct link *link)
{
    struct node *node = link->node;
    if (link->kind == LINK_PEER) {
        peer_lost(link->peer);
    }
    if (link->kind != LINK_NODE_COMMAND) {
        return;
    }
    repair_forget_pending(node);
    fencing_forget_pending(node);
    preflight_forget_pending(node);
    reconf_forget_pending(node);
    candidates_forget_pending(node);
}

static void touch_memberships(struct core *core, struct peer *peer,
                              bool hello_due)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        voter->hello_due = voter->hello_due || hello_due;
        core_touch(core, voter->group);
    }
}

static void record_up(struct core *core, struct link *link,
                      const struct core_event *event, msec now)
{
    if (link_on_up(core, link, event->link_up.local_ip, now)) {
        facts_lost(link);
    }
    if (link->peer != NULL) {
        link->peer->kind = PEER_UNKNOWN; /* it may be another version now */
        link->peer->proven = PROVEN_NOT; /* ... or somebody else */
        touch_memberships(core, link->peer, true);
    } else {
        if (link->kind == LINK_NODE_COMMAND) {
            preflight_on_up(link->node, now);
        }
        link->node->hello_due = true;
        if (alias_on_up(core, link)) {
            hello_soon(core, link->node->group, now);
        }
        core_touch(core, link->node->group);
    }
}

static void record_down(struct core *core, struct link *link,
                        const struct core_event *event, msec now)
{
    if (link->kind == LINK_NODE_COMMAND && event->failure == FAILURE_REFUSED) {
        master_restart_on_refusal(core, link->node, now);
    }
    if (link_on_down(core, link, event->failure, now)) {
        facts_lost(link);
    }
    if (link->peer != NULL) {
        touch_memberships(core, link->peer, false);
        return;
    }
    core_touch(core, link->node->group);
}

/* An ordinary PONG of a healthy instance changes nothing that is decided. */
static void record_pong(struct core *core, struct link *link, enum pong pong,
                        msec now)
{
    bool news = link_owner(link)->health.pong != pong;
    bool accepted = down_accepts(link, pong) && !useless_is_master(link, pong);
    if (link_on_pong(core, link, pong, accepted, now)) {
        facts_lost(link);
    }
    if (link->node != NULL) {
        if (news || link->node->subjective_down || link->node->alarm.access) {
            core_touch(core, link->node->group);
        }
        return;
    }
    struct voter *voter;
    TAILQ_FOREACH (voter, &link->peer->voters, peer_entry) {
        if (voter->subjective_down || news) {
            core_touch(core, voter->group);
        }
    }
}

/* What is known now may be enough to believe what others say. */
static void consider_adoption(struct core *core, struct group *group, msec now)
{
    const struct voter *teller = NULL;
    struct node *master = adoption_choose(core, group, &teller, now);
    if (master != NULL) {
        switch_adopt(core, master, teller, now);
    }
}

static void record_info(struct core *core, struct link *link,
                        const struct info *info, msec now)
{
    struct node *node = link->node;
    bool first = node->report.at == NEVER;
    alarm_on_refusal(core, link, DENIED_INFO, ACK_OK);
    bool another = info_on_reply(core, node, info, now);
    master_restart_on_info(core, node, another, first, now);
    failover_on_info(core, node, info, now);
    lineage_on_info(core, node);
    core_touch(core, node->group);
    schedule_sooner(core, &link->timer, node->info_at);
    consider_adoption(core, node->group, now);
}

static void record_hello(struct core *core, struct link *link,
                         const struct hello *hello, msec now)
{
    hello_heard(core, link, hello, now);
}

static void record_view(struct core *core, struct link *link,
                        const struct core_event *event, msec now)
{
    struct group *group = view_on_reply(core, link, event, now);
    if (group != NULL) {
        commit_note_kind(core, group);
        consider_adoption(core, group, now);
    }
}

/* How many commands of ours a fact is the answer to. */
static uint32_t count_answered(const struct core_event *event)
{
    switch (event->type) {
    case EV_PONG:
    case EV_INFO:
    case EV_MIN_REPLICAS:
    case EV_REHEARSED:
    case EV_IDENTITY:
    case EV_VIEW:
    case EV_ASK_REPLY:
        return 1;
    case EV_ACK: /* an unsent cut-off takes its INFO with it */
        return event->ack.what == ACT_CUT_OFF && event->ack.result == ACK_UNSENT
                   ? 2
                   : 1;
    case EV_LINK_UP:
    case EV_LINK_DOWN:
    case EV_HELLO:
    case EV_ASKED:
    case EV_ADMIN:
    case EV_SAVED:
    case EV_SAVE_FAILED:
    case EV_RESOLVED:
        return 0;
    }
    return 0;
}

static void record_on_link(struct core *core, struct link *link,
                           const struct core_event *event, msec now)
{
    uint32_t answered = count_answered(event);
    link->pending_commands -=
        answered < link->pending_commands ? answered : link->pending_commands;
    switch (event->type) {
    case EV_RESOLVED:
        alias_on_resolved(core, link, event->resolved.ip);
        return;
    case EV_LINK_UP:
        record_up(core, link, event, now);
        return;
    case EV_LINK_DOWN:
        record_down(core, link, event, now);
        return;
    case EV_PONG:
        record_pong(core, link, event->pong, now);
        return;
    case EV_INFO:
        if (link->node != NULL) {
            record_info(core, link, event->info, now);
        }
        return;
    case EV_MIN_REPLICAS:
        if (link->node != NULL) {
            fencing_on_min_replicas(core, link->node, &event->min_replicas,
                                    now);
        }
        return;
    case EV_REHEARSED:
        if (link->node != NULL) {
            preflight_on_reply(core, link->node, event->refused, now);
        }
        return;
    case EV_IDENTITY:
        newcomers_on_identity(core, link, event, now);
        return;
    case EV_VIEW:
        record_view(core, link, event, now);
        return;
    case EV_ASK_REPLY:
        ask_on_reply(core, link, event, now);
        return;
    case EV_HELLO:
        record_hello(core, link, event->hello, now);
        return;
    case EV_ACK:
        acks_record(core, link, event, now);
        return;
    case EV_ASKED:
    case EV_ADMIN:
    case EV_SAVED:
    case EV_SAVE_FAILED:
        core->model.ignored_facts++;
        return;
    }
}

static void record_without_link(struct core *core,
                                const struct core_event *event, msec now)
{
    switch (event->type) {
    case EV_HELLO:
        record_hello(core, NULL, event->hello, now);
        return;
    case EV_ASKED:
        election_on_asked(core, event, now);
        return;
    case EV_ADMIN:
        admin_apply(core, event->admin, now);
        return;
    case EV_SAVED:
        core->saved_version = event->saved_version;
        core->unsaved_since = core->saved_version < core->version ? now : NEVER;
        core->model.save_failed = false;
        pending_on_saved(core, now);
        publish_saved(core, now);
        commit_on_saved(core);
        return;
    case EV_SAVE_FAILED:
        core->model.save_failed = true;
        pending_on_save_failed(core);
        return;
    case EV_RESOLVED:
    case EV_LINK_UP:
    case EV_LINK_DOWN:
    case EV_PONG:
    case EV_INFO:
    case EV_MIN_REPLICAS:
    case EV_REHEARSED:
    case EV_IDENTITY:
    case EV_VIEW:
    case EV_ASK_REPLY:
    case EV_ACK:
        core->model.ignored_facts++;
        return;
    }
}

void facts_record(struct core *core, const struct core_event *event, msec now)
{
    if (event->link == 0) {
        record_without_link(core, event, now);
        return;
    }
    struct link *link = model_link(core, event->link);
    if (link == NULL) {
        core->model.ignored_facts++; /* what it was about is gone */
        return;
    }
    record_on_link(core, link, event, now);
}
