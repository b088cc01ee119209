/* Between the core and the world: the only caller of core_settle, the only
 * one who performs actions. What the core's callers promise (core.h) is kept
 * here. */
#ifndef SENTINELD_RUNTIME_H
#define SENTINELD_RUNTIME_H

#include <ev.h>

#include "sentineld/command.h"
#include "sentineld/core.h"
#include "sentineld/types.h"

struct client_table;
struct conf;
struct conf_login;
struct jobs;
struct resolver;
struct runtime;
struct store;
struct tls;

struct runtime_setup {
    struct ev_loop *loop;
    const struct conf *conf; /* borrowed until runtime_free, with the rest */
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
msec runtime_now(void);

/* Builds the core and starts: connecting begins when the loop runs. */
struct runtime *runtime_new(const struct runtime_setup *setup);
/* The configuration that was given has another content than `before`, and
 * declares these users. */
void runtime_reload(struct runtime *runtime, const struct conf *before,
                    const struct acl *declared);
/* Ends the loop as soon as every server has got back what this supervisor took
 * from it, and within a second; called again, at once. */
void runtime_leave(struct runtime *runtime);
/* Closes every connection. Their memory is given back as the loop turns once
 * more; runtime_free comes after that. Nothing is recorded any more. */
void runtime_stop(struct runtime *runtime);
void runtime_free(struct runtime *runtime);

/* Notes a fact; the decision about it comes before the loop sleeps again.
 * What the event borrows is needed for this call only. */
void runtime_record(struct runtime *runtime, const struct core_event *event);

/* Keeps a change of users, or takes them from or to their file; answers the
 * client. Takes over what the order owns. */
void runtime_order_users(struct runtime *runtime, uint64_t token,
                         struct users_order *order);
/* Keeps another login of a group; takes it over, answers the client. */
void runtime_order_login(struct runtime *runtime, uint64_t token,
                         struct login_change *change);
/* The group is being removed: what was set for it is not for the next one. */
void runtime_forget_login(struct runtime *runtime, const char *group);
/* What is set for peers: by the configuration, or at run time. */
const struct conf_login *runtime_find_peer_login(const struct runtime *runtime);
struct acl *runtime_acl(const struct runtime *runtime);

struct client_table *runtime_clients(const struct runtime *runtime);
const struct model *runtime_model(const struct runtime *runtime);
const struct info_cache *runtime_infos(const struct runtime *runtime);
/* The scripts that wait or run. */
const struct jobs *runtime_jobs(const struct runtime *runtime);
/* Clients count their traffic in it. */
struct server_status *runtime_status(struct runtime *runtime);
/* Brings the figures up to date that time changes; cheap to call often. */
void runtime_refresh_status(struct runtime *runtime);

#endif
