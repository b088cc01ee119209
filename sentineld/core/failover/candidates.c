/* The candidates of a failover that we lead: cut off from the old master and
 * asked for INFO in one transaction, so that the offsets compared are final;
 * given back to the old master when nothing comes of it. */
#include "core/failover/failover.h"

#include <assert.h>

/* The server that we believe to be the master, but that follows nobody and
 * says it is a replica: told so by somebody whose failover came to nothing.
 * It is as good a candidate as any. One that was never master, or follows a
 * living server, is none: our belief may be the mistake. Whom a leader cut
 * off, he took for the master as well. */
static bool is_fallen_master(const struct node *node)
{
    const struct group *group = node->group;
    return node == group->master &&
           (group->config_epoch > 0 || lineage_is_known(group) ||
            model_is_detached(node)) &&
           node->report.at != NEVER && node->report.role == ROLE_REPLICA &&
           !node->report.master_link_up && link_usable(&node->instance.command);
}

bool candidates_include(const struct node *node)
{
    const struct group *group = node->group;
    if (node == group->master) {
        return is_fallen_master(node);
    }
    /* It says that it is a master: it may be ours, which we know by a name of
     * which we know no ip. */
    bool may_be_master = node->report.role == ROLE_MASTER &&
                         alias_may_be_same(node, group->master);
    return !model_is_same_server(node, group->master) && !may_be_master;
}

/* Its process is not known to be gone: it may be back in a moment, as after
 * CLIENT KILL by somebody who led before us. */
bool candidates_may_return(const struct node *node)
{
    const struct link *link = &node->instance.command;
    return (!node->subjective_down || is_fallen_master(node)) &&
           (link_usable(link) || link->refused_in_a_row < REFUSALS_NEEDED);
}

/* Of other makes nobody knows what they make of an order to follow nobody:
 * some empty themselves. They are only read. */
static void read_only(struct core *core, struct node *node, msec now)
{
    node->cut_off = CUT_READING;
    node->fresh = FRESH_WANTED;
    info_soon(core, node, now);
}

static void ask(struct core *core, struct node *node, msec now)
{
    const struct group *group = node->group;
    if (!node->report.known_engine) {
        read_only(core, node, now);
        return;
    }
    node->cut_offs_out++;
    node->cut_off = CUT_SENT;
    node->followed_at = NEVER; /* what it fetched ends */
    action_cut_off(core, node, failover_expiry(core, group, now + SELECT_MS));
}

/* Asks those that can be asked now; one that is away for a moment is waited
 * for, one that comes back later is asked then. */
static void ask_waiting(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool open = node->cut_off == CUT_NONE || node->cut_off == CUT_WAITING;
        if (!open || node->tried || !candidates_include(node) ||
            foreign_is_left_alone(node)) {
            continue;
        }
        node->cut_off = candidates_may_return(node) ? CUT_WAITING : CUT_NONE;
        if (node->cut_off == CUT_WAITING &&
            link_usable(&node->instance.command)) {
            ask(core, node, now);
        }
    }
}

void candidates_ask(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->cut_off = CUT_NONE;
    }
    ask_waiting(core, group, now);
    core_touch(core, group);
}

void candidates_ask_master(struct core *core, struct group *group, msec now)
{
    struct node *master = group->master;
    bool open = master->cut_off == CUT_NONE || master->cut_off == CUT_WAITING;
    if (open && link_usable(&master->instance.command)) {
        ask(core, master, now);
    }
}

bool candidates_are_missing(struct core *core, struct group *group, msec now)
{
    ask_waiting(core, group, now);
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool open = node->cut_off == CUT_WAITING || node->cut_off == CUT_SENT ||
                    node->cut_off == CUT_DONE || node->cut_off == CUT_READING;
        if (open && candidates_may_return(node)) {
            return true;
        }
    }
    return false;
}

/* It was asked, has not answered, and is not down; and it would win. */
static bool would_win(const struct node *node, const struct candidate *best)
{
    uint64_t seen = 0;
    bool open = node->cut_off == CUT_WAITING || node->cut_off == CUT_SENT ||
                node->cut_off == CUT_DONE || node->cut_off == CUT_READING;
    bool later = best != NULL && !best->data_first &&
                 best->priority < node->report.priority;
    return open && !node->tried && !later && node->report.priority != 0 &&
           candidates_may_return(node) && last_offset_is_known(node, &seen) &&
           seen > (best == NULL ? 0 : best->offset);
}

static msec later_of(msec a, msec b)
{
    return a > b ? a : b;
}

bool candidates_wait_for_more(struct core *core, struct group *group,
                              const struct candidate *best, msec now)
{
    msec patience = group->settings.down_after_ms;
    patience = patience < MORE_MS ? patience : MORE_MS;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        msec since = later_of(group->failover.state_since,
                              node->instance.command.state_since);
        if (would_win(node, best) && now < since + patience) {
            schedule_sooner(core, &group->timer, since + patience);
            return true;
        }
    }
    return false;
}

void candidates_log(struct core *core, struct group *group,
                    const struct candidate *candidates, size_t count)
{
    report_note_candidates(group, candidates, count);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *candidate = &candidates[i];
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (node->id == candidate->id) {
                break;
            }
        }
        assert(node != NULL);
        event_log(core, LEVEL_NOTICE,
                  "%s: candidate %s:%u, priority %u, offset %llu: %s",
                  group->name, node->instance.address.host,
                  node->instance.address.port, candidate->priority,
                  (unsigned long long)candidate->offset,
                  select_verdict_name(candidate->verdict));
    }
}

/* Only the answer to the last one counts: an earlier attempt's may still be
 * on its way, with an offset from before it was given back. */
void candidates_on_cut_off(struct core *core, struct node *node,
                           enum ack_result result, msec now)
{
    if (node->cut_offs_out > 0) {
        node->cut_offs_out--;
    }
    if (node->cut_off == CUT_SENT && node->cut_offs_out == 0) {
        node->cut_off = result == ACK_OK ? CUT_DONE : CUT_REFUSED;
        if (result == ACK_OK && node->detached_at == NEVER) {
            node->detached_at = now;
        }
    }
    core_touch(core, node->group);
}

/* Replicas that we cut off follow the old master again - unless our votes
 * no longer bind: then somebody else may be at work on them, and whoever
 * finds them cut off later repairs them. */
void candidates_give_back(struct core *core, struct group *group, msec now)
{
    if (master_restart_is_guarded(group) &&
        group->restart.state != RESTART_BEHIND) {
        return; /* nobody is there, or we do not know yet what it holds */
    }
    msec lease_end = failover_lease_end(core, group);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool cut = node->cut_off == CUT_SENT || node->cut_off == CUT_DONE ||
                   (node->cut_off == CUT_READ && node->detached_at != NEVER);
        if (cut && node != group->master && now < lease_end &&
            node != group->failover.promoted && follow_is_free(node) &&
            follow_has_turn(core, node, now) &&
            link_usable(&node->instance.command)) {
            follow_send(core, node, lease_end, now);
            node->cut_off = CUT_REFUSED; /* once, and not to be cut off again */
        }
    }
}

/* One that was cut off may follow again: whoever told it to closed our
 * connection in the same transaction, or it was restarted. */
void candidates_forget_pending(struct node *node)
{
    node->cut_offs_out = 0;
    node->detached_at = NEVER;
    if (node->cut_off == CUT_SENT || node->cut_off == CUT_DONE ||
        node->cut_off == CUT_READING || node->cut_off == CUT_READ) {
        node->cut_off = CUT_WAITING; /* ask again */
    }
}
