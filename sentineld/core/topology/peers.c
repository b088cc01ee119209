/* Supervisors: processes (peers) and their part in each group (members). A
 * peer lives as long as it is a member of any group. */
#include "core/topology/topology.h"

#include <assert.h>

struct peer *peers_add(struct core *core, const char *run_id,
                       const struct address *address, msec now)
{
    struct model *model = &core->model;
    if (model->peer_count == MAX_PEERS) {
        event_log(core, LEVEL_WARNING,
                  "peer %s at %s:%u is ignored: more than %d are known", run_id,
                  address->host, address->port, MAX_PEERS);
        return NULL;
    }
    struct peer *peer = xcalloc(1, sizeof(*peer));
    peer->id = core_new_id(core);
    copy_text(peer->run_id, RUN_ID_SIZE, run_id);
    peer->twin = (struct twin){.seen_at = NEVER, .said_at = NEVER};
    peer->sightings.at = NEVER;
    peer->instance.address = *address;
    alias_show(&core->model, &peer->instance);
    link_init_health(&peer->instance.health, NEVER, now);
    TAILQ_INIT(&peer->members);
    peer->instance.command.peer = peer;
    link_add(core, &peer->instance.command, LINK_PEER, now);
    TAILQ_INSERT_TAIL(&model->peers, peer, entry);
    HASH_ADD_STR(model->peers_by_run_id, run_id, peer);
    model->peer_count++;
    model_save_peer(core, peer, false);
    return peer;
}

struct member *peers_add_member(struct core *core, struct group *group,
                                struct peer *peer, msec now)
{
    if (group->member_count == MAX_MEMBERS_PER_GROUP) {
        event_log(core, LEVEL_WARNING,
                  "%s: peer %s is ignored: a group can have %d", group->name,
                  peer->run_id, MAX_MEMBERS_PER_GROUP);
        return NULL;
    }
    struct member *member = xcalloc(1, sizeof(*member));
    member->id = core_new_id(core);
    member->group = group;
    member->peer = peer;
    member->answered_at = NEVER;
    member->asked_at = NEVER;
    member->hello_at = NEVER;
    member->view_at = NEVER;
    member->view_asked_at = NEVER;
    member->voter_view_at = NEVER;
    member->granted_at = NEVER;
    member->offered_at = NEVER;
    member->hello_due = true;
    TAILQ_INSERT_TAIL(&group->members, member, group_entry);
    TAILQ_INSERT_TAIL(&peer->members, member, peer_entry);
    group->member_count++;
    model_save_member(core, member, false);
    groups_apply_settings(core, group, now);
    return member;
}

static void remove_peer(struct core *core, struct peer *peer)
{
    struct model *model = &core->model;
    assert(TAILQ_EMPTY(&peer->members));
    peer->dead = true;
    core->has_dead = true;
    model_save_peer(core, peer, true);
    link_drop(core, &peer->instance.command);
    HASH_DELETE(hh, model->peers_by_run_id, peer);
    TAILQ_REMOVE(&model->peers, peer, entry);
    TAILQ_INSERT_TAIL(&core->dead_peers, peer, entry);
    model->peer_count--;
}

/* Pings are as frequent as the most impatient of its groups wants them. */
static msec shortest_patience(const struct peer *peer)
{
    msec shortest = NEVER;
    const struct member *member;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        msec wanted = member->group->settings.down_after_ms;
        shortest = wanted < shortest ? wanted : shortest;
    }
    return shortest;
}

void peers_note_patience(struct core *core, struct peer *peer, msec now)
{
    link_set_patience(core, &peer->instance.command, shortest_patience(peer),
                      now);
}

void peers_drop_member(struct core *core, struct member *member)
{
    struct peer *peer = member->peer;
    struct group *group = member->group;
    model_save_member(core, member, true);
    TAILQ_REMOVE(&group->members, member, group_entry);
    TAILQ_REMOVE(&peer->members, member, peer_entry);
    group->member_count--;
    free(member);
    if (TAILQ_EMPTY(&peer->members)) {
        remove_peer(core, peer);
    } else {
        peer->instance.health.down_after_ms = shortest_patience(peer);
    }
}

void peers_drop(struct core *core, struct peer *peer)
{
    struct member *member;
    struct member *next;
    for (member = TAILQ_FIRST(&peer->members); member != NULL; member = next) {
        next = TAILQ_NEXT(member, peer_entry);
        peers_drop_member(core, member); /* the last one drops the peer */
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
