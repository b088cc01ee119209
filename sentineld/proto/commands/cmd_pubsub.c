/* SUBSCRIBE and its relatives, and PUBLISH.
 *
 * Each name is confirmed by a message of its own. PUBLISH carries hellos of
 * other supervisors to us; they are never passed on to subscribers. */
#include <string.h>

#include "proto/commands/command_private.h"
#include "proto/session/session.h"
#include "proto/wire/wire.h"

#define HELLO_CHANNEL "__sentinel__:hello"

/* Confirms one name; a NULL text when there was nothing to unsubscribe
 * from. */
static void confirm(const struct call *call, const char *word,
                    const struct acl_word *name)
{
    const struct session *session = call->session;
    resp_push(call->writer, 3);
    resp_string(call->writer, word);
    if (name->text == NULL) {
        resp_null(call->writer);
    } else {
        resp_bulk(call->writer, name->text, name->length);
    }
    resp_integer(call->writer, (int64_t)(session_channels(session) +
                                         session_patterns(session)));
}

static struct acl_word word_at(const struct call *call, size_t index)
{
    return (struct acl_word){call->request->argv[index],
                             call->request->lengths[index]};
}

static enum command_next subscribe(struct call *call, const char *word,
                                   enum subscription_kind kind)
{
    for (size_t i = 1; i < call->request->argc; i++) {
        const struct acl_word name = word_at(call, i);
        if (subscriptions_add(call->session, kind, &name)) {
            confirm(call, word, &name);
        } else {
            resp_err(call->writer,
                     "At most %d channels and patterns of at most %d bytes "
                     "for one client",
                     MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTION_BYTES);
        }
    }
    return COMMAND_REPLIED;
}

/* Confirmed is what is gone, so the name is copied before. */
static void unsubscribe_all(struct call *call, const char *word,
                            enum subscription_kind kind)
{
    struct acl_word name = subscriptions_first(call->session, kind);
    if (name.text == NULL) {
        confirm(call, word, &name);
    }
    while (name.text != NULL) {
        char copy[MAX_SUBSCRIPTION_BYTES];
        memcpy(copy, name.text, name.length);
        subscriptions_drop(call->session, kind, &name);
        confirm(call, word, &(struct acl_word){copy, name.length});
        name = subscriptions_first(call->session, kind);
    }
}

static enum command_next unsubscribe(struct call *call, const char *word,
                                     enum subscription_kind kind)
{
    if (call->request->argc == 1) {
        unsubscribe_all(call, word, kind);
    }
    for (size_t i = 1; i < call->request->argc; i++) {
        const struct acl_word name = word_at(call, i);
        subscriptions_drop(call->session, kind, &name);
        confirm(call, word, &name);
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_subscribe(struct call *call)
{
    return subscribe(call, "subscribe", TO_CHANNELS);
}

enum command_next cmd_psubscribe(struct call *call)
{
    return subscribe(call, "psubscribe", TO_PATTERNS);
}

enum command_next cmd_unsubscribe(struct call *call)
{
    return unsubscribe(call, "unsubscribe", TO_CHANNELS);
}

enum command_next cmd_punsubscribe(struct call *call)
{
    return unsubscribe(call, "punsubscribe", TO_PATTERNS);
}

/* The answer is 1 whatever came: the sender can do nothing about a hello
 * that we do not want. */
enum command_next cmd_publish(struct call *call)
{
    const struct resp_request *request = call->request;
    size_t length = strlen(HELLO_CHANNEL);
    if (request->lengths[1] != length ||
        memcmp(request->argv[1], HELLO_CHANNEL, length) != 0) {
        resp_err(call->writer,
                 "Only HELLO messages are accepted by Sentinel instances.");
        return COMMAND_REPLIED;
    }
    resp_integer(call->writer, 1);
    struct command_fact *fact = call->fact;
    if (!hello_parse(request->argv[2], request->lengths[2], &fact->hello)) {
        return COMMAND_REPLIED;
    }
    fact->event = (struct core_event){.type = EV_HELLO};
    fact->event.hello = &fact->hello;
    return COMMAND_FACT;
}
