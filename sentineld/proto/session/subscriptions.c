/* Subscriptions: what a client listens to, and the frames it gets.
 *
 * A session keeps its channels and patterns in two lists, in order of
 * subscribing; there are none until the first SUBSCRIBE, as most clients
 * never subscribe. An event is offered to each session by session_publish,
 * which writes one frame for its channel and one for every pattern that
 * matches. How much one client can make us keep is bounded, so lists do. */
#include <string.h>
#include <sys/queue.h>

#include "proto/acl/acl.h"
#include "proto/session/session.h"
#include "proto/text/text.h"
#include "sentineld/memory.h"
#include "sentineld/resp.h"

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
    struct subscribed kinds[SUBSCRIPTION_KINDS];
};

static struct subscriptions *subscriptions_new(void)
{
    struct subscriptions *fresh = xcalloc(1, sizeof(*fresh));
    TAILQ_INIT(&fresh->kinds[TO_CHANNELS].names);
    TAILQ_INIT(&fresh->kinds[TO_PATTERNS].names);
    return fresh;
}

static struct subscription *find(const struct session *session,
                                 enum subscription_kind kind,
                                 const struct acl_word *name)
{
    struct subscription *one;
    if (session->subscriptions == NULL) {
        return NULL;
    }
    TAILQ_FOREACH (one, &session->subscriptions->kinds[kind].names, entry) {
        if (one->length == name->length &&
            memcmp(one->name, name->text, name->length) == 0) {
            return one;
        }
    }
    return NULL;
}

static size_t count_of(const struct session *session,
                       enum subscription_kind kind)
{
    const struct subscriptions *all = session->subscriptions;
    return all == NULL ? 0 : all->kinds[kind].count;
}

size_t session_channels(const struct session *session)
{
    return count_of(session, TO_CHANNELS);
}

size_t session_patterns(const struct session *session)
{
    return count_of(session, TO_PATTERNS);
}

/* --- Counted in the book -------------------------------------------------- */

static void count_one(const struct session *session,
                      enum subscription_kind kind,
                      const struct subscription *one, bool enters)
{
    struct session_book *book = session->book;
    if (book == NULL) {
        return;
    }
    struct subscribed_name **names =
        kind == TO_PATTERNS ? &book->patterns : &book->channels;
    if (enters) {
        subscribed_names_add(names, one->name, one->length);
    } else {
        subscribed_names_drop(names, one->name, one->length);
    }
}

static void count_kind(const struct session *session,
                       enum subscription_kind kind, bool enters)
{
    const struct subscription *one;
    TAILQ_FOREACH (one, &session->subscriptions->kinds[kind].names, entry) {
        count_one(session, kind, one, enters);
    }
}

static void count_session(const struct session *session, bool enters)
{
    if (session->subscriptions != NULL) {
        count_kind(session, TO_CHANNELS, enters);
        count_kind(session, TO_PATTERNS, enters);
    }
}

void subscriptions_enter(struct session *session)
{
    count_session(session, true);
}

void subscriptions_leave(struct session *session)
{
    count_session(session, false);
}

/* --- Changes -------------------------------------------------------------- */

static void add(struct session *session, enum subscription_kind kind,
                const struct acl_word *name)
{
    if (session->subscriptions == NULL) {
        session->subscriptions = subscriptions_new();
    }
    struct subscribed *list = &session->subscriptions->kinds[kind];
    struct subscription *one = xmalloc(sizeof(*one) + name->length + 1);
    one->length = name->length;
    memcpy(one->name, name->text, name->length);
    one->name[name->length] = '\0';
    TAILQ_INSERT_TAIL(&list->names, one, entry);
    list->count++;
    count_one(session, kind, one, true);
}

bool subscriptions_add(struct session *session, enum subscription_kind kind,
                       const struct acl_word *name)
{
    if (find(session, kind, name) != NULL) {
        return true;
    }
    size_t count = session_channels(session) + session_patterns(session);
    if (name->length > MAX_SUBSCRIPTION_BYTES || count >= MAX_SUBSCRIPTIONS) {
        return false;
    }
    add(session, kind, name);
    return true;
}

static void drop(struct session *session, enum subscription_kind kind,
                 struct subscription *one)
{
    struct subscribed *list = &session->subscriptions->kinds[kind];
    count_one(session, kind, one, false);
    TAILQ_REMOVE(&list->names, one, entry);
    list->count--;
    free(one);
}

void subscriptions_drop(struct session *session, enum subscription_kind kind,
                        const struct acl_word *name)
{
    struct subscription *one = find(session, kind, name);
    if (one != NULL) {
        drop(session, kind, one);
    }
}

static struct subscription *first(const struct session *session,
                                  enum subscription_kind kind)
{
    return TAILQ_FIRST(&session->subscriptions->kinds[kind].names);
}

struct acl_word subscriptions_first(const struct session *session,
                                    enum subscription_kind kind)
{
    const struct subscription *one =
        session->subscriptions == NULL ? NULL : first(session, kind);
    return one == NULL ? (struct acl_word){NULL, 0}
                       : (struct acl_word){one->name, one->length};
}

static void drop_all(struct session *session, enum subscription_kind kind)
{
    struct subscription *one;
    while ((one = first(session, kind)) != NULL) {
        drop(session, kind, one);
    }
}

void subscriptions_clear(struct session *session)
{
    if (session->subscriptions != NULL) {
        drop_all(session, TO_CHANNELS);
        drop_all(session, TO_PATTERNS);
        free(session->subscriptions);
        session->subscriptions = NULL;
    }
}

/* --- Who may hear what, and hears it -------------------------------------- */

static bool all_allowed(const struct session *session,
                        enum subscription_kind kind,
                        const struct acl_user *user)
{
    const struct subscription *one;
    TAILQ_FOREACH (one, &session->subscriptions->kinds[kind].names, entry) {
        const struct acl_word name = {one->name, one->length};
        if (!acl_may_listen(user, &name, kind == TO_PATTERNS)) {
            return false;
        }
    }
    return true;
}

bool subscriptions_are_allowed(const struct session *session,
                               const struct acl_user *user)
{
    return session->subscriptions == NULL ||
           (all_allowed(session, TO_CHANNELS, user) &&
            all_allowed(session, TO_PATTERNS, user));
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

size_t session_publish(const struct session *session, const char *channel,
                       const char *text, struct resp_writer *writer)
{
    const struct acl_word name = {channel, strlen(channel)};
    if (session->subscriptions == NULL) {
        return 0;
    }
    size_t written = 0;
    if (find(session, TO_CHANNELS, &name) != NULL) {
        write_message(writer, NULL, channel, text);
        written++;
    }
    const struct subscription *one;
    TAILQ_FOREACH (one, &session->subscriptions->kinds[TO_PATTERNS].names,
                   entry) {
        if (glob_match(one->name, one->length, name.text, name.length, false)) {
            write_message(writer, one, channel, text);
            written++;
        }
    }
    return written;
}
