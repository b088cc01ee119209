/* A world in which servers have names and ips, as real ones do.
 *
 * The daemons' configuration knows the first master of a group by its name;
 * masters list their replicas, and sentinels say where they are, by ip. A
 * connection to a name begins with a lookup. Without `names` there are only
 * names, and nobody looks them up. */
#ifndef SENTINELD_SIM_NAMES_H
#define SENTINELD_SIM_NAMES_H

#include "sentineld/core.h"
#include "sentineld/types.h"

struct sim;
struct process;
struct sentinel;

/* From now on; processes that come later have an ip. */
void names_begin(struct sim *sim);
void names_give_ip(const struct sim *sim, struct process *process);
/* It comes back at another ip, under the same name. */
void names_move(struct sim *sim, struct process *process);
/* How others speak of it. */
struct address alias_told(const struct process *process);
/* Both are the address of one process. */
bool names_mean_same(const struct sim *sim, const struct address *a,
                     const struct address *b);
/* The lookup that a connection of this sentinel begins with; false when the
 * name leads nowhere, which has been recorded. */
bool names_look_up(struct sim *sim, struct sentinel *sentinel,
                   const struct core_action *connect);
/* All name servers answer again. */
void names_heal(struct sim *sim);
struct daemon_settings names_settings(const struct sentinel *sentinel);

#endif
