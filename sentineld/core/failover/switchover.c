/* A planned failover that loses nothing: before anything is promoted, writes
 * are paused on the master and the chosen replica receives what is left.
 *
 *   CHOOSE    fresh INFO of everybody; the best replica, or the named one
 *   PAUSE     CLIENT PAUSE WRITE on the master
 *   CATCH_UP  until the replica has what the master had after the pause
 *   HAND_OVER the master lets go (handover.c)
 *
 * Then failover.c promotes it, and the old master's demotion ends its pause.
 * Whatever goes wrong before is undone: the master goes on, as if nothing had
 * been asked. A pause ends by itself, so a supervisor that dies in the middle
 * leaves nothing behind either. Decides no state of the failover: it reports
 * how far it is. */
#include "core/failover/failover.h"

#include <assert.h>
#include <stdio.h>

static struct switchover *plan_of(struct group *group)
{
    return &group->failover.switchover;
}

static void enter(struct group *group, enum switchover_phase phase, msec now)
{
    plan_of(group)->phase = phase;
    plan_of(group)->phase_at = now;
}

static enum switchover_outcome fail(struct group *group, const char *why)
{
    copy_text(plan_of(group)->why, sizeof(plan_of(group)->why), why);
    return SWITCHOVER_FAILED;
}

/* Our master is there, writable as far as we know, and ours to pause. */
static bool is_master_ready(const struct group *group)
{
    const struct node *master = group->master;
    return link_usable(&master->instance.command) && !master->subjective_down &&
           master->report.at != NEVER && master->report.role == ROLE_MASTER;
}

/* Once it was told to let go it says that it is a replica. */
static bool is_master_there(const struct group *group)
{
    const struct switchover *plan = &group->failover.switchover;
    return plan->phase == SWITCHOVER_HAND_OVER
               ? link_usable(&group->master->instance.command)
               : is_master_ready(group);
}

static bool follows_master(const struct node *node)
{
    const struct group *group = node->group;
    return node->report.role == ROLE_REPLICA && node->report.master_link_up &&
           instance_is_at(&group->master->instance, &node->report.master);
}

enum admin_result switchover_plan(struct group *group,
                                  const struct admin *admin,
                                  enum purpose *purpose)
{
    struct switchover *plan = plan_of(group);
    memset(plan, 0, sizeof(*plan));
    plan->mode = admin->mode;
    plan->dry_run = admin->dry_run;
    plan->timeout_ms =
        admin->timeout_ms != 0 ? admin->timeout_ms : SWITCHOVER_MS;
    bool ready = is_master_ready(group);
    bool planned = admin->mode == FAILOVER_MODE_COORDINATED ||
                   (admin->mode == FAILOVER_MODE_DEFAULT && ready);
    *purpose = planned ? PURPOSE_PLANNED : PURPOSE_FORCED;
    plan->client = admin->client;
    if (!planned) {
        return ADMIN_OK;
    }
    if (!ready) {
        (void)fail(group, "the master does not answer: there is nothing to "
                          "coordinate with; FORCE goes on without it");
        return ADMIN_REFUSED;
    }
    if (admin->target.host[0] == '\0') {
        return ADMIN_OK;
    }
    plan->target = model_find_node(group, &admin->target);
    if (plan->target == NULL || plan->target == group->master) {
        (void)fail(group, "TO does not name a replica of this master");
        return ADMIN_REFUSED;
    }
    return ADMIN_OK;
}

static void want_fresh(struct core *core, struct node *node, msec at)
{
    node->fresh = FRESH_WANTED;
    info_soon(core, node, at);
}

void switchover_start(struct core *core, struct group *group, msec now)
{
    enter(group, SWITCHOVER_CHOOSE, now);
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->fresh = FRESH_NONE;
        if (link_usable(&node->instance.command)) {
            want_fresh(core, node, now);
        }
    }
}

static bool is_info_missing(const struct group *group)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if ((node->fresh == FRESH_WANTED || node->fresh == FRESH_ASKED) &&
            link_usable(&node->instance.command) && !node->subjective_down) {
            return true;
        }
    }
    return false;
}

/* Nobody: what is wrong with the named one, or with each. */
static void explain_choice(struct group *group,
                           const struct candidate *candidates, size_t count,
                           const struct node *named)
{
    char *why = plan_of(group)->why;
    for (size_t i = 0; i < count && named != NULL; i++) {
        if (candidates[i].id == named->id) {
            (void)snprintf(why, GATE_TEXT_SIZE,
                           "the named replica cannot be promoted now: %s",
                           select_verdict_name(candidates[i].verdict));
            return;
        }
    }
    copy_text(why, GATE_TEXT_SIZE,
              "no replica follows the master closely enough to be promoted "
              "now:");
    select_write_verdicts(group, candidates, count, why);
}

/* The best replica among those that follow the master right now. */
static struct node *choose(struct core *core, struct group *group)
{
    struct candidate candidates[MAX_NODES_PER_GROUP];
    size_t count = select_collect(group, false, candidates);
    const struct node *named = plan_of(group)->target;
    struct node *node;
    for (size_t i = 0; i < count; i++) {
        node = model_node_with_id(group, candidates[i].id);
        candidates[i].disconnected |= !link_usable(&node->instance.command);
        candidates[i].has_info &= node->fresh == FRESH_READ;
        candidates[i].not_following = !follows_master(node);
        candidates[i].not_named = named != NULL && node != named;
    }
    int best = select_best(candidates, count);
    candidates_log(core, group, candidates, count);
    if (best < 0) {
        explain_choice(group, candidates, count, named);
        return NULL;
    }
    return model_node_with_id(group, candidates[best].id);
}

/* A slice of the pause: renewed while we wait, so that it ends soon after us,
 * and long enough that the old master is a replica before it ends. */
static void pause_master(struct core *core, struct group *group,
                         msec expires_at, msec now)
{
    struct node *master = group->master;
    struct switchover *plan = plan_of(group);
    plan->caught_up_once &= now < master->paused_until;
    if (plan->caught_up_once && master->paused_until < expires_at) {
        expires_at = master->paused_until; /* later it would be a new pause */
    }
    enter(group, SWITCHOVER_PAUSE, now);
    master->paused_until = now + PAUSE_SLICE_MS;
    action_pause(core, master, PAUSE_SLICE_MS, expires_at);
}

static enum switchover_outcome
settle_choose(struct core *core, struct group *group, msec expires_at, msec now)
{
    struct switchover *plan = plan_of(group);
    msec end = plan->phase_at + SELECT_MS;
    if (is_info_missing(group) && now < end) {
        schedule_sooner(core, &group->timer, end);
        return SWITCHOVER_WAITS;
    }
    if (group->master->fresh != FRESH_READ || !is_master_ready(group)) {
        return fail(group, "the master did not answer INFO in time");
    }
    plan->target = choose(core, group);
    if (plan->target == NULL) {
        return SWITCHOVER_FAILED; /* choose has said why */
    }
    if (plan->dry_run) {
        return SWITCHOVER_READY;
    }
    pause_master(core, group, expires_at, now);
    return SWITCHOVER_WAITS;
}

void switchover_on_pause(struct core *core, struct node *node,
                         enum core_action_type what, enum ack_result result,
                         msec now)
{
    struct group *group = node->group;
    struct switchover *plan = plan_of(group);
    core_touch(core, group);
    if (what == ACT_UNPAUSE) {
        return;
    }
    if (plan->phase != SWITCHOVER_PAUSE || node != group->master) {
        return; /* late: it was undone already */
    }
    if (result != ACK_OK) {
        node->paused_until = 0;
        enter(group,
              result == ACK_UNSENT ? SWITCHOVER_UNSENT : SWITCHOVER_REFUSED,
              now);
        return;
    }
    enter(group, SWITCHOVER_CATCH_UP, now);
    if (node->fresh == FRESH_READ && plan->caught_up_once) {
        return; /* renewed: what was read is still the end of it */
    }
    plan->caught_up_once = true;
    want_fresh(core, node, now);
    want_fresh(core, plan->target, now);
}

static void settle_catch_up(struct core *core, struct group *group,
                            msec expires_at, msec now)
{
    struct node *master = group->master;
    struct node *target = plan_of(group)->target;
    msec renew_at = master->paused_until - PAUSE_LEFT_MS;
    if (now >= renew_at) {
        pause_master(core, group, expires_at, now);
        return;
    }
    schedule_sooner(core, &group->timer, renew_at);
    if (master->fresh == FRESH_READ && target->fresh == FRESH_READ) {
        if (target->report.offset >= master->report.offset &&
            follows_master(target)) {
            enter(group, SWITCHOVER_HAND_OVER, now);
            handover_start(core, group, expires_at);
            return;
        }
        want_fresh(core, target, now + 1);
    }
}

static enum switchover_outcome settle_hand_over(struct core *core,
                                                struct group *group, msec now)
{
    switch (handover_settle(core, group, now)) {
    case HANDOVER_DONE:
        return SWITCHOVER_READY;
    case HANDOVER_BEHIND:
        return fail(group, "the master had taken writes before it let go");
    case HANDOVER_REFUSED:
        return fail(group, "the master could not be told to let go");
    case HANDOVER_WAITS:
        break;
    }
    msec end = plan_of(group)->phase_at + HANDOVER_MS;
    if (now >= end) {
        return fail(group, "the master did not let go in time");
    }
    schedule_sooner(core, &group->timer, end);
    return SWITCHOVER_WAITS;
}

static enum switchover_outcome check_time(struct core *core,
                                          struct group *group, msec now)
{
    struct switchover *plan = plan_of(group);
    msec end = group->failover.started_at + plan->timeout_ms;
    if (now < end) {
        schedule_sooner(core, &group->timer, end);
        return SWITCHOVER_WAITS;
    }
    char why[200];
    (void)snprintf(why, sizeof(why), "%.80s:%u did not catch up within %llu ms",
                   plan->target->instance.address.host,
                   plan->target->instance.address.port,
                   (unsigned long long)plan->timeout_ms);
    return fail(group, why);
}

enum switchover_outcome switchover_settle(struct core *core,
                                          struct group *group, msec expires_at,
                                          msec now)
{
    struct switchover *plan = plan_of(group);
    if (!is_master_there(group)) {
        return fail(group, "the connection to the master was lost");
    }
    if (plan->target != NULL && plan->phase != SWITCHOVER_CHOOSE &&
        !link_usable(&plan->target->instance.command)) {
        return fail(group, "the connection to the chosen replica was lost");
    }
    assert(plan->target != NULL || plan->phase == SWITCHOVER_CHOOSE);
    switch (plan->phase) {
    case SWITCHOVER_NONE:
        break;
    case SWITCHOVER_CHOOSE:
        return settle_choose(core, group, expires_at, now);
    case SWITCHOVER_PAUSE:
        return check_time(core, group, now);
    case SWITCHOVER_REFUSED:
        copy_text(plan->why, sizeof(plan->why),
                  "but the master refused CLIENT PAUSE WRITE, so writes of "
                  "the last moment may be lost");
        return SWITCHOVER_UNPAUSABLE;
    case SWITCHOVER_UNSENT:
        return fail(group, "the master could not be told to pause");
    case SWITCHOVER_CATCH_UP:
        settle_catch_up(core, group, expires_at, now);
        return plan->phase == SWITCHOVER_HAND_OVER
                   ? SWITCHOVER_WAITS
                   : check_time(core, group, now);
    case SWITCHOVER_HAND_OVER:
        return settle_hand_over(core, group, now);
    }
    assert(false);
    return SWITCHOVER_FAILED;
}

static void answer(struct core *core, struct group *group,
                   enum admin_result result, const char *text)
{
    struct switchover *plan = plan_of(group);
    if (plan->client == 0) {
        return;
    }
    struct admin asked = {.type = ADMIN_FAILOVER, .client = plan->client};
    plan->client = 0;
    action_refusal(core, &asked, result, text);
}

void switchover_undo(struct core *core, struct group *group)
{
    struct switchover *plan = plan_of(group);
    if (group->failover.purpose != PURPOSE_PLANNED && plan->client == 0) {
        return;
    }
    if (plan->why[0] == '\0') {
        copy_text(plan->why, sizeof(plan->why),
                  "another supervisor leads, or a majority does not answer");
    }
    event_log(core, LEVEL_WARNING, "%s: switchover undone: %s", group->name,
              plan->why);
    answer(core, group, ADMIN_REFUSED, plan->why);
}

void switchover_done(struct core *core, struct group *group)
{
    struct switchover *plan = plan_of(group);
    char text[sizeof(plan->why) + HOST_SIZE + 32];
    text[0] = '\0';
    if (plan->dry_run && plan->target != NULL) {
        (void)snprintf(text, sizeof(text), "would promote %s:%u",
                       plan->target->instance.address.host,
                       plan->target->instance.address.port);
    } else if (plan->mode == FAILOVER_MODE_COORDINATED) {
        copy_text(text, sizeof(text), plan->why);
    }
    answer(core, group, ADMIN_OK, text);
}

void switchover_begun(struct core *core, struct group *group)
{
    answer(core, group, ADMIN_OK, "");
}

void switchover_in_progress(struct core *core, struct group *group)
{
    copy_text(plan_of(group)->why, sizeof(plan_of(group)->why),
              "another supervisor does a failover of this master");
    answer(core, group, ADMIN_IN_PROGRESS, "");
}

void switchover_untold(struct core *core, struct group *group)
{
    answer(core, group, ADMIN_REFUSED,
           "the replica was promoted, but this supervisor could tell nobody "
           "in time: the next failover decides who is master");
}

/* A pause that nobody needs any more is ended as soon as it can be: at once,
 * or when the connection is back. */
void switchover_end_pause(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    struct link *link = &node->instance.command;
    if (now >= node->paused_until) {
        return;
    }
    schedule_sooner(core, &group->timer, node->paused_until);
    bool needed =
        group->failover.purpose == PURPOSE_PLANNED || node != group->master;
    if (!needed && link_usable(link)) {
        node->paused_until = 0;
        action_simple(core, ACT_UNPAUSE, link, group);
    }
}
