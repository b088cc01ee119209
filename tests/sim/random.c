/* Random runs. One seed draws the world (how many, how slow, which
 * settings), a subset of the faults, and when and whom they strike; so rare
 * combinations get time. Faults begin after discovery, because S1 and S4
 * assume that voters know each other. In the end everything is healed, but
 * perhaps a minority of the sentinels, and the world must become calm. */
#include "random.h"

#include <inttypes.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sim.h"

enum { STAYS_DEAD_PERCENT = 20, ENABLED_PERCENT = 30 };

/* --- Chance: SplitMix64, of a seed and a number ----------------------------
 */

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

struct draw draw_begin(uint64_t seed, uint64_t number)
{
    return (struct draw){mix(seed * 0x9e3779b97f4a7c15U + number)};
}

uint32_t draw_below(struct draw *draw, uint32_t below)
{
    return (uint32_t)(mix(draw->state += 0x9e3779b97f4a7c15U) % below);
}

bool draw_chance(struct draw *draw, uint32_t percent)
{
    return draw_below(draw, 100) < percent;
}

uint64_t draw_one_of(struct draw *draw, const uint64_t *values, size_t count)
{
    return values[draw_below(draw, (uint32_t)count)];
}

/* --- Faults ----------------------------------------------------------------
 */

/* The core does not stand these yet. */
static bool is_for_later(enum fault fault)
{
    return fault == FAULT_REJECT || fault == FAULT_LOG_REDIS ||
           fault == FAULT_OLD_REDIS;
}

static void draw_faults(struct random_plan *plan, struct draw *draw)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        plan->enabled[i] = draw_chance(draw, ENABLED_PERCENT);
    }
    for (size_t i = 0; i < MAX_PENDING; i++) {
        plan->pending[i].at = NEVER;
    }
    plan->enabled[draw_below(draw, FAULT_COUNT)] = true;
    plan->pause_max_ms = DRAW(draw, 200, 500, 2000);
    plan->duration_max_ms = DRAW(draw, 1000, 5000, 15000);
}

static struct pending *next_pending(struct random_plan *plan)
{
    struct pending *next = &plan->pending[0];
    for (size_t i = 1; i < MAX_PENDING; i++) {
        if (plan->pending[i].at < next->at) {
            next = &plan->pending[i];
        }
    }
    return next;
}

static struct pending *free_pending(struct random_plan *plan)
{
    for (size_t i = 0; i < MAX_PENDING; i++) {
        if (plan->pending[i].at == NEVER) {
            return &plan->pending[i];
        }
    }
    return NULL;
}

static bool is_over(const struct random_plan *plan)
{
    return plan->script->sim->oracle.violated;
}

static msec since_start(const struct random_plan *plan)
{
    const struct sim *sim = plan->script->sim;
    return sim->now - sim->transcript.zero;
}

/* What was begun and ends before this moment ends. */
static bool end_until(struct random_plan *plan, msec until)
{
    struct pending *next = next_pending(plan);
    while (next->at <= until && !is_over(plan)) {
        char text[STATEMENT_SIZE];
        memcpy(text, next->text, sizeof text);
        msec at = next->at;
        next->at = NEVER;
        if (!script_do(plan->script, "at %" PRIu64, at) ||
            (!is_over(plan) && !script_do(plan->script, "%s", text))) {
            return false;
        }
        next = next_pending(plan);
    }
    return is_over(plan) || script_do(plan->script, "at %" PRIu64, until);
}

static bool strike(struct random_plan *plan, struct draw *draw)
{
    struct pending *pending = free_pending(plan);
    enum fault fault = (enum fault)draw_below(draw, FAULT_COUNT);
    msec duration = 100 + draw_below(draw, (uint32_t)plan->duration_max_ms);
    if (!plan->enabled[fault] || pending == NULL ||
        (is_for_later(fault) && !plan->strict)) {
        return true;
    }
    pending->text[0] = '\0';
    if (!fault_begin(plan, draw, fault, pending->text)) {
        return false;
    }
    if (pending->text[0] != '\0') {
        pending->at = since_start(plan) + duration;
    }
    return true;
}

static bool let_faults_strike(struct random_plan *plan, msec until)
{
    msec at = 0;
    for (uint64_t number = 1; !is_over(plan); number++) {
        struct draw draw = draw_begin(plan->seed, number);
        at += 1 + draw_below(&draw, (uint32_t)plan->pause_max_ms);
        if (at >= until) {
            break;
        }
        if (!end_until(plan, at) || (!is_over(plan) && !strike(plan, &draw))) {
            return false;
        }
    }
    return is_over(plan) || end_until(plan, until);
}

/* --- The end ---------------------------------------------------------------
 */

static uint32_t may_stay_dead(const struct sim *sim)
{
    uint32_t sentinels = 0;
    uint32_t needed = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        sentinels += sim->processes[i].kind == PROCESS_SENTINEL;
    }
    needed = sentinels / 2 + 1;
    for (uint32_t i = 0; i < sim->group_count; i++) {
        uint32_t quorum = sim->groups[i].settings.quorum;
        needed = quorum > needed ? quorum : needed;
    }
    return net_is_broken_for_ever(sim) ? 0 : sentinels - needed;
}

static bool come_to_rest(struct random_plan *plan, struct draw *draw)
{
    const struct sim *sim = plan->script->sim;
    char dead[STATEMENT_SIZE] = "";
    uint32_t spare = may_stay_dead(sim);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->kind == PROCESS_SENTINEL &&
            process->state == PROCESS_DEAD && spare > 0 &&
            draw_chance(draw, STAYS_DEAD_PERCENT)) {
            size_t used = strlen(dead);
            (void)snprintf(dead + used, sizeof dead - used, " %s",
                           process->name);
            spare--;
        }
    }
    return script_do(plan->script, "rest%s", dead);
}

static bool run(struct random_plan *plan)
{
    struct draw draw = draw_begin(plan->seed, 0);
    draw_faults(plan, &draw);
    msec until = DRAW(&draw, 10000, 20000, 40000);
    return random_build(plan) &&
           (is_over(plan) || let_faults_strike(plan, until)) &&
           (is_over(plan) || come_to_rest(plan, &draw));
}

bool random_run(const struct random_options *options,
                struct random_total *total)
{
    struct sim *sim = sim_new(options->seed);
    struct script script = {.path = "random", .sim = sim};
    struct random_plan plan = {.script = &script,
                               .seed = options->seed,
                               .strict = options->strict,
                               .rules = options->rules};
    sim->transcript.mode = options->verbose ? TRANSCRIPT_PRINT : TRANSCRIPT_OFF;
    sim->transcript.with_log = options->verbose;
    if (options->record != NULL) {
        script.record = fopen(options->record, "w");
    }
    if (!run(&plan) && !is_over(&plan)) {
        oracle_fail(sim, "script", "%s", script.error.text);
    }
    if (script.record != NULL) {
        (void)fclose(script.record);
    }
    total->runs++;
    total->time_ms += sim->now;
    oracle_count_writes(sim, MAX_WRITERS, &total->writes);
    total->promotions += sim->oracle.promotions;
    bool ok = !is_over(&plan);
    if (!ok) {
        (void)fprintf(stderr, "seed %" PRIu64 ": rule %s broken: %s\n",
                      options->seed, sim->oracle.rule, sim->oracle.text);
    }
    sim_free(sim);
    return ok;
}
