#include "demand.h"

#include "sim.h"

enum { LOOK_MS = 1000, SECOND_MS = 1000 };

static uint32_t lag_of(const struct sim *sim, const struct redis *redis)
{
    return (uint32_t)(sim->now / SECOND_MS -
                      redis->demanding.heard_at / SECOND_MS);
}

static void look(struct sim *sim, struct redis *redis)
{
    struct demanding *own = &redis->demanding;
    own->good = 0;
    own->looked_at = sim->now;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        own->good += other != NULL &&
                     other->demanding.attached_to == redis->process->number &&
                     lag_of(sim, other) <= own->min_replicas.max_lag_s;
    }
}

void demand_on_start(struct sim *sim, struct redis *redis)
{
    struct demanding *own = &redis->demanding;
    own->min_replicas = own->rewritten;
    own->attached_to = 0;
    look(sim, redis);
}

void demand_on_resume(struct sim *sim, struct redis *redis)
{
    look(sim, redis);
}

void demand_on_attach(struct sim *sim, struct redis *redis,
                      const struct redis *master)
{
    redis->demanding.attached_to = master->process->number;
    redis->demanding.heard_at = sim->now;
    look(sim, master->process->redis);
    oracle_on_attached(sim, master);
}

void demand_on_end(struct sim *sim, const struct redis *redis)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct redis *other = sim->processes[i].redis;
        if (other != NULL &&
            other->demanding.attached_to == redis->process->number) {
            other->demanding.attached_to = 0;
        }
    }
}

/* What its master learns of it, if the path between them is open: that it is
 * there, or that it went away. */
static void report_to_master(struct sim *sim, struct redis *redis)
{
    struct demanding *own = &redis->demanding;
    if (own->attached_to == 0) {
        return;
    }
    struct process *master = &sim->processes[own->attached_to];
    if (master->state != PROCESS_RUNNING ||
        !net_is_open(sim, redis->process->number, master->number)) {
        return;
    }
    bool follows = redis->process->state != PROCESS_DEAD && !redis->is_master &&
                   redis->replication == REPLICATION_UP &&
                   sim_process_at(sim, &redis->follows) == own->attached_to;
    if (!follows) {
        own->attached_to = 0;
        look(sim, master->redis);
    } else if (redis_is_running(redis)) {
        own->heard_at = sim->now;
    }
}

void demand_on_pulse(struct sim *sim, struct redis *redis)
{
    report_to_master(sim, redis);
    if (redis_is_running(redis) &&
        sim->now - redis->demanding.looked_at >= LOOK_MS) {
        look(sim, redis);
    }
}

void demand_set(struct sim *sim, struct redis *redis,
                const struct min_replicas *min_replicas)
{
    redis->demanding.min_replicas = *min_replicas;
    look(sim, redis);
}

bool demand_is_met(const struct redis *redis)
{
    const struct demanding *own = &redis->demanding;
    return own->min_replicas.max_lag_s == 0 ||
           own->good >= own->min_replicas.replicas;
}

bool demand_tells(const struct sim *sim, const struct redis *master,
                  const struct redis *redis, uint32_t *lag_s)
{
    *lag_s = lag_of(sim, redis);
    return redis->demanding.attached_to == master->process->number;
}
