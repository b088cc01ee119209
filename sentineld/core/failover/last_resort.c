/* Nobody stays without a master for ever.
 *
 * After a full outage servers come back in any order, and the first one is
 * not the best one. While the best candidate is one that has just started and
 * a server that was seen with more is still away, nobody is promoted - for
 * last_resort_ms at the
 * most, counted from when a majority of the supervisors is up; if no server
 * was there by then, from when the first one is. Then the wait is over, and
 * what is left out otherwise is taken as well, the better before the worse:
 *
 *   1  a copy of our data (as in any failover)
 *   2  one that went on by itself beyond them
 *   3  one that had them and has lost the name of what it holds: a restart
 *      from an append-only file forgets the history; by where it was seen
 *   4  one without any data, where on_empty_master = allow says that they
 *      are worth little
 *
 * Never taken: priority 0, data of a history that never was ours, one that
 * cannot be reached or refuses. With `durability` a missing replica may be
 * the one that has the write, so there the wait ends, but nothing more is
 * taken unless last_resort_ms is set.
 *
 * An ordinary failover, to a replica that has followed somebody since it was
 * started, waits for nobody. */
#include "core/failover/failover.h"

#include <stdio.h>

static bool has_master(const struct group *group)
{
    const struct node *master = group->master;
    return !master->subjective_down && master->report.at != NEVER &&
           master->report.role == ROLE_MASTER;
}

static bool is_majority_up(const struct group *group)
{
    uint32_t up = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        up += !voter->subjective_down &&
                      link_usable(&voter->peer->instance.command)
                  ? 1
                  : 0;
    }
    return up >= model_voters(group) / 2 + 1;
}

/* It is there, and what INFO said was said since it came back. */
static bool is_present(const struct node *node)
{
    return (node == node->group->master || !node->subjective_down) &&
           link_is_read(node);
}

static bool is_any_alive(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool alive = node == group->master
                         ? is_present(node)
                         : !node->subjective_down && node->report.at != NEVER;
        if (alive) {
            return true;
        }
    }
    return false;
}

static void note_since(msec *since, bool holds, msec now)
{
    if (!holds) {
        *since = NEVER;
    } else if (*since == NEVER) {
        *since = now;
    }
}

static msec later(msec a, msec b)
{
    return a > b ? a : b;
}

msec last_resort_patience(const struct group *group)
{
    return group->settings.last_resort_ms == 0 ? LAST_RESORT_MS
                                               : group->settings.last_resort_ms;
}

static bool takes_the_rest(const struct group *group)
{
    return group->last_resort.over && (group->settings.durability == 0 ||
                                       group->settings.last_resort_ms != 0);
}

msec last_resort_deadline(const struct group *group)
{
    const struct last_resort *resort = &group->last_resort;
    if (resort->masterless_since == NEVER || resort->majority_since == NEVER ||
        resort->present_since == NEVER) {
        return NEVER;
    }
    msec end = later(resort->masterless_since, resort->majority_since) +
               last_resort_patience(group);
    return resort->present_since < end
               ? end
               : resort->present_since + last_resort_patience(group);
}

static void begin(struct core *core, struct group *group, msec now)
{
    group->last_resort.over = true;
    char text[64];
    (void)snprintf(text, sizeof(text), "#after %llu ms",
                   (unsigned long long)last_resort_patience(group));
    event_group(core, LEVEL_WARNING, "+last-resort", group, text);
    election_hold_off(core, group, now + election_turn(core, group));
}

void last_resort_settle(struct core *core, struct group *group, msec now)
{
    struct last_resort *resort = &group->last_resort;
    note_since(&resort->masterless_since, !has_master(group), now);
    if (resort->masterless_since == NEVER) {
        resort->over = false;
        return;
    }
    note_since(&resort->majority_since, is_majority_up(group), now);
    note_since(&resort->present_since, is_any_alive(group), now);
    msec deadline = last_resort_deadline(group);
    if (resort->over || deadline == NEVER || !group->objective_down) {
        return;
    }
    if (now >= deadline) {
        begin(core, group, now);
    } else {
        schedule_sooner(core, &group->timer, deadline);
    }
}

/* It has followed nobody since its process was started: what it holds comes
 * from its file, and may be older than what it had. */
static bool has_restarted(const struct node *node)
{
    const struct report *report = &node->report;
    return report->role == ROLE_MASTER ||
           (!report->master_link_up && report->master_link_down_s < 0);
}

bool last_resort_follows_outage(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && is_present(node) && !has_restarted(node)) {
            return false;
        }
    }
    return true;
}

static const struct node *node_of(const struct group *group,
                                  const struct candidate *candidate)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node->id == candidate->id) {
            break;
        }
    }
    return node;
}

bool last_resort_waits(const struct group *group,
                       const struct candidate *chosen, char why[160])
{
    if (group->last_resort.over || !has_restarted(node_of(group, chosen))) {
        return false;
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        uint64_t offset;
        bool away = !is_present(node) || node->report.loading;
        if (!away || !last_offset_is_known(node, &offset) ||
            offset <= chosen->offset) {
            continue;
        }
        (void)snprintf(
            why, 160, "%.80s:%u, which is away, was seen with more data",
            node->instance.address.host, node->instance.address.port);
        return true;
    }
    return false;
}

/* Taking what would be left out. */

/* Somebody is just reading its file: an empty one can wait for that. */
static bool is_any_loading(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_present(node) && node->report.loading) {
            return true;
        }
    }
    return false;
}

static void admit(const struct node *node, bool empty_too,
                  struct candidate *candidate)
{
    const struct report *report = &node->report;
    uint64_t seen;
    if (lineage_is_kin(node->group, report)) {
        candidate->holding = HOLDS_A_BRANCH;
        candidate->offset = report->offset;
    } else if (report->keys > 0 && last_offset_is_known(node, &seen)) {
        candidate->holding = HOLDS_UNKNOWN;
        candidate->offset = seen;
    } else if (report->keys == 0 && empty_too) {
        candidate->holding = HOLDS_NOTHING;
        candidate->offset = 0;
    } else {
        return;
    }
    candidate->same_history = true;
    candidate->never_synced = false;
}

void last_resort_admit(const struct group *group, struct candidate *candidates,
                       size_t count)
{
    if (!takes_the_rest(group)) {
        return;
    }
    bool empty_too = group->settings.on_empty_master == ON_EMPTY_ALLOW &&
                     !is_any_loading(group);
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].has_info &&
            (!candidates[i].same_history || candidates[i].never_synced)) {
            admit(node_of(group, &candidates[i]), empty_too, &candidates[i]);
        }
    }
}
