/* Draws the world of a random run and declares it. */
#include <inttypes.h>
#include <stdio.h>

#include "random.h"
#include "sim.h"

static bool declare_circumstances(const struct random_plan *plan,
                                  struct draw *draw)
{
    uint64_t delay = DRAW(draw, 0, 0, 1, 2);
    uint64_t spread = DRAW(draw, 0, 1, 5, 20);
    uint64_t save = DRAW(draw, 1, 1, 5, 30);
    uint64_t sync = DRAW(draw, 50, 200, 3000);
    uint64_t load = draw_chance(draw, 95) ? DRAW(draw, 0, 0, 500)
                                          : DRAW(draw, 20000, 60000, 600000);
    uint64_t lease = DRAW(draw, 500, 2000, 2000, 10000);
    bool unequal = draw_chance(draw, 15);
    bool writes = draw_chance(draw, 80);
    static const char *const names[] = {"",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        " names",
                                        " names announce-ips=all",
                                        " names announce-ips=odd"};
    const char *named = names[draw_below(draw, 9)];
    return script_do(plan->script,
                     "world seed=%" PRIu64 " delay=%" PRIu64
                     " delay-max=%" PRIu64 " save-max=%" PRIu64 " sync=%" PRIu64
                     " load=%" PRIu64 " lease=%" PRIu64 "%s%s%s",
                     plan->seed, delay, delay + spread, save, sync, load, lease,
                     unequal ? " leases=unequal" : "", writes ? " writes" : "",
                     named);
}

static bool declare_group(const struct random_plan *plan, struct draw *draw,
                          uint32_t sentinels, const char *name)
{
    static const char *const fencing[] = {"off", "off", "availability",
                                          "safety"};
    uint64_t quorum = draw_chance(draw, 70) ? sentinels / 2 + 1
                                            : 1 + draw_below(draw, sentinels);
    uint64_t down_after = draw_chance(draw, 90)
                              ? DRAW(draw, 200, 500, 1000, 1000, 3000)
                              : DRAW(draw, 5000, 10000, 30000, 60000);
    uint64_t refused = draw_chance(draw, 50) ? down_after / 4 : 0;
    uint64_t timeout = DRAW(draw, 3000, 10000);
    uint64_t syncs = DRAW(draw, 1, 1, 2);
    uint64_t durability = DRAW(draw, 0, 0, 0, 1, 2);
    /* With durability, replicas that an empty master has emptied are waited
     * for until an operator decides: there is none here. */
    uint32_t way = draw_below(draw, 100);
    const char *on_empty = durability > 0 || way < 25 ? "allow"
                           : way < 35                 ? "alert"
                                                      : "failover";
    uint64_t pool = draw_chance(draw, 50) ? sentinels : 0;
    return script_do(
        plan->script,
        "group %s quorum=%" PRIu64 " down-after=%" PRIu64
        " refused-after=%" PRIu64 " failover-timeout=%" PRIu64
        " parallel-syncs=%" PRIu64 " durability=%" PRIu64
        " on-empty=%s pool-size=%" PRIu64 " fencing=%s detection=%s"
        " busy-after=%" PRIu64 " loading-after=%" PRIu64
        " reboot-after=%" PRIu64,
        name, quorum, down_after, refused, timeout, syncs, durability, on_empty,
        pool, fencing[draw_below(draw, 4)],
        draw_chance(draw, 67) ? "witnessed" : "ping", DRAW(draw, 0, 5000),
        DRAW(draw, 0, 300), DRAW(draw, 0, 400));
}

/* Mostly Redis; and one of a kind that nothing is known of, or worse. */
static const char *draw_engine(const struct random_plan *plan,
                               struct draw *draw)
{
    uint32_t kind = draw_below(draw, 100);
    return kind < 5                   ? " engine=other"
           : kind < 8 && plan->strict ? " engine=flushes"
                                      : "";
}

static bool declare_servers(const struct random_plan *plan, struct draw *draw,
                            uint32_t *serial)
{
    uint32_t count = 2 + (uint32_t)DRAW(draw, 0, 1, 1, 1, 2);
    uint32_t master = *serial + 1;
    uint32_t aof_percent = (uint32_t)DRAW(draw, 0, 0, 50, 100);
    const char *engine = draw_engine(plan, draw);
    for (uint32_t i = 0; i < count; i++) {
        char of[16] = "";
        if (i > 0) {
            (void)snprintf(of, sizeof of, " of=r%" PRIu32, master);
        }
        /* Somebody must be able to take over. */
        uint64_t priority = i == 1 ? DRAW(draw, 100, 100, 100, 50, 1)
                                   : DRAW(draw, 100, 100, 100, 50, 0);
        priority = priority == 0 && !plan->strict ? 100 : priority;
        if (!script_do(
                plan->script, "redis r%" PRIu32 "%s priority=%" PRIu64 "%s%s",
                ++*serial, of, i == 0 ? 100 : priority,
                draw_chance(draw, aof_percent) ? " aof=yes" : "", engine)) {
            return false;
        }
    }
    return true;
}

/* Each lives beside anybody, so that partitions take some along with the
 * master, and some with the sentinels. */
static bool declare_writers(const struct random_plan *plan, struct draw *draw)
{
    const struct sim *sim = plan->script->sim;
    uint32_t count = (uint32_t)DRAW(draw, 0, 0, 2, 3, 4);
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t beside = 1 + draw_below(draw, sim->process_count - 1);
        if (!script_do(plan->script, "group %s",
                       sim->groups[draw_below(draw, sim->group_count)].name) ||
            !script_do(plan->script,
                       "writer w%" PRIu32 " beside=%s wait=%" PRIu64 "%s", i,
                       sim->processes[beside].name, DRAW(draw, 0, 0, 1, 1, 2),
                       draw_chance(draw, 50) ? " pooled" : "")) {
            return false;
        }
    }
    return true;
}

static const struct process *draw_any(const struct sim *sim, struct draw *draw,
                                      enum process_kind kind)
{
    const struct process *process;
    do {
        process = &sim->processes[1 + draw_below(draw, sim->process_count - 1)];
    } while (process->kind != kind);
    return process;
}

/* One path that never heals: of a sentinel to another, or to a server. */
static bool break_for_ever(const struct random_plan *plan, struct draw *draw)
{
    const struct sim *sim = plan->script->sim;
    const struct process *a = draw_any(sim, draw, PROCESS_SENTINEL);
    const struct process *b = draw_any(
        sim, draw, draw_chance(draw, 50) ? PROCESS_SENTINEL : PROCESS_REDIS);
    bool rejected = draw_chance(draw, 50) && plan->strict;
    return a == b || script_do(plan->script, "forever %s %s %s",
                               rejected ? "reject" : "cut", a->name, b->name);
}

bool random_build(struct random_plan *plan)
{
    struct draw drawn = draw_begin(plan->seed, UINT64_MAX);
    struct draw *draw = &drawn;
    uint32_t sentinels = (uint32_t)DRAW(draw, 3, 3, 3, 3, 4, 5);
    uint32_t groups = (uint32_t)DRAW(draw, 1, 1, 1, 2);
    uint32_t servers = 0;
    if ((plan->rules != NULL &&
         !script_do(plan->script, "rules %s", plan->rules)) ||
        !declare_circumstances(plan, draw)) {
        return false;
    }
    for (uint32_t i = 0; i < groups; i++) {
        if (!declare_group(plan, draw, sentinels, i == 0 ? "m" : "n") ||
            !declare_servers(plan, draw, &servers)) {
            return false;
        }
    }
    if (!script_do(plan->script, "sentinels %" PRIu32, sentinels) ||
        !declare_writers(plan, draw)) {
        return false;
    }
    bool broken = draw_chance(draw, 8);
    if (!script_do(plan->script, "discover step=500 settle=0")) {
        oracle_fail(plan->script->sim, "discovery", "%s",
                    plan->script->error.text);
        return true;
    }
    return !broken || break_for_ever(plan, draw);
}
