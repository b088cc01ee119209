/* CLIENT LIST, INFO and KILL: who is connected, and who shall not be.
 *
 * A line has Redis' fields in their order, so that tools can read it; those
 * that a supervisor has nothing to say for are 0.
 *
 * KILL dooms sessions; whoever owns the connections closes them when the
 * command is over. */
#include <inttypes.h>
#include <string.h>

#include "proto/commands/command_private.h"

enum {
    LIST_MAX_BYTES = 64 * 1024 * 1024,
    CLIENTS_AT_ONCE = 64,
    MS_PER_SECOND = 1000,
};

/* Redis' four kinds of client. Nobody replicates from or to a supervisor. */
enum client_type { TYPE_ANY, TYPE_NORMAL, TYPE_PUBSUB, TYPE_NOBODY };

static const struct {
    const char *name;
    enum client_type type;
} client_types[] = {
    {"normal", TYPE_NORMAL},  {"pubsub", TYPE_PUBSUB}, {"master", TYPE_NOBODY},
    {"replica", TYPE_NOBODY}, {"slave", TYPE_NOBODY},
};

static bool is_subscriber(const struct session *session)
{
    return session_channels(session) > 0 || session_patterns(session) > 0;
}

static bool is_of_type(const struct session *session, enum client_type type)
{
    switch (type) {
    case TYPE_ANY:
        return true;
    case TYPE_NORMAL:
        return !is_subscriber(session);
    case TYPE_PUBSUB:
        return is_subscriber(session);
    case TYPE_NOBODY:
        return false;
    }
    return false;
}

/* Writes the error when it is none of them. */
static bool read_type(const struct call *call, size_t index,
                      enum client_type *type)
{
    for (size_t i = 0; i < sizeof(client_types) / sizeof(client_types[0]);
         i++) {
        if (command_word_is(call, index, client_types[i].name)) {
            *type = client_types[i].type;
            return true;
        }
    }
    resp_err(call->writer, "Unknown client type '%s'",
             call->request->argv[index]);
    return false;
}

/* --- LIST, INFO ----------------------------------------------------------- */

static void write_flags(const struct session *session, struct buffer *out)
{
    const char *tracking = session->is_tracking ? "t" : "";
    bool plain = !is_subscriber(session) && tracking[0] == '\0' &&
                 !session->no_evict && !session->doomed && !session->is_local;
    (void)buffer_printf(
        out, "flags=%s%s%s%s%s%s", is_subscriber(session) ? "P" : "", tracking,
        session->doomed ? "c" : "", session->is_local ? "U" : "",
        session->no_evict ? "e" : "", plain ? "N" : "");
}

static uint64_t seconds_since(msec then, msec now)
{
    return now > then ? (now - then) / MS_PER_SECOND : 0;
}

void client_describe(const struct session *session, msec now,
                     struct buffer *out)
{
    (void)buffer_printf(out,
                        "id=%" PRIu64
                        " addr=%s laddr=%s fd=%d name=%s age=%" PRIu64
                        " idle=%" PRIu64 " ",
                        session->id, session->address, session->local_address,
                        session->descriptor, session->name,
                        seconds_since(session->created_at, now),
                        seconds_since(session->spoke_at, now));
    write_flags(session, out);
    (void)buffer_printf(
        out,
        " db=0 sub=%zu psub=%zu ssub=0 multi=-1 qbuf=%" PRIu64
        " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=%" PRIu64
        " omem=%" PRIu64 " tot-mem=%" PRIu64 " events=%s cmd=%s user=%s"
        " redir=%" PRId64 " resp=%u lib-name=%s lib-ver=%s\n",
        session_channels(session), session_patterns(session),
        session->unparsed_bytes, session->waiting, session->unsent_bytes,
        session->unparsed_bytes + session->unsent_bytes,
        session->unsent_bytes > 0 ? "rw" : "r",
        session->last_command[0] == '\0' ? "NULL" : session->last_command,
        session->user, session_redirect(session), session->protocol,
        session->library, session->library_version);
}

static enum command_next reply_text(const struct call *call,
                                    struct buffer *text)
{
    if (text->overflowed) {
        resp_err(call->writer, "the list of clients is too long");
    } else {
        resp_verbatim(call->writer, text->length == 0 ? "" : text->data,
                      text->length);
    }
    buffer_clear(text);
    return COMMAND_REPLIED;
}

enum command_next cmd_client_info(struct call *call)
{
    struct buffer text;
    buffer_init(&text, LIST_MAX_BYTES);
    client_describe(call->session, call->context->now, &text);
    return reply_text(call, &text);
}

static bool read_client_id(const struct call *call, size_t index, uint64_t *id)
{
    int64_t value;
    if (!command_read_integer(call, index, &value) || value <= 0) {
        return false;
    }
    *id = (uint64_t)value;
    return true;
}

static enum command_next list_ids(const struct call *call)
{
    struct buffer text;
    buffer_init(&text, LIST_MAX_BYTES);
    for (size_t i = 3; i < call->request->argc; i++) {
        int64_t id; /* of nobody, maybe */
        if (!command_read_integer(call, i, &id)) {
            buffer_clear(&text);
            resp_err(call->writer, "Invalid client ID");
            return COMMAND_REPLIED;
        }
        const struct session *session =
            id > 0 ? session_book_find(call->context->sessions, (uint64_t)id)
                   : NULL;
        if (session != NULL) {
            client_describe(session, call->context->now, &text);
        }
    }
    return reply_text(call, &text);
}

static enum command_next list_type(struct call *call, enum client_type type)
{
    struct listing *listing = command_listing(call, LIST_MAX_BYTES);
    for (int i = 0; i < CLIENTS_AT_ONCE; i++) {
        const struct session *session = listing_next_session(listing);
        if (session == NULL) {
            return reply_text(call, &listing->text);
        }
        if (is_of_type(session, type)) {
            client_describe(session, call->context->now, &listing->text);
        }
    }
    return COMMAND_AGAIN;
}

enum command_next cmd_client_list(struct call *call)
{
    enum client_type type = TYPE_ANY;
    size_t argc = call->request->argc;
    if (argc == 2) {
        return list_type(call, TYPE_ANY);
    }
    if (argc == 4 && command_word_is(call, 2, "type")) {
        return read_type(call, 3, &type) ? list_type(call, type)
                                         : COMMAND_REPLIED;
    }
    if (argc > 3 && command_word_is(call, 2, "id")) {
        return list_ids(call);
    }
    return command_reply_syntax_error(call);
}

/* --- KILL ----------------------------------------------------------------- */

/* Whom to kill: all that is said must apply. */
struct kill_filter {
    uint64_t id; /* 0 = any */
    enum client_type type;
    const char *user;          /* NULL = any; so the addresses */
    const char *address;       /* ... it comes from */
    const char *local_address; /* ... it came to */
    bool spare_caller;
};

static bool applies(const struct kill_filter *filter,
                    const struct session *session)
{
    return (filter->id == 0 || session->id == filter->id) &&
           is_of_type(session, filter->type) &&
           (filter->user == NULL || strcmp(session->user, filter->user) == 0) &&
           (filter->address == NULL ||
            strcmp(session->address, filter->address) == 0) &&
           (filter->local_address == NULL ||
            strcmp(session->local_address, filter->local_address) == 0);
}

static int64_t doom(const struct call *call, const struct kill_filter *filter)
{
    struct session_book *book = call->context->sessions;
    struct session *session;
    int64_t count = 0;
    TAILQ_FOREACH (session, &book->sessions, entry) {
        bool spared = filter->spare_caller && session == call->session;
        if (!spared && applies(filter, session)) {
            session->doomed = true;
            book->has_doomed = true;
            count++;
        }
    }
    return count;
}

/* One option and its value; writes the error when it is wrong. */
static bool read_filter(const struct call *call, size_t index,
                        struct kill_filter *filter)
{
    const char *value = call->request->argv[index + 1];
    if (command_word_is(call, index, "id")) {
        if (!read_client_id(call, index + 1, &filter->id)) {
            resp_err(call->writer, "client-id should be greater than 0");
            return false;
        }
    } else if (command_word_is(call, index, "type")) {
        return read_type(call, index + 1, &filter->type);
    } else if (command_word_is(call, index, "addr")) {
        filter->address = value;
    } else if (command_word_is(call, index, "laddr")) {
        filter->local_address = value;
    } else if (command_word_is(call, index, "user")) {
        filter->user = value;
        if (acl_find(call->context->acl, value, strlen(value)) == NULL) {
            resp_err(call->writer, "No such user '%s'", value);
            return false;
        }
    } else if (command_word_is(call, index, "skipme") &&
               (command_word_is(call, index + 1, "yes") ||
                command_word_is(call, index + 1, "no"))) {
        filter->spare_caller = command_word_is(call, index + 1, "yes");
    } else {
        (void)command_reply_syntax_error(call);
        return false;
    }
    return true;
}

/* CLIENT KILL ip:port, the caller itself too. */
static enum command_next kill_one(const struct call *call)
{
    const struct kill_filter filter = {.address = call->request->argv[2]};
    if (doom(call, &filter) == 0) {
        resp_err(call->writer, "No such client");
    } else {
        resp_status(call->writer, "OK");
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_kill(struct call *call)
{
    struct kill_filter filter = {.type = TYPE_ANY, .spare_caller = true};
    size_t argc = call->request->argc;
    if (argc == 3) {
        return kill_one(call);
    }
    for (size_t i = 2; i < argc; i += 2) {
        if (i + 1 == argc) {
            return command_reply_syntax_error(call);
        }
        if (!read_filter(call, i, &filter)) {
            return COMMAND_REPLIED;
        }
    }
    resp_integer(call->writer, doom(call, &filter));
    return COMMAND_REPLIED;
}
