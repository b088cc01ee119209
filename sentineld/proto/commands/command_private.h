/* What the files behind command_run share: the request being answered, the
 * rows of the command tables, and the handlers that fill them. */
#ifndef SENTINELD_PROTO_COMMAND_PRIVATE_H
#define SENTINELD_PROTO_COMMAND_PRIVATE_H

#include "proto/catalog/catalog.h"
#include "proto/session/session.h"
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

/* Each handler of the table of commands: cmd_ping, cmd_client_kill ... */
#define HANDLER_PROTOTYPE(name) enum command_next cmd_##name(struct call *call);
COMMAND_HANDLERS(HANDLER_PROTOTYPE)
#undef HANDLER_PROTOTYPE

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

/* Does the text begin to end consist of visible characters, as a name in a
 * list of clients must? */
bool command_is_visible(const char *text, size_t length);

/* The reply in steps that is under way, or a new one. */
struct listing *command_listing(const struct call *call, size_t max_bytes);

/* cmd_auth.c */
/* Makes the client another user; false, and the error is written. The words
 * at `user` and `password` are the login. */
bool auth_log_in(const struct call *call, size_t user, size_t password);
/* May the client say this now? False, and the error is written. */
bool auth_check(const struct call *call, const struct command_place *place);

/* cmd_client.c */
/* Keeps what fits of a name; false, and the error is written, when it is
 * none. */
bool client_set_name(const struct call *call, size_t index);

/* cmd_client_list.c */
/* The line of CLIENT LIST about a session. */
void client_describe(const struct session *session, msec now,
                     struct buffer *out);

/* command_info_stats.c: that section of INFO, with its title. */
void info_write_stats(const struct command_context *context,
                      struct buffer *out);

/* cmd_sentinel_change.c: those that make a fact for the core */
/* Sends call->fact->admin to the core; its answer becomes the reply. */
enum command_next command_ask_admin(struct call *call, enum admin_type type);
/* Does SENTINEL SET know the option at `index` as one of the core's? */
bool cmd_sentinel_is_setting(const struct call *call, size_t index);

/* cmd_sentinel_login.c: how to speak to a group's servers */
/* Has this SENTINEL SET one of the options that are not the core's? */
bool cmd_sentinel_is_login(const struct call *call);
enum command_next cmd_sentinel_set_login(struct call *call);

#endif
