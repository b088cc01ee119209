/* COMMAND LIST, GETKEYS, GETKEYSANDFLAGS and HELP: names of commands, all of
 * them or those that pass a filter; and keys, of which there are none. */
#include <string.h>

#include "proto/acl/acl_private.h"
#include "proto/commands/command_private.h"

enum list_filter {
    FILTER_NONE,
    FILTER_CATEGORY,
    FILTER_PATTERN,
    FILTER_MODULE
};

static bool passes(const struct call *call, enum list_filter filter,
                   const struct command *command, const char *name)
{
    switch (filter) {
    case FILTER_NONE:
        return true;
    case FILTER_CATEGORY:
        return acl_is_in_category(command,
                                  acl_find_category(call->request->argv[4],
                                                    call->request->lengths[4]));
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
        while ((row->flags & COMMAND_UNLISTED) == 0 && command != NULL &&
               command->name != NULL) {
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
        return command_reply_syntax_error(call);
    }
    resp_array(call->writer, list_names(call, filter, NULL));
    (void)list_names(call, filter, call->writer);
    return COMMAND_REPLIED;
}

/* --- GETKEYS, HELP -------------------------------------------------------- */

static bool is_subcommand(const struct call *call, const struct command *row)
{
    for (; row->name != NULL; row++) {
        if (command_word_is(call, 3, row->name)) {
            return true;
        }
    }
    return false;
}

/* Do the words from the third on begin as a command does? */
static bool is_command(const struct call *call)
{
    const struct resp_request *request = call->request;
    struct command_place place;
    if (!command_find_listed(request->argv[2], request->lengths[2], &place) ||
        place.container != NULL) {
        return false;
    }
    return place.command->subcommands == NULL || request->argc == 3 ||
           is_subcommand(call, place.command->subcommands);
}

/* No command has keys, so it is an error either way. */
enum command_next cmd_command_getkeys(struct call *call)
{
    resp_err(call->writer, is_command(call) ? "The command has no key arguments"
                                            : "Invalid command specified");
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
