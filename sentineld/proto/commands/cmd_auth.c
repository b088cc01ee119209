/* AUTH, and the door that every command goes through: who has not logged in
 * may only do that, and everybody else what his rules allow. Refusals are
 * noted for ACL LOG; passwords are not. */
#include <stdio.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"
#include "sentineld/memory.h"

/* Notes a refusal. `object` is what was refused, `user` whom. */
static void note_refusal(const struct call *call, enum acl_reason reason,
                         const char *object, const char *user)
{
    const struct command_context *context = call->context;
    struct acl_log_entry entry = {.reason = reason};
    struct buffer line;
    copy_text(entry.object, sizeof(entry.object), object);
    copy_text(entry.user, sizeof(entry.user), user);
    buffer_init(&line, SIZE_MAX);
    client_describe(call->session, context->now, &line);
    line.data[line.length - 1] = '\0'; /* the line's end */
    copy_text(entry.client, sizeof(entry.client), line.data);
    buffer_clear(&line);
    acl_log_add(context->acl->log, &entry, context->status->now_us,
                context->status->acllog_max_len);
}

/* --- AUTH ----------------------------------------------------------------- */

static struct acl_word word_at(const struct call *call, size_t index)
{
    const struct resp_request *request = call->request;
    return (struct acl_word){request->argv[index], request->lengths[index]};
}

static bool log_in(const struct call *call, const struct acl_word *user,
                   const struct acl_word *password)
{
    if (session_authenticate(call->session, call->context->acl, user,
                             password)) {
        return true;
    }
    note_refusal(call, ACL_LOG_AUTH, call->request->argv[0], user->text);
    resp_error(call->writer, "WRONGPASS invalid username-password pair or "
                             "user is disabled.");
    return false;
}

bool auth_log_in(const struct call *call, size_t user, size_t password)
{
    const struct acl_word name = word_at(call, user);
    const struct acl_word word = word_at(call, password);
    return log_in(call, &name, &word);
}

static const struct acl_word default_user = {ACL_DEFAULT_USER,
                                             sizeof(ACL_DEFAULT_USER) - 1};

enum command_next cmd_auth(struct call *call)
{
    size_t argc = call->request->argc;
    struct acl_word password = word_at(call, argc - 1);
    struct acl_word user = argc == 2 ? default_user : word_at(call, 1);
    if (argc > 3) {
        resp_err(call->writer, "syntax error");
        return COMMAND_REPLIED;
    }
    if (argc == 2 && !acl_default_has_password(call->context->acl)) {
        resp_err(call->writer,
                 "AUTH <password> called without any password configured for "
                 "the default user. Are you sure your configuration is "
                 "correct?");
        return COMMAND_REPLIED;
    }
    if (log_in(call, &user, &password)) {
        resp_status(call->writer, "OK");
    }
    return COMMAND_REPLIED;
}

/* --- The door ------------------------------------------------------------- */

static void refuse(const struct call *call, const struct command_place *place,
                   enum acl_verdict verdict, size_t index)
{
    const char *user = call->session->user;
    char name[SESSION_TEXT_SIZE];
    command_full_name(place->container, place->command, name);
    if (verdict == ACL_NO_CHANNEL) {
        note_refusal(call, ACL_LOG_CHANNEL, call->request->argv[index], user);
        resp_error(call->writer, "NOPERM No permissions to access a channel");
        return;
    }
    char text[256];
    (void)snprintf(text, sizeof(text),
                   "NOPERM User %s has no permissions to run the '%s' command",
                   user, name);
    note_refusal(call, ACL_LOG_COMMAND, name, user);
    resp_error(call->writer, text);
}

bool auth_check(const struct call *call, const struct command_place *place)
{
    const struct acl *acl = call->context->acl;
    const struct session *session = call->session;
    if ((place->command->flags & COMMAND_NO_AUTH) != 0) {
        return true;
    }
    if (session_is_guest(session, acl)) {
        resp_error(call->writer, "NOAUTH Authentication required.");
        return false;
    }
    const struct acl_user *user =
        acl_find(acl, session->user, strlen(session->user));
    const struct acl_request request = {*place, call->request->argc,
                                        call->request->argv,
                                        call->request->lengths};
    size_t index = 0;
    enum acl_verdict verdict =
        user == NULL ? ACL_NO_COMMAND : acl_check(user, &request, &index);
    if (verdict != ACL_ALLOWED) {
        refuse(call, place, verdict, index);
    }
    return verdict == ACL_ALLOWED;
}
