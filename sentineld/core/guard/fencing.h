/* What the files of fencing share. Private to guard. */
#ifndef SENTINELD_CORE_FENCING_H
#define SENTINELD_CORE_FENCING_H

#include "core/guard/guard.h"

/* fencing_known.c */
/* A supervisor set this, in the life that the server leads now ... */
void fencing_remember(struct core *core, struct node *node,
                      const struct min_replicas *ours);
/* ... or nothing. */
void fencing_forget(struct core *core, struct node *node);
void fencing_read(struct core *core, struct node *node);
void fencing_read_when_due(struct core *core, struct node *node, msec now);

#endif
