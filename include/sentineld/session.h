/* What the protocol remembers of each connected client, and of all of them.
 *
 * Sessions belong to whoever owns the connection; while it is open they stand
 * in a book, in order of arrival, so that a command of one client can list
 * the others or end them. */
#ifndef SENTINELD_SESSION_H
#define SENTINELD_SESSION_H

#include <sys/queue.h>

#include "sentineld/acl.h"
#include "sentineld/hash.h"
#include "sentineld/types.h"

struct listing;
struct resp_writer;
struct subscribed_name;
struct session_book;
struct subscriptions;

enum { SESSION_TEXT_SIZE = 64 };

/* Bounds of what one client can make us keep and match for each event. */
enum { MAX_SUBSCRIPTIONS = 256, MAX_SUBSCRIPTION_BYTES = 256 };

/* Every client is this user before it authenticates as another. */
#define SESSION_DEFAULT_USER ACL_DEFAULT_USER

/* CLIENT REPLY: what a client hears of its requests. Messages that it
 * subscribed to come all the same. */
enum session_reply {
    SESSION_REPLY_ON,
    SESSION_REPLY_OFF,
    SESSION_REPLY_SKIP_NEXT, /* of the next request nothing */
    SESSION_REPLY_SKIP,      /* this is that request */
};

struct session {
    TAILQ_ENTRY(session) entry;      /* in the book */
    struct session_book *book;       /* borrowed; NULL = it stands in none */
    uint64_t id;                     /* CLIENT ID; 1, 2, 3 ... */
    unsigned protocol;               /* 2, or 3 after HELLO 3 */
    char name[CLIENT_KEY_SIZE];      /* CLIENT SETNAME */
    char library[SESSION_TEXT_SIZE]; /* CLIENT SETINFO lib-name */
    char library_version[SESSION_TEXT_SIZE]; /* ... and lib-ver */
    char user[ACL_NAME_SIZE];                /* who it is authenticated as */
    bool authenticated; /* it logged in, or did not have to when it came */
    char last_command[SESSION_TEXT_SIZE]; /* "client|list"; "" = none yet */
    enum session_reply reply;
    bool no_evict;    /* CLIENT NO-EVICT; we evict nobody anyway */
    bool is_tracking; /* CLIENT TRACKING; there are no keys */
    bool doomed;      /* killed: whoever owns the connection closes it */
    struct subscriptions *subscriptions; /* owned; NULL = none */
    struct listing *listing; /* owned; a reply that is not whole yet */
    /* filled by the owner of the connection */
    char address[HOST_SIZE];       /* "ip:port" of the client */
    char local_address[HOST_SIZE]; /* ... and where it came to */
    bool is_local;                 /* it came by a path of this machine */
    int descriptor;
    msec created_at;
    msec spoke_at;           /* its last request */
    uint64_t unparsed_bytes; /* of requests; see session_note_bytes */
    uint64_t unsent_bytes;   /* of replies; the same */
    uint64_t waiting;        /* requests whose reply waits */
    /* by session_count */
    bool is_counted_listening;
    bool is_counted_tracking;
    UT_hash_handle hh; /* by id, in the book */
};
TAILQ_HEAD(session_list, session);
TAILQ_HEAD(listing_list, listing);

/* CLIENT PAUSE: requests wait until then. */
struct session_pause {
    msec until; /* 0, or in the past: there is none */
    bool all;   /* or else PUBLISH alone, the only one that writes elsewhere */
};

/* What is kept of one client. */
struct session_bytes {
    uint64_t unparsed; /* of its requests */
    uint64_t unsent;   /* ... and of its replies */
};

/* The most that was kept of anybody of late: in a period and in the one
 * before. */
struct session_peaks {
    msec since;
    struct session_bytes before;
    struct session_bytes now;
};

/* Everybody who is connected, in order of arrival. What INFO says of them is
 * counted as it changes: there may be many, and INFO is asked for often. */
struct session_book {
    struct session_list sessions;
    struct session *by_id;
    struct listing_list listings; /* that are not whole yet */
    size_t listening;             /* to channels or patterns */
    size_t tracking;
    struct session_peaks peaks;
    bool has_doomed; /* somebody in it is doomed */
    struct session_pause pause;
    /* What anybody listens to; owned, empty when the last one has left. */
    struct subscribed_name *channels;
    struct subscribed_name *patterns;
};

void session_book_init(struct session_book *book);
void session_book_add(struct session_book *book, struct session *session);
/* Allowed for one that is in no book. */
void session_book_remove(struct session_book *book, struct session *session);

/* Must what this session asks now wait? Other supervisors never do: they vote,
 * and a pause of clients must not cost an election. */
bool session_is_paused(const struct session_book *book,
                       const struct session *session, bool publishes, msec now);
/* NULL when nobody in the book has this id. */
struct session *session_book_find(const struct session_book *book, uint64_t id);
/* What the connection's owner keeps of it has changed. */
void session_note_bytes(struct session *session,
                        const struct session_bytes *bytes, msec now);
/* What it listens to or tracks may have changed. */
void session_count(struct session *session);
void session_init(struct session *session, uint64_t id);
void session_clear(struct session *session);
/* Will this request be answered at all (CLIENT REPLY)? */
bool session_is_silent(const struct session *session);
/* Where invalidations would go: 0 = to itself, -1 = it does not track. */
int64_t session_redirect(const struct session *session);
size_t session_channels(const struct session *session);
size_t session_patterns(const struct session *session);
/* Writes the message and pmessage frames that this session's subscriptions
 * ask for; returns how many. */
size_t session_publish(const struct session *session, const char *channel,
                       const char *text, struct resp_writer *writer);

/* The one place where a name and a password are looked at, for AUTH and for
 * HELLO alike. True: the session is that user from now on; false: it is who
 * it was. */
MUST_CHECK bool session_authenticate(struct session *session,
                                     const struct acl *acl,
                                     const struct acl_word *user,
                                     const struct acl_word *password);
/* Must it log in before anything else? */
bool session_is_guest(const struct session *session, const struct acl *acl);
/* After users changed: dooms the sessions of users that are gone, and those
 * that listen to what their user may not hear any more. */
void session_book_apply(struct session_book *book, const struct acl *acl);

#endif
