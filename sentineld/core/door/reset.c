/* SENTINEL RESET: forgets what is gone for good, and nobody that could not be
 * found again.
 *
 * A server is found again in the list of the master: while that does not
 * answer, all stay, and so do replicas that live and are not in its list, as
 * those that a failover made follow nobody. A supervisor is found again by its
 * hellos: those that say hello stay as they are, and the silent ones are
 * forgotten if we would hear them through some server. */
#include "core/door/door.h"

static bool is_master_answering(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.role == ROLE_MASTER;
}

static bool is_listed(const struct node *node)
{
    return node->report.role == ROLE_REPLICA && node->report.master_link_up &&
           instance_is_at(&node->group->master->instance, &node->report.master);
}

static bool may_forget_node(const struct node *node)
{
    const struct group *group = node->group;
    if (node == group->master || node == group->published) {
        return false;
    }
    return is_master_answering(group) &&
           (node->subjective_down || foreign_is_left_alone(node) ||
            is_listed(node));
}

/* Some server carries the hellos of others to us. */
static bool hears_hellos(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!node->subjective_down && link_usable(&node->hello) &&
            link_usable(&node->instance.command)) {
            return true;
        }
    }
    return false;
}

static bool may_forget_voter(const struct core *core, const struct voter *voter,
                             msec now)
{
    bool silent = voter->hello_at == NEVER ||
                  now - voter->hello_at >= 3 * core->model.periods.hello_ms;
    return silent && hears_hellos(voter->group);
}

static void forget_nodes(struct core *core, struct group *group)
{
    struct node *node;
    struct node *next;
    for (node = TAILQ_FIRST(&group->nodes); node != NULL; node = next) {
        next = TAILQ_NEXT(node, entry);
        if (may_forget_node(node)) {
            servers_drop(core, node);
        } else if (node != group->master) {
            event_log(core, LEVEL_NOTICE,
                      "%s: RESET keeps %s:%u, which the master would not name "
                      "again",
                      group->name, node->instance.shown.host,
                      node->instance.shown.port);
        }
    }
}

static void forget_voters(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    struct voter *next;
    for (voter = TAILQ_FIRST(&group->voters); voter != NULL; voter = next) {
        next = TAILQ_NEXT(voter, group_entry);
        if (may_forget_voter(core, voter, now)) {
            peers_drop_voter(core, voter);
        }
    }
}

/* Those that stay are met on new connections. How long each has been silent
 * stays known: who resets now and then must not keep a dead master alive. */
static void begin_anew(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->former_master = node->former_master && node != group->master;
        node->repair.wrong_since = NEVER;
        node->info_at = now;
        if (link_restart(core, &node->instance.command, now)) {
            facts_lost(&node->instance.command);
        }
        (void)link_restart(core, &node->hello, now);
    }
    lineage_forget(core, group);
    group->created_at = now;
    core_touch(core, group);
}

void reset_group(struct core *core, struct group *group, msec now)
{
    forget_voters(core, group, now);
    forget_nodes(core, group);
    begin_anew(core, group, now);
}
