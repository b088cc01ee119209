/* S8: whom a leader promotes. The judge uses what the leader was really told
 * since it cut the servers off, not the core's opinion of it; of histories it
 * knows where each branched off, and so what two servers share. */
#include "oracle.h"

#include <inttypes.h>

#include "names.h"
#include "sentineld/model.h"
#include "sim.h"

/* A candidate that was asked this lately is still waited for. */
enum { ANSWER_MS = 300, PATIENCE_MS = 350 };

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

static const struct reading *reading_of_master(const struct sim *sim,
                                               const struct sentinel *sentinel,
                                               const struct group *group)
{
    return &sentinel->readings[sim_process_at(
        sim, &group->master->instance.address)];
}

/* The old master had let go when this leader came: what it said it has is in
 * the choice, and nothing it acknowledged need be lost. */
static bool is_master_read(const struct sim *sim,
                           const struct sentinel *sentinel,
                           const struct group *group)
{
    const struct reading *reading = reading_of_master(sim, sentinel, group);
    return group->failover.purpose != PURPOSE_PLANNED && reading->read &&
           reading->epoch == group->failover.epoch;
}

/* As an operator wants it, or as nothing need be lost: before the priority. */
static bool is_data_first(const struct sim *sim,
                          const struct sentinel *sentinel,
                          const struct group *group)
{
    return group->settings.durability > 0 ||
           group->settings.order == ORDER_FRESHEST ||
           is_master_read(sim, sentinel, group);
}

/* What a leader was told of the master's history. */
struct known {
    uint32_t replid; /* 0 = nothing since the master became one */
    uint32_t replid2;
};

static struct known known_history(const struct sim *sim,
                                  const struct sentinel *sentinel,
                                  const struct group *group)
{
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    uint32_t number = sentinel->process->number;
    uint32_t told = sim->oracle.told_to[number][master];
    if (told == 0 || told != sim->oracle.told[master][0]) {
        return (struct known){.replid = 0};
    }
    return (struct known){
        .replid = told,
        .replid2 = sim->oracle.told_parent[number][master],
    };
}

static bool names(struct known known, uint32_t history)
{
    return history != 0 &&
           (history == known.replid || history == known.replid2);
}

/* Its INFO shows that its history is the master's, or the one before, or
 * grew out of one of them. */
static bool is_linked(struct known known, const struct reading *reading)
{
    return known.replid != 0 &&
           (names(known, reading->replid) || names(known, reading->replid2));
}

/* What counts of a server's data is what it shares with the master. */
static uint64_t shared_offset(const struct sim *sim, struct known known,
                              const struct reading *reading)
{
    uint64_t shared;
    (void)sim_shared_offset(sim, reading->replid, reading->offset, known.replid,
                            &shared);
    return shared;
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

static const struct node *node_at(const struct sim *sim,
                                  const struct group *group,
                                  const struct address *address)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (names_mean_same(sim, &node->instance.address, address)) {
            return node;
        }
    }
    return NULL;
}

/* The largest offset of the master's data that this leader knows of. */
static uint64_t newest_offset(const struct sim *sim,
                              const struct sentinel *sentinel,
                              const struct group *group)
{
    struct known known = known_history(sim, sentinel, group);
    uint64_t newest = 0;
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct reading *reading = &sentinel->readings[i];
        if (reading->epoch == group->failover.epoch && reading->read &&
            is_linked(known, reading) &&
            shared_offset(sim, known, reading) > newest) {
            newest = shared_offset(sim, known, reading);
        }
    }
    return newest;
}

/* Too far behind for an operator's limit, as far as the readings tell. */
static bool is_known_to_lag(const struct sim *sim,
                            const struct sentinel *sentinel,
                            const struct group *group, uint32_t number)
{
    const struct reading *reading = &sentinel->readings[number];
    struct known known = known_history(sim, sentinel, group);
    uint64_t limit = group->settings.max_lag_bytes;
    return limit != 0 && is_linked(known, reading) &&
           newest_offset(sim, sentinel, group) -
                   shared_offset(sim, known, reading) >
               limit;
}

/* Of the history that the master began when it was restarted: the leader found
 * that it cannot be compared, or lacks something. What is copied from there is
 * set aside with it. G10 is about that. */
static bool is_set_aside(const struct sim *sim, const struct group *group,
                         const struct reading *reading)
{
    uint32_t number = sim_process_at(sim, &group->master->instance.address);
    const struct redis *master = sim->processes[number].redis;
    return (group->restart.state == RESTART_BEHIND ||
            group->restart.state == RESTART_BACK) &&
           master != NULL && reading->replid != 0 &&
           reading->replid == master->began_as;
}

/* Could the leader have taken this server? Whether it lags in time, or behind
 * what the old master said, is not judged here. */
static bool was_eligible(const struct sim *sim, const struct sentinel *sentinel,
                         const struct group *group, uint32_t number)
{
    const struct reading *reading = &sentinel->readings[number];
    const struct node *node =
        node_at(sim, group, &sim->processes[number].address);
    struct known known = known_history(sim, sentinel, group);
    bool limited =
        group->settings.max_lag_bytes != 0 || group->settings.max_lag_ms != 0;
    bool is_fallen = node != NULL && node == group->master &&
                     is_master_read(sim, sentinel, group);
    bool is_up =
        node != NULL && node != group->master && !node->subjective_down;
    return (is_up || is_fallen) && !limited &&
           reading->epoch == group->failover.epoch && reading->read &&
           !reading->tried && reading->priority != 0 &&
           !is_set_aside(sim, group, reading) &&
           node->instance.command.state == LINK_UP &&
           !redis_is_loading(sim, sim->processes[number].redis) &&
           is_linked(known, reading) &&
           shared_offset(sim, known, reading) == reading->offset;
}

/* The old master was asked to let go, be it that its answer came too late: then
 * data may come before priority. */
static bool was_master_asked(const struct sim *sim,
                             const struct sentinel *sentinel,
                             const struct group *group)
{
    return reading_of_master(sim, sentinel, group)->epoch ==
           group->failover.epoch;
}

/* None of those that were read has followed anybody since it was started:
 * after an outage, when data may come before priority. */
static bool follows_outage(const struct sentinel *sentinel,
                           const struct group *group)
{
    for (uint32_t i = 0; i < MAX_PROCESSES; i++) {
        const struct reading *reading = &sentinel->readings[i];
        if (reading->epoch == group->failover.epoch && reading->read &&
            reading->followed) {
            return false;
        }
    }
    return true;
}

/* It has stayed on a history that the other has left: how far that one went
 * before, its master may have told another supervisor only. */
static bool is_of_older(const struct sim *sim, const struct reading *a,
                        const struct reading *b)
{
    uint32_t parent = sim->histories[b->replid].parent;
    while (parent != 0 && parent != a->replid) {
        parent = sim->histories[parent].parent;
    }
    return parent != 0;
}

/* By an order that went on without votes: then two masters wrote, and of which
 * a leader has heard is chance. */
static bool was_split_by_order(const struct sim *sim, const struct group *group)
{
    uint32_t number = oracle_group(sim, group->name);
    for (size_t i = 0; i < sim->oracle.forks.count; i++) {
        const struct promotion_order *order = &sim->oracle.forks.items[i].order;
        const struct redis *old = sim->processes[order->old_master].redis;
        if (order->without_votes && old != NULL && old->group == number) {
            return true;
        }
    }
    return false;
}

/* Nothing can be said when the leader never saw the master, nor of a history
 * without a visible link to the master's: that of a former one, say, before
 * the present came back empty. */
static bool is_better(const struct sim *sim, const struct sentinel *sentinel,
                      const struct group *group, const struct reading *a,
                      const struct reading *b)
{
    struct known known = known_history(sim, sentinel, group);
    if (!is_linked(known, b)) {
        return false;
    }
    uint64_t data_a = shared_offset(sim, known, a);
    uint64_t data_b = shared_offset(sim, known, b);
    bool data_first = is_data_first(sim, sentinel, group);
    if (data_first && data_a != data_b) {
        return data_a > data_b;
    }
    if (data_a < data_b && (follows_outage(sentinel, group) ||
                            was_master_asked(sim, sentinel, group))) {
        return false;
    }
    if (a->priority != b->priority) {
        return a->priority < b->priority && !is_of_older(sim, a, b);
    }
    return data_a > data_b;
}

/* Told to cut itself off so lately that its answer would still count, and
 * nothing is in its way. */
static bool would_answer(const struct sim *sim, const struct sentinel *sentinel,
                         const struct group *group, uint32_t number)
{
    const struct reading *reading = &sentinel->readings[number];
    const struct process *process = &sim->processes[number];
    const struct node *node = node_at(sim, group, &process->address);
    const struct redis *redis = process->redis;
    return node != NULL && reading->epoch == group->failover.epoch &&
           !reading->read && !reading->tried &&
           sim->now - reading->asked_at < ANSWER_MS && !node->subjective_down &&
           node->instance.command.state == LINK_UP &&
           process->state == PROCESS_RUNNING && !redis->refuses_slaveof &&
           !redis->busy && !redis->wrong_password && redis->priority != 0 &&
           !redis_is_loading(sim, redis) && sim->net.extra_ms[number] == 0 &&
           sim->net.extra_ms[sentinel->process->number] == 0 &&
           net_can_connect(sim, sentinel->process->number, number);
}

/* A leader waits 400 ms for those it has asked, and not for who came late. */
static bool is_patience_over(const struct sim *sim,
                             const struct sentinel *sentinel,
                             const struct group *group)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct reading *reading = &sentinel->readings[i];
        if (node_at(sim, group, &sim->processes[i].address) != NULL &&
            reading->epoch == group->failover.epoch &&
            sim->now - reading->asked_at >= PATIENCE_MS) {
            return true;
        }
    }
    return false;
}

void oracle_find_rivals(const struct sim *sim, const struct sentinel *sentinel,
                        const struct group *group, uint32_t chosen,
                        struct promotion_order *order)
{
    uint32_t priority = sim->processes[chosen].redis->priority;
    bool any_priority = is_data_first(sim, sentinel, group);
    bool is_over = is_patience_over(sim, sentinel, group);
    if (is_behind(sim, group)) {
        return;
    }
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct redis *redis = sim->processes[i].redis;
        bool may_answer = i != order->old_master && !is_over &&
                          would_answer(sim, sentinel, group, i);
        if (redis == NULL || i == chosen ||
            (!was_eligible(sim, sentinel, group, i) && !may_answer)) {
            continue;
        }
        if (any_priority || redis->priority <= priority) {
            order->rivals |= UINT32_C(1) << i;
        } else {
            order->worse |= UINT32_C(1) << i;
        }
    }
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

/* Every server that it knows was read, and none holds a history that any
 * master was seen with: there is nothing better left to promote. */
static bool is_all_there_is(const struct sim *sim,
                            const struct sentinel *sentinel,
                            const struct issued *issued,
                            const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        uint32_t server = sim_process_at(sim, &node->instance.address);
        const struct reading *reading = &sentinel->readings[server];
        if (reading->epoch != issued->epoch || !reading->read ||
            is_of_some_master(sim, reading)) {
            return false;
        }
    }
    return true;
}

/* The time of waiting is over, and of those that the leader read none holds
 * a history that any master was seen with. */
static bool is_last_resort(const struct sim *sim,
                           const struct sentinel *sentinel,
                           const struct issued *issued,
                           const struct group *group)
{
    for (uint32_t i = 1; i < sim->process_count; i++) {
        const struct reading *reading = &sentinel->readings[i];
        if (reading->epoch == issued->epoch && reading->read &&
            reading->priority != 0 && is_of_some_master(sim, reading)) {
            return false;
        }
    }
    return group->last_resort.over;
}

void oracle_check_choice(struct sim *sim, const struct sentinel *sentinel,
                         const struct issued *issued, const struct group *group)
{
    uint32_t chosen =
        node_connection(sim, sentinel, issued->action.link)->server;
    const struct reading *reading = &sentinel->readings[chosen];
    const char *name = sim->processes[chosen].name;
    if (sim->processes[chosen].redis->engine != ENGINE_REDIS) {
        return; /* of other makes servers are not cut off before a choice */
    }
    if (reading->epoch != issued->epoch || !reading->read) {
        oracle_fail(sim, "S8", "%s promotes %s without a fresh reading",
                    sentinel->process->name, name);
    } else if (!is_of_some_master(sim, reading) &&
               !is_all_there_is(sim, sentinel, issued, group) &&
               !is_last_resort(sim, sentinel, issued, group)) {
        oracle_fail(sim, "S8", "%s promotes %s, whose history is foreign",
                    sentinel->process->name, name);
    }
    bool forced = group->failover.switchover.mode == FAILOVER_MODE_FORCE;
    if (!forced && is_known_to_lag(sim, sentinel, group, chosen)) {
        oracle_fail(sim, "S8", "%s promotes %s, which is too far behind",
                    sentinel->process->name, name);
    }
    bool split = was_split_by_order(sim, group);
    for (uint32_t i = 1; i < sim->process_count; i++) {
        if (i != chosen && !split && !is_behind(sim, group) &&
            sim->processes[i].kind == PROCESS_REDIS &&
            was_eligible(sim, sentinel, group, i) &&
            is_better(sim, sentinel, group, &sentinel->readings[i], reading)) {
            complain_of_choice(sim, sentinel, chosen, i);
        }
    }
}
