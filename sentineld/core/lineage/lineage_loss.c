/* What would this server lose by following that one?
 *
 * The one comparison. It is asked before every order "follow M", when a master
 * that was restarted is judged, and when somebody is chosen to replace it.
 * Histories and offsets tell, where one grew out of the other. Where a process
 * has lost the name of what it holds, as a server with an append-only file
 * does at each start, there is other evidence, in this order:
 *
 *   no keys, or not half of what a server has that lived through it, when it
 *   was first seen after its start:       it is as good as empty
 *   an append-only file before and after: it has all that it acknowledged
 *   an RDB that lacked nothing:           it has what it had
 *   fewer keys than a server that lived through it: it lost some
 *
 * Unknown is not empty, and not nothing either: nobody is replaced because of
 * it, and nobody who might lose is led there. */
#include "core/lineage/lineage.h"

static bool is_known(const struct report *report)
{
    return report->at != NEVER && report->replid[0] != '\0' && !report->loading;
}

/* Its process is the one that held the data before the other was restarted:
 * what it has is no older file. */
static bool has_lived_through(const struct node *server,
                              const struct node *master)
{
    return model_is_detached(server) ||
           server->report.run_id_since < master->report.run_id_since;
}

static enum loss compare_offsets(const struct node *server,
                                 const struct node *master)
{
    const struct group *group = server->group;
    uint64_t held = 0;
    uint64_t offered = 0;
    if (!lineage_accepts(group, &server->report, &held)) {
        return LOSS_BYTES; /* beyond the branch it wrote by itself */
    }
    if (!lineage_accepts(group, &master->report, &offered)) {
        offered = 0;
    }
    return held > offered ? LOSS_BYTES : LOSS_NOTHING;
}

static enum loss compare_evidence(const struct node *server,
                                  const struct node *master)
{
    const struct report *has = &server->report;
    const struct report *offers = &master->report;
    bool restarted = offers->run_id_since != 0;
    uint64_t keys = restarted ? offers->keys_begun : offers->keys;
    bool lived = has_lived_through(server, master);
    if (keys == 0 || (lived && has->keys / 2 > keys)) {
        return LOSS_BYTES; /* whatever it has taken since */
    }
    if (offers->kept_log ||
        (offers->all_saved && keys >= offers->keys_before)) {
        return LOSS_NOTHING;
    }
    return lived && has->keys > keys ? LOSS_BYTES : LOSS_UNKNOWN;
}

enum loss lineage_loss(const struct node *server, const struct node *master)
{
    const struct report *has = &server->report;
    const struct report *offers = &master->report;
    if (!is_known(has) || !is_known(offers)) {
        return LOSS_UNKNOWN;
    }
    if (has->keys == 0 || strcmp(has->replid, offers->replid) == 0) {
        return LOSS_NOTHING;
    }
    return lineage_is_linked(server->group, has, offers)
               ? compare_offsets(server, master)
               : compare_evidence(server, master);
}

bool lineage_continues(const struct node *server, const struct node *master)
{
    const struct report *has = &server->report;
    const struct report *offers = &master->report;
    uint64_t next = has->offset + 1;
    if (!is_known(has) || !is_known(offers) ||
        offers->backlog_from == NO_OFFSET || next < offers->backlog_from) {
        return false;
    }
    if (strcmp(has->replid, offers->replid) == 0) {
        return offers->role == ROLE_MASTER || has->offset <= offers->offset;
    }
    return strcmp(has->replid, offers->replid2) == 0 &&
           offers->second_repl_offset >= 0 &&
           next <= (uint64_t)offers->second_repl_offset;
}
