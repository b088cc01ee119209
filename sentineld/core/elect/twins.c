/* Supervisors that share one id, as when a machine was cloned with its state.
 *
 * Our own id from another address is a twin of ours. A peer's id that comes
 * from one address, then another, then the first again, on one and the same
 * connection, is two processes. Each is said once a minute, with both
 * addresses. While it lasts, a twin of ours is a voter that we do not know, and
 * an id that two processes have gets no vote: it could vote twice, and both
 * could lead in one epoch. */
#include "core/elect/elect.h"

static uint16_t told_port(const struct core *core)
{
    uint16_t announced = core->model.settings.announce_port;
    return announced != 0 ? announced : core->model.port;
}

/* Our hellos have our end of the connection that they leave on. */
static bool is_own_address(const struct core *core, const struct group *group,
                           const struct address *address)
{
    if (address->port != told_port(core)) {
        return false;
    }
    if (strcmp(address->host, core->model.settings.announce_host) == 0) {
        return true;
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (strcmp(address->host, node->instance.command.local_ip) == 0) {
            return true;
        }
    }
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (strcmp(address->host, voter->peer->instance.command.local_ip) ==
            0) {
            return true;
        }
    }
    return false;
}

/* Once a minute. */
static void say(struct core *core, struct twin *twin, const char *run_id,
                const struct address *here, const struct address *there,
                msec now)
{
    twin->seen_at = now;
    if (twin->said_at != NEVER && now - twin->said_at < GATE_REPEAT_MS) {
        return;
    }
    twin->said_at = now;
    event_log(
        core, LEVEL_WARNING,
        "two supervisors have the id %s: one is at %s:%u, one at %s:%u. "
        "Was a machine copied? Stop one, move its state in `dir` away and "
        "start it again: it takes an id of its own. Until then they count "
        "as one, and get no votes",
        run_id, here->host, here->port, there->host, there->port);
}

void twins_on_own_id(struct core *core, struct group *group,
                     const struct link *link, const struct hello *hello,
                     msec now)
{
    if (is_own_address(core, group, &hello->sentinel)) {
        return;
    }
    struct address own = {.port = told_port(core)};
    const char *announced = core->model.settings.announce_host;
    copy_text(own.host, HOST_SIZE,
              announced[0] != '\0' ? announced
              : link != NULL       ? link->local_ip
                                   : "");
    if (link != NULL && link->local_ip[0] == '\0' && announced[0] == '\0') {
        return; /* of an earlier life of ours, perhaps */
    }
    group->twin_seen_at = now;
    core_touch(core, group);
    say(core, &core->model.twin, core->model.self, &own, &hello->sentinel, now);
}

static bool is_recent(msec at, msec now)
{
    return at != NEVER && now - at < TWIN_MS;
}

bool twins_has_peer(const struct peer *peer, msec now)
{
    return is_recent(peer->twin.seen_at, now);
}

bool twins_on_hello(struct core *core, struct peer *peer,
                    const struct link *link, const struct hello *hello,
                    msec now)
{
    struct sightings *seen = &peer->sightings;
    object_id via = link == NULL ? 0 : link->id;
    if (via != seen->via && is_recent(seen->at, now)) {
        return twins_has_peer(peer, now); /* other ways, other addresses */
    }
    bool same = address_equal(&seen->last, &hello->sentinel);
    bool back = via == seen->via && is_recent(seen->at, now) && !same &&
                address_equal(&seen->before, &hello->sentinel);
    if (back) {
        say(core, &peer->twin, peer->run_id, &seen->last, &hello->sentinel,
            now);
    }
    if (!same) {
        seen->before = seen->last;
        seen->last = hello->sentinel;
    }
    seen->via = via;
    seen->at = now;
    return twins_has_peer(peer, now);
}

void twins_settle(struct core *core, struct group *group, msec now)
{
    group->has_twin = is_recent(group->twin_seen_at, now);
    if (group->has_twin) {
        schedule_sooner(core, &group->timer, group->twin_seen_at + TWIN_MS);
    }
}
