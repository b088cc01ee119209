/* W4, and whom the sentinels could have told what: an excuse for writes that
 * an old master took is that nobody could reach it. */
#include "oracle_writes.h"

#include <inttypes.h>

#include "names.h"
#include "oracle.h"
#include "sentineld/model.h"
#include "sim.h"

enum { SLOW_MS = 50, LEADER_MS = 5000 };

static bool is_well(const struct sim *sim, const struct process *process)
{
    if (process->kind != PROCESS_SENTINEL ||
        process->state != PROCESS_RUNNING ||
        sim->net.extra_ms[process->number] > SLOW_MS) {
        return false;
    }
    const struct disk *disk = &process->sentinel->disk;
    return !disk->failing && disk->save_ms <= SLOW_MS;
}

static bool can_be_told(const struct sim *sim, const struct redis *redis)
{
    return redis_is_running(redis) && !redis_is_loading(sim, redis) &&
           !redis->wrong_password && !redis->refuses_slaveof && !redis->busy &&
           sim->net.extra_ms[redis->process->number] <= SLOW_MS;
}

/* Of the sentinels that are well, this one and those it can talk to that can
 * talk to the server; and how many of them name another master. */
static uint32_t count_around(const struct sim *sim, uint32_t sentinel,
                             const struct redis *server, uint32_t *stale)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (!is_well(sim, process) || !net_is_open(sim, i, sentinel) ||
            !net_can_connect(sim, i, server->process->number)) {
            continue;
        }
        const struct group *group =
            model_find_group(core_model(process->sentinel->core),
                             sim->groups[server->group].name);
        count++;
        *stale +=
            group != NULL && !names_mean_same(sim, model_current_address(group),
                                              &server->process->address);
    }
    return count;
}

static void note_since(struct sim *sim, msec *since, bool holds)
{
    *since = !holds ? NEVER : *since == NEVER ? sim->now : *since;
}

static void look_at(struct sim *sim, const struct redis *server,
                    uint32_t majority)
{
    bool reached = false;
    bool stale = false;
    for (uint32_t i = 1; can_be_told(sim, server) && i < sim->process_count;
         i++) {
        uint32_t naming_another = 0;
        if (is_well(sim, &sim->processes[i]) &&
            net_can_connect(sim, i, server->process->number)) {
            reached |=
                count_around(sim, i, server, &naming_another) >= majority;
            stale |= naming_another >= majority;
        }
    }
    struct reach *reach = &sim->oracle.reach[server->process->number];
    note_since(sim, &reach->since, reached);
    note_since(sim, &reach->stale_since, reached && stale && server->is_master);
}

/* A known gap: a leader that dies between its save and its first word is told
 * by its disk of the promotion when it is started, however late. Not in a
 * planned switchover: there the old master has let go. */
static void look_after_leaders(struct sim *sim)
{
    for (size_t i = sim->oracle.forks.count; i > 0; i--) {
        struct fork *fork = &sim->oracle.forks.items[i - 1];
        if (sim->now - fork->at > LEADER_MS) {
            return;
        }
        fork->leader_died |=
            sim->processes[fork->order.leader].state == PROCESS_DEAD;
    }
}

void oracle_look_around(struct sim *sim)
{
    look_after_leaders(sim);
    uint32_t sentinels = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        sentinels += sim->processes[i].kind == PROCESS_SENTINEL;
    }
    bool matters = sim->writers.count > 0 || sim->oracle.owed != 0;
    for (uint32_t i = 1; matters && i < sim->process_count; i++) {
        if (sim->processes[i].kind == PROCESS_REDIS) {
            look_at(sim, sim->processes[i].redis, sentinels / 2 + 1);
        }
    }
    oracle_look_for_deserted(sim);
    oracle_check_detached(sim);
}

/* --- W4 ------------------------------------------------------------------- */

/* Usually it takes 300 ms; but a replica that was promoted in vain, or by hand,
 * is a master that only its leader expects: the others are patient. */
enum { STALE_MS = 12000 };

void oracle_on_acknowledged(struct sim *sim, const struct span *span)
{
    msec since = sim->oracle.reach[span->server].stale_since;
    if (since != NEVER && sim->now - since > STALE_MS) {
        oracle_fail(sim, "W4",
                    "%s still takes writes, %" PRIu64
                    " ms after it was replaced",
                    sim->processes[span->server].name, sim->now - since);
    }
}
