/* What a fault of a random run does, as a statement, and what ends it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "random.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

/* What is being drawn, and where it is said. */
struct strike {
    struct random_plan *plan;
    struct script *script;
    const struct sim *sim;
    struct draw *draw;
    char *end;
};

/* --- Whom ------------------------------------------------------------------
 */

static const struct process *any(const struct strike *strike,
                                 enum process_kind kind)
{
    const struct sim *sim = strike->sim;
    const struct process *process;
    do {
        process = &sim->processes[1 + draw_below(strike->draw,
                                                 sim->process_count - 1)];
    } while (kind != PROCESS_NOWHERE && process->kind != kind);
    return process;
}

/* Whom the first sentinel that runs names; NULL when nobody does. */
static const struct process *named_master(const struct strike *strike,
                                          uint32_t group)
{
    const struct sim *sim = strike->sim;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct sentinel *sentinel = sim->processes[i].sentinel;
        const struct group *found =
            sentinel == NULL || sentinel->core == NULL
                ? NULL
                : model_find_group(core_model(sentinel->core),
                                   sim->groups[group].name);
        if (found != NULL) {
            return &sim->processes[sim_process_at(
                sim, model_current_address(found))];
        }
    }
    return NULL;
}

/* Half of the time a master: that is where failovers come from. */
static const struct process *any_redis(const struct strike *strike)
{
    bool wants_master = draw_chance(strike->draw, 50);
    uint32_t group = draw_below(strike->draw, strike->sim->group_count);
    const struct process *server = any(strike, PROCESS_REDIS);
    const struct process *master = named_master(strike, group);
    bool is_there = master != NULL && master->kind == PROCESS_REDIS;
    return wants_master && is_there ? master : server;
}

static void PRINTF_LIKE(2, 3)
    set_end(const struct strike *strike, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(strike->end, STATEMENT_SIZE, format, arguments);
    va_end(arguments);
}

/* --- Paths -----------------------------------------------------------------
 */

/* Adds the names that half of the coins choose; false when none. */
static bool draw_names(const struct strike *strike, char *text, uint32_t but)
{
    const struct sim *sim = strike->sim;
    bool any_name = false;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (i == but || !draw_chance(strike->draw, 50)) {
            continue;
        }
        size_t used = strlen(text);
        (void)snprintf(text + used, STATEMENT_SIZE - used, " %s",
                       sim->processes[i].name);
        any_name = true;
    }
    return any_name;
}

static bool partition(const struct strike *strike)
{
    char names[STATEMENT_SIZE] = "";
    if (!draw_names(strike, names, 0)) {
        return true;
    }
    set_end(strike, "unsplit%.400s", names);
    return script_do(strike->script, "split%s", names);
}

static bool cut_one_way(const struct strike *strike)
{
    const struct process *one = any(strike, PROCESS_NOWHERE);
    const char *way = draw_chance(strike->draw, 50) ? ">" : "<";
    char names[STATEMENT_SIZE] = "";
    if (!draw_names(strike, names, one->number)) {
        return true;
    }
    set_end(strike, "heal %s %s%.400s", one->name, way, names);
    return script_do(strike->script, "cut %s %s%s", one->name, way, names);
}

static bool slow_down(const struct strike *strike)
{
    const struct process *one = any(strike, PROCESS_NOWHERE);
    set_end(strike, "slow %s 0", one->name);
    return script_do(strike->script, "slow %s %" PRIu32, one->name,
                     1 + draw_below(strike->draw, 400));
}

static bool reset_path(const struct strike *strike)
{
    const struct process *one = any(strike, PROCESS_SENTINEL);
    const struct process *other = any(strike, PROCESS_NOWHERE);
    return one == other ||
           script_do(strike->script, "break %s %s", one->name, other->name);
}

/* One client or several, mostly of a master. */
static bool reject(const struct strike *strike)
{
    const struct process *server = draw_chance(strike->draw, 80)
                                       ? any_redis(strike)
                                       : any(strike, PROCESS_SENTINEL);
    char names[STATEMENT_SIZE] = "";
    bool all = draw_chance(strike->draw, 30);
    const struct process *one = any(strike, PROCESS_SENTINEL);
    if (all) {
        for (uint32_t i = 1; i < strike->sim->process_count; i++) {
            const struct process *process = &strike->sim->processes[i];
            size_t used = strlen(names);
            if (process->kind == PROCESS_SENTINEL && process != server) {
                (void)snprintf(names + used, sizeof names - used, " %s",
                               process->name);
            }
        }
    } else if (draw_chance(strike->draw, 70) && one != server) {
        (void)snprintf(names, sizeof names, " %s", one->name);
    } else if (!draw_names(strike, names, server->number)) {
        return true;
    }
    set_end(strike, "unreject%.400s %s", names, server->name);
    return script_do(strike->script, "reject%s %s", names, server->name);
}

/* --- Servers ---------------------------------------------------------------
 */

static bool hurt_redis(const struct strike *strike, enum fault fault)
{
    const struct process *server = any_redis(strike);
    const char *name = server->name;
    static const uint64_t sizes[] = {20, 500, 5000};
    uint64_t bytes = sizes[draw_below(strike->draw, 3)];
    bool has_log = server->redis->append_only;
    bool is_old = fault == FAULT_OLD_REDIS;
    if (fault == FAULT_PAUSE_REDIS) {
        set_end(strike, "resume %s", name);
        return script_do(strike->script, "pause %s", name);
    }
    if (fault == FAULT_EMPTY_REDIS) {
        set_end(strike, "restart-empty %s", name);
    } else if (is_old) {
        set_end(strike, "%s %s behind=%" PRIu64,
                has_log ? "restart-aof" : "start", name, bytes);
    } else {
        set_end(strike, "%s %s",
                fault == FAULT_LOG_REDIS && has_log ? "restart-aof" : "start",
                name);
    }
    return script_do(strike->script, "kill %s", name);
}

/* A replica of three or more that is no master to anybody. */
static bool make_ghost(const struct strike *strike)
{
    const struct sim *sim = strike->sim;
    const struct process *server = any(strike, PROCESS_REDIS);
    uint32_t fit = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        fit += redis != NULL && redis != server->redis &&
               redis->group == server->redis->group && redis->priority > 0;
    }
    if (strike->plan->has_ghost || fit < 2 || server->redis->is_master ||
        named_master(strike, server->redis->group) == server) {
        return true;
    }
    strike->plan->has_ghost = true;
    return script_do(strike->script, "ghost %s", server->name);
}

/* --- Sentinels -------------------------------------------------------------
 */

static bool hurt_sentinel(const struct strike *strike, enum fault fault)
{
    const char *name = any(strike, PROCESS_SENTINEL)->name;
    if (fault == FAULT_STALL) {
        set_end(strike, "resume %s", name);
        return script_do(strike->script, "pause %s", name);
    }
    if (fault == FAULT_CRASH) {
        /* Its name servers may be away when it starts again. */
        const char *lookups = draw_chance(strike->draw, 30) ? "lost" : "found";
        set_end(strike, "start %s", name);
        return script_do(strike->script, "kill %s", name) &&
               (!strike->sim->names ||
                script_do(strike->script, "names %s %s", name, lookups));
    }
    set_end(strike, "disk %s works", name);
    if (fault == FAULT_CRASH_AT_SAVE) {
        set_end(strike, "start %s", name);
        return script_do(strike->script, "disk %s %s", name,
                         draw_chance(strike->draw, 50) ? "crash-before"
                                                       : "crash-after");
    }
    if (draw_chance(strike->draw, 50)) {
        return script_do(strike->script, "disk %s fails", name);
    }
    return script_do(strike->script, "disk %s save=%" PRIu32, name,
                     1 + draw_below(strike->draw, 3000));
}

/* --- Operators -------------------------------------------------------------
 */

static bool choose_group(const struct strike *strike)
{
    const struct sim *sim = strike->sim;
    return sim->group_count == 1 ||
           script_do(
               strike->script, "group %s",
               sim->groups[draw_below(strike->draw, sim->group_count)].name);
}

static bool order_failover(const struct strike *strike)
{
    static const char *const modes[] = {"", " coordinated", " force"};
    const char *name = any(strike, PROCESS_SENTINEL)->name;
    bool flush = draw_chance(strike->draw, 20);
    return choose_group(strike) &&
           script_do(strike->script, "%s %s%s", flush ? "flush" : "failover",
                     name, flush ? "" : modes[draw_below(strike->draw, 3)]);
}

/* A minute is too long for a run: the values are such that it comes to rest. */
static bool set_option(const struct strike *strike, const char *name)
{
    static const char *const settings[] = {
        "down-after 500",        "down-after 5000",       "parallel-syncs 2",
        "parallel-syncs 1",      "failover-timeout 3000", "refused-after 100",
        "failover-timeout 20000"};
    return script_do(strike->script, "set %s %s", name,
                     settings[draw_below(strike->draw, 7)]);
}

static bool operate(const struct strike *strike)
{
    const char *name = any(strike, PROCESS_SENTINEL)->name;
    const char *server = any(strike, PROCESS_REDIS)->name;
    uint32_t what = draw_below(strike->draw, 4);
    if (!choose_group(strike)) {
        return false;
    }
    if (what == 0) {
        return set_option(strike, name);
    }
    if (what == 1) {
        return script_do(strike->script, "adopt %s %s", name, server);
    }
    if (!strike->plan->strict) {
        return true; /* what it forgets the core does not find again, yet */
    }
    if (what == 2) {
        return script_do(strike->script, "reset %s", name);
    }
    set_end(strike, "monitor-again");
    return script_do(strike->script, "remove %s", name);
}

bool fault_begin(struct random_plan *plan, struct draw *draw, enum fault fault,
                 char end[STATEMENT_SIZE])
{
    struct strike strike = {.plan = plan,
                            .script = plan->script,
                            .sim = plan->script->sim,
                            .draw = draw,
                            .end = end};
    switch (fault) {
    case FAULT_DELAY:
        return slow_down(&strike);
    case FAULT_RESET:
        return reset_path(&strike);
    case FAULT_PARTITION:
        return partition(&strike);
    case FAULT_ONE_WAY:
        return cut_one_way(&strike);
    case FAULT_REJECT:
        return reject(&strike);
    case FAULT_PAUSE_REDIS:
    case FAULT_KILL_REDIS:
    case FAULT_LOG_REDIS:
    case FAULT_OLD_REDIS:
    case FAULT_EMPTY_REDIS:
        return hurt_redis(&strike, fault);
    case FAULT_GHOST:
        return make_ghost(&strike);
    case FAULT_CRASH:
    case FAULT_CRASH_AT_SAVE:
    case FAULT_DISK:
    case FAULT_STALL:
        return hurt_sentinel(&strike, fault);
    case FAULT_FAILOVER:
        return order_failover(&strike);
    case FAULT_OPERATOR:
        return operate(&strike);
    }
    return false;
}
