/* What a fault does to the world when it begins and when it ends. */
#include <assert.h>
#include <string.h>

#include "names.h"
#include "random_fault.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

/* --- Whom ----------------------------------------------------------------- */

static struct process *random_process(struct sim *sim, enum process_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        count += sim->processes[i].kind == kind;
    }
    uint32_t chosen = sim_random(sim, count);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (sim->processes[i].kind == kind && chosen-- == 0) {
            return &sim->processes[i];
        }
    }
    assert(false);
    return NULL;
}

/* Half of the time whom the first sentinel takes for a master: that is where
 * failovers come from. */
static struct process *random_redis(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count && sim_chance(sim, 50); i++) {
        const struct sentinel *sentinel = sim->processes[i].sentinel;
        if (sentinel == NULL || sentinel->core == NULL) {
            continue;
        }
        const struct group *group = model_find_group(
            core_model(sentinel->core),
            sim->groups[sim_random(sim, sim->group_count)].name);
        if (group != NULL) {
            return &sim->processes[sim_process_at(
                sim, model_current_address(group))];
        }
    }
    return random_process(sim, PROCESS_REDIS);
}

/* --- Paths ---------------------------------------------------------------- */

static void cut(struct sim *sim, struct ongoing *ongoing, uint32_t from,
                uint32_t to)
{
    ongoing->cut[from] |= UINT64_C(1) << to;
    net_block(sim, from, to, true);
}

static void uncut(struct sim *sim, const struct ongoing *ongoing)
{
    for (uint32_t from = 0; from < MAX_PROCESSES; from++) {
        for (uint32_t to = 0; to < MAX_PROCESSES; to++) {
            if ((ongoing->cut[from] >> to & 1) != 0) {
                net_block(sim, from, to, false);
            }
        }
    }
}

static void partition(struct sim *sim, struct ongoing *ongoing)
{
    uint32_t side = sim_random(sim, UINT32_MAX);
    transcript_note(sim, "partition");
    for (uint32_t a = 1; a < sim->process_count; a++) {
        for (uint32_t b = 1; b < sim->process_count; b++) {
            if ((side >> a & 1) != (side >> b & 1)) {
                cut(sim, ongoing, a, b);
            }
        }
        transcript_note(sim, "  %s on side %u", sim->processes[a].name,
                        side >> a & 1);
    }
}

static void cut_one_way(struct sim *sim, struct ongoing *ongoing)
{
    uint32_t from = 1 + sim_random(sim, sim->process_count - 1);
    uint32_t some = sim_random(sim, UINT32_MAX);
    bool inwards = sim_chance(sim, 50);
    for (uint32_t to = 1; to < sim->process_count; to++) {
        if (to != from && (some >> to & 1) != 0) {
            transcript_note(sim, "cut %s %s %s", sim->processes[from].name,
                            inwards ? "<" : ">", sim->processes[to].name);
            cut(sim, ongoing, inwards ? to : from, inwards ? from : to);
        }
    }
}

static void slow_down(struct sim *sim, struct ongoing *ongoing)
{
    struct process *process =
        &sim->processes[1 + sim_random(sim, sim->process_count - 1)];
    ongoing->process = process->number;
    sim->net.extra_ms[process->number] = 1 + sim_random(sim, 400);
    transcript_note(sim, "slow %s by %u ms", process->name,
                    (unsigned)sim->net.extra_ms[process->number]);
}

static void reset_one(struct sim *sim)
{
    if (sim->net.count == 0) {
        return;
    }
    struct connection *connection =
        sim->net.connections[sim_random(sim, sim->net.count)];
    if (connection != NULL) {
        transcript_note(sim, "reset %s - %s",
                        sim->processes[connection->client].name,
                        sim->processes[connection->server].name);
        net_break(sim, connection);
    }
}

/* --- Processes ------------------------------------------------------------ */

static void hurt_redis(struct sim *sim, struct ongoing *ongoing)
{
    struct process *process = random_redis(sim);
    ongoing->process = process->number;
    if (ongoing->fault == FAULT_PAUSE_REDIS) {
        sim_pause(sim, process);
    } else {
        sim_kill(sim, process);
    }
}

static void hurt_sentinel(struct sim *sim, struct ongoing *ongoing)
{
    struct process *process = random_process(sim, PROCESS_SENTINEL);
    ongoing->process = process->number;
    if (ongoing->fault == FAULT_STALL) {
        sim_pause(sim, process);
    } else if (ongoing->fault == FAULT_CRASH) {
        sim_kill(sim, process);
    } else if (ongoing->fault == FAULT_CRASH_AT_SAVE) {
        process->sentinel->trap =
            sim_chance(sim, 50) ? TRAP_BEFORE_SAVE : TRAP_AFTER_SAVE;
        transcript_note(sim, "%s will crash at its next save", process->name);
    } else if (sim_chance(sim, 50)) {
        process->sentinel->disk.failing = true;
        transcript_note(sim, "disk of %s fails", process->name);
    } else {
        process->sentinel->disk.save_ms = 1 + sim_random(sim, 3000);
        transcript_note(sim, "disk of %s is slow: %u ms", process->name,
                        (unsigned)process->sentinel->disk.save_ms);
    }
}

/* RESET is left to scripted cases: what it forgets need not be found again. */
static void administer(struct sim *sim)
{
    const struct process *process = random_process(sim, PROCESS_SENTINEL);
    if (process->state != PROCESS_RUNNING) {
        return;
    }
    const struct group *group =
        model_find_group(core_model(process->sentinel->core),
                         sim->groups[sim_random(sim, sim->group_count)].name);
    struct admin admin = {
        .type = ADMIN_FAILOVER, .groups = &group->id, .group_count = 1};
    admin.mode = (enum failover_mode)sim_random(sim, 3);
    copy_text(admin.name, NAME_SIZE, group->name);
    if (sim_chance(sim, 20)) {
        admin.type = ADMIN_FLUSH;
    }
    transcript_note(sim, "%s: operator says %s", process->name,
                    admin.type == ADMIN_FLUSH ? "FLUSHCONFIG" : "FAILOVER");
    node_admin(sim, process->sentinel, &admin);
}

void fault_start_again(struct sim *sim, struct process *process, bool empty)
{
    sim_resume(sim, process);
    if (process->state != PROCESS_DEAD) {
        return;
    }
    if (process->kind == PROCESS_SENTINEL) {
        names_draw_lookups(sim, process->sentinel);
        node_start(sim, process->sentinel);
    } else {
        redis_start(sim, process->redis,
                    empty ? START_FROM_NOTHING : START_FROM_FILE);
    }
}

/* --- Begin and end -------------------------------------------------------- */

void fault_begin(struct sim *sim, struct ongoing *ongoing)
{
    switch (ongoing->fault) {
    case FAULT_DELAY:
        slow_down(sim, ongoing);
        return;
    case FAULT_RESET:
        reset_one(sim);
        return;
    case FAULT_PARTITION:
        partition(sim, ongoing);
        return;
    case FAULT_ONE_WAY:
        cut_one_way(sim, ongoing);
        return;
    case FAULT_PAUSE_REDIS:
    case FAULT_KILL_REDIS:
    case FAULT_EMPTY_REDIS:
        hurt_redis(sim, ongoing);
        return;
    case FAULT_CRASH:
    case FAULT_CRASH_AT_SAVE:
    case FAULT_DISK:
    case FAULT_STALL:
        hurt_sentinel(sim, ongoing);
        return;
    case FAULT_ADMIN:
        administer(sim);
        return;
    }
}

void fault_mend_disk(struct sim *sim, struct process *process)
{
    if (process->kind == PROCESS_SENTINEL) {
        transcript_note(sim, "disk of %s works", process->name);
        process->sentinel->disk.failing = false;
        process->sentinel->disk.save_ms = 0;
        process->sentinel->trap = TRAP_NONE;
    }
}

void fault_end(struct sim *sim, struct ongoing *ongoing)
{
    struct process *process = &sim->processes[ongoing->process];
    switch (ongoing->fault) {
    case FAULT_DELAY:
        transcript_note(sim, "%s is fast again", process->name);
        sim->net.extra_ms[ongoing->process] = 0;
        break;
    case FAULT_PARTITION:
    case FAULT_ONE_WAY:
        transcript_note(sim, "paths are open again");
        uncut(sim, ongoing);
        break;
    case FAULT_PAUSE_REDIS:
    case FAULT_KILL_REDIS:
    case FAULT_CRASH:
    case FAULT_STALL:
        fault_start_again(sim, process, false);
        break;
    case FAULT_EMPTY_REDIS:
        fault_start_again(sim, process, true);
        break;
    case FAULT_CRASH_AT_SAVE:
        process->sentinel->trap = TRAP_NONE;
        fault_start_again(sim, process, false);
        break;
    case FAULT_DISK:
        fault_mend_disk(sim, process);
        break;
    case FAULT_RESET:
    case FAULT_ADMIN:
        break;
    }
    ongoing->active = false;
}
