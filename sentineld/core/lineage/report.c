/* What each failover cost: how far what was promoted was behind, and which
 * writes could not be covered.
 *
 * The leader's report is made where the promotion is a fact, and saved with
 * it; it is told with the new master. Others report only what they were
 * told. When the old master is seen again, unrestarted, what it had written
 * beyond the promotion is known to the byte, and the report is told again.
 *
 * Decides nothing, and no decision depends on it. */
#include "core/lineage/lineage.h"

/* The row of what happens now. */
static struct report_entry *begin(struct core *core, struct group *group,
                                  const struct node *to, uint64_t epoch,
                                  msec now)
{
    struct report_entry *report = failover_log_add(core, group, epoch);
    struct record_report *row = &report->row;
    row->unix_ms = core->unix_offset_ms + now;
    row->from = group->master->instance.address;
    copy_text(row->from_run_id, RUN_ID_SIZE, group->master->report.run_id);
    row->to = to->instance.address;
    row->master_offset = row->promoted_offset = NO_OFFSET;
    row->behind_bytes = row->lost_bytes = NO_OFFSET;
    row->behind_ms = NEVER;
    return report;
}

/* What the old master is known to have had, against what the new one has. */
static void compare(struct record_report *row, const struct group *group,
                    const struct node *to)
{
    const struct node *from = group->master;
    const struct report *last = &from->report;
    if (to->report.at == NEVER ||
        !lineage_accepts(group, &to->report, &row->promoted_offset)) {
        row->promoted_offset = NO_OFFSET;
    }
    if (last->at == NEVER ||
        !lineage_accepts(group, last, &row->master_offset)) {
        row->master_offset = NO_OFFSET;
    }
    if (row->promoted_offset == NO_OFFSET || row->master_offset == NO_OFFSET) {
        return;
    }
    bool behind = row->master_offset > row->promoted_offset;
    row->behind_bytes = behind ? row->master_offset - row->promoted_offset : 0;
    msec in_step_at = behind ? to->last_offset.in_step_at : last->at;
    msec alive_at = from->instance.health.ok_at;
    if (in_step_at != NEVER) {
        row->behind_ms = alive_at > in_step_at ? alive_at - in_step_at : 0;
    }
}

void report_promotion(struct core *core, struct group *group, msec now)
{
    const struct failover *failover = &group->failover;
    const struct node *to = failover->promoted;
    struct record_report *row =
        &begin(core, group, to, failover->epoch, now)->row;
    row->led = true;
    copy_text(row->leader, RUN_ID_SIZE, core->model.self);
    row->cause = failover->purpose == PURPOSE_PLANNED  ? CAUSE_PLANNED
                 : failover->purpose == PURPOSE_FORCED ? CAUSE_FORCED
                                                       : CAUSE_DOWN;
    row->duration_ms = now - failover->started_at;
    compare(row, group, to);
    if (row->cause == CAUSE_PLANNED) {
        /* Paused, and read after that: nothing is missing. */
        row->behind_bytes = row->behind_ms = row->lost_bytes = 0;
    }
    if (failover->considered != NULL) {
        copy_text(row->candidates, REPORT_CANDIDATES_SIZE,
                  failover->considered);
    }
    failover_log_save(core, TAILQ_FIRST(&group->reports), false);
}

void report_adoption(struct core *core, struct group *group,
                     const struct node *to, uint64_t epoch, msec now)
{
    if (to == group->master) {
        return;
    }
    struct record_report *row = &begin(core, group, to, epoch, now)->row;
    copy_text(row->leader, RUN_ID_SIZE, group->update_from);
    failover_log_save(core, TAILQ_FIRST(&group->reports), false);
}

void report_forget(struct core *core, struct group *group, uint64_t epoch)
{
    struct report_entry *report = TAILQ_FIRST(&group->reports);
    if (report != NULL && report->row.epoch == epoch) {
        failover_log_drop(core, group, report);
    }
}

void report_published(struct core *core, struct group *group)
{
    struct report_entry *report = TAILQ_FIRST(&group->reports);
    if (report == NULL || report->told ||
        report->row.epoch != group->published_epoch) {
        return;
    }
    report->told = true;
    if (report->row.led) {
        report_say(core, &report->row);
    }
}

/* Beyond where its history branched off it wrote by itself. */
static bool count_lost(const struct group *group, const struct report *last,
                       uint64_t *lost)
{
    for (int i = 1; i < LINEAGE_SIZE; i++) {
        const struct history *history = &group->lineage[i];
        if (history->replid[0] != '\0' && history->end != NO_OFFSET &&
            strcmp(history->replid, last->replid) == 0) {
            *lost = last->offset >= history->end
                        ? last->offset - history->end + 1
                        : 0;
            return true;
        }
    }
    return false;
}

void report_old_master(struct core *core, struct node *node)
{
    struct group *group = node->group;
    struct report_entry *report = TAILQ_FIRST(&group->reports);
    const struct report *last = &node->report;
    if (report == NULL || !report->row.led || !report->told ||
        report->row.lost_bytes != NO_OFFSET || node == group->master ||
        !address_equal(&report->row.from, &node->instance.address) ||
        strcmp(report->row.from_run_id, last->run_id) != 0 ||
        (last->role == ROLE_REPLICA && last->master_link_up) ||
        !count_lost(group, last, &report->row.lost_bytes)) {
        return;
    }
    failover_log_save(core, report, false);
    report_say(core, &report->row);
}
