/* How a fake server follows another: the link, partial and full
 * synchronisation, histories (replid, replid2) and offsets by Redis' rules.
 *
 * Data flow in pulses of 100 ms, one hop a pulse, so a master that dies takes
 * along what it had not shipped, and replicas differ in how far they came. */
#include "redis.h"

#include "sentineld/memory.h"
#include "sim.h"

enum {
    CRON_MS = 1000,     /* between attempts to connect */
    TIMEOUT_MS = 10000, /* of a link that says nothing */
    PING_MS = 10000,    /* a master says at least so often that it is there */
    HANDSHAKE_MS = 2,
    WRITES_PER_PULSE = 100, /* at most, in bytes of the stream */
    LAG_PERCENT = 10,       /* pulses that miss a replica */
};

static struct redis *upstream_of(struct sim *sim, const struct redis *redis)
{
    return sim->processes[sim_process_at(sim, &redis->follows)].redis;
}

static bool path_is_open(const struct sim *sim, const struct redis *replica,
                         const struct redis *from)
{
    return net_can_connect(sim, replica->process->number,
                           from->process->number);
}

static bool is_rejected(const struct sim *sim, const struct redis *replica,
                        const struct redis *from)
{
    return sim->net.rejected[replica->process->number][from->process->number];
}

static void step_at(struct sim *sim, const struct redis *redis, msec at)
{
    queue_push(&sim->queue,
               (struct sim_event){.at = at,
                                  .kind = SIM_REDIS_STEP,
                                  .subject = redis->process->number,
                                  .generation = redis->lives});
}

static void disconnect(struct sim *sim, struct redis *redis)
{
    if (redis->replication == REPLICATION_UP) {
        redis->link_down_since = sim->now;
    }
    redis->replication = REPLICATION_DOWN;
    redis->silent_since = NEVER;
    redis->next_attempt_at = sim->now + HANDSHAKE_MS;
    step_at(sim, redis, redis->next_attempt_at);
}

/* --- Synchronisation ------------------------------------------------------ */

static bool can_continue(const struct redis *redis, const struct redis *from)
{
    if (redis->offset + 1 < from->backlog_from ||
        redis->offset > from->offset) {
        return false;
    }
    return redis->replid == from->replid ||
           (redis->replid == from->replid2 &&
            (int64_t)redis->offset + 1 <= from->second_offset);
}

static void become_up(struct sim *sim, struct redis *redis,
                      const struct redis *from)
{
    demand_on_attach(sim, redis, from);
    redis->heard_at = sim->now;
    redis->is_trying = false;
    redis->is_sent = false;
    redis->replication = REPLICATION_UP;
    redis->hung_up_seen = from->hung_up;
    redis->silent_since = NEVER;
    if (from->shipped > redis->offset) {
        redis->offset = from->shipped;
    }
    redis->shipped = redis->offset;
}

static void continue_partially(struct sim *sim, struct redis *redis,
                               const struct redis *from)
{
    if (redis->replid != from->replid) {
        redis->replid2 = redis->replid;
        redis->second_offset = (int64_t)redis->offset + 1;
        redis->replid = from->replid;
    }
    become_up(sim, redis, from);
}

static void end_full(struct sim *sim, struct redis *redis,
                     const struct redis *from)
{
    redis->replid = from->replid;
    redis->replid2 = 0;
    redis->second_offset = -1;
    redis->offset = from->shipped;
    redis->saved_offset = redis->offset;
    redis->backlog_from = redis->offset + 1;
    become_up(sim, redis, from);
    replication_drop_replicas(sim, redis);
}

/* Replicas that follow each other in a circle have nothing to give. */
static bool leads_to_a_master(struct sim *sim, const struct redis *redis)
{
    for (uint32_t hops = 0; hops < MAX_PROCESSES && redis != NULL; hops++) {
        if (redis->is_master) {
            return true;
        }
        if (redis->replication != REPLICATION_UP) {
            return false;
        }
        redis = upstream_of(sim, redis);
    }
    return false;
}

static bool serves(struct sim *sim, const struct redis *from)
{
    return redis_is_running(from) && !redis_is_loading(sim, from) &&
           leads_to_a_master(sim, from);
}

static void become_master(struct sim *sim, struct redis *redis)
{
    redis->is_master = true;
    redis->is_trying = false;
    redis->began_behind = false;
    redis->replication = REPLICATION_DOWN;
    redis->link_down_since = NEVER;
    redis->replid2 = redis->replid;
    redis->second_offset = (int64_t)redis->offset + 1;
    redis->replid = sim_new_history(sim, redis->replid2, redis->offset);
    redis->shipped = redis->offset;
    replication_drop_replicas(sim, redis);
}

/* Nobody answers there, or nobody who serves. */
static void fail_to_connect(struct sim *sim, struct redis *redis)
{
    if (redis->engine == ENGINE_FLUSHES && redis->is_trying) {
        transcript_note(sim, "%s: no connection, master again",
                        redis->process->name);
        become_master(sim, redis);
    }
}

static void try_to_connect(struct sim *sim, struct redis *redis,
                           const struct redis *from)
{
    if (sim->now < redis->next_attempt_at) {
        return;
    }
    redis->next_attempt_at = sim->now + CRON_MS;
    if (redis->never_syncs || from == NULL || from == redis ||
        !path_is_open(sim, redis, from) || !serves(sim, from)) {
        fail_to_connect(sim, redis);
        return;
    }
    if (can_continue(redis, from)) {
        continue_partially(sim, redis, from);
        return;
    }
    redis->replication = REPLICATION_SYNC;
    redis->replication_at = sim->now + sim->sync_ms;
    step_at(sim, redis, redis->replication_at);
    oracle_on_full_sync(sim, redis);
}

static void go_on_synchronising(struct sim *sim, struct redis *redis,
                                const struct redis *from)
{
    if (from == NULL || !path_is_open(sim, redis, from) || !serves(sim, from)) {
        redis->replication = REPLICATION_DOWN;
    } else if (sim->now >= redis->replication_at) {
        end_full(sim, redis, from);
    }
}

static void receive(struct sim *sim, struct redis *redis,
                    const struct redis *from)
{
    if (from == NULL || from->process->state == PROCESS_DEAD ||
        is_rejected(sim, redis, from)) {
        disconnect(sim, redis);
        return;
    }
    if (!redis_is_running(from) || !path_is_open(sim, redis, from)) {
        if (redis->silent_since == NEVER) {
            redis->silent_since = sim->now;
        } else if (sim->now - redis->silent_since >= TIMEOUT_MS) {
            disconnect(sim, redis);
        }
        return;
    }
    redis->silent_since = NEVER;
    bool ended = redis->hung_up_seen != from->hung_up; /* while cut off */
    if (ended || from->replid != redis->replid) {
        disconnect(sim, redis);
    } else if (from->shipped > redis->offset) {
        redis->offset = from->shipped;
        redis->heard_at = sim->now;
    } else if (sim->now / PING_MS != redis->heard_at / PING_MS) {
        redis->heard_at = sim->now;
    }
}

void replication_step(struct sim *sim, struct redis *redis)
{
    if (redis->is_master || !redis_is_running(redis) ||
        redis_is_loading(sim, redis)) {
        return;
    }
    const struct redis *from = upstream_of(sim, redis);
    switch (redis->replication) {
    case REPLICATION_DOWN:
        try_to_connect(sim, redis, from);
        return;
    case REPLICATION_SYNC:
        go_on_synchronising(sim, redis, from);
        return;
    case REPLICATION_UP:
        receive(sim, redis, from);
        return;
    }
}

uint32_t replication_count_acks(const struct sim *sim,
                                const struct redis *redis, uint64_t offset)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        count +=
            other != NULL && !other->is_master && redis_is_running(other) &&
            other->replication == REPLICATION_UP &&
            other->replid == redis->replid && other->offset >= offset &&
            sim_process_at(sim, &other->follows) == redis->process->number &&
            path_is_open(sim, other, redis);
    }
    return count;
}

/* --- Changes of role ------------------------------------------------------ */

void replication_drop_replicas(struct sim *sim, struct redis *redis)
{
    redis->hung_up++;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct redis *other = sim->processes[i].redis;
        if (other != NULL && !other->is_master && other != redis &&
            other->replication != REPLICATION_DOWN &&
            path_is_open(sim, other, redis) &&
            sim_process_at(sim, &other->follows) == redis->process->number) {
            disconnect(sim, other);
        }
    }
}

void replication_obey(struct sim *sim, struct redis *redis,
                      const struct address *master)
{
    if (master->host[0] == '\0') {
        if (!redis->is_master) {
            become_master(sim, redis);
        }
        return;
    }
    if (!redis->is_master && redis->follows.port == master->port &&
        strcmp(redis->follows.host, master->host) == 0) {
        return;
    }
    redis->is_master = false;
    redis->began_behind = false;
    redis->follows = *master;
    redis->is_trying = true;
    if (redis->engine == ENGINE_FLUSHES) {
        redis_lose_data(sim, redis);
    }
    demand_on_end(sim, redis);
    disconnect(sim, redis);
    replication_drop_replicas(sim, redis);
}

/* --- Pulses --------------------------------------------------------------- */

static void ship_and_write(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct redis *redis = sim->processes[i].redis;
        if (redis == NULL || !redis_is_running(redis)) {
            continue;
        }
        redis->shipped = redis->offset;
        if (sim->writing && sim->now >= redis->paused_until &&
            redis_takes_writes(sim, redis)) {
            redis->offset += sim_random(sim, WRITES_PER_PULSE);
            oracle_on_write(sim, redis);
        }
    }
}

void redis_on_pulse(struct sim *sim)
{
    ship_and_write(sim);
    bool load = sim->writing || sim->writers.count > 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct redis *redis = sim->processes[i].redis;
        bool late = load && sim_chance(sim, LAG_PERCENT);
        if (redis != NULL && !late) {
            replication_step(sim, redis);
        }
        if (redis != NULL) {
            redis_save_in_time(sim, redis);
            demand_on_pulse(sim, redis);
        }
    }
}
