/* Commands about the connection itself: PING, HELLO, QUIT, and two about the
 * process: ROLE, SHUTDOWN.
 *
 * They read and change the client's session and nothing else. HELLO is where
 * a client chooses its protocol; every reply is written through a resp_writer
 * that knows it. */
#include <string.h>

#include "proto/commands/command_private.h"
#include "sentineld/model.h"
#include "sentineld/version.h"

enum { LOWEST_PROTOCOL = 2, HIGHEST_PROTOCOL = 3 };

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

/* Where the words of HELLO's options stand; 0 = not given. */
struct hello_options {
    size_t user; /* the password is behind it */
    size_t name;
};

/* HELLO version [AUTH user password] [SETNAME name], in any order. */
static bool read_hello_options(const struct call *call,
                               struct hello_options *options)
{
    size_t argc = call->request->argc;
    for (size_t i = 2; i < argc; i++) {
        if (command_word_is(call, i, "auth") && i + 2 < argc) {
            options->user = i + 1;
            i += 2;
        } else if (command_word_is(call, i, "setname") && i + 1 < argc) {
            options->name = i + 1;
            i += 1;
        } else {
            resp_err(call->writer, "Syntax error in HELLO option '%s'",
                     call->request->argv[i]);
            return false;
        }
    }
    return true;
}

/* A guest learns nothing by HELLO but that it must log in. */
static bool refuse_guest(const struct call *call)
{
    if (!session_is_guest(call->session, call->context->acl)) {
        return false;
    }
    resp_error(call->writer,
               "NOAUTH HELLO must be called with the client already "
               "authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
               "option can be used to authenticate the client and select the "
               "RESP protocol version at the same time");
    return true;
}

/* Nothing is changed before all words are understood; then who the client is
 * comes first, as in Redis. */
static bool apply_hello(const struct call *call)
{
    struct hello_options options = {0, 0};
    unsigned protocol;
    if (!choose_protocol(call, &protocol) ||
        !read_hello_options(call, &options) ||
        (options.user != 0 &&
         !auth_log_in(call, options.user, options.user + 1)) ||
        refuse_guest(call) ||
        (options.name != 0 && !client_set_name(call, options.name))) {
        return false;
    }
    call->session->protocol = protocol;
    call->writer->protocol = protocol;
    return true;
}

enum command_next cmd_hello(struct call *call)
{
    struct session *session = call->session;
    struct resp_writer *writer = call->writer;
    if (call->request->argc > 1 ? !apply_hello(call) : refuse_guest(call)) {
        return COMMAND_REPLIED;
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

/* SHUTDOWN's words. What they are about (saving data, waiting for replicas)
 * does not exist here, but a wrong one is a mistake. */
static bool read_shutdown(const struct call *call, bool *abort)
{
    size_t argc = call->request->argc;
    bool save = false;
    bool no_save = false;
    bool other = false;
    for (size_t i = 1; i < argc; i++) {
        save = save || command_word_is(call, i, "save");
        no_save = no_save || command_word_is(call, i, "nosave");
        *abort = *abort || command_word_is(call, i, "abort");
        other = other || !(command_word_is(call, i, "save") ||
                           command_word_is(call, i, "nosave") ||
                           command_word_is(call, i, "now") ||
                           command_word_is(call, i, "force") ||
                           command_word_is(call, i, "abort"));
    }
    return !other && !(save && no_save) && !(*abort && argc > 2);
}

enum command_next cmd_shutdown(struct call *call)
{
    bool abort = false;
    if (!read_shutdown(call, &abort)) {
        return command_reply_syntax_error(call);
    }
    if (abort) {
        resp_err(call->writer, "No shutdown in progress.");
        return COMMAND_REPLIED;
    }
    return COMMAND_SHUTDOWN;
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
