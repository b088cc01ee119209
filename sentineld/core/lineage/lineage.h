/* Whose data are whose: replication histories, what would be lost by following
 * whom, where each server was seen last, and the log of failovers. */
#ifndef SENTINELD_CORE_LINEAGE_H
#define SENTINELD_CORE_LINEAGE_H

#include "core/links/links.h"

/* lineage.c */
void lineage_on_info(struct core *core, struct node *node);

/* lineage.c */
/* What our master said, or a replica that follows it. */
void lineage_learn(struct core *core, struct group *group,
                   const struct report *report, bool by_master);
/* Is it of our chain at all, be it a branch that we left? */
bool lineage_is_kin(const struct group *group, const struct report *report);
/* Where it stands in a chain of which a link is not known: 0 = with the newest
 * history, 1 = before the first such gap, and so on. */
uint32_t lineage_part(const struct group *group, const struct report *report);
/* Can their offsets be compared: did one history grow out of the other? */
bool lineage_is_linked(const struct group *group, const struct report *a,
                       const struct report *b);
/* Has anybody seen the master yet? */
bool lineage_is_known(const struct group *group);
/* Only what our servers say themselves counts from now on. */
void lineage_forget(struct core *core, struct group *group);
/* Takes over what a peer knows and we do not; the master of that config epoch
 * told it. */
void lineage_merge(struct core *core, struct group *group, uint64_t epoch,
                   const struct history theirs[LINEAGE_SIZE]);
/* lineage_loss.c */
enum loss {
    LOSS_NOTHING, /* the same data, and no more of them */
    LOSS_BYTES,
    LOSS_UNKNOWN,
};
enum loss lineage_loss(const struct node *server, const struct node *master);
/* Would a partial synchronisation do? */
bool lineage_continues(const struct node *server, const struct node *master);

/* Does this server hold our data? *offset: up to where, as comparable. */
bool lineage_accepts(const struct group *group, const struct report *report,
                     uint64_t *offset);

/* last_offset.c */
/* `follows`: what it holds is what our master has. */
void last_offset_on_info(struct node *node, bool follows);
/* Where it was seen last, as comparable; false when never. */
bool last_offset_is_known(const struct node *node, uint64_t *offset);
void last_offset_settle(struct core *core, struct group *group, msec now);

/* report.c, report_text.c: what each failover cost. */
/* We promoted, or a peer told us: before the group believes in another
 * master. */
void report_promotion(struct core *core, struct group *group, msec now);
void report_adoption(struct core *core, struct group *group,
                     const struct node *to, uint64_t epoch, msec now);
/* It came to nothing. */
void report_forget(struct core *core, struct group *group, uint64_t epoch);
/* The clients have been told. */
void report_published(struct core *core, struct group *group);
/* A node that is not our master said what it has. */
void report_old_master(struct core *core, struct node *node);
void report_say(struct core *core, const struct record_report *row);
/* A server that was looked at. */
struct considered {
    const struct address *server; /* borrowed */
    uint32_t priority;
    uint64_t offset;
    const char *verdict;
};
void report_write_candidates(const struct considered *candidates, size_t count,
                             char written[REPORT_CANDIDATES_SIZE]);

/* failover_log.c */
/* An empty report of the failover in this epoch, in its place; it must not be
 * older than all that are remembered when there is no room. */
struct report_entry *failover_log_add(struct core *core, struct group *group,
                                      uint64_t epoch);
void failover_log_save(struct core *core, const struct report_entry *report,
                       bool deleted);
void failover_log_drop(struct core *core, struct group *group,
                       struct report_entry *report);
void failover_log_drop_all(struct core *core, struct group *group);
void failover_log_free(struct group *group);

#endif
