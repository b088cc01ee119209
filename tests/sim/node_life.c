/* A simulated sentinel's life: started from what its fake disk remembers,
 * stopped, resumed, killed. */
#include "node.h"

#include <assert.h>
#include <stdio.h>

#include "names.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

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

/* What a store would load: self, groups, peers, nodes, voters. */
static struct record *load_rows(const struct disk *disk)
{
    static const enum record_kind order[] = {RECORD_SELF,   RECORD_GROUP,
                                             RECORD_PEER,   RECORD_NODE,
                                             RECORD_MEMBER, RECORD_REPORT};
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

static msec lease_of(const struct sim *sim, const struct sentinel *sentinel)
{
    return sim->unequal_leases
               ? sim->vote_lease_ms * (1 + sentinel->process->number % 3)
               : sim->vote_lease_ms;
}

void node_start(struct sim *sim, struct sentinel *sentinel)
{
    assert(sentinel->core == NULL);
    struct group_conf groups[MAX_SIM_GROUPS] = {0};
    declare_groups(sim, groups);
    struct core_conf conf = {.groups = groups,
                             .group_count = sim->group_count,
                             .settings = names_settings(sentinel),
                             .port = sentinel->process->address.port,
                             .vote_lease_ms = lease_of(sim, sentinel)};
    struct record *saved = load_rows(&sentinel->disk);
    transcript_note(sim, "start %s", sentinel->process->name);
    sentinel->lives++;
    sentinel->began_at = sim->now;
    sentinel->version = 0;
    sentinel->process->state = PROCESS_RUNNING;
    sentinel->core =
        core_new(&conf, sentinel->run_id, saved, sentinel->disk.durable.count,
                 sim_random(sim, UINT32_MAX), node_now(sim, sentinel));
    free(saved);
    node_settle(sim, sentinel);
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
    oracle_on_durable(sim, sentinel);
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
    sentinel->resumed_at = sim->now;
    sentinel->first_settle_after_pause = true;
    if (sentinel->saved_waits) {
        sentinel->saved_waits = false;
        node_on_saved(sim, sentinel);
    }
    if (sentinel->core != NULL) {
        sentinel->settle_due = false;
        node_want_settle(sim, sentinel);
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
    if (admin->type == ADMIN_REMOVE) {
        oracle_on_removed(sim, sentinel, admin->name);
    }
    node_record(sim, sentinel,
                &(struct core_event){.type = EV_ADMIN, .admin = &asked});
}
