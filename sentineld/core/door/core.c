/* The door: facts in, actions out, and the order of a settle.
 *
 * core_record notes one fact and marks its group as touched; votes, adopted
 * configurations and an operator's changes are noted in the same way. Then
 * core_settle takes the links and groups that are due, and visits each
 * touched group in one fixed order: is it down, whom to ask, how far is the
 * failover, what must be repaired, whom to tell. */
#include "core/guard/fencing.h"

#include <assert.h>
#include <stdio.h>

/* xorshift64*: small, seeded, the same everywhere. */
uint32_t core_random(struct core *core, uint32_t below)
{
    uint64_t x = core->random_state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    core->random_state = x;
    uint32_t drawn = (uint32_t)((x * UINT64_C(2685821657736338717)) >> 32);
    return below == 0 ? 0 : drawn % below;
}

void core_touch(struct core *core, struct group *group)
{
    if (!group->touched && !group->dead) {
        group->touched = true;
        TAILQ_INSERT_TAIL(&core->touched, group, touched_entry);
    }
}

struct core *core_new(const struct core_conf *conf, const char *run_id,
                      const struct record *saved, size_t saved_count,
                      uint64_t seed, msec now)
{
    struct core *core = xcalloc(1, sizeof(*core));
    core->random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    core->promised_at = NEVER;
    core->stall_check_at = NEVER;
    core->unsaved_since = NEVER;
    TAILQ_INIT(&core->touched);
    TAILQ_INIT(&core->unpublished);
    TAILQ_INIT(&core->dead_groups);
    TAILQ_INIT(&core->dead_nodes);
    TAILQ_INIT(&core->dead_peers);
    struct model *model = &core->model;
    TAILQ_INIT(&model->groups);
    TAILQ_INIT(&model->peers);
    copy_text(model->self, RUN_ID_SIZE, run_id);
    settings_init(core);
    model->port = conf->port;
    model->twin = (struct twin){.seen_at = NEVER, .said_at = NEVER};
    model->vote_lease_ms = conf->vote_lease_ms;
    restore_model(core, conf, saved, saved_count, now);
    return core;
}

void core_free(struct core *core)
{
    if (core == NULL) {
        return;
    }
    model_free(core);
    schedule_free(core);
    for (int i = 0; i < 2; i++) {
        free(core->side[i].actions.items);
        free(core->side[i].records.items);
    }
    free(core);
}

const struct model *core_model(const struct core *core)
{
    return &core->model;
}

void core_set_unix_time(struct core *core, msec now, uint64_t unix_ms)
{
    core->unix_offset_ms = unix_ms - now;
}

bool core_action_waits(enum core_action_type type)
{
    switch (type) {
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_SCRIPT_KILL:
    case ACT_FENCE_READ:
    case ACT_REHEARSE:
    case ACT_VIEW:
    case ACT_ACCEPT:
    case ACT_EVENT:
    case ACT_LOG:
    case ACT_SCRIPT:
        return false;
    case ACT_HELLO:
    case ACT_ASK:
    case ACT_VOTER_VIEW:
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
    case ACT_PAUSE:
    case ACT_UNPAUSE:
    case ACT_FENCE:
    case ACT_ANSWER:
    case ACT_CRASH:
        return true;
    }
    assert(false);
    return true;
}

/* Facts. */

static void touch_memberships(struct core *core, struct peer *peer,
                              bool hello_due)
{
    struct member *member;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        member->hello_due = member->hello_due || hello_due;
        core_touch(core, member->group);
    }
}

static void record_up(struct core *core, struct link *link,
                      const struct core_event *event, msec now)
{
    link_on_up(core, link, event->link_up.local_ip, now);
    if (link->peer != NULL) {
        link->peer->kind = PEER_UNKNOWN; /* it may be another version now */
        touch_memberships(core, link->peer, true);
    } else {
        if (link->kind == LINK_NODE_COMMAND) {
            rehearsal_on_up(link->node, now);
        }
        link->node->hello_due = true;
        names_on_up(core, link, now);
        core_touch(core, link->node->group);
    }
}

static void record_down(struct core *core, struct link *link,
                        const struct core_event *event, msec now)
{
    if (link->kind == LINK_NODE_COMMAND && event->failure == FAILURE_REFUSED) {
        vanished_on_refusal(core, link->node, now);
    }
    link_on_down(core, link, event->failure, now);
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
    link_on_pong(core, link, pong, now);
    if (link->node != NULL) {
        if (news || link->node->subjective_down || link->node->alarmed) {
            core_touch(core, link->node->group);
        }
        return;
    }
    struct member *member;
    TAILQ_FOREACH (member, &link->peer->members, peer_entry) {
        if (member->subjective_down || news) {
            core_touch(core, member->group);
        }
    }
}

/* How many commands of ours a fact is the answer to. */
static uint32_t count_answered(const struct core_event *event)
{
    switch (event->type) {
    case EV_PONG:
    case EV_INFO:
    case EV_DEMAND:
    case EV_REHEARSED:
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
        names_on_resolved(core, link, event->resolved.ip);
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
            down_on_refusal(core, link, DENIED_INFO, ACK_OK);
            observe_on_info(core, link->node, event->info, now);
        }
        return;
    case EV_DEMAND:
        if (link->node != NULL) {
            fencing_on_demand(core, link->node, &event->demand, now);
        }
        return;
    case EV_REHEARSED:
        if (link->node != NULL) {
            rehearsal_on_reply(core, link->node, event->refused, now);
        }
        return;
    case EV_VIEW:
        gossip_on_view(core, link, event);
        return;
    case EV_ASK_REPLY:
        asking_on_reply(core, link, event, now);
        return;
    case EV_HELLO:
        gossip_on_hello(core, link, event->hello, now);
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
        gossip_on_hello(core, NULL, event->hello, now);
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
    case EV_DEMAND:
    case EV_REHEARSED:
    case EV_VIEW:
    case EV_ASK_REPLY:
    case EV_ACK:
        core->model.ignored_facts++;
        return;
    }
}

void core_record(struct core *core, msec now, const struct core_event *event)
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

/* Settling. */

static void announce(struct core *core, struct group *group)
{
    if (group->announced) {
        return;
    }
    group->announced = true;
    char quorum[32];
    (void)snprintf(quorum, sizeof(quorum), "quorum %u", model_quorum(group));
    out_event_group(core, LEVEL_WARNING, "+monitor", group, quorum);
}

/* Each step asks anew for the moment it wants to be woken at. */
static void settle_group(struct core *core, struct group *group, msec now)
{
    assert(!group->dead);
    schedule_cancel(core, &group->timer);
    announce(core, group);
    names_settle(core, group);
    if (!core->model.stall.active) {
        down_check_subjective(core, group, now);
        down_check_objective(core, group, now);
    }
    vanished_settle(core, group, now);
    quarantine_settle(core, group, now);
    asking_settle(core, group, now);
    ruling_settle(core, group, now);
    last_resort_settle(core, group, now);
    failover_settle(core, group, now);
    repair_settle(core, group, now);
    fencing_settle(core, group, now);
    rehearsal_settle(core, group, now);
    gossip_settle(core, group, now);
    position_settle(core, group, now);
}

static void take_due(struct core *core, msec now)
{
    struct timer *timer;
    while ((timer = schedule_next_due(core, now)) != NULL) {
        switch (timer->owner_kind) {
        case TIMER_LINK:
            link_due(core, timer->owner, now);
            break;
        case TIMER_GROUP:
            core_touch(core, timer->owner);
            break;
        }
    }
}

static void settle_touched(struct core *core, msec now)
{
    struct group *group;
    while ((group = TAILQ_FIRST(&core->touched)) != NULL) {
        TAILQ_REMOVE(&core->touched, group, touched_entry);
        group->touched = false;
        settle_group(core, group, now);
    }
}

static void hand_out(struct core *core, msec now, struct core_output *output)
{
    struct output_side *side = &core->side[core->building];
    if (side->records.count > 0) {
        core->version++;
        core->unsaved_since =
            core->unsaved_since == NEVER ? now : core->unsaved_since;
    }
    output->actions = side->actions.items;
    output->count = side->actions.count;
    output->records = side->records.items;
    output->record_count = side->records.count;
    output->save_version = side->records.count > 0 ? core->version : 0;
    core->building = 1 - core->building;
    out_clear(core);
}

void core_settle(struct core *core, msec now, struct core_output *output)
{
    stall_check(core, now);
    do {
        take_due(core, now);
        settle_touched(core, now);
    } while (schedule_deadline(core) <= now);
    model_emit_records(core);
    model_bury(core);
    hand_out(core, now, output);
    core->started = true;
    core->promised_at = core_deadline(core);
}

msec core_deadline(const struct core *core)
{
    msec deadline = schedule_deadline(core);
    return core->stall_check_at < deadline ? core->stall_check_at : deadline;
}
