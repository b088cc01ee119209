/* A sentinel's saves: what waits for them is performed when they succeed and
 * refused when they fail; a failed one is tried again with the next batch, and
 * at the latest a second later. */
#include "node.h"

#include "sentineld/memory.h"
#include "sim.h"

enum { SAVE_RETRY_MS = 1000 };

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
    node_schedule(sim, sentinel, SIM_DISK_DONE, sim->now + takes);
}

/* For a connection that has ended since: the core was told of the end, and
 * may have sent another, which this one must not be taken for. */
static bool is_void(const struct sentinel *sentinel,
                    const struct issued *issued)
{
    object_id link = issued->action.link;
    return link != 0 && (link >= sentinel->link_count ||
                         sentinel->links[link].serial != issued->connection);
}

static void end_held(struct sim *sim, struct sentinel *sentinel,
                     uint64_t version, bool durable)
{
    struct issued *issued;
    sentinel->performing = true;
    while ((issued = STAILQ_FIRST(&sentinel->held)) != NULL &&
           issued->version <= version) {
        STAILQ_REMOVE_HEAD(&sentinel->held, entry);
        if (is_void(sentinel, issued)) {
            free(issued);
            continue;
        }
        if (durable) {
            node_perform(sim, sentinel, issued);
        } else {
            node_refuse(sim, sentinel, issued);
        }
        free(issued);
    }
    sentinel->performing = false;
    (void)node_record_queued(sim, sentinel);
}

static void on_save_failed(struct sim *sim, struct sentinel *sentinel)
{
    disk_end(&sentinel->disk, false);
    node_record(sim, sentinel, &(struct core_event){.type = EV_SAVE_FAILED});
    end_held(sim, sentinel, sentinel->version, false);
    if (!sentinel->disk.retrying) {
        sentinel->disk.retrying = true;
        node_schedule(sim, sentinel, SIM_DISK_RETRY, sim->now + SAVE_RETRY_MS);
    }
}

static void on_save_done(struct sim *sim, struct sentinel *sentinel)
{
    disk_end(&sentinel->disk, true);
    oracle_on_durable(sim, sentinel);
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
    oracle_on_durable(sim, sentinel);
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
    node_want_settle(sim, sentinel);
}
