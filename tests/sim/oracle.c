/* The oracle's door and its memory: which rule looks at what, the claims
 * that must never be contradicted, and S7, which is about the form of what a
 * core asks for. */
#include "oracle.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sim.h"

uint32_t oracle_rule_bit(const char *rule)
{
    if (strcmp(rule, "told") == 0) {
        return 1U << 15U;
    }
    if ((rule[0] != 'S' && rule[0] != 'W') || rule[1] < '0' || rule[1] > '9') {
        return 0;
    }
    return 1U << ((unsigned)(rule[1] - '0') + (rule[0] == 'W' ? 16U : 0U));
}

void oracle_fail(struct sim *sim, const char *rule, const char *format, ...)
{
    struct oracle *oracle = &sim->oracle;
    uint32_t bit = oracle_rule_bit(rule);
    if (oracle->violated || (oracle->told_of & bit) != 0) {
        return; /* the first one counts */
    }
    char text[sizeof oracle->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    transcript_note(sim, "RULE %s BROKEN: %s", rule, text);
    if ((oracle->allowed & bit) != 0) {
        oracle->told_of |= bit;
        return;
    }
    oracle->violated = true;
    copy_text(oracle->rule, sizeof oracle->rule, rule);
    copy_text(oracle->text, sizeof oracle->text, text);
}

/* --- Claims --------------------------------------------------------------- */

static bool same_key(const struct claim *a, const struct claim *b)
{
    return a->subject == b->subject && a->group == b->group &&
           a->epoch == b->epoch;
}

const struct claim *oracle_claim(struct claims *claims,
                                 const struct claim *claim)
{
    for (size_t i = claims->count; i > 0; i--) {
        const struct claim *other = &claims->items[i - 1];
        if (same_key(other, claim)) {
            return strcmp(other->value, claim->value) == 0 ? NULL : other;
        }
    }
    if (claims->count == claims->capacity) {
        claims->capacity = claims->capacity == 0 ? 32 : claims->capacity * 2;
        claims->items =
            xrealloc(claims->items, claims->capacity * sizeof *claim);
    }
    claims->items[claims->count++] = *claim;
    return NULL;
}

size_t oracle_count(const struct claims *claims, const struct claim *like)
{
    size_t count = 0;
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        count += claim->group == like->group && claim->epoch == like->epoch &&
                 strcmp(claim->value, like->value) == 0;
    }
    return count;
}

bool oracle_is_excepted(const struct sim *sim, uint32_t group, uint64_t epoch)
{
    const struct claims *exceptions = &sim->oracle.exceptions;
    for (size_t i = 0; i < exceptions->count; i++) {
        if (exceptions->items[i].group == group &&
            exceptions->items[i].epoch == epoch) {
            return true;
        }
    }
    return false;
}

uint32_t oracle_group(const struct sim *sim, const char *name)
{
    for (uint32_t i = 1; i < sim->group_count; i++) {
        if (strcmp(sim->groups[i].name, name) == 0) {
            return i;
        }
    }
    return 0;
}

/* --- Histories ------------------------------------------------------------ */

static void note_history(struct sim *sim, uint32_t master, uint32_t replid)
{
    uint32_t *told = sim->oracle.told[master];
    for (size_t i = 0; i < TOLD_MAX; i++) {
        if (told[i] == replid) {
            return;
        }
    }
    memmove(told + 1, told, (TOLD_MAX - 1) * sizeof *told);
    told[0] = replid;
}

void oracle_on_promoted(struct sim *sim, const struct redis *redis)
{
    note_history(sim, redis->process->number, redis->replid);
}

/* A replica with its link up has its master's history. */
void oracle_on_info(struct sim *sim, const struct sentinel *sentinel,
                    uint32_t server, const struct info_text *info)
{
    uint32_t sentinel_number = sentinel->process->number;
    copy_text(sim->oracle.read_run_id[sentinel_number][server], RUN_ID_SIZE,
              info->run_id);
    uint32_t master = server;
    oracle_note_heard(sim, sentinel, server, info);
    if (info->role != ROLE_MASTER) {
        master = info->link_up ? sim_process_at(sim, &info->master) : 0;
    }
    if (master == 0) {
        return;
    }
    note_history(sim, master, info->replid);
    sim->oracle.told_to[sentinel_number][master] = info->replid;
    sim->oracle.told_parent[sentinel_number][master] = info->replid2;
}

/* As good as having seen it, if it is what its master really showed last. */
void oracle_on_view_told(struct sim *sim, const struct sentinel *sentinel,
                         const struct core_event *event)
{
    const struct group *group =
        model_find_group_by_id(core_model(sentinel->core), event->group);
    const char *newest = event->view.lineage[0].replid;
    uint32_t front = (uint32_t)strtoul(newest, NULL, 16);
    uint32_t number = sentinel->process->number;
    if (group == NULL || group->failover.state == FAILOVER_NONE ||
        group->failover.state == FAILOVER_RECONF || front == 0) {
        return;
    }
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    if (event->view.config_epoch >= group->config_epoch &&
        sim->oracle.told[master][0] == front) {
        sim->oracle.told_to[number][master] = front;
        sim->oracle.told_parent[number][master] =
            sim->histories[front].is_nameless ? 0
                                              : sim->histories[front].parent;
    }
}

/* --- S7 ------------------------------------------------------------------- */

/* A link that goes away in this settle is named by its DISCONNECT last. */
static bool hangs_up_later(const struct core_output *output, size_t from,
                           object_id link)
{
    for (size_t i = from; i < output->count; i++) {
        if (output->actions[i].type == ACT_DISCONNECT &&
            output->actions[i].link == link) {
            return true;
        }
    }
    return false;
}

static void check_ids(struct sim *sim, const struct sentinel *sentinel,
                      const struct core_output *output)
{
    const struct model *model = core_model(sentinel->core);
    for (size_t i = 0; i < output->count; i++) {
        const struct core_action *action = &output->actions[i];
        if (action->link != 0 && model_find_link(model, action->link) == NULL &&
            !hangs_up_later(output, i, action->link)) {
            oracle_fail(sim, "S7", "%s: action %d names dead link %" PRIu32,
                        sentinel->process->name, (int)action->type,
                        action->link);
        }
    }
}

/* --- What is looked at, and when ------------------------------------------ */

static void note_down(struct sim *sim, const struct sentinel *sentinel,
                      const struct group *group)
{
    struct watched_group *watched =
        &sim->oracle.watched[sentinel->process->number]
                            [oracle_group(sim, group->name)];
    uint32_t master = sim_process_at(sim, &group->master->instance.address);
    if (group->master->subjective_down) {
        watched->down_at[master] = sim->now;
    }
    if (group->restart.state != RESTART_NONE) {
        watched->gone_at[master] = sim->now;
    }
}

/* --- Q1 ------------------------------------------------------------------- */

static void check_left_alone(struct sim *sim, const struct sentinel *sentinel,
                             const struct core_action *action)
{
    const struct link *link =
        model_find_link(core_model(sentinel->core), action->link);
    bool changes = action->type == ACT_REPLICAOF || action->type == ACT_CUT_OFF;
    if (changes && link != NULL && link->node != NULL &&
        link->node->foreign.kind != QUARANTINE_NONE) {
        oracle_fail(sim, "Q1", "%s changes the role of %s, in quarantine",
                    sentinel->process->name, link->node->instance.address.host);
    }
}

/* --- itself --------------------------------------------------------------- */

static void check_not_itself(struct sim *sim, const struct sentinel *sentinel,
                             const struct core_action *action)
{
    const struct address *master = &action->replicaof.master;
    const struct connection *connection =
        node_connection(sim, sentinel, action->link);
    if (connection != NULL && connection->server != 0 &&
        sim_process_at(sim, master) == connection->server) {
        oracle_fail(sim, "itself", "%s tells %s to follow itself, as %s",
                    sentinel->process->name,
                    sim->processes[connection->server].name, master->host);
    }
}

/* Nothing is down, nobody leads, and nothing new is published: so it is after
 * nearly all settles, and no rule has anything to look at. */
static bool is_quiet(const struct sim *sim, const struct sentinel *sentinel,
                     const struct group *group)
{
    const struct watched_group *watched =
        &sim->oracle.watched[sentinel->process->number]
                            [oracle_group(sim, group->name)];
    return !group->master->subjective_down && !group->objective_down &&
           group->restart.state == RESTART_NONE &&
           group->failover.state == FAILOVER_NONE && !watched->objective_down &&
           !watched->in_failover && !watched->in_hold &&
           watched->published_seen &&
           watched->published_epoch == group->published_epoch;
}

void oracle_on_settle(struct sim *sim, struct sentinel *sentinel,
                      const struct core_output *output)
{
    const struct model *model = core_model(sentinel->core);
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        if (is_quiet(sim, sentinel, group)) {
            continue;
        }
        note_down(sim, sentinel, group);
        oracle_check_down(sim, sentinel, group);
        oracle_check_start(sim, sentinel, group);
        oracle_check_published(sim, sentinel, group);
    }
    check_ids(sim, sentinel, output);
    for (size_t i = 0; i < output->count; i++) {
        check_left_alone(sim, sentinel, &output->actions[i]);
    }
}

/* Every order dies with its decision. */
static void check_not_late(struct sim *sim, const struct sentinel *sentinel,
                           const struct issued *issued,
                           const struct group *group)
{
    bool goes_on = group->failover.state != FAILOVER_NONE &&
                   group->failover.epoch == issued->epoch;
    bool committed = group->config_epoch >= issued->epoch;
    if (issued->undecided && !goes_on && !committed) {
        oracle_fail(sim, "late",
                    "%s gives an order of epoch %llu, which it gave up",
                    sentinel->process->name, (unsigned long long)issued->epoch);
    }
}

void oracle_on_perform(struct sim *sim, struct sentinel *sentinel,
                       const struct issued *issued)
{
    const struct core_action *action = &issued->action;
    if (issued->version > sentinel->disk.durable_version) {
        oracle_fail(sim, "S5", "%s acts before its records are durable",
                    sentinel->process->name);
    }
    const struct group *group =
        model_find_group_by_id(core_model(sentinel->core), action->group);
    if (group == NULL) {
        return; /* removed while the action was held */
    }
    if (action->type == ACT_ANSWER && action->answer.is_opinion) {
        oracle_check_answer(sim, sentinel, action, group);
    } else if (action->type == ACT_ASK) {
        oracle_check_ask(sim, sentinel, action, group);
    } else if (action->type == ACT_HELLO) {
        oracle_check_hello(sim, sentinel, action);
    } else if (action->type == ACT_CUT_OFF) {
        check_not_late(sim, sentinel, issued, group);
        oracle_check_passed_over(sim, sentinel, issued, group);
    } else if (action->type == ACT_REPLICAOF) {
        check_not_late(sim, sentinel, issued, group);
        oracle_check_config_durable(sim, sentinel, issued, group);
        check_not_itself(sim, sentinel, action);
        if (action->replicaof.master.host[0] == '\0') {
            oracle_check_promotion(sim, sentinel, issued, group);
        } else {
            oracle_check_following(sim, sentinel, issued, group);
        }
    }
}

void oracle_init(struct oracle *oracle)
{
    for (size_t i = 0; i < MAX_PROCESSES; i++) {
        oracle->reach[i] = (struct reach){NEVER, NEVER};
    }
}

void oracle_free(struct oracle *oracle)
{
    free(oracle->promoters.items);
    free(oracle->votes.items);
    free(oracle->configs.items);
    free(oracle->kept.items);
    free(oracle->exceptions.items);
    free(oracle->forks.items);
}
