/* Promotions, as the judge of writes remembers them: who ordered each, who
 * could have been promoted instead, and who had which data when it happened. */
#include "oracle_writes.h"

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

static void note_data(const struct sim *sim,
                      struct position data[MAX_PROCESSES])
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        if (redis != NULL) {
            data[i] = (struct position){redis->replid, redis->offset};
        }
    }
}

void oracle_on_order(struct sim *sim, const struct sentinel *sentinel,
                     const struct issued *issued, const struct group *group)
{
    uint32_t chosen =
        node_connection(sim, sentinel, issued->action.link)->server;
    struct promotion_order *order = &sim->oracle.orders[chosen];
    *order = (struct promotion_order){
        .leader = sentinel->process->number,
        .old_master = sim_process_at(sim, &group->master->instance.address),
        .planned = group->failover.purpose == PURPOSE_PLANNED,
        .forced = failover_is_ordered(&group->failover),
        .without_votes = issued->without_votes};
    note_data(sim, order->data);
    if (!order->planned) {
        oracle_find_rivals(sim, sentinel, group, chosen, order);
    }
}

static bool takes_no_writes(struct sim *sim, uint32_t number)
{
    const struct redis *redis = sim->processes[number].redis;
    return redis == NULL || sim->now < redis->paused_until ||
           !redis_takes_writes(sim, redis);
}

void oracle_on_fork(struct sim *sim, uint32_t leader, const struct redis *redis)
{
    struct forks *forks = &sim->oracle.forks;
    const struct promotion_order *order =
        &sim->oracle.orders[redis->process->number];
    if (order->leader != leader) {
        return; /* told by somebody whose order was overtaken by another */
    }
    if (forks->count == forks->capacity) {
        forks->capacity = forks->capacity == 0 ? 16 : forks->capacity * 2;
        forks->items =
            xrealloc(forks->items, forks->capacity * sizeof *forks->items);
    }
    struct fork *fork = &forks->items[forks->count++];
    *fork = (struct fork){.history = redis->replid,
                          .at = sim->now,
                          .order = *order,
                          .held = takes_no_writes(sim, order->old_master)};
    note_data(sim, fork->data);
    ledger_close(sim);
}

const struct fork *oracle_find_fork(const struct sim *sim, uint32_t history)
{
    for (size_t i = sim->oracle.forks.count; i > 0; i--) {
        if (sim->oracle.forks.items[i - 1].history == history) {
            return &sim->oracle.forks.items[i - 1];
        }
    }
    return NULL;
}
