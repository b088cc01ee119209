/* S2 to S5: what a sentinel shows to others. Votes never change, epochs
 * never fall, one epoch names one address, and everything shown is on the
 * disk - judged by the rows that are there, not by what the core says. */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>

#include "names.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

static struct watched_group *
watched(struct sim *sim, const struct sentinel *sentinel, const char *group)
{
    return &sim->oracle
                .watched[sentinel->process->number][oracle_group(sim, group)];
}

static void check_grows(struct sim *sim, const struct sentinel *sentinel,
                        uint64_t *last, uint64_t epoch, const char *what)
{
    if (epoch < *last) {
        oracle_fail(sim, "S3", "%s shows %s epoch %" PRIu64 " after %" PRIu64,
                    sentinel->process->name, what, epoch, *last);
    }
    *last = epoch;
}

/* --- Votes ---------------------------------------------------------------- */

static void check_vote(struct sim *sim, struct sentinel *sentinel,
                       const struct ballot *vote, const char *name)
{
    struct claim claim = {.subject = sentinel->process->number,
                          .group = oracle_group(sim, name),
                          .epoch = vote->epoch};
    copy_text(claim.value, sizeof claim.value, vote->leader);
    const struct claim *other = oracle_claim(&sim->oracle.votes, &claim);
    if (other != NULL) {
        oracle_fail(
            sim, "S2", "%s votes twice in epoch %" PRIu64 ": for %s and for %s",
            sentinel->process->name, vote->epoch, other->value, vote->leader);
    }
    const struct record_group *row = disk_group(&sentinel->disk, name);
    bool durable =
        row != NULL && (row->vote.epoch > vote->epoch ||
                        (row->vote.epoch == vote->epoch &&
                         strcmp(row->vote.leader, vote->leader) == 0));
    if (!durable) {
        oracle_fail(sim, "S5",
                    "%s shows a vote for %s in epoch %" PRIu64
                    " that is not on disk",
                    sentinel->process->name, vote->leader, vote->epoch);
    }
}

void oracle_check_answer(struct sim *sim, struct sentinel *sentinel,
                         const struct core_action *action,
                         const struct group *group)
{
    const struct ballot *vote = &action->answer.vote;
    if (vote->leader[0] == '\0') {
        return;
    }
    check_vote(sim, sentinel, vote, group->name);
    check_grows(sim, sentinel, &watched(sim, sentinel, group->name)->vote_epoch,
                vote->epoch, "vote");
}

/* --- Epochs --------------------------------------------------------------- */

static void check_current_epoch(struct sim *sim, struct sentinel *sentinel,
                                uint64_t epoch)
{
    const struct record_self *self = disk_self(&sentinel->disk);
    if (self == NULL || self->current_epoch < epoch) {
        oracle_fail(sim, "S5", "%s shows epoch %" PRIu64 " that is not on disk",
                    sentinel->process->name, epoch);
    }
}

/* Who asks for votes has voted for himself. */
void oracle_check_ask(struct sim *sim, struct sentinel *sentinel,
                      const struct core_action *action,
                      const struct group *group)
{
    check_current_epoch(sim, sentinel, action->ask.epoch);
    if (action->ask.candidate[0] == '\0') {
        return;
    }
    struct ballot vote = {.epoch = action->ask.epoch};
    copy_text(vote.leader, sizeof vote.leader, action->ask.candidate);
    check_vote(sim, sentinel, &vote, group->name);
}

/* --- Configurations ------------------------------------------------------- */

/* Epoch 0 is what operators said, each for himself. */
static void claim_config(struct sim *sim, const struct sentinel *sentinel,
                         const char *group, const struct address *address,
                         uint64_t epoch)
{
    if (epoch == 0) {
        return;
    }
    struct claim claim = {.group = oracle_group(sim, group), .epoch = epoch};
    uint32_t number = sim_process_at(sim, address); /* a name or its ip */
    const struct address *known =
        number != 0 ? &sim->processes[number].address : address;
    (void)snprintf(claim.value, sizeof claim.value, "%.40s:%u", known->host,
                   known->port);
    const struct claim *other = oracle_claim(&sim->oracle.configs, &claim);
    if (other != NULL && !oracle_is_excepted(sim, claim.group, epoch)) {
        oracle_fail(
            sim, "S4",
            "%s says that epoch %" PRIu64 " of %s names %s; it named %s",
            sentinel->process->name, epoch, group, claim.value, other->value);
    }
}

/* A tie that a forced failover made heals by another address in the same
 * epoch. */
static bool config_is_durable(const struct sim *sim,
                              const struct sentinel *sentinel,
                              const char *group, const struct address *address,
                              uint64_t epoch)
{
    const struct record_group *row = disk_group(&sentinel->disk, group);
    if (row == NULL || row->removed) {
        return epoch == 0; /* whoever says it again says that, too */
    }
    return row->config_epoch > epoch ||
           (row->config_epoch == epoch &&
            (names_mean_same(sim, &row->master, address) ||
             oracle_is_excepted(sim, oracle_group(sim, group), epoch)));
}

static void check_config(struct sim *sim, struct sentinel *sentinel,
                         const char *group, const struct address *address,
                         uint64_t epoch)
{
    claim_config(sim, sentinel, group, address, epoch);
    if (!config_is_durable(sim, sentinel, group, address, epoch)) {
        oracle_fail(sim, "S5",
                    "%s tells %s:%u of epoch %" PRIu64 ", which is not on disk",
                    sentinel->process->name, address->host, address->port,
                    epoch);
    }
    oracle_check_committed(sim, sentinel, group, epoch, address);
}

void oracle_check_hello(struct sim *sim, struct sentinel *sentinel,
                        const struct core_action *action)
{
    const struct hello *hello = &action->hello;
    check_current_epoch(sim, sentinel, hello->current_epoch);
    check_grows(sim, sentinel,
                &sim->oracle.current_epoch[sentinel->process->number],
                hello->current_epoch, "current");
    check_grows(sim, sentinel,
                &watched(sim, sentinel, hello->group)->hello_epoch,
                hello->config_epoch, "config");
    check_config(sim, sentinel, hello->group, &hello->master,
                 hello->config_epoch);
    oracle_check_told(sim, sentinel, hello->group, hello->config_epoch,
                      &hello->master);
}

void oracle_on_view(struct sim *sim, struct sentinel *sentinel,
                    const char *group, uint64_t config_epoch)
{
    check_grows(sim, sentinel, &watched(sim, sentinel, group)->view_epoch,
                config_epoch, "config");
}

void oracle_check_config_durable(struct sim *sim, struct sentinel *sentinel,
                                 const struct issued *issued,
                                 const struct group *group)
{
    const struct record_group *row = disk_group(&sentinel->disk, group->name);
    uint64_t durable = row == NULL ? 0 : row->config_epoch;
    if (durable < issued->config_epoch) {
        oracle_fail(sim, "S5",
                    "%s acts on configuration %" PRIu64 "; on disk is %" PRIu64,
                    sentinel->process->name, issued->config_epoch, durable);
    }
    const struct address *followed = &issued->action.replicaof.master;
    if (followed->host[0] != '\0') {
        oracle_check_committed(sim, sentinel, group->name, issued->config_epoch,
                               followed);
    }
}

void oracle_check_published(struct sim *sim, struct sentinel *sentinel,
                            const struct group *group)
{
    struct watched_group *seen = watched(sim, sentinel, group->name);
    if (seen->published_seen &&
        seen->published_epoch == group->published_epoch) {
        return;
    }
    seen->published_seen = true;
    seen->published_epoch = group->published_epoch;
    check_config(sim, sentinel, group->name,
                 &group->published->instance.address, group->published_epoch);
    oracle_check_told(sim, sentinel, group->name, group->published_epoch,
                      &group->published->instance.address);
}

/* --- Groups that are removed ---------------------------------------------- */

void oracle_on_removed(struct sim *sim, const struct sentinel *sentinel,
                       const char *group)
{
    struct claims *votes = &sim->oracle.votes;
    uint32_t number = oracle_group(sim, group);
    size_t kept = 0;
    for (size_t i = 0; i < votes->count; i++) {
        const struct claim *vote = &votes->items[i];
        if (vote->subject != sentinel->process->number ||
            vote->group != number) {
            votes->items[kept++] = *vote;
        }
    }
    votes->count = kept;
    *watched(sim, sentinel, group) = (struct watched_group){0};
}
