/* ACL: what can be asked without touching users - categories, a trial, a
 * password drawn at random, who one is. */
#include <stdio.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/commands/command_private.h"

enum { BITS_MAX = 4096, BITS_USUAL = 256, BITS_PER_DIGIT = 4 };

static enum command_next reply_wrong_shape(const struct call *call,
                                           const char *name)
{
    resp_err(call->writer,
             "unknown subcommand or wrong number of arguments for '%s'. Try "
             "ACL HELP.",
             name);
    return COMMAND_REPLIED;
}

enum command_next cmd_acl_whoami(struct call *call)
{
    resp_string(call->writer, call->session->user);
    return COMMAND_REPLIED;
}

/* --- CAT ------------------------------------------------------------------ */

static size_t count_categories(void)
{
    size_t count = 0;
    while (acl_category_name(count) != NULL) {
        count++;
    }
    return count;
}

/* Writes the names of the rows that are in it, or only counts them. */
static size_t list_rows(struct resp_writer *writer,
                        const struct command *container,
                        const struct command *table, unsigned category)
{
    size_t count = 0;
    for (; table != NULL && table->name != NULL; table++) {
        char name[SESSION_TEXT_SIZE];
        if ((table->flags & COMMAND_UNLISTED) != 0 ||
            !acl_is_in_category(table, category)) {
            continue;
        }
        count++;
        if (writer != NULL) {
            command_full_name(container, table, name);
            resp_string(writer, name);
        }
    }
    return count;
}

static size_t list_commands(struct resp_writer *writer, unsigned category)
{
    size_t count = list_rows(writer, NULL, command_table, category);
    for (const struct command *row = command_table; row->name != NULL; row++) {
        count += list_rows(writer, row, row->subcommands, category);
    }
    return count;
}

enum command_next cmd_acl_cat(struct call *call)
{
    const struct resp_request *request = call->request;
    if (request->argc > 3) {
        return reply_wrong_shape(call, request->argv[1]);
    }
    if (request->argc == 2) {
        size_t count = count_categories();
        resp_array(call->writer, count);
        for (size_t i = 0; i < count; i++) {
            resp_string(call->writer, acl_category_name(i));
        }
        return COMMAND_REPLIED;
    }
    unsigned category =
        acl_find_category(request->argv[2], request->lengths[2]);
    if (category == 0) {
        resp_err(call->writer, "Unknown category '%.128s'", request->argv[2]);
        return COMMAND_REPLIED;
    }
    resp_array(call->writer, list_commands(NULL, category));
    (void)list_commands(call->writer, category);
    return COMMAND_REPLIED;
}

/* --- GENPASS -------------------------------------------------------------- */

enum command_next cmd_acl_genpass(struct call *call)
{
    const unsigned char *random = call->context->random;
    int64_t bits = BITS_USUAL;
    char text[BITS_MAX / BITS_PER_DIGIT + 1];
    if (call->request->argc > 3) {
        return reply_wrong_shape(call, call->request->argv[1]);
    }
    if (call->request->argc == 3 && !command_read_integer(call, 2, &bits)) {
        resp_err(call->writer, "value is not an integer or out of range");
        return COMMAND_REPLIED;
    }
    if (bits < 1 || bits > BITS_MAX) {
        resp_err(call->writer,
                 "ACL GENPASS argument must be the number of bits for the "
                 "output password, a positive number up to %d",
                 (int)BITS_MAX);
        return COMMAND_REPLIED;
    }
    if (random == NULL) {
        return COMMAND_RANDOM;
    }
    size_t digits = ((size_t)bits + BITS_PER_DIGIT - 1) / BITS_PER_DIGIT;
    for (size_t i = 0; i < digits; i++) {
        unsigned half =
            ((unsigned)random[i / 2] >> (i % 2 * BITS_PER_DIGIT)) & 15u;
        text[i] = "0123456789abcdef"[half];
    }
    resp_bulk(call->writer, text, digits);
    return COMMAND_REPLIED;
}

/* --- DRYRUN --------------------------------------------------------------- */

static bool find_row(const struct call *call, struct command_place *place)
{
    const struct resp_request *request = call->request;
    if (!command_find_listed(request->argv[3], request->lengths[3], place) ||
        place->container != NULL) {
        return false;
    }
    if (place->command->subcommands == NULL || request->argc < 5) {
        return true;
    }
    char name[2 * SESSION_TEXT_SIZE];
    if (request->lengths[4] >= SESSION_TEXT_SIZE) {
        return false;
    }
    int length = snprintf(name, sizeof(name), "%s|%s", place->command->name,
                          request->argv[4]);
    return command_find_listed(name, (size_t)length, place);
}

static enum command_next reply_verdict(const struct call *call,
                                       const struct acl_user *user,
                                       const struct command_place *place)
{
    const struct resp_request *request = call->request;
    const struct acl_request tried = {*place, request->argc - 3,
                                      request->argv + 3, request->lengths + 3};
    char name[SESSION_TEXT_SIZE];
    char text[256];
    size_t index = 0;
    switch (acl_check(user, &tried, &index)) {
    case ACL_ALLOWED:
        resp_status(call->writer, "OK");
        return COMMAND_REPLIED;
    case ACL_NO_COMMAND:
        command_full_name(place->container, place->command, name);
        (void)snprintf(text, sizeof(text),
                       "User %s has no permissions to run the '%s' command",
                       user->name, name);
        break;
    case ACL_NO_CHANNEL:
        (void)snprintf(text, sizeof(text),
                       "User %s has no permissions to access the '%.128s' "
                       "channel",
                       user->name, tried.argv[index]);
        break;
    }
    resp_string(call->writer, text);
    return COMMAND_REPLIED;
}

enum command_next cmd_acl_dryrun(struct call *call)
{
    const struct resp_request *request = call->request;
    struct command_place place;
    const struct acl_user *user =
        acl_find(call->context->acl, request->argv[2], request->lengths[2]);
    if (user == NULL) {
        resp_err(call->writer, "User '%.128s' not found", request->argv[2]);
        return COMMAND_REPLIED;
    }
    if (!find_row(call, &place)) {
        resp_err(call->writer, "Command '%.128s' not found", request->argv[3]);
        return COMMAND_REPLIED;
    }
    if (!command_arity_fits(place.command, request->argc - 3)) {
        char name[SESSION_TEXT_SIZE];
        command_full_name(place.container, place.command, name);
        resp_err(call->writer, "wrong number of arguments for '%s' command",
                 name);
        return COMMAND_REPLIED;
    }
    return reply_verdict(call, user, &place);
}
