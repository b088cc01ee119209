/* W1, W2, W3 and W5, judged at the end. The judge sees the truth: each server's
 * data, where each history began, and who was in whose reach. */
#include "oracle.h"

#include <assert.h>
#include <inttypes.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

/* What is being judged: a stretch of which the end is lost, and where the
 * way to the final data left its history. */
struct lost_span {
    const struct span *span;
    const struct writer *writer;
    uint64_t kept;          /* up to here it is there */
    uint32_t final;         /* the history of the final data */
    uint32_t branch;        /* the history that left it; 0 = none did */
    const struct fork *why; /* the promotion that began it, if any */
};

static const struct redis *final_master(const struct sim *sim, uint32_t group)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct process *process = &sim->processes[i];
        if (process->kind != PROCESS_SENTINEL ||
            process->state != PROCESS_RUNNING) {
            continue;
        }
        const struct group *found = model_find_group(
            core_model(process->sentinel->core), sim->groups[group].name);
        if (found != NULL) {
            return sim
                ->processes[sim_process_at(sim, model_current_address(found))]
                .redis;
        }
    }
    return NULL;
}

static bool is_ancestor(const struct sim *sim, uint32_t history, uint32_t of)
{
    while (of != 0 && of != history) {
        of = sim->histories[of].parent;
    }
    return of != 0;
}

/* The first history on the way to `final` that the stretch's is not part of;
 * 0 = it is part of all of it. */
static uint32_t find_branch(const struct sim *sim, uint32_t history,
                            uint32_t final)
{
    uint32_t branch = 0;
    while (final != 0 && !is_ancestor(sim, final, history)) {
        branch = final;
        final = sim->histories[final].parent;
    }
    return branch;
}

/* The order of a planned switchover was obeyed when the old master was master
 * again: it had got its role back from a leader who gave up, or it had crashed
 * and was restarted. That ended the switchover, and nobody follows a server for
 * an order that it obeys so late. */
static bool was_undone(const struct sim *sim, const struct fork *fork)
{
    const struct promotion_order *order = &fork->order;
    uint32_t before = order->data[order->old_master].history;
    uint32_t since = fork->data[order->old_master].history;
    return order->planned && since != before && is_ancestor(sim, before, since);
}

/* The first promotion on the way from there to `final`: one that was undone
 * only if there is no other. A server that had been restarted as a master
 * begins a history too, but nobody follows it for that. */
static const struct fork *find_reason(const struct sim *sim, uint32_t branch,
                                      uint32_t final)
{
    const struct fork *first = NULL;
    while (branch != 0 && final != sim->histories[branch].parent) {
        const struct fork *fork = oracle_find_fork(sim, final);
        if (fork != NULL && (first == NULL || !was_undone(sim, fork))) {
            first = fork;
        }
        final = sim->histories[final].parent;
    }
    return first;
}

/* How far this data set has what is in the stretch. */
static uint64_t covered(const struct sim *sim, struct position data,
                        const struct span *span)
{
    uint64_t shared;
    if (data.history == 0 || !sim_shared_offset(sim, data.history, data.offset,
                                                span->history, &shared)) {
        return 0;
    }
    return shared;
}

/* How far the best of these servers had it when the order was given; it may
 * have been a long time on its way. */
static uint64_t best_rival(const struct sim *sim, const struct lost_span *lost,
                           uint32_t rivals)
{
    uint64_t best = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        uint64_t has = (rivals >> i & 1) != 0
                           ? covered(sim, lost->why->order.data[i], lost->span)
                           : 0;
        best = has > best ? has : best;
    }
    return best;
}

static void complain(struct sim *sim, const struct lost_span *lost,
                     const char *rule, const char *what)
{
    const struct span *span = lost->span;
    const struct fork *why = lost->why;
    oracle_fail(
        sim, rule,
        "%s lost what %s acknowledged to it from %" PRIu64 " ms on (history "
        "%" PRIu32 ", %" PRIu64 " to %" PRIu64 "; %" PRIu64 " are left): %s; "
        "history %" PRIu32 " began at %" PRIu64 " ms, led by %s",
        lost->writer->name, sim->processes[span->server].name,
        span->at - sim->transcript.zero, span->history, span->from, span->to,
        lost->kept, what, lost->branch,
        why == NULL ? 0 : why->at - sim->transcript.zero,
        why == NULL ? "nobody" : sim->processes[why->order.leader].name);
}

static enum loss judge_before(struct sim *sim, const struct lost_span *lost)
{
    const struct promotion_order *order = &lost->why->order;
    if (order->planned) {
        struct position old = lost->why->data[order->old_master];
        if (covered(sim, old, lost->span) <= lost->kept) {
            return LOSS_UNKNOWN_MASTER;
        }
        if (lost->why->held ||
            sim->processes[order->old_master].state == PROCESS_RUNNING) {
            complain(sim, lost, "W1", "a planned switchover lost it");
        }
        return LOSS_REPLICA;
    }
    if (order->without_votes) {
        return LOSS_FORCED; /* nobody told the leader what others know */
    }
    if (best_rival(sim, lost, order->rivals) > lost->kept) {
        complain(sim, lost, "W3", "another server had it");
    }
    if (best_rival(sim, lost, order->worse) > lost->kept) {
        return LOSS_PRIORITY;
    }
    if (order->forced || !lost->span->is_deserted) {
        return order->forced ? LOSS_FORCED : LOSS_REPLICA;
    }
    if (oracle_is_owed(sim, OWED_CHARGED)) {
        complain(sim, lost, "charged", "supervisors kept a replica away");
    }
    return LOSS_DETACHED;
}

/* Servers of other makes are not detached: what that costs is said to the
 * operator when they are met. */
static bool is_of_redis(const struct sim *sim, const struct lost_span *lost)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        if (redis != NULL && redis->group == lost->writer->group &&
            redis->engine != ENGINE_REDIS) {
            return false;
        }
    }
    return true;
}

/* In a history of its own since then, the old master had been given its role
 * back: the switchover was undone, and who was promoted later is to blame. */
static enum loss judge_after(struct sim *sim, const struct lost_span *lost)
{
    const struct fork *why = lost->why;
    if (why->order.planned && lost->span->server == why->order.old_master &&
        is_of_redis(sim, lost) &&
        lost->span->history == why->data[why->order.old_master].history &&
        lost->span->in_reach_since <= why->at) {
        complain(sim, lost, "W1", "the old master had gone on");
    }
    return LOSS_OLD_MASTER;
}

/* No promotion led away from the stretch: its own was undone. */
static enum loss judge_undone(struct sim *sim, const struct lost_span *lost)
{
    if (lost->branch != 0) {
        complain(sim, lost, "W5", "a server took over that nobody promoted");
    } else if (oracle_find_fork(sim, lost->span->history) == NULL) {
        complain(sim, lost, "W5", "nothing has happened");
    }
    return LOSS_UNKNOWN_MASTER;
}

/* On the way to the final data a master was started with an older file, from
 * which no more of the stretch is left than there is in the end. */
static bool is_lost_by_file(const struct sim *sim, const struct lost_span *lost)
{
    uint32_t history = lost->final;
    while (history != 0 && !is_ancestor(sim, history, lost->span->history)) {
        const struct branch *branch = &sim->histories[history];
        if (branch->is_old && branch->forked_at <= lost->kept) {
            return true;
        }
        history = branch->parent;
    }
    return false;
}

static enum loss judge_reason(struct sim *sim, const struct lost_span *lost)
{
    if (sim->histories[lost->branch].parent == 0 && lost->branch != 0) {
        if (!sim->oracle.emptied[lost->writer->group]) {
            complain(sim, lost, "W5", "other data took its place");
        }
        return LOSS_EMPTY;
    }
    if (is_lost_by_file(sim, lost)) {
        return LOSS_OLD_FILE;
    }
    if (lost->why == NULL) {
        return judge_undone(sim, lost);
    }
    return lost->span->at < lost->why->at ? judge_before(sim, lost)
                                          : judge_after(sim, lost);
}

/* An order that went on without votes is as good as what one sentinel knows,
 * for what is lost by it and for what its own master confirmed; and see
 * look_after_leaders. */
static bool is_excused(const struct sim *sim, const struct lost_span *lost)
{
    const struct fork *why = lost->why;
    const struct fork *begun = oracle_find_fork(sim, lost->span->history);
    return (begun != NULL && begun->order.without_votes) ||
           (why != NULL && (why->order.without_votes ||
                            (why->leader_died && lost->span->at >= why->at)));
}

static void judge(struct sim *sim, const struct lost_span *lost)
{
    const struct span *span = lost->span;
    const struct writer *writer = lost->writer;
    uint32_t durability = sim->groups[writer->group].settings.durability;
    if (durability > 0 && writer->wait_for >= durability &&
        is_of_redis(sim, lost) && !is_excused(sim, lost) &&
        !sim->oracle.emptied[writer->group]) {
        complain(sim, lost, "W2", "WAIT had confirmed it");
    }
    enum loss loss = judge_reason(sim, lost);
    uint64_t from = lost->kept > span->from ? lost->kept : span->from;
    sim->oracle.counts[span->writer].lost[loss] += span->to - from;
}

static void look_up(struct sim *sim, const struct span *span)
{
    const struct writer *writer = &sim->writers.items[span->writer];
    const struct redis *master = final_master(sim, writer->group);
    sim->oracle.counts[span->writer].acknowledged += span->to - span->from;
    if (master == NULL) {
        return; /* an operator removed the group everywhere */
    }
    struct position data = {master->replid, master->offset};
    struct lost_span lost = {
        .span = span, .writer = writer, .kept = covered(sim, data, span)};
    if (lost.kept >= span->to) {
        return;
    }
    lost.final = data.history;
    lost.branch = find_branch(sim, span->history, data.history);
    lost.why = find_reason(sim, lost.branch, data.history);
    judge(sim, &lost);
}

void oracle_judge_writes(struct sim *sim)
{
    memset(sim->oracle.counts, 0, sizeof sim->oracle.counts);
    for (size_t i = 0; i < sim->ledger.count; i++) {
        look_up(sim, &sim->ledger.items[i]);
    }
}

void oracle_count_writes(const struct sim *sim, uint32_t writer,
                         struct write_count *count)
{
    for (uint32_t i = 0; i < sim->writers.count; i++) {
        if (writer != MAX_WRITERS && writer != i) {
            continue;
        }
        const struct write_count *own = &sim->oracle.counts[i];
        count->acknowledged += own->acknowledged;
        for (size_t loss = 0; loss < LOSS_COUNT; loss++) {
            count->lost[loss] += own->lost[loss];
        }
    }
}

const char *oracle_loss_name(enum loss loss)
{
    switch (loss) {
    case LOSS_NONE:
        return "none";
    case LOSS_EMPTY:
        return "with a server that came back empty";
    case LOSS_REPLICA:
        return "that no replica had";
    case LOSS_PRIORITY:
        return "for the sake of a priority";
    case LOSS_FORCED:
        return "by force";
    case LOSS_OLD_MASTER:
        return "taken by an old master";
    case LOSS_UNKNOWN_MASTER:
        return "taken by a master that nobody knew";
    case LOSS_OLD_FILE:
        return "with an older file";
    case LOSS_DETACHED:
        return "that no replica had because supervisors kept it away";
    }
    assert(false);
    return "";
}
