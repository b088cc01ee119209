/* Commands about the connection itself: PING, HELLO, CLIENT, ROLE, QUIT.
 *
 * They read and change the client's session and nothing else. HELLO is where
 * a client chooses its protocol; HIGHEST_PROTOCOL says how far we go. Raising
 * it to 3 is all that this file needs for RESP3, as every reply is written
 * through a resp_writer that knows the protocol. */
#include <string.h>

#include "command_private.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sentineld/version.h"

enum { LOWEST_PROTOCOL = 2, HIGHEST_PROTOCOL = 2 };

enum command_next cmd_ping(struct call *call)
{
    const struct resp_request *request = call->request;
    bool subscriber = session_channels(call->session) > 0 ||
                      session_patterns(call->session) > 0;
    if (request->argc > 2) {
        resp_err(call->writer, "wrong number of arguments for 'ping' command");
        return COMMAND_REPLIED;
    }
    const char *text = request->argc == 2 ? request->argv[1] : "";
    size_t length = request->argc == 2 ? request->lengths[1] : 0;
    if (subscriber && call->session->protocol == 2) {
        resp_array(call->writer, 2);
        resp_string(call->writer, "pong");
        resp_bulk(call->writer, text, length);
    } else if (request->argc == 2) {
        resp_bulk(call->writer, text, length);
    } else {
        resp_status(call->writer, "PONG");
    }
    return COMMAND_REPLIED;
}

/* Printable and without blanks, so that a list of clients stays readable. */
static bool valid_client_name(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (name[i] < '!' || name[i] > '~') {
            return false;
        }
    }
    return true;
}

/* Keeps what fits: a client whose name is long must not fail for it. */
static bool set_name(const struct call *call, size_t index)
{
    const char *name = call->request->argv[index];
    if (!valid_client_name(name, call->request->lengths[index])) {
        resp_err(call->writer, "Client names cannot contain spaces, newlines "
                               "or special characters.");
        return false;
    }
    copy_text(call->session->name, sizeof(call->session->name), name);
    return true;
}

static bool choose_protocol(const struct call *call, unsigned *protocol)
{
    int64_t wanted;
    if (!command_read_integer(call, 1, &wanted)) {
        resp_err(call->writer,
                 "Protocol version is not an integer or out of range");
        return false;
    }
    if (wanted < LOWEST_PROTOCOL || wanted > HIGHEST_PROTOCOL) {
        resp_error(call->writer, "NOPROTO unsupported protocol version");
        return false;
    }
    *protocol = (unsigned)wanted;
    return true;
}

/* HELLO version [SETNAME name]. The name is set only when all is understood. */
static bool read_hello_options(const struct call *call)
{
    size_t argc = call->request->argc;
    size_t name_index = 0;
    for (size_t i = 2; i < argc; i += 2) {
        if (!command_word_is(call, i, "setname") || i + 1 == argc) {
            resp_err(call->writer, "Syntax error in HELLO option '%s'",
                     call->request->argv[i]);
            return false;
        }
        name_index = i + 1;
    }
    return name_index == 0 || set_name(call, name_index);
}

enum command_next cmd_hello(struct call *call)
{
    struct session *session = call->session;
    struct resp_writer *writer = call->writer;
    if (call->request->argc > 1) {
        unsigned protocol = session->protocol;
        if (!choose_protocol(call, &protocol) || !read_hello_options(call)) {
            return COMMAND_REPLIED;
        }
        session->protocol = protocol;
        writer->protocol = protocol;
    }
    resp_map(writer, 6);
    resp_string(writer, "server");
    resp_string(writer, "redis");
    resp_string(writer, "version");
    resp_string(writer, SENTINELD_REDIS_VERSION);
    resp_string(writer, "proto");
    resp_integer(writer, session->protocol);
    resp_string(writer, "id");
    resp_integer(writer, (int64_t)session->id);
    resp_string(writer, "mode");
    resp_string(writer, "sentinel");
    resp_string(writer, "modules");
    resp_array(writer, 0);
    return COMMAND_REPLIED;
}

enum command_next cmd_quit(struct call *call)
{
    resp_status(call->writer, "OK");
    return COMMAND_CLOSE;
}

enum command_next cmd_role(struct call *call)
{
    const struct model *model = call->context->model;
    const struct group *group;
    resp_array(call->writer, 2);
    resp_string(call->writer, "sentinel");
    resp_array(call->writer, model->group_count);
    TAILQ_FOREACH (group, &model->groups, entry) {
        resp_string(call->writer, group->name);
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_id(struct call *call)
{
    resp_integer(call->writer, (int64_t)call->session->id);
    return COMMAND_REPLIED;
}

enum command_next cmd_client_getname(struct call *call)
{
    if (call->session->name[0] == '\0') {
        resp_null(call->writer);
    } else {
        resp_string(call->writer, call->session->name);
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_setname(struct call *call)
{
    if (set_name(call, 2)) {
        resp_status(call->writer, "OK");
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_help(struct call *call)
{
    static const char *const lines[] = {
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GETNAME",
        "    The name of this connection, null when it has none.",
        "ID",
        "    The number of this connection.",
        "SETNAME <name>",
        "    Name this connection; an empty name takes the name away.",
        "HELP",
        "    This text.",
        NULL,
    };
    return command_reply_lines(call, lines);
}
