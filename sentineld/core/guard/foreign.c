/* Servers that are not of our kind are left alone.
 *
 * A server that holds data of another replication history, never got our
 * master's, or belongs to another group would be wiped by following our
 * master. It is neither promoted nor told anything until it is of our kind -
 * it has synchronised, say - or an operator adopts it. That is decided while
 * our master is there to compare with, must last for a while, and survives a
 * restart.
 *
 * Never left alone: a server without a key, for it has nothing to lose; one
 * that was our master and comes back as one, whatever it says of its data -
 * two masters are worse; and one of our own chain, a stray that was promoted
 * by hand for example. repair.c puts those right. */
#include "core/guard/guard.h"

#include <assert.h>

static bool has_server(const struct group *group,
                       const struct instance *instance)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (instance_is_same(&node->instance, instance)) {
            return true;
        }
    }
    return false;
}

/* A living group other than ours has this server. Where both have our master
 * too, they are two names of one thing. */
static bool is_elsewhere(const struct node *node, const struct group *other)
{
    const struct group *group = node->group;
    return other != NULL && other != group &&
           other->master->report.role == ROLE_MASTER &&
           !has_server(other, &group->master->instance);
}

/* One process may be known by a name here and by an ip there. */
static bool leads_elsewhere(const struct core *core, const struct node *node)
{
    const struct group *other;
    if (node->report.role != ROLE_MASTER || node->report.run_id[0] == '\0') {
        return false;
    }
    TAILQ_FOREACH (other, &core->model.groups, entry) {
        if (strcmp(other->master->report.run_id, node->report.run_id) == 0 &&
            is_elsewhere(node, other)) {
            return true;
        }
    }
    return false;
}

static bool is_of_another_group(struct core *core, const struct node *node)
{
    if (is_elsewhere(node, model_group_of(core, &node->instance)) ||
        leads_elsewhere(core, node)) {
        return true;
    }
    return node->report.role == ROLE_REPLICA &&
           is_elsewhere(node, model_group_at(core, &node->report.master));
}

/* It follows one of our servers, or was cut off by one of us. */
static bool follows_one_of_us(const struct node *node)
{
    const struct address *master = &node->report.master;
    bool nowhere =
        master->port == NOWHERE_PORT && strcmp(master->host, NOWHERE_HOST) == 0;
    return node->report.role == ROLE_REPLICA &&
           (nowhere || model_find_node(node->group, master) != NULL);
}

static enum quarantine judge(struct core *core, const struct node *node)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    if (model_is_same_server(node, group->master) || node->foreign.adopted) {
        return QUARANTINE_NONE;
    }
    if (report->at == NEVER || report->role == ROLE_UNKNOWN ||
        report->loading) {
        return node->foreign.kind; /* nothing new */
    }
    if (is_of_another_group(core, node)) {
        return QUARANTINE_GROUP;
    }
    if (!lineage_is_known(group) || lineage_is_kin(group, report) ||
        node->former_master || report->keys == 0) {
        return QUARANTINE_NONE;
    }
    if (!follows_one_of_us(node)) {
        return QUARANTINE_HISTORY;
    }
    bool tries =
        report->sync_in_progress && node->foreign.kind != QUARANTINE_UNSYNCED;
    return report->master_link_up || tries ? QUARANTINE_NONE
                                           : QUARANTINE_UNSYNCED;
}

const char *foreign_name(enum quarantine quarantine)
{
    switch (quarantine) {
    case QUARANTINE_NONE:
        return "";
    case QUARANTINE_HISTORY:
        return "its data are of another history";
    case QUARANTINE_UNSYNCED:
        return "its data are of another history, and it does not synchronise";
    case QUARANTINE_GROUP:
        return "it belongs to another master";
    }
    assert(false);
    return "";
}

static void change(struct core *core, struct node *node, enum quarantine next)
{
    bool begins = node->foreign.kind == QUARANTINE_NONE;
    node->foreign.kind = next;
    model_save_node(core, node, false);
    if (next == QUARANTINE_NONE) {
        event_node(core, LEVEL_WARNING, "-quarantine", node,
                   node->foreign.adopted ? "an operator has adopted it" : "");
    } else if (begins) {
        event_node(core, LEVEL_WARNING, "+quarantine", node,
                   foreign_name(next));
    }
}

/* Is our master there to compare with? */
static bool is_master_there(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.role == ROLE_MASTER;
}

static msec patience_ms(enum quarantine verdict)
{
    return verdict == QUARANTINE_UNSYNCED ? QUARANTINE_UNSYNCED_MS
                                          : QUARANTINE_MS;
}

static void suspect(struct core *core, struct node *node,
                    enum quarantine verdict, msec now)
{
    if (!is_master_there(node->group)) {
        verdict = QUARANTINE_NONE;
    }
    if (node->foreign.suspected != verdict) {
        node->foreign.suspected = verdict;
        node->foreign.suspected_since = now;
    }
    if (verdict == QUARANTINE_NONE) {
        return;
    }
    msec due = node->foreign.suspected_since + patience_ms(verdict);
    if (now >= due) {
        change(core, node, verdict);
    } else {
        schedule_sooner(core, &node->group->timer, due);
    }
}

/* It is a replica of ours again: from now on it is judged as any other. */
static void end_adoption(struct core *core, struct node *node)
{
    const struct report *report = &node->report;
    if (node->foreign.adopted && report->role == ROLE_REPLICA &&
        report->master_link_up && lineage_is_kin(node->group, report) &&
        instance_is_at(&node->group->master->instance, &report->master)) {
        node->foreign.adopted = false;
        model_save_node(core, node, false);
    }
}

void foreign_settle(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        end_adoption(core, node);
        enum quarantine verdict = judge(core, node);
        if (node->foreign.kind == QUARANTINE_NONE) {
            suspect(core, node, verdict, now);
        } else if (node->foreign.kind != verdict) {
            node->foreign.suspected = QUARANTINE_NONE;
            change(core, node, verdict);
        }
    }
}

bool foreign_is_left_alone(const struct node *node)
{
    return node->foreign.kind != QUARANTINE_NONE ||
           (node->foreign.suspected != QUARANTINE_NONE &&
            node->foreign.suspected != QUARANTINE_UNSYNCED);
}

void foreign_end(struct node *node)
{
    node->foreign.kind = node->foreign.suspected = QUARANTINE_NONE;
}

enum admin_result foreign_adopt(struct core *core, struct group *group,
                                const struct address *address,
                                const char **why_not)
{
    struct node *node = model_find_node(group, address);
    if (node == NULL) {
        *why_not = "no server of this master is known at that address";
        return ADMIN_REFUSED;
    }
    if (node->foreign.kind == QUARANTINE_NONE) {
        *why_not = "that server is not in quarantine";
        return ADMIN_REFUSED;
    }
    node->foreign.adopted = true;
    core_touch(core, group); /* the rest follows from that */
    return ADMIN_OK;
}
