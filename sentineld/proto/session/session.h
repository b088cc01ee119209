/* What is kept with a session beside itself: subscriptions, and a reply that
 * is not whole yet. */
#ifndef SENTINELD_PROTO_SESSION_H
#define SENTINELD_PROTO_SESSION_H

#include "sentineld/acl.h"
#include "sentineld/buffer.h"
#include "sentineld/model.h"
#include "sentineld/session.h"

/* --- subscriptions.c: channels, or patterns ------------------------------- */

enum subscription_kind { TO_CHANNELS, TO_PATTERNS };
enum { SUBSCRIPTION_KINDS = TO_PATTERNS + 1 };

/* False: it would be more than one client can make us keep. What the session
 * listens to already is taken again. */
MUST_CHECK bool subscriptions_add(struct session *session,
                                  enum subscription_kind kind,
                                  const struct acl_word *name);
/* Nothing when the session does not listen to it. */
void subscriptions_drop(struct session *session, enum subscription_kind kind,
                        const struct acl_word *name);
/* The oldest of a kind; a NULL text when there is none. Borrowed until the
 * next change. */
struct acl_word subscriptions_first(const struct session *session,
                                    enum subscription_kind kind);
void subscriptions_clear(struct session *session);
/* What the session listens to counts in its book from now on, or no longer. */
void subscriptions_enter(struct session *session);
void subscriptions_leave(struct session *session);
/* May the user hear all that the session is subscribed to? */
bool subscriptions_are_allowed(const struct session *session,
                               const struct acl_user *user);

/* --- subscribed_names.c --------------------------------------------------- */

/* Which channels and patterns anybody listens to, each once: what INFO
 * counts, as Redis does. A session's subscriptions count while it stands in a
 * book. The table of names: NULL is an empty one. */
struct subscribed_name;

/* One more session listens to it. */
void subscribed_names_add(struct subscribed_name **names, const char *name,
                          size_t length);
/* One fewer; one was added for it before. */
void subscribed_names_drop(struct subscribed_name **names, const char *name,
                           size_t length);
size_t subscribed_names_count(const struct subscribed_name *names);

/* --- listing.c: a reply that is made in steps ----------------------------- */

struct listing {
    TAILQ_ENTRY(listing) entry; /* in the book */
    struct session_book *book;
    struct buffer text;
    size_t count; /* of what is in the text */
    const struct session *next_session;
    uint64_t last_session;
    object_id next_group; /* 0 = none */
};

struct listing_scope {
    struct session_book *book;
    const struct model *model;
    size_t max_bytes;
};
/* The session's that is under way, or a new one; it ends with the command. */
struct listing *listing_of(struct session *session,
                           const struct listing_scope *scope);
void listing_clear(struct session *session);
/* The session leaves the book. */
void listing_forget(struct session_book *book, const struct session *session);
/* NULL: that was the last. */
const struct session *listing_next_session(struct listing *listing);
const struct group *listing_next_group(struct listing *listing,
                                       const struct model *model);

#endif
