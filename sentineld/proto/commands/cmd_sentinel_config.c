/* SENTINEL CONFIG GET and SET: settings of this supervisor as a whole.
 *
 * What it announces and its log level can be changed; the change is durable
 * before its reply. So can how it logs in at its peers, in a SET of its own,
 * since the core knows nothing of logins; the password is not told. All of a
 * SET is done, or nothing. */
#include <string.h>

#include "proto/commands/command_private.h"
#include "proto/config/config.h"
#include "proto/text/text.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

static enum command_next reply_usage(const struct call *call)
{
    resp_err(call->writer,
             "Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET "
             "<param> <value> [<param> <value> ...] are supported.");
    return COMMAND_REPLIED;
}

/* The rows in the order in which they are told; NULL is the end. */
static const struct setting_row *row_at(unsigned place)
{
    for (size_t i = 0; i < daemon_table.count; i++) {
        if (daemon_table.rows[i].config == place) {
            return &daemon_table.rows[i];
        }
    }
    return NULL;
}

enum { FIRST_PLACE = 1, PLACES_MOST = 16 };

/* The core knows nothing of it. */
static bool is_login(const struct setting_row *row)
{
    size_t from = offsetof(struct conf, peer_login);
    return row->offset >= from &&
           row->offset < from + sizeof(struct conf_login);
}

/* What holds now, as far as it can be told. The caller frees it. */
static struct conf *conf_of(const struct command_context *context)
{
    struct conf *conf = xcalloc(1, sizeof(*conf));
    conf->settings = context->model->settings;
    if (context->peer_user != NULL) {
        copy_text(conf->peer_login.user, sizeof(conf->peer_login.user),
                  context->peer_user);
    }
    if (context->has_peer_password) {
        copy_text(conf->peer_login.password, sizeof(conf->peer_login.password),
                  "******");
    }
    return conf;
}

/* --- GET ------------------------------------------------------------------ */

/* The rows that this pattern matches and that none before it did. */
static size_t match(const struct call *call, size_t index,
                    bool wanted[PLACES_MOST],
                    const struct setting_row *found[PLACES_MOST])
{
    const struct setting_row *row;
    size_t count = 0;
    for (unsigned i = FIRST_PLACE; (row = row_at(i)) != NULL; i++) {
        if (!wanted[i] &&
            glob_match(call->request->argv[index],
                       call->request->lengths[index], row->directive,
                       strlen(row->directive), true)) {
            wanted[i] = true;
            found[count++] = row;
        }
    }
    return count;
}

static enum command_next get(const struct call *call)
{
    bool wanted[PLACES_MOST] = {false};
    const struct setting_row *found[PLACES_MOST];
    struct conf *conf = conf_of(call->context);
    size_t count = 0;
    for (size_t i = 3; i < call->request->argc; i++) {
        count += match(call, i, wanted, found + count);
    }
    resp_map(call->writer, count);
    for (size_t i = 0; i < count; i++) {
        char value[SETTING_WORD_SIZE];
        setting_print_word(found[i], conf, value);
        resp_string(call->writer, found[i]->directive);
        resp_string(call->writer, value);
    }
    free(conf);
    return COMMAND_REPLIED;
}

/* --- SET ------------------------------------------------------------------ */

static const struct setting_row *find_row(const struct call *call, size_t index)
{
    const char *name = call->request->argv[index];
    const struct setting_row *row = setting_find_directive(&daemon_table, name);
    return row != NULL && row->config != 0 &&
                   strlen(name) == call->request->lengths[index]
               ? row
               : NULL;
}

/* A login is not repeated in an error. */
static void reply_invalid_value(const struct call *call, size_t index,
                                const struct setting_row *row)
{
    const char *const *argv = call->request->argv;
    if (is_login(row)) {
        resp_err(call->writer, "Invalid value to SENTINEL CONFIG SET '%s'",
                 argv[index]);
        return;
    }
    resp_err(call->writer, "Invalid value '%s' to SENTINEL CONFIG SET '%s'",
             argv[index + 1], argv[index]);
}

static void take_login(struct command_fact *fact, const struct setting_row *row,
                       const struct conf_login *from)
{
    if (fact->login == NULL) {
        fact->login = xcalloc(1, sizeof(*fact->login));
    }
    struct login_change *login = fact->login;
    if ((row->flags & ROW_SECRET) == 0) {
        login->has_user = true;
        copy_text(login->user, sizeof(login->user), from->user);
    } else {
        login->has_password = true;
        copy_text(login->password, sizeof(login->password), from->password);
    }
}

static bool read_pair(const struct call *call, size_t index,
                      bool seen[PLACES_MOST], struct conf *conf)
{
    const char *const *argv = call->request->argv;
    const struct setting_row *row = find_row(call, index);
    if (row == NULL) {
        resp_err(call->writer, "Invalid argument '%s' to SENTINEL CONFIG SET",
                 argv[index]);
    } else if (seen[row->config]) {
        resp_err(call->writer, "Duplicate argument '%s' to SENTINEL CONFIG SET",
                 argv[index]);
    } else if (index + 1 == call->request->argc) {
        resp_err(call->writer, "Missing argument '%s' value", argv[index]);
    } else if (strlen(argv[index + 1]) != call->request->lengths[index + 1] ||
               !setting_take_word(row, argv[index + 1], conf)) {
        reply_invalid_value(call, index, row);
    } else {
        seen[row->config] = true;
        if (is_login(row)) {
            take_login(call->fact, row, &conf->peer_login);
        }
        return true;
    }
    return false;
}

static bool read_pairs(const struct call *call,
                       struct daemon_settings *settings)
{
    bool seen[PLACES_MOST] = {false};
    struct conf *conf = conf_of(call->context);
    bool ok = true;
    for (size_t i = 3; ok && i < call->request->argc; i += 2) {
        ok = read_pair(call, i, seen, conf);
    }
    *settings = conf->settings;
    free(conf);
    return ok;
}

static enum command_next set(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){0};
    if (!read_pairs(call, &admin->daemon)) {
        return COMMAND_REPLIED;
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
