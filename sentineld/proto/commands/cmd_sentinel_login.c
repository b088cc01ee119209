/* SENTINEL SET's options about how to speak to a group's servers: auth-user,
 * auth-pass, rename-command.
 *
 * The core knows nothing of these, so they are kept by others, and a SET is
 * either about them or about the core's settings, never both: it would not
 * be done as a whole. */
#include <string.h>

#include "proto/commands/command_private.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

enum login_option { LOGIN_PASSWORD, LOGIN_USER, LOGIN_RENAME, LOGIN_NONE };

static enum login_option find(const struct call *call, size_t index)
{
    if (command_word_is(call, index, "auth-pass")) {
        return LOGIN_PASSWORD;
    }
    if (command_word_is(call, index, "auth-user")) {
        return LOGIN_USER;
    }
    return command_word_is(call, index, "rename-command") ? LOGIN_RENAME
                                                          : LOGIN_NONE;
}

/* How many words the option at `index` has, itself among them. */
static size_t width(const struct call *call, size_t index)
{
    return find(call, index) == LOGIN_RENAME ? 3 : 2;
}

bool cmd_sentinel_is_login(const struct call *call)
{
    for (size_t i = 3; i < call->request->argc; i += width(call, i)) {
        if (find(call, i) != LOGIN_NONE) {
            return true;
        }
    }
    return false;
}

static bool refuse_option(const struct call *call, size_t index)
{
    bool is_known = find(call, index) != LOGIN_NONE;
    resp_err(call->writer,
             is_known || !cmd_sentinel_is_setting(call, index)
                 ? "Unknown option or number of arguments for SENTINEL SET '%s'"
                 : "'%s' and the login are set one after the other, with "
                   "SENTINEL SET each",
             call->request->argv[index]);
    return false;
}

static bool refuse_value(const struct call *call, size_t option, size_t value)
{
    bool is_secret = find(call, option) == LOGIN_PASSWORD;
    resp_err(call->writer, "Invalid argument '%s' for SENTINEL SET '%s'",
             is_secret ? "******" : call->request->argv[value],
             call->request->argv[option]);
    return false;
}

static bool read_text(const struct call *call, size_t index,
                      char text[LOGIN_TEXT_SIZE])
{
    const char *value = call->request->argv[index + 1];
    size_t length = call->request->lengths[index + 1];
    bool is_shown = find(call, index) == LOGIN_USER;
    if (length >= LOGIN_TEXT_SIZE || strlen(value) != length ||
        (is_shown && conf_text_fault(value) != NULL)) {
        return refuse_value(call, index, index + 1);
    }
    copy_text(text, LOGIN_TEXT_SIZE, value);
    return true;
}

static bool read_word(const struct call *call, size_t index, size_t word,
                      char text[RENAME_SIZE])
{
    return (command_copy_word(call, word, text, RENAME_SIZE) &&
            renames_fault(text) == NULL) ||
           refuse_value(call, index, word);
}

static bool read_rename(const struct call *call, size_t index,
                        struct login_change *change)
{
    if (change->rename_count == MAX_ADMIN_OPTIONS) {
        resp_err(call->writer, "Too many options for SENTINEL SET: at most %d",
                 MAX_ADMIN_OPTIONS);
        return false;
    }
    struct rename *rename = &change->renames[change->rename_count++];
    return read_word(call, index, index + 1, rename->command) &&
           read_word(call, index, index + 2, rename->name);
}

static bool read_option(const struct call *call, size_t index,
                        struct login_change *change)
{
    if (index + width(call, index) > call->request->argc) {
        return refuse_option(call, index);
    }
    switch (find(call, index)) {
    case LOGIN_PASSWORD:
        change->has_password = true;
        return read_text(call, index, change->password);
    case LOGIN_USER:
        change->has_user = true;
        return read_text(call, index, change->user);
    case LOGIN_RENAME:
        return read_rename(call, index, change);
    case LOGIN_NONE:
        break;
    }
    return refuse_option(call, index);
}

enum command_next cmd_sentinel_set_login(struct call *call)
{
    struct login_change *change = xcalloc(1, sizeof(*change));
    call->fact->login = change;
    (void)command_copy_word(call, 2, change->group, sizeof(change->group));
    for (size_t i = 3; i < call->request->argc; i += width(call, i)) {
        if (!read_option(call, i, change)) {
            return COMMAND_REPLIED;
        }
    }
    return COMMAND_LOGIN;
}
