/* G10: what becomes of the data when a master's process vanishes. The judge
 * knows what each server really holds. */
#include "oracle.h"

#include <inttypes.h>

#include "sentineld/model.h"
#include "sim.h"

enum { SEEN_WINDOW_MS = 15000, NOBODY_PORT = 1 };

/* It began to watch the group so lately that it may not have seen the process
 * that went: it concludes that from what it remembers. */
static bool is_new(const struct sim *sim, const struct sentinel *sentinel,
                   const char *name)
{
    if (sentinel == NULL || sentinel->core == NULL) {
        return false;
    }
    const struct group *group =
        model_find_group(core_model(sentinel->core), name);
    return group != NULL &&
           node_now(sim, sentinel) - group->created_at <= SEEN_WINDOW_MS;
}

bool oracle_saw_gone(const struct sim *sim, const struct group *group)
{
    uint32_t number = oracle_group(sim, group->name);
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        msec gone_at = sim->oracle.watched[i][number].gone_at[master];
        bool saw = gone_at != 0 && sim->now - gone_at <= SEEN_WINDOW_MS;
        count +=
            saw || is_new(sim, sim->processes[i].sentinel, group->name) ? 1 : 0;
    }
    return count >= model_quorum(group);
}

/* Is it a copy of what the master held in its last life, and would it lose
 * some of it by following the master now? */
static bool has_more(const struct sim *sim, const struct redis *replica,
                     const struct redis *master)
{
    uint64_t copied = 0;
    uint64_t shared = 0;
    (void)sim_shared_offset(sim, replica->replid, replica->offset,
                            master->before, &copied);
    if (copied < replica->offset) {
        return false;
    }
    (void)sim_shared_offset(sim, replica->replid, replica->offset,
                            master->replid, &shared);
    return (shared < master->offset ? shared : master->offset) <
           replica->offset;
}

bool oracle_is_behind(const struct sim *sim, const struct redis *redis)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        if (other != NULL && other != redis && other->group == redis->group &&
            has_more(sim, other, redis)) {
            return true;
        }
    }
    return false;
}

/* Could anybody who has more take its place? Where only servers of priority 0
 * have, the master stays, and what they have more is given up. */
static bool is_anybody_better(const struct sim *sim, const struct redis *master)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        if (other != NULL && other != master && other->group == master->group &&
            other->priority != 0 && redis_is_running(other) &&
            has_more(sim, other, master)) {
            return true;
        }
    }
    return false;
}

/* Who has never met the process before this one, or stood still when it ended,
 * cannot tell what this one lacks, where it holds as much as the replica by
 * now. */
static bool could_know(const struct sentinel *sentinel,
                       const struct group *group, const struct redis *master,
                       const struct redis *replica)
{
    msec created_at = group->created_at - sentinel->clock_offset;
    return (sentinel->began_at < master->died_at &&
            created_at < master->died_at &&
            sentinel->resumed_at < master->died_at) ||
           master->offset < replica->offset;
}

/* A replica that follows nobody was kept back by somebody. Who leads it to the
 * master has read that one, and must have seen that it lacks something. Where
 * both were restarted, nobody can tell whose data are newer. */
void oracle_check_following(struct sim *sim, const struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group)
{
    const struct connection *connection =
        node_connection(sim, sentinel, issued->action.link);
    uint32_t number = sim_process_at(sim, &issued->action.replicaof.master);
    const struct redis *master = sim->processes[number].redis;
    const struct redis *replica = sim->processes[connection->server].redis;
    const char *read =
        sim->oracle.read_run_id[sentinel->process->number][number];
    if (master == NULL || !master->began_behind || replica->is_master ||
        replica->follows.port != NOBODY_PORT ||
        group->settings.on_empty_master != ON_EMPTY_FAILOVER ||
        strcmp(read, master->run_id) != 0 ||
        replica->began_at >= master->died_at ||
        (master->offset > 0 && !is_anybody_better(sim, master)) ||
        !has_more(sim, replica, master) ||
        !could_know(sentinel, group, master, replica)) {
        return;
    }
    oracle_fail(sim, "G10",
                "%s gives %s, with %" PRIu64
                ", to %s, which came back with less",
                sentinel->process->name, replica->process->name,
                replica->offset, master->process->name);
}
