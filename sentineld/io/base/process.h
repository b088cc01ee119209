/* What makes a process of ours a daemon: background, process id, user. */
#ifndef SENTINELD_PROCESS_H
#define SENTINELD_PROCESS_H

#include "sentineld/types.h"

/* Forks. In the parent *is_parent is true and the call returns when the child
 * is ready or has ended; *status is what to exit with. The child leads a
 * session of its own; it still has our standard outputs, for what goes wrong
 * until it is ready. */
struct process_start {
    bool is_parent;
    int status;
    int ready; /* in the child: where it says so; -1 = nobody waits */
};
MUST_CHECK bool process_to_background(struct process_start *start,
                                      struct error *error);
/* The parent may go; the standard descriptors lead nowhere from now on. */
void process_is_ready(struct process_start *start);

/* Becomes the user, with his groups, for good; nothing to do when we are he. */
MUST_CHECK bool process_become(const char *user, struct error *error);

/* The file holds our process id until process_remove_pidfile. */
MUST_CHECK bool process_write_pidfile(const char *path, struct error *error);
/* Only if it is still ours. */
void process_remove_pidfile(const char *path);

/* Descriptors that we were given beside the standard ones close when a
 * script is executed. */
void process_close_on_exec(void);

#endif
