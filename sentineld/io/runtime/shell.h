/* Between the core and the world: the only caller of core_settle, the only
 * one who performs actions. What the core's callers promise (core.h) is kept
 * here. */
#ifndef SENTINELD_SHELL_H
#define SENTINELD_SHELL_H

#include <ev.h>

#include "sentineld/command.h"
#include "sentineld/core.h"
#include "sentineld/types.h"

struct client_table;
struct conf;
struct conf_login;
struct jobs;
struct resolver;
struct shell;
struct store;
struct tls;

struct shell_setup {
    struct ev_loop *loop;
    const struct conf *conf; /* borrowed until shell_free, with the rest */
    struct store *store;     /* already loaded */
    struct resolver *resolver;
    struct tls *tls;       /* made of this conf */
    struct acl *acl;       /* the users of our port */
    struct acl *declared;  /* those of them that the configuration names */
    struct export *export; /* borrowed; NULL = no file for tools */
    bool export_is_own_file;
    const struct record *saved; /* what the store remembers; not empty */
    size_t saved_count;
    uint64_t seed; /* of the core's random numbers */
    /* Copied. The caller fills port, process_id, run_id, executable,
     * config_file, max_clients and acllog_max_len; the rest is counted here. */
    struct server_status status;
};

/* Milliseconds that never go back and that pass while the machine is
 * suspended too, where the system can tell: a vote binds for a span of real
 * time, whether its voter was awake or not. */
msec shell_now(void);

/* Builds the core and starts: connecting begins when the loop runs. */
struct shell *shell_new(const struct shell_setup *setup);
/* The configuration that was given has another content than `before`, and
 * declares these users. */
void shell_reload(struct shell *shell, const struct conf *before,
                  const struct acl *declared);
/* Ends the loop as soon as every server has got back what this supervisor took
 * from it, and within a second; called again, at once. */
void shell_leave(struct shell *shell);
/* Closes every connection. Their memory is given back as the loop turns once
 * more; shell_free comes after that. Nothing is recorded any more. */
void shell_stop(struct shell *shell);
void shell_free(struct shell *shell);

/* Notes a fact; the decision about it comes before the loop sleeps again.
 * What the event borrows is needed for this call only. */
void shell_record(struct shell *shell, const struct core_event *event);

/* Keeps a change of users, or takes them from or to their file; answers the
 * client. Takes over what the order owns. */
void shell_order_users(struct shell *shell, uint64_t token,
                       struct users_order *order);
/* Keeps another login of a group; takes it over, answers the client. */
void shell_order_login(struct shell *shell, uint64_t token,
                       struct login_change *change);
/* The group is being removed: what was set for it is not for the next one. */
void shell_forget_login(struct shell *shell, const char *group);
/* What is set for peers: by the configuration, or at run time. */
const struct conf_login *shell_find_peer_login(const struct shell *shell);
struct acl *shell_acl(const struct shell *shell);

struct client_table *shell_clients(const struct shell *shell);
const struct model *shell_model(const struct shell *shell);
const struct info_cache *shell_infos(const struct shell *shell);
/* The scripts that wait or run. */
const struct jobs *shell_jobs(const struct shell *shell);
/* Clients count their traffic in it. */
struct server_status *shell_status(struct shell *shell);
/* Brings the figures up to date that time changes; cheap to call often. */
void shell_refresh_status(struct shell *shell);

#endif
