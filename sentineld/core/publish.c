/* Tells the world of a new configuration, once it is on disk.
 *
 * Believing and telling are separate steps. A switch changes what we believe
 * and asks for a save; when that is durable the peers hear of it, so a crash
 * can never take back what somebody was told; and when a majority of them has
 * taken it, the clients hear of it, so that they never write to a master that
 * died with its only witness. */
#include "private.h"

static void say_switch(struct core *core, struct group *group,
                       const struct address *old)
{
    const struct peer *from = model_peer(core, group->update_from);
    const struct member *member =
        from != NULL ? model_find_member(group, from) : NULL;
    if (member != NULL) {
        out_event_member(core, LEVEL_WARNING, "+config-update-from", member,
                         "");
    }
    model_publish(core, group);
    const struct address *now = model_current_address(group);
    out_event_about(core, group, "+switch-master", "%s %s %u %s %u",
                    group->name, old->host, old->port, now->host, now->port);
    /* Nobody told us of it: we did it. */
    out_client_reconfig(core, group, old, group->update_from[0] == '\0');
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->published) {
            out_event_node(core, LEVEL_NOTICE, "+slave", node, "");
        }
    }
}

static void publish_group(struct core *core, struct group *group, msec now)
{
    TAILQ_REMOVE(&core->unpublished, group, unpublished_entry);
    group->spreading = false;
    if (group->published == group->master) {
        model_publish(core, group);
    } else {
        struct address old = group->published->instance.shown;
        say_switch(core, group, &old);
    }
    report_published(core, group);
    if (group->failover.state == FAILOVER_RECONF) {
        switchover_done(core, group);
    }
    group->update_from[0] = '\0';
    gossip_hello_soon(core, group, now);
    core_touch(core, group);
}

/* Peers whose process has taken our hello of this configuration. */
static bool majority_knows(const struct group *group)
{
    uint32_t knowing = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        knowing += member->told_epoch >= group->config_epoch ? 1 : 0;
    }
    return knowing >= model_voters(group) / 2 + 1;
}

void publish_settle(struct core *core, struct group *group, msec now)
{
    if (!group->spreading) {
        return;
    }
    if (majority_knows(group) || now >= group->spread_until) {
        publish_group(core, group, now);
    } else {
        schedule_sooner(core, &group->timer, group->spread_until);
    }
}

/* What a peer told us, a majority knows or will know without us. */
static void spread(struct core *core, struct group *group, msec now)
{
    group->spreading = true;
    group->told = group->master;
    group->told_epoch = group->config_epoch;
    group->spread_until = group->update_from[0] != '\0' ? now : now + SPREAD_MS;
    gossip_hello_soon(core, group, now);
    core_touch(core, group);
}

/* We promoted, and have told nobody yet: it can still be taken back. Not in a
 * planned switchover: there the old master has let go. */
static bool is_revocable(const struct group *group)
{
    const struct failover *failover = &group->failover;
    return failover->state == FAILOVER_RECONF &&
           group->told_epoch < group->config_epoch &&
           !failover->switchover.planned;
}

/* The disk was slow or we stood still, and others have been free to decide
 * otherwise since. */
static bool is_too_late(const struct core *core, const struct group *group,
                        msec now)
{
    return is_revocable(group) && !failover_still_leads(core, group, now);
}

/* Whatever we say now leaves when our disk has done what it was given since,
 * and that may take longer than our votes bind. So nothing counts as told
 * before; only a disk that is done again and again, and always has more to do,
 * is not waited for any longer. */
static bool would_wait(const struct core *core, struct group *group, msec now)
{
    if (!is_revocable(group) || core->saved_version >= core->version) {
        return false;
    }
    if (group->spread_until == NEVER) {
        group->spread_until = now + SPREAD_MS;
    }
    return now < group->spread_until;
}

void publish_saved(struct core *core, msec now)
{
    struct group *group = TAILQ_FIRST(&core->unpublished);
    while (group != NULL) {
        struct group *next = TAILQ_NEXT(group, unpublished_entry);
        if (!group->spreading &&
            group->unpublished_version <= core->saved_version) {
            if (is_too_late(core, group, now)) {
                promotion_take_back(core, group, now);
            } else if (!would_wait(core, group, now)) {
                spread(core, group, now);
            }
        }
        group = next;
    }
}
