/* Statements that declare the world: groups, servers, sentinels, and how
 * time passes in it. */
#include <stdio.h>

#include "liveness.h"
#include "names.h"
#include "script.h"
#include "sentineld/memory.h"
#include "sim.h"

enum { DISCOVER_MS = 60000, DISCOVER_STEP_MS = 100, SETTLE_MS = 3000 };

/* Reads key=value into *number when it is there. */
static bool read_number(struct script *script, const char *key,
                        uint64_t *number)
{
    const char *text = script_option(script, key);
    if (text == NULL || script_number(text, number)) {
        return true;
    }
    return script_fail(script, "%s=%s is not a number", key, text);
}

static bool read_small(struct script *script, const char *key, uint32_t *number)
{
    uint64_t value = *number;
    if (!read_number(script, key, &value)) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

/* fencing=availability, fencing=safety */
static bool read_fencing(struct script *script, struct group_settings *settings)
{
    static const char *const words[] = {"off", "availability", "safety"};
    const char *text = script_option(script, "fencing");
    for (unsigned i = 0; text != NULL && i < 3; i++) {
        if (strcmp(words[i], text) == 0) {
            settings->fencing = (enum fencing)i;
        }
    }
    return read_small(script, "fencing-replicas",
                      &settings->fencing_replicas) &&
           read_small(script, "fencing-max-lag", &settings->fencing_max_lag_s);
}

static bool read_on_empty(struct script *script,
                          struct group_settings *settings)
{
    static const char *const words[] = {"failover", "alert", "allow"};
    const char *text = script_option(script, "on-empty");
    for (size_t i = 0; text != NULL && i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            settings->on_empty_master = (enum on_empty_master)i;
            return true;
        }
    }
    return text == NULL || script_fail(script, "on-empty=%s?", text);
}

static bool read_settings(struct script *script,
                          struct group_settings *settings)
{
    const char *detection = script_option(script, "detection");
    if (detection != NULL) {
        settings->detection = strcmp(detection, "ping") == 0
                                  ? DETECTION_PING
                                  : DETECTION_WITNESSED;
    }
    const char *order = script_option(script, "order");
    if (order != NULL) {
        settings->order =
            strcmp(order, "freshest") == 0 ? ORDER_FRESHEST : ORDER_PRIORITY;
    }
    return read_small(script, "quorum", &settings->quorum) &&
           read_small(script, "parallel-syncs", &settings->parallel_syncs) &&
           read_small(script, "pool-size", &settings->pool_size) &&
           read_small(script, "durability", &settings->durability) &&
           read_fencing(script, settings) &&
           read_number(script, "max-lag-bytes", &settings->max_lag_bytes) &&
           read_number(script, "max-lag", &settings->max_lag_ms) &&
           read_number(script, "down-after", &settings->down_after_ms) &&
           read_number(script, "refused-after", &settings->refused_after_ms) &&
           read_number(script, "busy-after", &settings->busy_after_ms) &&
           read_number(script, "loading-after", &settings->loading_after_ms) &&
           read_number(script, "reboot-after", &settings->reboot_after_ms) &&
           read_number(script, "failover-timeout",
                       &settings->failover_timeout_ms) &&
           read_number(script, "last-resort", &settings->last_resort_ms) &&
           read_on_empty(script, settings);
}

bool script_group(struct script *script)
{
    script->group = sim_add_group(script->sim, script->words[1]);
    return read_settings(script, &script->sim->groups[script->group].settings);
}

/* --- Servers -------------------------------------------------------------- */

static bool attach(struct script *script, struct redis *redis)
{
    struct sim *sim = script->sim;
    const char *of = script_option(script, "of");
    if (of == NULL) {
        uint32_t *first = &sim->groups[script->group].first_master;
        if (*first == 0) {
            *first = redis->process->number;
        }
        return true;
    }
    const struct process *master = sim_find_process(sim, of);
    if (master == NULL || master->redis == NULL) {
        return script_fail(script, "no such server: %s", of);
    }
    uint32_t own_history = redis->replid;
    redis_follow(sim, redis, master);
    if (script_has(script, "never-synced") || script_has(script, "foreign")) {
        redis->replid = own_history;
        redis->offset = 0;
        redis->replication = REPLICATION_DOWN;
        redis->never_syncs = true;
    }
    if (script_has(script, "foreign")) {
        redis->link_down_since = sim->now; /* it was up, elsewhere */
    }
    return true;
}

static bool read_engine(struct script *script, struct redis *redis)
{
    static const char *const words[] = {"redis", "flushes", "refuses", "other"};
    const char *text = script_option(script, "engine");
    for (size_t i = 0; text != NULL && i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            redis->engine = (enum engine)i;
            return true;
        }
    }
    return text == NULL || script_fail(script, "engine=%s?", text);
}

/* A server that is restarted from an append-only file had one all the time. */
static bool read_append_only(struct script *script, struct redis *redis)
{
    const char *text = script_option(script, "aof");
    redis->append_only = text == NULL ? script_mentions(script, "restart-aof",
                                                        redis->process->name)
                                      : strcmp(text, "yes") == 0;
    return text == NULL || redis->append_only || strcmp(text, "no") == 0 ||
           script_fail(script, "aof=%s?", text);
}

bool script_redis(struct script *script)
{
    struct sim *sim = script->sim;
    if (sim->group_count == 0) {
        script->group = sim_add_group(sim, "m");
    }
    struct redis *redis =
        redis_new(sim, sim_add_process(sim, PROCESS_REDIS, script->words[1]),
                  script->group);
    const char *run_id = script_option(script, "runid");
    if (run_id != NULL) {
        copy_text(redis->run_id_start, RUN_ID_SIZE, run_id);
        memset(redis->run_id, '0', RUN_ID_LEN);
        memcpy(redis->run_id, redis->run_id_start, strlen(redis->run_id_start));
    }
    if (!attach(script, redis) || !read_engine(script, redis) ||
        !read_append_only(script, redis) ||
        !read_small(script, "priority", &redis->priority) ||
        !read_number(script, "offset", &redis->offset)) {
        return false;
    }
    redis->shipped = redis->offset;
    return true;
}

/* --- Sentinels ------------------------------------------------------------ */

bool script_sentinels(struct script *script)
{
    struct sim *sim = script->sim;
    uint64_t count;
    if (!script_number(script->words[1], &count) ||
        !read_settings(script, &sim->groups[script->group].settings)) {
        return script_fail(script, "usage: sentinels N [quorum=N ...]");
    }
    for (uint64_t i = 1; i <= count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%u", (unsigned)i);
        struct sentinel *sentinel =
            node_new(sim, sim_add_process(sim, PROCESS_SENTINEL, name));
        sentinel->announces_ips =
            sim->announce_ips && (!sim->announce_odd || i % 2 == 1);
        if (!script_has(script, "later")) {
            node_start(sim, sentinel);
        }
    }
    return true;
}

/* Lets the sentinels find everything; the transcript begins afterwards. */
bool script_discover(struct script *script)
{
    struct sim *sim = script->sim;
    msec until = sim->now + DISCOVER_MS + sim->load_ms;
    uint64_t step = DISCOVER_STEP_MS;
    uint64_t settle = SETTLE_MS;
    if (!read_number(script, "step", &step) ||
        !read_number(script, "settle", &settle) || step == 0) {
        return false;
    }
    while (!sim->oracle.violated && !liveness_is_discovered(sim) &&
           sim->now < until) {
        sim_run_until(sim, sim->now + step);
    }
    if (sim->oracle.violated) {
        return true; /* time stands still; the rule is told behind this */
    }
    if (!liveness_is_discovered(sim)) {
        return script_fail(script, "discovery does not end");
    }
    sim_run_until(sim, sim->now + settle);
    transcript_free(&sim->transcript);
    sim->transcript.lines = NULL;
    sim->transcript.count = 0;
    sim->transcript.capacity = 0;
    sim->transcript.zero = sim->now;
    return true;
}

/* --- How the world is ----------------------------------------------------- */

/* Those that the core does not keep yet. */
bool script_rules(struct script *script)
{
    for (size_t i = 1; i < script->word_count; i++) {
        if (!oracle_judge_owed(script->sim, script->words[i])) {
            return script_fail(script, "no such rule: %s", script->words[i]);
        }
    }
    return true;
}

static bool read_allowed(struct script *script)
{
    for (size_t i = 1; i < script->word_count; i++) {
        if (strncmp(script->words[i], "allow=", 6) == 0) {
            script->sim->oracle.allowed |=
                oracle_rule_bit(script->words[i] + 6);
        }
    }
    return true;
}

bool script_world(struct script *script)
{
    struct sim *sim = script->sim;
    sim->writing = sim->writing || script_has(script, "writes");
    if (script_has(script, "names")) {
        names_begin(sim);
    }
    const char *announce = script_option(script, "announce-ips");
    sim->announce_ips = sim->announce_ips || announce != NULL ||
                        script_has(script, "announce-ips");
    sim->announce_odd = announce != NULL && strcmp(announce, "odd") == 0;
    sim->unequal_leases =
        sim->unequal_leases || script_option(script, "leases") != NULL;
    sim->transcript.with_log =
        sim->transcript.with_log || script_has(script, "log");
    if (script_option(script, "delay") != NULL) {
        sim->net.delay_max_ms = 0;
        transcript_note(sim, "delay %s", script_option(script, "delay"));
    }
    if (!read_number(script, "delay", &sim->net.delay_min_ms) ||
        !read_number(script, "delay-max", &sim->net.delay_max_ms) ||
        !read_number(script, "lease", &sim->vote_lease_ms) ||
        !read_number(script, "save-max", &sim->save_max_ms) ||
        !read_number(script, "sync", &sim->sync_ms) ||
        !read_number(script, "load", &sim->load_ms) ||
        !read_number(script, "seed", &sim->random_state)) {
        return false;
    }
    if (sim->net.delay_max_ms < sim->net.delay_min_ms) {
        sim->net.delay_max_ms = sim->net.delay_min_ms;
    }
    return read_allowed(script);
}
