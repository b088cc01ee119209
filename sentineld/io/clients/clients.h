/* Inbound clients: requests, replies in order, subscriptions, limits. */
#ifndef SENTINELD_CLIENTS_H
#define SENTINELD_CLIENTS_H

#include <ev.h>

#include "sentineld/command.h"
#include "sentineld/core.h"
#include "sentineld/types.h"

struct client_table;
struct conf;
struct runtime;
struct tls_session;

/* The configuration is borrowed until client_table_free. */
struct client_table *client_table_new(struct ev_loop *loop,
                                      const struct conf *conf,
                                      struct runtime *runtime);
/* Closes every connection. The memory of each is given back as the loop
 * turns once more; then client_table_free. */
void client_close_all(struct client_table *table);
void client_table_free(struct client_table *table);

/* The configuration may have another client_timeout_s. */
void client_watch_idle(struct client_table *table);

/* A connection that was accepted; `tls` is what it goes through, NULL when it
 * is plain. Takes both over. */
void client_accept(int descriptor, struct tls_session *tls,
                   struct client_table *table);

/* The reply of an ACT_ANSWER; an error when it was refused. A client that
 * is gone by now is no trouble. */
void client_answer(struct client_table *table, const struct core_action *answer,
                   bool refused);
/* The reply of a COMMAND_USERS, or, not NULL, why it was not done. */
void client_answer_users(struct client_table *table, uint64_t token,
                         const struct users_order *order, const char *refusal);
/* Dooms whom the users do not allow to stay; closed when the command is over
 * that changed the users. */
void client_apply_users(struct client_table *table);
/* The same without waiting for a command to be over. */
void client_close_refused(struct client_table *table);
/* Sends an event to every client that subscribed to it. */
void client_publish(struct client_table *table, const char *channel,
                    const char *text);

/* Takes up the requests that waited behind an answer. Never while actions
 * are performed, since it records facts. */
void client_resume(struct client_table *table);
/* When there is something for client_resume; 0 = now, NEVER = nothing. */
msec client_resume_at(const struct client_table *table);

#endif
