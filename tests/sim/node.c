/* A simulated sentinel's caller: its duties as core.h lists them. Batches of
 * facts, a settle after each and at every deadline, actions performed or held
 * until their records are durable.
 *
 * Facts that arrive within one millisecond are one batch, as when a runtime
 * finds several sockets readable. */
#include "node.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum { MAX_SETTLES_PER_MS = 300, MAX_ROUNDS = 50 };

msec node_now(const struct sim *sim, const struct sentinel *sentinel)
{
    return sim->now + sentinel->clock_offset;
}

void node_schedule(struct sim *sim, const struct sentinel *sentinel,
                   enum sim_event_kind kind, msec at)
{
    queue_push(&sim->queue,
               (struct sim_event){.at = at,
                                  .kind = kind,
                                  .subject = sentinel->process->number,
                                  .generation = sentinel->lives});
}

static bool is_running(const struct sentinel *sentinel)
{
    return sentinel->process->state == PROCESS_RUNNING;
}

/* --- Facts and settles ---------------------------------------------------- */

void node_want_settle(struct sim *sim, struct sentinel *sentinel)
{
    if (!sentinel->settle_due) {
        sentinel->settle_due = true;
        node_schedule(sim, sentinel, SIM_NODE_SETTLE, sim->now);
    }
}

void node_record(struct sim *sim, struct sentinel *sentinel,
                 const struct core_event *event)
{
    if (sentinel->performing) {
        struct fact *fact = xmalloc(sizeof *fact);
        event_copy(&fact->event, event);
        STAILQ_INSERT_TAIL(&sentinel->facts, fact, entry);
        return;
    }
    core_record(sentinel->core, node_now(sim, sentinel), event);
    node_want_settle(sim, sentinel);
}

/* True when there were any. */
bool node_record_queued(struct sim *sim, struct sentinel *sentinel)
{
    bool any = false;
    struct fact *fact;
    while ((fact = STAILQ_FIRST(&sentinel->facts)) != NULL) {
        STAILQ_REMOVE_HEAD(&sentinel->facts, entry);
        core_record(sentinel->core, node_now(sim, sentinel), &fact->event);
        free(fact);
        any = true;
    }
    return any;
}

static void note_failover(const struct sentinel *sentinel,
                          struct issued *issued)
{
    if (issued->action.group == 0) {
        return;
    }
    const struct group *group = model_find_group_by_id(
        core_model(sentinel->core), issued->action.group);
    if (group != NULL) {
        issued->epoch = group->failover.epoch;
        issued->config_epoch = group->config_epoch;
        issued->without_votes = group->failover.without_votes;
        issued->undecided = group->failover.state != FAILOVER_NONE &&
                            group->failover.state != FAILOVER_RECONF;
        issued->planned = group->failover.purpose == PURPOSE_PLANNED;
    }
}

/* An answer is about the group that the question was about. */
static void note_answer(struct sentinel *sentinel, struct issued *issued)
{
    const struct question *question =
        node_question(sentinel, issued->action.answer.client);
    if (question != NULL) {
        issued->action.group = question->own_group;
    }
    sentinel->unanswered--;
}

/* Who was chosen once is not chosen again in this failover, whatever became
 * of the command. */
static void note_candidate(struct sim *sim, struct sentinel *sentinel,
                           const struct core_action *action)
{
    const struct connection *connection =
        node_connection(sim, sentinel, action->link);
    if (connection != NULL && action->replicaof.master.host[0] == '\0') {
        sentinel->readings[connection->server].tried = true;
    }
}

static void hold(struct sentinel *sentinel, const struct issued *issued)
{
    struct issued *held = xmalloc(sizeof *held);
    memcpy(held, issued, offsetof(struct issued, action));
    action_copy(&held->action, &issued->action);
    STAILQ_INSERT_TAIL(&sentinel->held, held, entry);
}

static void issue(struct sim *sim, struct sentinel *sentinel,
                  const struct core_action *action)
{
    struct issued issued;
    memset(&issued, 0, offsetof(struct issued, action));
    action_copy(&issued.action, action);
    issued.version = sentinel->version;
    if (action->link < sentinel->link_count) {
        issued.connection = sentinel->links[action->link].serial;
    }
    if (action->type == ACT_ANSWER && action->answer.is_opinion) {
        note_answer(sentinel, &issued);
    }
    if (action->type == ACT_REPLICAOF) {
        note_candidate(sim, sentinel, action);
    }
    note_failover(sentinel, &issued);
    if (core_action_waits(action->type) &&
        issued.version > sentinel->disk.durable_version) {
        hold(sentinel, &issued);
        return;
    }
    node_perform(sim, sentinel, &issued);
}

static void settle_once(struct sim *sim, struct sentinel *sentinel)
{
    struct core_output output;
    core_settle(sentinel->core, node_now(sim, sentinel), &output);
    oracle_on_settle(sim, sentinel, &output);
    if (output.save_version != 0) {
        sentinel->version = output.save_version;
        disk_submit(&sentinel->disk, output.records, output.record_count,
                    output.save_version);
        node_start_save(sim, sentinel);
    }
    sentinel->performing = true;
    for (size_t i = 0; i < output.count; i++) {
        issue(sim, sentinel, &output.actions[i]);
    }
    sentinel->performing = false;
    sentinel->first_settle_after_pause = false;
    sentinel->missed_at = NEVER;
    if (sentinel->unanswered != 0) {
        oracle_fail(sim, "S7", "%s left a peer's question unanswered",
                    sentinel->process->name);
    }
}

static void arm_timer(struct sim *sim, struct sentinel *sentinel)
{
    msec deadline = core_deadline(sentinel->core);
    if (deadline == NEVER) {
        return;
    }
    msec at = deadline > node_now(sim, sentinel)
                  ? deadline - sentinel->clock_offset
                  : sim->now;
    if (at < sentinel->tick_at) {
        sentinel->tick_at = at;
        node_schedule(sim, sentinel, SIM_NODE_TICK, at);
    }
}

/* A core that asks to be settled again and again at the same moment would
 * keep a processor busy for nothing. */
static void watch_spinning(struct sim *sim, struct sentinel *sentinel)
{
    if (sentinel->busy_at != sim->now) {
        sentinel->busy_at = sim->now;
        sentinel->busy_settles = 0;
    }
    if (++sentinel->busy_settles > MAX_SETTLES_PER_MS) {
        oracle_fail(sim, "S7", "%s spins: %" PRIu32 " settles in a moment",
                    sentinel->process->name, sentinel->busy_settles);
    }
}

void node_settle(struct sim *sim, struct sentinel *sentinel)
{
    uint32_t rounds = 0;
    do {
        settle_once(sim, sentinel);
        watch_spinning(sim, sentinel);
    } while (node_record_queued(sim, sentinel) && ++rounds < MAX_ROUNDS);
    if (sentinel->crashing) {
        sentinel->crashing = false;
        sim_kill(sim, sentinel->process);
        return;
    }
    arm_timer(sim, sentinel);
}

/* --- Events --------------------------------------------------------------- */

static void on_tick(struct sim *sim, struct sentinel *sentinel, msec at)
{
    if (at != sentinel->tick_at) {
        return; /* an earlier one was wanted since */
    }
    sentinel->tick_at = NEVER;
    if (!is_running(sentinel)) {
        sentinel->missed_at =
            at < sentinel->missed_at ? at : sentinel->missed_at;
    } else if (!sentinel->settle_due) {
        node_settle(sim, sentinel);
    }
}

void node_on_event(struct sim *sim, const struct sim_event *event)
{
    struct sentinel *sentinel = sim->processes[event->subject].sentinel;
    if (event->generation != sentinel->lives || sentinel->core == NULL) {
        return;
    }
    if (event->kind == SIM_NODE_TICK) {
        on_tick(sim, sentinel, event->at);
    } else if (event->kind == SIM_DISK_DONE) {
        if (is_running(sentinel)) {
            node_on_saved(sim, sentinel);
        } else {
            sentinel->saved_waits = true;
        }
    } else if (event->kind == SIM_DISK_RETRY) {
        sentinel->disk.retrying = false;
        node_start_save(sim, sentinel);
    } else if (is_running(sentinel) && sentinel->settle_due) {
        sentinel->settle_due = false;
        node_settle(sim, sentinel);
    }
}
