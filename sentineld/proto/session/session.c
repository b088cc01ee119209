/* A client's session, from its first moment to its last, and the book in
 * which all sessions stand while they are connected. What a client does with
 * its session is in cmd_client*.c and cmd_pubsub.c. */
#include "sentineld/session.h"

#include <string.h>

#include "proto/session/session.h"
#include "sentineld/memory.h"

/* "Of late", for what INFO says was the most. */
enum { PEAK_PERIOD_MS = 4000 };

void session_init(struct session *session, uint64_t id)
{
    *session = (struct session){.id = id, .protocol = 2};
    copy_text(session->user, sizeof(session->user), SESSION_DEFAULT_USER);
}

void session_clear(struct session *session)
{
    subscriptions_clear(session);
    listing_clear(session);
}

int64_t session_redirect(const struct session *session)
{
    return session->is_tracking ? 0 : -1;
}

bool session_is_silent(const struct session *session)
{
    return session->reply != SESSION_REPLY_ON;
}

void session_book_init(struct session_book *book)
{
    *book = (struct session_book){0};
    TAILQ_INIT(&book->sessions);
    TAILQ_INIT(&book->listings);
}

static void count(bool *is_counted, bool is_now, size_t *counter)
{
    if (*is_counted != is_now) {
        *is_counted = is_now;
        *counter = is_now ? *counter + 1 : *counter - 1;
    }
}

void session_count(struct session *session)
{
    struct session_book *book = session->book;
    if (book != NULL) {
        count(&session->is_counted_listening,
              session_channels(session) > 0 || session_patterns(session) > 0,
              &book->listening);
        count(&session->is_counted_tracking, session->is_tracking,
              &book->tracking);
    }
}

static void take_more(struct session_bytes *most,
                      const struct session_bytes *bytes)
{
    if (bytes->unparsed > most->unparsed) {
        most->unparsed = bytes->unparsed;
    }
    if (bytes->unsent > most->unsent) {
        most->unsent = bytes->unsent;
    }
}

void session_note_bytes(struct session *session,
                        const struct session_bytes *bytes, msec now)
{
    session->unparsed_bytes = bytes->unparsed;
    session->unsent_bytes = bytes->unsent;
    if (session->book == NULL) {
        return;
    }
    struct session_peaks *peaks = &session->book->peaks;
    if (now - peaks->since >= PEAK_PERIOD_MS) {
        bool is_next = now - peaks->since < 2 * PEAK_PERIOD_MS;
        peaks->before = is_next ? peaks->now : (struct session_bytes){0};
        peaks->now = (struct session_bytes){0};
        peaks->since = now;
    }
    take_more(&peaks->now, bytes);
}

struct session *session_book_find(const struct session_book *book, uint64_t id)
{
    struct session *session;
    HASH_FIND(hh, book->by_id, &id, sizeof(id), session);
    return session;
}

void session_book_add(struct session_book *book, struct session *session)
{
    TAILQ_INSERT_TAIL(&book->sessions, session, entry);
    HASH_ADD(hh, book->by_id, id, sizeof(session->id), session);
    session->book = book;
    subscriptions_enter(session);
    session_count(session);
}

void session_book_remove(struct session_book *book, struct session *session)
{
    if (session->book == book) {
        subscriptions_leave(session);
        count(&session->is_counted_listening, false, &book->listening);
        count(&session->is_counted_tracking, false, &book->tracking);
        listing_clear(session);
        listing_forget(book, session);
        HASH_DEL(book->by_id, session);
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
