/* The master's process is gone, or it is another one: what becomes of the data?
 *
 * A process that is killed takes its connections along, and its kernel refuses
 * new ones: we see it within a millisecond, long before the master counts as
 * down. Started again at once it may be empty, or have loaded an old file, and
 * every replica that reaches it copies that. So until it is judged, replicas
 * are kept from it (hold.c); here is what the judgement rests on.
 *
 *   NOT ─► GONE ─► BACK ─► NOT    it holds what the replicas hold
 *    └──────────────┘ └──► EMPTY  a replica holds more, or it is of another
 *                                 history
 *
 * A server's data are judged by histories and offsets alone. Where the master
 * is of another history, nobody can compare: then a replica counts as ahead
 * only if its process has lived through it, or if some leader kept it back. One
 * that was itself restarted may hold an old file, and the master a newer one.
 */
#include "private.h"

#include <stdio.h>

bool vanished_is_guarded(const struct group *group)
{
    const struct vanishing *vanishing = &group->vanishing;
    return group->settings.on_empty_master != ON_EMPTY_ALLOW &&
           vanishing->state != VANISHED_NOT;
}

bool vanished_is_to_be_replaced(const struct group *group)
{
    return group->settings.on_empty_master == ON_EMPTY_FAILOVER &&
           group->vanishing.state == VANISHED_EMPTY;
}

bool vanished_is_awaited(const struct node *node)
{
    const struct group *group = node->group;
    return node == group->master && vanished_is_guarded(group) &&
           !node->subjective_down;
}

/* Whoever led a moment ago still binds the others: nobody else could stand. */
static msec turn(const struct core *core, const struct group *group, msec now)
{
    return now < election_lease_end(core, group) ? 0
                                                 : election_turn(core, group);
}

static void enter(struct core *core, struct group *group, enum vanished state,
                  msec now)
{
    struct vanishing *vanishing = &group->vanishing;
    if (vanishing->state == VANISHED_NOT) {
        vanishing->since = now;
        failover_hold_off(core, group, now + turn(core, group, now));
        observe_info_now(core, group, now);
    }
    vanishing->state = state;
    core_touch(core, group);
}

/* It was heard to be master, or somebody promoted it since it was heard. */
static bool was_master(const struct node *node)
{
    const struct report *report = &node->report;
    msec switched_at = node->group->switched_at;
    bool unheard =
        switched_at != NEVER && report->at != NEVER && report->at < switched_at;
    return report->run_id[0] != '\0' &&
           (report->role == ROLE_MASTER || unheard);
}

void vanished_on_refusal(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    struct vanishing *vanishing = &group->vanishing;
    if (node != group->master || !was_master(node) ||
        vanishing->state == VANISHED_GONE ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    vanishing->witnessed = true;
    enter(core, group, VANISHED_GONE, now);
    if (!vanishing->said) {
        vanishing->said = true;
        out_event_group(core, LEVEL_NOTICE, "+process-gone", group, "");
    }
}

static void forget(struct group *group)
{
    memset(&group->vanishing, 0, sizeof(group->vanishing));
}

void vanished_forget(struct core *core, struct group *group)
{
    if (group->vanishing.said) {
        out_event_group(core, LEVEL_NOTICE, "-process-gone", group, "");
    }
    forget(group);
    core_touch(core, group);
}

/* When we begin to watch a group whose history we remember, its master may
 * have been restarted while we were away. */
void vanished_on_info(struct core *core, struct node *node, bool another,
                      msec now)
{
    struct group *group = node->group;
    struct vanishing *vanishing = &group->vanishing;
    bool first = node->report.at == NEVER;
    if (node != group->master || node->report.role != ROLE_MASTER ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    if (another || (first && history_is_known(group))) {
        vanishing->witnessed |= another;
        vanishing->back_at = now;
        enter(core, group, VANISHED_BACK, now);
    } else if (vanishing->state == VANISHED_GONE) {
        vanished_forget(core, group); /* it was only us whom it refused */
    }
}

void vanished_judge_anew(struct core *core, struct group *group, msec now)
{
    if (group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    group->vanishing.witnessed = true;
    group->vanishing.back_at = now;
    enter(core, group, VANISHED_BACK, now);
}

/* The judgement. */

/* Whatever it holds is what it held before the master vanished. Who did not
 * see that goes by replicas that somebody kept back, and only where the master
 * began with nothing: any other history may be a promotion that we missed. */
static bool has_outlived(const struct node *node)
{
    const struct group *group = node->group;
    const struct vanishing *vanishing = &group->vanishing;
    if (vanishing->witnessed) {
        return observe_is_cut_off(node) ||
               node->report.run_id_since < vanishing->since;
    }
    return observe_is_cut_off(node) && group->master->report.replid2[0] == '\0';
}

/* What it said is of the process that is there now. */
static bool is_read(const struct node *node)
{
    const struct link *link = &node->instance.command;
    return link_usable(link) && node->report.at != NEVER &&
           node->report.at >= link->state_since;
}

bool vanished_is_unread(const struct group *group)
{
    return group->settings.on_empty_master != ON_EMPTY_ALLOW &&
           link_usable(&group->master->instance.command) &&
           !is_read(group->master);
}

/* Once it has said what it holds it may be away for a while: that is safe with
 * it, and given up only when it was away for long or its process has ended. */
static bool may_hold(const struct node *node, msec now)
{
    const struct group *group = node->group;
    const struct link *link = &node->instance.command;
    bool lost =
        node->subjective_down && now - node->subjective_down_since >=
                                     group->settings.failover_timeout_ms;
    if (lost || node->report.at == NEVER ||
        link->refused_in_a_row >= REFUSALS_NEEDED) {
        return false;
    }
    bool away = node->subjective_down || !link_usable(link);
    return is_read(node) || group->vanishing.state == VANISHED_EMPTY ||
           (away && node->report.at >= group->vanishing.since);
}

/* An operator wants this process, whatever it holds. */
static bool is_accepted(const struct group *group)
{
    const char *run_id = group->master->report.run_id;
    return run_id[0] != '\0' && strcmp(group->accepted_run_id, run_id) == 0;
}

/* Would this replica lose something if it followed the master? */
static bool is_ahead(const struct node *node, msec now)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    const struct report *master = &group->master->report;
    uint64_t held = 0;
    uint64_t offset = 0;
    if (model_is_same_server(node, group->master) || !may_hold(node, now) ||
        quarantine_holds(node) || is_accepted(group) ||
        report->role != ROLE_REPLICA || report->loading ||
        strcmp(report->replid, master->replid) == 0 ||
        !history_accepts(group, report, &held)) {
        return false;
    }
    if (history_is_linked(group, report, master)) {
        return group->vanishing.witnessed &&
               held > (history_accepts(group, master, &offset) ? offset : 0);
    }
    return held > 0 && has_outlived(node);
}

static const struct node *find_ahead(const struct group *group, msec now)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (is_ahead(node, now)) {
            return node;
        }
    }
    return NULL;
}

void vanished_on_kept_back(struct core *core, struct node *node, msec now)
{
    struct vanishing *vanishing = &node->group->vanishing;
    if (!is_read(node)) {
        return; /* old news: the judgement would not take it, and never end */
    }
    if (node->group->settings.on_empty_master != ON_EMPTY_ALLOW &&
        vanishing->state == VANISHED_NOT && is_ahead(node, now)) {
        vanishing->back_at = now;
        enter(core, node->group, VANISHED_BACK, now);
    }
}

/* Some replica may still tell us that it holds more. */
static bool is_replica_missing(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        bool open = node->cut_off == CUT_WAITING || node->cut_off == CUT_SENT ||
                    node->cut_off == CUT_DONE;
        bool told =
            is_read(node) && !open && node->report.at >= group->vanishing.since;
        if (node != group->master && !node->subjective_down && !told &&
            !quarantine_holds(node)) {
            return true;
        }
    }
    return false;
}

static void say_empty(struct core *core, const struct group *group,
                      const struct node *ahead)
{
    char text[HOST_SIZE + 80];
    bool behind =
        history_is_linked(group, &group->master->report, &ahead->report);
    const struct address *address = &ahead->instance.shown;
    (void)snprintf(text, sizeof(text), "%s, %s:%u has %llu",
                   behind ? "#behind" : "#another history", address->host,
                   address->port, (unsigned long long)ahead->report.offset);
    out_event_group(core, LEVEL_WARNING, "+empty-master", group, text);
}

static bool is_master_read(struct core *core, struct group *group, msec now)
{
    struct node *master = group->master;
    bool stopped = observe_is_cut_off(master); /* by us, as it is empty */
    if (!is_read(master) || (master->report.role != ROLE_MASTER && !stopped)) {
        return false;
    }
    if (master->report.loading) {
        group->vanishing.back_at = now; /* it serves nobody yet: no hurry */
        link_info_soon(core, master, now + INFO_RECONF_MS);
    }
    return !master->report.loading;
}

/* Until when we wait for replicas that are away: what is kept from them is
 * service, unless we know already that one of them is needed. */
static msec patience_end(const struct vanishing *vanishing)
{
    bool hurry = vanishing->state == VANISHED_BACK && vanishing->witnessed;
    return hurry ? vanishing->back_at + SELECT_MS : NEVER;
}

static void judge(struct core *core, struct group *group, msec now)
{
    struct vanishing *vanishing = &group->vanishing;
    if (!is_master_read(core, group, now)) {
        return;
    }
    const struct node *ahead = find_ahead(group, now);
    if (ahead != NULL) {
        if (vanishing->state != VANISHED_EMPTY) {
            say_empty(core, group, ahead);
            vanishing->state = VANISHED_EMPTY;
        }
        return;
    }
    msec end = patience_end(vanishing);
    if (is_replica_missing(group) && now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    vanished_forget(core, group);
    history_learn(core, group, &group->master->report, true);
}

enum admin_result vanished_adopt(struct core *core, struct group *group,
                                 const char **why_not)
{
    enum failover_state state = group->failover.state;
    if (group->vanishing.state != VANISHED_EMPTY) {
        *why_not = "that server is the master, and nothing is kept from it";
        return ADMIN_REFUSED;
    }
    if (state != FAILOVER_NONE && state != FAILOVER_HOLD) {
        *why_not = "that server is being replaced";
        return ADMIN_REFUSED;
    }
    copy_text(group->accepted_run_id, RUN_ID_SIZE,
              group->master->report.run_id);
    vanished_forget(core, group);
    history_learn(core, group, &group->master->report, true);
    return ADMIN_OK;
}

void vanished_settle(struct core *core, struct group *group, msec now)
{
    if (group->vanishing.state != VANISHED_NOT &&
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        vanished_forget(core, group); /* an operator has just said so */
    }
    switch (group->vanishing.state) {
    case VANISHED_NOT:
        return;
    case VANISHED_GONE:
        break;
    case VANISHED_BACK:
    case VANISHED_EMPTY:
        judge(core, group, now);
        break;
    }
}

/* What the others see. */

static msec oldest_view(const struct group *group, msec now)
{
    msec since = group->vanishing.since;
    return now > since + VIEW_FRESH_MS ? now - VIEW_FRESH_MS : since;
}

bool vanished_is_agreed(struct core *core, struct group *group, msec now)
{
    uint32_t answering = 1;
    uint32_t agreeing = 1;
    const struct member *member;
    TAILQ_FOREACH (member, &group->members, group_entry) {
        if (member->view_at != NEVER &&
            member->view_at >= oldest_view(group, now)) {
            answering++;
            agreeing += member->view_gone ? 1 : 0;
        }
    }
    if (answering >= model_voters(group) / 2 + 1 &&
        agreeing >= model_quorum(group)) {
        return true;
    }
    gossip_ask_views(core, group, now);
    return false;
}
