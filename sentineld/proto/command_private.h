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
};

/* A row of a command table. */
struct command {
    const char *name; /* lower case */
    int arity;        /* words, all names included; negative = at least */
    enum command_next (*run)(struct call *call); /* NULL: has subcommands */
    bool while_subscribed;             /* a RESP2 subscriber may say it */
    const struct command *subcommands; /* ends in a row without a name */
};

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
/* An array of status lines, as HELP answers; `lines` ends in NULL. */
enum command_next command_reply_lines(const struct call *call,
                                      const char *const *lines);

/* cmd_connection.c */
enum command_next cmd_ping(struct call *call);
enum command_next cmd_hello(struct call *call);
enum command_next cmd_quit(struct call *call);
enum command_next cmd_role(struct call *call);
enum command_next cmd_client_getname(struct call *call);
enum command_next cmd_client_help(struct call *call);
enum command_next cmd_client_id(struct call *call);
enum command_next cmd_client_setname(struct call *call);

/* command_info.c */
enum command_next cmd_info(struct call *call);

/* pubsub.c */
void pubsub_clear(struct session *session);
enum command_next pubsub_subscribe(struct call *call);
enum command_next pubsub_psubscribe(struct call *call);
enum command_next pubsub_unsubscribe(struct call *call);
enum command_next pubsub_punsubscribe(struct call *call);
enum command_next pubsub_publish(struct call *call);

/* cmd_sentinel.c: those that only look */
enum command_next cmd_sentinel_ckquorum(struct call *call);
enum command_next cmd_sentinel_get_master_addr(struct call *call);
enum command_next cmd_sentinel_help(struct call *call);
enum command_next cmd_sentinel_master(struct call *call);
enum command_next cmd_sentinel_masters(struct call *call);
enum command_next cmd_sentinel_myid(struct call *call);
enum command_next cmd_sentinel_replicas(struct call *call);
enum command_next cmd_sentinel_sentinels(struct call *call);

/* cmd_sentinel_change.c: those that make a fact for the core */
enum command_next cmd_sentinel_failover(struct call *call);
enum command_next cmd_sentinel_flushconfig(struct call *call);
enum command_next cmd_sentinel_is_master_down(struct call *call);
enum command_next cmd_sentinel_monitor(struct call *call);
enum command_next cmd_sentinel_remove(struct call *call);
enum command_next cmd_sentinel_reset(struct call *call);
enum command_next cmd_sentinel_set(struct call *call);

#endif
