/* told: what a sentinel shows as the configuration of a group - in a hello, to
 * clients, by what a server is told to follow - a majority's disks have had
 * before, be it as accepted or as told. The judge notes what each disk has
 * ever held; what a core believes of the others' disks is nothing to it.
 * And a leader promotes nobody else while such a server is there, and master,
 * as that leader has read since it stood.
 *
 * Excepted are epochs that a forced failover took without votes, and what
 * operators wrote into configuration files. */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

/* A server under its name and its ip is one. */
static void write_server(const struct sim *sim, const struct address *address,
                         struct claim *claim)
{
    uint32_t number = sim_process_at(sim, address);
    const struct address *known =
        number != 0 ? &sim->processes[number].address : address;
    (void)snprintf(claim->value, sizeof claim->value, "%.40s:%u", known->host,
                   known->port);
}

static void note(struct sim *sim, const struct sentinel *sentinel,
                 const char *group, uint64_t epoch,
                 const struct address *master)
{
    struct claim claim = {.subject = sentinel->process->number,
                          .group = oracle_group(sim, group),
                          .epoch = epoch,
                          .at = sim->now};
    if (epoch != 0) {
        write_server(sim, master, &claim);
        (void)oracle_claim(&sim->oracle.kept, &claim);
    }
}

void oracle_on_durable(struct sim *sim, const struct sentinel *sentinel)
{
    const struct rows *rows = &sentinel->disk.durable;
    for (size_t i = 0; i < rows->count; i++) {
        const struct record_group *row = &rows->items[i].group;
        if (rows->items[i].kind == RECORD_GROUP) {
            note(sim, sentinel, row->name, row->config_epoch, &row->master);
            note(sim, sentinel, row->name, row->accepted.epoch,
                 &row->accepted.master);
        }
    }
}

static uint32_t count_sentinels(const struct sim *sim)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        count += sim->processes[i].kind == PROCESS_SENTINEL;
    }
    return count;
}

void oracle_check_committed(struct sim *sim, const struct sentinel *sentinel,
                            const char *group, uint64_t epoch,
                            const struct address *master)
{
    struct claim claim = {.group = oracle_group(sim, group), .epoch = epoch};
    if (epoch == 0 || oracle_is_excepted(sim, claim.group, epoch)) {
        return;
    }
    write_server(sim, master, &claim);
    size_t keeping = oracle_count(&sim->oracle.kept, &claim);
    uint32_t needed = count_sentinels(sim) / 2 + 1;
    if (keeping < needed) {
        oracle_fail(sim, "told",
                    "%s tells %s as master of %s in epoch %" PRIu64
                    ", which %zu of %" PRIu32 " disks have had",
                    sentinel->process->name, claim.value, group, epoch, keeping,
                    needed);
    }
}

static const struct node *node_of(const struct sim *sim,
                                  const struct group *group,
                                  const struct claim *claim)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        struct claim here;
        write_server(sim, &node->instance.address, &here);
        if (strcmp(here.value, claim->value) == 0) {
            return node;
        }
    }
    return NULL;
}

static bool is_there(const struct group *group, const struct node *node)
{
    const struct link *link = &node->instance.command;
    return link->state == LINK_UP && node->report.at != NEVER &&
           node->report.at >= group->failover.started_at &&
           node->report.role == ROLE_MASTER &&
           node->foreign.kind == QUARANTINE_NONE;
}

/* Somebody's disk had it before. */
static bool was_kept_before(const struct claims *kept, size_t index)
{
    const struct claim *claim = &kept->items[index];
    for (size_t i = 0; i < index; i++) {
        const struct claim *other = &kept->items[i];
        if (other->group == claim->group && other->epoch == claim->epoch &&
            strcmp(other->value, claim->value) == 0) {
            return true;
        }
    }
    return false;
}

/* The rule about a server itself: nothing is taken from it. */
static bool is_cut_off(const struct issued *issued, const struct node *node)
{
    return issued->action.type == ACT_CUT_OFF &&
           node->instance.command.id == issued->action.link &&
           node->report.role == ROLE_MASTER &&
           node->foreign.kind == QUARANTINE_NONE;
}

static bool is_passed_over(const struct issued *issued,
                           const struct group *group, const struct node *node)
{
    return issued->action.type == ACT_REPLICAOF &&
           node->instance.command.id != issued->action.link &&
           is_there(group, node);
}

/* A master that died is no master that must stay, and one that this leader
 * does not reach is as good as dead. */
static bool is_gone(const struct sim *sim, const struct sentinel *sentinel,
                    const struct node *node, const struct claim *claim)
{
    uint32_t number = sim_process_at(sim, &node->instance.address);
    return sim->processes[number].redis->began_at >= claim->at ||
           sim->processes[number].state != PROCESS_RUNNING ||
           !net_can_connect(sim, sentinel->process->number, number);
}

void oracle_check_passed_over(struct sim *sim, const struct sentinel *sentinel,
                              const struct issued *issued,
                              const struct group *group)
{
    const struct claims *kept = &sim->oracle.kept;
    uint32_t needed = count_sentinels(sim) / 2 + 1;
    uint32_t number = oracle_group(sim, group->name);
    if (issued->without_votes) {
        return;
    }
    for (size_t i = 0; i < kept->count; i++) {
        const struct claim *claim = &kept->items[i];
        if (claim->group != number || claim->epoch <= group->config_epoch ||
            claim->epoch >= issued->epoch || was_kept_before(kept, i) ||
            oracle_count(kept, claim) < needed) {
            continue;
        }
        const struct node *node = node_of(sim, group, claim);
        if (node != NULL && !is_gone(sim, sentinel, node, claim) &&
            (is_cut_off(issued, node) || is_passed_over(issued, group, node))) {
            oracle_fail(sim, "told",
                        "%s passes over %s, which a majority's disks have as "
                        "master of epoch %" PRIu64,
                        sentinel->process->name, claim->value, claim->epoch);
        }
    }
}
