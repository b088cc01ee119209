/* Statements about what befalls the world: the disks, the servers, and
 * operators. */
#include <stdio.h>

#include "script.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

static const struct group *failover_of(const struct script *script,
                                       const struct process *process)
{
    if (process->kind != PROCESS_SENTINEL || process->state == PROCESS_DEAD) {
        return NULL;
    }
    const struct group *group =
        model_find_group(core_model(process->sentinel->core),
                         script->sim->groups[script->group].name);
    return group == NULL || group->failover.state == FAILOVER_NONE ? NULL
                                                                   : group;
}

/* Who leads is drawn, so scripts name him by what he is: "leader" and the one
 * he has "chosen"; "follower" and "other" are sentinels that do not lead. */
static struct process *find_by_part(struct script *script, const char *name)
{
    struct sim *sim = script->sim;
    bool leader = strcmp(name, "leader") == 0;
    bool chosen = strcmp(name, "chosen") == 0;
    uint32_t skip = strcmp(name, "other") == 0 ? 1 : 0;
    if (!leader && !chosen && skip == 0 && strcmp(name, "follower") != 0) {
        return sim_find_process(sim, name);
    }
    for (uint32_t i = 1; i < sim->process_count; i++) {
        struct process *process = &sim->processes[i];
        const struct group *group = failover_of(script, process);
        if (leader && group != NULL) {
            return process;
        }
        if (chosen && group != NULL && group->failover.promoted != NULL) {
            return &sim->processes[sim_process_at(
                sim, &group->failover.promoted->instance.address)];
        }
        if (!leader && !chosen && process->kind == PROCESS_SENTINEL &&
            process->state == PROCESS_RUNNING && group == NULL && skip-- == 0) {
            return process;
        }
    }
    return NULL;
}

struct process *script_find(struct script *script, const char *name)
{
    struct process *process = find_by_part(script, name);
    if (process == NULL) {
        (void)script_fail(script, "nobody is called %s", name);
    }
    return process;
}

/* --- Disks ---------------------------------------------------------------- */

bool script_disk(struct script *script)
{
    const struct process *process = script_find(script, script->words[1]);
    if (process == NULL || process->sentinel == NULL) {
        return script_fail(script, "disk: which sentinel?");
    }
    struct sentinel *sentinel = process->sentinel;
    const char *what = script->words[2];
    transcript_note(script->sim, "disk %s %s", process->name, what);
    if (strcmp(what, "fails") == 0 || strcmp(what, "works") == 0) {
        sentinel->disk.failing = strcmp(what, "fails") == 0;
        sentinel->disk.save_ms = 0;
        sentinel->trap = TRAP_NONE;
    } else if (strcmp(what, "crash-before") == 0) {
        sentinel->trap = TRAP_BEFORE_SAVE;
    } else if (strcmp(what, "crash-after") == 0) {
        sentinel->trap = TRAP_AFTER_SAVE;
    } else if (script_option(script, "save") == NULL ||
               !script_number(script_option(script, "save"),
                              &sentinel->disk.save_ms)) {
        return script_fail(script, "disk: %s?", what);
    }
    return true;
}

/* --- Processes ------------------------------------------------------------ */

/* What it loads is older by behind=N bytes than what it had. */
static bool load_old_file(struct script *script, const struct process *process)
{
    const char *behind = script_option(script, "behind");
    uint64_t bytes = 0;
    if (behind == NULL) {
        return true;
    }
    struct redis *redis = process->redis;
    if (redis == NULL || !script_number(behind, &bytes)) {
        return script_fail(script, "usage: %s NAME behind=N, a server",
                           script->words[0]);
    }
    if (process->state == PROCESS_DEAD && !process->is_gone) {
        script->sim->oracle.emptied[redis->group] = true;
        redis->file_is_old = redis->rewritten.host[0] == '\0';
        redis->offset -= bytes < redis->offset ? bytes : redis->offset;
    }
    return true;
}

static bool start(struct script *script, struct process *process,
                  enum start_from from)
{
    if (!load_old_file(script, process)) {
        return false;
    }
    if (process->state != PROCESS_DEAD || process->is_gone) {
        return true;
    }
    if (process->kind == PROCESS_SENTINEL) {
        node_start(script->sim, process->sentinel);
    } else {
        redis_start(script->sim, process->redis, from);
    }
    return true;
}

/* An operator sets it by hand. */
static bool read_demand(struct script *script, struct redis *redis)
{
    const char *replicas = script_option(script, "replicas");
    const char *lag = script_option(script, "lag");
    uint64_t numbers[2];
    if (replicas == NULL || lag == NULL ||
        !script_number(replicas, &numbers[0]) ||
        !script_number(lag, &numbers[1])) {
        return script_fail(script, "usage: demand NAME replicas=N lag=N");
    }
    demand_set(
        script->sim, redis,
        &(struct min_replicas){(uint32_t)numbers[0], (uint32_t)numbers[1]});
    return true;
}

static bool befall_redis(struct script *script, const char *what,
                         struct redis *redis)
{
    transcript_note(script->sim, "%s %s", what, redis->process->name);
    if (strcmp(what, "refuse") == 0 || strcmp(what, "obey") == 0) {
        redis->refuses_slaveof = strcmp(what, "refuse") == 0;
    } else if (strcmp(what, "wrong-password") == 0 ||
               strcmp(what, "right-password") == 0) {
        redis->wrong_password = strcmp(what, "wrong-password") == 0;
    } else if (strcmp(what, "unsaved") == 0 || strcmp(what, "saved") == 0) {
        redis->misconf = strcmp(what, "unsaved") == 0;
    } else if (strcmp(what, "busy") == 0) {
        redis->busy = true;
    } else if (strcmp(what, "refuse-config") == 0) {
        redis->demanding.refuses_config = true;
    } else if (strcmp(what, "priority") == 0) {
        uint64_t number = 0;
        const char *to = script_option(script, "to");
        if (to == NULL || !script_number(to, &number)) {
            return script_fail(script, "usage: priority NAME to=N");
        }
        redis->priority = (uint32_t)number;
    } else if (strcmp(what, "demand") == 0) {
        return read_demand(script, redis);
    } else if (strcmp(what, "promote") == 0) {
        redis->never_syncs = false;
        replication_obey(script->sim, redis, &(struct address){.host = ""});
        oracle_on_told_to_follow(script->sim, redis, &redis->follows, false);
    } else {
        const char *of = script_option(script, "of");
        const struct process *master =
            of == NULL ? NULL : script_find(script, of);
        if (master == NULL) {
            return script_fail(script, "usage: demote NAME of=R");
        }
        replication_obey(script->sim, redis, &master->address);
        redis->is_sent = false;
        oracle_on_told_to_follow(script->sim, redis, &redis->follows, false);
    }
    return true;
}

static bool befall(struct script *script, const char *what,
                   struct process *process)
{
    struct sim *sim = script->sim;
    if (strcmp(what, "pause") == 0) {
        sim_pause(sim, process);
    } else if (strcmp(what, "resume") == 0) {
        sim_resume(sim, process);
    } else if (strcmp(what, "kill") == 0) {
        sim_kill(sim, process);
    } else if (strcmp(what, "ghost") == 0) {
        sim_kill(sim, process);
        process->is_gone = true;
    } else if (strcmp(what, "start") == 0) {
        return start(script, process, START_FROM_FILE);
    } else if (strcmp(what, "restart-empty") == 0) {
        return start(script, process, START_FROM_NOTHING);
    } else if (strcmp(what, "restart-aof") == 0) {
        return start(script, process, START_FROM_LOG);
    } else if (process->sentinel != NULL && strstr(what, "-password")) {
        transcript_note(sim, "%s %s", what, process->name);
        process->sentinel->locked = strcmp(what, "wrong-password") == 0;
    } else if (process->redis == NULL) {
        return script_fail(script, "%s is not a server", process->name);
    } else {
        return befall_redis(script, what, process->redis);
    }
    return true;
}

bool script_server(struct script *script)
{
    for (size_t i = 1; i < script->word_count; i++) {
        if (strchr(script->words[i], '=') != NULL) {
            continue;
        }
        struct process *process = script_find(script, script->words[i]);
        if (process == NULL || !befall(script, script->words[0], process)) {
            return false;
        }
    }
    return true;
}

/* --- Operators ------------------------------------------------------------ */

static bool read_setting(struct script *script, struct admin_option *option)
{
    static const char *const names[SETTING_COUNT] = {
        [SETTING_QUORUM] = "quorum",
        [SETTING_PARALLEL_SYNCS] = "parallel-syncs",
        [SETTING_POOL_SIZE] = "pool-size",
        [SETTING_DURABILITY] = "durability",
        [SETTING_MAX_LAG_BYTES] = "max-lag-bytes",
        [SETTING_MAX_LAG_MS] = "max-lag",
        [SETTING_ON_EMPTY_MASTER] = "on-empty-master",
        [SETTING_DOWN_AFTER_MS] = "down-after",
        [SETTING_REFUSED_AFTER_MS] = "refused-after",
        [SETTING_FAILOVER_TIMEOUT_MS] = "failover-timeout",
    };
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (names[i] != NULL && strcmp(names[i], script->words[2]) == 0) {
            option->setting = (enum setting)i;
            copy_text(option->typed, sizeof option->typed, names[i]);
            return script_number(script->words[3], &option->value);
        }
    }
    return script_fail(script, "no such option: %s", script->words[2]);
}

static bool fill_admin(struct script *script, struct admin *admin)
{
    const char *what = script->words[0];
    const struct sim_group *group = &script->sim->groups[script->group];
    copy_text(admin->name, NAME_SIZE, group->name);
    if (strcmp(what, "failover") == 0) {
        admin->type = ADMIN_FAILOVER;
        admin->mode = script_has(script, "force") ? FAILOVER_MODE_FORCE
                      : script_has(script, "coordinated")
                          ? FAILOVER_MODE_COORDINATED
                          : FAILOVER_MODE_DEFAULT;
    } else if (strcmp(what, "flush") == 0) {
        admin->type = ADMIN_FLUSH;
    } else if (strcmp(what, "acknowledge") == 0) {
        admin->type = ADMIN_ACKNOWLEDGE;
    } else if (strcmp(what, "remove") == 0) {
        admin->type = ADMIN_REMOVE;
    } else if (strcmp(what, "set") == 0) {
        admin->type = ADMIN_SET;
        admin->option_count = 1;
        return read_setting(script, &admin->options[0]);
    } else if (strcmp(what, "simulate") == 0) {
        admin->type = ADMIN_SIMULATE;
        admin->simulated = strcmp(script->words[2], "election") == 0
                               ? SIMULATE_AFTER_ELECTION
                               : SIMULATE_AFTER_PROMOTION;
    } else if (strcmp(what, "monitor") == 0 || strcmp(what, "adopt") == 0) {
        const struct process *server = script_find(script, script->words[2]);
        if (server == NULL) {
            return false;
        }
        admin->type = strcmp(what, "adopt") == 0 ? ADMIN_ADOPT : ADMIN_MONITOR;
        admin->target = admin->master = server->address;
        admin->settings = group->settings;
    } else {
        admin->type = ADMIN_RESET;
    }
    return true;
}

bool script_admin(struct script *script)
{
    const struct process *process = script_find(script, script->words[1]);
    if (process == NULL || process->sentinel == NULL) {
        return script_fail(script, "which sentinel?");
    }
    if (process->state != PROCESS_RUNNING) {
        return true; /* it does not hear him */
    }
    struct admin admin = {0};
    if (!fill_admin(script, &admin)) {
        return false;
    }
    const struct group *group =
        model_find_group(core_model(process->sentinel->core), admin.name);
    object_id id = group == NULL ? 0 : group->id;
    admin.groups = &id;
    admin.group_count = group == NULL ? 0 : 1;
    transcript_note(script->sim, "%s %s", script->words[0], process->name);
    node_admin(script->sim, process->sentinel, &admin);
    return true;
}
