/* ACL: users shown and changed.
 *
 * A change is made in memory at once and handed on; the reply is written
 * when it is durable, and it is taken back when it cannot be. Connections
 * that their user may not have any more are doomed with the change. */
#include <stdio.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"
#include "sentineld/memory.h"

/* --- Shown ---------------------------------------------------------------- */

enum command_next cmd_acl_users(struct call *call)
{
    const struct acl *acl = call->context->acl;
    const struct acl_user *user = NULL;
    resp_array(call->writer, acl_count(acl));
    while ((user = acl_next(acl, user)) != NULL) {
        resp_string(call->writer, user->name);
    }
    return COMMAND_REPLIED;
}

/* Writes what was collected as one string. */
static void reply_buffer(const struct call *call, struct buffer *text)
{
    resp_bulk(call->writer, text->length == 0 ? "" : text->data, text->length);
    buffer_clear(text);
}

enum command_next cmd_acl_list(struct call *call)
{
    const struct acl *acl = call->context->acl;
    const struct acl_user *user = NULL;
    struct buffer line;
    buffer_init(&line, SIZE_MAX);
    resp_array(call->writer, acl_count(acl));
    while ((user = acl_next(acl, user)) != NULL) {
        (void)buffer_printf(&line, "user %s ", user->name);
        acl_describe_user(user, &line);
        reply_buffer(call, &line);
    }
    return COMMAND_REPLIED;
}

static void reply_flags(const struct call *call, const struct acl_user *user)
{
    bool says = user->payload != PAYLOAD_UNSAID;
    resp_set(call->writer, (size_t)1 + (user->nopass ? 1 : 0) + (says ? 1 : 0));
    resp_string(call->writer, user->on ? "on" : "off");
    if (user->nopass) {
        resp_string(call->writer, "nopass");
    }
    if (says) {
        resp_string(call->writer, user->payload == PAYLOAD_SKIP
                                      ? "skip-sanitize-payload"
                                      : "sanitize-payload");
    }
}

static void reply_passwords(const struct call *call,
                            const struct acl_user *user)
{
    resp_array(call->writer, user->passwords.count);
    for (size_t i = 0; i < user->passwords.count; i++) {
        resp_string(call->writer, user->passwords.items[i]);
    }
}

static void reply_selector(const struct call *call,
                           const struct acl_selector *selector)
{
    struct buffer text;
    buffer_init(&text, SIZE_MAX);
    resp_string(call->writer, "commands");
    acl_write_commands(selector, &text);
    reply_buffer(call, &text);
    resp_string(call->writer, "keys");
    acl_write_keys(selector, &text);
    reply_buffer(call, &text);
    resp_string(call->writer, "channels");
    acl_write_channels(selector, &text);
    reply_buffer(call, &text);
}

enum command_next cmd_acl_getuser(struct call *call)
{
    struct resp_writer *writer = call->writer;
    const struct acl_user *user = acl_find(
        call->context->acl, call->request->argv[2], call->request->lengths[2]);
    if (user == NULL) {
        resp_null(writer);
        return COMMAND_REPLIED;
    }
    resp_map(writer, 6);
    resp_string(writer, "flags");
    reply_flags(call, user);
    resp_string(writer, "passwords");
    reply_passwords(call, user);
    reply_selector(call, &user->selectors[0]);
    resp_string(writer, "selectors");
    resp_array(writer, user->selector_count - 1);
    for (size_t i = 1; i < user->selector_count; i++) {
        resp_map(writer, 3);
        reply_selector(call, &user->selectors[i]);
    }
    return COMMAND_REPLIED;
}

/* --- Changed -------------------------------------------------------------- */

static enum command_next order(struct call *call, enum users_order_type type)
{
    call->fact->users.type = type;
    session_book_apply(call->context->sessions, call->context->acl);
    return COMMAND_USERS;
}

enum command_next cmd_acl_setuser(struct call *call)
{
    const struct resp_request *request = call->request;
    const char *fault = acl_name_fault(request->argv[2], request->lengths[2]);
    struct error error = {""};
    if (fault != NULL) {
        resp_err(call->writer, "%s", fault);
        return COMMAND_REPLIED;
    }
    size_t count = request->argc - 3;
    struct acl_word *words = xcalloc(count, sizeof(*words));
    for (size_t i = 0; i < count; i++) {
        words[i] =
            (struct acl_word){request->argv[i + 3], request->lengths[i + 3]};
    }
    const struct acl_words all = {count, words};
    bool ok = acl_set_user(call->context->acl, request->argv[2], &all,
                           &call->fact->users.change, &error);
    free(words);
    if (!ok) {
        resp_err(call->writer, "%s", error.text);
        return COMMAND_REPLIED;
    }
    return order(call, USERS_CHANGED);
}

enum command_next cmd_acl_deluser(struct call *call)
{
    const struct resp_request *request = call->request;
    struct users_order *users = &call->fact->users;
    for (size_t i = 2; i < request->argc; i++) {
        if (strcmp(request->argv[i], ACL_DEFAULT_USER) == 0) {
            resp_err(call->writer, "The 'default' user cannot be removed");
            return COMMAND_REPLIED;
        }
    }
    users->is_counted = true;
    for (size_t i = 2; i < request->argc; i++) {
        if (strlen(request->argv[i]) == request->lengths[i] &&
            acl_delete_user(call->context->acl, request->argv[i],
                            &users->change)) {
            users->count++;
        }
    }
    if (users->count == 0) {
        resp_integer(call->writer, 0);
        return COMMAND_REPLIED;
    }
    return order(call, USERS_CHANGED);
}

static enum command_next order_file(struct call *call,
                                    enum users_order_type type)
{
    if (!call->context->has_acl_file) {
        resp_err(call->writer,
                 "This Redis instance is not configured to use an ACL file. "
                 "You may want to specify users via the ACL SETUSER command "
                 "and then issue a CONFIG REWRITE (assuming you have a Redis "
                 "configuration file set) in order to store users in the "
                 "Redis configuration.");
        return COMMAND_REPLIED;
    }
    return order(call, type);
}

enum command_next cmd_acl_load(struct call *call)
{
    return order_file(call, USERS_LOAD);
}

enum command_next cmd_acl_save(struct call *call)
{
    return order_file(call, USERS_SAVE);
}
