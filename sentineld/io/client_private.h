/* What the files of the inbound side share:
 *   client.c          who is connected: arriving, subscribers, leaving
 *   client_request.c  one client's requests and replies
 *   client_idle.c     closing those that say nothing */
#ifndef SENTINELD_CLIENT_PRIVATE_H
#define SENTINELD_CLIENT_PRIVATE_H

#include <sys/queue.h>

#include "sentineld/client.h"
#include "sentineld/client_reply.h"
#include "sentineld/command.h"
#include "sentineld/hash.h"
#include "sentineld/types.h"

struct client {
    struct client_table *table;
    struct conn *conn;
    struct resp_reader *reader;
    struct session session;
    struct client_replies replies;
    uint64_t questions;            /* how many tokens it got */
    uint64_t change;               /* token of an operator's change; 0 = none */
    struct resp_request postponed; /* argc 0 = none; while it waits nothing
                                      is read, so what it borrows stays */
    bool is_subscribed;            /* in the table's list of subscribers */
    bool is_to_resume;             /* in the list of those that go on */
    bool is_ending;  /* no more requests; closed after the last reply */
    bool is_closed;  /* nothing is sent or read any more */
    bool is_refused; /* it only hears why it may not stay */
    TAILQ_ENTRY(client) subscriber_entry;
    TAILQ_ENTRY(client) resume_entry;
    UT_hash_handle hh; /* by session.id */
};
TAILQ_HEAD(client_list, client);

struct client_table {
    struct ev_loop *loop;
    const struct conf *conf;
    struct shell *shell;
    struct client *clients;   /* by session.id */
    struct session_book book; /* of those that may stay */
    uint32_t postponed;       /* how many have a postponed request */
    uint32_t refused;         /* how many of them are refused ones */
    uint64_t last_id;
    struct ev_timer idle; /* runs while idle clients are closed */
    struct client_list subscribers;
    struct client_list to_resume;
    struct buffer scratch; /* one reply, before it takes its place */
};

/* A token is the client's id, a number that counts its questions, and a bit:
 * is the answer to be kept silent? The number comes round long after the
 * oldest question that can wait. */
enum { TOKEN_NUMBER_BITS = 20, TOKEN_SILENT = 1 };

/* client.c */
void client_set_subscribed(struct client *client, bool subscribed);
void client_set_to_resume(struct client *client, bool to_resume);
/* Brings the figures of all sessions up to date. */
void client_measure_all(struct client_table *table);
/* Closes those whom a command doomed; `caller` may still read its replies. */
/* `caller`: who wanted it; NULL = the configuration. */
void client_close_doomed(struct client_table *table, struct client *caller);

/* client_idle.c */
void client_idle_init(struct client_table *table);
void client_idle_stop(struct client_table *table);

/* client_request.c */
struct resp_reader *client_new_reader(void);
/* Answers what has arrived, as far as it may go on now. */
void client_serve(struct client *client, const char *data, size_t length);
void client_serve_waiting(struct client *client);
/* A reply is written between these two. It takes the place of the question
 * with this token, or, token 0, the next one. */
struct resp_writer client_start_reply(struct client *client);
void client_finish_reply(struct client *client, uint64_t token);
/* Sends what has its turn; an answer that is missing holds up what follows. */
void client_send_replies(struct client *client);
void client_close(struct client *client);

#endif
