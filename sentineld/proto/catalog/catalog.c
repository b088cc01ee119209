/* Looking things up in the table of commands. */
#include "proto/catalog/catalog.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool command_is_listed(const struct command *command)
{
    return (command->flags & COMMAND_UNLISTED) == 0;
}

size_t command_count_listed(const struct command *table)
{
    size_t count = 0;
    for (; table != NULL && table->name != NULL; table++) {
        count += command_is_listed(table) ? 1 : 0;
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

const struct command *command_find(const struct command *table,
                                   const char *name, size_t length)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (strlen(table->name) == length &&
            strncasecmp(table->name, name, length) == 0) {
            return table;
        }
    }
    return NULL;
}

static const struct command *find_listed(const struct command *table,
                                         const char *name, size_t length)
{
    const struct command *found = command_find(table, name, length);
    return found != NULL && command_is_listed(found) ? found : NULL;
}

bool command_find_listed(const char *name, size_t length,
                         struct command_place *place)
{
    const char *bar = memchr(name, '|', length);
    size_t first = bar == NULL ? length : (size_t)(bar - name);
    place->container = NULL;
    place->command = find_listed(command_table, name, first);
    if (bar != NULL && place->command != NULL) {
        place->container = place->command;
        place->command = find_listed(place->container->subcommands, bar + 1,
                                     length - first - 1);
    }
    return place->command != NULL;
}

bool command_arity_fits(const struct command *command, size_t argc)
{
    if (command->arity < 0) {
        return argc >= (size_t)-command->arity;
    }
    return argc == (size_t)command->arity;
}
