/* HELP of each family: the lines that follow from its rows. */
#include <string.h>

#include "proto/commands/command_private.h"

enum command_next cmd_help(struct call *call)
{
    const struct resp_request *request = call->request;
    const struct command *container =
        command_find(command_table, request->argv[0], request->lengths[0]);
    struct buffer text;
    buffer_init(&text, COMMAND_TEXT_MAX);
    command_write_help(container, &text);
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        count += text.data[i] == '\n' ? 1 : 0;
    }
    resp_array(call->writer, count);
    for (char *line = text.data; count > 0; count--) {
        char *end =
            memchr(line, '\n', text.length - (size_t)(line - text.data));
        *end = '\0';
        resp_status(call->writer, line);
        line = end + 1;
    }
    buffer_clear(&text);
    return COMMAND_REPLIED;
}
