/* With `fencing = safety` nothing is promoted while the old master may still
 * acknowledge writes.
 *
 * A master that cannot be reached stops by itself when it has not heard from
 * enough replicas for its max-lag. Replicas that we have cut off acknowledge
 * nothing to it any more; so do those whose process is gone. When so few are
 * left that it cannot have enough, it has stopped a while after the last of
 * them: its lag, which it counts in whole seconds, up to a second until it
 * looks, and a margin. A master whose process is gone needs no time. One that
 * answers, but has lost its data, is told to stop. */
#include "core/failover/failover.h"

#include <stdio.h>

/* Its kernel says so: nobody listens there. An attempt that gets no answer at
 * all makes that old news: the process may have been started since. */
static bool is_process_gone(const struct node *node, msec now)
{
    const struct link *link = &node->instance.command;
    bool hears_nothing = link->state == LINK_CONNECTING &&
                         now - link->state_since >= REFUSAL_FRESH_MS;
    return !link_usable(link) && !hears_nothing &&
           link->refused_in_a_row >= REFUSALS_NEEDED;
}

static bool is_known_replica(const struct node *node)
{
    return node->report.role == ROLE_REPLICA && link_is_read(node);
}

/* When the master last can have heard from it; NEVER = it still may. */
static msec fed_until(const struct node *node, msec now)
{
    if (node->detached_at != NEVER) {
        return node->detached_at;
    }
    return is_process_gone(node, now) ? node->instance.command.refused_since
                                      : NEVER;
}

/* Since when fewer than `needed` replicas can reach the master; NEVER = there
 * are still enough that may. */
static msec alone_since(const struct group *group, uint32_t needed, msec now)
{
    msec times[MAX_NODES_PER_GROUP];
    size_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (model_is_same_server(node, group->master)) {
            continue;
        }
        size_t at = count++;
        msec until = fed_until(node, now);
        for (; at > 0 && times[at - 1] > until; at--) {
            times[at] = times[at - 1];
        }
        times[at] = until;
    }
    return count < needed ? 0 : times[count - needed];
}

static const char *explain(const struct group *group, msec alone_at, msec now,
                           char text[160])
{
    if (alone_at != NEVER) {
        return "fencing: the old master gets the time to stop by itself";
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!model_is_same_server(node, group->master) &&
            fed_until(node, now) == NEVER) {
            (void)snprintf(text, 160,
                           "fencing: %.80s:%u does not answer and may still "
                           "let the old master take writes",
                           node->instance.address.host,
                           node->instance.address.port);
        }
    }
    return text;
}

/* What it demands, as far as we know. Until we have read otherwise, a peer may
 * have made it demand what is configured. */
static struct min_replicas demand_of(const struct node *master)
{
    const struct min_replicas *has = &master->fence.has;
    struct min_replicas full = fencing_full(&master->group->settings);
    if (master->fence.owner == FENCE_OPERATORS) {
        return *has;
    }
    if (has->replicas == 0 || has->max_lag_s == 0) {
        return full;
    }
    return (struct min_replicas){
        has->replicas < full.replicas ? has->replicas : full.replicas,
        has->max_lag_s > full.max_lag_s ? has->max_lag_s : full.max_lag_s};
}

bool fencing_must_wait(struct core *core, struct group *group, msec now)
{
    const struct node *master = group->master;
    if (group->settings.fencing != FENCING_SAFETY ||
        failover_is_ordered(&group->failover) || is_process_gone(master, now) ||
        is_known_replica(master)) {
        return false;
    }
    if (master_restart_is_to_be_replaced(group)) {
        candidates_ask_master(core, group, now);
    }
    struct min_replicas has = demand_of(master);
    if (has.replicas == 0 || has.max_lag_s == 0) {
        event_log(core, LEVEL_WARNING,
                  "%s: the old master demands no replicas: fencing cannot stop "
                  "it, so nothing is waited for",
                  group->name);
        return false;
    }
    msec alone_at = alone_since(group, has.replicas, now);
    msec stopped_at = alone_at == NEVER ? NEVER
                                        : alone_at + has.max_lag_s * 1000ull +
                                              FENCE_CHECK_MS + FENCE_MARGIN_MS;
    if (now >= stopped_at) {
        return false;
    }
    char text[160] = "";
    gates_say(core, group, GATE_FENCING, explain(group, alone_at, now, text),
              now);
    schedule_sooner(core, &group->timer,
                    stopped_at == NEVER ? now + INFO_RECONF_MS : stopped_at);
    return true;
}
