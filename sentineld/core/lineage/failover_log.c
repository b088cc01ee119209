/* The failovers that a group remembers, newest first; not more than it can
 * have. */
#include "core/lineage/lineage.h"

void failover_log_drop(struct core *core, struct group *group,
                       struct report_entry *report)
{
    failover_log_save(core, report, true);
    TAILQ_REMOVE(&group->reports, report, entry);
    group->report_count--;
    free(report);
}

static void drop_oldest(struct core *core, struct group *group)
{
    failover_log_drop(core, group,
                      TAILQ_LAST(&group->reports, report_entry_list));
}

/* The last one that is newer than this epoch, or NULL. */
static struct report_entry *find_newer(struct group *group, uint64_t epoch)
{
    struct report_entry *newer = NULL;
    struct report_entry *report;
    TAILQ_FOREACH (report, &group->reports, entry) {
        if (report->row.epoch <= epoch) {
            break;
        }
        newer = report;
    }
    return newer;
}

struct report_entry *failover_log_add(struct core *core, struct group *group,
                                      uint64_t epoch)
{
    struct report_entry *newer = find_newer(group, epoch);
    struct report_entry *report =
        newer == NULL ? TAILQ_FIRST(&group->reports) : TAILQ_NEXT(newer, entry);
    if (report == NULL || report->row.epoch != epoch) {
        report = xcalloc(1, sizeof(*report));
        group->report_count++;
        if (newer == NULL) {
            TAILQ_INSERT_HEAD(&group->reports, report, entry);
        } else {
            TAILQ_INSERT_AFTER(&group->reports, newer, report, entry);
        }
    }
    memset(&report->row, 0, sizeof(report->row));
    copy_text(report->row.group, NAME_SIZE, group->name);
    report->row.epoch = epoch;
    report->told = false;
    while (group->report_count > MAX_REPORTS_PER_GROUP) {
        drop_oldest(core, group);
    }
    return report;
}

void failover_log_save(struct core *core, const struct report_entry *report,
                       bool deleted)
{
    model_add_record(core, RECORD_REPORT, deleted)->report = report->row;
}

void failover_log_drop_all(struct core *core, struct group *group)
{
    while (group->report_count > 0) {
        drop_oldest(core, group);
    }
}

void failover_log_free(struct group *group)
{
    struct report_entry *report;
    while ((report = TAILQ_FIRST(&group->reports)) != NULL) {
        TAILQ_REMOVE(&group->reports, report, entry);
        free(report);
    }
    free(group->failover.considered);
    group->failover.considered = NULL;
}
