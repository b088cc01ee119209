/* What the files behind command_run share: the request being answered, the
 * rows of the command tables, and the handlers that fill them. */
#ifndef SENTINELD_PROTO_COMMAND_PRIVATE_H
#define SENTINELD_PROTO_COMMAND_PRIVATE_H

#include "sentineld/command.h"

struct group;

/* One request on its way through a handler; lives as long as command_run. */
struct call {
    const struct command_context *context;
    struct session *session;
    const struct resp_request *request;
    uint64_t token; /* names the client in a fact */
    struct resp_writer *writer;
    struct command_fact *fact;
    bool pushes; /* what it writes are messages rather than replies */
};

/* What is true of a command. Those down to ALLOW_BUSY are Redis' own flags,
 * in the order in which COMMAND INFO lists them; clients and access rules go
 * by them. */
enum command_flag {
    COMMAND_ADMIN = 1u << 0,
    COMMAND_PUBSUB = 1u << 1,
    COMMAND_NOSCRIPT = 1u << 2,
    COMMAND_LOADING = 1u << 3,
    COMMAND_STALE = 1u << 4,
    COMMAND_FAST = 1u << 5,
    COMMAND_NO_AUTH = 1u << 6, /* may be said before authenticating */
    COMMAND_NO_MULTI = 1u << 7,
    COMMAND_ALLOW_BUSY = 1u << 8,
    /* Categories that do not follow from a flag. */
    COMMAND_IS_ADMIN = 1u << 9,
    COMMAND_IS_DANGEROUS = 1u << 10,
    COMMAND_IS_CONNECTION = 1u << 11,
    /* Ours. */
    COMMAND_WHILE_SUBSCRIBED = 1u << 12, /* a RESP2 subscriber may say it */
    COMMAND_UNLISTED = 1u << 13, /* served, though Redis has it no more */
};

/* A row of a command table. */
struct command {
    const char *name; /* lower case */
    int arity;        /* words, all names included; negative = at least */
    enum command_next (*run)(struct call *call); /* NULL: has subcommands */
    unsigned flags;                              /* enum command_flag */
    const struct command *subcommands; /* ends in a row without a name */
};

/* command_table.c; ends in a row without a name. */
extern const struct command command_table[];

/* Where a row stands: in the table, or below a container. */
struct command_place {
    const struct command *container; /* NULL = in the table */
    const struct command *command;
};

/* By "ping" or "client|kill", any case; false when clients are told of no
 * such command. */
bool command_find_listed(const char *name, size_t length,
                         struct command_place *place);
/* Rows that clients are told of; 0 for NULL. */
size_t command_count_listed(const struct command *table);
bool command_arity_fits(const struct command *command, size_t argc);
/* "client|kill"; `container` is NULL for a command of its own. */
void command_full_name(const struct command *container,
                       const struct command *command,
                       char name[SESSION_TEXT_SIZE]);

/* The word at `index`, ignoring case; a NUL inside it never matches. */
bool command_word_is(const struct call *call, size_t index, const char *word);
/* Copies an argument as text. False when it is empty, does not fit `size`
 * with its NUL, or holds a NUL. */
bool command_copy_word(const struct call *call, size_t index, char *text,
                       size_t size);
/* The whole argument as a signed decimal number. */
bool command_read_integer(const struct call *call, size_t index,
                          int64_t *value);
/* The group named by an argument, or NULL. */
const struct group *command_find_group(const struct call *call, size_t index);
enum command_next command_reply_no_group(const struct call *call);
enum command_next command_reply_syntax_error(const struct call *call);
/* fact->admin is filled but for its type: asks the core for it. */
enum command_next command_ask_admin(struct call *call, enum admin_type type);
/* An array of status lines, as HELP answers; `lines` ends in NULL. */
enum command_next command_reply_lines(const struct call *call,
                                      const char *const *lines);

/* Does the text begin to end consist of visible characters, as a name in a
 * list of clients must? */
bool command_is_visible(const char *text, size_t length);

/* listing.c: a reply that is made in steps. */
struct listing {
    TAILQ_ENTRY(listing) entry; /* in the book */
    struct session_book *book;
    struct buffer text;
    size_t count; /* of what is in the text */
    const struct session *next_session;
    uint64_t last_session;
    object_id next_group; /* 0 = none */
};
/* The one under way, or a new one; it ends with the command. */
struct listing *listing_of(struct call *call, size_t max_bytes);
void listing_clear(struct session *session);
/* The session leaves the book. */
void listing_forget(struct session_book *book, const struct session *session);
/* NULL: that was the last. */
const struct session *listing_next_session(struct listing *listing);
const struct group *listing_next_group(struct listing *listing,
                                       const struct model *model);

/* cmd_connection.c */
enum command_next cmd_ping(struct call *call);
enum command_next cmd_hello(struct call *call);
enum command_next cmd_quit(struct call *call);
enum command_next cmd_role(struct call *call);
enum command_next cmd_shutdown(struct call *call);

/* cmd_auth.c */
enum command_next cmd_auth(struct call *call);
/* Makes the client another user; false, and the error is written. The words
 * at `user` and `password` are the login. */
bool auth_log_in(const struct call *call, size_t user, size_t password);
/* May the client say this now? False, and the error is written. */
bool auth_check(const struct call *call, const struct command_place *place);

/* cmd_acl.c */
enum command_next cmd_acl_cat(struct call *call);
enum command_next cmd_acl_dryrun(struct call *call);
enum command_next cmd_acl_genpass(struct call *call);
enum command_next cmd_acl_help(struct call *call);
enum command_next cmd_acl_whoami(struct call *call);

/* cmd_acl_users.c */
enum command_next cmd_acl_deluser(struct call *call);
enum command_next cmd_acl_getuser(struct call *call);
enum command_next cmd_acl_list(struct call *call);
enum command_next cmd_acl_load(struct call *call);
enum command_next cmd_acl_save(struct call *call);
enum command_next cmd_acl_setuser(struct call *call);
enum command_next cmd_acl_users(struct call *call);

/* cmd_acl_log.c */
enum command_next cmd_acl_log(struct call *call);

/* cmd_client.c */
/* Keeps what fits of a name; false, and the error is written, when it is
 * none. */
bool client_set_name(const struct call *call, size_t index);
enum command_next cmd_client_getname(struct call *call);
enum command_next cmd_client_help(struct call *call);
enum command_next cmd_client_id(struct call *call);
enum command_next cmd_client_no_evict(struct call *call);
enum command_next cmd_client_pause(struct call *call);
enum command_next cmd_client_reply(struct call *call);
enum command_next cmd_client_setinfo(struct call *call);
enum command_next cmd_client_setname(struct call *call);
enum command_next cmd_client_unblock(struct call *call);
enum command_next cmd_client_unpause(struct call *call);

/* cmd_client_list.c */
/* The line of CLIENT LIST about a session. */
void client_describe(const struct session *session, msec now,
                     struct buffer *out);
enum command_next cmd_client_info(struct call *call);
enum command_next cmd_client_kill(struct call *call);
enum command_next cmd_client_list(struct call *call);

/* cmd_client_tracking.c */
void tracking_clear(struct session *session);
/* The letters of the flags in CLIENT LIST, "" when tracking is off. */
const char *tracking_letters(const struct session *session);
/* The id that invalidations go to; 0 = the client itself, -1 = off. */
int64_t tracking_redirect(const struct session *session);
/* CLIENT CACHING is for one command, which is over; those of the CLIENT
 * family do not count. */
void tracking_end_command(struct session *session);
enum command_next cmd_client_caching(struct call *call);
enum command_next cmd_client_getredir(struct call *call);
enum command_next cmd_client_tracking(struct call *call);
enum command_next cmd_client_trackinginfo(struct call *call);

/* cmd_command.c, cmd_command_docs.c */
enum command_next cmd_command(struct call *call);
enum command_next cmd_command_count(struct call *call);
enum command_next cmd_command_docs(struct call *call);
enum command_next cmd_command_getkeys(struct call *call);
enum command_next cmd_command_help(struct call *call);
enum command_next cmd_command_info(struct call *call);
enum command_next cmd_command_list(struct call *call);

/* command_info.c */
enum command_next cmd_info(struct call *call);

/* command_info_stats.c: that section of INFO, with its title. */
void info_write_stats(const struct command_context *context,
                      struct buffer *out);

/* pubsub.c */
void pubsub_clear(struct session *session);
/* What the session listens to counts in its book from now on, or no longer. */
void pubsub_enter(struct session *session);
void pubsub_leave(struct session *session);
/* May the user hear all that the session is subscribed to? */
bool pubsub_may_listen(const struct session *session,
                       const struct acl_user *user);
enum command_next pubsub_subscribe(struct call *call);
enum command_next pubsub_psubscribe(struct call *call);
enum command_next pubsub_unsubscribe(struct call *call);
enum command_next pubsub_punsubscribe(struct call *call);
enum command_next pubsub_publish(struct call *call);

/* cmd_sentinel.c: those that only look */
enum command_next cmd_sentinel_ckquorum(struct call *call);
enum command_next cmd_sentinel_history(struct call *call);
enum command_next cmd_sentinel_get_master_addr(struct call *call);
enum command_next cmd_sentinel_master(struct call *call);
enum command_next cmd_sentinel_masters(struct call *call);
enum command_next cmd_sentinel_myid(struct call *call);
enum command_next cmd_sentinel_replicas(struct call *call);
enum command_next cmd_sentinel_sentinels(struct call *call);

/* cmd_sentinel_config.c, cmd_sentinel_debug.c */
enum command_next cmd_sentinel_config(struct call *call);
enum command_next cmd_sentinel_debug(struct call *call);
enum command_next cmd_sentinel_simulate_failure(struct call *call);

/* cmd_sentinel_info.c */
enum command_next cmd_sentinel_info_cache(struct call *call);

/* cmd_sentinel_help.c */
enum command_next cmd_sentinel_help(struct call *call);

/* cmd_sentinel_scripts.c */
enum command_next cmd_sentinel_pending_scripts(struct call *call);

/* cmd_sentinel_change.c: those that make a fact for the core */
/* Sends call->fact->admin to the core; its answer becomes the reply. */
enum command_next command_ask_admin(struct call *call, enum admin_type type);
enum command_next cmd_sentinel_accept(struct call *call);
enum command_next cmd_sentinel_adopt(struct call *call);
enum command_next cmd_sentinel_failover(struct call *call);
enum command_next cmd_sentinel_flushconfig(struct call *call);
enum command_next cmd_sentinel_is_master_down(struct call *call);
enum command_next cmd_sentinel_monitor(struct call *call);
enum command_next cmd_sentinel_remove(struct call *call);
enum command_next cmd_sentinel_acknowledge(struct call *call);
enum command_next cmd_sentinel_reset(struct call *call);
enum command_next cmd_sentinel_set(struct call *call);
/* Does SENTINEL SET know the option at `index` as one of the core's? */
enum command_next cmd_sentinel_get(struct call *call);
bool cmd_sentinel_is_setting(const struct call *call, size_t index);

/* cmd_sentinel_login.c: how to speak to a group's servers */
/* Has this SENTINEL SET one of the options that are not the core's? */
bool cmd_sentinel_is_login(const struct call *call);
enum command_next cmd_sentinel_set_login(struct call *call);

#endif
