/* Supervisors: processes (peers) and their part in each group (voters). A
 * peer lives as long as it is a voter of any group, or would be one: who has
 * only said hello is a newcomer, in lists of its own, found by nobody who
 * counts, and not on disk. */
#include "core/topology/topology.h"

#include <assert.h>

struct peer *peers_meet(struct core *core, const char *run_id,
                        const struct address *address, msec now)
{
    struct model *model = &core->model;
    struct peer *peer = xcalloc(1, sizeof(*peer));
    peer->id = core_new_id(core);
    copy_text(peer->run_id, RUN_ID_SIZE, run_id);
    peer->twin = (struct twin){.seen_at = NEVER, .said_at = NEVER};
    peer->sightings.at = NEVER;
    peer->instance.address = *address;
    alias_show(model, &peer->instance);
    link_init_health(&peer->instance.health, NEVER, now);
    TAILQ_INIT(&peer->voters);
    peer->newcomer = true;
    peer->met_at = now;
    peer->instance.command.peer = peer;
    link_add(core, &peer->instance.command, LINK_PEER, now);
    TAILQ_INSERT_TAIL(&model->newcomers, peer, entry);
    model->newcomer_count++;
    return peer;
}

bool peers_accept(struct core *core, struct peer *peer)
{
    struct model *model = &core->model;
    if (model->peer_count == MAX_PEERS) {
        event_log(core, LEVEL_WARNING,
                  "peer %s at %s:%u is ignored: more than %d are known",
                  peer->run_id, peer->instance.address.host,
                  peer->instance.address.port, MAX_PEERS);
        return false;
    }
    peer->newcomer = false;
    TAILQ_REMOVE(&model->newcomers, peer, entry);
    model->newcomer_count--;
    TAILQ_INSERT_TAIL(&model->peers, peer, entry);
    HASH_ADD_STR(model->peers_by_run_id, run_id, peer);
    model->peer_count++;
    alias_show(model, &peer->instance);
    return true;
}

struct voter *peers_meet_voter(struct core *core, struct group *group,
                               struct peer *peer, msec now)
{
    struct voter *voter = xcalloc(1, sizeof(*voter));
    voter->id = core_new_id(core);
    voter->group = group;
    voter->peer = peer;
    voter->newcomer = true;
    voter->answered_at = NEVER;
    voter->asked_at = NEVER;
    voter->hello_at = now;
    voter->view_at = NEVER;
    voter->view_asked_at = NEVER;
    voter->voter_view_at = NEVER;
    voter->granted_at = NEVER;
    voter->offered_at = NEVER;
    voter->hello_due = true;
    TAILQ_INSERT_TAIL(&group->newcomers, voter, group_entry);
    TAILQ_INSERT_TAIL(&peer->voters, voter, peer_entry);
    core_touch(core, group);
    return voter;
}

bool peers_accept_voter(struct core *core, struct voter *voter, msec now)
{
    struct group *group = voter->group;
    assert(voter->newcomer && !voter->peer->newcomer);
    if (group->voter_count == MAX_VOTERS_PER_GROUP) {
        event_log(core, LEVEL_WARNING,
                  "%s: peer %s is ignored: a group can have %d", group->name,
                  voter->peer->run_id, MAX_VOTERS_PER_GROUP);
        return false;
    }
    voter->newcomer = false;
    TAILQ_REMOVE(&group->newcomers, voter, group_entry);
    TAILQ_INSERT_TAIL(&group->voters, voter, group_entry);
    group->voter_count++;
    model_save_peer(core, voter->peer, false);
    model_save_voter(core, voter, false);
    groups_apply_settings(core, group, now);
    return true;
}

static void remove_peer(struct core *core, struct peer *peer)
{
    struct model *model = &core->model;
    assert(TAILQ_EMPTY(&peer->voters));
    peer->dead = true;
    core->has_dead = true;
    link_drop(core, &peer->instance.command);
    if (peer->newcomer) {
        TAILQ_REMOVE(&model->newcomers, peer, entry);
        model->newcomer_count--;
    } else {
        model_save_peer(core, peer, true);
        HASH_DELETE(hh, model->peers_by_run_id, peer);
        TAILQ_REMOVE(&model->peers, peer, entry);
        model->peer_count--;
    }
    TAILQ_INSERT_TAIL(&core->dead_peers, peer, entry);
}

/* Pings are as frequent as the most impatient of its groups wants them. */
static msec shortest_patience(const struct peer *peer)
{
    msec shortest = NEVER;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &peer->voters, peer_entry) {
        msec wanted = voter->group->settings.down_after_ms;
        shortest = wanted < shortest ? wanted : shortest;
    }
    return shortest;
}

void peers_note_patience(struct core *core, struct peer *peer, msec now)
{
    link_set_patience(core, &peer->instance.command, shortest_patience(peer),
                      now);
}

void peers_drop_voter(struct core *core, struct voter *voter)
{
    struct peer *peer = voter->peer;
    struct group *group = voter->group;
    if (voter->newcomer) {
        TAILQ_REMOVE(&group->newcomers, voter, group_entry);
    } else {
        model_save_voter(core, voter, true);
        TAILQ_REMOVE(&group->voters, voter, group_entry);
        group->voter_count--;
    }
    TAILQ_REMOVE(&peer->voters, voter, peer_entry);
    free(voter);
    if (TAILQ_EMPTY(&peer->voters)) {
        remove_peer(core, peer);
    } else {
        peer->instance.health.down_after_ms = shortest_patience(peer);
    }
}

void peers_drop(struct core *core, struct peer *peer)
{
    struct voter *voter;
    struct voter *next;
    for (voter = TAILQ_FIRST(&peer->voters); voter != NULL; voter = next) {
        next = TAILQ_NEXT(voter, peer_entry);
        peers_drop_voter(core, voter); /* the last one drops the peer */
    }
}

void peers_move(struct core *core, struct peer *peer,
                const struct address *address)
{
    peer->instance.address = *address;
    peer->instance.ip[0] = '\0';
    alias_show(&core->model, &peer->instance);
    peer->instance.command.failed_in_a_row = 0;
    model_save_peer(core, peer, false);
}
