/* Which replica is promoted: a pure choice over an array of candidates.
 *
 * Left out are those that are down, have priority 0, never had the master's
 * data, hold another replication history or are too far behind. Among the
 * rest: lower priority number, then larger offset, then smaller run id; with
 * `order = freshest`, with durability and when the old master let go the
 * offset comes first. Every candidate gets a verdict, so that the log can say
 * why. */
#include "core/failover/failover.h"

#include <assert.h>
#include <stdio.h>
#include <strings.h>

/* It does not let us in: what else is missing follows from that. */
static enum verdict login_fault(enum pong pong)
{
    switch (pong) {
    case PONG_NOAUTH:
        return VERDICT_PASSWORD_WANTED;
    case PONG_WRONGPASS:
        return VERDICT_WRONG_PASSWORD;
    case PONG_OK:
    case PONG_LOADING:
    case PONG_MASTERDOWN:
    case PONG_BUSY:
    case PONG_NOPERM: /* of PING alone, perhaps */
    case PONG_MISCONF:
    case PONG_ERROR:
        return VERDICT_CHOSEN;
    }
    assert(false);
    return VERDICT_CHOSEN;
}

/* What keeps it from being asked at all. */
static enum verdict exclude_unasked(const struct candidate *candidate)
{
    if (candidate->quarantined) {
        return VERDICT_QUARANTINED;
    }
    if (candidate->not_named) {
        return VERDICT_NOT_NAMED;
    }
    if (candidate->down) {
        return VERDICT_DOWN;
    }
    if (candidate->disconnected) {
        return VERDICT_DISCONNECTED;
    }
    if (candidate->tried) {
        return VERDICT_TRIED;
    }
    return login_fault(candidate->pong);
}

static enum verdict exclude(const struct candidate *candidate)
{
    enum verdict unasked = exclude_unasked(candidate);
    if (unasked != VERDICT_CHOSEN) {
        return unasked;
    }
    if (candidate->known && candidate->priority == 0) {
        return VERDICT_PRIORITY_ZERO;
    }
    if (candidate->refused) {
        return VERDICT_REFUSED;
    }
    if (!candidate->has_info) {
        return VERDICT_NO_INFO;
    }
    if (!candidate->cut_off) {
        return VERDICT_NOT_CUT_OFF;
    }
    if (candidate->loading) {
        return VERDICT_LOADING;
    }
    if (candidate->priority == 0) {
        return VERDICT_PRIORITY_ZERO;
    }
    if (candidate->not_following) {
        return VERDICT_NOT_FOLLOWING;
    }
    if (candidate->never_synced) {
        return VERDICT_NEVER_SYNCED;
    }
    if (!candidate->same_history) {
        return VERDICT_OTHER_HISTORY;
    }
    if (candidate->no_more) {
        return VERDICT_NO_MORE;
    }
    if (candidate->as_useless) {
        return VERDICT_AS_USELESS;
    }
    return candidate->lags ? VERDICT_LAGS : VERDICT_CHOSEN;
}

/* A candidate without a run id comes last; equal ones are ordered by id. */
static int compare_run_id(const struct candidate *a, const struct candidate *b)
{
    if ((a->run_id[0] == '\0') != (b->run_id[0] == '\0')) {
        return a->run_id[0] == '\0' ? 1 : -1;
    }
    int order = strcasecmp(a->run_id, b->run_id);
    if (order != 0) {
        return order;
    }
    return a->id < b->id ? -1 : a->id > b->id;
}

int select_compare(const struct candidate *a, const struct candidate *b)
{
    if (a->holding != b->holding) {
        return a->holding < b->holding ? -1 : 1;
    }
    if (!a->data_first && a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }
    if (a->offset != b->offset) {
        return a->offset > b->offset ? -1 : 1;
    }
    if (a->priority != b->priority) {
        return a->priority < b->priority ? -1 : 1;
    }
    return compare_run_id(a, b);
}

static enum verdict why_behind(const struct candidate *loser,
                               const struct candidate *winner)
{
    if (loser->holding != winner->holding) {
        return VERDICT_LESS_OF_OURS;
    }
    if (!winner->data_first && loser->priority != winner->priority) {
        return VERDICT_LATER_PRIORITY;
    }
    if (loser->offset != winner->offset) {
        return VERDICT_SMALLER_OFFSET;
    }
    if (loser->priority != winner->priority) {
        return VERDICT_LATER_PRIORITY;
    }
    return VERDICT_LARGER_RUN_ID;
}

int select_best(struct candidate *candidates, size_t count)
{
    int best = -1;
    for (size_t i = 0; i < count; i++) {
        candidates[i].verdict = exclude(&candidates[i]);
        if (candidates[i].verdict == VERDICT_CHOSEN &&
            (best < 0 ||
             select_compare(&candidates[i], &candidates[best]) < 0)) {
            best = (int)i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (candidates[i].verdict == VERDICT_CHOSEN && (int)i != best) {
            candidates[i].verdict =
                why_behind(&candidates[i], &candidates[best]);
        }
    }
    return best;
}

/* Before anybody has seen the master, no history is known and any serves,
 * but for a replica that says itself that it never had its master's data. */
static void judge_history(const struct node *node, struct candidate *candidate)
{
    const struct report *report = &node->report;
    bool known = lineage_is_known(node->group);
    candidate->offset = report->offset;
    candidate->same_history =
        !known || lineage_accepts(node->group, report, &candidate->offset);
    candidate->never_synced =
        (!known || !candidate->same_history) && report->role == ROLE_REPLICA &&
        !report->master_link_up && report->master_link_down_s < 0;
}

static bool was_read(const struct candidate *candidate)
{
    return !candidate->down && !candidate->disconnected &&
           candidate->has_info && candidate->cut_off;
}

static bool is_anybody_kin(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (lineage_is_kin(group, &node->report)) {
            return true;
        }
    }
    return false;
}

/* Every server of the group was read and none holds the newest history: then
 * no copy of it exists any more - a promotion that somebody undid - and what
 * is left of the chain is all there is. When nothing of it is left, we have
 * missed too much to judge, and what they hold is all there is: then an empty
 * one of a better priority must not win over one that holds something. */
static void relax_histories(const struct group *group,
                            struct candidate *candidates, size_t count)
{
    if (count < group->node_count) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i].quarantined &&
            (candidates[i].same_history || !was_read(&candidates[i]))) {
            return; /* those in quarantine never were of our kind */
        }
    }
    bool any_kin = is_anybody_kin(group);
    const struct node *node = TAILQ_FIRST(&group->nodes);
    for (size_t i = 0; i < count && node != NULL; i++) {
        candidates[i].same_history =
            !any_kin || lineage_is_kin(group, &node->report);
        candidates[i].never_synced = !candidates[i].same_history;
        candidates[i].data_first = candidates[i].data_first || !any_kin;
        candidates[i].offset = node->report.offset;
        node = TAILQ_NEXT(node, entry);
    }
}

/* The master lives, and is replaced because of what it lacks: then only by one
 * that has more. */
static bool is_for_data(const struct group *group)
{
    return master_restart_lacks_data(group) && !group->objective_down &&
           !failover_is_ordered(&group->failover);
}

/* An old master that let go is a candidate itself: nothing of what it
 * acknowledged need be lost, so no priority is worth a loss. */
static bool is_data_first(const struct group *group)
{
    return group->settings.durability > 0 ||
           group->settings.order == ORDER_FRESHEST ||
           last_resort_follows_outage(group) ||
           candidates_include(group->master) || is_for_data(group);
}

size_t select_collect(const struct group *group, bool final,
                      struct candidate candidates[MAX_NODES_PER_GROUP])
{
    size_t count = 0;
    bool data_first = is_data_first(group);
    bool for_data = is_for_data(group);
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (!candidates_include(node)) {
            continue;
        }
        struct candidate *candidate = &candidates[count++];
        memset(candidate, 0, sizeof(*candidate));
        candidate->id = node->id;
        candidate->run_id = node->report.run_id;
        candidate->priority = node->report.priority;
        candidate->data_first = data_first;
        candidate->down = node != group->master && node->subjective_down;
        candidate->disconnected = final ? !link_usable(&node->instance.command)
                                        : !candidates_may_return(node);
        candidate->pong = node->instance.health.pong;
        candidate->as_useless =
            group->master->instance.health.pong == PONG_MISCONF &&
            (node->report.saves_failing || candidate->pong == PONG_MISCONF);
        candidate->refused = node->cut_off == CUT_REFUSED;
        candidate->known = node->report.at != NEVER;
        candidate->has_info =
            node->report.at != NEVER && (!final || node->cut_off != CUT_DONE);
        candidate->cut_off = !final || node->cut_off == CUT_READ;
        candidate->loading = node->report.loading;
        candidate->tried = node->tried;
        candidate->quarantined = foreign_is_left_alone(node);
        judge_history(node, candidate);
        candidate->no_more =
            for_data && lineage_loss(node, group->master) != LOSS_BYTES;
    }
    parts_order(group, candidates, count);
    relax_histories(group, candidates, count);
    last_resort_admit(group, candidates, count);
    if (group->failover.switchover.mode != FAILOVER_MODE_FORCE) {
        lag_mark(group, final, candidates, count);
    }
    return count;
}

const char *select_verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_CHOSEN:
        return "chosen";
    case VERDICT_LESS_OF_OURS:
        return "another holds more of the group's data";
    case VERDICT_LATER_PRIORITY:
        return "another has a better priority";
    case VERDICT_SMALLER_OFFSET:
        return "another has more data";
    case VERDICT_LARGER_RUN_ID:
        return "equal to another but for the run id";
    case VERDICT_DOWN:
        return "it is down";
    case VERDICT_DISCONNECTED:
        return "no connection to it";
    case VERDICT_NOT_NAMED:
        return "it is not the one that was named";
    case VERDICT_PASSWORD_WANTED:
        return "it wants a password, and none is set here";
    case VERDICT_WRONG_PASSWORD:
        return "it refuses our password";
    case VERDICT_REFUSED:
        return "it refused to be told whom to follow";
    case VERDICT_NOT_FOLLOWING:
        return "it does not follow the master, or its link to it is down";
    case VERDICT_NO_INFO:
        return "it did not answer INFO in time";
    case VERDICT_NOT_CUT_OFF:
        return "it was not cut off from the old master in time";
    case VERDICT_PRIORITY_ZERO:
        return "its priority is 0";
    case VERDICT_NEVER_SYNCED:
        return "it never had the master's data";
    case VERDICT_OTHER_HISTORY:
        return "its replication history is not the master's";
    case VERDICT_LOADING:
        return "it is loading its data";
    case VERDICT_TRIED:
        return "it did not become master when told to";
    case VERDICT_NO_MORE:
        return "it has no more data than the master, which lives";
    case VERDICT_QUARANTINED:
        return "it is in quarantine";
    case VERDICT_AS_USELESS:
        return "it cannot save its data either, and would refuse writes";
    case VERDICT_LAGS:
        return "it is further behind than max_lag_bytes or max_lag_ms allow";
    }
    assert(false);
    return "";
}

/* It could be promoted, though perhaps another one is better. */
static bool is_fit(const struct candidate *candidate)
{
    return candidate->verdict < VERDICT_DOWN;
}

void select_write_verdicts(const struct group *group,
                           const struct candidate *candidates, size_t count,
                           char why_not[GATE_TEXT_SIZE])
{
    size_t used = strlen(why_not);
    const struct node *node = TAILQ_FIRST(&group->nodes);
    for (size_t i = 0; i < count; i++) {
        while (node->id != candidates[i].id) { /* in the same order */
            node = TAILQ_NEXT(node, entry);
        }
        const struct address *at = &node->instance.shown;
        size_t room = GATE_TEXT_SIZE - used;
        int length = snprintf(why_not + used, room, "%s %.80s:%u: %s",
                              i == 0 ? "" : ",", at->host, at->port,
                              select_verdict_name(candidates[i].verdict));
        if (length < 0 || (size_t)length >= room) {
            why_not[used] = '\0'; /* the rest is left out */
            return;
        }
        used += (size_t)length;
    }
}

void select_mark_fit(struct group *group)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    (void)select_best(candidates, count);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->was_fit = false;
    }
    for (size_t i = 0; i < count; i++) {
        node = model_node_with_id(group, candidates[i].id);
        node->was_fit = is_fit(&candidates[i]);
    }
}

bool select_is_anybody_fit_since(const struct group *group)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    (void)select_best(candidates, count);
    const struct node *node = TAILQ_FIRST(&group->nodes);
    for (size_t i = 0; i < count; i++) {
        while (node->id != candidates[i].id) { /* in the same order */
            node = TAILQ_NEXT(node, entry);
        }
        if (is_fit(&candidates[i]) && !node->was_fit) {
            return true;
        }
    }
    return false;
}

bool select_any(const struct group *group, char why_not[GATE_TEXT_SIZE])
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    if (select_best(candidates, count) >= 0) {
        return true;
    }
    if (count == 0) {
        copy_text(why_not, GATE_TEXT_SIZE, "no replica is known");
    } else {
        (void)snprintf(why_not, GATE_TEXT_SIZE,
                       "none of %zu replicas can be promoted:", count);
        select_write_verdicts(group, candidates, count, why_not);
    }
    return false;
}

bool select_any_with_more(const struct group *group)
{
    char why_not[GATE_TEXT_SIZE];
    return select_any(group, why_not);
}

uint32_t select_count_missing(const struct group *group,
                              const struct candidate *candidates, size_t count)
{
    uint32_t durability = group->settings.durability;
    uint32_t replicas = group->node_count - 1;
    if (durability == 0 || replicas == 0) {
        return 0;
    }
    uint32_t needed = durability >= replicas ? 1 : replicas - durability + 1;
    uint32_t read = 0;
    for (size_t i = 0; i < count; i++) {
        bool holds = candidates[i].same_history && !candidates[i].loading;
        read += was_read(&candidates[i]) && holds ? 1 : 0;
    }
    return read < needed ? needed - read : 0;
}

bool select_is_behind(const struct candidate *candidates, size_t count,
                      const struct candidate *chosen)
{
    for (size_t i = 0; i < count; i++) {
        if (was_read(&candidates[i]) && candidates[i].same_history &&
            candidates[i].holding == chosen->holding &&
            candidates[i].offset > chosen->offset) {
            return true;
        }
    }
    return false;
}
