/* COMMAND DOCS: what each command is for and which words it takes, as maps.
 * Interactive clients show it while somebody types (redis-cli asks for it
 * when it starts), so its shape is an interface.
 *
 * A tree of arguments is written in one pass from its flat form: a map says
 * how many arguments are below it, and these come next by themselves. */
#include "proto/commands/command_private.h"

static const char *type_name(enum argument_type type)
{
    switch (type) {
    case STRING:
        return "string";
    case INTEGER:
        return "integer";
    case PATTERN:
        return "pattern";
    case TOKEN:
        return "pure-token";
    case ONE_OF:
        return "oneof";
    case BLOCK:
        return "block";
    }
    return "";
}

/* Arguments of this depth until a shallower one comes. */
static size_t count_level(const struct argument *argument, unsigned depth)
{
    size_t count = 0;
    for (; argument->depth >= depth; argument++) {
        count += argument->depth == depth ? 1 : 0;
    }
    return count;
}

static void write_text(struct resp_writer *writer, const char *name,
                       const char *value)
{
    if (value != NULL) {
        resp_string(writer, name);
        resp_string(writer, value);
    }
}

static void write_flags(struct resp_writer *writer, unsigned flags)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        {OPTIONAL, "optional"},
        {MULTIPLE, "multiple"},
        {MULTIPLE_TOKEN, "multiple_token"},
    };
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        count += (flags & names[i].flag) != 0 ? 1 : 0;
    }
    resp_string(writer, "flags");
    resp_set(writer, count);
    for (size_t i = 0; i < 3; i++) {
        if ((flags & names[i].flag) != 0) {
            resp_status(writer, names[i].name);
        }
    }
}

static void write_argument(struct resp_writer *writer,
                           const struct argument *argument)
{
    size_t below = count_level(argument + 1, argument->depth + 1);
    size_t pairs = (size_t)2 + (argument->token != NULL ? 1 : 0) +
                   (argument->since != NULL ? 1 : 0) +
                   (argument->deprecated_since != NULL ? 1 : 0) +
                   (argument->flags != 0 ? 1 : 0) + (below > 0 ? 1 : 0);
    resp_map(writer, pairs);
    write_text(writer, "name", argument->name);
    write_text(writer, "type", type_name(argument->type));
    write_text(writer, "token", argument->token);
    write_text(writer, "since", argument->since);
    write_text(writer, "deprecated_since", argument->deprecated_since);
    if (argument->flags != 0) {
        write_flags(writer, argument->flags);
    }
    if (below > 0) {
        resp_string(writer, "arguments");
        resp_array(writer, below);
    }
}

static void write_arguments(struct resp_writer *writer,
                            const struct argument *arguments)
{
    resp_string(writer, "arguments");
    resp_array(writer, count_level(arguments, 1));
    for (; arguments->depth > 0; arguments++) {
        write_argument(writer, arguments);
    }
}

/* The map of one command; of its subcommands only how many follow. */
static void write_doc(struct resp_writer *writer,
                      const struct command_place *place)
{
    char name[SESSION_TEXT_SIZE];
    const struct command *command = place->command;
    const char *group = command->group;
    if (group == NULL && place->container != NULL) {
        group = place->container->group;
    }
    size_t subcommands = command_count_listed(command->subcommands);
    bool deprecated = command->deprecated_since != NULL;
    command_full_name(place->container, command, name);
    resp_string(writer, name);
    resp_map(writer, (size_t)3 + (deprecated ? 3 : 0) +
                         (command->arguments != NULL ? 1 : 0) +
                         (subcommands > 0 ? 1 : 0));
    write_text(writer, "summary", command->summary);
    write_text(writer, "since", command->since);
    write_text(writer, "group", group);
    if (deprecated) {
        resp_string(writer, "doc_flags");
        resp_set(writer, 1);
        resp_status(writer, "deprecated");
        write_text(writer, "deprecated_since", command->deprecated_since);
        write_text(writer, "replaced_by", command->replaced_by);
    }
    if (command->arguments != NULL) {
        write_arguments(writer, command->arguments);
    }
    if (subcommands > 0) {
        resp_string(writer, "subcommands");
        resp_map(writer, subcommands);
    }
}

static void write_command(struct resp_writer *writer,
                          const struct command_place *place)
{
    write_doc(writer, place);
    const struct command *sub = place->command->subcommands;
    for (; sub != NULL && sub->name != NULL; sub++) {
        write_doc(writer, &(struct command_place){place->command, sub});
    }
}

static void write_all(struct resp_writer *writer)
{
    resp_map(writer, command_count_listed(command_table));
    for (const struct command *row = command_table; row->name != NULL; row++) {
        if (command_is_listed(row)) {
            write_command(writer, &(struct command_place){NULL, row});
        }
    }
}

/* Names that are none are left out. */
enum command_next cmd_command_docs(struct call *call)
{
    const struct resp_request *request = call->request;
    struct command_place place;
    size_t count = 0;
    if (request->argc == 2) {
        write_all(call->writer);
        return COMMAND_REPLIED;
    }
    for (size_t i = 2; i < request->argc; i++) {
        count +=
            command_find_listed(request->argv[i], request->lengths[i], &place)
                ? 1
                : 0;
    }
    resp_map(call->writer, count);
    for (size_t i = 2; i < request->argc; i++) {
        if (command_find_listed(request->argv[i], request->lengths[i],
                                &place)) {
            write_command(call->writer, &place);
        }
    }
    return COMMAND_REPLIED;
}
