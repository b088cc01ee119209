/* The replies of a transaction: MULTI, what is queued, EXEC, and ROLE.
 *
 * The outcome is that of what it is about, SLAVEOF or CONFIG SET: that was
 * queued, EXEC ran, and its own result inside EXEC is no error. A server
 * without a configuration file cannot do CONFIG REWRITE, and a user may not be
 * allowed to kill clients once the transaction runs; neither undoes the change
 * of role, so they are told and not counted. But a command refused while it is
 * queued makes EXEC refuse everything: then the complaint names that command.
 */
#include <assert.h>
#include <hiredis/hiredis.h>
#include <string.h>

#include "proto/wire/wire_private.h"
#include "sentineld/info.h"

static void refuse(struct transaction *transaction, enum sent_command command,
                   const struct redisReply *reply)
{
    transaction->refused = true;
    wire_complain(transaction->complaint, command, reply);
}

/* Belongs to the transaction, but is not what it is about. */
static bool is_extra(enum sent_command command)
{
    return command != SENT_SLAVEOF && command != SENT_CONFIG_SET;
}

static bool is_status_text(const struct redisReply *reply, const char *text)
{
    return wire_reply_is_status(reply) && reply->len == strlen(text) &&
           memcmp(reply->str, text, reply->len) == 0;
}

void wire_transaction_on_multi(struct transaction *transaction,
                               const struct redisReply *reply)
{
    transaction->count = 0;
    transaction->refused = false;
    transaction->extras = false;
    transaction->complaint[0] = '\0';
    if (!is_status_text(reply, "OK")) {
        refuse(transaction, SENT_MULTI, reply);
    }
}

/* Only the first refusal is told: when MULTI was refused, the commands run
 * one by one, and their results are no longer those of a transaction. */
void wire_transaction_on_queued(struct transaction *transaction,
                                enum sent_command command,
                                const struct redisReply *reply)
{
    assert(transaction->count < TRANSACTION_MAX);
    transaction->commands[transaction->count++] = command;
    if (!transaction->refused && !is_status_text(reply, "QUEUED")) {
        refuse(transaction, command, reply);
        transaction->extras = is_extra(command);
    }
}

/* SLAVEOF to a server that refuses what else belongs to it. */
void wire_transaction_on_alone(struct transaction *transaction,
                               const struct redisReply *reply)
{
    transaction->count = 0;
    transaction->refused = false;
    transaction->extras = false;
    transaction->complaint[0] = '\0';
    if (!wire_reply_is_status(reply)) {
        refuse(transaction, SENT_SLAVEOF, reply);
    }
}

static void read_result(struct transaction *transaction,
                        enum sent_command command,
                        const struct redisReply *result)
{
    if (!is_extra(command)) {
        if (!wire_reply_is_status(result)) {
            refuse(transaction, command, result);
        }
    } else if (wire_reply_is_error(result)) {
        transaction->extras = true;
        wire_complain(transaction->complaint, command, result);
    }
}

void wire_transaction_on_exec(struct transaction *transaction,
                              const struct redisReply *reply)
{
    if (transaction->refused) {
        return; /* why is known already; EXECABORT adds nothing */
    }
    if (reply->type != REDIS_REPLY_ARRAY ||
        reply->elements != transaction->count) {
        refuse(transaction, SENT_EXEC, reply);
        return;
    }
    for (size_t i = 0; i < transaction->count; i++) {
        read_result(transaction, transaction->commands[i], reply->element[i]);
    }
}

enum role wire_transaction_on_role(struct transaction *transaction,
                                   const struct redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
        reply->element[0]->type == REDIS_REPLY_STRING) {
        const struct redisReply *word = reply->element[0];
        enum role role = info_role(word->str, word->len);
        if (role != ROLE_UNKNOWN) {
            return role;
        }
    }
    wire_complain(transaction->complaint, SENT_ROLE, reply);
    return ROLE_UNKNOWN;
}
