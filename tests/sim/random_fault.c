/* When faults strike, for how long, and how they all end. They overlap. */
#include "random_fault.h"

#include <string.h>

#include "names.h"
#include "sim.h"

enum { STAYS_DEAD_PERCENT = 20, ENABLED_PERCENT = 35 };

static void next_fault(struct sim *sim)
{
    msec pause = 1 + sim_random(sim, (uint32_t)sim->faults.pause_max_ms);
    queue_push(&sim->queue, (struct sim_event){.at = sim->now + pause,
                                               .kind = SIM_FAULT_START});
}

static void strike(struct sim *sim)
{
    struct faults *faults = &sim->faults;
    uint32_t slot = 0;
    while (slot < MAX_ONGOING && faults->ongoing[slot].active) {
        slot++;
    }
    enum fault fault = (enum fault)sim_random(sim, FAULT_COUNT);
    if (slot == MAX_ONGOING || !faults->enabled[fault]) {
        return;
    }
    struct ongoing *ongoing = &faults->ongoing[slot];
    *ongoing = (struct ongoing){.active = true, .fault = fault};
    fault_begin(sim, ongoing);
    msec duration = 100 + sim_random(sim, (uint32_t)faults->duration_max_ms);
    queue_push(&sim->queue, (struct sim_event){.at = sim->now + duration,
                                               .kind = SIM_FAULT_END,
                                               .subject = slot});
}

void random_on_event(struct sim *sim, const struct sim_event *event)
{
    if (sim->faults.over) {
        return;
    }
    if (event->kind == SIM_FAULT_END) {
        fault_end(sim, &sim->faults.ongoing[event->subject]);
        return;
    }
    strike(sim);
    next_fault(sim);
}

void fault_draw(struct sim *sim)
{
    static const msec pauses[] = {200, 500, 2000};
    static const msec durations[] = {1000, 5000, 15000};
    struct faults *faults = &sim->faults;
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        faults->enabled[i] = sim_chance(sim, ENABLED_PERCENT);
    }
    faults->enabled[sim_random(sim, FAULT_COUNT)] = true;
    faults->pause_max_ms = pauses[sim_random(sim, 3)];
    faults->duration_max_ms = durations[sim_random(sim, 3)];
    next_fault(sim);
}

/* --- The end of all faults ------------------------------------------------ */

static uint32_t most_quorum(const struct sim *sim)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < sim->group_count; i++) {
        if (sim->groups[i].settings.quorum > most) {
            most = sim->groups[i].settings.quorum;
        }
    }
    return most;
}

static uint32_t may_stay_dead(const struct sim *sim)
{
    uint32_t sentinels = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        sentinels += sim->processes[i].kind == PROCESS_SENTINEL;
    }
    uint32_t needed = sentinels / 2 + 1;
    if (needed < most_quorum(sim)) {
        needed = most_quorum(sim);
    }
    return sentinels - needed;
}

void fault_heal(struct sim *sim)
{
    transcript_note(sim, "no more faults");
    sim->faults.over = true;
    names_heal(sim);
    net_heal(sim);
    memset(sim->net.extra_ms, 0, sizeof sim->net.extra_ms);
    uint32_t spare = may_stay_dead(sim);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct process *process = &sim->processes[i];
        fault_mend_disk(sim, process);
        if (process->kind == PROCESS_SENTINEL &&
            process->state == PROCESS_DEAD && spare > 0 &&
            sim_chance(sim, STAYS_DEAD_PERCENT)) {
            spare--;
            continue;
        }
        fault_start_again(sim, process, false);
    }
}
