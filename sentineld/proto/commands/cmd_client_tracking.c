/* CLIENT TRACKING and what belongs to it.
 *
 * A supervisor has no keys, so nothing is ever invalidated. But libraries
 * that cache on the client's side switch tracking on for every connection
 * they open, and end the connection on an error. So its words are understood;
 * what is noted is whether it is on. */
#include "proto/commands/command_private.h"

/* The words behind ON and OFF, by how many words of their own follow them. */
static bool skip_option(const struct call *call, size_t *index)
{
    static const struct {
        const char *name;
        size_t values;
    } options[] = {{"redirect", 1}, {"prefix", 1}, {"bcast", 0},
                   {"optin", 0},    {"optout", 0}, {"noloop", 0}};
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (command_word_is(call, *index, options[i].name)) {
            *index += 1 + options[i].values;
            return *index <= call->request->argc;
        }
    }
    return false;
}

enum command_next cmd_client_tracking(struct call *call)
{
    bool on = command_word_is(call, 2, "on");
    if (!on && !command_word_is(call, 2, "off")) {
        return command_reply_syntax_error(call);
    }
    size_t index = 3;
    while (index < call->request->argc) {
        if (!skip_option(call, &index)) {
            return command_reply_syntax_error(call);
        }
    }
    call->session->is_tracking = on;
    resp_status(call->writer, "OK");
    return COMMAND_REPLIED;
}

enum command_next cmd_client_caching(struct call *call)
{
    if (!command_word_is(call, 2, "yes") && !command_word_is(call, 2, "no")) {
        return command_reply_syntax_error(call);
    }
    resp_status(call->writer, "OK");
    return COMMAND_REPLIED;
}

enum command_next cmd_client_getredir(struct call *call)
{
    resp_integer(call->writer, session_redirect(call->session));
    return COMMAND_REPLIED;
}

enum command_next cmd_client_trackinginfo(struct call *call)
{
    resp_map(call->writer, 3);
    resp_string(call->writer, "flags");
    resp_set(call->writer, 1);
    resp_string(call->writer, call->session->is_tracking ? "on" : "off");
    resp_string(call->writer, "redirect");
    resp_integer(call->writer, session_redirect(call->session));
    resp_string(call->writer, "prefixes");
    resp_array(call->writer, 0);
    return COMMAND_REPLIED;
}
