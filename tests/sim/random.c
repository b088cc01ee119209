/* Random runs. One seed draws the world (how many, how slow, which
 * settings), a subset of the faults, and when and whom they strike; so rare
 * combinations get time. Faults begin after discovery, because S1 and S4
 * assume that members know each other. In the end everything is healed, but
 * perhaps a minority of the sentinels, and the world must become calm. */
#include "random.h"

#include <inttypes.h>
#include <stdio.h>

#include "liveness.h"
#include "names.h"
#include "random_fault.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum {
    DISCOVERY_MS = 60000,
    CALM_MS = 120000,
    POLL_MS = 500,
};

static uint64_t pick(struct sim *sim, const uint64_t *values, size_t count)
{
    return values[sim_random(sim, (uint32_t)count)];
}

#define PICK(sim, ...)                           \
    pick((sim), (const uint64_t[]){__VA_ARGS__}, \
         sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* --- The world ------------------------------------------------------------ */

static void draw_circumstances(struct sim *sim)
{
    sim->net.delay_min_ms = PICK(sim, 0, 0, 1, 2);
    sim->net.delay_max_ms = sim->net.delay_min_ms + PICK(sim, 0, 1, 5, 20);
    sim->save_max_ms = PICK(sim, 1, 1, 5, 30);
    sim->sync_ms = PICK(sim, 50, 200, 3000);
    sim->load_ms = PICK(sim, 0, 0, 500);
    sim->vote_lease_ms = PICK(sim, 500, 2000, 2000, 10000);
    sim->writing = sim_chance(sim, 80);
}

static void draw_settings(struct sim *sim, uint32_t sentinels,
                          struct group_settings *settings)
{
    settings->quorum = sim_chance(sim, 70) ? sentinels / 2 + 1
                                           : 1 + sim_random(sim, sentinels);
    settings->down_after_ms = PICK(sim, 200, 500, 1000, 1000, 3000);
    settings->refused_after_ms =
        sim_chance(sim, 50) ? settings->down_after_ms / 4 : 0;
    settings->failover_timeout_ms = PICK(sim, 3000, 10000);
    settings->parallel_syncs = (uint32_t)PICK(sim, 1, 1, 2);
    settings->durability = (uint32_t)PICK(sim, 0, 0, 0, 1, 2);
    /* With durability, replicas that an empty master has emptied are waited
     * for until an operator decides: there is none here. */
    settings->on_empty_master = sim_chance(sim, 70) && settings->durability == 0
                                    ? ON_EMPTY_FAILOVER
                                    : ON_EMPTY_ALLOW;
    settings->pool_size = sim_chance(sim, 50) ? sentinels : 0;
    /* by the seed itself, which leaves all that is drawn as it was */
    static const enum fencing fencing[] = {
        FENCING_OFF, FENCING_OFF, FENCING_AVAILABILITY, FENCING_SAFETY};
    settings->fencing = fencing[sim->seed % 4];
    settings->detection =
        sim->seed / 4 % 3 < 2 ? DETECTION_WITNESSED : DETECTION_PING;
    settings->busy_after_ms = sim->seed / 12 % 2 * 5000;
    settings->loading_after_ms = sim->seed / 24 % 2 * 300;
    settings->reboot_after_ms = sim->seed / 48 % 2 * 400;
}

/* The same, so that other seeds stay what they were. */
static void draw_names(struct sim *sim)
{
    if (sim->seed / 48 % 4 == 2) {
        names_begin(sim);
    }
}

/* All announce names, or ips, or some the ones and some the others. */
static bool draw_announce_ips(const struct sim *sim, uint32_t sentinel)
{
    uint64_t way = sim->seed / 192 % 3;
    return way == 1 || (way == 2 && sentinel % 2 == 1);
}

static void add_servers(struct sim *sim, uint32_t group, uint32_t *serial)
{
    uint32_t count = 2 + (uint32_t)PICK(sim, 0, 1, 1, 1, 2);
    const struct process *master = NULL;
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "r%" PRIu32, ++*serial);
        struct process *process = sim_add_process(sim, PROCESS_REDIS, name);
        struct redis *redis = redis_new(sim, process, group);
        if (master == NULL) {
            master = process;
            sim->groups[group].first_master = process->number;
            continue;
        }
        redis_follow(sim, redis, master);
        redis->priority = (uint32_t)PICK(sim, 100, 100, 100, 50);
    }
}

/* Each lives beside anybody, so that partitions take some along with the
 * master, and some with the sentinels. */
static void draw_writers(struct sim *sim)
{
    uint32_t count = (uint32_t)PICK(sim, 0, 0, 2, 3, 4);
    for (uint32_t i = 1; i <= count; i++) {
        struct writer writer = {.group = sim_random(sim, sim->group_count),
                                .beside =
                                    1 + sim_random(sim, sim->process_count - 1),
                                .pooled = sim_chance(sim, 50),
                                .wait_for = (uint32_t)PICK(sim, 0, 0, 1, 1, 2)};
        (void)snprintf(writer.name, sizeof writer.name, "w%" PRIu32, i);
        (void)writers_add(sim, &writer);
    }
}

static void build_world(struct sim *sim)
{
    uint32_t sentinels = (uint32_t)PICK(sim, 3, 3, 3, 3, 4, 5);
    uint32_t groups = (uint32_t)PICK(sim, 1, 1, 1, 2);
    uint32_t servers = 0;
    draw_circumstances(sim);
    draw_names(sim);
    for (uint32_t i = 0; i < groups; i++) {
        uint32_t group = sim_add_group(sim, i == 0 ? "m" : "n");
        draw_settings(sim, sentinels, &sim->groups[group].settings);
        add_servers(sim, group, &servers);
    }
    for (uint32_t i = 1; i <= sentinels; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "s%" PRIu32, i);
        struct sentinel *sentinel =
            node_new(sim, sim_add_process(sim, PROCESS_SENTINEL, name));
        sentinel->announces_ips = draw_announce_ips(sim, i);
        node_start(sim, sentinel);
    }
    draw_writers(sim);
}

/* --- Phases --------------------------------------------------------------- */

static void discover(struct sim *sim)
{
    msec until = sim->now + DISCOVERY_MS;
    while (!liveness_is_discovered(sim) && !sim->oracle.violated) {
        if (sim->now >= until) {
            oracle_fail(sim, "discovery", "not everybody is known after %d ms",
                        DISCOVERY_MS);
            return;
        }
        sim_run_until(sim, sim->now + POLL_MS);
    }
    sim->transcript.zero = sim->now;
    transcript_note(sim, "everybody is known");
}

static void adopt(struct sim *sim, struct sentinel *sentinel,
                  const struct node *node)
{
    struct admin admin = {.type = ADMIN_ADOPT,
                          .target = node->instance.address};
    copy_text(admin.name, NAME_SIZE, node->group->name);
    node_admin(sim, sentinel, &admin);
}

static const struct node *quarantined(const struct model *model)
{
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (node->quarantine != QUARANTINE_NONE && !node->adopted) {
                return node;
            }
        }
    }
    return NULL;
}

/* The operator takes what supervisors leave alone back into the pool. */
static void adopt_all(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->kind == PROCESS_SENTINEL &&
            process->state == PROCESS_RUNNING) {
            const struct node *node =
                quarantined(core_model(process->sentinel->core));
            if (node != NULL) {
                adopt(sim, process->sentinel, node);
            }
        }
    }
}

/* With durability a failover waits for replicas that may never hold again
 * what WAIT has confirmed; then the operator takes the loss. */
static void give_up_durability(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->kind != PROCESS_SENTINEL ||
            process->state != PROCESS_RUNNING) {
            continue;
        }
        for (uint32_t group = 0; group < sim->group_count; group++) {
            struct admin admin = {.type = ADMIN_SET, .option_count = 1};
            admin.options[0].setting = SETTING_DURABILITY;
            copy_text(admin.options[0].typed, sizeof admin.options[0].typed,
                      "durability");
            copy_text(admin.name, NAME_SIZE, sim->groups[group].name);
            node_admin(sim, process->sentinel, &admin);
        }
    }
}

/* Calm twice in a row, a moment apart: not just passing by. */
static void become_calm(struct sim *sim)
{
    struct error why = {""};
    msec until = sim->now + CALM_MS;
    uint32_t calm = 0;
    bool gave_up = false;
    while (calm < 4 && !sim->oracle.violated) {
        if (sim->now >= until) {
            oracle_fail(sim, "liveness", "%d ms after the last fault: %s",
                        CALM_MS, why.text);
            return;
        }
        adopt_all(sim);
        if (sim->now >= until - CALM_MS / 2 && !gave_up) {
            give_up_durability(sim);
            gave_up = true;
        }
        sim_run_until(sim, sim->now + POLL_MS);
        calm = liveness_is_reached(sim, &why) ? calm + 1 : 0;
    }
}

bool random_run(uint64_t seed, bool verbose, struct random_total *total)
{
    struct sim *sim = sim_new(seed);
    sim->transcript.mode = verbose ? TRANSCRIPT_PRINT : TRANSCRIPT_OFF;
    sim->transcript.with_log = verbose;
    build_world(sim);
    discover(sim);
    fault_draw(sim);
    sim_run_until(sim, sim->now + PICK(sim, 10000, 20000, 40000));
    if (!sim->oracle.violated) {
        fault_heal(sim);
        become_calm(sim);
    }
    if (!sim->oracle.violated) {
        oracle_judge_writes(sim);
    }
    total->time_ms += sim->now;
    oracle_count_writes(sim, MAX_WRITERS, &total->writes);
    total->promotions += sim->oracle.promotions;
    bool ok = !sim->oracle.violated;
    if (!ok) {
        (void)fprintf(stderr, "seed %" PRIu64 ": rule %s broken: %s\n", seed,
                      sim->oracle.rule, sim->oracle.text);
    }
    sim_free(sim);
    return ok;
}
