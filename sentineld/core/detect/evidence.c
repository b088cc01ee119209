/* What replicas tell about a master that does not answer us.
 *
 * A master that hangs is silent to its replicas too; when they hear it, the
 * path from us to it is at fault, and a failover would be for nothing. Once
 * it has been silent to us for half of down_after, its replicas are asked for
 * INFO several times; two things there prove life: the offset grew since the
 * INFO before (so it was heard after that was asked for), and
 * master_last_io_seconds_ago, which counts whole seconds of that server's
 * clock. Both only say "at this time or later", so doubt never makes a dead
 * master look alive. A replica whose link is down proves nothing.
 *
 * Only proof holds us back: who cannot be asked, or answers late, delays no
 * failover. And proof grows old: down_after later it is worth nothing.
 *
 * What a replica still finds in its receive buffer counts as hearing, so a
 * replica that lags far behind can speak for a dead master until it has read
 * all. It takes a majority of such replicas to delay anything. */
#include "core/detect/detect.h"

enum {
    SECOND_MS = 1000,
    CLOCK_DOUBT_MS = 150, /* servers read their clock ten times a second */
    LONGEST_IO_S = 3600,  /* nobody asks for more */
    IDLE_MS = 12500,      /* ten seconds, and what whole seconds leave open */
    FRESH_DOUBT_MS = 200,
    BRIEF_SURE = 2, /* so many connections that were cut at once */
};

static msec shorter_patience(const struct group *group)
{
    const struct group_settings *settings = &group->settings;
    bool refused_sooner = settings->refused_after_ms != 0 &&
                          settings->refused_after_ms < settings->down_after_ms;
    return refused_sooner ? settings->refused_after_ms
                          : settings->down_after_ms;
}

static bool has_witnesses(const struct group *group)
{
    return group->settings.detection == DETECTION_WITNESSED &&
           group->node_count > 1;
}

/* Once candidates are being cut off they hear nobody. */
static bool is_asked_for(const struct group *group)
{
    return has_witnesses(group) &&
           (group->failover.state == FAILOVER_NONE ||
            group->failover.state == FAILOVER_WAIT_START);
}

bool evidence_is_wanted(const struct group *group, msec now)
{
    const struct instance *master = &group->master->instance;
    return is_asked_for(group) &&
           (master->command.refused_in_a_row > 0 ||
            link_silence(master, now) >= group->settings.down_after_ms / 2);
}

msec evidence_info_period(const struct group *group)
{
    msec period = shorter_patience(group) / 8;
    period = period < WITNESS_MIN_MS ? WITNESS_MIN_MS : period;
    return period > WITNESS_MAX_MS ? WITNESS_MAX_MS : period;
}

void evidence_settle(struct core *core, struct group *group, msec now)
{
    if (!is_asked_for(group)) {
        return;
    }
    if (!evidence_is_wanted(group, now)) {
        msec half = group->settings.down_after_ms / 2;
        msec at = group->master->instance.health.ok_at + half;
        schedule_sooner(core, &group->timer, at > now ? at : now + half);
        return;
    }
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node == group->master || node->instance.command.info_pending) {
            continue;
        }
        msec at = node->info_asked_at == NEVER
                      ? now
                      : node->info_asked_at + evidence_info_period(group);
        info_soon(core, node, at > now ? at : now);
    }
}

/* --- What one replica proves ---------------------------------------------- */

static void heard_since(struct evidence *witness, msec at)
{
    if (at > witness->heard_at) {
        witness->heard_at = at;
    }
}

/* The same server, be it called by its name now and by its ip then. */
static bool follows_as_before(const struct node *node,
                              const struct address *master)
{
    const struct instance *ours = &node->group->master->instance;
    const struct address *before = &node->report.master;
    return address_equal(before, master) ||
           (instance_is_at(ours, before) && instance_is_at(ours, master));
}

void evidence_on_info(struct node *node, const struct info *info)
{
    struct evidence *witness = &node->evidence;
    const struct report *before = &node->report;
    msec asked_before = witness->asked_at;
    msec asked_at = node->info_asked_at;
    bool follows = info->role == ROLE_REPLICA && info->master_link_up;
    bool followed = before->role == ROLE_REPLICA && before->master_link_up &&
                    follows_as_before(node, &info->master);
    witness->asked_at = asked_at;
    if (!follows || !followed) {
        witness->heard_at = 0;
    }
    if (!follows || asked_at == NEVER) {
        return;
    }
    if (followed && asked_before != NEVER && info->offset > before->offset) {
        heard_since(witness, asked_before);
    }
    int64_t last_io_s = info->master_last_io_s;
    if (last_io_s >= 0 && last_io_s <= LONGEST_IO_S) {
        msec age = (msec)(last_io_s + 1) * SECOND_MS + CLOCK_DOUBT_MS;
        heard_since(witness, asked_at > age ? asked_at - age : 0);
    }
}

/* --- What they prove together --------------------------------------------- */

static bool is_witness(const struct node *node)
{
    const struct group *group = node->group;
    return node != group->master && !node->subjective_down &&
           node->evidence.heard_at != 0 &&
           instance_is_at(&group->master->instance, &node->report.master);
}

/* Replicas that are down can tell nothing, neither for nor against: they may
 * be gone for good. */
static uint32_t count_up(const struct group *group)
{
    uint32_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        count += node != group->master && !node->subjective_down ? 1 : 0;
    }
    return count;
}

/* A majority of the replicas that are up has heard the master at this time
 * or since; 0 = that is not known. */
static msec heard_by_majority(const struct group *group)
{
    msec heard[MAX_NODES_PER_GROUP] = {0};
    uint32_t count = 0;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!is_witness(node)) {
            continue;
        }
        uint32_t slot = count++;
        while (slot > 0 && heard[slot - 1] < node->evidence.heard_at) {
            heard[slot] = heard[slot - 1];
            slot--;
        }
        heard[slot] = node->evidence.heard_at; /* the latest first */
    }
    uint32_t majority = count_up(group) / 2 + 1;
    return count < majority ? 0 : heard[majority - 1];
}

/* Nothing comes back from it. Whoever answers nonsense is judged by that:
 * clients get no more of him. */
static bool is_out_of_reach(const struct group *group, msec now)
{
    const struct instance *master = &group->master->instance;
    const struct link *link = &master->command;
    bool speaks_wrongly = link->failure == FAILURE_PROTOCOL;
    bool silent =
        now - master->health.reply_at >= group->settings.down_after_ms;
    return (silent || link->refused_in_a_row > 0) && !speaks_wrongly;
}

/* Somebody refuses us or hangs up at once; a process that hangs does neither.
 */
static bool is_turned_away(const struct link *link)
{
    return link->refused_in_a_row > 0 || link->brief_in_a_row >= BRIEF_SURE;
}

/* Where nothing listens there is no process, and then no link to it either: a
 * majority of links that stand says that somebody between us and the master
 * refuses us. An idle master speaks to its replicas every ten seconds, so one
 * that has heard nothing for longer may not have noticed the end. */
static bool is_refuted(struct core *core, struct group *group, msec now)
{
    const struct instance *master = &group->master->instance;
    msec fresh_ms = 2 * evidence_info_period(group) + FRESH_DOUBT_MS;
    uint32_t count = 0;
    const struct node *node;
    if (!is_turned_away(&master->command)) {
        return false;
    }
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool stands = is_witness(node) && node->report.master_link_up &&
                      node->report.at > master->health.ok_at &&
                      now - node->report.at <= fresh_ms &&
                      now - node->evidence.heard_at <= IDLE_MS;
        count += stands ? 1 : 0;
    }
    if (count <= count_up(group) / 2) {
        return false;
    }
    schedule_sooner(core, &group->timer, now + fresh_ms);
    return true;
}

/* Since when have we got no answer? A ping on a connection that has only just
 * come back is no older silence than the refusals before it. */
static msec stopped_at(const struct instance *master)
{
    const struct health *health = &master->health;
    bool earlier = health->unanswered_since != NEVER &&
                   (health->unanswered_since < master->command.state_since ||
                    master->command.state != LINK_UP);
    return earlier ? health->unanswered_since : health->ok_at;
}

bool evidence_speaks(struct core *core, struct group *group, msec now)
{
    if (!has_witnesses(group) || !is_out_of_reach(group, now)) {
        return false;
    }
    if (is_refuted(core, group, now)) {
        return true;
    }
    msec heard_at = heard_by_majority(group);
    msec until = heard_at + group->settings.down_after_ms;
    if (group->witnessed) { /* time for the next answer to come */
        until += evidence_info_period(group);
    }
    if (heard_at < stopped_at(&group->master->instance) || now >= until) {
        return false;
    }
    schedule_sooner(core, &group->timer, until);
    return true;
}
