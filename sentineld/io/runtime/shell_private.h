/* What the shell's files share:
 *   shell.c          the loop: facts, settle, one timer
 *   shell_perform.c  actions: performed, held or refused
 *   shell_save.c     what waits for the disk, and a disk that fails
 *   shell_export.c   a sentinel.conf that is kept for tools
 *   shell_status.c   facts of the process, for INFO
 *   shell_users.c    users: changes that wait for the disk, their file
 *   shell_logins.c   how to log in at servers, as changed at run time
 *   shell_reload.c   a configuration that was read again
 *   shell_renames.c  and what their commands are called, on disk
 *   shell_links.c    connections to servers and peers */
#ifndef SENTINELD_SHELL_PRIVATE_H
#define SENTINELD_SHELL_PRIVATE_H

#include <ev.h>
#include <sys/queue.h>

#include "io/runtime/script.h"
#include "io/runtime/shell.h"
#include "io/runtime/shell_hold.h"
#include "sentineld/wire.h"

struct export;
struct shell_export;
struct shell_link;
struct shell_login;
struct store_text;
struct users_waiting;
TAILQ_HEAD(users_list, users_waiting);

/* The counters at one moment, to tell rates from. */
struct shell_rates {
    msec at;
    uint64_t commands;
    uint64_t input_bytes;
    uint64_t output_bytes;
};

struct shell {
    struct ev_loop *loop;
    const struct conf *conf;
    struct store *store;
    struct resolver *resolver;
    struct tls *tls;
    struct core *core;
    struct client_table *clients;
    struct server_status status;
    msec started_at;
    msec refreshed_at;           /* the figures of `status` that time changes */
    struct shell_rates rates[2]; /* the note before the last, and the last */

    struct ev_prepare turn;  /* before the loop sleeps: settle */
    struct ev_timer leaving; /* the process ends: see shell_leave */
    struct ev_timer timer;   /* the only one: the core's deadline */
    struct ev_io save_ready; /* the store has a result */

    bool touched;    /* facts were recorded since the last settle */
    bool performing; /* facts are queued, not recorded */
    struct core_event *queue;
    size_t queue_count, queue_capacity;

    struct shell_hold hold;
    msec save_since; /* when the oldest save under way began; NEVER */
    msec retry_at;   /* when a failed save is tried again; NEVER */

    struct script_runner *scripts;
    struct acl *acl;      /* borrowed; changed by commands */
    struct acl *declared; /* borrowed; as the configuration has them */
    struct users_list users_waiting; /* changes that are not durable yet */
    uint64_t users_number;           /* of the newest change */
    struct shell_login *logins;      /* by group; what SENTINEL SET said */

    struct shell_export *export; /* NULL = no sentinel.conf is exported */
    struct shell_link *links;    /* by id */
    uint64_t last_connection;    /* number of the newest connection */
    struct buffer out;           /* a command on its way to a connection */
    struct wire_fact received;   /* what a reply said; too big for the stack */
    struct info_cache *infos;    /* the last INFO of each server */
};

/* shell.c */
/* Nothing may be recorded between these two; facts wait in the queue. */
void shell_begin_performing(struct shell *shell);
void shell_end_performing(struct shell *shell);
/* Forgets what waits in the queue about a link. */
void shell_drop_facts(struct shell *shell, object_id link);

/* shell_status.c */
/* What does not change; after conf, status and started_at are set. */
void shell_start_status(struct shell *shell);

/* shell_perform.c */
/* Now, or when what it reveals is durable. */
void shell_perform(struct shell *shell, const struct core_action *action);
void shell_perform_now(struct shell *shell, const struct core_action *action);
/* Logs an event and publishes it to clients. Its context is the shell. */
void shell_say(void *context, enum log_level level, const char *channel,
               const char *text);
/* It will not be done: the core gets to know, or the client an error. */
void shell_refuse(struct shell *shell, const struct core_action *action);

/* shell_save.c */
void shell_save_start(struct shell *shell);
void shell_save_stop(struct shell *shell);
void shell_save_records(struct shell *shell, const struct core_output *output);
/* Tries again what failed, when it is time to; complains of a slow disk. */
void shell_save_check(struct shell *shell, msec now);

/* shell_export.c; without an exported file there is nothing to hold or due */
void shell_export_start(struct shell *shell, struct export *file,
                        bool is_own_file);
/* Hands over what is still to be written. */
void shell_export_stop(struct shell *shell);
/* What holds has changed. */
void shell_export_touch(struct shell *shell);
/* When shell_export_check wants to be called. */
msec shell_export_due(const struct shell *shell);
void shell_export_check(struct shell *shell, msec now);
/* True: the answer is given when the file is written. Copied. */
bool shell_export_holds(struct shell *shell, const struct core_action *action);
bool shell_export_holds_users(struct shell *shell, uint64_t token,
                              const struct users_order *order);

/* shell_logins.c */
void shell_logins_start(struct shell *shell);
void shell_logins_stop(struct shell *shell);
/* How to log in at the group's servers; NULL = not at all. */
const struct conf_login *shell_find_login(const struct shell *shell,
                                          const char *group);
/* The same for peers: what is sent, which is requirepass when no password is
 * set for them. */
void shell_peer_login(const struct shell *shell, struct conf_login *login);
/* To the store; what holds is as before until it is applied. */
void shell_login_save(struct shell *shell, const struct login_change *change);
void shell_login_take_back(struct shell *shell,
                           const struct login_change *change);
void shell_login_apply(struct shell *shell, const struct login_change *change);
void shell_login_forget(struct shell *shell, const char *group);
/* shell->conf is another one than `before`. */
void shell_logins_reload(struct shell *shell, const struct conf *before);

/* The commands that the group's servers know under other names; NULL = none. */
const struct renames *shell_find_renames(const struct shell *shell,
                                         const char *group);

/* shell_renames.c: rows of the store, of the commands that a change names */
void shell_renames_save(struct shell *shell, const struct login_change *change);
/* As they were; NULL = as the configuration has them. */
void shell_renames_take_back(struct shell *shell,
                             const struct login_change *change,
                             const struct renames *before);
void shell_renames_forget(struct shell *shell, const char *group,
                          const struct renames *now);
/* What the configuration changed since `before`, into what holds. */
void shell_renames_follow(struct shell *shell, const char *group,
                          const struct renames *before, struct renames *now);
/* A loaded text as a change; false when it is no rename, or the configuration
 * says something else by now. */
bool shell_renames_read(struct shell *shell, const struct store_text *text,
                        struct login_change *change);

/* shell_users.c */
void shell_users_start(struct shell *shell);
/* What the store says about texts up to `number`. */
void shell_users_saved(struct shell *shell, uint64_t number);
void shell_users_failed(struct shell *shell);
void shell_users_stop(struct shell *shell);
/* The configuration declares these users from now on. */
void shell_users_reload(struct shell *shell, const struct acl *declared);

/* shell_links.c */
/* Closes the connections to a group's servers, or to peers ("" = them); the
 * core connects again. */
void shell_links_log_in_anew(struct shell *shell, const char *group);
void shell_link_connect(struct shell *shell, const struct core_action *action);
void shell_link_disconnect(struct shell *shell, object_id id);
/* The number of the link's connection now; 0 = it has none that is up. */
uint64_t shell_link_connection(const struct shell *shell, object_id id);
/* False when the link is down. */
bool shell_link_send(struct shell *shell, const struct core_action *action);
void shell_links_close(struct shell *shell);

#endif
