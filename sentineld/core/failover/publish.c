/* Tells the world of a new configuration, once it is on our disk: one that
 * we committed, with a majority's disks behind it (commit.c), or one that a
 * peer told us of.
 *
 * Believing and telling are separate steps, so that a crash can never take
 * back what somebody was told. A leader whose votes run out in between, for
 * its disk was slow or it stood still, tells nobody: others have been free to
 * decide otherwise since. */
#include "core/failover/failover.h"

static void say_switch(struct core *core, struct group *group,
                       const struct address *old)
{
    const struct peer *from = model_peer(core, group->update_from);
    const struct voter *voter =
        from != NULL ? model_find_voter(group, from) : NULL;
    if (voter != NULL) {
        event_voter(core, LEVEL_WARNING, "+config-update-from", voter, "");
    }
    switch_publish(core, group);
    const struct address *now = model_current_address(group);
    event_about(core, group, "+switch-master", "%s %s %u %s %u", group->name,
                old->host, old->port, now->host, now->port);
    /* Nobody told us of it: we did it. */
    event_client_reconfig(core, group, old, group->update_from[0] == '\0');
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->published) {
            event_node(core, LEVEL_NOTICE, "+slave", node, "");
        }
    }
}

static void publish_group(struct core *core, struct group *group, msec now)
{
    TAILQ_REMOVE(&core->unpublished, group, unpublished_entry);
    if (group->published == group->master) {
        switch_publish(core, group);
    } else {
        struct address old = group->published->instance.shown;
        say_switch(core, group, &old);
    }
    report_published(core, group);
    if (group->failover.state == FAILOVER_RECONF) {
        switchover_done(core, group);
    }
    group->update_from[0] = '\0';
    hello_soon(core, group, now);
    core_touch(core, group);
}

/* Whoever told us of it answers for it; what we did is ours to tell only as
 * long as we lead. */
static bool is_too_late(const struct core *core, const struct group *group,
                        msec now)
{
    return group->failover.state == FAILOVER_RECONF &&
           !failover_still_leads(core, group, now);
}

void publish_saved(struct core *core, msec now)
{
    struct group *group = TAILQ_FIRST(&core->unpublished);
    while (group != NULL) {
        struct group *next = TAILQ_NEXT(group, unpublished_entry);
        if (group->unpublished_version > core->saved_version) {
            group = next;
            continue;
        }
        if (is_too_late(core, group, now)) {
            promotion_take_back(core, group, now);
        } else {
            publish_group(core, group, now);
        }
        group = next;
    }
}
