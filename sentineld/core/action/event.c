/* Events in Sentinel's form, log lines, and what the operator's programs hear
 * of them. */
#include "core/action/action.h"

#include <stdarg.h>
#include <stdio.h>

static struct core_action *add_event(struct core *core, enum log_level level,
                                     const char *channel)
{
    struct core_action *action = action_add(core, ACT_EVENT);
    action->event.level = level;
    action->event.about.epoch = core->model.current_epoch;
    copy_text(action->event.channel, CHANNEL_SIZE, channel);
    return action;
}

static struct core_action *say(struct core *core, enum log_level level,
                               const char *channel, const char *format, ...)
    PRINTF_LIKE(4, 5);

static struct core_action *say(struct core *core, enum log_level level,
                               const char *channel, const char *format, ...)
{
    struct core_action *action = add_event(core, level, channel);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
    return action;
}

static void tell_subject(struct core_action *action, const struct group *group,
                         const char *role, const struct address *server,
                         const char *peer)
{
    struct core_subject *about = &action->event.about;
    copy_text(about->group, NAME_SIZE, group->name);
    copy_text(about->peer, RUN_ID_SIZE, peer);
    about->role = role;
    about->server = *server;
}

void event_say(struct core *core, enum log_level level, const char *channel,
               const char *format, ...)
{
    struct core_action *action = add_event(core, level, channel);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
}

void event_report(struct core *core, const char *group, const char *json)
{
    struct core_action *action =
        add_event(core, LEVEL_NOTICE, "+failover-report");
    copy_text(action->event.about.group, NAME_SIZE, group);
    copy_text(action->event.text, EVENT_TEXT_SIZE, json);
}

/* The group's own program hears of the event that was just added. */
static void notify(struct core *core, const struct group *group)
{
    if (group->settings.notification_script[0] == '\0') {
        return;
    }
    struct core_action *action = action_add(core, ACT_SCRIPT);
    struct core_script *script = &action->script;
    action->group = group->id;
    script->kind = SCRIPT_NOTIFICATION;
    copy_text(script->path, SCRIPT_PATH_SIZE,
              group->settings.notification_script);
    copy_text(script->group, NAME_SIZE, group->name);
    copy_text(script->event.channel, CHANNEL_SIZE, action[-1].event.channel);
    copy_text(script->event.text, EVENT_TEXT_SIZE, action[-1].event.text);
}

void event_about(struct core *core, const struct group *group,
                 const char *channel, const char *format, ...)
{
    struct core_action *action = add_event(core, LEVEL_WARNING, channel);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
    tell_subject(action, group, "master", model_current_address(group), "");
    notify(core, group);
}

void event_client_reconfig(struct core *core, const struct group *group,
                           const struct address *from, bool leads)
{
    if (group->settings.client_reconfig_script[0] == '\0') {
        return;
    }
    struct core_action *action = action_add(core, ACT_SCRIPT);
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

/* Sentences about a group begin with its name. */
static void find_subject(struct core *core, const char *text,
                         struct core_subject *about)
{
    size_t length = strcspn(text, ":");
    if (length < NAME_SIZE && text[length] == ':') {
        memcpy(about->group, text, length);
        about->group[length] = '\0';
        if (model_group_named(core, about->group) == NULL) {
            about->group[0] = '\0';
        }
    }
}

void event_log(struct core *core, enum log_level level, const char *format, ...)
{
    struct core_action *action = action_add(core, ACT_LOG);
    action->event.level = level;
    action->event.about.epoch = core->model.current_epoch;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(action->event.text, EVENT_TEXT_SIZE, format, args);
    va_end(args);
    find_subject(core, action->event.text, &action->event.about);
}

void event_no_failover(struct core *core, const struct group *group,
                       const char *reason, const char *why)
{
    struct core_action *action = action_add(core, ACT_LOG);
    action->event.level = LEVEL_NOTICE;
    action->event.about.epoch = core->model.current_epoch;
    action->event.about.reason = reason;
    copy_text(action->event.about.group, NAME_SIZE, group->name);
    (void)snprintf(action->event.text, EVENT_TEXT_SIZE,
                   "%s: no failover yet: %s", group->name, why);
}

void event_group(struct core *core, enum log_level level, const char *channel,
                 const struct group *group, const char *extra)
{
    const struct address *at = model_current_address(group);
    struct core_action *action =
        say(core, level, channel, "master %s %s %u%s%s", group->name, at->host,
            at->port, extra[0] != '\0' ? " " : "", extra);
    tell_subject(action, group, "master", at, "");
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

void event_node(struct core *core, enum log_level level, const char *channel,
                const struct node *node, const char *extra)
{
    const struct group *group = node->group;
    if (node == group->published) {
        event_group(core, level, channel, group, extra);
        return;
    }
    const struct address *at = &node->instance.shown;
    const struct address *master = model_current_address(group);
    char name[HOST_SIZE + 16];
    name_node(at, name, sizeof(name));
    struct core_action *action =
        say(core, level, channel, "slave %s %s %u @ %s %s %u%s%s", name,
            at->host, at->port, group->name, master->host, master->port,
            extra[0] != '\0' ? " " : "", extra);
    tell_subject(action, group, "replica", at, "");
    if (level == LEVEL_WARNING) {
        notify(core, group);
    }
}

void event_voter(struct core *core, enum log_level level, const char *channel,
                 const struct voter *voter, const char *extra)
{
    const struct group *group = voter->group;
    const struct address *at = &voter->peer->instance.shown;
    const struct address *master = model_current_address(group);
    struct core_action *action =
        say(core, level, channel, "sentinel %s %s %u @ %s %s %u%s%s",
            voter->peer->run_id, at->host, at->port, group->name, master->host,
            master->port, extra[0] != '\0' ? " " : "", extra);
    tell_subject(action, group, "supervisor", at, voter->peer->run_id);
    if (level == LEVEL_WARNING) {
        notify(core, group);
    }
}
