/* What supervisors owe the pool for what they do to it. All of it is judged by
 * what the servers are and who can reach whom, not by what a core believes.
 *
 *   detached  A replica that was told to follow nobody is told to follow its
 *             master again no later than a vote's lease and a second after
 *             this is so, all the time: the master serves, a majority of the
 *             sentinels, which can talk to each other, can talk to both and
 *             names the master, the replica has nothing that the master
 *             lacks, and no other is copying all that the master has. Before
 * that an election or a decision may be under way. charged   A write is lost
 * that no replica had. When it was acknowledged, its master had served for
 * longer than a lease and a second while a replica that could have had it - it
 * ran, and the path was open all that time - was kept away by an order of a
 * sentinel. Nothing else took it away, whoever could reach whom: the
 * supervisors did. readers   Keeping a replica from its master, or giving it
 * back, closes clients' connections (CLIENT KILL TYPE normal), though its role
 *             stays what it was. Repointing to another master may do that.
 *   syncs     More replicas of one master are in a full synchronisation, to
 *             which a sentinel has sent each of them, than parallel_syncs of
 *             any sentinel allows. An old master is told at once: what counts
 *             more is that it takes no writes. Orders that two sentinels give
 *             within a second count apart. Nor does one that could not
 *             begin for five seconds.
 *   needless  A failover that nobody ordered replaces a master that has
 *             served all the time for two seconds and more, that a majority
 *             could reach all that time and names, and that holds all that
 *             any running server of its group has. Or its leader does not take
 *             it for down, and has read what it says of itself in this life. */
#include "oracle.h"

#include <inttypes.h>

#include "names.h"
#include "sentineld/model.h"
#include "sim.h"

enum {
    NOBODY_PORT = 1,
    SECOND_MS = 1000,
    SETTLED_MS = 2000,
    SENT_MS = 5000,
    UNEQUAL = 3
};

bool oracle_judge_owed(struct sim *sim, const char *name)
{
    static const char *const names[OWED_COUNT] = {
        [OWED_DETACHED] = "detached", [OWED_CHARGED] = "charged",
        [OWED_READERS] = "readers",   [OWED_SYNCS] = "syncs",
        [OWED_NEEDLESS] = "needless",
    };
    bool all = strcmp(name, "strict") == 0;
    bool any = false;
    for (uint32_t i = 0; i < OWED_COUNT; i++) {
        if (all || strcmp(name, names[i]) == 0) {
            sim->oracle.owed |= UINT32_C(1) << i;
            any = true;
        }
    }
    return any;
}

bool oracle_is_owed(const struct sim *sim, enum owed owed)
{
    return (sim->oracle.owed >> owed & 1) != 0;
}

static msec longest_lease(const struct sim *sim)
{
    return sim->vote_lease_ms * (sim->unequal_leases ? UNEQUAL : 1);
}

/* --- Who was kept from whom ------------------------------------------------
 */

void oracle_on_told_to_follow(struct sim *sim, const struct redis *redis,
                              const struct address *before, bool by_sentinel)
{
    struct kept_away *kept = &sim->oracle.kept_away[redis->process->number];
    bool is_away = !redis->is_master && redis->follows.port == NOBODY_PORT;
    if (!is_away || !by_sentinel) {
        *kept = (struct kept_away){.since = 0};
    } else if (kept->since == 0) {
        kept->since = sim->now;
        kept->from = sim_process_at(sim, before);
    }
}

static bool is_kept_too_long(const struct sim *sim, const struct redis *redis,
                             msec since)
{
    const struct kept_away *kept =
        &sim->oracle.kept_away[redis->process->number];
    return kept->since != 0 &&
           sim->now > (since > kept->since ? since : kept->since) +
                          longest_lease(sim) + SECOND_MS;
}

/* It serves, and a replica that could follow it is kept from it. */
static bool lacks_a_replica(const struct sim *sim, const struct redis *master)
{
    uint32_t number = master->process->number;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct kept_away *kept = &sim->oracle.kept_away[i];
        if (kept->since != 0 && kept->from == number &&
            redis_is_running(sim->processes[i].redis) &&
            net_can_connect(sim, i, number)) {
            return redis_takes_writes(sim, master);
        }
    }
    return false;
}

void oracle_look_for_deserted(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        msec *since = &sim->oracle.deserted_since[i];
        bool lacks = redis != NULL && lacks_a_replica(sim, redis);
        *since = !lacks ? 0 : *since == 0 ? sim->now : *since;
    }
}

bool oracle_is_deserted(const struct sim *sim, uint32_t master)
{
    msec since = sim->oracle.deserted_since[master];
    return since != 0 && sim->now > since + longest_lease(sim) + SECOND_MS;
}

/* --- detached --------------------------------------------------------------
 */

static bool lacks_nothing(const struct sim *sim, const struct redis *master,
                          const struct redis *other)
{
    uint64_t shared;
    if (!sim_shared_offset(sim, other->replid, other->offset, master->replid,
                           &shared)) {
        return other->offset == 0;
    }
    return (shared < master->offset ? shared : master->offset) >= other->offset;
}

static bool is_named(const struct sim *sim, const struct redis *master)
{
    uint32_t naming = 0;
    uint32_t sentinels = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct sentinel *sentinel = sim->processes[i].sentinel;
        const struct group *group =
            sentinel == NULL || sentinel->core == NULL
                ? NULL
                : model_find_group(core_model(sentinel->core),
                                   sim->groups[master->group].name);
        sentinels += sentinel != NULL;
        naming +=
            group != NULL && names_mean_same(sim, model_current_address(group),
                                             &master->process->address);
    }
    return naming > sentinels / 2;
}

/* Since when it serves and a majority reaches it; NEVER = it is not so. */
static msec serves_since(const struct sim *sim, const struct redis *redis)
{
    msec since = sim->oracle.reach[redis->process->number].since;
    return since == NEVER || !redis_is_running(redis) ? NEVER
           : since < redis->began_at                  ? redis->began_at
                                                      : since;
}

/* Each waits for its turn: parallel_syncs. */
static void note_copying(struct sim *sim)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        if (redis != NULL && !redis->is_master &&
            redis->replication == REPLICATION_SYNC) {
            uint32_t from = sim_process_at(sim, &redis->follows);
            sim->oracle.copied_at[from] = sim->now;
        }
    }
}

void oracle_check_detached(struct sim *sim)
{
    if (oracle_is_owed(sim, OWED_DETACHED)) {
        note_copying(sim);
    }
    for (uint32_t i = 1;
         oracle_is_owed(sim, OWED_DETACHED) && i < sim->process_count; i++) {
        const struct redis *replica = sim->processes[i].redis;
        const struct kept_away *kept = &sim->oracle.kept_away[i];
        if (replica == NULL || kept->since == 0 || kept->from == 0) {
            continue;
        }
        const struct redis *master = sim->processes[kept->from].redis;
        if (master == NULL || !master->is_master) {
            continue;
        }
        msec since = serves_since(sim, master);
        msec replica_since = serves_since(sim, replica);
        msec copied_at = sim->oracle.copied_at[kept->from];
        since = replica_since > since ? replica_since : since;
        since = since != NEVER && copied_at > since ? copied_at : since;
        if (since != NEVER && is_kept_too_long(sim, replica, since) &&
            redis_takes_writes(sim, master) && is_named(sim, master) &&
            lacks_nothing(sim, master, replica)) {
            oracle_fail(sim, "detached",
                        "%s is kept from %s for %" PRIu64
                        " ms, which serves and lacks nothing",
                        replica->process->name, master->process->name,
                        (uint64_t)(sim->now - kept->since));
        }
    }
}

/* --- readers ---------------------------------------------------------------
 */

void oracle_on_clients_killed(struct sim *sim, const struct redis *redis,
                              uint32_t sentinel, bool was_master,
                              uint32_t gives_back_to)
{
    const struct kept_away *kept =
        &sim->oracle.kept_away[redis->process->number];
    bool is_detaching = redis->follows.port == NOBODY_PORT;
    bool gives_back = kept->since != 0 && kept->from == gives_back_to;
    if (oracle_is_owed(sim, OWED_READERS) && !was_master && !redis->is_master &&
        (is_detaching || gives_back)) {
        oracle_fail(sim, "readers", "%s disconnects the clients of %s to %s",
                    sim->processes[sentinel].name, redis->process->name,
                    is_detaching ? "keep it from its master" : "give it back");
    }
}

/* --- syncs -----------------------------------------------------------------
 */

/* A replica that is down, or seems so, holds up no other. */
static bool is_slow(const struct sim *sim, const struct redis *redis)
{
    return sim->net.extra_ms[redis->process->number] != 0;
}

/* Two that order in the same moment do not know of each other. */
static bool is_known_to(const struct redis *other, const struct redis *redis)
{
    return other->sent_by == redis->sent_by ||
           other->sent_at + SECOND_MS <= redis->sent_at;
}

static uint32_t most_syncs(const struct sim *sim, uint32_t number)
{
    uint32_t most = sim->groups[number].settings.parallel_syncs;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct sentinel *sentinel = sim->processes[i].sentinel;
        const struct group *group =
            sentinel == NULL || sentinel->core == NULL
                ? NULL
                : model_find_group(core_model(sentinel->core),
                                   sim->groups[number].name);
        if (group != NULL && group->settings.parallel_syncs > most) {
            most = group->settings.parallel_syncs;
        }
    }
    return most;
}

bool oracle_is_leaving(const struct sim *sim, uint32_t sentinel,
                       const struct redis *redis)
{
    const struct sentinel *who = sim->processes[sentinel].sentinel;
    const struct group *group =
        who == NULL || who->core == NULL
            ? NULL
            : model_find_group(core_model(who->core),
                               sim->groups[redis->group].name);
    return group == NULL || group->leaving.until != 0;
}

void oracle_on_full_sync(struct sim *sim, struct redis *redis)
{
    uint32_t from = sim_process_at(sim, &redis->follows);
    uint32_t count = 0;
    if (redis->is_sent && sim->now - redis->sent_at > SENT_MS) {
        redis->is_sent = false; /* the path was cut: nobody can wait for that */
    }
    for (uint32_t i = 1;
         oracle_is_owed(sim, OWED_SYNCS) && i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        count += other != NULL && other->is_sent && !other->is_master &&
                 (other == redis ||
                  (!is_slow(sim, other) && is_known_to(other, redis))) &&
                 other->replication == REPLICATION_SYNC &&
                 sim_process_at(sim, &other->follows) == from;
    }
    if (count > 1 && redis->is_sent && count > most_syncs(sim, redis->group)) {
        oracle_fail(sim, "syncs",
                    "%" PRIu32 " replicas at a time copy all of %s, as told",
                    count, sim->processes[from].name);
    }
}

/* --- needless --------------------------------------------------------------
 */

/* Its leader does not even take it for down, and has read what it says in this
 * life. */
static bool is_known_to_live(const struct sim *sim,
                             const struct sentinel *sentinel,
                             const struct group *group,
                             const struct redis *master)
{
    uint32_t leader = sentinel->process->number;
    uint32_t number = master->process->number;
    return !group->objective_down && net_can_connect(sim, leader, number) &&
           strcmp(sim->oracle.read_run_id[leader][number], master->run_id) == 0;
}

void oracle_check_needless(struct sim *sim, const struct sentinel *sentinel,
                           const struct group *group)
{
    uint32_t number = sim_process_at(sim, &group->master->instance.address);
    const struct redis *master = sim->processes[number].redis;
    if (!oracle_is_owed(sim, OWED_NEEDLESS) ||
        failover_is_ordered(&group->failover) || master == NULL ||
        !master->is_master) {
        return;
    }
    msec since = serves_since(sim, master);
    bool is_settled = since != NEVER && sim->now >= since + SETTLED_MS;
    if ((!is_settled && !is_known_to_live(sim, sentinel, group, master)) ||
        !redis_takes_writes(sim, master) || !is_named(sim, master)) {
        return;
    }
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *other = sim->processes[i].redis;
        if (other != NULL && other->group == master->group &&
            redis_is_running(other) && !lacks_nothing(sim, master, other)) {
            return;
        }
    }
    oracle_fail(sim, "needless",
                "%s replaces %s, which has served for %" PRIu64
                " ms and lacks nothing",
                sentinel->process->name, master->process->name,
                (uint64_t)(sim->now - master->began_at));
}
