/* Who says hello is a newcomer: it counts for nothing before it has shown who
 * it is.
 *
 * Anybody who can publish on one watched server can say hello, in any name and
 * from any address. So we connect to the address ourselves. What answers there
 * with that id is a supervisor of that id; when it then tells its view of the
 * group, it is a voter of it. Only then may it take the place of another: of
 * the one that was known at its address, or of itself at an earlier one - but
 * never of one that answers us, for two cannot both be right, and whom we know
 * comes first.
 *
 * Newcomers are few at a time and soon forgotten. Whoever floods us with them
 * gets the oldest forgotten first, but none before it had time to answer. */
#include "core/elect/elect.h"

#include <stdio.h>

/* Meeting. */

static struct peer *find_peer(struct core *core, const struct hello *hello)
{
    struct peer *peer;
    TAILQ_FOREACH (peer, &core->model.newcomers, entry) {
        if (strcmp(peer->run_id, hello->run_id) == 0 &&
            instance_is_at(&peer->instance, &hello->sentinel)) {
            return peer;
        }
    }
    return NULL;
}

static struct voter *find_voter(const struct group *group,
                                const struct peer *peer)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->newcomers, group_entry) {
        if (voter->peer == peer) {
            return voter;
        }
    }
    return NULL;
}

static bool make_room(struct core *core, msec now)
{
    struct peer *oldest = TAILQ_FIRST(&core->model.newcomers);
    if (core->model.newcomer_count < MAX_NEWCOMERS) {
        return true;
    }
    if (now - oldest->met_at < NEWCOMER_MIN_MS) {
        core->model.ignored_facts++;
        return false;
    }
    peers_drop(core, oldest);
    return true;
}

void newcomers_on_hello(struct core *core, struct group *group,
                        const struct hello *hello, msec now)
{
    struct peer *peer = model_peer(core, hello->run_id);
    if (peer == NULL || !instance_is_at(&peer->instance, &hello->sentinel)) {
        peer = find_peer(core, hello);
    }
    if (peer == NULL && make_room(core, now)) {
        peer = peers_meet(core, hello->run_id, &hello->sentinel, now);
    }
    if (peer != NULL && find_voter(group, peer) == NULL &&
        model_find_voter(group, peer) == NULL) {
        (void)peers_meet_voter(core, group, peer, now);
    }
}

/* Showing who it is. */

/* It answers us as the one that it was: nobody takes its place. */
static bool is_there(const struct peer *peer)
{
    return link_usable(&peer->instance.command) && peer->proven != PROVEN_NOT;
}

/* One who shows as little is no better than the one that we know. */
static bool holds_out(const struct peer *known, const struct peer *newcomer)
{
    return is_there(known) && known->proven >= newcomer->proven;
}

static bool is_taken(const struct core *core, const struct peer *newcomer)
{
    const struct peer *peer;
    TAILQ_FOREACH (peer, &core->model.peers, entry) {
        if (instance_is_same(&peer->instance, &newcomer->instance) &&
            holds_out(peer, newcomer)) {
            return true;
        }
    }
    return false;
}

static void stay_out(struct core *core, struct peer *peer)
{
    peer->refuted = true;
    link_rest(core, &peer->instance.command);
}

static uint32_t count_memberships(const struct peer *peer)
{
    const struct voter *voter;
    uint32_t count = 0;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        count += voter->newcomer ? 0 : 1;
    }
    return count;
}

static struct voter *first_membership(const struct peer *peer)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        if (!voter->newcomer) {
            return voter;
        }
    }
    return NULL;
}

/* It is one peer in all groups, and has one address in all of them. */
static void move(struct core *core, struct peer *peer,
                 const struct address *address, msec now)
{
    const struct voter *voter = first_membership(peer);
    uint32_t others = count_memberships(peer);
    char text[HOST_SIZE + RUN_ID_SIZE + 32];
    peers_move(core, peer, address);
    if (link_restart(core, &peer->instance.command, now)) {
        peer_lost(peer);
    }
    if (voter == NULL) {
        return;
    }
    (void)snprintf(text, sizeof(text), "ip %s port %u for %s", address->host,
                   address->port, peer->run_id);
    event_group(core, LEVEL_NOTICE, "+sentinel-address-switch", voter->group,
                text);
    if (others > 1) {
        (void)snprintf(text, sizeof(text), "%u additional matching instances",
                       others - 1);
        event_voter(core, LEVEL_NOTICE, "+sentinel-address-update", voter,
                    text);
    }
}

/* The id that it says it has is its own. */
static void prove(struct core *core, struct peer *peer, msec now)
{
    struct peer *known = model_peer(core, peer->run_id);
    bool same_place =
        known != NULL && instance_is_same(&known->instance, &peer->instance);
    if (known != NULL && !same_place && holds_out(known, peer)) {
        stay_out(core, peer);
    } else if (known != NULL) {
        struct address address = peer->instance.address;
        peers_drop(core, peer);
        move(core, known, &address, now);
    } else if (is_taken(core, peer) || !peers_accept(core, peer)) {
        stay_out(core, peer);
    } else {
        struct voter *voter;
        TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
            core_touch(core, voter->group);
        }
    }
}

/* A version that does not tell its id is taken at its word where nobody else is
 * known. */
static bool is_alone_there(const struct core *core, const struct peer *newcomer)
{
    const struct peer *peer;
    TAILQ_FOREACH (peer, &core->model.peers, entry) {
        if (peer != newcomer &&
            instance_is_same(&peer->instance, &newcomer->instance)) {
            return false;
        }
    }
    return true;
}

static bool is_itself(const struct core *core, const struct peer *peer,
                      const char *run_id)
{
    if (run_id[0] == '\0') {
        return !peer->newcomer || is_alone_there(core, peer);
    }
    return strcmp(run_id, peer->run_id) == 0;
}

void newcomers_on_identity(struct core *core, struct link *link,
                           const struct core_event *event, msec now)
{
    struct peer *peer = link->peer;
    if (peer == NULL || !link_usable(link)) {
        core->model.ignored_facts++;
        return;
    }
    if (is_itself(core, peer, event->identity.run_id)) {
        peer->proven = event->identity.how;
        if (peer->newcomer) {
            prove(core, peer, now);
        }
    } else if (peer->newcomer) {
        stay_out(core, peer);
    } else {
        event_log(core, LEVEL_NOTICE,
                  "%s:%u is not the supervisor %s any more: there is %s now",
                  peer->instance.shown.host, peer->instance.shown.port,
                  peer->run_id, event->identity.run_id);
        peer->proven = PROVEN_NOT;
        link_refuse(core, link, now);
        peer_lost(peer);
    }
}

/* Joining. */

/* Whoever was known at its address, and does not answer there any more. */
static void displace(struct core *core, const struct voter *newcomer)
{
    struct voter *voter;
    struct voter *next;
    for (voter = TAILQ_FIRST(&newcomer->group->voters); voter != NULL;
         voter = next) {
        next = TAILQ_NEXT(voter, group_entry);
        if (instance_is_same(&voter->peer->instance,
                             &newcomer->peer->instance) &&
            !holds_out(voter->peer, newcomer->peer)) {
            event_voter(core, LEVEL_NOTICE, "+sentinel-invalid-addr", voter,
                        "");
            peers_drop_voter(core, voter);
        }
    }
}

struct voter *newcomers_find(const struct link *link, struct group *group)
{
    return group == NULL || link->peer == NULL ? NULL
                                               : find_voter(group, link->peer);
}

/* So many as the operator says there are: one more makes no majority larger.
 * Once a minute for a group. */
static bool is_full(struct core *core, const struct voter *voter, msec now)
{
    struct group *group = voter->group;
    uint32_t pool_size = group->settings.pool_size;
    char counts[64];
    if (pool_size == 0 || group->voter_count + 1 < pool_size) {
        return false;
    }
    if (group->pool_full_told_at != NEVER &&
        now - group->pool_full_told_at < GATE_REPEAT_MS) {
        return true;
    }
    group->pool_full_told_at = now;
    (void)snprintf(counts, sizeof(counts), "#known %u/%u",
                   group->voter_count + 2, pool_size);
    event_group(core, LEVEL_WARNING, "+pool-size-exceeded", group, counts);
    event_log(
        core, LEVEL_WARNING,
        "%s: the supervisor %s at %s:%u stays out, for pool_size is %u "
        "and so many are known. If it replaces one that is gone: SENTINEL "
        "RESET %s on each, one after the other",
        group->name, voter->peer->run_id, voter->peer->instance.address.host,
        voter->peer->instance.address.port, pool_size, group->name);
    return true;
}

bool newcomers_join(struct core *core, struct voter *voter, msec now)
{
    if (voter->peer->newcomer || voter->peer->proven == PROVEN_NOT) {
        return false;
    }
    displace(core, voter);
    if (is_full(core, voter, now) || !peers_accept_voter(core, voter, now)) {
        return false;
    }
    voter->hello_at = now;
    event_voter(core, LEVEL_NOTICE, "+sentinel", voter, "");
    return true;
}

/* Once a minute for a group. */
static void say_unproven(struct core *core, struct voter *voter, msec now)
{
    struct group *group = voter->group;
    const struct peer *peer = voter->peer;
    if (group->newcomer_told_at != NEVER &&
        now - group->newcomer_told_at < GATE_REPEAT_MS) {
        return;
    }
    group->newcomer_told_at = now;
    if (instance_is_locked(&peer->instance)) {
        alarm_check_voter(core, voter);
        return;
    }
    event_log(core, LEVEL_WARNING,
              "%s: somebody says hello as supervisor %s at %s:%u, but %s. It "
              "counts for nothing. If it is one of ours, see that this machine "
              "reaches that address and can log in there",
              group->name, peer->run_id, peer->instance.address.host,
              peer->instance.address.port,
              peer->refuted     ? "somebody else is there"
              : !peer->newcomer ? "it does not know this master"
                                : "nobody there answers with that id");
}

static void look_at(struct core *core, struct voter *voter, msec now)
{
    const struct peer *peer = voter->peer;
    if (peer->newcomer || voter->view_pending ||
        !link_usable(&peer->instance.command) || peer->proven == PROVEN_NOT) {
        return;
    }
    msec at = voter->view_asked_at == NEVER
                  ? now
                  : voter->view_asked_at + KIND_RETRY_MS;
    if (at <= now) {
        view_ask(core, voter, now);
    } else {
        schedule_sooner(core, &voter->group->timer, at);
    }
}

void newcomers_settle(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    struct voter *next;
    msec span = 3 * core->model.periods.hello_ms;
    for (voter = TAILQ_FIRST(&group->newcomers); voter != NULL; voter = next) {
        next = TAILQ_NEXT(voter, group_entry);
        msec end = voter->hello_at + span;
        if (now < end) {
            schedule_sooner(core, &group->timer, end);
            look_at(core, voter, now);
            if (instance_is_locked(&voter->peer->instance)) {
                say_unproven(core, voter, now); /* at once */
            }
        } else {
            say_unproven(core, voter, now);
            peers_drop_voter(core, voter);
        }
    }
}
