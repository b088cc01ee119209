/* Hello messages: how supervisors meet (newcomers.c), and how they learn that
 * there is a newer configuration (adoption.c).
 *
 * Each hello names its sender, the epoch, and the master of one group with
 * the epoch of that belief. We recognise ourselves by our run id, nothing
 * else. */
#include "core/elect/elect.h"

#include <stdio.h>

/* Hello in. */

static void say_pool_size(struct core *core, struct group *group)
{
    uint32_t known = group->voter_count + 1;
    bool too_many =
        group->settings.pool_size != 0 && known > group->settings.pool_size;
    if (too_many && !group->too_many_told) {
        char counts[64];
        (void)snprintf(counts, sizeof(counts), "#known %u/%u", known,
                       group->settings.pool_size);
        event_group(core, LEVEL_WARNING, "+pool-size-exceeded", group, counts);
    }
    group->too_many_told = too_many;
}

/* The sender as a voter of this group; NULL as long as it has not shown that
 * it is one. */
static struct voter *find_sender(struct core *core, struct group *group,
                                 const struct link *link,
                                 const struct hello *hello, msec now)
{
    struct peer *peer = model_peer(core, hello->run_id);
    bool is_known =
        peer != NULL && instance_is_at(&peer->instance, &hello->sentinel);
    if (!is_known && !alias_allows(core, hello->sentinel.host)) {
        alias_say_refused(core, group, &hello->sentinel);
        return NULL;
    }
    struct voter *voter = peer == NULL ? NULL : model_find_voter(group, peer);
    bool is_twin = peer != NULL && twins_on_hello(core, peer, link, hello, now);
    if (!is_twin && (voter == NULL || !is_known)) {
        newcomers_on_hello(core, group, hello, now);
    }
    return voter;
}

/* Counted one by one, epochs of a pool are close together: a number far beyond
 * is not taken from a hello. */
static void note_epoch(struct core *core, struct group *group,
                       const struct hello *hello)
{
    uint64_t epoch = hello->current_epoch > hello->config_epoch
                         ? hello->current_epoch
                         : hello->config_epoch;
    if (epoch > core->model.current_epoch &&
        election_is_plausible(core, epoch)) {
        election_new_epoch(core, epoch);
        election_say_epoch(core, group);
    }
}

void hello_heard(struct core *core, struct link *link,
                 const struct hello *hello, msec now)
{
    const struct configuration told = {.epoch = hello->config_epoch,
                                       .master = hello->master};
    if (link != NULL) {
        link_heard(link, now);
    }
    struct group *group = model_group_named(core, hello->group);
    if (strcmp(hello->run_id, core->model.self) == 0 && group != NULL) {
        twins_on_own_id(core, group, link, hello, now);
        return;
    }
    if (group == NULL) {
        return;
    }
    struct voter *voter = find_sender(core, group, link, hello, now);
    if (voter == NULL) {
        return;
    }
    voter->hello_at = now;
    note_epoch(core, group, hello);
    if (adoption_is_better(group, &told)) {
        adoption_ask(core, group, now);
    }
}

/* Hello out. */

void hello_soon(struct core *core, struct group *group, msec now)
{
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->hello_due = true;
    }
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        voter->hello_due = true;
    }
    group->hello_at = now + core->model.periods.hello_ms;
    core_touch(core, group);
}

static void send_due_hellos(struct core *core, struct group *group, msec now)
{
    struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        struct link *link = &voter->peer->instance.command;
        if (voter->hello_due && !voter->hello_pending && link_usable(link)) {
            voter->hello_due = false;
            voter->hello_pending = true;
            action_hello(core, link, group);
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
            action_hello(core, link, group);
        }
    }
}

void hello_settle(struct core *core, struct group *group, msec now)
{
    if (now >= group->hello_at) {
        hello_soon(core, group, now);
    }
    send_due_hellos(core, group, now);
    twins_settle(core, group, now);
    say_pool_size(core, group);
    schedule_sooner(core, &group->timer, group->hello_at);
}
