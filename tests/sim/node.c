/* A simulated sentinel's life: started from what its fake disk remembers,
 * stopped, resumed, killed. In between the caller's duties, as core.h lists
 * them: batches of facts, a settle after each and at every deadline, waiting
 * actions held until their records are durable and refused when a save
 * fails.
 *
 * Facts that arrive within one millisecond are one batch, as when a shell
 * finds several sockets readable. */
#include "node.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

enum { SAVE_RETRY_MS = 1000, MAX_SETTLES_PER_MS = 300, MAX_ROUNDS = 50 };

msec node_now(const struct sim *sim, const struct sentinel *sentinel)
{
    return sim->now + sentinel->clock_offset;
}

static void schedule(struct sim *sim, const struct sentinel *sentinel,
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

static void want_settle(struct sim *sim, struct sentinel *sentinel)
{
    if (!sentinel->settle_due) {
        sentinel->settle_due = true;
        schedule(sim, sentinel, SIM_NODE_SETTLE, sim->now);
    }
}

void node_record(struct sim *sim, struct sentinel *sentinel,
                 const struct core_event *event)
{
    if (sentinel->performing) {
        struct fact *fact = xmalloc(sizeof *fact);
        fact->event = *event;
        STAILQ_INSERT_TAIL(&sentinel->facts, fact, entry);
        return;
    }
    core_record(sentinel->core, node_now(sim, sentinel), event);
    want_settle(sim, sentinel);
}

/* True when there were any. */
static bool record_queued(struct sim *sim, struct sentinel *sentinel)
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
    const struct group *group = model_find_group_by_id(
        core_model(sentinel->core), issued->action.group);
    if (group != NULL) {
        issued->epoch = group->failover.epoch;
        issued->config_epoch = group->config_epoch;
        issued->without_votes = group->failover.without_votes;
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

static void issue(struct sim *sim, struct sentinel *sentinel,
                  const struct core_action *action)
{
    struct issued *issued = xcalloc(1, sizeof *issued);
    issued->action = *action;
    issued->version = sentinel->version;
    if (action->link < sentinel->link_count) {
        issued->connection = sentinel->links[action->link].serial;
    }
    if (action->type == ACT_ANSWER && action->answer.is_opinion) {
        note_answer(sentinel, issued);
    }
    if (action->type == ACT_REPLICAOF) {
        note_candidate(sim, sentinel, action);
    }
    note_failover(sentinel, issued);
    if (core_action_waits(action->type) &&
        issued->version > sentinel->disk.durable_version) {
        STAILQ_INSERT_TAIL(&sentinel->held, issued, entry);
        return;
    }
    node_perform(sim, sentinel, issued);
    free(issued);
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
        schedule(sim, sentinel, SIM_NODE_TICK, at);
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

static void settle(struct sim *sim, struct sentinel *sentinel)
{
    uint32_t rounds = 0;
    do {
        settle_once(sim, sentinel);
        watch_spinning(sim, sentinel);
    } while (record_queued(sim, sentinel) && ++rounds < MAX_ROUNDS);
    arm_timer(sim, sentinel);
}

/* --- The disk ------------------------------------------------------------- */

void node_start_save(struct sim *sim, struct sentinel *sentinel)
{
    struct disk *disk = &sentinel->disk;
    if (disk->busy || disk->waiting.count == 0) {
        return;
    }
    disk_begin(disk);
    msec takes = disk->save_ms != 0
                     ? disk->save_ms
                     : 1 + sim_random(sim, (uint32_t)sim->save_max_ms);
    schedule(sim, sentinel, SIM_DISK_DONE, sim->now + takes);
}

static void end_held(struct sim *sim, struct sentinel *sentinel,
                     uint64_t version, bool durable)
{
    struct issued *issued;
    sentinel->performing = true;
    while ((issued = STAILQ_FIRST(&sentinel->held)) != NULL &&
           issued->version <= version) {
        STAILQ_REMOVE_HEAD(&sentinel->held, entry);
        if (durable) {
            node_perform(sim, sentinel, issued);
        } else {
            node_refuse(sim, sentinel, issued);
        }
        free(issued);
    }
    sentinel->performing = false;
    (void)record_queued(sim, sentinel);
}

static void on_save_failed(struct sim *sim, struct sentinel *sentinel)
{
    disk_end(&sentinel->disk, false);
    end_held(sim, sentinel, sentinel->version, false);
    if (!sentinel->disk.retrying) {
        sentinel->disk.retrying = true;
        schedule(sim, sentinel, SIM_DISK_RETRY, sim->now + SAVE_RETRY_MS);
    }
}

static void on_save_done(struct sim *sim, struct sentinel *sentinel)
{
    disk_end(&sentinel->disk, true);
    node_record(
        sim, sentinel,
        &(struct core_event){.type = EV_SAVED,
                             .saved_version = sentinel->disk.durable_version});
    end_held(sim, sentinel, sentinel->disk.durable_version, true);
    node_start_save(sim, sentinel);
}

static bool fell_into_trap(struct sim *sim, struct sentinel *sentinel)
{
    if (sentinel->trap == TRAP_NONE) {
        return false;
    }
    disk_end(&sentinel->disk, sentinel->trap == TRAP_AFTER_SAVE);
    sentinel->trap = TRAP_NONE;
    sim_kill(sim, sentinel->process);
    return true;
}

void node_on_saved(struct sim *sim, struct sentinel *sentinel)
{
    if (fell_into_trap(sim, sentinel)) {
        return;
    }
    if (sentinel->disk.failing) {
        on_save_failed(sim, sentinel);
    } else {
        on_save_done(sim, sentinel);
    }
    want_settle(sim, sentinel);
}

/* --- Life ----------------------------------------------------------------- */

struct sentinel *node_new(struct sim *sim, struct process *process)
{
    struct sentinel *sentinel = xcalloc(1, sizeof *sentinel);
    sentinel->process = process;
    process->sentinel = sentinel;
    process->state = PROCESS_DEAD;
    (void)snprintf(sentinel->run_id, sizeof sentinel->run_id, "%08x%032u",
                   sim_random(sim, UINT32_MAX), process->number);
    sentinel->clock_offset = sim_random(sim, 1000000);
    STAILQ_INIT(&sentinel->held);
    STAILQ_INIT(&sentinel->facts);
    sentinel->tick_at = NEVER;
    sentinel->missed_at = NEVER;
    return sentinel;
}

/* What a store would load: self, groups, peers, nodes, members. */
static struct record *load_rows(const struct disk *disk)
{
    static const enum record_kind order[] = {
        RECORD_SELF, RECORD_GROUP, RECORD_PEER, RECORD_NODE, RECORD_MEMBER};
    const struct rows *rows = &disk->durable;
    struct record *loaded = xcalloc(rows->count, sizeof *loaded);
    size_t count = 0;
    for (size_t kind = 0; kind < sizeof order / sizeof *order; kind++) {
        for (size_t i = 0; i < rows->count; i++) {
            if (rows->items[i].kind == order[kind]) {
                loaded[count++] = rows->items[i];
            }
        }
    }
    return loaded;
}

static void declare_groups(const struct sim *sim, struct group_conf *groups)
{
    for (uint32_t i = 0; i < sim->group_count; i++) {
        const struct sim_group *group = &sim->groups[i];
        copy_text(groups[i].name, NAME_SIZE, group->name);
        groups[i].master = sim->processes[group->first_master].address;
        groups[i].settings = group->settings;
    }
}

void node_start(struct sim *sim, struct sentinel *sentinel)
{
    assert(sentinel->core == NULL);
    struct group_conf groups[MAX_SIM_GROUPS] = {0};
    declare_groups(sim, groups);
    struct core_conf conf = {.groups = groups,
                             .group_count = sim->group_count,
                             .port = sentinel->process->address.port,
                             .vote_lease_ms = sim->vote_lease_ms};
    struct record *saved = load_rows(&sentinel->disk);
    transcript_note(sim, "start %s", sentinel->process->name);
    sentinel->lives++;
    sentinel->version = 0;
    sentinel->process->state = PROCESS_RUNNING;
    sentinel->core =
        core_new(&conf, sentinel->run_id, saved, sentinel->disk.durable.count,
                 sim_random(sim, UINT32_MAX), node_now(sim, sentinel));
    free(saved);
    settle(sim, sentinel);
}

static void drop_facts_and_held(struct sentinel *sentinel)
{
    struct issued *issued;
    while ((issued = STAILQ_FIRST(&sentinel->held)) != NULL) {
        STAILQ_REMOVE_HEAD(&sentinel->held, entry);
        free(issued);
    }
    struct fact *fact;
    while ((fact = STAILQ_FIRST(&sentinel->facts)) != NULL) {
        STAILQ_REMOVE_HEAD(&sentinel->facts, entry);
        free(fact);
    }
}

/* All that is left of a process that died: its disk and its identity. */
void node_on_death(struct sim *sim, struct sentinel *sentinel)
{
    core_free(sentinel->core);
    sentinel->core = NULL;
    sentinel->lives++;
    disk_on_death(&sentinel->disk, sim_chance(sim, 50));
    drop_facts_and_held(sentinel);
    free(sentinel->links);
    sentinel->links = NULL;
    sentinel->link_count = 0;
    memset(sentinel->questions, 0, sizeof sentinel->questions);
    memset(sentinel->readings, 0, sizeof sentinel->readings);
    sentinel->unanswered = 0;
    sentinel->settle_due = false;
    sentinel->saved_waits = false;
    sentinel->tick_at = NEVER;
}

void node_on_resume(struct sim *sim, struct sentinel *sentinel)
{
    sentinel->first_settle_after_pause = true;
    if (sentinel->saved_waits) {
        sentinel->saved_waits = false;
        node_on_saved(sim, sentinel);
    }
    if (sentinel->core != NULL) {
        sentinel->settle_due = false;
        want_settle(sim, sentinel);
    }
}

void node_free(struct sentinel *sentinel)
{
    if (sentinel->core != NULL) {
        core_free(sentinel->core);
    }
    drop_facts_and_held(sentinel);
    disk_free(&sentinel->disk);
    free(sentinel->links);
    free(sentinel);
}

void node_admin(struct sim *sim, struct sentinel *sentinel,
                const struct admin *admin)
{
    struct admin asked = *admin;
    asked.client = ++sentinel->last_client;
    node_record(sim, sentinel,
                &(struct core_event){.type = EV_ADMIN, .admin = &asked});
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
        settle(sim, sentinel);
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
        settle(sim, sentinel);
    }
}
