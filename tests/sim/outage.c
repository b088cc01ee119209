/* Full outages. Three servers and three sentinels live for a while, one
 * replica perhaps falls behind; then all die, together or the one kind before
 * the other, and come back one by one: in each of the 720 orders, and in each
 * order of those that are left when one server, one sentinel or both stay
 * away. The old master is any of the servers, so it is often the one that
 * stays away.
 *
 * In the end there must be one master that all follow, no later than the
 * last resort allows. And it holds what was seen of each server that came
 * back in time with its data: nobody is promoted while one that is known to
 * be ahead may still come. */
#include "outage.h"

#include <inttypes.h>
#include <stdio.h>

#include "liveness.h"
#include "sentineld/model.h"
#include "sim.h"

enum {
    SERVERS = 3,
    SENTINELS = 3,
    EVERYBODY = SERVERS + SENTINELS,
    MAJORITY = 2,
    DOWN_AFTER_MS = 1000,
    DISCOVERY_MS = 60000,
    POLL_MS = 200,
    WRITE_MS = 3000,
    NOTICE_MS = 2500, /* until everybody has seen who is how far */
    DARK_MS = 3000,
    LAST_RESORT_MS = 30000,
    TOLERANCE_MS = 5000, /* noticing, electing, repointing */
    LATE_MS = 2000,      /* one that comes so late may be missed */
    CALM_MS = 2000,
};

struct outage {
    uint32_t order[EVERYBODY]; /* process numbers */
    uint32_t count;            /* fewer when somebody stays away */
    uint32_t behind;           /* died before the others; 0 = nobody */
    uint32_t empty;            /* comes back without its data; 0 = nobody */
    msec pause_ms;             /* between two that come back */
    msec sentinels_first_ms;   /* they die so long before the servers */
    msec servers_first_ms;     /* ... or the other way round */
};

/* What a server had when it died, and when it was back. */
struct past {
    uint32_t replid;
    uint64_t offset;
    msec back_at;
};

/* --- Which outage --------------------------------------------------------- */

/* Who stays away: nobody, or one of each kind. */
enum { ABSENCES = (SERVERS + 1) * (SENTINELS + 1) };

static uint32_t count_present(uint32_t absence)
{
    uint32_t server = absence % (SERVERS + 1);
    uint32_t sentinel = absence / (SERVERS + 1);
    return EVERYBODY - (server > 0 ? 1U : 0U) - (sentinel > 0 ? 1U : 0U);
}

static uint64_t count_orders(uint32_t of)
{
    uint64_t orders = 1;
    for (; of > 1; of--) {
        orders *= of;
    }
    return orders;
}

uint64_t outage_count(void)
{
    uint64_t count = 0;
    for (uint32_t absence = 0; absence < ABSENCES; absence++) {
        count += count_orders(count_present(absence));
    }
    return count;
}

/* Takes the nth of those that are left, again and again. */
static void put_in_order(struct outage *outage, uint64_t order)
{
    for (uint32_t place = 0; place < outage->count; place++) {
        uint32_t left = outage->count - place;
        uint32_t chosen = place + (uint32_t)(order % left);
        order /= left;
        uint32_t process = outage->order[chosen];
        memmove(&outage->order[place + 1], &outage->order[place],
                (chosen - place) * sizeof outage->order[0]);
        outage->order[place] = process;
    }
}

static void choose_order(struct outage *outage, uint64_t number)
{
    uint32_t absence = 0;
    while (number >= count_orders(count_present(absence))) {
        number -= count_orders(count_present(absence));
        absence++;
    }
    uint32_t server = absence % (SERVERS + 1);
    uint32_t sentinel = absence / (SERVERS + 1);
    for (uint32_t process = 1; process <= EVERYBODY; process++) {
        if (process != server &&
            (sentinel == 0 || process != SERVERS + sentinel)) {
            outage->order[outage->count++] = process;
        }
    }
    put_in_order(outage, number);
}

static void draw_rest(struct sim *sim, struct outage *outage)
{
    static const msec pauses[] = {0, 300, 2500, 7000};
    outage->pause_ms = pauses[sim_random(sim, 4)];
    outage->behind = sim_chance(sim, 60) ? 1 + sim_random(sim, SERVERS) : 0;
    outage->empty = sim_chance(sim, 25) ? 1 + sim_random(sim, SERVERS) : 0;
    if (outage->behind == 1) {
        outage->behind = 0; /* the master is behind nobody */
    }
    if (outage->empty == 1) {
        outage->empty = 0; /* a master without its data is another matter */
    }
    outage->sentinels_first_ms = sim_chance(sim, 30) ? 3000 : 0;
    outage->servers_first_ms =
        outage->sentinels_first_ms == 0 && sim_chance(sim, 40) ? 5000 : 0;
    sim->writing = true;
}

/* --- The world before ----------------------------------------------------- */

static void build_world(struct sim *sim)
{
    uint32_t group = sim_add_group(sim, "m");
    struct group_settings *settings = &sim->groups[group].settings;
    settings->quorum = MAJORITY;
    settings->pool_size = SENTINELS;
    settings->down_after_ms = DOWN_AFTER_MS;
    char name[16];
    for (uint32_t i = 1; i <= SERVERS; i++) {
        (void)snprintf(name, sizeof name, "r%" PRIu32, i);
        struct process *process = sim_add_process(sim, PROCESS_REDIS, name);
        struct redis *redis = redis_new(sim, process, group);
        if (i == 1) {
            sim->groups[group].first_master = process->number;
        } else {
            redis_follow(sim, redis, &sim->processes[1]);
        }
    }
    for (uint32_t i = 1; i <= SENTINELS; i++) {
        (void)snprintf(name, sizeof name, "s%" PRIu32, i);
        node_start(sim,
                   node_new(sim, sim_add_process(sim, PROCESS_SENTINEL, name)));
    }
}

static void discover(struct sim *sim)
{
    msec until = sim->now + DISCOVERY_MS;
    while (!liveness_is_discovered(sim) && sim->now < until &&
           !sim->oracle.violated) {
        sim_run_until(sim, sim->now + POLL_MS);
    }
    sim->transcript.zero = sim->now;
}

static void let_live(struct sim *sim, const struct outage *outage)
{
    sim_run_until(sim, sim->now + WRITE_MS);
    if (outage->behind != 0) {
        sim_kill(sim, &sim->processes[outage->behind]);
        sim_run_until(sim, sim->now + WRITE_MS);
    }
    sim->writing = false;
    sim_run_until(sim, sim->now + NOTICE_MS);
}

/* --- The end of the world, and what follows ------------------------------- */

static void kill_all(struct sim *sim, enum process_kind kind)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (sim->processes[i].kind == kind) {
            sim_kill(sim, &sim->processes[i]);
        }
    }
}

static void go_dark(struct sim *sim, const struct outage *outage)
{
    if (outage->servers_first_ms > 0) {
        kill_all(sim, PROCESS_REDIS);
        sim_run_until(sim, sim->now + outage->servers_first_ms);
    }
    kill_all(sim, PROCESS_SENTINEL);
    sim_run_until(sim, sim->now + outage->sentinels_first_ms);
    kill_all(sim, PROCESS_REDIS);
    sim_run_until(sim, sim->now + DARK_MS);
}

static void note_past(const struct sim *sim, const struct outage *outage,
                      struct past past[SERVERS + 1])
{
    for (uint32_t i = 1; i <= SERVERS; i++) {
        const struct redis *redis = sim->processes[i].redis;
        past[i] = (struct past){
            .replid = redis->replid, .offset = redis->offset, .back_at = NEVER};
        if (i == outage->empty) {
            past[i].offset = 0;
        }
    }
}

/* Returns when a majority of the sentinels was up. */
static msec come_back(struct sim *sim, const struct outage *outage,
                      struct past past[SERVERS + 1])
{
    msec majority_at = NEVER;
    uint32_t sentinels = 0;
    for (uint32_t i = 0; i < outage->count; i++) {
        struct process *process = &sim->processes[outage->order[i]];
        if (process->kind == PROCESS_SENTINEL) {
            node_start(sim, process->sentinel);
            majority_at = ++sentinels == MAJORITY ? sim->now : majority_at;
        } else {
            redis_start(sim, process->redis,
                        process->number == outage->empty ? START_FROM_NOTHING
                                                         : START_FROM_FILE);
            past[process->number].back_at = sim->now;
        }
        sim_run_until(sim, sim->now + outage->pause_ms);
    }
    return majority_at;
}

static void become_calm(struct sim *sim, msec majority_at)
{
    struct error why = {""};
    msec end = majority_at + LAST_RESORT_MS;
    end = (end > sim->now ? end : sim->now) + TOLERANCE_MS;
    msec calm_since = NEVER;
    while (!sim->oracle.violated) {
        if (!liveness_is_reached(sim, &why)) {
            calm_since = NEVER;
        } else if (calm_since == NEVER) {
            calm_since = sim->now;
        } else if (sim->now - calm_since >= CALM_MS) {
            return;
        }
        if (calm_since == NEVER && sim->now >= end) {
            oracle_fail(sim, "outage", "%" PRIu64 " ms after the majority: %s",
                        (uint64_t)(sim->now - majority_at), why.text);
        }
        sim_run_until(sim, sim->now + POLL_MS);
    }
}

/* What it holds of that server's data. */
static uint64_t held_offset(const struct sim *sim, const struct redis *redis,
                            const struct past *past)
{
    uint64_t shared;
    bool any = sim_shared_offset(sim, redis->replid, redis->offset,
                                 past->replid, &shared);
    return any ? shared : 0;
}

static void check_data(struct sim *sim, const struct past past[SERVERS + 1],
                       msec majority_at)
{
    const struct redis *master = NULL;
    for (uint32_t i = 1; i <= SERVERS; i++) {
        const struct redis *redis = sim->processes[i].redis;
        master = redis_is_running(redis) && redis->is_master ? redis : master;
    }
    msec in_time = majority_at + LAST_RESORT_MS - LATE_MS;
    for (uint32_t i = 1; i <= SERVERS; i++) {
        if (master != NULL && past[i].back_at < in_time &&
            held_offset(sim, master, &past[i]) < past[i].offset) {
            oracle_fail(sim, "outage",
                        "%s is master with %" PRIu64 " of the %" PRIu64
                        " bytes that %s brought back in time",
                        master->process->name,
                        held_offset(sim, master, &past[i]), past[i].offset,
                        sim->processes[i].name);
        }
    }
}

bool outage_run(uint64_t number, uint64_t seed, bool verbose,
                struct random_total *total)
{
    struct sim *sim = sim_new(seed * outage_count() + number);
    struct outage outage = {.count = 0};
    struct past past[SERVERS + 1];
    sim->transcript.mode = verbose ? TRANSCRIPT_PRINT : TRANSCRIPT_OFF;
    sim->transcript.with_log = verbose;
    choose_order(&outage, number);
    draw_rest(sim, &outage);
    build_world(sim);
    discover(sim);
    let_live(sim, &outage);
    go_dark(sim, &outage);
    note_past(sim, &outage, past);
    msec majority_at = come_back(sim, &outage, past);
    become_calm(sim, majority_at);
    check_data(sim, past, majority_at);
    total->time_ms += sim->now;
    total->promotions += sim->oracle.promotions;
    bool ok = !sim->oracle.violated;
    if (!ok) {
        (void)fprintf(stderr, "outage %" PRIu64 ": rule %s broken: %s\n",
                      number, sim->oracle.rule, sim->oracle.text);
    }
    sim_free(sim);
    return ok;
}
