/* What a server or a supervisor refuses us, and what is wrong with one that
 * lives: an alarm of its own, never a death. */
#include "core/detect/detect.h"

static bool is_denied(enum pong pong)
{
    return pong == PONG_NOAUTH || pong == PONG_WRONGPASS || pong == PONG_NOPERM;
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
                       : node->alarm.misconf;
    if (failing == node->alarm.misconf) {
        return;
    }
    node->alarm.misconf = failing;
    event_node(core, LEVEL_WARNING,
               failing ? "+persistence-failing" : "-persistence-failing", node,
               "");
    if (failing && node == group->master) {
        event_log(core, LEVEL_WARNING,
                  "%s: the master cannot save its data and refuses writes "
                  "(MISCONF): look at its disk and its log. A replica that can "
                  "save takes its place, if there is one",
                  group->name);
        info_now(core, node->group, now);
    }
}

void alarm_check_node(struct core *core, struct node *node, msec now)
{
    check_persistence(core, node, now);
    const struct instance *instance = &node->instance;
    bool is_up = instance->command.state == LINK_UP;
    bool denied = is_up ? is_denied(instance->health.pong)
                        : instance->command.failure == FAILURE_TLS;
    if (denied && !node->alarm.access) {
        node->alarm.access = true;
        event_node(core, LEVEL_WARNING, "+access-denied", node,
                   instance_trouble(instance));
    } else if (node->alarm.access && answers_well(instance)) {
        node->alarm.access = false;
        event_node(core, LEVEL_WARNING, "-access-denied", node, "");
    }
}

void alarm_on_refusal(struct core *core, struct link *link, enum denied what,
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
    if (denied != node->alarm.denied[what]) {
        node->alarm.denied[what] = denied;
        event_node(core, LEVEL_WARNING,
                   denied ? "+access-denied" : "-access-denied", node,
                   names[what]);
    }
}

void alarm_check_voter(struct core *core, struct voter *voter)
{
    const struct instance *instance = &voter->peer->instance;
    bool locked = instance_is_locked(instance);
    if (locked && !voter->alarmed) {
        voter->alarmed = true;
        event_voter(core, LEVEL_WARNING, "+access-denied", voter,
                    pong_name(instance->health.pong));
        event_log(core, LEVEL_WARNING,
                  "%s: the supervisor at %s:%u does not let us in (%s): it can "
                  "neither agree nor vote; give all of them the same password",
                  voter->group->name, instance->shown.host,
                  instance->shown.port, pong_name(instance->health.pong));
    } else if (!locked && voter->alarmed) {
        voter->alarmed = false;
        event_voter(core, LEVEL_WARNING, "-access-denied", voter, "");
    }
}
