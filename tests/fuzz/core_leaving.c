/* What must be true of everything that leaves: it is durable, nobody is ever
 * told two votes for one epoch, and no epoch is taken back - restarts
 * included. */
#include "core_world.h"

#include <assert.h>

static void reveal_vote(struct world *world, const char *group,
                        const struct ballot *vote)
{
    if (vote->leader[0] == '\0') {
        return;
    }
    for (size_t i = 0; i < world->revealed_count; i++) {
        const struct revealed *other = &world->revealed[i];
        if (strcmp(other->group, group) == 0 &&
            other->vote.epoch == vote->epoch) {
            assert(strcmp(other->vote.leader, vote->leader) == 0);
            return;
        }
    }
    if (world->revealed_count < MAX_REVEALED) {
        struct revealed *new = &world->revealed[world->revealed_count++];
        copy_text(new->group, NAME_SIZE, group);
        new->vote = *vote;
    }
}

void leaving_forget_votes(struct world *world, const char *group)
{
    size_t kept = 0;
    for (size_t i = 0; i < world->revealed_count; i++) {
        if (strcmp(world->revealed[i].group, group) != 0) {
            world->revealed[kept++] = world->revealed[i];
        }
    }
    world->revealed_count = kept;
}

/* A vote must be durable before anybody is told of it. */
static void check_vote(struct world *world, const char *group,
                       const struct ballot *vote)
{
    const struct record_group *row = disk_group(world, group);
    if (row == NULL || vote->leader[0] == '\0') {
        return; /* removed meanwhile */
    }
    assert(row->vote.epoch >= vote->epoch);
    if (row->vote.epoch == vote->epoch) {
        assert(strcmp(row->vote.leader, vote->leader) == 0);
    }
    reveal_vote(world, group, vote);
}

static void check_epoch(struct world *world, uint64_t epoch)
{
    const struct record *row =
        disk_row(world, &(struct record){.kind = RECORD_SELF});
    assert(row != NULL && row->self.current_epoch >= epoch);
    assert(epoch <= EPOCH_MAX);
    if (epoch > world->epoch_told) {
        world->epoch_told = epoch;
    }
}

/* The group behind what leaves, unless it was removed meanwhile: then a group
 * of the same name is another one. */
static const struct group *find_group(const struct world *world, object_id id)
{
    return model_find_group_by_id(core_model(world->core), id);
}

static void check_hello(struct world *world, const struct core_action *action)
{
    const struct hello *hello = &action->hello;
    check_epoch(world, hello->current_epoch);
    const struct record_group *row = disk_group(world, hello->group);
    if (row == NULL || find_group(world, action->group) == NULL) {
        return;
    }
    assert(row->config_epoch >= hello->config_epoch);
}

static void check_ask(struct world *world, const struct core_action *action)
{
    check_epoch(world, action->ask.epoch);
    const struct group *group = find_group(world, action->group);
    if (group != NULL && action->ask.candidate[0] != '\0') {
        struct ballot vote = {.epoch = action->ask.epoch};
        copy_text(vote.leader, RUN_ID_SIZE, action->ask.candidate);
        check_vote(world, group->name, &vote);
    }
}

/* Who is told that we voted for him counts on it for a lease from the moment
 * he asked. */
static void check_answer(struct world *world, const struct core_action *action)
{
    if (!action->answer.is_opinion) {
        return;
    }
    const struct question *question = &world->questions[action->answer.client];
    const struct group *group = find_group(world, question->group);
    const struct ballot *vote = &action->answer.vote;
    if (group == NULL) {
        return;
    }
    check_vote(world, group->name, vote);
    if (vote->leader[0] != '\0' && vote->epoch == question->wanted.epoch &&
        strcmp(vote->leader, question->wanted.leader) == 0 &&
        vote->epoch == group->vote.epoch) {
        assert(group->vote_binds_until >= question->asked_at + LEASE_MS);
    }
}

/* Nobody is told to follow itself, or somebody we do not believe in - but for
 * what was decided before a newer belief and only now leaves. */
static void check_replicaof(struct world *world,
                            const struct core_action *action)
{
    const struct link *link =
        model_find_link(core_model(world->core), action->link);
    if (link == NULL || action->replicaof.master.host[0] == '\0') {
        return;
    }
    assert(!address_equal(&link->node->instance.address,
                          &action->replicaof.master));
    const struct group *group = link->node->group;
    assert(group->unpublished_version != 0 ||
           group->failover.state != FAILOVER_RECONF ||
           address_equal(&group->master->instance.address,
                         &action->replicaof.master));
}

void leaving_check(struct world *world, const struct core_action *action)
{
    if (action->type == ACT_HELLO) {
        check_hello(world, action);
    } else if (action->type == ACT_ASK) {
        check_ask(world, action);
    } else if (action->type == ACT_ANSWER) {
        check_answer(world, action);
    } else if (action->type == ACT_REPLICAOF) {
        check_replicaof(world, action);
    }
}
