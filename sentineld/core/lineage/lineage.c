/* Replication histories: which servers hold our data, and up to where.
 *
 * Every promotion begins a new history that continues the old one: the new
 * master says so with replid, replid2 and the offset at which they part
 * (second_repl_offset: the first byte that is the new one's own). We keep the
 * chain, newest first, each entry with the offset at which the next one
 * branched off. A server that still holds an older history serves as long as
 * it stops before that branch; what it wrote beyond is its own. One that
 * branched off ours by itself counts with what it had before.
 *
 * The master tells its history; so does a replica that follows it, to one who
 * has not seen the master since it changed.
 *
 * A history without a link to the chain - a master that came back empty - is
 * put in front and cuts nothing: the copies of the old data stay good. */
#include "core/lineage/lineage.h"

#include <assert.h>

static void push_history(struct core *core, struct group *group,
                         const char *replid)
{
    memmove(&group->lineage[1], &group->lineage[0],
            sizeof(group->lineage) - sizeof(group->lineage[0]));
    copy_text(group->lineage[0].replid, RUN_ID_SIZE, replid);
    group->lineage[0].end = NO_OFFSET;
    model_save_group(core, group);
}

static int find_history(const struct group *group, const char *replid)
{
    for (int i = 0; replid[0] != '\0' && i < LINEAGE_SIZE; i++) {
        if (strcmp(group->lineage[i].replid, replid) == 0) {
            return i;
        }
    }
    return -1;
}

/* What was newer than this entry is a branch that nobody follows now. */
static void drop_newer(struct group *group, int entry)
{
    size_t kept = (size_t)(LINEAGE_SIZE - entry);
    memmove(&group->lineage[0], &group->lineage[entry],
            kept * sizeof(group->lineage[0]));
    memset(&group->lineage[kept], 0, (size_t)entry * sizeof(group->lineage[0]));
}

static uint64_t branch_offset(int64_t second_repl_offset)
{
    return second_repl_offset < 0 ? NO_OFFSET : (uint64_t)second_repl_offset;
}

/* Where a history branched off. The new master knows exactly; a replica of it
 * only says how far it had come itself, which is no later. */
static void set_branch(struct history *parent, const struct report *report)
{
    uint64_t branch = branch_offset(report->second_repl_offset);
    if (report->role == ROLE_MASTER || parent->end == NO_OFFSET ||
        parent->end < branch) {
        parent->end = branch;
    }
}

/* Puts the entry that this history grew out of in front. One that we have
 * missed is our data too, up to the branch; how it goes together with what we
 * knew before, nobody tells. */
static void follow_branch(struct core *core, struct group *group,
                          const struct report *report)
{
    int parent = find_history(group, report->replid2);
    if (parent >= 0) {
        drop_newer(group, parent);
        group->lineage[0].end = NO_OFFSET;
    } else if (report->replid2[0] != '\0') {
        push_history(core, group, report->replid2);
    } else {
        return;
    }
    set_branch(&group->lineage[0], report);
}

/* The history in front was told without its link, or by one who knew the
 * branch less well. */
static void note_link(struct core *core, struct group *group,
                      const struct report *report)
{
    int parent = find_history(group, report->replid2);
    if (parent <= 0) {
        return;
    }
    struct history front = group->lineage[0];
    struct history before = group->lineage[parent];
    set_branch(&before, report);
    if (parent == 1 && before.end == group->lineage[1].end) {
        return;
    }
    drop_newer(group, parent);
    group->lineage[0] = before;
    push_history(core, group, front.replid);
}

void lineage_learn(struct core *core, struct group *group,
                   const struct report *report, bool by_master)
{
    int known = find_history(group, report->replid);
    if (report->replid[0] == '\0') {
        return;
    }
    if (known > 0 && !by_master) {
        return; /* its link is up in name alone: the news are not there yet */
    }
    if (group->lineage_epoch != group->config_epoch) {
        group->lineage_epoch = group->config_epoch;
        model_save_group(core, group);
    }
    if (known == 0) {
        note_link(core, group, report);
        return;
    }
    if (known > 0) { /* our master goes on from there */
        drop_newer(group, known);
        group->lineage[0].end = NO_OFFSET;
        model_save_group(core, group);
        return;
    }
    follow_branch(core, group, report);
    push_history(core, group, report->replid);
}

bool lineage_is_kin(const struct group *group, const struct report *report)
{
    return find_history(group, report->replid) >= 0 ||
           find_history(group, report->replid2) >= 0;
}

bool lineage_is_known(const struct group *group)
{
    return group->lineage[0].replid[0] != '\0';
}

bool lineage_accepts(const struct group *group, const struct report *report,
                     uint64_t *offset)
{
    *offset = report->offset;
    int entry = find_history(group, report->replid);
    if (entry < 0) {
        entry = find_history(group, report->replid2);
        uint64_t branch = branch_offset(report->second_repl_offset);
        if (branch != NO_OFFSET && branch > 0 && *offset >= branch) {
            *offset = branch - 1; /* beyond it wrote by itself */
        }
    }
    return entry >= 0 && *offset < group->lineage[entry].end;
}

static int find_entry(const struct group *group, const struct report *report)
{
    int entry = find_history(group, report->replid);
    return entry >= 0 ? entry : find_history(group, report->replid2);
}

uint32_t lineage_part(const struct group *group, const struct report *report)
{
    uint32_t part = 0;
    int entry = find_entry(group, report);
    for (int i = 1; i <= entry; i++) {
        part += group->lineage[i].end == NO_OFFSET ? 1 : 0;
    }
    return part;
}

bool lineage_is_linked(const struct group *group, const struct report *a,
                       const struct report *b)
{
    int first = find_entry(group, a);
    int last = find_entry(group, b);
    if (first < 0 || last < 0) {
        return false;
    }
    if (first > last) {
        int swapped = first;
        first = last;
        last = swapped;
    }
    for (int i = first + 1; i <= last; i++) {
        if (group->lineage[i].end == NO_OFFSET) {
            return false;
        }
    }
    return true;
}

/* What an INFO says. */

/* What it holds is what our master has. */
static bool tells_history(const struct node *node)
{
    const struct group *group = node->group;
    const struct report *report = &node->report;
    if (node == group->master) {
        return report->role == ROLE_MASTER;
    }
    return report->role == ROLE_REPLICA && report->master_link_up &&
           !report->sync_in_progress &&
           instance_is_at(&group->master->instance, &report->master);
}

/* A replica whose offset is no smaller than the one that the master said last
 * has all that the master had then. */
static void note_in_step(struct node *node)
{
    const struct report *master = &node->group->master->report;
    if (node != node->group->master && master->at != NEVER &&
        master->role == ROLE_MASTER && tells_history(node) &&
        node->report.offset >= master->offset) {
        node->last_offset.in_step_at = master->at;
    }
}

/* What others told of it goes; what our servers say themselves is read anew. */
void lineage_forget(struct core *core, struct group *group)
{
    const struct report *report = &group->master->report;
    memset(group->lineage, 0, sizeof(group->lineage));
    group->lineage_epoch = group->config_epoch;
    model_save_group(core, group);
    if (report->at != NEVER && report->role == ROLE_MASTER) {
        lineage_learn(core, group, report, true);
    }
    const struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        if (node != group->master && node->report.at != NEVER &&
            !lineage_is_known(group) && node->report.role == ROLE_REPLICA &&
            instance_is_at(&group->master->instance, &node->report.master)) {
            lineage_learn(core, group, &node->report, false);
        }
    }
}

void lineage_on_info(struct core *core, struct node *node)
{
    struct group *group = node->group;
    bool follows = tells_history(node) && group->restart.state == RESTART_NONE;
    if (follows) {
        lineage_learn(core, group, &node->report, node == group->master);
    }
    last_offset_on_info(node, follows);
    note_in_step(node);
    report_old_master(core, node);
}
