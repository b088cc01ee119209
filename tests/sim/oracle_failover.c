/* S1, S6, S8, S9: who may start a failover, who may promote, and whom. The
 * judge uses what the servers really are and what the leader was really
 * told, not the core's opinion of it. */
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
    if (core_model(sentinel->core)->stall.active ||
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
    bool in_failover = group->failover.state != FAILOVER_NONE;
    if (in_failover && !watched->in_failover && !group->failover.forced) {
        check_reasons(sim, sentinel, group);
    }
    watched->in_failover = in_failover;
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
            theirs->failover.state == FAILOVER_PROMOTE &&
            theirs->failover.promoted != NULL) {
            oracle_fail(sim, "S9", "%s promotes while %s does",
                        sentinel->process->name, process->name);
        }
    }
}

/* --- S8 ------------------------------------------------------------------- */

/* Has somebody already told of a newer configuration than the leader's? */
static bool is_behind(const struct sim *sim, const struct group *group)
{
    const struct claims *configs = &sim->oracle.configs;
    uint32_t number = oracle_group(sim, group->name);
    for (size_t i = 0; i < configs->count; i++) {
        if (configs->items[i].group == number &&
            configs->items[i].epoch > group->config_epoch) {
            return true;
        }
    }
    return false;
}

/* The master's history, if this leader was told of it since the master became
 * one; 0 = it was not. */
static uint32_t known_history(const struct sim *sim,
                              const struct sentinel *sentinel,
                              const struct group *group)
{
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    uint32_t told = sim->oracle.told_to[sentinel->process->number][master];
    return told == sim->oracle.told[master][0] ? told : 0;
}

/* Its INFO shows that its history is the master's, or led to it, or grew out
 * of one that did. */
static bool is_linked(const struct sim *sim, uint32_t master_history,
                      const struct reading *reading)
{
    return sim_is_ancestor(sim, reading->replid, master_history) ||
           sim_is_ancestor(sim, reading->replid2, master_history);
}

/* All its data are the master's. */
static bool is_of_the_lineage(const struct sim *sim, uint32_t master_history,
                              const struct reading *reading)
{
    uint64_t shared;
    return is_linked(sim, master_history, reading) &&
           sim_shared_offset(sim, reading->replid, reading->offset,
                             master_history, &shared) &&
           shared == reading->offset;
}

/* Of a data set that some master showed. Which one a leader goes by that was
 * away while masters came and went, it cannot know better. */
static bool is_of_some_master(const struct sim *sim,
                              const struct reading *reading)
{
    uint32_t root = sim->histories[reading->replid].root;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const uint32_t *told = sim->oracle.told[i];
        for (size_t j = 0; j < TOLD_MAX && told[j] != 0; j++) {
            if (sim->histories[told[j]].root == root) {
                return true;
            }
        }
    }
    return false;
}

static const struct node *node_at(const struct group *group,
                                  const struct address *address)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (address_equal(&node->instance.address, address)) {
            return node;
        }
    }
    return NULL;
}

/* Could the leader have taken this server? */
static bool was_eligible(const struct sim *sim, const struct sentinel *sentinel,
                         const struct group *group, uint32_t number)
{
    const struct reading *reading = &sentinel->readings[number];
    const struct node *node = node_at(group, &sim->processes[number].address);
    return node != NULL && node != group->master &&
           reading->epoch == group->failover.epoch && reading->read &&
           !reading->tried && reading->priority != 0 &&
           !node->subjective_down && node->instance.command.state == LINK_UP &&
           !redis_is_loading(sim, sim->processes[number].redis) &&
           is_of_the_lineage(sim, known_history(sim, sentinel, group), reading);
}

/* What counts of a server's data is what it shares with the master. */
static uint64_t shared_offset(const struct sim *sim, uint32_t master_history,
                              const struct reading *reading)
{
    uint64_t shared;
    (void)sim_shared_offset(sim, reading->replid, reading->offset,
                            master_history, &shared);
    return shared;
}

/* Nothing can be said when the leader never saw the master, nor of a history
 * without a link to the master's: that of a former one, say, before the
 * present came back empty. */
static bool is_better(const struct sim *sim, uint32_t master_history,
                      const struct reading *a, const struct reading *b)
{
    if (master_history == 0 || !is_linked(sim, master_history, b)) {
        return false;
    }
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }
    return shared_offset(sim, master_history, a) >
           shared_offset(sim, master_history, b);
}

static void complain_of_choice(struct sim *sim, const struct sentinel *sentinel,
                               uint32_t chosen, uint32_t better)
{
    const struct reading *a = &sentinel->readings[chosen];
    const struct reading *b = &sentinel->readings[better];
    oracle_fail(sim, "S8",
                "%s promotes %s (history %" PRIu32 ", offset %" PRIu64
                ") though %s is better (%" PRIu32 ", %" PRIu64 ")",
                sentinel->process->name, sim->processes[chosen].name, a->replid,
                a->offset, sim->processes[better].name, b->replid, b->offset);
}

static void check_choice(struct sim *sim, const struct sentinel *sentinel,
                         const struct issued *issued, const struct group *group)
{
    uint32_t chosen =
        node_connection(sim, sentinel, issued->action.link)->server;
    const struct reading *reading = &sentinel->readings[chosen];
    const char *name = sim->processes[chosen].name;
    if (reading->epoch != issued->epoch || !reading->read) {
        oracle_fail(sim, "S8", "%s promotes %s without a fresh reading",
                    sentinel->process->name, name);
    } else if (!is_of_some_master(sim, reading)) {
        oracle_fail(sim, "S8", "%s promotes %s, whose history is foreign",
                    sentinel->process->name, name);
    }
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (i != chosen && !is_behind(sim, group) &&
            sim->processes[i].kind == PROCESS_REDIS &&
            was_eligible(sim, sentinel, group, i) &&
            is_better(sim, known_history(sim, sentinel, group),
                      &sentinel->readings[i], reading)) {
            complain_of_choice(sim, sentinel, chosen, i);
        }
    }
}

/* --- A promotion ---------------------------------------------------------- */

void oracle_check_promotion(struct sim *sim, struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group)
{
    sim->oracle.promotions++;
    check_choice(sim, sentinel, issued, group);
    if (issued->without_votes) {
        struct claim claim = {.group = oracle_group(sim, group->name),
                              .epoch = issued->epoch};
        (void)oracle_claim(&sim->oracle.exceptions, &claim);
        return;
    }
    check_only_leader(sim, sentinel, group, issued->epoch);
    check_nobody_else_promotes(sim, sentinel, group);
}
