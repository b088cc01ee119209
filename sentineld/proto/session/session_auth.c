/* Who a client is, and whether it may stay when users change.
 *
 * Every client is the user `default` from its first moment. When that one
 * needs a password, the client is a guest until it has logged in; one that
 * came while no password was needed stays welcome. */
#include <string.h>

#include "proto/session/session.h"
#include "sentineld/memory.h"

bool session_authenticate(struct session *session, const struct acl *acl,
                          const struct acl_word *user,
                          const struct acl_word *password)
{
    if (!acl_authenticate(acl, user, password)) {
        return false;
    }
    memcpy(session->user, user->text, user->length);
    session->user[user->length] = '\0';
    session->authenticated = true;
    return true;
}

bool session_is_guest(const struct session *session, const struct acl *acl)
{
    return !session->authenticated && !acl_is_open(acl);
}

void session_book_apply(struct session_book *book, const struct acl *acl)
{
    struct session *session;
    TAILQ_FOREACH (session, &book->sessions, entry) {
        const struct acl_user *user =
            acl_find(acl, session->user, strlen(session->user));
        if (user == NULL || !subscriptions_are_allowed(session, user)) {
            session->doomed = true;
            book->has_doomed = true;
        }
    }
}
