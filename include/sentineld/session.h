/* What the protocol remembers of each connected client, and of all of them.
 *
 * Sessions belong to whoever owns the connection; while it is open they stand
 * in a book, in order of arrival, so that a command of one client can list
 * the others or end them. */
#ifndef SENTINELD_SESSION_H
#define SENTINELD_SESSION_H

#include <sys/queue.h>

#include "sentineld/types.h"

struct subscriptions;

enum { SESSION_TEXT_SIZE = 64 };

/* Every client is this user before it authenticates as another. */
#define SESSION_DEFAULT_USER "default"

struct session {
    uint64_t id;                         /* CLIENT ID; 1, 2, 3 ... */
    unsigned protocol;                   /* 2, or 3 after HELLO 3 */
    char name[CLIENT_KEY_SIZE];          /* CLIENT SETNAME */
    char user[SESSION_TEXT_SIZE];        /* who it is authenticated as */
    struct subscriptions *subscriptions; /* owned; NULL = none */
};

void session_init(struct session *session, uint64_t id);
void session_clear(struct session *session);
size_t session_channels(const struct session *session);
size_t session_patterns(const struct session *session);

/* A text of a client with its length; it may hold any byte. */
struct session_word {
    const char *text;
    size_t length;
};

/* The one place where a name and a password are looked at, for AUTH and for
 * HELLO alike. True: the session is that user from now on; false: it is who
 * it was. There are no passwords in this daemon: `default` gets in with any,
 * as a Redis without a password has it, and nobody else exists. */
MUST_CHECK bool session_authenticate(struct session *session,
                                     const struct session_word *user,
                                     const struct session_word *password);

#endif
