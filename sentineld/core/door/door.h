/* Facts in, actions out. Nobody calls this room. */
#ifndef SENTINELD_CORE_DOOR_H
#define SENTINELD_CORE_DOOR_H

#include "core/repair/repair.h"

/* facts.c */
void facts_record(struct core *core, const struct core_event *event, msec now);
/* A connection has ended, or begun: what was on its way is lost. */
void facts_lost(struct link *link);

/* acks.c: a command of ours was only done, refused, or not sent. */
void acks_record(struct core *core, struct link *link,
                 const struct core_event *event, msec now);

/* restore.c: the model from the configuration and the saved records. */
void restore_model(struct core *core, const struct core_conf *conf,
                   const struct record *saved, size_t count, msec now);

/* reload.c: the file says something else than it did `before`. */
void reload_apply(struct core *core, const struct core_conf *file,
                  const struct core_conf *before, msec now);

/* pending.c: what was set, until it is on disk. */
void pending_add(struct core *core, struct group *group,
                 const struct admin *admin, msec now);
void pending_on_saved(struct core *core, msec now);
void pending_on_save_failed(struct core *core);

/* leaving.c: before a group is forgotten, or this process ends, its servers
 * get back what was taken from them. The client is answered when it is. */
void leaving_forget(struct core *core, struct group *group, uint64_t client,
                    msec now);
void leaving_stop(struct core *core, msec now);
/* Instead of all else, once a group is left; it may be gone afterwards. */
void leaving_settle(struct core *core, struct group *group, msec now);

/* reset.c */
void reset_group(struct core *core, struct group *group, msec now);

/* admin.c */
void admin_apply(struct core *core, const struct admin *admin, msec now);

#endif
