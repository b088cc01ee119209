/* A client's session, from its first moment to its last, and the book in
 * which all sessions stand while they are connected. What a client does with
 * its session is in cmd_client*.c and pubsub.c. */
#include "sentineld/session.h"

#include <string.h>

#include "command_private.h"
#include "sentineld/memory.h"

void session_init(struct session *session, uint64_t id)
{
    *session = (struct session){.id = id, .protocol = 2};
    copy_text(session->user, sizeof(session->user), SESSION_DEFAULT_USER);
}

void session_clear(struct session *session)
{
    pubsub_clear(session);
    tracking_clear(session);
}

bool session_is_silent(const struct session *session)
{
    return session->reply != SESSION_REPLY_ON;
}

void session_book_init(struct session_book *book)
{
    TAILQ_INIT(&book->sessions);
    book->has_doomed = false;
    book->pause = (struct session_pause){0};
    book->channels = NULL;
    book->patterns = NULL;
}

void session_book_add(struct session_book *book, struct session *session)
{
    TAILQ_INSERT_TAIL(&book->sessions, session, entry);
    session->book = book;
    pubsub_enter(session);
}

void session_book_remove(struct session_book *book, struct session *session)
{
    if (session->book == book) {
        pubsub_leave(session);
        TAILQ_REMOVE(&book->sessions, session, entry);
        session->book = NULL;
    }
}

/* As they all call themselves. */
static bool is_supervisor(const struct session *session)
{
    static const char begin[] = "sentinel-";
    static const char end[] = "-cmd";
    size_t length = strlen(session->name);
    return length > strlen(begin) + strlen(end) &&
           strncmp(session->name, begin, strlen(begin)) == 0 &&
           strcmp(session->name + length - strlen(end), end) == 0;
}

bool session_is_paused(const struct session_book *book,
                       const struct session *session, bool publishes, msec now)
{
    return book->pause.until > now && (book->pause.all || publishes) &&
           !is_supervisor(session);
}
