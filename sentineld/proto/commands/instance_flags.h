/* The `flags` field of an instance's row, and what it is told from. */
#ifndef SENTINELD_PROTO_INSTANCE_FLAGS_H
#define SENTINELD_PROTO_INSTANCE_FLAGS_H

#include "sentineld/command.h"

struct group;
struct voter;
struct node;

enum { SENTINEL_FLAGS_SIZE = 256 };

/* A failover of this group is under way: ours, or one of a peer whom our
 * vote still binds us to. Peers read it before they stand themselves. */
bool instance_flags_in_failover(const struct command_context *context,
                                const struct group *group);

void instance_flags_master(const struct command_context *context,
                           const struct group *group,
                           char flags[SENTINEL_FLAGS_SIZE]);
void instance_flags_replica(const struct command_context *context,
                            const struct node *node,
                            char flags[SENTINEL_FLAGS_SIZE]);
void instance_flags_voter(const struct command_context *context,
                          const struct voter *voter,
                          char flags[SENTINEL_FLAGS_SIZE]);

#endif
