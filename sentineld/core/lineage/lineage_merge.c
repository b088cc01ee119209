/* What peers know of the histories, joined with what we know.
 *
 * Of two chains one is newer: that which the master of the later config
 * epoch told; in the same one, that which contains the front of the other, for
 * a master goes on and never back. The newer chain is taken as it is. What only
 * the older one has is put behind it, but for what there stands before the
 * histories that both have: a branch that nobody follows any more. Where they
 * have none in common, what we knew ourselves is kept; what an older chain of
 * theirs says is not taken, for nobody can tell up to where it is good. */
#include "core/lineage/lineage.h"

static int find(const struct history chain[LINEAGE_SIZE], const char *replid)
{
    for (int i = 0; replid[0] != '\0' && i < LINEAGE_SIZE; i++) {
        if (strcmp(chain[i].replid, replid) == 0) {
            return i;
        }
    }
    return -1;
}

/* They took what our master holds since it was restarted, and could not compare
 * it with what we compare it with: its history cuts nothing off before we have
 * judged it. */
static bool is_in_doubt(const struct group *group,
                        const struct history theirs[LINEAGE_SIZE])
{
    return model_is_master_in_doubt(group) &&
           strcmp(theirs[0].replid, group->master->report.replid) == 0;
}

static bool are_theirs_newer(const struct group *group, uint64_t epoch,
                             const struct history theirs[LINEAGE_SIZE])
{
    if (!lineage_is_known(group)) {
        return true;
    }
    if (epoch != group->lineage_epoch) {
        return epoch > group->lineage_epoch;
    }
    return !is_in_doubt(group, theirs) &&
           find(group->lineage, theirs[0].replid) < 0 &&
           find(theirs, group->lineage[0].replid) >= 0;
}

/* They saw where this history grew out of one that we know. A replica may
 * have told one of us a place too early; and what we have between the two,
 * not knowing how it goes together, is a branch that was left. */
static void join_link(struct history newer[LINEAGE_SIZE], int child,
                      const struct history *parent)
{
    int at = find(newer, parent->replid);
    struct history *next = &newer[child + 1];
    bool linked = next->end != NO_OFFSET;
    if (at <= child || (at > child + 1 && linked)) {
        return;
    }
    size_t kept = (size_t)(LINEAGE_SIZE - at);
    size_t dropped = (size_t)(at - child - 1);
    memmove(next, &newer[at], kept * sizeof(*next));
    memset(next + kept, 0, dropped * sizeof(*next));
    if (!linked || dropped > 0 || parent->end > next->end) {
        next->end = parent->end;
    }
}

static void join_links(struct history newer[LINEAGE_SIZE],
                       const struct history older[LINEAGE_SIZE])
{
    for (int child = 0; child + 1 < LINEAGE_SIZE; child++) {
        int same = find(older, newer[child].replid);
        if (same >= 0 && same + 1 < LINEAGE_SIZE &&
            older[same + 1].end != NO_OFFSET) {
            join_link(newer, child, &older[same + 1]);
        }
    }
}

static void append_rest(struct history newer[LINEAGE_SIZE],
                        const struct history older[LINEAGE_SIZE], int from)
{
    int to = 0;
    for (int i = 0; i < LINEAGE_SIZE; i++) {
        from = find(newer, older[i].replid) < 0 ? from : i + 1;
        to = newer[i].replid[0] == '\0' ? to : i + 1;
    }
    while (from < LINEAGE_SIZE && to < LINEAGE_SIZE) {
        newer[to++] = older[from++];
    }
}

static bool are_equal(const struct history a[LINEAGE_SIZE],
                      const struct history b[LINEAGE_SIZE])
{
    for (int i = 0; i < LINEAGE_SIZE; i++) {
        if (strcmp(a[i].replid, b[i].replid) != 0 || a[i].end != b[i].end) {
            return false;
        }
    }
    return true;
}

void lineage_merge(struct core *core, struct group *group, uint64_t epoch,
                   const struct history theirs[LINEAGE_SIZE])
{
    if (theirs[0].replid[0] == '\0') {
        return;
    }
    bool newer = are_theirs_newer(group, epoch, theirs);
    const struct history *older = newer ? group->lineage : theirs;
    struct history merged[LINEAGE_SIZE];
    memcpy(merged, newer ? theirs : group->lineage, sizeof(merged));
    merged[0].end = NO_OFFSET;
    join_links(merged, older);
    append_rest(merged, older, newer ? 0 : LINEAGE_SIZE);
    if (!are_equal(merged, group->lineage)) {
        memcpy(group->lineage, merged, sizeof(merged));
        group->lineage_epoch = newer ? epoch : group->lineage_epoch;
        model_save_group(core, group);
    }
}
