/* S1, S6, S9: who may start a failover, and who may promote. */
#include "oracle.h"

#include <inttypes.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

/* An opinion may have been on its way for some time. */
enum { OPINION_WINDOW_MS = 15000, STALL_MIN_MS = 100 };

/* --- S6 ------------------------------------------------------------------- */

static uint32_t count_down(const struct sim *sim, uint32_t group,
                           uint32_t master)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        msec down_at = sim->oracle.watched[i][group].down_at[master];
        count += down_at != 0 && sim->now - down_at <= OPINION_WINDOW_MS;
    }
    return count;
}

/* Down since a settle that came too late: what was measured across the
 * pause was believed. */
static bool believes_a_pause(const struct sim *sim,
                             const struct sentinel *sentinel,
                             const struct group *group)
{
    return sentinel->first_settle_after_pause && sentinel->missed_at != NEVER &&
           sim->now - sentinel->missed_at >= STALL_MIN_MS &&
           group->master->subjective_down_since == node_now(sim, sentinel);
}

static void check_reasons(struct sim *sim, const struct sentinel *sentinel,
                          const struct group *group)
{
    const char *name = sentinel->process->name;
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    uint32_t down = count_down(sim, oracle_group(sim, group->name), master);
    if (!group->objective_down && group->restart.state == RESTART_BEHIND) {
        if (sim->processes[master].redis->lives <= 1) {
            oracle_fail(sim, "S6",
                        "%s starts a failover of %s, which never stopped", name,
                        group->name);
        }
        return;
    }
    if (!group->objective_down) {
        oracle_fail(sim, "S6", "%s starts a failover of %s, which is up", name,
                    group->name);
    }
    if (down < group->settings.quorum) {
        oracle_fail(sim, "S6",
                    "%s starts a failover of %s though only %" PRIu32
                    " of quorum %" PRIu32 " saw it down",
                    name, group->name, down, group->settings.quorum);
    }
    if (core_model(sentinel->core)->tilt.active ||
        believes_a_pause(sim, sentinel, group)) {
        oracle_fail(sim, "S6", "%s starts a failover of %s during a stall",
                    name, group->name);
    }
}

void oracle_check_start(struct sim *sim, struct sentinel *sentinel,
                        const struct group *group)
{
    struct watched_group *watched =
        &sim->oracle.watched[sentinel->process->number]
                            [oracle_group(sim, group->name)];
    bool busy = group->failover.state != FAILOVER_NONE;
    bool in_hold = busy && group->failover.purpose == PURPOSE_KEEP;
    bool in_ruling = busy && group->failover.purpose == PURPOSE_RULE;
    bool in_failover = busy && !in_hold && !in_ruling;
    if (in_hold && !watched->in_hold && !watched->in_failover &&
        !oracle_saw_gone(sim, group)) {
        oracle_fail(sim, "S6", "%s holds the replicas of %s, which is there",
                    sentinel->process->name, group->name);
    }
    if (in_failover && !watched->in_failover &&
        !failover_is_ordered(&group->failover)) {
        check_reasons(sim, sentinel, group);
    }
    if (in_ruling && !watched->in_ruling && !watched->in_hold &&
        group->accepted.epoch <= group->config_epoch) {
        oracle_fail(sim, "S6", "%s stands to rule on nothing of %s",
                    sentinel->process->name, group->name);
    }
    watched->in_ruling = in_ruling;
    watched->in_failover = in_failover;
    watched->in_hold = in_hold;
}

/* --- S1 ------------------------------------------------------------------- */

static uint32_t count_sentinels(const struct sim *sim)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        count += sim->processes[i].kind == PROCESS_SENTINEL;
    }
    return count;
}

/* A leader needs a majority of all sentinels there are, and the quorum. */
static void check_votes(struct sim *sim, const struct sentinel *sentinel,
                        const struct group *group, const struct claim *claim)
{
    struct claim own = *claim;
    own.subject = sentinel->process->number;
    (void)oracle_claim(&sim->oracle.votes, &own);
    size_t votes = oracle_count(&sim->oracle.votes, claim);
    uint32_t needed = count_sentinels(sim) / 2 + 1;
    if (needed < group->settings.quorum) {
        needed = group->settings.quorum;
    }
    if (votes < needed) {
        oracle_fail(sim, "S1",
                    "%s promotes in epoch %" PRIu64 " with %zu of %" PRIu32
                    " votes",
                    sentinel->process->name, claim->epoch, votes, needed);
    }
}

static void check_only_leader(struct sim *sim, const struct sentinel *sentinel,
                              const struct group *group, uint64_t epoch)
{
    struct claim claim = {.group = oracle_group(sim, group->name),
                          .epoch = epoch};
    copy_text(claim.value, sizeof claim.value, sentinel->run_id);
    const struct claim *other = oracle_claim(&sim->oracle.promoters, &claim);
    if (other != NULL && !oracle_is_excepted(sim, claim.group, epoch)) {
        oracle_fail(sim, "S1",
                    "%s promotes in epoch %" PRIu64 " of %s, as did %s",
                    sentinel->process->name, epoch, group->name, other->value);
    }
    check_votes(sim, sentinel, group, &claim);
}

/* --- S9 ------------------------------------------------------------------- */

/* A leader that is stopped does nothing; when it runs again it is judged by
 * what it then does. */
static void check_nobody_else_promotes(struct sim *sim,
                                       const struct sentinel *sentinel,
                                       const struct group *group)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->kind != PROCESS_SENTINEL ||
            process->sentinel == sentinel ||
            process->state != PROCESS_RUNNING) {
            continue;
        }
        const struct group *theirs =
            model_find_group(core_model(process->sentinel->core), group->name);
        if (theirs != NULL && !theirs->failover.without_votes &&
            (theirs->failover.state == FAILOVER_PROMOTE ||
             theirs->failover.state == FAILOVER_COMMIT) &&
            theirs->failover.promoted != NULL) {
            oracle_fail(sim, "S9", "%s promotes while %s does",
                        sentinel->process->name, process->name);
        }
    }
}

/* --- A promotion ---------------------------------------------------------- */

void oracle_check_promotion(struct sim *sim, struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group)
{
    uint32_t number = oracle_group(sim, group->name);
    bool without_votes = issued->without_votes;
    sim->oracle.promotions++;
    oracle_on_order(sim, sentinel, issued, group);
    oracle_note_fenced(sim, issued, sentinel, group);
    if (oracle_is_given_back(sim, sentinel, issued, group)) {
        without_votes = oracle_check_given_back(sim, sentinel, issued);
    } else if (issued->planned) {
        oracle_check_planned(sim, sentinel, issued, group);
    } else {
        oracle_check_choice(sim, sentinel, issued, group);
        oracle_check_needless(sim, sentinel, group);
    }
    sim->oracle.promoted_epoch[number] = issued->epoch;
    if (without_votes) {
        struct claim claim = {.group = number, .epoch = issued->epoch};
        (void)oracle_claim(&sim->oracle.exceptions, &claim);
        return;
    }
    oracle_check_passed_over(sim, sentinel, issued, group);
    check_only_leader(sim, sentinel, group, issued->epoch);
    check_nobody_else_promotes(sim, sentinel, group);
}
