/* The door: facts in, actions out, and the order of a settle.
 *
 * core_record notes one fact and marks its group as touched; votes, adopted
 * configurations and an operator's changes are noted in the same way. Then
 * core_settle takes the links and groups that are due, and visits each
 * touched group in one fixed order: is it down, whom to ask, how far is the
 * failover, what must be repaired, whom to tell. */
#include "core/door/door.h"

#include <assert.h>
#include <stdio.h>

struct core *core_new(const struct core_conf *conf, const char *run_id,
                      const struct record *saved, size_t saved_count,
                      uint64_t seed, msec now)
{
    struct core *core = xcalloc(1, sizeof(*core));
    core->random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    core->promised_at = NEVER;
    core->tilt_check_at = NEVER;
    core->unsaved_since = NEVER;
    TAILQ_INIT(&core->touched);
    TAILQ_INIT(&core->unpublished);
    TAILQ_INIT(&core->dead_groups);
    TAILQ_INIT(&core->dead_nodes);
    TAILQ_INIT(&core->dead_peers);
    struct model *model = &core->model;
    TAILQ_INIT(&model->groups);
    TAILQ_INIT(&model->peers);
    TAILQ_INIT(&model->newcomers);
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
    groups_free(core);
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

bool core_action_stands(const struct core *core,
                        const struct core_action *action)
{
    const struct group *group;
    if (action->decision == 0) {
        return true;
    }
    group = model_find_group_by_id(&core->model, action->group);
    return group != NULL && group->decision == action->decision;
}

bool core_action_waits(enum core_action_type type)
{
    switch (type) {
    case ACT_CONNECT:
    case ACT_DISCONNECT:
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_IDENTIFY:
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

void core_record(struct core *core, msec now, const struct core_event *event)
{
    facts_record(core, event, now);
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
    event_group(core, LEVEL_WARNING, "+monitor", group, quorum);
}

static void judge_master(struct core *core, struct group *group, msec now)
{
    struct down_news news = down_check_objective(core, group, now);
    if (news.witnesses_silent) {
        ask_again(group); /* those of the others fall silent as well */
    }
    if (news.is_down) {
        election_hold_off(core, group, now + election_turn(core, group));
    }
}

/* Each step asks anew for the moment it wants to be woken at. */
static void settle_group(struct core *core, struct group *group, msec now)
{
    assert(!group->dead);
    schedule_cancel(core, &group->timer);
    if (group->leaving.until != 0) {
        leaving_settle(core, group, now);
        return;
    }
    announce(core, group);
    alias_settle(core, group);
    if (!core->model.tilt.active) {
        down_check_subjective(core, group, now);
        judge_master(core, group, now);
    }
    master_restart_settle(core, group, now);
    foreign_settle(core, group, now);
    ask_settle(core, group, now);
    ruling_settle(core, group, now);
    last_resort_settle(core, group, now);
    failover_settle(core, group, now);
    repair_settle(core, group, now);
    fencing_settle(core, group, now);
    preflight_settle(core, group, now);
    view_settle(core, group, now);
    newcomers_settle(core, group, now);
    hello_settle(core, group, now);
    last_offset_settle(core, group, now);
}

static void due_link(struct core *core, struct link *link, msec now)
{
    if (link_due(core, link, now)) {
        facts_lost(link);
    } else if (link->kind == LINK_NODE_COMMAND && link_usable(link)) {
        info_due(core, link->node, now);
    }
}

static void take_due(struct core *core, msec now)
{
    struct timer *timer;
    while ((timer = schedule_next_due(core, now)) != NULL) {
        switch (timer->owner_kind) {
        case TIMER_LINK:
            due_link(core, timer->owner, now);
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
    action_clear(core);
}

void core_settle(struct core *core, msec now, struct core_output *output)
{
    tilt_check(core, now);
    do {
        take_due(core, now);
        settle_touched(core, now);
    } while (schedule_deadline(core) <= now);
    model_emit_records(core);
    groups_bury(core);
    hand_out(core, now, output);
    core->started = true;
    core->promised_at = core_deadline(core);
}

msec core_deadline(const struct core *core)
{
    msec deadline = schedule_deadline(core);
    return core->tilt_check_at < deadline ? core->tilt_check_at : deadline;
}
