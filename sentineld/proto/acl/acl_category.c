/* Categories of commands, by the names that access rules use.
 *
 * They follow from the flags of a command's row. Most of Redis' are
 * about keys; they exist here too, without a command in them, so that a rule
 * written for servers is understood. */
#include <string.h>
#include <strings.h>

#include "proto/acl/acl.h"

/* Beside the flags of a row: what is not fast, and what is nowhere here. */
enum { IS_SLOW = 1u << 29, IS_NOWHERE = 1u << 30 };

static const struct category {
    const char *name;
    unsigned flags; /* any of these */
} categories[] = {
    {"keyspace", IS_NOWHERE},
    {"read", IS_NOWHERE},
    {"write", IS_NOWHERE},
    {"set", IS_NOWHERE},
    {"sortedset", IS_NOWHERE},
    {"list", IS_NOWHERE},
    {"hash", IS_NOWHERE},
    {"string", IS_NOWHERE},
    {"bitmap", IS_NOWHERE},
    {"hyperloglog", IS_NOWHERE},
    {"geo", IS_NOWHERE},
    {"stream", IS_NOWHERE},
    {"pubsub", COMMAND_PUBSUB},
    {"admin", COMMAND_ADMIN | COMMAND_IS_ADMIN},
    {"fast", COMMAND_FAST},
    {"slow", IS_SLOW},
    {"blocking", IS_NOWHERE},
    {"dangerous", COMMAND_ADMIN | COMMAND_IS_DANGEROUS},
    {"connection", COMMAND_IS_CONNECTION},
    {"transaction", IS_NOWHERE},
    {"scripting", IS_NOWHERE},
};
enum { CATEGORY_COUNT = sizeof(categories) / sizeof(categories[0]) };

unsigned acl_find_category(const char *name, size_t length)
{
    for (size_t i = 0; i < CATEGORY_COUNT; i++) {
        if (strlen(categories[i].name) == length &&
            strncasecmp(categories[i].name, name, length) == 0) {
            return categories[i].flags;
        }
    }
    return 0;
}

const char *acl_category_name(size_t index)
{
    return index < CATEGORY_COUNT ? categories[index].name : NULL;
}

bool acl_is_in_category(const struct command *command, unsigned category)
{
    unsigned slow = (command->flags & COMMAND_FAST) == 0 ? IS_SLOW : 0;
    return ((command->flags | slow) & category) != 0;
}
