/* What peers know of the histories, joined with what we know.
 *
 * Of two chains one is newer: that which the master of the later config
 * epoch told; in the same one, that which contains the front of the other, for
 * a master goes on and never back. The newer chain is taken as it is. What only
 * the older one has is put behind it, but for what there stands before the
 * histories that both have: a branch that nobody follows any more. Where they
 * have none in common, what we knew ourselves is kept; what an older chain of
 * theirs says is not taken, for nobody can tell up to where it is good. */
#include "private.h"

static int find(const struct history chain[LINEAGE_SIZE], const char *replid)
{
    for (int i = 0; replid[0] != '\0' && i < LINEAGE_SIZE; i++) {
        if (strcmp(chain[i].replid, replid) == 0) {
            return i;
        }
    }
    return -1;
}

static bool are_theirs_newer(const struct group *group, uint64_t epoch,
                             const struct history theirs[LINEAGE_SIZE])
{
    if (!history_is_known(group)) {
        return true;
    }
    if (epoch != group->lineage_epoch) {
        return epoch > group->lineage_epoch;
    }
    return find(group->lineage, theirs[0].replid) < 0 &&
           find(theirs, group->lineage[0].replid) >= 0;
}

/* Both saw this one end where the same next one began: a replica may have
 * told one of us a place too early. */
static void join_ends(struct history newer[LINEAGE_SIZE],
                      const struct history older[LINEAGE_SIZE])
{
    for (int i = 1; i < LINEAGE_SIZE; i++) {
        int same = find(older, newer[i].replid);
        if (same <= 0 ||
            strcmp(newer[i - 1].replid, older[same - 1].replid) != 0) {
            continue;
        }
        uint64_t end = older[same].end;
        if (newer[i].end == NO_OFFSET ||
            (end != NO_OFFSET && end > newer[i].end)) {
            newer[i].end = end;
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

void history_merge(struct core *core, struct group *group, uint64_t epoch,
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
    join_ends(merged, older);
    append_rest(merged, older, newer ? 0 : LINEAGE_SIZE);
    if (!are_equal(merged, group->lineage)) {
        memcpy(group->lineage, merged, sizeof(merged));
        group->lineage_epoch = newer ? epoch : group->lineage_epoch;
        model_save_group(core, group);
    }
}
