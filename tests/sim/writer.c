/* What clients do between two events. The world does not change meanwhile, so
 * a plain writer's share is a number of writes in proportion to the time; one
 * that waits for replicas has a few writes under way and goes on when they
 * are confirmed. Their own delays are left out: a write that a server has
 * done and can answer for is acknowledged. */
#include "writer.h"

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum {
    ATTEMPT_MS = 100,   /* between two attempts to connect */
    PATIENCE_MS = 1000, /* for an answer, then it hangs up */
    WAIT_WRITES = 5,    /* under way at a time, with WAIT */
};

bool writers_add(struct sim *sim, const struct writer *writer)
{
    struct writers *writers = &sim->writers;
    if (writers->count == MAX_WRITERS) {
        return false;
    }
    struct writer *added = &writers->items[writers->count++];
    *added = *writer;
    added->silent_since = NEVER;
    added->next_attempt_at = sim->now;
    return true;
}

/* --- Connections ---------------------------------------------------------- */

static void hang_up(struct sim *sim, struct writer *writer)
{
    if (writer->server != 0) {
        transcript_note(sim, "%s: no connection", writer->name);
    }
    writer->server = 0;
    writer->waits = false;
    writer->silent_since = NEVER;
}

static void connect_to(struct sim *sim, struct writer *writer, uint32_t server)
{
    const struct process *process = &sim->processes[server];
    if (process->kind != PROCESS_REDIS || process->state != PROCESS_RUNNING ||
        !net_can_connect(sim, writer->beside, server) ||
        !process->redis->is_master) {
        return; /* it asks for ROLE first, and does not keep a replica */
    }
    transcript_note(sim, "%s: writes to %s", writer->name, process->name);
    writer->server = server;
    writer->server_life = process->redis->lives;
    writer->waits = false;
    writer->silent_since = NEVER;
}

/* Whom this sentinel names; 0 when it cannot be asked. */
static uint32_t ask(const struct sim *sim, const struct writer *writer,
                    const struct process *process)
{
    if (process->kind != PROCESS_SENTINEL ||
        process->state != PROCESS_RUNNING ||
        !net_can_connect(sim, writer->beside, process->number)) {
        return 0;
    }
    const struct group *group = model_find_group(
        core_model(process->sentinel->core), sim->groups[writer->group].name);
    return group == NULL ? 0
                         : sim_process_at(sim, model_current_address(group));
}

/* Asks one sentinel after the other and takes the first answer. */
static void try_to_connect(struct sim *sim, struct writer *writer)
{
    if (sim->now < writer->next_attempt_at) {
        return;
    }
    writer->next_attempt_at = sim->now + ATTEMPT_MS;
    uint32_t first = ++writer->attempts;
    for (uint32_t i = 0; i < sim->process_count; i++) {
        uint32_t number = (first + i) % sim->process_count;
        uint32_t server = ask(sim, writer, &sim->processes[number]);
        if (server != 0) {
            connect_to(sim, writer, server);
            return;
        }
    }
}

void writers_drop(struct sim *sim, uint32_t server)
{
    for (uint32_t i = 0; i < sim->writers.count; i++) {
        if (sim->writers.items[i].server == server) {
            hang_up(sim, &sim->writers.items[i]);
        }
    }
}

static bool is_about(const char *text, const char *group)
{
    size_t length = strlen(group);
    return strncmp(text, group, length) == 0 && text[length] == ' ';
}

void writers_on_switch(struct sim *sim, const struct sentinel *sentinel,
                       const char *text)
{
    for (uint32_t i = 0; i < sim->writers.count; i++) {
        struct writer *writer = &sim->writers.items[i];
        if (writer->pooled ||
            !is_about(text, sim->groups[writer->group].name)) {
            continue;
        }
        uint32_t server = ask(sim, writer, sentinel->process);
        if (server != 0 && server != writer->server) {
            hang_up(sim, writer);
            connect_to(sim, writer, server);
        }
    }
}

/* --- Writing -------------------------------------------------------------- */

static void acknowledge(struct sim *sim, const struct writer *writer,
                        uint64_t from, uint64_t to)
{
    struct span span = {.writer = (uint32_t)(writer - sim->writers.items),
                        .history = sim->processes[writer->server].redis->replid,
                        .from = from,
                        .to = to,
                        .at = sim->now,
                        .server = writer->server};
    ledger_add(sim, &span);
    oracle_on_acknowledged(sim, &span);
}

static void write_now(struct sim *sim, struct writer *writer,
                      struct redis *redis, uint64_t count)
{
    acknowledge(sim, writer, redis->offset, redis->offset + count);
    redis->offset += count;
}

static void write_and_wait(struct sim *sim, struct writer *writer,
                           struct redis *redis)
{
    if (writer->waits && replication_count_acks(sim, redis, writer->open_to) >=
                             writer->wait_for) {
        acknowledge(sim, writer, writer->open_from, writer->open_to);
        writer->waits = false;
    }
    if (!writer->waits) {
        writer->waits = true;
        writer->open_from = redis->offset;
        redis->offset += WAIT_WRITES;
        writer->open_to = redis->offset;
    }
}

static bool is_answered(struct sim *sim, struct writer *writer)
{
    const struct process *server = &sim->processes[writer->server];
    if (sim->net.rejected[writer->beside][writer->server]) {
        hang_up(sim, writer);
        return false;
    }
    if (server->state == PROCESS_RUNNING &&
        net_is_open(sim, writer->beside, writer->server)) {
        writer->silent_since = NEVER;
        return true;
    }
    if (writer->silent_since == NEVER) {
        writer->silent_since = sim->now;
    } else if (sim->now - writer->silent_since >= PATIENCE_MS) {
        hang_up(sim, writer);
    }
    return false;
}

static void write_until(struct sim *sim, struct writer *writer, msec until)
{
    struct redis *redis = sim->processes[writer->server].redis;
    msec from = redis->paused_until > sim->now ? redis->paused_until : sim->now;
    if (from >= until) {
        return; /* it waits in the pause, also when the role changes in it */
    }
    if (!redis->is_master) {
        hang_up(sim, writer);
    } else if (!redis_takes_writes(sim, redis)) {
        return; /* it gets an error */
    } else if (writer->wait_for > 0) {
        write_and_wait(sim, writer, redis);
    } else {
        write_now(sim, writer, redis, until - from);
        oracle_on_write(sim, redis);
    }
}

static void advance(struct sim *sim, struct writer *writer, msec until)
{
    if (writer->server != 0 &&
        sim->processes[writer->server].redis->lives != writer->server_life) {
        hang_up(sim, writer);
    }
    if (writer->server == 0) {
        try_to_connect(sim, writer);
    }
    if (writer->server != 0 && is_answered(sim, writer)) {
        write_until(sim, writer, until);
    }
}

void writers_advance(struct sim *sim, msec until)
{
    for (uint32_t i = 0; until > sim->now && i < sim->writers.count; i++) {
        advance(sim, &sim->writers.items[i], until);
    }
}

void writers_on_resume(struct sim *sim, struct redis *redis)
{
    for (uint32_t i = 0; i < sim->writers.count; i++) {
        struct writer *writer = &sim->writers.items[i];
        if (writer->server == redis->process->number &&
            writer->server_life == redis->lives && writer->wait_for == 0 &&
            redis->is_master && redis->paused_until <= sim->now &&
            redis_takes_writes(sim, redis)) {
            write_now(sim, writer, redis, 1);
        }
    }
}
