/* SENTINEL subcommands that change something, or may: ACKNOWLEDGE, FLUSHCONFIG,
 * IS-MASTER-DOWN-BY-ADDR (it may cast a vote), MONITOR, REMOVE, RESET, SET.
 *
 * Each one checks its words and fills a fact; the core decides and its
 * answer, once durable, becomes the reply. Words are checked completely
 * before anything is asked for, so a command is done as a whole or not at
 * all. Whether a name exists is the core's question: between the request and
 * its turn another change may come first. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "proto/commands/command_private.h"
#include "proto/config/config.h"
#include "proto/text/text.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

/* A pattern is tried on every group; longer ones match no name anyway. */
enum { MAX_PATTERN_BYTES = 2 * NAME_SIZE };

enum command_next command_ask_admin(struct call *call, enum admin_type type)
{
    struct command_fact *fact = call->fact;
    fact->admin.type = type;
    fact->admin.client = call->token;
    fact->event = (struct core_event){.type = EV_ADMIN};
    fact->event.admin = &fact->admin;
    return COMMAND_WAIT;
}

/* For commands whose only word is a master's name. A text that can be no
 * name is no master's name. */
static enum command_next ask_about(struct call *call, enum admin_type type)
{
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){0};
    if (!command_copy_word(call, 2, admin->name, sizeof(admin->name))) {
        return command_reply_no_group(call);
    }
    return command_ask_admin(call, type);
}

enum command_next cmd_sentinel_remove(struct call *call)
{
    return ask_about(call, ADMIN_REMOVE);
}

enum command_next cmd_sentinel_acknowledge(struct call *call)
{
    return ask_about(call, ADMIN_ACKNOWLEDGE);
}

enum command_next cmd_sentinel_flushconfig(struct call *call)
{
    call->fact->admin = (struct admin){0};
    return command_ask_admin(call, ADMIN_FLUSH);
}

enum command_next cmd_sentinel_reset(struct call *call)
{
    const struct model *model = call->context->model;
    const char *pattern = call->request->argv[2];
    size_t length = call->request->lengths[2];
    const struct group *group;
    size_t count = 0;
    if (length > MAX_PATTERN_BYTES) {
        resp_err(call->writer, "Pattern too long: at most %d bytes",
                 MAX_PATTERN_BYTES);
        return COMMAND_REPLIED;
    }
    object_id *groups = xcalloc(model->group_count, sizeof(*groups));
    TAILQ_FOREACH (group, &model->groups, entry) {
        if (glob_match(pattern, length, group->name, strlen(group->name),
                       false)) {
            assert(count < model->group_count);
            groups[count++] = group->id;
        }
    }
    call->fact->groups = groups;
    call->fact->admin = (struct admin){.groups = groups, .group_count = count};
    return command_ask_admin(call, ADMIN_RESET);
}

/* --- MONITOR -------------------------------------------------------------- */

/* The range of a setting, which is the configuration file's. */
static const struct setting_row *find_range(const char *key)
{
    const struct setting_row *range = setting_find(&group_table, key);
    assert(range != NULL);
    return range;
}

/* Checked in Redis' order, so that the same mistake gives the same error.
 * NULL when all is well. */
static const char *read_monitor(const struct call *call, struct admin *admin)
{
    const struct daemon_settings *settings = &call->context->model->settings;
    int64_t quorum;
    int64_t port;
    if (!command_read_integer(call, 5, &quorum) ||
        quorum > (int64_t)find_range("quorum")->maximum) {
        return "Invalid quorum";
    }
    if (!command_read_integer(call, 4, &port)) {
        return "Invalid port";
    }
    if (quorum < 1) {
        return "Quorum must be 1 or greater.";
    }
    if (!command_copy_word(call, 3, admin->master.host,
                           sizeof(admin->master.host)) ||
        !conf_host_normalize(admin->master.host) ||
        conf_host_fault(admin->master.host) != NULL ||
        (!settings->resolve_hostnames && !host_is_ip(admin->master.host))) {
        return "Invalid IP address or hostname specified";
    }
    if (port < 1 || port > UINT16_MAX) {
        return "Invalid port number.";
    }
    if (!command_copy_word(call, 2, admin->name, sizeof(admin->name)) ||
        conf_name_fault(admin->name) != NULL) {
        return "Invalid master name: 1 to 127 bytes without blanks, control "
               "characters, commas and quotes";
    }
    admin->settings.quorum = (uint32_t)quorum;
    admin->master.port = (uint16_t)port;
    return NULL;
}

enum command_next cmd_sentinel_monitor(struct call *call)
{
    const struct periods *periods = &call->context->model->periods;
    struct admin *admin = &call->fact->admin;
    struct conf_draft standard;
    memset(&standard, 0, sizeof(standard));
    setting_set_defaults(&group_table, &standard);
    *admin = (struct admin){.settings = standard.group.settings};
    admin->settings.down_after_ms = periods->down_after_ms;
    admin->settings.failover_timeout_ms = periods->failover_timeout_ms;
    const char *mistake = read_monitor(call, admin);
    if (mistake != NULL) {
        resp_err(call->writer, "%s", mistake);
        return COMMAND_REPLIED;
    }
    return command_ask_admin(call, ADMIN_MONITOR);
}

/* --- SET ------------------------------------------------------------------ */

/* NULL: it is none of the options that the core keeps. */
static const struct setting_row *
find_option(const struct call *call, size_t index, enum setting *setting)
{
    const char *name = call->request->argv[index];
    const struct setting_row *row = setting_find_directive(&group_table, name);
    bool is_whole = strlen(name) == call->request->lengths[index];
    return row != NULL && is_whole && setting_is_core(row, setting) ? row
                                                                    : NULL;
}

bool cmd_sentinel_is_setting(const struct call *call, size_t index)
{
    enum setting setting;
    return find_option(call, index, &setting) != NULL;
}

static bool refuse_value(const struct call *call, size_t index)
{
    resp_err(call->writer, "Invalid argument '%s' for SENTINEL SET '%s'",
             call->request->argv[index + 1], call->request->argv[index]);
    return false;
}

/* In `dir`, as in a sentinel.conf. False: that is no path. */
static bool read_path(const struct call *call, size_t index,
                      char path[SCRIPT_PATH_SIZE])
{
    char typed[SCRIPT_PATH_SIZE];
    const char *dir = call->context->dir;
    if (!command_copy_word(call, index, typed, SCRIPT_PATH_SIZE) ||
        conf_path_fault(typed) != NULL) {
        return false;
    }
    bool stays = typed[0] == '/' || dir == NULL || strcmp(dir, ".") == 0;
    int length = snprintf(path, SCRIPT_PATH_SIZE, "%s%s%s", stays ? "" : dir,
                          stays ? "" : "/", typed);
    return length < SCRIPT_PATH_SIZE;
}

/* "" takes the script away; anything else must be there. */
static bool read_script(const struct call *call, size_t index,
                        struct admin_option *read)
{
    const struct command_context *context = call->context;
    bool empty = call->request->lengths[index + 1] == 0;
    if (context->is_executable == NULL) {
        resp_err(call->writer,
                 "Reconfiguration of scripts path is denied for security "
                 "reasons. Check the deny-scripts-reconfig configuration "
                 "directive in your Sentinel configuration");
        return false;
    }
    if (!empty && !read_path(call, index + 1, read->text)) {
        return refuse_value(call, index);
    }
    if (!empty && !context->is_executable(read->text)) {
        resp_err(call->writer, "%s script seems non existing or non executable",
                 read->setting == SETTING_NOTIFICATION_SCRIPT
                     ? "Notification"
                     : "Client reconfiguration");
        return false;
    }
    return true;
}

/* A number, or one of a few words. */
static bool read_value(const struct call *call, size_t index,
                       const struct setting_row *row, struct admin_option *read)
{
    const char *word = call->request->argv[index + 1];
    struct conf_draft draft;
    if (strlen(word) != call->request->lengths[index + 1] ||
        !setting_take_word(row, word, &draft)) {
        return refuse_value(call, index);
    }
    read->value = setting_number(row, &draft);
    if (row->least > 0 && read->value < (uint64_t)row->least) {
        return refuse_value(call, index); /* that is for the file alone */
    }
    if (row->type == VALUE_CHOICE) {
        copy_text(read->text, sizeof(read->text), word);
    }
    return true;
}

/* One option and its value, at `index`. Writes the error when it is wrong. */
static bool read_option(const struct call *call, size_t index,
                        struct admin_option *read)
{
    const char *const *argv = call->request->argv;
    const struct setting_row *row = find_option(call, index, &read->setting);
    if (row == NULL || index + 1 == call->request->argc) {
        resp_err(call->writer,
                 "Unknown option or number of arguments for SENTINEL SET '%s'",
                 argv[index]);
        return false;
    }
    copy_text(read->typed, sizeof(read->typed), argv[index]);
    return row->type == VALUE_TEXT ? read_script(call, index, read)
                                   : read_value(call, index, row, read);
}

static bool read_options(const struct call *call, struct admin *admin)
{
    size_t argc = call->request->argc;
    if (argc - 3 > 2 * MAX_ADMIN_OPTIONS) {
        resp_err(call->writer, "Too many options for SENTINEL SET: at most %d",
                 MAX_ADMIN_OPTIONS);
        return false;
    }
    for (size_t i = 3; i < argc; i += 2) {
        if (!read_option(call, i, &admin->options[admin->option_count])) {
            return false;
        }
        admin->option_count++;
    }
    return true;
}

enum command_next cmd_sentinel_set(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){0};
    /* An unknown name is said before a wrong option, as in Redis. */
    if (command_find_group(call, 2) == NULL) {
        return command_reply_no_group(call);
    }
    if (cmd_sentinel_is_login(call)) {
        return cmd_sentinel_set_login(call);
    }
    (void)command_copy_word(call, 2, admin->name, sizeof(admin->name));
    if (!read_options(call, admin)) {
        return COMMAND_REPLIED;
    }
    return command_ask_admin(call, ADMIN_SET);
}

/* --- IS-MASTER-DOWN-BY-ADDR ----------------------------------------------- */

static enum command_next reply_know_nothing(const struct call *call)
{
    resp_array(call->writer, 3);
    resp_integer(call->writer, 0);
    resp_string(call->writer, "*");
    resp_integer(call->writer, 0);
    return COMMAND_REPLIED;
}

/* "*" asks for our opinion only; else it is the run id of who wants our
 * vote. It becomes a word of an event, so it has to be one. A supervisor says
 * behind a comma why it wants the vote. */
static bool read_candidate(const struct call *call, char candidate[RUN_ID_SIZE],
                           enum vote_reason *reason)
{
    char word[RUN_ID_SIZE + VOTE_REASON_SIZE];
    candidate[0] = '\0';
    if (command_word_is(call, 5, "*")) {
        return true;
    }
    if (!command_copy_word(call, 5, word, sizeof(word))) {
        return false;
    }
    char *comma = strchr(word, ',');
    if (comma != NULL) {
        *comma = '\0';
        if (!vote_reason_parse(comma + 1, reason)) {
            return false;
        }
    }
    if (strlen(word) > RUN_ID_LEN || conf_name_fault(word) != NULL) {
        return false;
    }
    copy_text(candidate, RUN_ID_SIZE, word);
    return true;
}

enum command_next cmd_sentinel_is_master_down(struct call *call)
{
    struct core_event *event = &call->fact->event;
    *event = (struct core_event){.type = EV_ASKED};
    event->asked.client = call->token;
    int64_t port;
    int64_t epoch;
    /* A negative epoch is a very large one here. */
    if (!command_read_integer(call, 3, &port) ||
        !command_read_integer(call, 4, &epoch) || (uint64_t)epoch > EPOCH_MAX) {
        resp_err(call->writer, "value is not an integer or out of range");
        return COMMAND_REPLIED;
    }
    if (!read_candidate(call, event->asked.candidate, &event->asked.reason)) {
        resp_err(call->writer,
                 "Invalid run id: * or 1 to %d visible "
                 "characters",
                 RUN_ID_LEN);
        return COMMAND_REPLIED;
    }
    struct address *master = &event->asked.master;
    if (!command_copy_word(call, 2, master->host, sizeof(master->host)) ||
        port < 1 || port > UINT16_MAX) {
        return reply_know_nothing(call);
    }
    master->port = (uint16_t)port;
    event->asked.epoch = (uint64_t)epoch;
    return COMMAND_WAIT;
}
