/* Builds actions and event texts. One function for each kind of action, so
 * that what an action carries is said in one place; nothing is decided here.
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

void out_clear(struct core *core)
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

static struct core_action *add(struct core *core, enum core_action_type type)
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
    struct core_action *action = add(core, type);
    action->link = link->id;
    action->group = group != NULL ? group->id : 0;
    link->pending_commands++;
    return action;
}

void out_connect(struct core *core, struct link *link, msec timeout_ms)
{
    struct core_action *action = add(core, ACT_CONNECT);
    action->link = link->id;
    action->group = link->node != NULL ? link->node->group->id : 0;
    action->connect.kind = link->kind;
    action->connect.address = link_owner(link)->address;
    action->connect.timeout_ms = timeout_ms;
}

void out_simple(struct core *core, enum core_action_type type,
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

void out_cut_off(struct core *core, struct node *node, msec expires_at)
{
    struct link *link = &node->instance.command;
    (void)add_order(core, ACT_CUT_OFF, link, node->group, expires_at);
    link->pending_commands++; /* the INFO behind it */
}

void out_replicaof(struct core *core, struct node *node,
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

void out_hello(struct core *core, struct link *link, const struct group *group)
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

void out_ask(struct core *core, struct member *member,
             const struct ballot *wanted, enum vote_reason reason)
{
    struct core_action *action = add_command(
        core, ACT_ASK, &member->peer->instance.command, member->group);
    action->ask.master = member->group->published->instance.shown;
    action->ask.reason = reason;
    action->ask.epoch = wanted->epoch;
    copy_text(action->ask.candidate, RUN_ID_SIZE, wanted->leader);
}

void out_pause(struct core *core, struct node *node, msec duration_ms,
               msec expires_at)
{
    struct core_action *action = add_order(
        core, ACT_PAUSE, &node->instance.command, node->group, expires_at);
    action->pause.duration_ms = duration_ms;
}

void out_fence(struct core *core, struct node *node,
               const struct demand *demand, msec expires_at)
{
    struct core_action *action = add_order(
        core, ACT_FENCE, &node->instance.command, node->group, expires_at);
    action->fence.demand = *demand;
    action->fence.bare = node->fence.bare;
}

void out_rehearse(struct core *core, struct node *node)
{
    struct core_action *action =
        add_command(core, ACT_REHEARSE, &node->instance.command, node->group);
    action->rehearsal.what = node->preflight.next;
    if (node->report.role == ROLE_REPLICA) {
        action->rehearsal.master = node->report.master;
    }
}

void out_view(struct core *core, struct member *member, bool of_voter)
{
    struct core_action *action =
        add_command(core, of_voter ? ACT_VOTER_VIEW : ACT_VIEW,
                    &member->peer->instance.command, member->group);
    copy_text(action->view.name, NAME_SIZE, member->group->name);
}

void out_accept(struct core *core, struct member *member, msec expires_at)
{
    const struct group *group = member->group;
    struct core_action *action = add_order(
        core, ACT_ACCEPT, &member->peer->instance.command, group, expires_at);
    copy_text(action->accept.name, NAME_SIZE, group->name);
    action->accept.offer = group->accepted;
    copy_text(action->accept.leader, RUN_ID_SIZE, core->model.self);
}

void out_opinion(struct core *core, uint64_t client, bool down,
                 const struct ballot *vote)
{
    struct core_action *action = add(core, ACT_ANSWER);
    action->answer.client = client;
    action->answer.is_opinion = true;
    action->answer.down = down;
    action->answer.vote = *vote;
}

void out_refusal(struct core *core, const struct admin *admin,
                 enum admin_result result, const char *text)
{
    if (admin->client == 0) {
        return;
    }
    struct core_action *action = add(core, ACT_ANSWER);
    action->answer.client = admin->client;
    action->answer.asked = admin->type;
    action->answer.result = result;
    copy_text(action->answer.text, sizeof(action->answer.text), text);
}

void out_outcome(struct core *core, const struct admin *admin,
                 enum admin_result result, uint32_t count)
{
    if (admin->client == 0) {
        return;
    }
    struct core_action *action = add(core, ACT_ANSWER);
    action->answer.client = admin->client;
    action->answer.asked = admin->type;
    action->answer.result = result;
    action->answer.count = count;
}

void out_crash(struct core *core)
{
    (void)add(core, ACT_CRASH);
}

static struct core_action *add_event(struct core *core, enum log_level level,
                                     const char *channel)
{
    struct core_action *action = add(core, ACT_EVENT);
    action->event.level = level;
    copy_text(action->event.channel, CHANNEL_SIZE, channel);
    return action;
}

void out_event(struct core *core, enum log_level level, const char *channel,
               const char *format, ...)
{
    struct core_action *action = add_event(core, level, channel);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
}

/* The group's own program hears of the event that was just added. */
static void notify(struct core *core, const struct group *group)
{
    if (group->settings.notification_script[0] == '\0') {
        return;
    }
    struct core_action *action = add(core, ACT_SCRIPT);
    struct core_script *script = &action->script;
    action->group = group->id;
    script->kind = SCRIPT_NOTIFICATION;
    copy_text(script->path, SCRIPT_PATH_SIZE,
              group->settings.notification_script);
    copy_text(script->group, NAME_SIZE, group->name);
    copy_text(script->event.channel, CHANNEL_SIZE, action[-1].event.channel);
    copy_text(script->event.text, EVENT_TEXT_SIZE, action[-1].event.text);
}

void out_event_about(struct core *core, const struct group *group,
                     const char *channel, const char *format, ...)
{
    struct core_action *action = add_event(core, LEVEL_WARNING, channel);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
    notify(core, group);
}

void out_client_reconfig(struct core *core, const struct group *group,
                         const struct address *from, bool leads)
{
    if (group->settings.client_reconfig_script[0] == '\0') {
        return;
    }
    struct core_action *action = add(core, ACT_SCRIPT);
    struct core_script *script = &action->script;
    action->group = group->id;
    script->kind = SCRIPT_CLIENT_RECONFIG;
    copy_text(script->path, SCRIPT_PATH_SIZE,
              group->settings.client_reconfig_script);
    copy_text(script->group, NAME_SIZE, group->name);
    script->reconfig.leads = leads;
    script->reconfig.from = *from;
    script->reconfig.to = *model_current_address(group);
}

void out_log(struct core *core, enum log_level level, const char *format, ...)
{
    struct core_action *action = add(core, ACT_LOG);
    action->event.level = level;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
}

void out_event_group(struct core *core, enum log_level level,
                     const char *channel, const struct group *group,
                     const char *extra)
{
    const struct address *at = model_current_address(group);
    out_event(core, level, channel, "master %s %s %u%s%s", group->name,
              at->host, at->port, extra[0] != '\0' ? " " : "", extra);
    if (level == LEVEL_WARNING) {
        notify(core, group);
    }
}

/* "slave <ip:port> <ip> <port>"; an IPv6 address in brackets in the name. */
static void name_node(const struct address *at, char *text, size_t size)
{
    bool brackets = strchr(at->host, ':') != NULL;
    (void)snprintf(text, size, "%s%s%s:%u", brackets ? "[" : "", at->host,
                   brackets ? "]" : "", at->port);
}

void out_event_node(struct core *core, enum log_level level,
                    const char *channel, const struct node *node,
                    const char *extra)
{
    const struct group *group = node->group;
    if (node == group->published) {
        out_event_group(core, level, channel, group, extra);
        return;
    }
    const struct address *at = &node->instance.shown;
    const struct address *master = model_current_address(group);
    char name[HOST_SIZE + 16];
    name_node(at, name, sizeof(name));
    out_event(core, level, channel, "slave %s %s %u @ %s %s %u%s%s", name,
              at->host, at->port, group->name, master->host, master->port,
              extra[0] != '\0' ? " " : "", extra);
    if (level == LEVEL_WARNING) {
        notify(core, group);
    }
}

void out_event_member(struct core *core, enum log_level level,
                      const char *channel, const struct member *member,
                      const char *extra)
{
    const struct group *group = member->group;
    const struct address *at = &member->peer->instance.shown;
    const struct address *master = model_current_address(group);
    out_event(core, level, channel, "sentinel %s %s %u @ %s %s %u%s%s",
              member->peer->run_id, at->host, at->port, group->name,
              master->host, master->port, extra[0] != '\0' ? " " : "", extra);
    if (level == LEVEL_WARNING) {
        notify(core, group);
    }
}
