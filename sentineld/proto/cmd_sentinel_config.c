/* SENTINEL CONFIG GET and SET: settings of this supervisor as a whole.
 *
 * What it announces and its log level can be changed; the change is durable
 * before its reply. So can how it logs in at its peers, in a SET of its own,
 * since the core knows nothing of logins; the password is not told. All of a
 * SET is done, or nothing. */
#include <stdio.h>
#include <string.h>

#include "command_private.h"
#include "config/config.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

/* In the order in which they are told. */
enum option {
    RESOLVE_HOSTNAMES,
    ANNOUNCE_HOSTNAMES,
    ANNOUNCE_IP,
    ANNOUNCE_PORT,
    SENTINEL_USER,
    SENTINEL_PASS,
    LOGLEVEL,
};
enum { OPTION_COUNT = LOGLEVEL + 1, VALUE_SIZE = LOGIN_TEXT_SIZE };

static const char *const option_names[OPTION_COUNT] = {
    "resolve-hostnames", "announce-hostnames", "announce-ip", "announce-port",
    "sentinel-user",     "sentinel-pass",      "loglevel",
};

/* By enum log_level; the last one is above them all. */
static const char *const level_names[] = {
    "debug", "verbose", "notice", "warning", "nothing",
};
enum { LEVEL_COUNT = LEVEL_WARNING + 2 };

static enum command_next reply_usage(const struct call *call)
{
    resp_err(call->writer,
             "Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET "
             "<param> <value> [<param> <value> ...] are supported.");
    return COMMAND_REPLIED;
}

/* --- GET ------------------------------------------------------------------ */

static void read_value(const struct command_context *context,
                       enum option option, char value[VALUE_SIZE])
{
    const struct daemon_settings *settings = &context->model->settings;
    value[0] = '\0';
    switch (option) {
    case RESOLVE_HOSTNAMES:
        copy_text(value, VALUE_SIZE,
                  settings->resolve_hostnames ? "yes" : "no");
        return;
    case ANNOUNCE_HOSTNAMES:
        copy_text(value, VALUE_SIZE,
                  settings->announce_hostnames ? "yes" : "no");
        return;
    case ANNOUNCE_IP:
        copy_text(value, VALUE_SIZE, settings->announce_host);
        return;
    case ANNOUNCE_PORT:
        (void)snprintf(value, VALUE_SIZE, "%u",
                       (unsigned)settings->announce_port);
        return;
    case SENTINEL_USER:
        copy_text(value, VALUE_SIZE,
                  context->peer_user == NULL ? "" : context->peer_user);
        return;
    case SENTINEL_PASS:
        copy_text(value, VALUE_SIZE,
                  context->has_peer_password ? "******" : "");
        return;
    case LOGLEVEL:
        if (settings->log_level < LEVEL_COUNT) {
            copy_text(value, VALUE_SIZE, level_names[settings->log_level]);
        }
        return;
    }
}

/* The options that this pattern matches and that none before it did. */
static size_t match(const struct call *call, size_t index,
                    bool wanted[OPTION_COUNT], enum option found[OPTION_COUNT])
{
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (!wanted[i] &&
            glob_match(call->request->argv[index],
                       call->request->lengths[index], option_names[i],
                       strlen(option_names[i]), true)) {
            wanted[i] = true;
            found[count++] = (enum option)i;
        }
    }
    return count;
}

static enum command_next get(const struct call *call)
{
    bool wanted[OPTION_COUNT] = {false};
    enum option found[OPTION_COUNT];
    size_t count = 0;
    for (size_t i = 3; i < call->request->argc; i++) {
        count += match(call, i, wanted, found + count);
    }
    resp_map(call->writer, count);
    for (size_t i = 0; i < count; i++) {
        char value[VALUE_SIZE];
        read_value(call->context, found[i], value);
        resp_string(call->writer, option_names[found[i]]);
        resp_string(call->writer, value);
    }
    return COMMAND_REPLIED;
}

/* --- SET ------------------------------------------------------------------ */

static bool find_option(const struct call *call, size_t index,
                        enum option *option)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (command_word_is(call, index, option_names[i])) {
            *option = (enum option)i;
            return true;
        }
    }
    return false;
}

static bool read_level(const struct call *call, size_t index, uint32_t *level)
{
    for (uint32_t i = 0; i < LEVEL_COUNT; i++) {
        if (command_word_is(call, index, level_names[i])) {
            *level = i;
            return true;
        }
    }
    return false;
}

static bool read_switch(const struct call *call, size_t index, bool *on)
{
    *on = command_word_is(call, index, "yes");
    return *on || command_word_is(call, index, "no");
}

static bool read_host(const struct call *call, size_t index,
                      char host[HOST_SIZE])
{
    if (call->request->lengths[index] == 0) {
        host[0] = '\0';
        return true;
    }
    return command_copy_word(call, index, host, HOST_SIZE) &&
           conf_host_fault(host) == NULL;
}

/* A user or a password for peers. */
static bool read_login(const struct call *call, size_t index,
                       enum option option)
{
    const char *value = call->request->argv[index];
    size_t length = call->request->lengths[index];
    if (length >= LOGIN_TEXT_SIZE || strlen(value) != length ||
        (option == SENTINEL_USER && conf_text_fault(value) != NULL)) {
        return false;
    }
    if (call->fact->login == NULL) {
        call->fact->login = xcalloc(1, sizeof(*call->fact->login));
    }
    struct login_change *login = call->fact->login;
    if (option == SENTINEL_USER) {
        login->has_user = true;
        copy_text(login->user, sizeof(login->user), value);
    } else {
        login->has_password = true;
        copy_text(login->password, sizeof(login->password), value);
    }
    return true;
}

/* The value at `index`; false when it is none for this option. */
static bool read_setting(const struct call *call, size_t index,
                         enum option option, struct daemon_settings *settings)
{
    uint64_t port;
    switch (option) {
    case RESOLVE_HOSTNAMES:
        return read_switch(call, index, &settings->resolve_hostnames);
    case ANNOUNCE_HOSTNAMES:
        return read_switch(call, index, &settings->announce_hostnames);
    case ANNOUNCE_IP:
        return read_host(call, index, settings->announce_host);
    case ANNOUNCE_PORT:
        if (!parse_unsigned(call->request->argv[index],
                            call->request->lengths[index], UINT16_MAX, &port)) {
            return false;
        }
        settings->announce_port = (uint16_t)port;
        return true;
    case SENTINEL_USER:
    case SENTINEL_PASS:
        return read_login(call, index, option);
    case LOGLEVEL:
        return read_level(call, index, &settings->log_level);
    }
    return false;
}

/* A password is not repeated in an error. */
static void reply_invalid_value(const struct call *call, size_t index,
                                enum option option)
{
    const char *const *argv = call->request->argv;
    if (option == SENTINEL_USER || option == SENTINEL_PASS) {
        resp_err(call->writer, "Invalid value to SENTINEL CONFIG SET '%s'",
                 argv[index]);
        return;
    }
    resp_err(call->writer, "Invalid value '%s' to SENTINEL CONFIG SET '%s'",
             argv[index + 1], argv[index]);
}

static bool read_pair(const struct call *call, size_t index,
                      bool seen[OPTION_COUNT], struct daemon_settings *settings)
{
    const char *typed = call->request->argv[index];
    enum option option;
    if (!find_option(call, index, &option)) {
        resp_err(call->writer, "Invalid argument '%s' to SENTINEL CONFIG SET",
                 typed);
    } else if (seen[option]) {
        resp_err(call->writer, "Duplicate argument '%s' to SENTINEL CONFIG SET",
                 typed);
    } else if (index + 1 == call->request->argc) {
        resp_err(call->writer, "Missing argument '%s' value", typed);
    } else if (!read_setting(call, index + 1, option, settings)) {
        reply_invalid_value(call, index, option);
    } else {
        seen[option] = true;
        return true;
    }
    return false;
}

static enum command_next set(struct call *call)
{
    bool seen[OPTION_COUNT] = {false};
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){.daemon = call->context->model->settings};
    for (size_t i = 3; i < call->request->argc; i += 2) {
        if (!read_pair(call, i, seen, &admin->daemon)) {
            return COMMAND_REPLIED;
        }
    }
    const struct login_change *login = call->fact->login;
    if (login == NULL) {
        return command_ask_admin(call, ADMIN_CONFIG);
    }
    size_t logins = (size_t)login->has_user + (size_t)login->has_password;
    if (logins * 2 + 3 != call->request->argc) {
        resp_err(call->writer,
                 "sentinel-user and sentinel-pass are set by a SENTINEL CONFIG "
                 "SET of their own");
        return COMMAND_REPLIED;
    }
    return COMMAND_LOGIN;
}

enum command_next cmd_sentinel_config(struct call *call)
{
    if (command_word_is(call, 2, "get")) {
        return get(call);
    }
    if (command_word_is(call, 2, "set") && call->request->argc > 4) {
        return set(call);
    }
    return reply_usage(call);
}
