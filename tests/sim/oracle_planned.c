/* Planned switchovers, which lose nothing: nobody is promoted before the old
 * master has let go and the chosen one has all that it had; and as long as the
 * old master takes writes - because it has got its role back, say - nobody is
 * told of another that was meant to follow it. The judge looks at the servers
 * themselves, not at what a core believes of them. */
#include <inttypes.h>

#include "oracle.h"
#include "sentineld/model.h"
#include "sim.h"

static const struct redis *chosen_by(struct sim *sim,
                                     const struct sentinel *sentinel,
                                     const struct issued *issued)
{
    uint32_t server =
        node_connection(sim, sentinel, issued->action.link)->server;
    return sim->processes[server].redis;
}

static const struct redis *master_of(const struct sim *sim,
                                     const struct group *group)
{
    return sim->processes[sim_process_at(sim, &group->master->instance.address)]
        .redis;
}

/* To whom it believes to be the master, and not because it was elected to
 * choose among all. */
bool oracle_is_given_back(struct sim *sim, const struct sentinel *sentinel,
                          const struct issued *issued,
                          const struct group *group)
{
    const struct failover *failover = &group->failover;
    bool chooses = failover->state == FAILOVER_PROMOTE &&
                   failover->purpose != PURPOSE_PLANNED;
    return !chooses &&
           chosen_by(sim, sentinel, issued) == master_of(sim, group);
}

bool oracle_check_given_back(struct sim *sim, const struct sentinel *sentinel,
                             const struct issued *issued)
{
    const struct redis *master = chosen_by(sim, sentinel, issued);
    const struct reading *taken = &sentinel->readings[master->process->number];
    if (taken->epoch != issued->epoch) {
        oracle_fail(sim, "planned", "%s gives back to %s what it did not take",
                    sentinel->process->name, master->process->name);
    }
    return taken->without_votes;
}

void oracle_check_planned(struct sim *sim, const struct sentinel *sentinel,
                          const struct issued *issued,
                          const struct group *group)
{
    const struct redis *target = chosen_by(sim, sentinel, issued);
    const struct redis *old = master_of(sim, group);
    const char *name = sentinel->process->name;
    if (old->engine != ENGINE_REDIS) {
        return; /* of another make: it is only paused */
    }
    if (old->is_master && old->process->state != PROCESS_DEAD) {
        oracle_fail(sim, "planned",
                    "%s promotes %s, though %s is still a master", name,
                    target->process->name, old->process->name);
    } else if (target->offset < old->offset) {
        oracle_fail(sim, "planned",
                    "%s promotes %s at %" PRIu64 ", though %s has %" PRIu64,
                    name, target->process->name, target->offset,
                    old->process->name, old->offset);
    }
    /* An order that went on without votes is not known to a majority, which
     * may take the same epoch for the old master. */
    sim->oracle.handovers[oracle_group(sim, group->name)] =
        (struct handed_over){.epoch = issued->without_votes ? 0 : issued->epoch,
                             .target = target->process->number,
                             .old = old->process->number,
                             .lives = old->lives};
}

/* A promotion in another epoch, by anybody, ends what this one was about; so
 * does a restart of the old master, which is a crash like any other. */
void oracle_check_told(struct sim *sim, const struct sentinel *sentinel,
                       const char *group, uint64_t epoch,
                       const struct address *master)
{
    uint32_t number = oracle_group(sim, group);
    const struct handed_over *over = &sim->oracle.handovers[number];
    const struct redis *old = sim->processes[over->old].redis;
    bool is_about_it = epoch == over->epoch && over->epoch != 0 &&
                       sim->oracle.promoted_epoch[number] == epoch &&
                       sim_process_at(sim, master) == over->target;
    if (is_about_it && old->lives == over->lives && old->is_master &&
        redis_is_running(old) && sim->now >= old->paused_until) {
        oracle_fail(sim, "planned",
                    "%s tells of epoch %" PRIu64 " while %s takes writes",
                    sentinel->process->name, epoch, old->process->name);
    }
}
