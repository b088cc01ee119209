/* COMMAND LIST, GETKEYS and GETKEYSANDFLAGS: names of commands, all of
 * them or those that pass a filter; and keys, of which there are none. */
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"
#include "proto/text/text.h"

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
        while (command_is_listed(row) && command != NULL &&
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

/* --- GETKEYS ------------------------------------------------------------- */

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
           command_find(place.command->subcommands, request->argv[3],
                        request->lengths[3]) != NULL;
}

/* No command has keys, so it is an error either way. */
enum command_next cmd_command_getkeys(struct call *call)
{
    resp_err(call->writer, is_command(call) ? "The command has no key arguments"
                                            : "Invalid command specified");
    return COMMAND_REPLIED;
}
