/* What the runtime's files share:
 *   runtime.c          the loop: facts, settle, one timer
 *   runtime_perform.c  actions: performed, held or refused
 *   runtime_save.c     what waits for the disk, and a disk that fails
 *   runtime_export.c   a sentinel.conf that is kept for tools
 *   runtime_status.c   facts of the process, for INFO
 *   runtime_users.c    users: changes that wait for the disk, their file
 *   runtime_logins.c   how to log in at servers, as changed at run time
 *   runtime_reload.c   a configuration that was read again
 *   runtime_renames.c  and what their commands are called, on disk
 *   runtime_links.c    connections to servers and peers */
#ifndef SENTINELD_RUNTIME_PRIVATE_H
#define SENTINELD_RUNTIME_PRIVATE_H

#include <ev.h>
#include <sys/queue.h>

#include "io/runtime/held_actions.h"
#include "io/runtime/runtime.h"
#include "io/runtime/script.h"
#include "sentineld/wire.h"

struct export;
struct runtime_export;
struct runtime_link;
struct runtime_login;
struct store_text;
struct users_waiting;
TAILQ_HEAD(users_list, users_waiting);

/* The counters at one moment, to tell rates from. */
struct runtime_rates {
    msec at;
    uint64_t commands;
    uint64_t input_bytes;
    uint64_t output_bytes;
};

struct runtime {
    struct ev_loop *loop;
    const struct conf *conf;
    struct store *store;
    struct resolver *resolver;
    struct tls *tls;
    struct core *core;
    struct client_table *clients;
    struct server_status status;
    msec started_at;
    msec refreshed_at; /* the figures of `status` that time changes */
    struct runtime_rates rates[2]; /* the note before the last, and the last */

    struct ev_prepare turn;  /* before the loop sleeps: settle */
    struct ev_timer leaving; /* the process ends: see runtime_leave */
    struct ev_timer timer;   /* the only one: the core's deadline */
    struct ev_io save_ready; /* the store has a result */

    bool touched;    /* facts were recorded since the last settle */
    bool performing; /* facts are queued, not recorded */
    struct core_event *queue;
    size_t queue_count, queue_capacity;

    struct held_actions hold;
    msec save_since; /* when the oldest save under way began; NEVER */
    msec retry_at;   /* when a failed save is tried again; NEVER */

    struct script_runner *scripts;
    struct acl *acl;      /* borrowed; changed by commands */
    struct acl *declared; /* borrowed; as the configuration has them */
    struct users_list users_waiting; /* changes that are not durable yet */
    uint64_t users_number;           /* of the newest change */
    struct runtime_login *logins;    /* by group; what SENTINEL SET said */

    struct runtime_export *export; /* NULL = no sentinel.conf is exported */
    struct runtime_link *links;    /* by id */
    uint64_t last_connection;      /* number of the newest connection */
    struct buffer out;             /* a command on its way to a connection */
    struct wire_fact received; /* what a reply said; too big for the stack */
    struct info_cache *infos;  /* the last INFO of each server */
};

/* runtime.c */
/* Nothing may be recorded between these two; facts wait in the queue. */
void runtime_begin_performing(struct runtime *runtime);
void runtime_end_performing(struct runtime *runtime);
/* Forgets what waits in the queue about a link. */
void runtime_drop_facts(struct runtime *runtime, object_id link);

/* runtime_status.c */
/* What does not change; after conf, status and started_at are set. */
void runtime_start_status(struct runtime *runtime);

/* runtime_perform.c */
/* Now, or when what it reveals is durable. */
void runtime_perform(struct runtime *runtime, const struct core_action *action);
void runtime_perform_now(struct runtime *runtime,
                         const struct core_action *action);
/* Logs an event and publishes it to clients. Its context is the runtime. */
void runtime_say(void *context, enum log_level level, const char *channel,
                 const char *text);
/* It will not be done: the core gets to know, or the client an error. */
void runtime_refuse(struct runtime *runtime, const struct core_action *action);

/* runtime_save.c */
void runtime_save_start(struct runtime *runtime);
void runtime_save_stop(struct runtime *runtime);
void runtime_save_records(struct runtime *runtime,
                          const struct core_output *output);
/* Tries again what failed, when it is time to; complains of a slow disk. */
void runtime_save_check(struct runtime *runtime, msec now);

/* runtime_export.c; without an exported file there is nothing to hold or due */
void runtime_export_start(struct runtime *runtime, struct export *file,
                          bool is_own_file);
/* Hands over what is still to be written. */
void runtime_export_stop(struct runtime *runtime);
/* What holds has changed. */
void runtime_export_touch(struct runtime *runtime);
/* When runtime_export_check wants to be called. */
msec runtime_export_due(const struct runtime *runtime);
void runtime_export_check(struct runtime *runtime, msec now);
/* True: the answer is given when the file is written. Copied. */
bool runtime_export_holds(struct runtime *runtime,
                          const struct core_action *action);
bool runtime_export_holds_users(struct runtime *runtime, uint64_t token,
                                const struct users_order *order);

/* runtime_logins.c */
void runtime_logins_start(struct runtime *runtime);
void runtime_logins_stop(struct runtime *runtime);
/* How to log in at the group's servers; NULL = not at all. */
const struct conf_login *runtime_find_login(const struct runtime *runtime,
                                            const char *group);
/* The same for peers: what is sent, which is requirepass when no password is
 * set for them. */
void runtime_peer_login(const struct runtime *runtime,
                        struct conf_login *login);
/* To the store; what holds is as before until it is applied. */
void runtime_login_save(struct runtime *runtime,
                        const struct login_change *change);
void runtime_login_take_back(struct runtime *runtime,
                             const struct login_change *change);
void runtime_login_apply(struct runtime *runtime,
                         const struct login_change *change);
void runtime_login_forget(struct runtime *runtime, const char *group);
/* runtime->conf is another one than `before`. */
void runtime_logins_reload(struct runtime *runtime, const struct conf *before);

/* The commands that the group's servers know under other names; NULL = none. */
const struct renames *runtime_find_renames(const struct runtime *runtime,
                                           const char *group);

/* runtime_renames.c: rows of the store, of the commands that a change names */
void runtime_renames_save(struct runtime *runtime,
                          const struct login_change *change);
/* As they were; NULL = as the configuration has them. */
void runtime_renames_take_back(struct runtime *runtime,
                               const struct login_change *change,
                               const struct renames *before);
void runtime_renames_forget(struct runtime *runtime, const char *group,
                            const struct renames *now);
/* What the configuration changed since `before`, into what holds. */
void runtime_renames_follow(struct runtime *runtime, const char *group,
                            const struct renames *before, struct renames *now);
/* A loaded text as a change; false when it is no rename, or the configuration
 * says something else by now. */
bool runtime_renames_read(struct runtime *runtime,
                          const struct store_text *text,
                          struct login_change *change);

/* runtime_users.c */
void runtime_users_start(struct runtime *runtime);
/* What the store says about texts up to `number`. */
void runtime_users_saved(struct runtime *runtime, uint64_t number);
void runtime_users_failed(struct runtime *runtime);
void runtime_users_stop(struct runtime *runtime);
/* The configuration declares these users from now on. */
void runtime_users_reload(struct runtime *runtime, const struct acl *declared);

/* runtime_links.c */
/* Closes the connections to a group's servers, or to peers ("" = them); the
 * core connects again. */
void runtime_links_log_in_anew(struct runtime *runtime, const char *group);
void runtime_link_connect(struct runtime *runtime,
                          const struct core_action *action);
void runtime_link_disconnect(struct runtime *runtime, object_id id);
/* The number of the link's connection now; 0 = it has none that is up. */
uint64_t runtime_link_connection(const struct runtime *runtime, object_id id);
/* False when the link is down. */
bool runtime_link_send(struct runtime *runtime,
                       const struct core_action *action);
void runtime_links_close(struct runtime *runtime);

#endif
