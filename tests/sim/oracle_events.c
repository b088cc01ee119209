/* E1: each event has its level. What is a warning starts the operator's
 * notification script, and what is only verbose is in few logs, so a level is
 * as much a part of the protocol as the words are. An event that is not in
 * the table is told to nobody before it has a level here. */
#include <string.h>

#include "oracle.h"
#include "sim.h"

static const struct {
    const char *channel;
    enum log_level level;
} events[] = {
    {"+monitor", LEVEL_WARNING},
    {"-monitor", LEVEL_WARNING},
    {"+set", LEVEL_WARNING},
    {"+reset-master", LEVEL_WARNING},
    {"+slave", LEVEL_NOTICE},
    {"+sentinel", LEVEL_NOTICE},
    {"+sentinel-address-switch", LEVEL_NOTICE},
    {"+sentinel-address-update", LEVEL_NOTICE},
    {"+sentinel-invalid-addr", LEVEL_NOTICE},
    {"+sdown", LEVEL_WARNING},
    {"-sdown", LEVEL_WARNING},
    {"+odown", LEVEL_WARNING},
    {"-odown", LEVEL_WARNING},
    {"+new-epoch", LEVEL_WARNING},
    {"+try-failover", LEVEL_WARNING},
    {"+vote-for-leader", LEVEL_WARNING},
    {"+elected-leader", LEVEL_WARNING},
    {"+failover-state-select-slave", LEVEL_WARNING},
    {"-failover-abort-not-elected", LEVEL_WARNING},
    {"-failover-abort-no-good-slave", LEVEL_WARNING},
    {"-failover-abort-slave-timeout", LEVEL_WARNING},
    {"+selected-slave", LEVEL_WARNING},
    {"+failover-state-send-slaveof-noone", LEVEL_NOTICE},
    {"+failover-state-wait-promotion", LEVEL_NOTICE},
    {"+promoted-slave", LEVEL_WARNING},
    {"+failover-state-reconf-slaves", LEVEL_WARNING},
    {"+slave-reconf-sent", LEVEL_NOTICE},
    {"+slave-reconf-inprog", LEVEL_NOTICE},
    {"+slave-reconf-done", LEVEL_NOTICE},
    {"-slave-reconf-sent-timeout", LEVEL_NOTICE},
    {"+failover-end-for-timeout", LEVEL_WARNING},
    {"+failover-end", LEVEL_WARNING},
    {"+switch-master", LEVEL_WARNING},
    {"+config-update-from", LEVEL_WARNING},
    {"+convert-to-slave", LEVEL_NOTICE},
    {"+fix-slave-config", LEVEL_NOTICE},
    {"+reboot", LEVEL_NOTICE},
    {"+role-change", LEVEL_VERBOSE},
    {"-role-change", LEVEL_VERBOSE},
    {"+tilt", LEVEL_WARNING},
    {"-tilt", LEVEL_WARNING},
    /* Ours. */
    {"+access-denied", LEVEL_WARNING},
    {"-access-denied", LEVEL_WARNING},
    {"+acknowledged", LEVEL_WARNING},
    {"+failover-paused", LEVEL_WARNING},
    {"+failover-report", LEVEL_NOTICE},
    {"+fencing", LEVEL_NOTICE},
    {"-fencing", LEVEL_NOTICE},
    {"+fencing-operator", LEVEL_WARNING},
    {"-fencing-operator", LEVEL_NOTICE},
    {"+last-resort", LEVEL_WARNING},
    {"+persistence-failing", LEVEL_WARNING},
    {"-persistence-failing", LEVEL_WARNING},
    {"+path-fault", LEVEL_WARNING},
    {"-path-fault", LEVEL_WARNING},
    {"+pool-size-exceeded", LEVEL_WARNING},
    {"+quarantine", LEVEL_WARNING},
    {"-quarantine", LEVEL_WARNING},
    {"+process-gone", LEVEL_NOTICE},
    {"-process-gone", LEVEL_NOTICE},
    {"+hold-replicas", LEVEL_WARNING},
    {"-hold-replicas", LEVEL_WARNING},
    {"+empty-master", LEVEL_WARNING},
};

void oracle_on_event(struct sim *sim, const struct sentinel *sentinel,
                     const struct core_action *action)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (strcmp(events[i].channel, action->event.channel) != 0) {
            continue;
        }
        if (events[i].level != action->event.level) {
            oracle_fail(sim, "E1", "%s tells %s with the wrong level",
                        sentinel->process->name, action->event.channel);
        }
        return;
    }
    oracle_fail(sim, "E1", "%s tells %s, which has no level in the oracle",
                sentinel->process->name, action->event.channel);
}
