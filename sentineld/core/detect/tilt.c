/* Time that went by without us: a stopped process, a suspended machine, a
 * starved processor.
 *
 * It proves nothing about others. A settle that comes later than it was asked
 * for moves all clocks on by what was missed and forgets opinions; one fresh
 * round of replies is enough to act again. Longer stalls are announced as
 * Sentinel's TILT. Vote leases are not moved: they run in real time. */
#include "core/detect/detect.h"

static void shift(msec *at, msec by, msec now)
{
    if (*at != NEVER) {
        *at = *at + by > now ? now : *at + by;
    }
}

static void discard_link(struct link *link, msec missed, msec now)
{
    shift(&link->ping_sent_at, missed, now);
    shift(&link->heard_at, missed, now);
    shift(&link->refused_since, missed, now);
}

static void discard_instance(struct instance *instance, msec missed, msec now)
{
    shift(&instance->health.unanswered_since, missed, now);
    shift(&instance->health.ok_at, missed, now);
    shift(&instance->health.pong_since, missed, now);
    discard_link(&instance->command, missed, now);
}

/* A stall that is short beside down_after leaves all clocks right enough:
 * pings went out late, but every reply was read before we judge. */
static bool matters(msec missed, msec down_after_ms)
{
    return missed >= down_after_ms / 4;
}

static void discard_group(struct group *group, msec missed, msec now)
{
    if (!matters(missed, group->settings.down_after_ms)) {
        return;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        discard_instance(&node->instance, missed, now);
        discard_link(&node->hello, missed, now);
        shift(&node->report.role_since, missed, now);
        shift(&node->repair.wrong_since, missed, now);
    }
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        voter->says_down = false;
        voter->answered_at = NEVER;
        voter->view_at = NEVER;
    }
}

/* Everything that could answer has answered since the stall. */
static bool has_fresh_round(const struct core *core)
{
    const struct model *model = &core->model;
    const struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        const struct node *node;
        TAILQ_FOREACH (node, &group->nodes, entry) {
            if (link_usable(&node->instance.command) &&
                node->instance.health.reply_at <= model->tilt.since) {
                return false;
            }
        }
    }
    return true;
}

static void end_stall(struct core *core)
{
    core->model.tilt.active = false;
    core->tilt_check_at = NEVER;
    event_say(core, LEVEL_WARNING, "-tilt", "#tilt mode exited");
    struct group *group;
    TAILQ_FOREACH (group, &core->model.groups, entry) {
        core_touch(core, group);
    }
}

static void begin_stall(struct core *core, msec missed, msec now)
{
    struct model *model = &core->model;
    model->tilt.count++;
    struct group *group;
    TAILQ_FOREACH (group, &model->groups, entry) {
        discard_group(group, missed, now);
        core_touch(core, group);
    }
    struct peer *peer;
    TAILQ_FOREACH (peer, &model->peers, entry) {
        if (matters(missed, peer->instance.health.down_after_ms)) {
            discard_instance(&peer->instance, missed, now);
        }
    }
    if (missed < core->model.periods.tilt_trigger_ms) {
        return;
    }
    if (!model->tilt.active) {
        event_say(core, LEVEL_WARNING, "+tilt", "#tilt mode entered");
        event_log(core, LEVEL_WARNING,
                  "nothing could be done for %llu ms: what was measured "
                  "meanwhile is discarded",
                  (unsigned long long)missed);
    }
    model->tilt.active = true;
    model->tilt.since = now;
    core->tilt_check_at = now + STALL_CHECK_MS;
}

void tilt_check(struct core *core, msec now)
{
    const struct tilt *stall = &core->model.tilt;
    bool promised = core->started && core->promised_at != NEVER;
    msec missed =
        promised && now > core->promised_at ? now - core->promised_at : 0;
    core->late = missed >= LATE_MS;
    if (missed >= STALL_MS) {
        begin_stall(core, missed, now);
    }
    if (!stall->active || now < core->tilt_check_at) {
        return;
    }
    core->tilt_check_at = now + STALL_CHECK_MS;
    bool over = now - stall->since >= core->model.periods.tilt_ms;
    if (stall->since < now && (over || has_fresh_round(core))) {
        end_stall(core);
    }
}
