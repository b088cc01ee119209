/* fenced: with `fencing = safety` the old master acknowledges no write after
 * another server of its group was promoted - as long as it demands replicas,
 * and none comes to it afterwards. A master that only a leader knew who died
 * before he could tell a majority is nobody's old master. */
#include "oracle.h"
#include "sentineld/model.h"
#include "sim.h"

static bool is_bound(const struct redis *redis)
{
    const struct min_replicas *min_replicas = &redis->demanding.min_replicas;
    return redis->is_master && redis->process->state != PROCESS_DEAD &&
           min_replicas->replicas > 0 && min_replicas->max_lag_s > 0;
}

void oracle_note_fenced(struct sim *sim, const struct issued *issued,
                        const struct sentinel *sentinel,
                        const struct group *group)
{
    uint32_t chosen =
        node_connection(sim, sentinel, issued->action.link)->server;
    sim->oracle.silent_since[chosen] = 0;
    if (group->settings.fencing != FENCING_SAFETY ||
        failover_is_ordered(&group->failover)) {
        return;
    }
    uint32_t old = sim_process_at(sim, &group->master->instance.address);
    if (old != chosen && is_bound(sim->processes[old].redis)) {
        sim->oracle.silent_since[old] = sim->now;
    }
}

void oracle_on_attached(struct sim *sim, const struct redis *master)
{
    sim->oracle.silent_since[master->process->number] = 0;
}

void oracle_on_write(struct sim *sim, const struct redis *redis)
{
    uint32_t number = redis->process->number;
    msec since = sim->oracle.silent_since[number];
    if (since != 0 && sim->now > since && is_bound(redis)) {
        oracle_fail(sim, "fenced",
                    "%s acknowledges a write %u ms after another server was "
                    "promoted",
                    redis->process->name, (unsigned)(sim->now - since));
    }
}
