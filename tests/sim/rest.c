/* The end of a run; see the header. */
#include "rest.h"

#include "liveness.h"
#include "names.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum { CALM_MS = 120000, POLL_MS = 500, CALM_IN_A_ROW = 4 };

/* --- Faults are over -------------------------------------------------------
 */

static void mend_disk(struct sentinel *sentinel)
{
    sentinel->disk.failing = false;
    sentinel->disk.save_ms = 0;
    sentinel->trap = TRAP_NONE;
}

static void start_again(struct sim *sim, struct process *process)
{
    sim_resume(sim, process);
    if (process->state != PROCESS_DEAD || process->is_gone) {
        return;
    }
    if (process->kind == PROCESS_SENTINEL) {
        node_start(sim, process->sentinel);
    } else {
        redis_start(sim, process->redis, START_FROM_FILE);
    }
}

static void end_faults(const struct script *script)
{
    struct sim *sim = script->sim;
    transcript_note(sim, "no more faults");
    net_heal(sim);
    memset(sim->net.extra_ms, 0, sizeof sim->net.extra_ms);
    names_heal(sim);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct process *process = &sim->processes[i];
        if (process->sentinel != NULL) {
            mend_disk(process->sentinel);
        }
        if (process->state != PROCESS_DEAD ||
            !script_has(script, process->name)) {
            start_again(sim, process);
        }
    }
}

/* --- An operator -----------------------------------------------------------
 */

static bool runs(const struct process *process)
{
    return process->kind == PROCESS_SENTINEL &&
           process->state == PROCESS_RUNNING;
}

static const struct node *quarantined(const struct model *model)
{
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (node->foreign.kind != QUARANTINE_NONE &&
                !node->foreign.adopted) {
                return node;
            }
        }
    }
    return NULL;
}

/* He takes what supervisors leave alone back into the pool. */
static void adopt_all(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        const struct node *node =
            runs(process) ? quarantined(core_model(process->sentinel->core))
                          : NULL;
        if (node != NULL) {
            struct admin admin = {.type = ADMIN_ADOPT,
                                  .target = node->instance.address};
            copy_text(admin.name, NAME_SIZE, node->group->name);
            node_admin(sim, process->sentinel, &admin);
        }
    }
}

/* With durability a failover waits for replicas that may never hold again
 * what WAIT has confirmed; then he takes the loss. With `alert` it is he who
 * decides what becomes of an empty master: it stays. */
static void decide(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        for (uint32_t group = 0; runs(process) && group < sim->group_count;
             group++) {
            struct admin admin = {.type = ADMIN_SET, .option_count = 2};
            admin.options[0].setting = SETTING_DURABILITY;
            copy_text(admin.options[0].typed, sizeof admin.options[0].typed,
                      "durability");
            admin.options[1].setting = SETTING_ON_EMPTY_MASTER;
            admin.options[1].value =
                sim->groups[group].settings.on_empty_master == ON_EMPTY_ALERT
                    ? ON_EMPTY_ALLOW
                    : sim->groups[group].settings.on_empty_master;
            copy_text(admin.options[1].typed, sizeof admin.options[1].typed,
                      "on-empty-master");
            copy_text(admin.name, NAME_SIZE, sim->groups[group].name);
            node_admin(sim, process->sentinel, &admin);
        }
    }
}

static const struct address *named_by_others(const struct sim *sim,
                                             uint32_t number)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        const struct group *group =
            process->sentinel == NULL || process->sentinel->core == NULL
                ? NULL
                : model_find_group(core_model(process->sentinel->core),
                                   sim->groups[number].name);
        if (group != NULL) {
            return model_current_address(group);
        }
    }
    return &sim->processes[sim->groups[number].first_master].address;
}

bool script_monitor_again(struct script *script)
{
    struct sim *sim = script->sim;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        for (uint32_t group = 0; runs(process) && group < sim->group_count;
             group++) {
            if (model_find_group(core_model(process->sentinel->core),
                                 sim->groups[group].name) != NULL) {
                continue;
            }
            struct admin admin = {.type = ADMIN_MONITOR,
                                  .settings = sim->groups[group].settings,
                                  .master = *named_by_others(sim, group)};
            copy_text(admin.name, NAME_SIZE, sim->groups[group].name);
            transcript_note(sim, "monitor %s", process->name);
            node_admin(sim, process->sentinel, &admin);
        }
    }
    return true;
}

/* --- Rest ------------------------------------------------------------------
 */

/* What the slowest group and the slowest server may take beside. */
static msec patience(const struct sim *sim)
{
    msec down_after_ms = 0;
    for (uint32_t i = 0; i < sim->group_count; i++) {
        msec own = sim->groups[i].settings.down_after_ms;
        down_after_ms = own > down_after_ms ? own : down_after_ms;
    }
    return CALM_MS + 4 * down_after_ms + 2 * sim->load_ms;
}

/* Calm several times in a row, a moment apart: not just passing by. */
static void become_calm(struct sim *sim)
{
    struct error why = {""};
    msec until = sim->now + patience(sim);
    msec decides_at = until - patience(sim) / 2;
    uint32_t calm = 0;
    bool has_decided = false;
    while (calm < CALM_IN_A_ROW && !sim->oracle.violated) {
        if (sim->now >= until) {
            oracle_fail(sim, "liveness", "%u ms after the last fault: %s",
                        (unsigned)patience(sim), why.text);
            return;
        }
        adopt_all(sim);
        if (sim->now >= decides_at && !has_decided) {
            decide(sim);
            has_decided = true;
        }
        sim_run_until(sim, sim->now + POLL_MS);
        calm = liveness_is_reached(sim, &why) ? calm + 1 : 0;
    }
}

bool script_rest(struct script *script)
{
    end_faults(script);
    (void)script_monitor_again(script);
    become_calm(script->sim);
    if (!script->sim->oracle.violated) {
        oracle_judge_writes(script->sim);
    }
    return true;
}
