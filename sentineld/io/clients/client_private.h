/* What the files of the inbound side share:
 *   client.c          who is connected: arriving, subscribers, leaving
 *   client_request.c  one client's requests and replies
 *   client_turn.c     whose requests are answered when
 *   client_idle.c     closing those that say nothing */
#ifndef SENTINELD_CLIENT_PRIVATE_H
#define SENTINELD_CLIENT_PRIVATE_H

#include <sys/queue.h>

#include "io/clients/client_reply.h"
#include "io/clients/clients.h"
#include "sentineld/command.h"
#include "sentineld/hash.h"
#include "sentineld/types.h"

/* By what it used lately; the first are served first. */
enum client_rank { CLIENT_LIGHT, CLIENT_BUSY, CLIENT_HEAVY };
enum { CLIENT_RANKS = CLIENT_HEAVY + 1 };

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
    bool is_unfinished;            /* it is run again as soon as may be */
    bool is_subscribed;            /* in the table's list of subscribers */
    bool is_ready;                 /* in one of the table's lists, of: */
    enum client_rank rank;
    uint64_t used_us; /* time that was spent on it, as of: */
    msec used_at;
    bool is_paused;  /* nothing is read from it now */
    bool is_ending;  /* no more requests; closed after the last reply */
    bool is_closed;  /* nothing is sent or read any more */
    bool is_refused; /* it only hears why it may not stay */
    TAILQ_ENTRY(client) subscriber_entry;
    TAILQ_ENTRY(client) ready_entry;
    UT_hash_handle hh; /* by session.id */
};
TAILQ_HEAD(client_list, client);

struct client_table {
    struct ev_loop *loop;
    const struct conf *conf;
    struct runtime *runtime;
    struct client *clients;   /* by session.id */
    struct session_book book; /* of those that may stay */
    uint32_t postponed;       /* how many have a postponed request */
    uint32_t refused;         /* how many of them are refused ones */
    uint64_t last_id;
    struct ev_timer idle; /* runs while idle clients are closed */
    struct client_list subscribers;
    struct client_list ready[CLIENT_RANKS]; /* those who may go on */
    struct buffer scratch; /* one reply, before it takes its place */
};

/* A token is the client's id, a number that counts its questions, and a bit:
 * is the answer to be kept silent? The number comes round long after the
 * oldest question that can wait. */
enum { TOKEN_NUMBER_BITS = 20, TOKEN_SILENT = 1 };

/* client.c */
void client_set_subscribed(struct client *client, bool subscribed);
/* Brings what others are told of it up to date. */
void client_note_bytes(struct client *client);
/* Closes those whom a command doomed; `caller` may still read its replies. */
/* `caller`: who wanted it; NULL = the configuration. */
void client_close_doomed(struct client_table *table, struct client *caller);

/* client_turn.c */
/* A client that has something to be done has its turn some time. */
struct client_slice {
    uint64_t ends_us;
};
bool client_slice_is_over(const struct client_slice *slice);
void client_turn_init(struct client_table *table);
void client_set_ready(struct client *client, bool is_ready);

/* client_idle.c */
void client_idle_init(struct client_table *table);
void client_idle_stop(struct client_table *table);

/* client_request.c */
struct resp_reader *client_new_reader(void);
/* Keeps what has arrived, for when it is the client's turn. */
void client_take(struct client *client, const char *data, size_t length);
/* Who has not logged in may send little at a time. */
void client_limit_input(struct client *client);
/* Some of what was sent to it has left: may it go on? */
void client_sent(struct client *client);
/* Answers what has arrived, as far as it may go on now. */
struct client_slice;
void client_serve_slice(struct client *client,
                        const struct client_slice *slice);
/* A reply is written between these two. It takes the place of the question
 * with this token, or, token 0, the next one. */
struct resp_writer client_start_reply(struct client *client);
void client_finish_reply(struct client *client, uint64_t token);
/* Sends what has its turn; an answer that is missing holds up what follows. */
void client_send_replies(struct client *client);
void client_close(struct client *client);

#endif
