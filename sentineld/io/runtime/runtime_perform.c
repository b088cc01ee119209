/* Actions of the core, performed, held or refused.
 *
 * What reveals durable state waits while something is not known to be on
 * disk; the rest is done at once. A command for a link that is down, or whose
 * time is over, is refused: to the core that is ordinary loss, and a client
 * that waits gets an error instead of silence. */
#include <stdio.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/clients/clients.h"

#include "io/runtime/runtime_private.h"

enum {
    /* As Redis ends when a failure was simulated. */
    CRASH_STATUS = 99,
    /* Of a kind in the log: what others tell us may cause any number. A pool
     * of a thousand groups may lose all its masters at once. */
    LINES_A_MINUTE = 50,
    EVENTS_A_MINUTE = 2000,
};

void runtime_refuse(struct runtime *runtime, const struct core_action *action)
{
    if (action->type == ACT_ANSWER) {
        client_answer(runtime->clients, action, true);
        return;
    }
    runtime_record(runtime,
                   &(struct core_event){
                       .type = EV_ACK,
                       .link = action->link,
                       .group = action->group,
                       .ack = {.what = action->type, .result = ACK_UNSENT},
                   });
}

static void say(const struct runtime *runtime, enum log_level level,
                const char *channel, const char *text,
                const struct core_subject *about)
{
    char line[EVENT_TEXT_SIZE];
    struct log_fields fields = {.event = channel, .about = about};
    (void)snprintf(line, sizeof(line), "%s %s", channel, text);
    log_burst(level, channel, EVENTS_A_MINUTE, line, &fields);
    if (level != LEVEL_DEBUG) {
        client_publish(runtime->clients, channel, text);
    }
}

void runtime_say(void *context, enum log_level level, const char *channel,
                 const char *text)
{
    say(context, level, channel, text, NULL);
}

static void say_line(enum log_level level, const char *text,
                     const struct core_subject *about)
{
    struct log_fields fields = {.about = about};
    char kind[CLIENT_KEY_SIZE];
    log_kind_of(text, kind);
    log_burst(level, kind, LINES_A_MINUTE, text, &fields);
}

static void send_command(struct runtime *runtime,
                         const struct core_action *action)
{
    if (!runtime_link_send(runtime, action)) {
        runtime_refuse(runtime, action);
    }
}

/* SENTINEL SIMULATE-FAILURE: as if the process had been killed. */
static void crash(void)
{
    log_line(LEVEL_WARNING, "Failure simulation: this process ends now");
    _exit(CRASH_STATUS);
}

void runtime_perform_now(struct runtime *runtime,
                         const struct core_action *action)
{
    if (action->expires_at < runtime_now() ||
        !core_action_stands(runtime->core, action)) {
        runtime_refuse(runtime, action);
        return;
    }
    switch (action->type) {
    case ACT_CONNECT:
        runtime_link_connect(runtime, action);
        return;
    case ACT_DISCONNECT:
        runtime_link_disconnect(runtime, action->link);
        return;
    case ACT_EVENT:
        say(runtime, action->event.level, action->event.channel,
            action->event.text, &action->event.about);
        return;
    case ACT_LOG:
        say_line(action->event.level, action->event.text, &action->event.about);
        return;
    case ACT_SCRIPT:
        script_run(runtime->scripts, &action->script);
        return;
    case ACT_ANSWER:
        if (!runtime_export_holds(runtime, action)) {
            client_answer(runtime->clients, action, false);
        }
        return;
    case ACT_CRASH:
        crash();
        return;
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_IDENTIFY:
    case ACT_SCRIPT_KILL:
    case ACT_FENCE_READ:
    case ACT_REHEARSE:
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
    case ACT_ACCEPT:
    case ACT_HELLO:
    case ACT_ASK:
    case ACT_CUT_OFF:
    case ACT_REPLICAOF:
    case ACT_PAUSE:
    case ACT_UNPAUSE:
    case ACT_FENCE:
        send_command(runtime, action);
        return;
    }
}

void runtime_perform(struct runtime *runtime, const struct core_action *action)
{
    if (!core_action_waits(action->type) ||
        !held_actions_unsaved(&runtime->hold)) {
        runtime_perform_now(runtime, action);
        return;
    }
    uint64_t connection = runtime_link_connection(runtime, action->link);
    if (connection == 0 && action->link != 0) {
        runtime_refuse(runtime, action);
        return;
    }
    held_actions_add(&runtime->hold, action, connection);
}
