/* The virtual clock and the queue of events; who lives in the world. Every
 * event goes to the module that scheduled it; after each the oracle may have
 * stopped the run. */
#include "sim.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

#include "names.h"
#include "sentineld/memory.h"

enum { PULSE_MS = 100, SENTINEL_PORT = 26379, REDIS_PORT = 6379 };

/* --- Chance: SplitMix64, seeded ------------------------------------------- */

static uint64_t next_random(struct sim *sim)
{
    uint64_t value = (sim->random_state += 0x9e3779b97f4a7c15U);
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

uint32_t sim_random(struct sim *sim, uint32_t below)
{
    assert(below > 0);
    return (uint32_t)(next_random(sim) % below);
}

bool sim_chance(struct sim *sim, uint32_t percent)
{
    return sim_random(sim, 100) < percent;
}

/* --- The world ------------------------------------------------------------ */

struct sim *sim_new(uint64_t seed)
{
    struct sim *sim = xcalloc(1, sizeof *sim);
    sim->seed = seed;
    sim->random_state = seed;
    sim->now = 1000;
    sim->net.delay_min_ms = 1;
    sim->net.delay_max_ms = 1;
    sim->vote_lease_ms = 2000;
    sim->sync_ms = 200;
    sim->save_max_ms = 1;
    sim->processes[0].kind = PROCESS_NOWHERE;
    sim->processes[0].state = PROCESS_DEAD;
    sim->process_count = 1;
    oracle_init(&sim->oracle);
    queue_push(&sim->queue, (struct sim_event){.at = sim->now + PULSE_MS,
                                               .kind = SIM_REDIS_PULSE});
    return sim;
}

void sim_free(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct process *process = &sim->processes[i];
        if (process->kind == PROCESS_SENTINEL) {
            node_free(process->sentinel);
        } else {
            redis_free(process->redis);
        }
    }
    net_free(sim);
    queue_free(&sim->queue);
    oracle_free(&sim->oracle);
    ledger_free(&sim->ledger);
    transcript_free(&sim->transcript);
    free(sim);
}

uint32_t sim_add_group(struct sim *sim, const char *name)
{
    for (uint32_t i = 0; i < sim->group_count; i++) {
        if (strcmp(sim->groups[i].name, name) == 0) {
            return i;
        }
    }
    assert(sim->group_count < MAX_SIM_GROUPS);
    struct sim_group *group = &sim->groups[sim->group_count];
    copy_text(group->name, sizeof group->name, name);
    group->settings = (struct group_settings){.quorum = 2,
                                              .parallel_syncs = 1,
                                              .down_after_ms = 1000,
                                              .fencing_replicas = 1,
                                              .fencing_max_lag_s = 2,
                                              .failover_timeout_ms = 10000};
    return sim->group_count++;
}

struct process *sim_add_process(struct sim *sim, enum process_kind kind,
                                const char *name)
{
    assert(sim->process_count < MAX_PROCESSES);
    struct process *process = &sim->processes[sim->process_count];
    process->number = sim->process_count++;
    process->kind = kind;
    copy_text(process->name, sizeof process->name, name);
    copy_text(process->address.host, HOST_SIZE, name);
    process->address.port =
        kind == PROCESS_SENTINEL ? SENTINEL_PORT : REDIS_PORT;
    names_give_ip(sim, process);
    sim_forget_addresses(sim);
    return process;
}

struct process *sim_find_process(struct sim *sim, const char *name)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (strcmp(sim->processes[i].name, name) == 0) {
            return &sim->processes[i];
        }
    }
    return NULL;
}

static uint32_t find_address(const struct sim *sim,
                             const struct address *address)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->address.port == address->port &&
            (strcasecmp(process->address.host, address->host) == 0 ||
             strcmp(process->ip, address->host) == 0)) {
            return i;
        }
    }
    return 0;
}

static uint32_t hash_address(const struct address *address)
{
    uint32_t hash = address->port;
    for (const char *c = address->host; *c != '\0'; c++) {
        hash = hash * 31 + (unsigned char)*c;
    }
    return hash % KNOWN_ADDRESSES;
}

/* A memory of what can be found out again at any time does not change what
 * `sim` is, hence the cast. */
uint32_t sim_process_at(const struct sim *sim, const struct address *address)
{
    struct known_address *known =
        &((struct sim *)(uintptr_t)sim)->known[hash_address(address)];
    if (address->port == 0) {
        return 0;
    }
    if (known->address.port != address->port ||
        strcmp(known->address.host, address->host) != 0) {
        known->address = *address;
        known->number = find_address(sim, address);
    }
    return known->number;
}

void sim_forget_addresses(struct sim *sim)
{
    memset(sim->known, 0, sizeof sim->known);
}

uint32_t sim_new_history(struct sim *sim, uint32_t parent, uint64_t forked_at)
{
    assert(sim->history_count + 1 < MAX_HISTORIES);
    uint32_t number = ++sim->history_count; /* 0 is none */
    sim->histories[number] = (struct branch){
        .parent = parent,
        .root = parent == 0 ? number : sim->histories[parent].root,
        .forked_at = forked_at,
        .base = sim->histories[parent].base};
    return number;
}

/* Up to where `history` belongs to the path that led to `of`. */
static bool is_on_path(const struct sim *sim, uint32_t history, uint32_t of,
                       uint64_t *until)
{
    *until = UINT64_MAX;
    while (of != 0 && of != history) {
        const struct branch *branch = &sim->histories[of];
        *until = branch->forked_at < *until ? branch->forked_at : *until;
        of = branch->parent;
    }
    return of != 0;
}

bool sim_shared_offset(const struct sim *sim, uint32_t history, uint64_t offset,
                       uint32_t of, uint64_t *shared)
{
    uint64_t until;
    while (history != 0 && !is_on_path(sim, history, of, &until)) {
        const struct branch *branch = &sim->histories[history];
        offset = branch->forked_at < offset ? branch->forked_at : offset;
        history = branch->parent;
    }
    *shared = history == 0 ? 0 : until < offset ? until : offset;
    return history != 0;
}

/* --- Life of processes ---------------------------------------------------- */

void sim_pause(struct sim *sim, struct process *process)
{
    if (process->state == PROCESS_RUNNING) {
        transcript_note(sim, "pause %s", process->name);
        process->state = PROCESS_PAUSED;
        process->paused_at = sim->now;
    }
}

void sim_resume(struct sim *sim, struct process *process)
{
    if (process->state != PROCESS_PAUSED) {
        return;
    }
    transcript_note(sim, "resume %s", process->name);
    process->state = PROCESS_RUNNING;
    net_on_resume(sim, process->number);
    if (process->kind == PROCESS_SENTINEL) {
        node_on_resume(sim, process->sentinel);
    } else {
        redis_on_resume(sim, process->redis);
    }
}

void sim_kill(struct sim *sim, struct process *process)
{
    if (process->state == PROCESS_DEAD) {
        return;
    }
    transcript_note(sim, "kill %s", process->name);
    process->state = PROCESS_DEAD;
    net_on_death(sim, process->number);
    if (process->kind == PROCESS_SENTINEL) {
        node_on_death(sim, process->sentinel);
    } else {
        redis_on_death(sim, process->redis);
    }
}

void sim_reject(struct sim *sim, uint32_t client, uint32_t server, bool rejects)
{
    net_reject(sim, client, server, rejects);
    if (rejects && sim->processes[client].redis != NULL) {
        replication_step(sim, sim->processes[client].redis);
    }
}

/* --- Time ----------------------------------------------------------------- */

static void pulse(struct sim *sim)
{
    redis_on_pulse(sim);
    oracle_look_around(sim);
    queue_push(&sim->queue, (struct sim_event){.at = sim->now + PULSE_MS,
                                               .kind = SIM_REDIS_PULSE});
}

static void dispatch(struct sim *sim, const struct sim_event *event)
{
    switch (event->kind) {
    case SIM_NET_TO_SERVER:
    case SIM_NET_TO_CLIENT:
    case SIM_NET_CONNECT:
    case SIM_NET_TIMEOUT:
        net_on_event(sim, event);
        return;
    case SIM_NODE_SETTLE:
    case SIM_NODE_TICK:
    case SIM_DISK_DONE:
    case SIM_DISK_RETRY:
        node_on_event(sim, event);
        return;
    case SIM_REDIS_STEP:
    case SIM_REDIS_RELAY:
        redis_on_event(sim, event);
        return;
    case SIM_REDIS_PULSE:
        pulse(sim);
        return;
    }
    assert(false);
}

void sim_run_until(struct sim *sim, msec until)
{
    struct sim_event event;
    while (!sim->oracle.violated && queue_pop(&sim->queue, until, &event)) {
        writers_advance(sim, event.at);
        sim->now = event.at;
        dispatch(sim, &event);
    }
    if (!sim->oracle.violated) {
        writers_advance(sim, until);
        sim->now = until;
    }
}
