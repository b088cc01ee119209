/* SENTINEL ADOPT name ip port: a server that is in quarantine shall be one of
 * this master's, and lose the data that it holds. Ours. */
#include "proto/commands/command_private.h"
#include "sentineld/info.h"

enum command_next cmd_sentinel_adopt(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    int64_t port;
    *admin = (struct admin){0};
    if (!command_copy_word(call, 2, admin->name, sizeof(admin->name))) {
        return command_reply_no_group(call);
    }
    if (!command_copy_word(call, 3, admin->target.host, HOST_SIZE) ||
        admin->target.host[0] == '\0') {
        resp_err(call->writer, "Invalid IP address or hostname specified");
        return COMMAND_REPLIED;
    }
    if (!command_read_integer(call, 4, &port) || port < 1 ||
        port > UINT16_MAX) {
        resp_err(call->writer, "Invalid port number.");
        return COMMAND_REPLIED;
    }
    admin->target.port = (uint16_t)port;
    return command_ask_admin(call, ADMIN_ADOPT);
}
