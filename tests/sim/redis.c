/* A fake Redis server: its life, what INFO says, and the hellos that it
 * passes on. Commands are in redis_command.c, replication in replication.c.
 *
 * It holds no data: a data set is a replication history and an offset, which
 * is all that a supervisor can see of it. */
#include "redis.h"

#include <stdio.h>

#include "sentineld/memory.h"
#include "sim.h"

enum { SAVE_MS = 60000 };

bool redis_is_running(const struct redis *redis)
{
    return redis->process->state == PROCESS_RUNNING;
}

bool redis_is_loading(const struct sim *sim, const struct redis *redis)
{
    return sim->now < redis->loading_until;
}

bool redis_takes_writes(const struct sim *sim, const struct redis *redis)
{
    return redis_is_running(redis) && redis->is_master && !redis->busy &&
           !redis->misconf && !redis_is_loading(sim, redis) &&
           demand_is_met(redis);
}

/* --- Life ----------------------------------------------------------------- */

static void take_run_id(struct sim *sim, struct redis *redis)
{
    char start[RUN_ID_SIZE];
    (void)snprintf(start, sizeof start, "%08x%03u%03u",
                   sim_random(sim, UINT32_MAX), redis->process->number % 1000,
                   redis->lives % 1000);
    if (redis->run_id_start[0] != '\0') {
        copy_text(start, sizeof start, redis->run_id_start);
    }
    memset(redis->run_id, '0', RUN_ID_LEN);
    memcpy(redis->run_id, start, strlen(start));
}

static void be_new(struct sim *sim, struct redis *redis)
{
    redis->lives++;
    take_run_id(sim, redis);
    redis->process->state = PROCESS_RUNNING;
    redis->began_at = sim->now;
    redis->replication = REPLICATION_DOWN;
    redis->is_trying = false;
    redis->is_sent = false;
    oracle_on_told_to_follow(sim, redis, &redis->follows, false);
    redis->link_down_since = NEVER;
    redis->silent_since = NEVER;
    redis->next_attempt_at = sim->now;
    redis->shipped = redis->offset;
    redis->backlog_from = redis->offset + 1;
    demand_on_start(sim, redis);
}

struct redis *redis_new(struct sim *sim, struct process *process,
                        uint32_t group)
{
    struct redis *redis = xcalloc(1, sizeof *redis);
    redis->process = process;
    process->redis = redis;
    redis->group = group;
    redis->priority = 100;
    redis->is_master = true;
    redis->replid = sim_new_history(sim, 0, 0);
    redis->second_offset = -1;
    be_new(sim, redis);
    return redis;
}

void redis_follow(struct sim *sim, struct redis *redis,
                  const struct process *master)
{
    redis->is_master = false;
    redis->follows = master->address;
    redis->rewritten = master->address;
    redis->replid = master->redis->replid;
    redis->offset = master->redis->offset;
    redis->shipped = redis->offset;
    redis->backlog_from = master->redis->backlog_from;
    redis->replication = REPLICATION_UP;
    demand_on_attach(sim, redis, master->redis);
    redis->heard_at = sim->now;
}

void redis_lose_data(struct sim *sim, struct redis *redis)
{
    redis->replid = sim_new_history(sim, 0, 0);
    redis->replid2 = 0;
    redis->second_offset = -1;
    redis->offset = 0;
    redis->saved_offset = 0;
}

/* As `save 60 1` has it. */
void redis_save_in_time(const struct sim *sim, struct redis *redis)
{
    if (redis_is_running(redis) && sim->now - redis->saved_at >= SAVE_MS) {
        redis->saved_offset = redis->offset;
        redis->saved_at = sim->now;
    }
}

/* A master that loads its file goes on under a new history, as Redis does. */
static void keep_data(struct sim *sim, struct redis *redis)
{
    if (redis->is_master) {
        redis->replid2 = redis->replid;
        redis->second_offset = (int64_t)redis->offset + 1;
        redis->replid = sim_new_history(sim, redis->replid2, redis->offset);
    }
}

/* All the data, but an append-only file says nothing of their history: its
 * name is new, and offsets begin at 0 again. So it is with Redis 7. */
static void replay_log(struct sim *sim, struct redis *redis)
{
    redis->replid = sim_new_history(sim, redis->replid, redis->offset);
    sim->histories[redis->replid].is_nameless = true;
    sim->histories[redis->replid].base = redis->offset;
    redis->replid2 = 0;
    redis->second_offset = -1;
}

static void load_data(struct sim *sim, struct redis *redis,
                      enum start_from from)
{
    switch (from) {
    case START_FROM_FILE:
        keep_data(sim, redis);
        break;
    case START_FROM_LOG:
        replay_log(sim, redis);
        break;
    case START_FROM_NOTHING:
        sim->oracle.emptied[redis->group] = true;
        redis_lose_data(sim, redis);
        break;
    }
    sim->histories[redis->replid].is_old |= redis->file_is_old;
    redis->file_is_old = false;
    /* What a log adds to the file counts as changes since that. */
    redis->saved_offset = from == START_FROM_LOG ? 0 : redis->offset;
    redis->saved_at = sim->now;
}

static const char *start_name(enum start_from from)
{
    return from == START_FROM_NOTHING ? " empty"
           : from == START_FROM_LOG   ? " from its append-only file"
                                      : "";
}

void redis_start(struct sim *sim, struct redis *redis, enum start_from from)
{
    if (redis->process->state != PROCESS_DEAD) {
        return;
    }
    transcript_note(sim, "restart %s%s", redis->process->name,
                    start_name(from));
    redis->before = redis->began_behind ? 0 : redis->replid;
    redis->is_master = redis->rewritten.host[0] == '\0';
    redis->follows = redis->rewritten;
    load_data(sim, redis, from);
    redis->loading_until = sim->now + sim->load_ms;
    redis->busy = false;
    be_new(sim, redis);
    redis->began_as = redis->is_master ? redis->replid : 0;
    redis->began_behind = redis->is_master &&
                          (redis->before == 0 || oracle_is_behind(sim, redis));
}

static void drop_backlog(struct redis *redis)
{
    for (uint32_t i = 0; i < redis->backlog_count; i++) {
        free(redis->backlog[i]);
    }
    redis->backlog_count = 0;
}

void redis_on_death(struct sim *sim, struct redis *redis)
{
    redis->died_at = sim->now;
    redis->replication = REPLICATION_DOWN;
    redis->lives++;
    drop_backlog(redis);
    demand_on_end(sim, redis);
    replication_drop_replicas(sim, redis);
}

void redis_on_resume(struct sim *sim, struct redis *redis)
{
    replication_step(sim, redis);
    writers_on_resume(sim, redis);
    demand_on_resume(sim, redis);
    for (uint32_t i = 0; i < redis->backlog_count; i++) {
        redis_publish(sim, redis, redis->backlog[i]);
    }
    drop_backlog(redis);
}

void redis_free(struct redis *redis)
{
    drop_backlog(redis);
    free(redis);
}

/* --- INFO ----------------------------------------------------------------- */

static void list_replicas(const struct sim *sim, const struct redis *redis,
                          struct info_text *info)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        bool connected = other != NULL && !other->is_master &&
                         (other->replication != REPLICATION_DOWN ||
                          (other->never_syncs && redis_is_running(other)));
        if (connected &&
            sim_process_at(sim, &other->follows) == redis->process->number &&
            info->replica_count < SIM_MAX_REPLICAS) {
            info->online[info->replica_count] = demand_tells(
                sim, redis, other, &info->lag_s[info->replica_count]);
            info->replicas[info->replica_count++] = i;
        }
    }
}

static int64_t link_down_s(const struct sim *sim, const struct redis *redis)
{
    if (redis->replication == REPLICATION_UP) {
        return 0;
    }
    return redis->link_down_since == NEVER
               ? -1
               : (int64_t)(sim->now - redis->link_down_since) / 1000;
}

/* Both times are whole seconds there. */
static int64_t last_io_s(const struct sim *sim, const struct redis *redis)
{
    return redis->replication == REPLICATION_UP
               ? (int64_t)(sim->now / 1000) - (int64_t)(redis->heard_at / 1000)
               : -1;
}

void redis_info(const struct sim *sim, const struct redis *redis,
                struct info_text *info)
{
    *info = (struct info_text){.role = redis->is_master ? ROLE_MASTER
                                                        : ROLE_REPLICA,
                               .replid = redis->replid,
                               .replid2 = redis->replid2,
                               .second_offset = redis->second_offset,
                               .loading = redis_is_loading(sim, redis),
                               .priority = redis->priority,
                               .offset = redis->offset,
                               .backlog_from = redis->backlog_from,
                               .saves_failing = redis->misconf,
                               .append_only = redis->append_only,
                               .unsaved = redis->offset - redis->saved_offset,
                               .known_engine = redis->engine == ENGINE_REDIS};
    copy_text(info->run_id, RUN_ID_SIZE, redis->run_id);
    list_replicas(sim, redis, info);
    if (!redis->is_master) {
        info->master = redis->follows;
        info->link_up = redis->replication == REPLICATION_UP;
        info->link_down_s = link_down_s(sim, redis);
        info->last_io_s = last_io_s(sim, redis);
        info->syncing = redis->replication == REPLICATION_SYNC;
    }
}

/* --- Hellos --------------------------------------------------------------- */

static void push_to_subscribers(struct sim *sim, const struct redis *redis,
                                const struct hello *hello)
{
    for (uint32_t slot = 0; slot < sim->net.count; slot++) {
        struct connection *connection = sim->net.connections[slot];
        if (connection != NULL && connection->subscribed &&
            connection->server == redis->process->number) {
            net_send_to_client(sim, connection, message_new_push(hello));
        }
    }
}

static void relay_to(struct sim *sim, const struct redis *from,
                     const struct redis *to, const struct hello *hello)
{
    struct hello *copy = xmalloc(sizeof *copy);
    *copy = *hello;
    queue_push(&sim->queue,
               (struct sim_event){.at = sim->now +
                                        net_delay(sim, from->process->number,
                                                  to->process->number),
                                  .kind = SIM_REDIS_RELAY,
                                  .subject = to->process->number,
                                  .generation = to->lives,
                                  .hello = copy});
}

void redis_publish(struct sim *sim, struct redis *redis,
                   const struct hello *hello)
{
    push_to_subscribers(sim, redis, hello);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        if (other != NULL && !other->is_master &&
            other->replication == REPLICATION_UP &&
            sim_process_at(sim, &other->follows) == redis->process->number) {
            relay_to(sim, redis, other, hello);
        }
    }
}

/* Takes over the hello. */
static void on_relay(struct sim *sim, struct redis *redis, struct hello *hello)
{
    uint32_t from = sim_process_at(sim, &redis->follows);
    bool lost = redis->process->state == PROCESS_DEAD ||
                redis->replication != REPLICATION_UP ||
                sim->net.blocked[from][redis->process->number] ||
                redis->backlog_count == MAX_BACKLOG;
    if (lost) {
        free(hello);
        return;
    }
    if (redis->process->state == PROCESS_PAUSED) {
        redis->backlog[redis->backlog_count++] = hello;
        return;
    }
    redis->heard_at = sim->now;
    redis_publish(sim, redis, hello);
    free(hello);
}

void redis_on_event(struct sim *sim, const struct sim_event *event)
{
    struct redis *redis = sim->processes[event->subject].redis;
    if (event->generation != redis->lives) {
        free(event->hello);
    } else if (event->kind == SIM_REDIS_RELAY) {
        on_relay(sim, redis, event->hello);
    } else {
        replication_step(sim, redis);
    }
}
