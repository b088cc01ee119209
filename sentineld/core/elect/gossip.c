/* Hello messages: how supervisors meet, and how a new configuration spreads.
 *
 * Each hello names its sender, the epoch, and the master of one group with
 * the epoch of that belief. A greater config epoch wins; the rare tie of two
 * addresses in one epoch heals by a fixed rule. We recognise ourselves by
 * our run id, nothing else.
 *
 * Before repairing a server that contradicts our view, the view itself is
 * put to the peers (SENTINEL MASTER): only what a majority confirms after the
 * contradiction was seen is acted on. */
#include "core/elect/elect.h"

#include <stdio.h>

/* Hello in. */

/* Its last hello in any group. */
static msec last_hello(const struct peer *peer)
{
    msec last = 0;
    const struct member *member;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        if (member->hello_at != NEVER && member->hello_at > last) {
            last = member->hello_at;
        }
    }
    return last;
}

/* One process lives at one address: whoever says hello from there now has
 * taken the place of whom we knew there - unless that one, too, still says
 * hello, as when two have changed places. */
static void drop_others_at(struct core *core, const struct hello *hello,
                           bool newcomer, msec now)
{
    struct peer *peer;
    struct peer *next;
    for (peer = TAILQ_FIRST(&core->model.peers); peer != NULL; peer = next) {
        next = TAILQ_NEXT(peer, entry);
        bool silent =
            now - last_hello(peer) >= 3 * core->model.periods.hello_ms;
        if (strcmp(peer->run_id, hello->run_id) == 0 ||
            !instance_is_at(&peer->instance, &hello->sentinel) ||
            !(newcomer || silent)) {
            continue;
        }
        const struct member *member = TAILQ_FIRST(&peer->members);
        out_event_member(core, LEVEL_NOTICE, "+sentinel-invalid-addr", member,
                         "");
        model_drop_peer(core, peer);
    }
}

static void say_pool_size(struct core *core, struct group *group)
{
    uint32_t known = group->member_count + 1;
    bool too_many =
        group->settings.pool_size != 0 && known > group->settings.pool_size;
    if (too_many && !group->too_many_told) {
        char counts[64];
        (void)snprintf(counts, sizeof(counts), "#known %u/%u", known,
                       group->settings.pool_size);
        out_event_group(core, LEVEL_WARNING, "+pool-size-exceeded", group,
                        counts);
    }
    group->too_many_told = too_many;
}

static struct member *join(struct core *core, struct group *group,
                           struct peer *peer, msec now)
{
    struct member *member = model_add_member(core, group, peer, now);
    if (member != NULL) {
        out_event_member(core, LEVEL_NOTICE, "+sentinel", member, "");
    }
    return member;
}

static uint32_t count_memberships(const struct peer *peer)
{
    const struct member *member;
    uint32_t count = 0;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        count++;
    }
    return count;
}

/* It is one peer in all groups, and has one address in all of them. */
static void move_peer(struct core *core, struct member *member,
                      const struct hello *hello, msec now)
{
    struct peer *peer = member->peer;
    uint32_t others = count_memberships(peer) - 1;
    char text[HOST_SIZE + RUN_ID_SIZE + 32];
    model_move_peer(core, peer, &hello->sentinel);
    if (link_restart(core, &peer->instance.command, now)) {
        gossip_forget_pending(peer);
    }
    (void)snprintf(text, sizeof(text), "ip %s port %u for %s",
                   hello->sentinel.host, hello->sentinel.port, peer->run_id);
    out_event_group(core, LEVEL_NOTICE, "+sentinel-address-switch",
                    member->group, text);
    if (others > 0) {
        (void)snprintf(text, sizeof(text), "%u additional matching instances",
                       others);
        out_event_member(core, LEVEL_NOTICE, "+sentinel-address-update", member,
                         text);
    }
}

/* The sender as a member of this group, added when it is new; NULL when it
 * cannot be. */
static struct member *learn_peer(struct core *core, struct group *group,
                                 const struct link *link,
                                 const struct hello *hello, msec now)
{
    struct peer *peer = model_peer(core, hello->run_id);
    bool is_known =
        peer != NULL && instance_is_at(&peer->instance, &hello->sentinel);
    if (!is_known && !names_allows(core, hello->sentinel.host)) {
        names_say_refused(core, group, &hello->sentinel);
        return NULL;
    }
    if (peer == NULL) {
        drop_others_at(core, hello, true, now);
        if (group->member_count == MAX_MEMBERS_PER_GROUP) {
            core->model.ignored_facts++;
            return NULL;
        }
        peer = model_add_peer(core, hello->run_id, &hello->sentinel, now);
        return peer == NULL ? NULL : join(core, group, peer, now);
    }
    struct member *member = model_find_member(group, peer);
    if (member == NULL) {
        member = join(core, group, peer, now);
    }
    if (twins_on_hello(core, peer, link, hello, now)) {
        return member;
    }
    if (member != NULL && !is_known) {
        drop_others_at(core, hello, false, now);
        move_peer(core, member, hello, now);
    }
    return member;
}

/* Two addresses in one epoch: our own supervisors never produce that, but
 * a forced failover of others may. Everybody takes the larger address: the
 * larger ip, where both are known, for some may say names and some ips. */
static bool wins_tie(const struct group *group, const struct address *theirs)
{
    const struct instance *ours = &group->master->instance;
    struct address mine = names_best_known(group, &ours->address);
    struct address other = names_best_known(group, theirs);
    if (names_may_be_master(group, theirs)) {
        return false;
    }
    if (host_is_ip(mine.host) != host_is_ip(other.host)) {
        mine = ours->address;
        other = *theirs;
    }
    int order = strcmp(other.host, mine.host);
    return order > 0 || (order == 0 && other.port > mine.port);
}

/* At epoch 0 the addresses come from configuration files: one that names a
 * replica gives way to one that names its master. */
static bool is_misconfigured(const struct group *group,
                             const struct address *theirs)
{
    return group->master->report.role == ROLE_REPLICA &&
           address_equal(&group->master->report.master, theirs);
}

static bool is_better_config(const struct group *group,
                             const struct hello *hello)
{
    const struct instance *ours = &group->master->instance;
    if (hello->config_epoch != group->config_epoch) {
        return hello->config_epoch > group->config_epoch;
    }
    if (instance_is_at(ours, &hello->master)) {
        return false;
    }
    return group->config_epoch == 0 ? is_misconfigured(group, &hello->master)
                                    : wins_tie(group, &hello->master);
}

struct node *gossip_on_hello(struct core *core, struct link *link,
                             const struct hello *hello, msec now)
{
    if (link != NULL) {
        link_heard(link, now);
    }
    struct group *group = model_group_named(core, hello->group);
    if (strcmp(hello->run_id, core->model.self) == 0 && group != NULL) {
        twins_on_own_id(core, group, link, hello, now);
        return NULL;
    }
    if (group == NULL || !election_is_plausible(core, hello->config_epoch) ||
        !election_is_plausible(core, hello->current_epoch)) {
        return NULL;
    }
    struct member *member = learn_peer(core, group, link, hello, now);
    if (member == NULL) {
        return NULL;
    }
    member->hello_at = now;
    uint64_t epoch = hello->current_epoch > hello->config_epoch
                         ? hello->current_epoch
                         : hello->config_epoch;
    if (epoch > core->model.current_epoch) {
        election_new_epoch(core, epoch);
        election_say_epoch(core, group);
    }
    return is_better_config(group, hello)
               ? names_obtain_node(core, group, &hello->master, now)
               : NULL;
}

/* Hello out. */

void gossip_forget_pending(struct peer *peer)
{
    struct member *member;
    TAILQ_FOREACH (member, &peer->members, peer_entry) {
        member->hello_pending = false;
        member->ask_pending = false;
        member->offer_pending = false;
        member->offered_at = member->offered_epoch > member->accepted_epoch
                                 ? 0
                                 : member->offered_at;
        member->view_asked_at =
            member->view_pending ? NEVER : member->view_asked_at;
        member->view_pending = false;
    }
}

void gossip_hello_soon(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->hello_due = true;
    }
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        member->hello_due = true;
    }
    group->hello_at = now + core->model.periods.hello_ms;
    core_touch(core, group);
}

static void send_due_hellos(struct core *core, struct group *group, msec now)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        struct link *link = &member->peer->instance.command;
        if (member->hello_due && !member->hello_pending && link_usable(link)) {
            member->hello_due = false;
            member->hello_pending = true;
            out_hello(core, link, group);
        }
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        struct link *link = &node->instance.command;
        if (now < node->paused_until) {
            continue; /* a PUBLISH would wait there, and all behind it */
        }
        if (node->hello_due && !link->hello_pending && link_usable(link)) {
            node->hello_due = false;
            link->hello_pending = true;
            out_hello(core, link, group);
        }
    }
}

/* Of which make is who has just come? */
static void ask_for_kinds(struct core *core, struct group *group, msec now)
{
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->peer->kind != PEER_UNKNOWN || member->view_pending ||
            !link_usable(&member->peer->instance.command)) {
            continue;
        }
        msec at = member->view_asked_at == NEVER
                      ? now
                      : member->view_asked_at + KIND_RETRY_MS;
        if (at <= now) {
            gossip_ask_view(core, member, now);
        } else {
            schedule_sooner(core, &group->timer, at);
        }
    }
}

void gossip_settle(struct core *core, struct group *group, msec now)
{
    ask_for_kinds(core, group, now);
    if (now >= group->hello_at) {
        gossip_hello_soon(core, group, now);
    }
    send_due_hellos(core, group, now);
    twins_settle(core, group, now);
    say_pool_size(core, group);
    schedule_sooner(core, &group->timer, group->hello_at);
}

/* Is our view current? */

struct group *gossip_on_view(struct core *core, struct link *link,
                             const struct core_event *event)
{
    struct member *member = model_member_behind(core, link, event->group);
    if (member == NULL || !member->view_pending) {
        core->model.ignored_facts++;
        return NULL;
    }
    member->view_pending = false;
    core_touch(core, member->group);
    if (event->type != EV_VIEW) {
        return NULL;
    }
    member->peer->kind = event->view.is_ours ? PEER_OURS : PEER_OTHER;
    member->view_at = member->view_asked_at;
    member->voter_view_in = member->voter_view_at == member->view_asked_at;
    member->view_told.epoch = event->view.config_epoch;
    member->view_told.master = event->view.master;
    member->view_accepted =
        event->view.is_ours ? event->view.accepted : member->view_told;
    member->view_epoch = event->view.config_epoch;
    member->view_failover = event->view.failover_in_progress;
    member->view_gone =
        event->view.process_gone &&
        instance_is_at(&member->group->master->instance, &event->view.master);
    if (asking_is_standing(member->group) ||
        model_is_master_in_doubt(member->group)) {
        history_merge(core, member->group, event->view.lineage_epoch,
                      event->view.lineage);
    }
    return member->group;
}

bool gossip_doubts_master(const struct group *group, msec since)
{
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->view_at != NEVER && member->view_at >= since &&
            member->view_gone) {
            return true;
        }
    }
    return false;
}

bool gossip_view_is_current(const struct group *group, msec since)
{
    uint32_t agreeing = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->view_at == NEVER || member->view_at < since) {
            continue;
        }
        if (member->view_epoch > group->config_epoch ||
            member->view_accepted.epoch > group->config_epoch ||
            member->view_failover) {
            return false;
        }
        agreeing++;
    }
    return agreeing >= model_voters(group) / 2 + 1;
}

void gossip_ask_view(struct core *core, struct member *member, msec now)
{
    member->view_pending = true;
    member->view_asked_at = now;
    out_view(core, member, false);
}

void gossip_ask_voter(struct core *core, struct member *member, msec now)
{
    member->view_pending = true;
    member->view_asked_at = now;
    member->voter_view_at = now;
    member->voter_view_in = false;
    out_view(core, member, true);
}

/* While a master's process has only just gone, each millisecond counts; when
 * it may be thousands of them, so does each question. */
static msec view_retry_ms(const struct core *core, const struct group *group,
                          msec now)
{
    bool urgent = model_is_master_in_doubt(group) &&
                  now - group->vanishing.since < VANISHED_URGENT_MS;
    msec retry_ms =
        VIEW_RETRY_URGENT_MS + core->model.group_count / VIEW_URGENT_GROUPS;
    return urgent && retry_ms < VIEW_RETRY_MS ? retry_ms : VIEW_RETRY_MS;
}

void gossip_ask_views(struct core *core, struct group *group, msec now)
{
    msec retry_ms = view_retry_ms(core, group, now);
    struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        struct link *link = &member->peer->instance.command;
        if (member->view_pending || !link_usable(link)) {
            continue;
        }
        if (member->view_asked_at != NEVER &&
            now - member->view_asked_at < retry_ms) {
            schedule_sooner(core, &group->timer,
                            member->view_asked_at + retry_ms);
            continue;
        }
        gossip_ask_view(core, member, now);
    }
}
