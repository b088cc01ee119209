/* SENTINEL FAILOVER name [COORDINATED | FORCE] [TO ip port] [TIMEOUT ms]
 * [DRYRUN]: Sentinel's command with Valkey's first word and ours. Without
 * options it loses nothing where the servers allow that; FORCE has Sentinel's
 * old meaning. */
#include "proto/commands/command_private.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

enum { TIMEOUT_MAX_MS = 60000 };

/* "TO ip port" at this place; NULL when all is well. */
static const char *read_target(const struct call *call, size_t at,
                               struct address *target)
{
    int64_t port;
    if (at + 2 >= call->request->argc ||
        !command_copy_word(call, at + 1, target->host, HOST_SIZE) ||
        target->host[0] == '\0') {
        return "syntax error: TO takes an ip and a port";
    }
    if (!command_read_integer(call, at + 2, &port) || port < 1 ||
        port > UINT16_MAX) {
        return "Invalid port number.";
    }
    target->port = (uint16_t)port;
    return NULL;
}

static const char *read_timeout(const struct call *call, size_t at,
                                msec *timeout_ms)
{
    int64_t value;
    if (at + 1 >= call->request->argc ||
        !command_read_integer(call, at + 1, &value) || value < 1 ||
        value > TIMEOUT_MAX_MS) {
        return "TIMEOUT takes milliseconds, 1 to 60000";
    }
    *timeout_ms = (msec)value;
    return NULL;
}

/* Reads the option at *at and moves on; NULL when all is well. */
static const char *read_option(const struct call *call, size_t *at,
                               struct admin *admin)
{
    size_t option = (*at)++;
    if (command_word_is(call, option, "coordinated") ||
        command_word_is(call, option, "force")) {
        if (admin->mode != FAILOVER_MODE_DEFAULT) {
            return "syntax error: COORDINATED or FORCE, once";
        }
        admin->mode = command_word_is(call, option, "force")
                          ? FAILOVER_MODE_FORCE
                          : FAILOVER_MODE_COORDINATED;
        return NULL;
    }
    if (command_word_is(call, option, "to")) {
        *at += 2;
        return read_target(call, option, &admin->target);
    }
    if (command_word_is(call, option, "timeout")) {
        *at += 1;
        return read_timeout(call, option, &admin->timeout_ms);
    }
    if (command_word_is(call, option, "dryrun")) {
        admin->dry_run = true;
        return NULL;
    }
    return "syntax error";
}

/* What only a planned failover can keep makes it one. */
static const char *settle_mode(struct admin *admin)
{
    bool planned_only = admin->target.host[0] != '\0' || admin->dry_run ||
                        admin->timeout_ms != 0;
    if (planned_only && admin->mode == FAILOVER_MODE_FORCE) {
        return "TO, TIMEOUT and DRYRUN are for a planned failover, and FORCE "
               "is none";
    }
    if (planned_only) {
        admin->mode = FAILOVER_MODE_COORDINATED;
    }
    return NULL;
}

enum command_next cmd_sentinel_failover(struct call *call)
{
    struct admin *admin = &call->fact->admin;
    *admin = (struct admin){0};
    const char *mistake = NULL;
    size_t at = 3;
    while (mistake == NULL && at < call->request->argc) {
        mistake = read_option(call, &at, admin);
    }
    mistake = mistake == NULL ? settle_mode(admin) : mistake;
    if (mistake != NULL) {
        resp_err(call->writer, "%s", mistake);
        return COMMAND_REPLIED;
    }
    if (!command_copy_word(call, 2, admin->name, sizeof(admin->name))) {
        return command_reply_no_group(call);
    }
    return command_ask_admin(call, ADMIN_FAILOVER);
}
