/* Is it down for us? Sentinel calls that subjectively down.
 *
 * Our own clocks say so: no acceptable reply for down_after_ms, refusals for
 * refused_after_ms, busy or loading for longer than it may be, a master that
 * was restarted and does not serve yet, or one that calls itself a replica for
 * down_after_ms. An error about passwords or permissions, or a refused
 * handshake of TLS, is a reply of a living process (alarm.c). */
#include "core/detect/detect.h"

bool down_is_acceptable(enum pong pong)
{
    switch (pong) {
    case PONG_OK:
    case PONG_LOADING:
    case PONG_MASTERDOWN:
    case PONG_NOAUTH:
    case PONG_WRONGPASS:
    case PONG_NOPERM:
    case PONG_MISCONF:
        return true;
    case PONG_BUSY:
    case PONG_ERROR:
        return false;
    }
    return false;
}

bool down_accepts(const struct link *link, enum pong pong)
{
    bool may_be_busy =
        link->node != NULL && link->node->group->settings.busy_after_ms != 0;
    /* a supervisor that does not let us in can neither agree nor vote */
    bool locked =
        link->peer != NULL && (pong == PONG_NOAUTH || pong == PONG_WRONGPASS);
    return (down_is_acceptable(pong) && !locked) ||
           (pong == PONG_BUSY && may_be_busy);
}

/* Subjectively down. */

static bool is_silent(struct core *core, struct group *group,
                      const struct instance *instance, msec now)
{
    msec limit_ms = group->settings.down_after_ms;
    msec silence = link_silence(instance, now);
    if (silence >= limit_ms) {
        return true;
    }
    schedule_sooner(core, &group->timer,
                    instance->health.ok_at + limit_ms > now
                        ? instance->health.ok_at + limit_ms
                        : now + limit_ms);
    return false;
}

/* Its kernel refuses us: the process is gone. */
static bool is_refusing(struct core *core, struct group *group,
                        const struct link *link, msec now)
{
    msec limit_ms = group->settings.refused_after_ms;
    if (limit_ms == 0 || link->refused_in_a_row == 0) {
        return false;
    }
    if (now - link->refused_since < limit_ms) {
        schedule_sooner(core, &group->timer, link->refused_since + limit_ms);
        return false;
    }
    return link->refused_in_a_row >= REFUSALS_NEEDED;
}

/* How long it may give this answer; 0 = for ever, or silence counts. */
static msec budget_of(const struct group *group, enum pong pong)
{
    if (pong == PONG_BUSY) {
        return group->settings.busy_after_ms;
    }
    return pong == PONG_LOADING ? group->settings.loading_after_ms : 0;
}

/* Busy with a script, or loading, for longer than it may be. */
static bool is_over_budget(struct core *core, struct group *group,
                           const struct health *health, msec now)
{
    msec budget = budget_of(group, health->pong);
    if (budget == 0) {
        return false;
    }
    if (now - health->pong_since < budget) {
        schedule_sooner(core, &group->timer, health->pong_since + budget);
        return false;
    }
    return true;
}

/* A master that was restarted has a time of its own until it serves again. */
static bool is_rebooting_long(struct core *core, struct group *group,
                              const struct node *node, msec now)
{
    msec limit_ms = group->settings.reboot_after_ms;
    if (limit_ms == 0 || node != group->master || node->rebooted_at == NEVER ||
        node->instance.health.pong == PONG_OK) {
        return false;
    }
    if (now - node->rebooted_at < limit_ms) {
        schedule_sooner(core, &group->timer, node->rebooted_at + limit_ms);
        return false;
    }
    return true;
}

/* Where another server is master, somebody may know better than we do, and
 * tell us. Where none is, as in a circle of replicas, nobody will. */
static msec no_master_patience(const struct group *group)
{
    msec patience = group->settings.down_after_ms;
    if (model_is_detached(group->master)) {
        return patience < REPAIR_CUT_OFF_MS ? patience : REPAIR_CUT_OFF_MS;
    }
    if (model_find_node(group, &group->master->report.master) == NULL) {
        return patience; /* it follows somebody that we do not know */
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!node->subjective_down && node->report.role == ROLE_MASTER) {
            return patience;
        }
    }
    return patience < NO_MASTER_MS ? patience : NO_MASTER_MS;
}

/* Our master says that it is a replica, and keeps saying so. One that a
 * leader cut off waits for nothing but the next leader. */
static bool is_no_master(struct core *core, struct group *group,
                         struct node *node, msec now)
{
    if (node != group->master || node->report.role != ROLE_REPLICA) {
        return false;
    }
    msec since = node->report.role_since;
    if (group->switched_at != NEVER && since < group->switched_at) {
        since = group->switched_at; /* before, it had every right to */
    }
    if (node->subjective_down) {
        return true; /* whomever it was told to follow meanwhile */
    }
    msec limit_ms = no_master_patience(group);
    if (now - since < limit_ms) {
        schedule_sooner(core, &group->timer, since + limit_ms);
        return false;
    }
    if (node->report.at != NEVER && node->report.at > since + limit_ms / 2) {
        return true;
    }
    info_soon(core, node, now); /* does it still say so? */
    return false;
}

/* Why it counts as down, in the words of the log. */
static void say_why(struct core *core, const struct node *node, msec now)
{
    const struct instance *instance = &node->instance;
    const struct health *health = &instance->health;
    const char *trouble = instance_trouble(instance);
    msec silence = now - health->ok_at;
    if (silence < node->group->settings.down_after_ms &&
        (budget_of(node->group, health->pong) != 0 ||
         node->rebooted_at != NEVER)) {
        event_log(core, LEVEL_NOTICE,
                  "%s: %s:%u is subjectively down: %s for %llu ms",
                  node->group->name, instance->address.host,
                  instance->address.port, trouble,
                  (unsigned long long)(now - health->pong_since));
        return;
    }
    event_log(core, LEVEL_NOTICE,
              "%s: %s:%u is subjectively down: %s, no acceptable reply for "
              "%llu ms, %u refusals in a row",
              node->group->name, instance->address.host, instance->address.port,
              trouble[0] != '\0'                  ? trouble
              : node->report.role == ROLE_REPLICA ? "says it is a replica"
                                                  : "silent",
              (unsigned long long)silence, instance->command.refused_in_a_row);
}

/* A script that never ends is the one thing we may stop on a server. */
static void try_script_kill(struct core *core, struct node *node)
{
    if (node->script_killed || node->instance.health.pong != PONG_BUSY ||
        !link_usable(&node->instance.command)) {
        return;
    }
    node->script_killed = true;
    action_simple(core, ACT_SCRIPT_KILL, &node->instance.command, node->group);
}

static void check_node(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    bool silent = is_silent(core, group, &node->instance, now);
    bool refusing = is_refusing(core, group, &node->instance.command, now);
    bool no_master = is_no_master(core, group, node, now);
    bool over = is_over_budget(core, group, &node->instance.health, now);
    bool rebooting = is_rebooting_long(core, group, node, now);
    bool down = silent || refusing || no_master || over || rebooting;
    alarm_check_node(core, node, now);
    if (down) {
        try_script_kill(core, node);
    }
    if (down == node->subjective_down) {
        return;
    }
    node->subjective_down = down;
    node->subjective_down_since = now;
    if (!down) {
        node->script_killed = false;
        event_node(core, LEVEL_WARNING, "-sdown", node, "");
        info_soon(core, node, now);
        return;
    }
    event_node(core, LEVEL_WARNING, "+sdown", node, "");
    say_why(core, node, now);
    if (node == group->master) {
        info_now(core, group, now);
    }
}

static void check_voter(struct core *core, struct voter *voter, msec now)
{
    alarm_check_voter(core, voter);
    bool down = is_silent(core, voter->group, &voter->peer->instance, now);
    if (down == voter->subjective_down) {
        return;
    }
    voter->subjective_down = down;
    voter->subjective_down_since = now;
    event_voter(core, LEVEL_WARNING, down ? "+sdown" : "-sdown", voter, "");
}

void down_check_subjective(struct core *core, struct group *group, msec now)
{
    struct node *node;
    evidence_settle(core, group, now);
    TAILQ_FOREACH (node, &group->nodes, entry) {
        check_node(core, node, now);
    }
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        check_voter(core, voter, now);
    }
}
