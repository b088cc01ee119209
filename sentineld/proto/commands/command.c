/* The way from a client's request to its handler.
 *
 * command_run looks up the request's first word (and the second, for
 * commands that have subcommands), checks the number of words and what a
 * subscriber may say, and calls the row's handler. A handler either writes
 * its reply from the model, which it can only read, or fills a fact for the
 * core. The errors that belong to no single command are written here.
 *
 * Between the number of words and the handler stands the door of cmd_auth.c:
 * who is it, and may he say this? */
#include "sentineld/command.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "proto/commands/command_private.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sentineld/secret.h"

/* What an error repeats of a request is cut after so many bytes. */
enum { ECHO_MAX = 128 };

/* SUBSCRIBE and its relatives answer with messages. */
enum { PUSHES = COMMAND_PUBSUB | COMMAND_WHILE_SUBSCRIBED };

bool command_word_is(const struct call *call, size_t index, const char *word)
{
    size_t length = strlen(word);
    return call->request->lengths[index] == length &&
           strncasecmp(call->request->argv[index], word, length) == 0;
}

bool command_is_visible(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '!' || text[i] > '~') {
            return false;
        }
    }
    return true;
}

bool command_copy_word(const struct call *call, size_t index, char *text,
                       size_t size)
{
    const char *word = call->request->argv[index];
    size_t length = call->request->lengths[index];
    if (length == 0 || length >= size || memchr(word, '\0', length) != NULL) {
        return false;
    }
    copy_text(text, size, word);
    return true;
}

bool command_read_integer(const struct call *call, size_t index, int64_t *value)
{
    return parse_integer(call->request->argv[index],
                         call->request->lengths[index], INT64_MIN, INT64_MAX,
                         value);
}

const struct group *command_find_group(const struct call *call, size_t index)
{
    char name[NAME_SIZE];
    if (!command_copy_word(call, index, name, sizeof(name))) {
        return NULL;
    }
    return model_find_group(call->context->model, name);
}

struct listing *command_listing(const struct call *call, size_t max_bytes)
{
    const struct listing_scope scope = {call->context->sessions,
                                        call->context->model, max_bytes};
    return listing_of(call->session, &scope);
}

enum command_next command_reply_no_group(const struct call *call)
{
    resp_err(call->writer, "No such master with that name");
    return COMMAND_REPLIED;
}

enum command_next command_reply_syntax_error(const struct call *call)
{
    resp_err(call->writer, "syntax error");
    return COMMAND_REPLIED;
}

static const struct command *find_command(const struct command *table,
                                          const struct call *call, size_t index)
{
    return command_find(table, call->request->argv[index],
                        call->request->lengths[index]);
}

/* By the numbers that the rows of the table have. */
#define HANDLER(name) [HANDLED_BY_##name] = cmd_##name,
static enum command_next (*const handlers[])(struct call *call) = {
    COMMAND_HANDLERS(HANDLER)};
#undef HANDLER

static enum command_next reply_unknown_command(const struct call *call)
{
    const struct resp_request *request = call->request;
    char seen[2 * ECHO_MAX] = "";
    size_t used = 0;
    for (size_t i = 1; i < request->argc && used < ECHO_MAX; i++) {
        int written = snprintf(seen + used, sizeof(seen) - used, "'%.*s' ",
                               (int)(ECHO_MAX - used), request->argv[i]);
        used += (size_t)written;
    }
    resp_err(call->writer,
             "unknown command '%.*s', with args beginning with: %s",
             (int)ECHO_MAX, request->argv[0], seen);
    return COMMAND_REPLIED;
}

static enum command_next reply_unknown_subcommand(const struct call *call,
                                                  const char *container)
{
    char upper[CLIENT_KEY_SIZE];
    copy_text(upper, sizeof(upper), container);
    for (char *c = upper; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    resp_err(call->writer, "unknown subcommand '%.*s'. Try %s HELP.",
             (int)ECHO_MAX, call->request->argv[1], upper);
    return COMMAND_REPLIED;
}

static bool refuses_subscriber(const struct call *call,
                               const struct command *command)
{
    bool subscriber = session_channels(call->session) > 0 ||
                      session_patterns(call->session) > 0;
    /* RESP3 tells replies from messages, so there anything may be asked. */
    return subscriber && call->session->protocol == 2 &&
           (command->flags & COMMAND_WHILE_SUBSCRIBED) == 0;
}

static enum command_next run_checked(struct call *call,
                                     const struct command_place *place)
{
    const struct command *command = place->command;
    char *name = call->session->last_command;
    command_full_name(place->container, command, name);
    call->pushes = (command->flags & PUSHES) == PUSHES;
    if (!command_arity_fits(command, call->request->argc)) {
        resp_err(call->writer, "wrong number of arguments for '%s' command",
                 name);
        return COMMAND_REPLIED;
    }
    if (!auth_check(call, place)) {
        return COMMAND_REPLIED;
    }
    if (refuses_subscriber(call, command)) {
        resp_err(call->writer,
                 "Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE "
                 "/ PING / QUIT / RESET are allowed in this context",
                 name);
        return COMMAND_REPLIED;
    }
    assert(command->handler != HANDLED_BY_NONE);
    if (session_is_paused(call->context->sessions, call->session,
                          (command->flags & COMMAND_IS_WRITE) != 0,
                          call->context->now)) {
        return COMMAND_POSTPONE;
    }
    return handlers[command->handler](call);
}

static enum command_next dispatch(struct call *call)
{
    const struct command *command = find_command(command_table, call, 0);
    if (command == NULL) {
        return reply_unknown_command(call);
    }
    if (command->subcommands == NULL || call->request->argc == 1) {
        return run_checked(call, &(struct command_place){NULL, command});
    }
    const struct command *sub = find_command(command->subcommands, call, 1);
    if (sub == NULL) {
        return reply_unknown_subcommand(call, command->name);
    }
    return run_checked(call, &(struct command_place){command, sub});
}

/* What was written is taken back when the client wants no replies; for a
 * client that is subscribing the reply is a message. */
static void keep_silence(struct call *call, size_t start)
{
    if (session_is_silent(call->session) && !call->pushes) {
        call->writer->out->length = start;
    }
    if (call->session->reply == SESSION_REPLY_SKIP) {
        call->session->reply = SESSION_REPLY_ON;
    }
}

enum command_next command_run(const struct command_context *context,
                              struct session *session,
                              const struct resp_request *request,
                              uint64_t token, struct resp_writer *writer,
                              struct command_fact *fact)
{
    struct call call = {context, session, request, token, writer, fact, false};
    size_t start = writer->out->length;
    enum session_reply reply = session->reply;
    assert(request->argc > 0);
    fact->groups = NULL;
    fact->users = (struct users_order){.type = USERS_CHANGED};
    fact->login = NULL;

    if (reply == SESSION_REPLY_SKIP_NEXT) {
        session->reply = SESSION_REPLY_SKIP;
    }
    enum command_next next = dispatch(&call);
    if (next != COMMAND_AGAIN) {
        listing_clear(session);
    }
    if (next == COMMAND_RANDOM || next == COMMAND_POSTPONE ||
        next == COMMAND_AGAIN) {
        session->reply = reply;
        return next;
    }
    session->spoke_at = context->now;
    session_count(session);
    keep_silence(&call, start);
    return next;
}

void command_fact_clear(struct command_fact *fact)
{
    free(fact->groups);
    fact->groups = NULL;
    acl_change_clear(&fact->users.change);
    if (fact->login != NULL) {
        secret_wipe(fact->login, sizeof(*fact->login));
        free(fact->login);
        fact->login = NULL;
    }
}
