/* Replies that are too long to be made at once: lists of all clients, of all
 * groups.
 *
 * Such a command makes some rows and returns COMMAND_AGAIN. It is run again
 * when it is the client's turn, finds here what it has made, and goes on. In
 * between clients and groups come and go: a client that leaves hands its place
 * over to the next one, a group is looked up by its id. Who came after the
 * command is not in its list, so that it ends. */
#include <stdlib.h>

#include "proto/session/session.h"
#include "sentineld/memory.h"

struct listing *listing_of(struct session *session,
                           const struct listing_scope *scope)
{
    struct session_book *book = scope->book;
    struct listing *listing = session->listing;
    if (listing != NULL) {
        return listing;
    }
    listing = xcalloc(1, sizeof(*listing));
    buffer_init(&listing->text, scope->max_bytes);
    const struct session *last = TAILQ_LAST(&book->sessions, session_list);
    listing->next_session = TAILQ_FIRST(&book->sessions);
    listing->last_session = last == NULL ? 0 : last->id;
    const struct group *group = TAILQ_FIRST(&scope->model->groups);
    listing->next_group = group == NULL ? 0 : group->id;
    session->listing = listing;
    listing->book = book;
    TAILQ_INSERT_TAIL(&book->listings, listing, entry);
    return listing;
}

void listing_clear(struct session *session)
{
    struct listing *listing = session->listing;
    if (listing == NULL) {
        return;
    }
    TAILQ_REMOVE(&listing->book->listings, listing, entry);
    buffer_clear(&listing->text);
    free(listing);
    session->listing = NULL;
}

void listing_forget(struct session_book *book, const struct session *session)
{
    struct listing *listing;
    TAILQ_FOREACH (listing, &book->listings, entry) {
        if (listing->next_session == session) {
            listing->next_session = TAILQ_NEXT(session, entry);
        }
    }
}

const struct session *listing_next_session(struct listing *listing)
{
    const struct session *session = listing->next_session;
    if (session == NULL || session->id > listing->last_session) {
        return NULL;
    }
    listing->next_session = TAILQ_NEXT(session, entry);
    return session;
}

/* Groups stand in the order of their ids. */
static const struct group *find_group(const struct model *model, object_id id)
{
    const struct group *group = model_find_group_by_id(model, id);
    if (group != NULL) {
        return group;
    }
    TAILQ_FOREACH (group, &model->groups, entry) {
        if (group->id >= id) {
            return group;
        }
    }
    return NULL;
}

const struct group *listing_next_group(struct listing *listing,
                                       const struct model *model)
{
    if (listing->next_group == 0) {
        return NULL;
    }
    const struct group *group = find_group(model, listing->next_group);
    const struct group *next = group == NULL ? NULL : TAILQ_NEXT(group, entry);
    listing->next_group = next == NULL ? 0 : next->id;
    return group;
}
