/* COMMAND, COUNT and INFO: what can be asked here, by the table of commands.
 * (LIST and GETKEYS are in cmd_command_list.c, DOCS in cmd_command_docs.c.)
 *
 * Clients that know many servers ask for it at once (which flags a command
 * has, where its keys are: nowhere here), and access rules go by the same
 * categories. Rows marked as unlisted are served, but not told of. */
#include <stdio.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"

/* Redis' flags, in the order in which they are told. */
static const struct {
    unsigned flag;
    const char *name;
} flag_names[] = {
    {COMMAND_ADMIN, "admin"},           {COMMAND_PUBSUB, "pubsub"},
    {COMMAND_NOSCRIPT, "noscript"},     {COMMAND_LOADING, "loading"},
    {COMMAND_STALE, "stale"},           {COMMAND_FAST, "fast"},
    {COMMAND_NO_AUTH, "no_auth"},       {COMMAND_NO_MULTI, "no_multi"},
    {COMMAND_ALLOW_BUSY, "allow_busy"},
};
enum { FLAG_COUNT = sizeof(flag_names) / sizeof(flag_names[0]) };

/* --- INFO ----------------------------------------------------------------- */

static void write_flags(struct resp_writer *writer, unsigned flags)
{
    size_t count = 0;
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        count += (flags & flag_names[i].flag) != 0 ? 1 : 0;
    }
    resp_set(writer, count);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if ((flags & flag_names[i].flag) != 0) {
            resp_status(writer, flag_names[i].name);
        }
    }
}

static bool is_in(const struct command *command, const char *category)
{
    return acl_is_in_category(command,
                              acl_find_category(category, strlen(category)));
}

static void write_categories(struct resp_writer *writer,
                             const struct command *command)
{
    const char *category;
    char text[SESSION_TEXT_SIZE];
    size_t count = 0;
    for (size_t i = 0; (category = acl_category_name(i)) != NULL; i++) {
        count += is_in(command, category) ? 1 : 0;
    }
    resp_set(writer, count);
    for (size_t i = 0; (category = acl_category_name(i)) != NULL; i++) {
        if (is_in(command, category)) {
            (void)snprintf(text, sizeof(text), "@%s", category);
            resp_status(writer, text);
        }
    }
}

static void write_tips(struct resp_writer *writer,
                       const struct command *command)
{
    size_t count = 0;
    while (count < COMMAND_TIPS_MAX && command->tips[count] != NULL) {
        count++;
    }
    resp_set(writer, count);
    for (size_t i = 0; i < count; i++) {
        resp_string(writer, command->tips[i]);
    }
}

/* All of a row but its subcommands, which follow. No command has keys. */
static void write_row(struct resp_writer *writer,
                      const struct command *container,
                      const struct command *command)
{
    char name[SESSION_TEXT_SIZE];
    command_full_name(container, command, name);
    resp_array(writer, 10);
    resp_string(writer, name);
    resp_integer(writer, command->arity);
    write_flags(writer, command->flags);
    resp_integer(writer, 0); /* first key, last key, step */
    resp_integer(writer, 0);
    resp_integer(writer, 0);
    write_categories(writer, command);
    write_tips(writer, command);
    resp_set(writer, 0); /* key specifications */
    size_t count = command_count_listed(command->subcommands);
    if (count == 0) {
        resp_set(writer, 0);
    } else {
        resp_array(writer, count);
    }
}

static void write_command(struct resp_writer *writer,
                          const struct command *container,
                          const struct command *command)
{
    write_row(writer, container, command);
    const struct command *sub = command->subcommands;
    for (; sub != NULL && sub->name != NULL; sub++) {
        write_row(writer, command, sub);
    }
}

static enum command_next reply_all(const struct call *call)
{
    resp_array(call->writer, command_count_listed(command_table));
    for (const struct command *row = command_table; row->name != NULL; row++) {
        if (command_is_listed(row)) {
            write_command(call->writer, NULL, row);
        }
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_command(struct call *call)
{
    return reply_all(call);
}

enum command_next cmd_command_info(struct call *call)
{
    const struct resp_request *request = call->request;
    if (request->argc == 2) {
        return reply_all(call);
    }
    resp_array(call->writer, request->argc - 2);
    for (size_t i = 2; i < request->argc; i++) {
        struct command_place place;
        if (command_find_listed(request->argv[i], request->lengths[i],
                                &place)) {
            write_command(call->writer, place.container, place.command);
        } else {
            resp_null(call->writer);
        }
    }
    return COMMAND_REPLIED;
}

enum command_next cmd_command_count(struct call *call)
{
    resp_integer(call->writer, (int64_t)command_count_listed(command_table));
    return COMMAND_REPLIED;
}
