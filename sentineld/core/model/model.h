/* The bottom: what there is, look-ups, records, deadlines. Every room may call
 * this one; it calls nobody. */
#ifndef SENTINELD_CORE_MODEL_H
#define SENTINELD_CORE_MODEL_H

#include "core/model/timing.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

/* A replica that follows this address follows nobody: nothing listens on
 * port 1 of its own host, and the refusal is immediate. */
#define NOWHERE_HOST "127.0.0.1"
enum { NOWHERE_PORT = 1 };

struct action_list {
    struct core_action *items;
    size_t count, capacity;
};

struct record_list {
    struct record *items;
    size_t count, capacity;
};

/* What goes out: one side is built while the caller reads the other. */
struct output_side {
    struct action_list actions;
    struct record_list records;
};

struct heap {
    struct timer **items;
    size_t count, capacity;
};

TAILQ_HEAD(touched_list, group);

struct core {
    struct model model;
    uint64_t random_state;
    object_id last_id;
    struct heap heap;
    struct touched_list touched;
    struct output_side side[2];
    int building;           /* index of the side that is being built */
    uint64_t version;       /* of the last batch of records */
    uint64_t saved_version; /* known to be durable */
    msec unsaved_since;     /* something waits for the disk; NEVER */
    size_t pending_count;   /* what was set and is not on disk */
    bool self_dirty;
    uint64_t accepting_version; /* of our last offer to peers; 0 = saved */
    bool started;               /* the first settle is over */
    msec promised_at;           /* the deadline that the last settle gave */
    bool late;                  /* this settle: see LATE_MS */
    msec tilt_check_at;
    uint64_t unix_offset_ms; /* wall clock minus monotonic: see core.h */
    struct group **dirty;    /* groups whose row must be written */
    size_t dirty_count, dirty_capacity;
    struct group_list unpublished; /* switched, not durable yet */
    bool has_dead;                 /* something waits to be freed: */
    struct group_list dead_groups;
    struct node_list dead_nodes;
    struct peer_list dead_peers;
};

/* core_state.c */
uint32_t core_random(struct core *core, uint32_t below);
/* The next settle visits this group. */
void core_touch(struct core *core, struct group *group);
object_id core_new_id(struct core *core);

/* schedule.c: a heap of deadlines. */
void schedule_init(struct timer *timer, enum timer_owner kind, void *owner,
                   object_id id);
void schedule_at(struct core *core, struct timer *timer, msec at);
/* Only ever earlier: keeps an earlier deadline that stands already. */
void schedule_sooner(struct core *core, struct timer *timer, msec at);
void schedule_cancel(struct core *core, struct timer *timer);
/* The earliest timer if it is due by now, taken out of the heap; or NULL. */
struct timer *schedule_next_due(struct core *core, msec now);
msec schedule_deadline(const struct core *core);
void schedule_free(struct core *core);

/* address.c, and model.h */
/* "host:port" in lower case: the key of look-ups by address. */
void model_address_key(const struct address *address, char *key, size_t size);

/* It is known by this address, or its name leads there. */
bool instance_is_at(const struct instance *instance,
                    const struct address *address);
/* Two instances that one process is behind, as far as addresses tell. */
bool instance_is_same(const struct instance *a, const struct instance *b);

/* trouble.c, and model.h */
/* It answers that a password is wanted, or that ours is wrong. */
bool instance_is_locked(const struct instance *instance);
const char *pong_name(enum pong pong);

/* model_find.c, and model.h */
/* One server under two addresses, as a host name and an ip, is never told
 * to follow itself. */
bool model_is_same_server(const struct node *a, const struct node *b);
/* The node with this address, or whose name leads to this ip; NULL = none. */
struct node *model_find_node(const struct group *group,
                             const struct address *address);
/* ... with this address alone. */
struct node *model_node_known_as(const struct group *group,
                                 const struct address *address);
struct voter *model_find_voter(const struct group *group,
                               const struct peer *peer);
/* The peer at the end of a link as a voter of this group; NULL = none. */
struct voter *model_voter_behind(struct core *core, const struct link *link,
                                 object_id group_id);
struct node *model_node_with_id(struct group *group, object_id id);
struct group *model_group(struct core *core, object_id id);
struct group *model_group_named(struct core *core, const char *name);
struct group *model_group_at(struct core *core, const struct address *address);
/* The group that has this server as its published master. */
struct group *model_group_of(struct core *core,
                             const struct instance *instance);
struct peer *model_peer(struct core *core, const char *run_id);
struct link *model_link(struct core *core, object_id id);
/* The instance behind a link: its node's or its peer's. */
struct instance *link_owner(const struct link *link);
const struct instance *link_instance(const struct link *link);
/* It follows nobody: a leader made it so, and has not yet said what next. */
bool model_is_detached(const struct node *node);
/* Is this the master's place, and nobody there yet? */
bool model_is_master_awaited(const struct node *node);

/* model_save.c */
struct record *model_add_record(struct core *core, enum record_kind kind,
                                bool deleted);
void model_save_node(struct core *core, const struct node *node, bool deleted);
void model_save_peer(struct core *core, const struct peer *peer, bool deleted);
void model_save_voter(struct core *core, const struct voter *voter,
                      bool deleted);
/* The group's row, or our own, must be written at the end of this settle. */
void model_save_group(struct core *core, struct group *group);
void model_save_self(struct core *core);
/* The version that what is changed now will be saved under. */
uint64_t model_next_version(const struct core *core);
void model_emit_records(struct core *core);

/* group_settings.c */
void group_settings_set(struct group_settings *settings,
                        const struct admin_option *option);
bool group_settings_equal(const struct group_settings *a,
                          const struct group_settings *b);
/* What changed last wins: the file's value where it is not what the file said
 * then, else what was set at run time. */
struct group_settings group_settings_merge(const struct group_settings *file,
                                           const struct group_settings *then,
                                           const struct group_settings *set);
struct daemon_settings daemon_settings_merge(const struct daemon_settings *file,
                                             const struct daemon_settings *then,
                                             const struct daemon_settings *set);
/* Or else a number, or a word that stands for one. */
bool group_settings_is_text(enum setting setting);

/* pending_sets.c: what was set, until it is on disk. */
/* The settings as they will be. */
struct group_settings pending_settings(const struct group *group);
void pending_set_at(const struct group *group, uint64_t set_at[SETTING_COUNT]);
void pending_free(struct group *group);
void pending_drop_first(struct group *group);

#endif
