/* The state that every run must end in, and the one it must begin in. */
#include "liveness.h"

#include <inttypes.h>
#include <stdio.h>

#include "sentineld/model.h"
#include "sim.h"

static bool explain(struct error *why, const char *who, const char *what)
{
    (void)snprintf(why->text, sizeof why->text, "%s %s", who, what);
    return false;
}

static bool is_running(const struct process *process, enum process_kind kind)
{
    return process->kind == kind && process->state == PROCESS_RUNNING;
}

/* --- The end -------------------------------------------------------------- */

/* Each server is there once, be it by name or by ip. */
static bool is_known_once(const struct sim *sim, const struct group *group,
                          const struct process *by, struct error *why)
{
    uint64_t seen = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        uint32_t number = sim_process_at(sim, &node->instance.address);
        if (number != 0 && (seen & UINT64_C(1) << number) != 0) {
            return explain(why, by->name, "knows a server twice");
        }
        seen |= number != 0 ? UINT64_C(1) << number : 0;
    }
    return true;
}

static bool sentinel_is_calm(const struct sim *sim,
                             const struct process *process,
                             const char *group_name, uint32_t *master,
                             struct error *why)
{
    const struct group *group =
        model_find_group(core_model(process->sentinel->core), group_name);
    if (group == NULL) {
        return true; /* an operator removed it there */
    }
    uint32_t named = sim_process_at(sim, model_current_address(group));
    if (*master != 0 && *master != named) {
        return explain(why, process->name, "names another master");
    }
    *master = named;
    if (!net_can_connect(sim, process->number, named) &&
        net_is_broken_for_ever(sim)) {
        return true; /* it cannot know better, for ever */
    }
    if (group->failover.state != FAILOVER_NONE) {
        return explain(why, process->name, "is still in a failover");
    }
    if (group->master->subjective_down) {
        return explain(why, process->name, "holds the master to be down");
    }
    return is_known_once(sim, group, process, why);
}

static bool server_is_in_place(const struct sim *sim, const struct redis *redis,
                               uint32_t master, struct error *why)
{
    const char *name = redis->process->name;
    if (redis->process->number == master) {
        return redis->is_master || explain(why, name, "is not master");
    }
    if (redis->is_master) {
        return explain(why, name, "is a second master");
    }
    if (sim_process_at(sim, &redis->follows) != master) {
        return explain(why, name, "follows another server");
    }
    return redis->replication == REPLICATION_UP || redis->never_syncs ||
           explain(why, name, "has no link to its master");
}

static bool knows(const struct sim *sim, const struct process *process,
                  const struct process *server)
{
    const struct group *group =
        model_find_group(core_model(process->sentinel->core),
                         sim->groups[server->redis->group].name);
    const struct node *node;
    if (group == NULL) {
        return false;
    }
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (sim_process_at(sim, &node->instance.address) == server->number) {
            return true;
        }
    }
    return false;
}

/* RESET and REMOVE forget servers that are away; then nobody puts them right.
 */
static bool is_forgotten(const struct sim *sim, const struct process *server)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (is_running(process, PROCESS_SENTINEL) &&
            knows(sim, process, server)) {
            return false;
        }
    }
    return true;
}

static bool group_is_calm(const struct sim *sim, uint32_t group,
                          struct error *why)
{
    uint32_t master = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (is_running(process, PROCESS_SENTINEL) &&
            !sentinel_is_calm(sim, process, sim->groups[group].name, &master,
                              why)) {
            return false;
        }
    }
    if (!is_running(&sim->processes[master], PROCESS_REDIS)) {
        return explain(why, sim->processes[master].name,
                       "is named master and does not run");
    }
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (is_running(process, PROCESS_REDIS) &&
            process->redis->group == group && !is_forgotten(sim, process) &&
            !server_is_in_place(sim, process->redis, master, why)) {
            return false;
        }
    }
    return true;
}

bool liveness_is_reached(const struct sim *sim, struct error *why)
{
    for (uint32_t i = 0; i < sim->group_count; i++) {
        if (!group_is_calm(sim, i, why)) {
            return false;
        }
    }
    return true;
}

/* --- The beginning -------------------------------------------------------- */

static uint32_t count_running(const struct sim *sim, enum process_kind kind,
                              uint32_t group)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        count += is_running(process, kind) &&
                 (kind == PROCESS_SENTINEL || process->redis->group == group);
    }
    return count;
}

static bool knows_all(const struct sim *sim, const struct process *process)
{
    for (uint32_t i = 0; i < sim->group_count; i++) {
        const struct group *group = model_find_group(
            core_model(process->sentinel->core), sim->groups[i].name);
        const struct node *node;
        if (group == NULL ||
            group->node_count < count_running(sim, PROCESS_REDIS, i) ||
            group->voter_count + 1 < count_running(sim, PROCESS_SENTINEL, i)) {
            return false;
        }
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (node->instance.command.state != LINK_UP ||
                node->hello.state != LINK_UP || node->report.at == NEVER) {
                return false;
            }
        }
    }
    return true;
}

bool liveness_is_discovered(const struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (is_running(&sim->processes[i], PROCESS_SENTINEL) &&
            !knows_all(sim, &sim->processes[i])) {
            return false;
        }
    }
    return true;
}
