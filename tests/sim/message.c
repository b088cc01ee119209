/* Messages are allocated as large as what they carry: most are pings, and the
 * largest request is forty times a ping. */
#include "message.h"

#include <stddef.h>
#include <string.h>

#include "sentineld/memory.h"

enum { ACTION_HEAD = offsetof(struct core_action, connect) };

/* How much of an action of this type means anything. */
static size_t action_bytes(const struct core_action *action)
{
    switch (action->type) {
    case ACT_DISCONNECT:
    case ACT_PING:
    case ACT_INFO:
    case ACT_SUBSCRIBE:
    case ACT_IDENTIFY:
    case ACT_SCRIPT_KILL:
    case ACT_UNPAUSE:
    case ACT_FENCE_READ:
    case ACT_CUT_OFF:
    case ACT_CRASH:
        return ACTION_HEAD;
    case ACT_CONNECT:
        return ACTION_HEAD + sizeof action->connect;
    case ACT_ACCEPT:
        return ACTION_HEAD + sizeof action->accept;
    case ACT_VIEW:
    case ACT_VOTER_VIEW:
        return ACTION_HEAD + sizeof action->view;
    case ACT_HELLO:
        return ACTION_HEAD + sizeof action->hello;
    case ACT_ASK:
        return ACTION_HEAD + sizeof action->ask;
    case ACT_REPLICAOF:
        return ACTION_HEAD + sizeof action->replicaof;
    case ACT_PAUSE:
        return ACTION_HEAD + sizeof action->pause;
    case ACT_REHEARSE:
        return ACTION_HEAD + sizeof action->rehearsal;
    case ACT_FENCE:
        return ACTION_HEAD + sizeof action->fence;
    case ACT_ANSWER:
        return ACTION_HEAD + sizeof action->answer;
    case ACT_EVENT:
    case ACT_LOG:
        return ACTION_HEAD + offsetof(struct core_action, event.text) -
               offsetof(struct core_action, event) +
               strlen(action->event.text) + 1;
    case ACT_SCRIPT:
        break;
    }
    return sizeof *action;
}

void action_copy(struct core_action *to, const struct core_action *from)
{
    memcpy(to, from, action_bytes(from));
}

/* Views and opinions are large, and rare. */
static size_t event_bytes(const struct core_event *event)
{
    bool is_small = event->type == EV_PONG || event->type == EV_ACK;
    return is_small ? offsetof(struct core_event, ack) + sizeof event->ack
                    : sizeof *event;
}

void event_copy(struct core_event *to, const struct core_event *from)
{
    memcpy(to, from, event_bytes(from));
}

/* Not inlined: the compiler would complain that it is less than a message. */
__attribute__((noinline)) static struct message *
allocate(enum message_type type, size_t content)
{
    struct message *message =
        xmalloc(offsetof(struct message, request) + content);
    message->type = type;
    return message;
}

struct message *message_new(enum message_type type)
{
    return allocate(type, 0);
}

struct message *message_new_request(const struct core_action *action)
{
    struct message *message = allocate(MESSAGE_REQUEST, action_bytes(action));
    action_copy(&message->request, action);
    return message;
}

struct message *message_new_reply(const struct core_event *event)
{
    size_t content =
        event->type == EV_INFO ? sizeof(struct reply) : event_bytes(event);
    struct message *message = allocate(MESSAGE_REPLY, content);
    event_copy(&message->reply.event, event);
    return message;
}

struct message *message_new_push(const struct hello *hello)
{
    struct message *message = allocate(MESSAGE_PUSH, sizeof *hello);
    memcpy(&message->hello, hello, sizeof *hello);
    return message;
}
