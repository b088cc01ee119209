/* COMMAND: what can be asked here. COUNT, LIST, INFO and GETKEYS go by the
 * table of commands; DOCS is in cmd_command_docs.c.
 *
 * Clients that know many servers ask for it at once (which flags a command
 * has, where its keys are: nowhere here), and access rules go by the same
 * categories. Rows marked as unlisted are served, but not told of. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "command_private.h"

/* Redis' flags and categories, in the order in which they are told. */
static const struct flag_name {
    unsigned flag; /* any of these */
    const char *name;
} flag_names[] = {
    {COMMAND_ADMIN, "admin"},           {COMMAND_PUBSUB, "pubsub"},
    {COMMAND_NOSCRIPT, "noscript"},     {COMMAND_LOADING, "loading"},
    {COMMAND_STALE, "stale"},           {COMMAND_FAST, "fast"},
    {COMMAND_NO_AUTH, "no_auth"},       {COMMAND_NO_MULTI, "no_multi"},
    {COMMAND_ALLOW_BUSY, "allow_busy"},
};
enum { FLAG_COUNT = sizeof(flag_names) / sizeof(flag_names[0]) };

/* What is not fast is slow. */
enum { SLOW = 1u << 30 };

static const struct flag_name category_names[] = {
    {COMMAND_PUBSUB, "@pubsub"},
    {COMMAND_ADMIN | COMMAND_IS_ADMIN, "@admin"},
    {COMMAND_FAST, "@fast"},
    {SLOW, "@slow"},
    {COMMAND_ADMIN | COMMAND_IS_DANGEROUS, "@dangerous"},
    {COMMAND_IS_CONNECTION, "@connection"},
};
enum { CATEGORY_COUNT = sizeof(category_names) / sizeof(category_names[0]) };

/* Hints for clients that spread commands over a cluster. */
static const struct tips {
    const char *name;
    const char *tips[3];
} command_tips[] = {
    {"client|info", {"nondeterministic_output"}},
    {"client|list", {"nondeterministic_output"}},
    {"command", {"nondeterministic_output_order"}},
    {"command|docs", {"nondeterministic_output_order"}},
    {"command|info", {"nondeterministic_output_order"}},
    {"command|list", {"nondeterministic_output_order"}},
    {"info",
     {"nondeterministic_output", "request_policy:all_shards",
      "response_policy:special"}},
    {"ping", {"request_policy:all_shards", "response_policy:all_succeeded"}},
};

static unsigned all_flags(const struct command *command)
{
    unsigned slow = (command->flags & COMMAND_FAST) == 0 ? SLOW : 0;
    return command->flags | slow;
}

static bool is_listed(const struct command *command)
{
    return (command->flags & COMMAND_UNLISTED) == 0;
}

size_t command_count_listed(const struct command *table)
{
    size_t count = 0;
    for (; table != NULL && table->name != NULL; table++) {
        count += is_listed(table) ? 1 : 0;
    }
    return count;
}

void command_full_name(const struct command *container,
                       const struct command *command,
                       char name[SESSION_TEXT_SIZE])
{
    (void)snprintf(name, SESSION_TEXT_SIZE, "%s%s%s",
                   container == NULL ? "" : container->name,
                   container == NULL ? "" : "|", command->name);
}

static const struct command *find_row(const struct command *table,
                                      const char *name, size_t length)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (is_listed(table) && strlen(table->name) == length &&
            strncasecmp(table->name, name, length) == 0) {
            return table;
        }
    }
    return NULL;
}

bool command_find_listed(const char *name, size_t length,
                         struct command_place *place)
{
    const char *bar = memchr(name, '|', length);
    size_t first = bar == NULL ? length : (size_t)(bar - name);
    place->container = NULL;
    place->command = find_row(command_table, name, first);
    if (bar != NULL && place->command != NULL) {
        place->container = place->command;
        place->command = find_row(place->container->subcommands, bar + 1,
                                  length - first - 1);
    }
    return place->command != NULL;
}

/* --- INFO ----------------------------------------------------------------- */

static void write_set(struct resp_writer *writer, unsigned flags,
                      const struct flag_name *names, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += (flags & names[i].flag) != 0 ? 1 : 0;
    }
    resp_set(writer, count);
    for (size_t i = 0; i < size; i++) {
        if ((flags & names[i].flag) != 0) {
            resp_status(writer, names[i].name);
        }
    }
}

static void write_tips(struct resp_writer *writer, const char *name)
{
    static const struct tips none = {NULL, {NULL}};
    const struct tips *found = &none;
    size_t count = 0;
    for (size_t i = 0; i < sizeof(command_tips) / sizeof(command_tips[0]);
         i++) {
        if (strcmp(command_tips[i].name, name) == 0) {
            found = &command_tips[i];
        }
    }
    while (count < 3 && found->tips[count] != NULL) {
        count++;
    }
    resp_set(writer, count);
    for (size_t i = 0; i < count; i++) {
        resp_string(writer, found->tips[i]);
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
    write_set(writer, command->flags, flag_names, FLAG_COUNT);
    resp_integer(writer, 0); /* first key, last key, step */
    resp_integer(writer, 0);
    resp_integer(writer, 0);
    write_set(writer, all_flags(command), category_names, CATEGORY_COUNT);
    write_tips(writer, name);
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
        if (is_listed(row)) {
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

/* --- COUNT, LIST ---------------------------------------------------------- */

enum command_next cmd_command_count(struct call *call)
{
    resp_integer(call->writer, (int64_t)command_count_listed(command_table));
    return COMMAND_REPLIED;
}

enum list_filter {
    FILTER_NONE,
    FILTER_CATEGORY,
    FILTER_PATTERN,
    FILTER_MODULE
};

static bool is_in_category(const struct call *call,
                           const struct command *command)
{
    for (size_t i = 0; i < CATEGORY_COUNT; i++) {
        if (command_word_is(call, 4, category_names[i].name + 1)) {
            return (all_flags(command) & category_names[i].flag) != 0;
        }
    }
    return false;
}

static bool passes(const struct call *call, enum list_filter filter,
                   const struct command *command, const char *name)
{
    switch (filter) {
    case FILTER_NONE:
        return true;
    case FILTER_CATEGORY:
        return is_in_category(call, command);
    case FILTER_PATTERN:
        return glob_match(call->request->argv[4], call->request->lengths[4],
                          name, strlen(name), true);
    case FILTER_MODULE:
        return false; /* there are none */
    }
    return false;
}

/* The names that pass; written only when there is a writer. */
static size_t list_names(const struct call *call, enum list_filter filter,
                         struct resp_writer *writer)
{
    size_t count = 0;
    for (const struct command *row = command_table; row->name != NULL; row++) {
        const struct command *container = NULL;
        const struct command *command = row;
        while (is_listed(row) && command != NULL && command->name != NULL) {
            char name[SESSION_TEXT_SIZE];
            command_full_name(container, command, name);
            if (passes(call, filter, command, name)) {
                count++;
                if (writer != NULL) {
                    resp_string(writer, name);
                }
            }
            command = container == NULL ? row->subcommands : command + 1;
            container = row;
        }
    }
    return count;
}

static bool read_filter(const struct call *call, enum list_filter *filter)
{
    if (call->request->argc == 2) {
        *filter = FILTER_NONE;
        return true;
    }
    if (call->request->argc != 5 || !command_word_is(call, 2, "filterby")) {
        return false;
    }
    if (command_word_is(call, 3, "module")) {
        *filter = FILTER_MODULE;
    } else if (command_word_is(call, 3, "aclcat")) {
        *filter = FILTER_CATEGORY;
    } else if (command_word_is(call, 3, "pattern")) {
        *filter = FILTER_PATTERN;
    } else {
        return false;
    }
    return true;
}

enum command_next cmd_command_list(struct call *call)
{
    enum list_filter filter;
    if (!read_filter(call, &filter)) {
        resp_err(call->writer, "syntax error");
        return COMMAND_REPLIED;
    }
    resp_array(call->writer, list_names(call, filter, NULL));
    (void)list_names(call, filter, call->writer);
    return COMMAND_REPLIED;
}

/* --- GETKEYS, HELP -------------------------------------------------------- */

/* No command has keys, so it is an error either way. */
enum command_next cmd_command_getkeys(struct call *call)
{
    const struct resp_request *request = call->request;
    const struct command *command =
        find_row(command_table, request->argv[2], request->lengths[2]);
    if (command != NULL && command->subcommands != NULL && request->argc > 3) {
        command = find_row(command->subcommands, request->argv[3],
                           request->lengths[3]);
    }
    resp_err(call->writer, command == NULL
                               ? "Invalid command specified"
                               : "The command has no key arguments");
    return COMMAND_REPLIED;
}

enum command_next cmd_command_help(struct call *call)
{
    static const char *const lines[] = {
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "(no subcommand)",
        "    All commands with their properties.",
        "COUNT",
        "    How many commands there are.",
        "LIST",
        "    Names of all commands and subcommands.",
        "INFO [<command-name> ...]",
        "    Properties of these commands: flags, categories, number of",
        "    words. Without a name: of all",
        "    commands.",
        "DOCS [<command-name> ...]",
        "    What these commands are for and which words they take, for",
        "    people and for clients that help them. Without a name: of all",
        "    commands.",
        "GETKEYS <full-command>",
        "    The keys in a command; there are none.",
        "GETKEYSANDFLAGS <full-command>",
        "    The same, with what is done to each key.",
        "HELP",
        "    This text.",
        NULL,
    };
    return command_reply_lines(call, lines);
}
