/* A client's session: how it begins and ends. */
#include "sentineld/session.h"

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
}
