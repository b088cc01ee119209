/* The promotion: one candidate is told to be master, and it is a fact as soon
 * as the server itself says so. One that refuses or does not answer is
 * replaced by the next. */
#include "core/failover/failover.h"

#include <stdio.h>

void promotion_send(struct core *core, struct group *group, struct node *node,
                    msec now)
{
    struct failover *failover = &group->failover;
    event_node(core, LEVEL_WARNING, "+selected-slave", node, "");
    event_node(core, LEVEL_NOTICE, "+failover-state-send-slaveof-noone", node,
               "");
    failover_move(group, FAILOVER_PROMOTE, now);
    failover->promoted = node;
    failover->promotion = PROMOTION_SENT;
    failover->promote_sent_at = now;
    msec expires_at = failover_expiry(core, group, now + PROMOTE_MS);
    fencing_before_promotion(core, node, expires_at);
    action_replicaof(core, node, NULL, expires_at);
    event_node(core, LEVEL_NOTICE, "+failover-state-wait-promotion", node, "");
    schedule_sooner(core, &group->timer, now + PROMOTE_MS);
}

/* The server itself says that it is master: now it is a fact, and others are
 * to keep it (commit.c). */
static void confirm(struct core *core, struct group *group, msec now)
{
    event_node(core, LEVEL_WARNING, "+promoted-slave", group->failover.promoted,
               "");
    settings_simulate(core, SIMULATE_AFTER_PROMOTION);
    commit_start(core, group, now);
}

/* This one did not: the next, if there is time. One that may still obey
 * later is remembered as a stray to be demoted on sight. */
static void try_next(struct core *core, struct group *group, const char *why,
                     msec now)
{
    struct failover *failover = &group->failover;
    struct node *node = failover->promoted;
    event_log(core, LEVEL_WARNING, "%s: %s:%u was not promoted: %s",
              group->name, node->instance.address.host,
              node->instance.address.port, why);
    node->tried = true;
    node->former_master =
        failover->promotion == PROMOTION_SENT && node != group->master;
    if (failover->purpose == PURPOSE_PLANNED) {
        (void)snprintf(failover->switchover.why,
                       sizeof(failover->switchover.why),
                       "the replica was not promoted: %s", why);
        failover_undo(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
    failover->promoted = NULL;
    failover->promotion = PROMOTION_NONE;
    failover_move(group, FAILOVER_SELECT, now);
    candidates_ask(core, group, now);
    core_touch(core, group);
}

bool promotion_send_bare(struct core *core, struct node *node)
{
    struct group *group = node->group;
    struct failover *failover = &group->failover;
    if (failover->state == FAILOVER_PROMOTE && node == failover->promoted) {
        action_replicaof(
            core, node, NULL,
            failover_expiry(core, group,
                            failover->promote_sent_at + PROMOTE_MS));
        return true;
    }
    return false;
}

bool promotion_on_replicaof(struct core *core, struct node *node,
                            enum ack_result result, enum role role, msec now)
{
    struct group *group = node->group;
    struct failover *failover = &group->failover;
    if (failover->state != FAILOVER_PROMOTE || node != failover->promoted) {
        return false;
    }
    core_touch(core, group);
    if (result == ACK_UNSENT) {
        failover->promotion = PROMOTION_UNSENT;
    } else if (role == ROLE_MASTER) {
        info_on_role(core, node, role, now);
        failover->promotion = PROMOTION_CONFIRMED;
    } else if (result == ACK_OK && role == ROLE_UNKNOWN) {
        info_soon(core, node, now); /* it may not be asked for ROLE */
    } else {
        failover->promotion = PROMOTION_REFUSED;
    }
    return true;
}

/* The reply was lost, but INFO tells how it ended. */
void promotion_on_info(struct core *core, struct node *node)
{
    struct failover *failover = &node->group->failover;
    if (failover->state == FAILOVER_PROMOTE && node == failover->promoted &&
        failover->promotion == PROMOTION_SENT &&
        node->report.role == ROLE_MASTER) {
        failover->promotion = PROMOTION_CONFIRMED;
        core_touch(core, node->group);
    }
}

/* What the candidate made of the command; true = a decision was taken. */
static bool judge(struct core *core, struct group *group, msec now)
{
    switch (group->failover.promotion) {
    case PROMOTION_CONFIRMED:
        confirm(core, group, now);
        return true;
    case PROMOTION_REFUSED:
        try_next(core, group, "it refused", now);
        return true;
    case PROMOTION_UNSENT:
        try_next(core, group, "the command could not be sent", now);
        return true;
    case PROMOTION_NONE:
    case PROMOTION_SENT:
        return false;
    }
    return false;
}

/* The master that was made a replica counts as down for that alone, and is
 * just about to be master again. */
static bool has_gone(const struct node *promoted)
{
    return promoted->subjective_down && promoted != promoted->group->master;
}

/* Our votes have run out, or the server has lost its data already.
 * Whoever leads now may have found the old master well, and replicas of it may
 * have confirmed writes since. What we promoted is a stray: the next leader
 * takes it for a candidate, or it is made a replica again. */
void promotion_take_back(struct core *core, struct group *group, msec now)
{
    const struct address *promoted = &group->master->instance.address;
    event_log(core, LEVEL_WARNING,
              "%s: %s:%u was promoted in vain: before anybody was told, %s",
              group->name, promoted->host, promoted->port,
              master_restart_is_guarded(group) ? "its process was gone"
                                               : "our votes had run out");
    report_forget(core, group, group->config_epoch);
    switch_take_back(core, group, now);
    master_restart_judge_anew(core, group, now);
    if (group->failover.state == FAILOVER_RECONF) {
        failover_abort(core, group, "-failover-abort-slave-timeout", now);
    }
}

void promotion_settle(struct core *core, struct group *group, msec now)
{
    struct failover *failover = &group->failover;
    if (!failover_still_leads(core, group, now)) {
        failover_abort(core, group, "-failover-abort-slave-timeout", now);
        return;
    }
    if (judge(core, group, now)) {
        return;
    }
    if (has_gone(failover->promoted)) {
        try_next(core, group, "it went down", now);
        return;
    }
    msec end = failover->promote_sent_at + PROMOTE_MS;
    if (now >= end) {
        try_next(core, group, "it did not answer in time", now);
        return;
    }
    schedule_sooner(core, &group->timer, end);
}
