/* SENTINEL ACCEPT name epoch leader-runid ip port: a leader asks its peers to
 * keep who is to be master, and to answer when it is on their disk. Ours; see
 * core/commit.c. */
#include "proto/commands/command_private.h"
#include "sentineld/conf.h"
#include "sentineld/info.h"

enum command_next cmd_sentinel_accept(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    struct address *master = &admin->offer.master;
    int64_t epoch;
    int64_t port;
    *admin = (struct admin){0};
    if (!command_copy_word(call, 2, admin->name, sizeof(admin->name))) {
        return command_reply_no_group(call);
    }
    if (!command_read_integer(call, 3, &epoch) || epoch < 1 ||
        (uint64_t)epoch > EPOCH_MAX || !command_read_integer(call, 6, &port) ||
        port < 1 || port > UINT16_MAX) {
        resp_err(call->writer, "value is not an integer or out of range");
        return COMMAND_REPLIED;
    }
    if (!command_copy_word(call, 4, admin->leader, RUN_ID_SIZE) ||
        conf_name_fault(admin->leader) != NULL ||
        !command_copy_word(call, 5, master->host, HOST_SIZE) ||
        conf_host_fault(master->host) != NULL) {
        resp_err(call->writer, "Invalid run id or address");
        return COMMAND_REPLIED;
    }
    admin->offer.epoch = (uint64_t)epoch;
    master->port = (uint16_t)port;
    return command_ask_admin(call, ADMIN_ACCEPT);
}
