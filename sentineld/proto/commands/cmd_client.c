/* CLIENT: what a client says about itself, and what it may switch.
 *
 * Some of it has no effect in a supervisor and is answered all the same,
 * because libraries and operators' scripts say it to every server: nobody is
 * ever evicted (NO-EVICT), nobody blocks (UNBLOCK), and nobody is paused
 * (PAUSE): a supervisor that kept its peers waiting would cost elections. */
#include "proto/commands/command_private.h"
#include "sentineld/memory.h"

/* Keeps what fits: a client whose name is long must not fail for it. */
bool client_set_name(const struct call *call, size_t index)
{
    const char *name = call->request->argv[index];
    if (!command_is_visible(name, call->request->lengths[index])) {
        resp_err(call->writer, "Client names cannot contain spaces, newlines "
                               "or special characters.");
        return false;
    }
    copy_text(call->session->name, sizeof(call->session->name), name);
    return true;
}

static enum command_next reply_ok(const struct call *call)
{
    resp_status(call->writer, "OK");
    return COMMAND_REPLIED;
}

static enum command_next reply_too_many(const struct call *call)
{
    resp_err(call->writer,
             "unknown subcommand or wrong number of arguments for '%.128s'. "
             "Try CLIENT HELP.",
             call->request->argv[1]);
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
    return client_set_name(call, 2) ? reply_ok(call) : COMMAND_REPLIED;
}

/* Every library says so at once; "" takes it back. Kept as far as it fits. */
enum command_next cmd_client_setinfo(struct call *call)
{
    struct session *session = call->session;
    const char *const *argv = call->request->argv;
    char *text;
    if (command_word_is(call, 2, "lib-name")) {
        text = session->library;
    } else if (command_word_is(call, 2, "lib-ver")) {
        text = session->library_version;
    } else {
        resp_err(call->writer, "Unrecognized option '%s'", argv[2]);
        return COMMAND_REPLIED;
    }
    if (!command_is_visible(argv[3], call->request->lengths[3])) {
        resp_err(call->writer,
                 "%s cannot contain spaces, newlines or special characters.",
                 argv[2]);
        return COMMAND_REPLIED;
    }
    copy_text(text, SESSION_TEXT_SIZE, argv[3]);
    return reply_ok(call);
}

/* Only ON is heard by who asks. */
enum command_next cmd_client_reply(struct call *call)
{
    struct session *session = call->session;
    if (command_word_is(call, 2, "on")) {
        session->reply = SESSION_REPLY_ON;
        return reply_ok(call);
    }
    if (command_word_is(call, 2, "off")) {
        session->reply = SESSION_REPLY_OFF;
        return COMMAND_REPLIED;
    }
    if (command_word_is(call, 2, "skip")) {
        if (session->reply != SESSION_REPLY_OFF) {
            session->reply = SESSION_REPLY_SKIP_NEXT;
        }
        return COMMAND_REPLIED;
    }
    return command_reply_syntax_error(call);
}

enum command_next cmd_client_no_evict(struct call *call)
{
    bool on = command_word_is(call, 2, "on");
    if (!on && !command_word_is(call, 2, "off")) {
        return command_reply_syntax_error(call);
    }
    call->session->no_evict = on;
    return reply_ok(call);
}

/* The first millisecond in which clients are served again. `now` is one that
 * has begun, so one more is added: a pause is never shorter than asked for, and
 * one of 0 ms is none. */
static msec end_of_pause(msec now, uint64_t duration_ms)
{
    if (duration_ms == 0) {
        return now;
    }
    return duration_ms < NEVER - 2 - now ? now + duration_ms + 1 : NEVER - 1;
}

/* While there is one, a second makes it longer and stricter, never less. */
static void pause_clients(const struct call *call, bool all,
                          uint64_t duration_ms)
{
    struct session_pause *pause = &call->context->sessions->pause;
    msec now = call->context->now;
    msec until = end_of_pause(now, duration_ms);
    if (pause->until <= now) {
        *pause = (struct session_pause){0};
    }
    pause->all = pause->all || all;
    pause->until = until > pause->until ? until : pause->until;
}

enum command_next cmd_client_pause(struct call *call)
{
    int64_t duration_ms;
    size_t argc = call->request->argc;
    if (argc > 4) {
        return reply_too_many(call);
    }
    if (argc == 4 && !command_word_is(call, 3, "write") &&
        !command_word_is(call, 3, "all")) {
        resp_err(call->writer, "CLIENT PAUSE mode must be WRITE or ALL");
    } else if (!command_read_integer(call, 2, &duration_ms)) {
        resp_err(call->writer, "timeout is not an integer or out of range");
    } else if (duration_ms < 0) {
        resp_err(call->writer, "timeout is negative");
    } else {
        pause_clients(call, argc == 3 || command_word_is(call, 3, "all"),
                      (uint64_t)duration_ms);
        return reply_ok(call);
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_client_unpause(struct call *call)
{
    call->context->sessions->pause = (struct session_pause){0};
    return reply_ok(call);
}

/* Nobody blocks here, so nobody can be woken: 0. */
enum command_next cmd_client_unblock(struct call *call)
{
    int64_t id;
    size_t argc = call->request->argc;
    if (argc > 4) {
        return reply_too_many(call);
    }
    if (argc == 4 && !command_word_is(call, 3, "timeout") &&
        !command_word_is(call, 3, "error")) {
        resp_err(call->writer,
                 "CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    } else if (!command_read_integer(call, 2, &id)) {
        resp_err(call->writer, "value is not an integer or out of range");
    } else {
        resp_integer(call->writer, 0);
    }
    return COMMAND_REPLIED;
}
