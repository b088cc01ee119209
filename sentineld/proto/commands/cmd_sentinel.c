/* SENTINEL subcommands that only look: who is the master, who are the
 * others, could we fail over. They answer from the model at once and change
 * nothing. What they say of a master is what is published: never a belief
 * that a crash could make us forget. */
#include <stdio.h>

#include "proto/commands/command_private.h"
#include "proto/commands/instance_reply.h"
#include "sentineld/model.h"

enum { CKQUORUM_TEXT_SIZE = 128 + GATE_TEXT_SIZE };

enum command_next cmd_sentinel_myid(struct call *call)
{
    resp_string(call->writer, call->context->model->self);
    return COMMAND_REPLIED;
}

enum { MASTERS_MAX_BYTES = 64 * 1024 * 1024, GROUPS_AT_ONCE = 16 };

static enum command_next reply_rows(const struct call *call,
                                    const struct listing *listing)
{
    if (listing->text.overflowed) {
        resp_err(call->writer, "the list of masters is too long");
        return COMMAND_REPLIED;
    }
    resp_array(call->writer, listing->count);
    (void)buffer_append(call->writer->out, listing->text.data,
                        listing->text.length);
    return COMMAND_REPLIED;
}

enum command_next cmd_sentinel_masters(struct call *call)
{
    struct listing *listing = command_listing(call, MASTERS_MAX_BYTES);
    struct resp_writer rows = {&listing->text, call->writer->protocol};
    for (int i = 0; i < GROUPS_AT_ONCE; i++) {
        const struct group *group =
            listing_next_group(listing, call->context->model);
        if (group == NULL) {
            return reply_rows(call, listing);
        }
        instance_reply_master(call->context, group, &rows);
        listing->count++;
    }
    return COMMAND_AGAIN;
}

enum command_next cmd_sentinel_master(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    instance_reply_master(call->context, group, call->writer);
    return COMMAND_REPLIED;
}

enum command_next cmd_sentinel_replicas(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    instance_reply_replicas(call->context, group, call->writer);
    return COMMAND_REPLIED;
}

enum command_next cmd_sentinel_sentinels(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    instance_reply_sentinels(call->context, group, call->writer);
    return COMMAND_REPLIED;
}

/* An unknown name is no error here: clients ask the next supervisor. The same
 * where we were started again and cannot tell yet who is master. */
enum command_next cmd_sentinel_get_master_addr(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    if (group == NULL || group->address_unknown) {
        resp_null_array(call->writer);
        return COMMAND_REPLIED;
    }
    const struct address *address = model_current_address(group);
    resp_array(call->writer, 2);
    resp_string(call->writer, address->host);
    resp_number(call->writer, address->port);
    return COMMAND_REPLIED;
}

/* Sentinel's words, and behind them what keeps us from a failover all the
 * same. */
static void write_quorum(const struct call *call, const struct group *group,
                         uint32_t usable)
{
    char text[CKQUORUM_TEXT_SIZE];
    char why[GATE_TEXT_SIZE];
    bool any = select_any(group, why);
    (void)snprintf(text, sizeof(text),
                   "OK %u usable Sentinels. Quorum and failover "
                   "authorization can be reached%s%s",
                   usable, any ? "" : ". Warning: ", any ? "" : why);
    resp_status(call->writer, text);
}

enum command_next cmd_sentinel_ckquorum(struct call *call)
{
    const struct group *group = command_find_group(call, 2);
    if (group == NULL) {
        return command_reply_no_group(call);
    }
    uint32_t usable = model_usable(group);
    bool quorum = usable >= model_quorum(group);
    bool majority = usable >= model_voters(group) / 2 + 1;
    char text[CKQUORUM_TEXT_SIZE];
    if (call->context->model->save_failed) {
        (void)snprintf(text, sizeof(text),
                       "NOQUORUM %u usable Sentinels. This one cannot save its "
                       "state, so it neither votes nor fails over",
                       usable);
        resp_error(call->writer, text);
        return COMMAND_REPLIED;
    }
    if (quorum && majority) {
        write_quorum(call, group, usable);
        return COMMAND_REPLIED;
    }
    (void)snprintf(text, sizeof(text), "NOQUORUM %u usable Sentinels. %s%s%s",
                   usable,
                   quorum ? ""
                          : "Not enough available Sentinels to reach the "
                            "specified quorum for this master",
                   quorum || majority ? "" : ". ",
                   majority ? ""
                            : "Not enough available Sentinels to reach the "
                              "majority and authorize a failover");
    resp_error(call->writer, text);
    return COMMAND_REPLIED;
}
