/* Rows of SENTINEL MASTER, REPLICAS and SENTINELS. */
#ifndef SENTINELD_PROTO_INSTANCE_REPLY_H
#define SENTINELD_PROTO_INSTANCE_REPLY_H

#include "sentineld/command.h"

struct group;
struct voter;
struct node;

void instance_reply_master(const struct command_context *context,
                           const struct group *group,
                           struct resp_writer *writer);
/* All nodes of the group but its master; without those that do not want to
 * be announced. */
void instance_reply_replicas(const struct command_context *context,
                             const struct group *group,
                             struct resp_writer *writer);
void instance_reply_sentinels(const struct command_context *context,
                              const struct group *group,
                              struct resp_writer *writer);

#endif
