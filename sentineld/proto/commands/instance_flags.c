/* The words of the `flags` field: joined by commas, always in the order of
 * the protocol, and no words but the protocol's. Clients compare whole
 * words, substrings, even the whole field ("slave"), so a new word would
 * break one of them. */
#include "proto/commands/instance_flags.h"

#include <string.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"

/* A peer's "it is down" counts for so long without being repeated. */
enum { OPINION_KEPT_MS = 5000 };

/* A connection that is missing for so long is missing. */
enum { LACKING_MS = 500 };

struct word {
    bool set;
    const char *name;
};

/* `words` ends in a row without a name. */
static void join_words(const struct word *words,
                       char flags[SENTINEL_FLAGS_SIZE])
{
    size_t used = 0;
    flags[0] = '\0';
    for (; words->name != NULL; words++) {
        if (!words->set) {
            continue;
        }
        if (used > 0) {
            flags[used++] = ',';
        }
        copy_text(flags + used, SENTINEL_FLAGS_SIZE - used, words->name);
        used += strlen(flags + used);
    }
}

bool instance_flags_in_failover(const struct command_context *context,
                                const struct group *group)
{
    if (group->failover.state != FAILOVER_NONE) {
        /* Once the new master is told, clients may use it: what is left is
         * moving replicas, and some clients refuse a row with this flag. */
        return group->published != group->failover.promoted;
    }
    const struct ballot *vote = &group->vote;
    return vote->leader[0] != '\0' && vote->epoch > group->published_epoch &&
           strcmp(vote->leader, context->model->self) != 0 &&
           context->now < group->vote_binds_until;
}

/* An attempt to connect is no lack of a connection yet, nor is one that has
 * just been cut: every change of role cuts ours, and clients that are told of
 * it refuse a row with this word. */
static bool is_lacking(const struct command_context *context,
                       const struct link *link)
{
    return link->state == LINK_IDLE &&
           context->now - link->state_since >= LACKING_MS;
}

/* Tools that watch a pool look for this word, and a connection that may say
 * nothing is none. */
static bool is_locked_out(const struct instance *instance)
{
    return instance->command.state == LINK_UP &&
           (instance->health.pong == PONG_NOAUTH ||
            instance->health.pong == PONG_WRONGPASS);
}

static bool node_disconnected(const struct command_context *context,
                              const struct node *node)
{
    return is_locked_out(&node->instance) ||
           is_lacking(context, &node->instance.command) ||
           is_lacking(context, &node->hello);
}

static bool is_rebooting(const struct group *group, const struct node *node)
{
    return group->settings.reboot_after_ms != 0 && node->rebooted_at != NEVER &&
           node->instance.health.pong != PONG_OK;
}

void instance_flags_master(const struct command_context *context,
                           const struct group *group,
                           char flags[SENTINEL_FLAGS_SIZE])
{
    const struct node *node = group->published;
    bool ours = group->failover.state != FAILOVER_NONE;
    const struct word words[] = {
        {node->subjective_down, "s_down"},
        {group->objective_down, "o_down"},
        {true, "master"},
        {node_disconnected(context, node), "disconnected"},
        {instance_flags_in_failover(context, group), "failover_in_progress"},
        {ours && failover_is_ordered(&group->failover), "force_failover"},
        {node->script_killed, "script_kill_sent"},
        {is_rebooting(group, node), "master_reboot"},
        {false, NULL},
    };
    join_words(words, flags);
}

void instance_flags_replica(const struct command_context *context,
                            const struct node *node,
                            char flags[SENTINEL_FLAGS_SIZE])
{
    const struct failover *failover = &node->group->failover;
    bool promoted =
        failover->state != FAILOVER_NONE && failover->promoted == node;
    const struct word words[] = {
        {node->subjective_down, "s_down"},
        {true, "slave"},
        {node_disconnected(context, node), "disconnected"},
        {promoted, "promoted"},
        {node->reconf == RECONF_SENT, "reconf_sent"},
        {node->reconf == RECONF_INPROG, "reconf_inprog"},
        {node->reconf == RECONF_DONE, "reconf_done"},
        {node->script_killed, "script_kill_sent"},
        {false, NULL},
    };
    join_words(words, flags);
}

void instance_flags_voter(const struct command_context *context,
                          const struct voter *voter,
                          char flags[SENTINEL_FLAGS_SIZE])
{
    bool says_down = voter->says_down && voter->answered_at != NEVER &&
                     context->now < voter->answered_at + OPINION_KEPT_MS;
    const struct word words[] = {
        {voter->subjective_down, "s_down"},
        {true, "sentinel"},
        {is_locked_out(&voter->peer->instance) ||
             is_lacking(context, &voter->peer->instance.command),
         "disconnected"},
        {says_down, "master_down"},
        {false, NULL},
    };
    join_words(words, flags);
}
