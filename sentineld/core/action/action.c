/* Builds actions. One function for each kind of action, so that what an action
 * carries is said in one place; nothing is decided here.
 *
 * Actions and records gather on the side that is being built; core_settle
 * hands that side out and turns to the other. */
#include "core/action/action.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static struct output_side *building(struct core *core)
{
    return &core->side[core->building];
}

void action_clear(struct core *core)
{
    building(core)->actions.count = 0;
    building(core)->records.count = 0;
}

/* Grows the list by one; everything unsaid is 0 and never expires. */
enum {
    SMALL_BYTES = offsetof(struct core_action, hello) + sizeof(struct hello)
};
_Static_assert(
    sizeof((struct core_action){0}.connect) <= sizeof(struct hello) &&
        sizeof((struct core_action){0}.rehearsal) <= sizeof(struct hello) &&
        sizeof((struct core_action){0}.ask) <= sizeof(struct hello) &&
        sizeof((struct core_action){0}.answer) <= sizeof(struct hello),
    "a hello is the largest of the small actions");

struct core_action *action_add(struct core *core, enum core_action_type type)
{
    struct action_list *list = &building(core)->actions;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items =
            xrealloc(list->items, list->capacity * sizeof(*list->items));
    }
    struct core_action *action = &list->items[list->count++];
    /* Pings are many, and what only large ones have is not theirs. */
    bool is_large = type == ACT_SCRIPT || type == ACT_EVENT || type == ACT_LOG;
    memset(action, 0, is_large ? sizeof(*action) : SMALL_BYTES);
    action->type = type;
    action->expires_at = NEVER;
    return action;
}

/* A command on a link: its reply is counted for. */
static struct core_action *add_command(struct core *core,
                                       enum core_action_type type,
                                       struct link *link,
                                       const struct group *group)
{
    struct core_action *action = action_add(core, type);
    action->link = link->id;
    action->group = group != NULL ? group->id : 0;
    link->pending_commands++;
    return action;
}

void action_connect(struct core *core, struct link *link, msec timeout_ms)
{
    struct core_action *action = action_add(core, ACT_CONNECT);
    action->link = link->id;
    action->group = link->node != NULL ? link->node->group->id : 0;
    action->connect.kind = link->kind;
    action->connect.address = link_owner(link)->address;
    action->connect.timeout_ms = timeout_ms;
}

void action_simple(struct core *core, enum core_action_type type,
                   struct link *link, const struct group *group)
{
    (void)add_command(core, type, link, group);
}

/* One that belongs to what is decided now, and dies with it. */
static struct core_action *add_order(struct core *core,
                                     enum core_action_type type,
                                     struct link *link,
                                     const struct group *group, msec expires_at)
{
    struct core_action *action = add_command(core, type, link, group);
    action->expires_at = expires_at;
    action->decision = group->decision;
    return action;
}

void action_cut_off(struct core *core, struct node *node, msec expires_at)
{
    struct link *link = &node->instance.command;
    (void)add_order(core, ACT_CUT_OFF, link, node->group, expires_at);
    link->pending_commands++; /* the INFO behind it */
}

void action_replicaof(struct core *core, struct node *node,
                      const struct address *master, msec expires_at)
{
    struct core_action *action = add_order(
        core, ACT_REPLICAOF, &node->instance.command, node->group, expires_at);
    action->replicaof.bare = node->bare;
    if (master != NULL) {
        action->replicaof.master = *master;
        action->replicaof.keep_clients =
            node->report.role == ROLE_REPLICA && !node->former_master;
        action->replicaof.unpause = node->paused_until != 0;
    }
}

void action_hello(struct core *core, struct link *link,
                  const struct group *group)
{
    struct core_action *action = add_command(core, ACT_HELLO, link, group);
    struct hello *hello = &action->hello;
    const struct model *model = &core->model;
    const char *announced = model->settings.announce_host;
    const char *host = announced[0] != '\0' ? announced : link->local_ip;
    copy_text(hello->sentinel.host, HOST_SIZE, host);
    hello->sentinel.port = model->settings.announce_port != 0
                               ? model->settings.announce_port
                               : model->port;
    copy_text(hello->run_id, RUN_ID_SIZE, model->self);
    hello->current_epoch = model->current_epoch;
    copy_text(hello->group, NAME_SIZE, group->name);
    hello->master = group->published->instance.shown;
    hello->config_epoch = group->published_epoch;
}

void action_ask(struct core *core, struct voter *voter,
                const struct ballot *wanted, enum vote_reason reason)
{
    struct core_action *action = add_command(
        core, ACT_ASK, &voter->peer->instance.command, voter->group);
    action->ask.master = voter->group->published->instance.shown;
    action->ask.reason = reason;
    action->ask.epoch = wanted->epoch;
    copy_text(action->ask.candidate, RUN_ID_SIZE, wanted->leader);
}

void action_pause(struct core *core, struct node *node, msec duration_ms,
                  msec expires_at)
{
    struct core_action *action = add_order(
        core, ACT_PAUSE, &node->instance.command, node->group, expires_at);
    action->pause.duration_ms = duration_ms;
}

void action_fence(struct core *core, struct node *node,
                  const struct min_replicas *min_replicas, msec expires_at)
{
    struct core_action *action = add_order(
        core, ACT_FENCE, &node->instance.command, node->group, expires_at);
    action->fence.min_replicas = *min_replicas;
    action->fence.bare = node->fence.bare;
}

void action_preflight(struct core *core, struct node *node)
{
    struct core_action *action =
        add_command(core, ACT_REHEARSE, &node->instance.command, node->group);
    action->rehearsal.what = node->preflight.next;
    if (node->report.role == ROLE_REPLICA) {
        action->rehearsal.master = node->report.master;
    }
}

void action_view(struct core *core, struct voter *voter, bool of_voter)
{
    struct core_action *action =
        add_command(core, of_voter ? ACT_VOTER_VIEW : ACT_VIEW,
                    &voter->peer->instance.command, voter->group);
    copy_text(action->view.name, NAME_SIZE, voter->group->name);
}

void action_accept(struct core *core, struct voter *voter, msec expires_at)
{
    const struct group *group = voter->group;
    struct core_action *action = add_order(
        core, ACT_ACCEPT, &voter->peer->instance.command, group, expires_at);
    copy_text(action->accept.name, NAME_SIZE, group->name);
    action->accept.offer = group->accepted;
    copy_text(action->accept.leader, RUN_ID_SIZE, core->model.self);
}

void action_opinion(struct core *core, uint64_t client, bool down,
                    const struct ballot *vote)
{
    struct core_action *action = action_add(core, ACT_ANSWER);
    action->answer.client = client;
    action->answer.is_opinion = true;
    action->answer.down = down;
    action->answer.vote = *vote;
}

void action_refusal(struct core *core, const struct admin *admin,
                    enum admin_result result, const char *text)
{
    if (admin->client == 0) {
        return;
    }
    struct core_action *action = action_add(core, ACT_ANSWER);
    action->answer.client = admin->client;
    action->answer.asked = admin->type;
    action->answer.result = result;
    copy_text(action->answer.text, sizeof(action->answer.text), text);
}

void action_outcome(struct core *core, const struct admin *admin,
                    enum admin_result result, uint32_t count)
{
    if (admin->client == 0) {
        return;
    }
    struct core_action *action = action_add(core, ACT_ANSWER);
    action->answer.client = admin->client;
    action->answer.asked = admin->type;
    action->answer.result = result;
    action->answer.count = count;
}

void action_crash(struct core *core)
{
    (void)action_add(core, ACT_CRASH);
}
