/* Is it down?
 *
 * Subjectively: our own clocks say so - no acceptable reply for
 * down_after_ms, refusals for refused_after_ms, busy or loading for longer
 * than it may be, a master that was restarted and does not serve yet, or one
 * that calls itself a replica for down_after_ms.
 * Objectively: a quorum of supervisors say so, and its replicas do not prove
 * that it lives (witness.c). An error about passwords or permissions, or a
 * refused handshake of TLS, is a reply of a living process: an alarm of its
 * own, never a death.
 */
#include "core/detect/detect.h"

#include <stdio.h>

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

static bool is_denied(enum pong pong)
{
    return pong == PONG_NOAUTH || pong == PONG_WRONGPASS || pong == PONG_NOPERM;
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
    if (observe_is_cut_off(group->master)) {
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
    link_info_soon(core, node, now); /* does it still say so? */
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
        out_log(core, LEVEL_NOTICE,
                "%s: %s:%u is subjectively down: %s for %llu ms",
                node->group->name, instance->address.host,
                instance->address.port, trouble,
                (unsigned long long)(now - health->pong_since));
        return;
    }
    out_log(core, LEVEL_NOTICE,
            "%s: %s:%u is subjectively down: %s, no acceptable reply for "
            "%llu ms, %u refusals in a row",
            node->group->name, instance->address.host, instance->address.port,
            trouble[0] != '\0'                  ? trouble
            : node->report.role == ROLE_REPLICA ? "says it is a replica"
                                                : "silent",
            (unsigned long long)silence, instance->command.refused_in_a_row);
}

/* What it said on an earlier connection says nothing about this one. */
static bool answers_well(const struct instance *instance)
{
    const struct link *link = &instance->command;
    return link->state == LINK_UP && instance->health.pong == PONG_OK &&
           instance->health.reply_at != NEVER &&
           instance->health.reply_at >= link->state_since;
}

/* It cannot write its snapshots, and so takes no writes. */
static void check_persistence(struct core *core, struct node *node, msec now)
{
    const struct instance *instance = &node->instance;
    const struct group *group = node->group;
    bool failing = instance->command.state == LINK_UP
                       ? instance->health.pong == PONG_MISCONF
                       : node->misconf;
    if (failing == node->misconf) {
        return;
    }
    node->misconf = failing;
    out_event_node(core, LEVEL_WARNING,
                   failing ? "+persistence-failing" : "-persistence-failing",
                   node, "");
    if (failing && node == group->master) {
        out_log(core, LEVEL_WARNING,
                "%s: the master cannot save its data and refuses writes "
                "(MISCONF): look at its disk and its log. A replica that can "
                "save takes its place, if there is one",
                group->name);
        observe_info_now(core, node->group, now);
    }
}

static void check_alarm(struct core *core, struct node *node, msec now)
{
    check_persistence(core, node, now);
    const struct instance *instance = &node->instance;
    bool is_up = instance->command.state == LINK_UP;
    bool denied = is_up ? is_denied(instance->health.pong)
                        : instance->command.failure == FAILURE_TLS;
    if (denied && !node->alarmed) {
        node->alarmed = true;
        out_event_node(core, LEVEL_WARNING, "+access-denied", node,
                       instance_trouble(instance));
    } else if (node->alarmed && answers_well(instance)) {
        node->alarmed = false;
        out_event_node(core, LEVEL_WARNING, "-access-denied", node, "");
    }
}

void down_on_refusal(struct core *core, struct link *link, enum denied what,
                     enum ack_result result)
{
    static const char *const names[] = {
        [DENIED_INFO] = "INFO is refused",
        [DENIED_SUBSCRIBE] = "subscribing to __sentinel__:hello is refused",
        [DENIED_PUBLISH] = "publishing to __sentinel__:hello is refused",
        [DENIED_CONFIG] = "CONFIG is refused: fencing cannot be set",
        [DENIED_MULTI] = "MULTI or EXEC is refused: a change of role is not "
                         "made durable, and clients stay where they are",
        [DENIED_SLAVEOF] =
            "SLAVEOF is refused: it can be neither promoted nor demoted",
        [DENIED_REWRITE] = "CONFIG REWRITE is refused: it forgets a change of "
                           "role when it is restarted",
        [DENIED_KILL] =
            "CLIENT KILL is refused: clients stay with an old master",
        [DENIED_PAUSE] =
            "CLIENT PAUSE is refused: a planned failover may lose writes",
    };
    struct node *node = link->node;
    if (node == NULL || result == ACK_UNSENT) {
        return;
    }
    /* while it is loading or busy it refuses everything, and that is said */
    bool denied =
        result == ACK_REFUSED && node->instance.health.pong == PONG_OK;
    if (denied != node->denied[what]) {
        node->denied[what] = denied;
        out_event_node(core, LEVEL_WARNING,
                       denied ? "+access-denied" : "-access-denied", node,
                       names[what]);
    }
}

/* A script that never ends is the one thing we may stop on a server. */
static void try_script_kill(struct core *core, struct node *node)
{
    if (node->script_killed || node->instance.health.pong != PONG_BUSY ||
        !link_usable(&node->instance.command)) {
        return;
    }
    node->script_killed = true;
    out_simple(core, ACT_SCRIPT_KILL, &node->instance.command, node->group);
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
    check_alarm(core, node, now);
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
        out_event_node(core, LEVEL_WARNING, "-sdown", node, "");
        link_info_soon(core, node, now);
        return;
    }
    out_event_node(core, LEVEL_WARNING, "+sdown", node, "");
    say_why(core, node, now);
    if (node == group->master) {
        observe_info_now(core, group, now);
    }
}

static void check_member_alarm(struct core *core, struct member *member)
{
    const struct instance *instance = &member->peer->instance;
    bool locked = instance_is_locked(instance);
    if (locked && !member->alarmed) {
        member->alarmed = true;
        out_event_member(core, LEVEL_WARNING, "+access-denied", member,
                         pong_name(instance->health.pong));
        out_log(core, LEVEL_WARNING,
                "%s: the supervisor at %s:%u does not let us in (%s): it can "
                "neither agree nor vote; give all of them the same password",
                member->group->name, instance->shown.host, instance->shown.port,
                pong_name(instance->health.pong));
    } else if (!locked && member->alarmed) {
        member->alarmed = false;
        out_event_member(core, LEVEL_WARNING, "-access-denied", member, "");
    }
}

static void check_member(struct core *core, struct member *member, msec now)
{
    check_member_alarm(core, member);
    bool down = is_silent(core, member->group, &member->peer->instance, now);
    if (down == member->subjective_down) {
        return;
    }
    member->subjective_down = down;
    member->subjective_down_since = now;
    out_event_member(core, LEVEL_WARNING, down ? "+sdown" : "-sdown", member,
                     "");
}

void down_check_subjective(struct core *core, struct group *group, msec now)
{
    struct node *node;
    witness_settle(core, group, now);
    TAILQ_FOREACH (node, &group->nodes, entry) {
        check_node(core, node, now);
    }
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        check_member(core, member, now);
    }
}

/* Objectively down. */

static uint32_t count_opinions(struct core *core, struct group *group, msec now)
{
    uint32_t count = group->master->subjective_down ? 1 : 0;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->says_down && member->answered_at != NEVER &&
            now - member->answered_at < OPINION_MS) {
            schedule_sooner(core, &group->timer,
                            member->answered_at + OPINION_MS);
            count++;
        }
    }
    return count;
}

/* True = those who spoke for it have fallen silent. */
static bool check_witnesses(struct core *core, struct group *group, msec now)
{
    bool witnessed =
        group->master->subjective_down && witness_speaks(core, group, now);
    bool silent = group->witnessed && !witnessed;
    group->witnessed = witnessed;
    return silent;
}

/* The path from here is at fault: an alarm, once while the master is down for
 * us, however often its replicas hear it. */
static void say_path_fault(struct core *core, struct group *group, bool down)
{
    if (group->witnessed && !group->path_fault_told) {
        group->path_fault_told = true;
        out_event_group(core, LEVEL_WARNING, "+path-fault", group, "");
        bool full = group->master->instance.command.failure == FAILURE_FULL;
        out_log(core, LEVEL_NOTICE,
                full ? "%s: the master takes no more clients (max number of "
                       "clients reached), and its replicas hear it: no "
                       "failover while they do; raise "
                       "maxclients, or find who holds so many connections"
                     : "%s: we do not reach the master, but its replicas hear "
                       "it: no failover while they do; look at the network "
                       "between us",
                group->name);
    } else if (group->path_fault_told &&
               (down || !group->master->subjective_down)) {
        group->path_fault_told = false;
        out_event_group(core, LEVEL_WARNING, "-path-fault", group, "");
    }
}

struct down_news down_check_objective(struct core *core, struct group *group,
                                      msec now)
{
    uint32_t count = count_opinions(core, group, now);
    struct down_news news = {
        .witnesses_silent = check_witnesses(core, group, now),
    };
    bool down = group->master->subjective_down &&
                count >= model_quorum(group) && !group->witnessed;
    say_path_fault(core, group, down);
    if (down == group->objective_down) {
        return news;
    }
    group->objective_down = down;
    group->objective_down_since = now;
    if (!down) {
        out_event_group(core, LEVEL_WARNING, "-odown", group, "");
        return news;
    }
    char seen[48];
    (void)snprintf(seen, sizeof(seen), "#quorum %u/%u", count,
                   model_quorum(group));
    out_event_group(core, LEVEL_WARNING, "+odown", group, seen);
    news.is_down = true;
    return news;
}
