/* Would a server do what a failover will ask of it?
 *
 * A renamed command or a right that our user lacks shows when the order is
 * given, which is the worst moment. So the orders are rehearsed, without
 * effect, a while after each connection, and the operator hears of what is
 * missing while there is time to mend it; then again now and then until it
 * is. A server that was found to refuse what goes with a change of role is
 * given the bare order at once. */
#include "core/repair/repair.h"

/* Rehearsed in this order: what a transaction is worth comes first. */
static const enum denied orders[] = {DENIED_SLAVEOF, DENIED_REWRITE,
                                     DENIED_KILL, DENIED_PAUSE};

/* Thousands of servers are not asked in one moment. */
static msec spread_ms(const struct node *node)
{
    return node->id % REHEARSAL_SPREAD_MS;
}

void preflight_on_up(struct node *node, msec now)
{
    node->preflight.next = REHEARSAL_TRANSACTION;
    node->preflight.at = now + REHEARSAL_MS + spread_ms(node);
}

void preflight_forget_pending(struct node *node)
{
    node->preflight.pending = false;
    node->preflight.at = NEVER;
}

static bool refuses_any(const struct node *node)
{
    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
        if (node->alarm.denied[orders[i]]) {
            return true;
        }
    }
    return node->alarm.denied[DENIED_MULTI];
}

/* That is over for this connection, unless something is missing. */
static void end(struct node *node, msec now)
{
    node->preflight.next = REHEARSAL_TRANSACTION;
    node->preflight.at = refuses_any(node) ? now + REHEARSAL_AGAIN_MS : NEVER;
    node->bare = node->alarm.denied[DENIED_MULTI] ||
                 node->alarm.denied[DENIED_REWRITE] ||
                 node->alarm.denied[DENIED_KILL];
}

static void note(struct core *core, struct node *node, enum denied what,
                 bool refused)
{
    alarm_on_refusal(core, &node->instance.command, what,
                     refused ? ACK_REFUSED : ACK_OK);
}

void preflight_on_reply(struct core *core, struct node *node,
                        const bool refused[DENIED_COUNT], msec now)
{
    node->preflight.pending = false;
    if (node->preflight.next == REHEARSAL_TRANSACTION) {
        note(core, node, DENIED_MULTI, refused[DENIED_MULTI]);
        node->preflight.next = REHEARSAL_ORDERS;
        node->preflight.at = now;
        if (refused[DENIED_MULTI]) {
            end(node, now); /* what is inside would not be thrown away */
        }
    } else {
        for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
            note(core, node, orders[i], refused[orders[i]]);
        }
        end(node, now);
    }
    core_touch(core, node->group);
}

/* It was loading, or is of a kind that does not throw away what is spoiled. */
void preflight_on_nothing(struct node *node, msec now)
{
    node->preflight.pending = false;
    node->preflight.next = REHEARSAL_TRANSACTION;
    node->preflight.at = now + REHEARSAL_AGAIN_MS;
}

static bool is_possible(const struct node *node)
{
    const struct instance *instance = &node->instance;
    return !node->preflight.pending && node->preflight.at != NEVER &&
           link_usable(&instance->command) && !node->subjective_down &&
           instance->health.pong == PONG_OK && node->report.at != NEVER &&
           node->report.role != ROLE_UNKNOWN && !node->report.loading;
}

void preflight_settle(struct core *core, struct group *group, msec now)
{
    if (core->model.tilt.active || group->objective_down ||
        group->failover.state != FAILOVER_NONE) {
        return;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!is_possible(node)) {
            continue;
        }
        if (now < node->preflight.at) {
            schedule_sooner(core, &group->timer, node->preflight.at);
            continue;
        }
        node->preflight.pending = true;
        action_preflight(core, node);
    }
}
