/* Who there is: groups, their servers, the supervisors that watch them, under
 * which names, and what is set for all of them. */
#ifndef SENTINELD_CORE_TOPOLOGY_H
#define SENTINELD_CORE_TOPOLOGY_H

#include "core/lineage/lineage.h"

/* groups.c */
struct group *groups_add(struct core *core, const char *name,
                         const struct address *master,
                         const struct group_settings *settings, msec now);
void groups_remove(struct core *core, struct group *group);
/* The published master is found by its address: taken out, before it changes,
 * and put in. */
void groups_unindex_master(struct core *core, struct group *group);
void groups_index_master(struct core *core, struct group *group);
/* The published master is found by its ip, too, which has changed. */
void groups_index_master_ip(struct core *core, struct group *group);
void groups_apply_settings(struct core *core, struct group *group, msec now);
/* Frees what was removed during this settle. */
void groups_bury(struct core *core);
void groups_free(struct core *core);

/* servers.c */
/* The node at this address, added when it is new; NULL at the limit. */
struct node *servers_add(struct core *core, struct group *group,
                         const struct address *address, msec now);
/* Takes a node out of its group that is neither believed in nor told. */
void servers_drop(struct core *core, struct node *node);
/* The node is known by another address from now on. */
void servers_rename(struct core *core, struct node *node,
                    const struct address *address);

/* peers.c */
/* Somebody says that it is a supervisor ... */
struct peer *peers_meet(struct core *core, const char *run_id,
                        const struct address *address, msec now);
/* ... and is one, known by its id from now on; false at the limit. */
bool peers_accept(struct core *core, struct peer *peer);
/* The same of its part in a group: it counts when it is accepted. */
struct voter *peers_meet_voter(struct core *core, struct group *group,
                               struct peer *peer, msec now);
bool peers_accept_voter(struct core *core, struct voter *voter, msec now);
/* The last one takes its peer along. */
void peers_drop_voter(struct core *core, struct voter *voter);
/* Removes the peer with all its memberships. */
void peers_drop(struct core *core, struct peer *peer);
/* Its connection still leads to where it was. */
void peers_move(struct core *core, struct peer *peer,
                const struct address *address);
void peers_note_patience(struct core *core, struct peer *peer, msec now);

/* alias.c: servers that are known by name, and the ips that lead to. */
/* How it is told follows from what is known of it. */
void alias_show(const struct model *model, struct instance *instance);
void alias_show_all(struct core *core);
void alias_on_resolved(struct core *core, struct link *link, const char *ip);
/* A server's connection is up: clients hear of it if the master has moved;
 * then true, for peers are to hear of it, too. */
bool alias_on_up(struct core *core, const struct link *link);
/* One server under a name and under an ip becomes one. */
void alias_settle(struct core *core, struct group *group);
/* May this be taken for an address, or is it a name where no names are
 * allowed? */
bool alias_allows(const struct core *core, const char *host);
/* Something was not taken for that reason: said once. */
void alias_say_refused(struct core *core, struct group *group,
                       const struct address *address);
/* The server at this address, added when it is new; NULL when it cannot be
 * now. */
struct node *alias_obtain_node(struct core *core, struct group *group,
                               const struct address *address, msec now);
/* Its ip, where that is known of a name; else the address as it is. */
struct address alias_best_known(const struct group *group,
                                const struct address *address);
/* One is known by a name of which no ip is known, the other by an ip: nobody
 * can tell whether they are two servers. */
bool alias_may_be_same(const struct node *a, const struct node *b);
/* Could this be another address of our master? A name that it has may also
 * lead elsewhere for others, or lead elsewhere now. */
bool alias_may_be_master(const struct group *group,
                         const struct address *address);

/* settings.c: what is set for the daemon as a whole. */
void settings_init(struct core *core);
/* The file's settings and the saved ones: what changed last wins. */
void settings_restore(struct core *core, const struct daemon_settings *file,
                      const struct record_self *saved);
/* The same while we run. */
void settings_reload(struct core *core, const struct daemon_settings *file);
void settings_apply(struct core *core, const struct admin *admin);
/* Crashes now if an operator asked for it at this point. */
void settings_simulate(struct core *core, enum simulated_failure point);

#endif
