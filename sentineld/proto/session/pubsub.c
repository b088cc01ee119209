/* Subscriptions: what a client listens to, and the frames it gets.
 *
 * A session keeps its channels and patterns in two lists, in order of
 * subscribing; there are none until the first SUBSCRIBE, as most clients
 * never subscribe. An event is offered to each session by command_publish,
 * which writes one frame for its channel and one for every pattern that
 * matches. How much one client can make us keep is bounded, so lists do.
 *
 * PUBLISH goes the other way: it carries hellos of other supervisors to us.
 * They are never passed on to subscribers. */
#include <string.h>
#include <sys/queue.h>

#include "proto/acl/acl_private.h"
#include "proto/commands/command_private.h"
#include "proto/session/pubsub_names.h"
#include "proto/text/text.h"
#include "proto/wire/hello.h"
#include "sentineld/memory.h"

#define HELLO_CHANNEL "__sentinel__:hello"

/* One name, with a NUL after its last byte. */
struct subscription {
    TAILQ_ENTRY(subscription) entry;
    size_t length;
    char name[];
};
TAILQ_HEAD(subscription_list, subscription);

struct subscribed {
    struct subscription_list names;
    size_t count;
};

struct subscriptions {
    struct subscribed channels;
    struct subscribed patterns;
};

/* SUBSCRIBE and its three relatives differ in these two things. */
struct subscribing {
    const char *kind; /* the first word of a confirmation */
    bool patterns;
};

static struct subscriptions *subscriptions_new(void)
{
    struct subscriptions *fresh = xcalloc(1, sizeof(*fresh));
    TAILQ_INIT(&fresh->channels.names);
    TAILQ_INIT(&fresh->patterns.names);
    return fresh;
}

static struct subscription *find(const struct subscribed *list,
                                 const char *name, size_t length)
{
    struct subscription *one;
    TAILQ_FOREACH (one, &list->names, entry) {
        if (one->length == length && memcmp(one->name, name, length) == 0) {
            return one;
        }
    }
    return NULL;
}

/* The names of the book that a list of this session counts in. */
static struct pubsub_name **names_of(const struct session *session,
                                     const struct subscribed *list)
{
    return list == &session->subscriptions->patterns ? &session->book->patterns
                                                     : &session->book->channels;
}

static void count_in(const struct session *session,
                     const struct subscribed *list,
                     const struct subscription *one)
{
    if (session->book != NULL) {
        pubsub_names_add(names_of(session, list), one->name, one->length);
    }
}

static void count_out(const struct session *session,
                      const struct subscribed *list,
                      const struct subscription *one)
{
    if (session->book != NULL) {
        pubsub_names_drop(names_of(session, list), one->name, one->length);
    }
}

static void add(const struct session *session, struct subscribed *list,
                const char *name, size_t length)
{
    struct subscription *one = xmalloc(sizeof(*one) + length + 1);
    one->length = length;
    memcpy(one->name, name, length);
    one->name[length] = '\0';
    TAILQ_INSERT_TAIL(&list->names, one, entry);
    list->count++;
    count_in(session, list, one);
}

static void drop(const struct session *session, struct subscribed *list,
                 struct subscription *one)
{
    count_out(session, list, one);
    TAILQ_REMOVE(&list->names, one, entry);
    list->count--;
    free(one);
}

static void drop_all(const struct session *session, struct subscribed *list)
{
    struct subscription *one;
    while ((one = TAILQ_FIRST(&list->names)) != NULL) {
        drop(session, list, one);
    }
}

void pubsub_clear(struct session *session)
{
    if (session->subscriptions == NULL) {
        return;
    }
    drop_all(session, &session->subscriptions->channels);
    drop_all(session, &session->subscriptions->patterns);
    free(session->subscriptions);
    session->subscriptions = NULL;
}

static void count_list(const struct session *session,
                       const struct subscribed *list, bool enters)
{
    const struct subscription *one;
    TAILQ_FOREACH (one, &list->names, entry) {
        if (enters) {
            count_in(session, list, one);
        } else {
            count_out(session, list, one);
        }
    }
}

static void count_session(const struct session *session, bool enters)
{
    const struct subscriptions *all = session->subscriptions;
    if (all != NULL) {
        count_list(session, &all->channels, enters);
        count_list(session, &all->patterns, enters);
    }
}

void pubsub_enter(struct session *session)
{
    count_session(session, true);
}

void pubsub_leave(struct session *session)
{
    count_session(session, false);
}

size_t session_channels(const struct session *session)
{
    const struct subscriptions *all = session->subscriptions;
    return all == NULL ? 0 : all->channels.count;
}

size_t session_patterns(const struct session *session)
{
    const struct subscriptions *all = session->subscriptions;
    return all == NULL ? 0 : all->patterns.count;
}

static struct subscribed *list_of(struct session *session,
                                  const struct subscribing *how)
{
    if (session->subscriptions == NULL) {
        session->subscriptions = subscriptions_new();
    }
    return how->patterns ? &session->subscriptions->patterns
                         : &session->subscriptions->channels;
}

static size_t count_all(const struct session *session)
{
    return session_channels(session) + session_patterns(session);
}

static bool all_allowed(const struct subscribed *list,
                        const struct acl_user *user, bool are_patterns)
{
    const struct subscription *one;
    TAILQ_FOREACH (one, &list->names, entry) {
        const struct acl_word name = {one->name, one->length};
        if (!acl_may_listen(user, &name, are_patterns)) {
            return false;
        }
    }
    return true;
}

bool pubsub_may_listen(const struct session *session,
                       const struct acl_user *user)
{
    const struct subscriptions *all = session->subscriptions;
    return all == NULL || (all_allowed(&all->channels, user, false) &&
                           all_allowed(&all->patterns, user, true));
}

/* Confirms one name; NULL when there was nothing to unsubscribe from. */
static void confirm(const struct call *call, const char *kind, const char *name,
                    size_t length)
{
    resp_push(call->writer, 3);
    resp_string(call->writer, kind);
    if (name == NULL) {
        resp_null(call->writer);
    } else {
        resp_bulk(call->writer, name, length);
    }
    resp_integer(call->writer, (int64_t)count_all(call->session));
}

static enum command_next subscribe(struct call *call,
                                   const struct subscribing *how)
{
    const struct resp_request *request = call->request;
    struct subscribed *list = list_of(call->session, how);
    for (size_t i = 1; i < request->argc; i++) {
        const char *name = request->argv[i];
        size_t length = request->lengths[i];
        bool known = find(list, name, length) != NULL;
        if (!known && (length > MAX_SUBSCRIPTION_BYTES ||
                       count_all(call->session) >= MAX_SUBSCRIPTIONS)) {
            resp_err(call->writer,
                     "At most %d channels and patterns of at most %d bytes "
                     "for one client",
                     MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTION_BYTES);
            continue;
        }
        if (!known) {
            add(call->session, list, name, length);
        }
        confirm(call, how->kind, name, length);
    }
    return COMMAND_REPLIED;
}

static void unsubscribe_all(struct call *call, const struct subscribing *how)
{
    struct subscribed *list = list_of(call->session, how);
    struct subscription *one = TAILQ_FIRST(&list->names);
    if (one == NULL) {
        confirm(call, how->kind, NULL, 0);
        return;
    }
    for (; one != NULL; one = TAILQ_FIRST(&list->names)) {
        count_out(call->session, list, one);
        TAILQ_REMOVE(&list->names, one, entry);
        list->count--;
        confirm(call, how->kind, one->name, one->length);
        free(one);
    }
}

static enum command_next unsubscribe(struct call *call,
                                     const struct subscribing *how)
{
    const struct resp_request *request = call->request;
    if (request->argc == 1) {
        unsubscribe_all(call, how);
        return COMMAND_REPLIED;
    }
    struct subscribed *list = list_of(call->session, how);
    for (size_t i = 1; i < request->argc; i++) {
        struct subscription *one =
            find(list, request->argv[i], request->lengths[i]);
        if (one != NULL) {
            drop(call->session, list, one);
        }
        confirm(call, how->kind, request->argv[i], request->lengths[i]);
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_subscribe(struct call *call)
{
    return subscribe(call, &(struct subscribing){"subscribe", false});
}

enum command_next cmd_psubscribe(struct call *call)
{
    return subscribe(call, &(struct subscribing){"psubscribe", true});
}

enum command_next cmd_unsubscribe(struct call *call)
{
    return unsubscribe(call, &(struct subscribing){"unsubscribe", false});
}

enum command_next cmd_punsubscribe(struct call *call)
{
    return unsubscribe(call, &(struct subscribing){"punsubscribe", true});
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

static void write_message(struct resp_writer *writer,
                          const struct subscription *pattern,
                          const char *channel, const char *text)
{
    resp_push(writer, pattern == NULL ? 3 : 4);
    resp_string(writer, pattern == NULL ? "message" : "pmessage");
    if (pattern != NULL) {
        resp_bulk(writer, pattern->name, pattern->length);
    }
    resp_string(writer, channel);
    resp_string(writer, text);
}

size_t command_publish(const struct session *session, const char *channel,
                       const char *text, struct resp_writer *writer)
{
    const struct subscriptions *all = session->subscriptions;
    if (all == NULL) {
        return 0;
    }
    size_t length = strlen(channel);
    size_t written = 0;
    if (find(&all->channels, channel, length) != NULL) {
        write_message(writer, NULL, channel, text);
        written++;
    }
    const struct subscription *pattern;
    TAILQ_FOREACH (pattern, &all->patterns.names, entry) {
        if (glob_match(pattern->name, pattern->length, channel, length,
                       false)) {
            write_message(writer, pattern, channel, text);
            written++;
        }
    }
    return written;
}
