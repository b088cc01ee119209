/* Failovers that follow each other.
 *
 * The first one, and the one after it (the promoted server dies as well),
 * are as fast as ever. When a third is wanted before there was a quiet time,
 * something is wrong that promoting does not mend - a command that kills each
 * master in turn, a machine without memory - and each further one waits
 * longer, counted from the switch before it: a master that has worked for so
 * long is replaced at once. An operator's order never waits, and his
 * ACKNOWLEDGE forgets what was counted.
 *
 * Every supervisor counts the switches it sees of a master that was down, or
 * about to be, whoever led them; after a restart it begins anew. */
#include "core/failover/failover.h"

#include <stdio.h>

/* An order replaces a master that answers. */
static bool is_failure(const struct group *group, msec now)
{
    const struct node *master = group->master;
    return master->subjective_down ||
           master->instance.command.refused_in_a_row > 0 ||
           link_silence(&master->instance, now) >=
               group->settings.down_after_ms / 2;
}

void flapping_on_switch(struct group *group, msec now)
{
    struct flapping *flapping = &group->flapping;
    if (!is_failure(group, now)) {
        return;
    }
    if (flapping->last_at != NEVER &&
        now - flapping->last_at >= FLAPPING_QUIET_MS) {
        flapping->count = 0;
    }
    flapping->count++;
    flapping->last_at = now;
}

static msec pause_ms(const struct group *group)
{
    uint32_t count = group->flapping.count;
    msec longest = group->settings.failover_timeout_ms;
    longest = longest < FLAPPING_QUIET_MS ? longest : FLAPPING_QUIET_MS;
    if (count < FLAPPING_FREE) {
        return 0;
    }
    msec pause = FLAPPING_PAUSE_MS;
    for (uint32_t i = FLAPPING_FREE; i < count && pause < longest; i++) {
        pause *= 2;
    }
    return pause < longest ? pause : longest;
}

void flapping_explain(const struct group *group, char text[GATE_TEXT_SIZE])
{
    (void)snprintf(text, GATE_TEXT_SIZE,
                   "%u failovers followed each other, so the next waits for "
                   "%llu ms; SENTINEL ACKNOWLEDGE ends that",
                   group->flapping.count, (unsigned long long)pause_ms(group));
}

void flapping_announce(struct core *core, struct group *group)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "#failovers %u pause %llu",
                   group->flapping.count, (unsigned long long)pause_ms(group));
    event_group(core, LEVEL_WARNING, "+failover-paused", group, text);
}

msec flapping_pause_end(const struct group *group)
{
    msec pause = pause_ms(group);
    return pause == 0 ? 0 : group->flapping.last_at + pause;
}

void flapping_acknowledge(struct core *core, struct group *group)
{
    group->flapping.count = 0;
    group->flapping.last_at = NEVER;
    gates_forget(group);
    event_group(core, LEVEL_WARNING, "+acknowledged", group, "");
    core_touch(core, group);
}
