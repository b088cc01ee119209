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
 * That we are refused proves nothing: a firewall may stand in between. Only a
 * replica's broken link beside it does, and one whose link stands refutes it.
 *
 * What the new process holds is compared in one place, lineage_loss.c. */
#include "core/failover/failover.h"

#include <stdio.h>

bool vanished_is_guarded(const struct group *group)
{
    return model_is_master_in_doubt(group);
}

bool vanished_lacks_data(const struct group *group)
{
    return group->settings.on_empty_master == ON_EMPTY_FAILOVER &&
           group->vanishing.state == VANISHED_EMPTY;
}

bool vanished_is_to_be_replaced(const struct group *group)
{
    return vanished_lacks_data(group) && select_any_with_more(group);
}

bool vanished_endangers(const struct group *group)
{
    const struct report *master = &group->master->report;
    switch (group->vanishing.state) {
    case VANISHED_NOT:
        return false;
    case VANISHED_GONE: /* its file has all that it acknowledged */
        return !master->append_only;
    case VANISHED_BACK:
        return !master->kept_log;
    case VANISHED_EMPTY:
        return true;
    }
    return true;
}

/* Whoever led a moment ago still binds the others: nobody else could stand. */
static msec turn(const struct core *core, const struct group *group, msec now)
{
    return now < tally_lease_end(core, group) ? 0 : election_turn(core, group);
}

static void enter(struct core *core, struct group *group, enum vanished state,
                  msec now)
{
    struct vanishing *vanishing = &group->vanishing;
    if (vanishing->state == VANISHED_NOT) {
        vanishing->since = now;
        election_hold_off(core, group, now + turn(core, group, now));
        info_now(core, group, now);
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

static void forget(struct group *group)
{
    memset(&group->vanishing, 0, sizeof(group->vanishing));
}

void vanished_forget(struct core *core, struct group *group)
{
    if (group->vanishing.said) {
        event_group(core, LEVEL_NOTICE, "-process-gone", group, "");
    }
    copy_text(group->accepted_run_id, RUN_ID_SIZE,
              group->master->report.run_id);
    forget(group);
    core_touch(core, group);
}

/* It is there, and does not say what it holds: perhaps it is not asked in the
 * right way any more. That is no reason to keep replicas back for ever. */
static void settle_mute(struct core *core, struct group *group, msec now)
{
    const struct instance *master = &group->master->instance;
    const struct link *link = &master->command;
    if (!link_usable(link) || master->health.pong == PONG_LOADING ||
        group->master->report.loading ||
        group->vanishing.state == VANISHED_EMPTY) {
        return;
    }
    msec since = link->state_since > master->health.pong_since
                     ? link->state_since
                     : master->health.pong_since;
    msec end = since + group->settings.failover_timeout_ms;
    if (now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    event_log(core, LEVEL_WARNING,
              "%s: the master was restarted and does not answer INFO: its "
              "replicas follow it again, whatever it holds",
              group->name);
    vanished_forget(core, group);
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
    vanishing->doubted = vanishing->state != VANISHED_NOT;
    vanishing->proved = vanishing->doubted;
    vanishing->gone_at = now;
    enter(core, group, VANISHED_GONE, now);
    info_now(core, group, now);
}

/* What a replica says of its link to the master since that refuses us. */
enum proof { PROOF_NONE, PROOF_BROKEN, PROOF_STANDS };

static enum proof proof_of(const struct node *node)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    if (node == group->master || node->subjective_down ||
        !link_usable(&node->instance.command) || report->at == NEVER ||
        report->at < group->vanishing.gone_at || report->role != ROLE_REPLICA) {
        return PROOF_NONE;
    }
    if (model_is_detached(node)) {
        return PROOF_BROKEN;
    }
    if (!instance_is_at(&group->master->instance, &report->master)) {
        return PROOF_NONE;
    }
    return report->master_link_up ? PROOF_STANDS : PROOF_BROKEN;
}

/* What was proved stays so until a link stands, or the master answers. */
static bool is_proved(const struct group *group)
{
    bool broken = group->vanishing.proved;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        enum proof proof = proof_of(node);
        if (proof == PROOF_STANDS) {
            return false;
        }
        broken |= proof == PROOF_BROKEN;
    }
    return broken;
}

/* A replica may notice the end of its link a moment after us. */
static void look_again(struct core *core, struct group *group, msec now)
{
    struct node *node;
    msec age = now - group->vanishing.gone_at;
    if (age >= VANISHED_URGENT_MS) {
        return; /* evidence.c asks them now and then */
    }
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && !node->instance.command.info_pending) {
            info_soon(core, node, now + VANISHED_LOOK_MS);
        }
    }
}

static void settle_gone(struct core *core, struct group *group, msec now)
{
    struct vanishing *vanishing = &group->vanishing;
    settle_mute(core, group, now);
    if (vanishing->state != VANISHED_GONE) {
        return;
    }
    bool was_proved = vanishing->proved;
    vanishing->proved = is_proved(group);
    if (!vanishing->proved) {
        look_again(core, group, now);
        return;
    }
    if (!was_proved) { /* all of us see it in the same moment */
        election_hold_off(core, group, now + turn(core, group, now));
    }
    if (!vanishing->said) {
        vanishing->said = true;
        event_group(core, LEVEL_NOTICE, "+process-gone", group, "");
    }
}

/* When we begin to watch a group whose history we remember, its master may
 * have been restarted while we were away. */
void vanished_on_info(struct core *core, struct node *node, bool another,
                      bool first, msec now)
{
    struct group *group = node->group;
    struct vanishing *vanishing = &group->vanishing;
    if (node != group->master || node->report.role != ROLE_MASTER ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    if (another || (first && lineage_is_known(group))) {
        vanishing->witnessed |= another;
        vanishing->back_at = now;
        vanishing->lacking = false;
        enter(core, group, VANISHED_BACK, now);
    } else if (first) { /* the one that an operator named */
        copy_text(group->accepted_run_id, RUN_ID_SIZE, node->report.run_id);
    } else if (vanishing->state == VANISHED_GONE && vanishing->doubted) {
        enter(core, group, VANISHED_BACK, now); /* and is judged as before */
    } else if (vanishing->state == VANISHED_GONE) {
        vanished_forget(core, group); /* it was only us whom it refused */
    }
}

void vanished_on_adoption(struct core *core, struct group *group, msec now)
{
    const struct report *report = &group->master->report;
    if (report->at == NEVER || report->was_replica ||
        report->role != ROLE_MASTER || !lineage_is_known(group) ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return; /* this process was promoted, or has not spoken yet */
    }
    group->vanishing.back_at = now;
    enter(core, group, VANISHED_BACK, now);
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

/* What it said is of the process that is there now. */
static bool is_read(const struct node *node)
{
    const struct link *link = &node->instance.command;
    return link_usable(link) && node->report.at != NEVER &&
           node->report.at >= link->state_since;
}

bool vanished_is_unread(const struct group *group)
{
    const struct instance *master = &group->master->instance;
    bool denied = master->health.pong == PONG_NOAUTH ||
                  master->health.pong == PONG_WRONGPASS ||
                  master->health.pong == PONG_NOPERM;
    return group->settings.on_empty_master != ON_EMPTY_ALLOW &&
           link_usable(&master->command) && !denied && !is_read(group->master);
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
static bool is_accepted(const struct group *group, msec now)
{
    const char *run_id = group->master->report.run_id;
    return run_id[0] != '\0' && now >= group->unseen_until &&
           strcmp(group->accepted_run_id, run_id) == 0;
}

/* Who did not see the process end knows only replicas that somebody kept back,
 * and only where the master began with nothing: any other history may be a
 * promotion that we missed. */
static bool is_comparable(const struct node *node)
{
    const struct group *group = node->group;
    return group->vanishing.witnessed ||
           (model_is_detached(node) &&
            group->master->report.replid2[0] == '\0');
}

/* What would this replica lose if it followed the master? */
static enum loss loss_of(const struct node *node, msec now)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    uint64_t held = 0;
    if (model_is_same_server(node, group->master) || !may_hold(node, now) ||
        foreign_is_left_alone(node) || is_accepted(group, now) ||
        report->role != ROLE_REPLICA || report->loading ||
        !lineage_accepts(group, report, &held) || held == 0 ||
        !is_comparable(node)) {
        return LOSS_NOTHING;
    }
    return lineage_loss(node, group->master);
}

static const struct node *find_losing(const struct group *group, enum loss loss,
                                      msec now)
{
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (loss_of(node, now) == loss) {
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
        vanishing->state == VANISHED_NOT && loss_of(node, now) == LOSS_BYTES) {
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
                    node->cut_off == CUT_DONE || node->cut_off == CUT_READING;
        bool told =
            is_read(node) && !open && node->report.at >= group->vanishing.since;
        if (node != group->master && !node->subjective_down && !told &&
            !foreign_is_left_alone(node)) {
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
        lineage_is_linked(group, &group->master->report, &ahead->report);
    const struct address *address = &ahead->instance.shown;
    (void)snprintf(text, sizeof(text), "%s, %s:%u has %llu",
                   behind ? "#behind" : "#another history", address->host,
                   address->port, (unsigned long long)ahead->report.offset);
    event_group(core, LEVEL_WARNING, "+empty-master", group, text);
}

static bool is_master_read(struct core *core, struct group *group, msec now)
{
    struct node *master = group->master;
    bool stopped = model_is_detached(master); /* by us, as it is empty */
    if (!is_read(master) || (master->report.role != ROLE_MASTER && !stopped)) {
        return false;
    }
    if (master->report.loading) {
        group->vanishing.back_at = now; /* it serves nobody yet: no hurry */
        info_soon(core, master, now + INFO_RECONF_MS);
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

/* This process is the master, with what it holds. */
void vanished_accept(struct core *core, struct group *group)
{
    vanished_forget(core, group);
    lineage_learn(core, group, &group->master->report, true);
}

/* Every replica that has more goes on from what the master has. */
static bool is_behind_only(const struct group *group, msec now)
{
    const struct report *master = &group->master->report;
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (loss_of(node, now) != LOSS_NOTHING &&
            !lineage_is_linked(group, &node->report, master)) {
            return false;
        }
    }
    return master->keys_begun > 0;
}

bool vanished_is_lost_anyway(const struct group *group, msec now)
{
    return vanished_lacks_data(group) && !select_any_with_more(group) &&
           is_behind_only(group, now);
}

void vanished_take(struct core *core, struct group *group)
{
    event_log(core, LEVEL_WARNING,
              "%s: the master was restarted with less than a replica has, and "
              "no replica that has more can be promoted: it stays master",
              group->name);
    group->failover.takes_master = true; /* with all of us: see commit.c */
}

static void judge(struct core *core, struct group *group, msec now)
{
    struct vanishing *vanishing = &group->vanishing;
    if (!is_master_read(core, group, now)) {
        settle_mute(core, group, now);
        return;
    }
    const struct node *ahead = find_losing(group, LOSS_BYTES, now);
    if (ahead != NULL) {
        if (vanishing->state != VANISHED_EMPTY) {
            say_empty(core, group, ahead);
            vanishing->state = VANISHED_EMPTY;
            vanishing->lacking = true;
        }
        return;
    }
    msec end = patience_end(vanishing);
    if (is_replica_missing(group) && now < end) {
        schedule_sooner(core, &group->timer, end);
        return;
    }
    msec settled_at = vanishing->back_at + last_resort_patience(group);
    if (find_losing(group, LOSS_UNKNOWN, now) != NULL && now < settled_at) {
        schedule_sooner(core, &group->timer, settled_at);
        return;
    }
    group->unseen_until = vanishing->witnessed ? 0 : settled_at;
    vanished_accept(core, group);
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
    group->unseen_until = 0;
    vanished_accept(core, group);
    return ADMIN_OK;
}

/* It is down again, not judged yet, and nobody is known to have had more. What
 * was copied from it since it came back are our data, too; the choice weighs
 * those copies against the older ones. */
static void learn_unjudged(struct core *core, struct group *group)
{
    const struct vanishing *vanishing = &group->vanishing;
    const struct node *master = group->master;
    const struct report *report = &master->report;
    if (master->subjective_down && vanishing->state != VANISHED_NOT &&
        !vanishing->lacking && vanishing->witnessed && report->at != NEVER &&
        report->at >= vanishing->since && report->role == ROLE_MASTER &&
        !report->loading && report->keys_begun > 0) {
        lineage_learn(core, group, report, true);
    }
}

void vanished_settle(struct core *core, struct group *group, msec now)
{
    learn_unjudged(core, group);
    if (group->vanishing.state != VANISHED_NOT &&
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        vanished_forget(core, group); /* an operator has just said so */
    }
    switch (group->vanishing.state) {
    case VANISHED_NOT:
        return;
    case VANISHED_GONE:
        settle_gone(core, group, now);
        break;
    case VANISHED_BACK:
    case VANISHED_EMPTY:
        judge(core, group, now);
        break;
    }
}

/* What the others see. */

enum agreement vanished_agreement(const struct group *group, msec since)
{
    uint32_t answering = 1;
    uint32_t agreeing = 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->view_at != NEVER && voter->view_at >= since) {
            answering++;
            agreeing += voter->view_gone ? 1 : 0;
        }
    }
    if (answering < model_voters(group) / 2 + 1) {
        return AGREEMENT_UNKNOWN;
    }
    return agreeing >= model_quorum(group) ? AGREEMENT_YES : AGREEMENT_NO;
}

bool vanished_is_agreed(struct core *core, struct group *group, msec now)
{
    msec since = group->vanishing.since;
    since = now > since + PROOF_FRESH_MS ? now - PROOF_FRESH_MS : since;
    if (vanished_agreement(group, since) == AGREEMENT_YES) {
        return true;
    }
    view_ask_all(core, group, now);
    return false;
}
