/* The master's process is gone, or it is another one: what becomes of the data?
 *
 * A process that is killed takes its connections along, and its kernel refuses
 * new ones: we see it within a millisecond, long before the master counts as
 * down. Started again at once it may be empty, or have loaded an old file, and
 * every replica that reaches it copies that. So until it is judged, replicas
 * are kept from it (keep.c); here is what the judgement rests on.
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

bool master_restart_is_guarded(const struct group *group)
{
    return model_is_master_in_doubt(group);
}

bool master_restart_lacks_data(const struct group *group)
{
    return group->settings.on_empty_master == ON_EMPTY_FAILOVER &&
           group->restart.state == RESTART_BEHIND;
}

bool master_restart_is_to_be_replaced(const struct group *group)
{
    return master_restart_lacks_data(group) && select_any_with_more(group);
}

bool master_restart_endangers(const struct group *group)
{
    const struct report *master = &group->master->report;
    switch (group->restart.state) {
    case RESTART_NONE:
        return false;
    case RESTART_GONE: /* its file has all that it acknowledged */
        return !master->append_only;
    case RESTART_BACK:
        return !master->kept_log;
    case RESTART_BEHIND:
        return true;
    }
    return true;
}

/* Whoever led a moment ago still binds the others: nobody else could stand. */
static msec turn(const struct core *core, const struct group *group, msec now)
{
    return now < tally_lease_end(core, group) ? 0 : election_turn(core, group);
}

static void enter(struct core *core, struct group *group,
                  enum restart_state state, msec now)
{
    struct master_restart *restart = &group->restart;
    if (restart->state == RESTART_NONE) {
        restart->since = now;
        election_hold_off(core, group, now + turn(core, group, now));
        info_now(core, group, now);
    }
    restart->state = state;
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
    memset(&group->restart, 0, sizeof(group->restart));
}

void master_restart_forget(struct core *core, struct group *group)
{
    if (group->restart.said) {
        event_group(core, LEVEL_NOTICE, "-process-gone", group, "");
    }
    copy_text(group->accepted_run_id, RUN_ID_SIZE,
              group->master->report.run_id);
    forget(group);
    core_touch(core, group);
}

void master_restart_on_refusal(struct core *core, struct node *node, msec now)
{
    struct group *group = node->group;
    struct master_restart *restart = &group->restart;
    if (node != group->master || !was_master(node) ||
        restart->state == RESTART_GONE ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    restart->witnessed = true;
    restart->doubted = restart->state != RESTART_NONE;
    restart->proved = restart->doubted;
    restart->gone_at = now;
    enter(core, group, RESTART_GONE, now);
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
        report->at < group->restart.gone_at || report->role != ROLE_REPLICA) {
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
    bool broken = group->restart.proved;
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
    msec age = now - group->restart.gone_at;
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
    struct master_restart *restart = &group->restart;
    master_restart_settle_mute(core, group, now);
    if (restart->state != RESTART_GONE) {
        return;
    }
    bool was_proved = restart->proved;
    restart->proved = is_proved(group);
    if (!restart->proved) {
        look_again(core, group, now);
        return;
    }
    if (!was_proved) { /* all of us see it in the same moment */
        election_hold_off(core, group, now + turn(core, group, now));
    }
    if (!restart->said) {
        restart->said = true;
        event_group(core, LEVEL_NOTICE, "+process-gone", group, "");
    }
}

/* When we begin to watch a group whose history we remember, its master may
 * have been restarted while we were away. */
void master_restart_on_info(struct core *core, struct node *node, bool another,
                            bool first, msec now)
{
    struct group *group = node->group;
    struct master_restart *restart = &group->restart;
    if (node != group->master || node->report.role != ROLE_MASTER ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    if (another || (first && lineage_is_known(group))) {
        restart->witnessed |= another;
        restart->back_at = now;
        restart->lacking = false;
        enter(core, group, RESTART_BACK, now);
    } else if (first) { /* the one that an operator named */
        copy_text(group->accepted_run_id, RUN_ID_SIZE, node->report.run_id);
    } else if (restart->state == RESTART_GONE && restart->doubted) {
        enter(core, group, RESTART_BACK, now); /* and is judged as before */
    } else if (restart->state == RESTART_GONE) {
        master_restart_forget(core, group); /* it was only us whom it refused */
    }
}

void master_restart_doubt(struct core *core, struct group *group, msec now)
{
    group->restart.back_at = now;
    enter(core, group, RESTART_BACK, now);
}

void master_restart_on_adoption(struct core *core, struct group *group,
                                msec now)
{
    const struct report *report = &group->master->report;
    if (report->at == NEVER || report->was_replica ||
        report->role != ROLE_MASTER || !lineage_is_known(group) ||
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return; /* this process was promoted, or has not spoken yet */
    }
    master_restart_doubt(core, group, now);
}

void master_restart_judge_anew(struct core *core, struct group *group, msec now)
{
    if (group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        return;
    }
    group->restart.witnessed = true;
    group->restart.back_at = now;
    enter(core, group, RESTART_BACK, now);
}

void master_restart_settle(struct core *core, struct group *group, msec now)
{
    master_restart_learn_unjudged(core, group);
    if (group->restart.state != RESTART_NONE &&
        group->settings.on_empty_master == ON_EMPTY_ALLOW) {
        master_restart_forget(core, group); /* an operator has just said so */
    }
    switch (group->restart.state) {
    case RESTART_NONE:
        return;
    case RESTART_GONE:
        settle_gone(core, group, now);
        break;
    case RESTART_BACK:
    case RESTART_BEHIND:
        master_restart_judge(core, group, now);
        break;
    }
}

/* What the others see. Whether the process is gone, each of them can say.
 * Whether the next one lacks something, only who has met the one before: the
 * rest is no vote against a majority. */

static bool is_unable(const struct voter *voter)
{
    return !voter->view_gone &&
           strcmp(voter->view_only_process,
                  voter->group->master->report.run_id) == 0;
}

enum agreement master_restart_agreement(const struct group *group, msec since)
{
    uint32_t answering = 1;
    uint32_t agreeing = 1;
    uint32_t unable = 0;
    uint32_t majority = model_voters(group) / 2 + 1;
    const struct voter *voter;
    TAILQ_FOREACH (voter, &group->voters, group_entry) {
        if (voter->view_at != NEVER && voter->view_at >= since) {
            answering++;
            agreeing += voter->view_gone ? 1 : 0;
            unable += is_unable(voter) ? 1 : 0;
        }
    }
    if (answering < majority) {
        return AGREEMENT_UNKNOWN;
    }
    if (group->restart.state != RESTART_GONE && agreeing >= majority) {
        agreeing += unable;
    }
    return agreeing >= model_quorum(group) ? AGREEMENT_YES : AGREEMENT_NO;
}

bool master_restart_is_agreed(struct core *core, struct group *group, msec now)
{
    msec since = group->restart.since;
    since = now > since + PROOF_FRESH_MS ? now - PROOF_FRESH_MS : since;
    if (master_restart_agreement(group, since) == AGREEMENT_YES) {
        return true;
    }
    view_ask_all(core, group, now);
    return false;
}
