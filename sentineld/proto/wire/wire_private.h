/* What the parts of wire share: wire.c (commands out), wire_decode.c
 * (replies in), wire_peer.c (what other supervisors answer) and
 * wire_transaction.c (MULTI to ROLE). */
#ifndef SENTINELD_WIRE_PRIVATE_H
#define SENTINELD_WIRE_PRIVATE_H

#include "proto/wire/wire.h"
#include "sentineld/wire.h"

/* Which command a reply belongs to. */
enum sent_command {
    SENT_AUTH,
    SENT_SETNAME,
    SENT_PING,
    SENT_INFO,
    SENT_SUBSCRIBE,
    SENT_MYID, /* SENTINEL MYID */
    SENT_SCRIPT_KILL,
    SENT_PUBLISH,
    SENT_MASTER, /* SENTINEL MASTER */
    SENT_ASK,    /* SENTINEL is-master-down-by-addr */
    SENT_ACCEPT, /* SENTINEL ACCEPT */
    SENT_MULTI,
    SENT_SLAVEOF,
    SENT_REWRITE,
    SENT_KILL_NORMAL,
    SENT_KILL_PUBSUB,
    SENT_EXEC,
    SENT_ROLE,
    SENT_SLAVEOF_ALONE, /* not in a transaction */
    SENT_PAUSE,
    SENT_UNPAUSE,
    SENT_CONFIG_GET,
    SENT_CONFIG_SET,
};

struct expected {
    enum sent_command command;
    enum core_action_type action; /* that the command is part of */
    object_id group;
};

enum { TRANSACTION_MAX = 5, COMPLAINT_SIZE = 256 };

/* The transaction whose replies are coming in. */
struct transaction {
    enum sent_command commands[TRANSACTION_MAX]; /* queued, in order */
    size_t count;
    bool refused;
    bool extras; /* only what belongs to it was refused: is_extra */
    char complaint[COMPLAINT_SIZE];
};

/* The rehearsal whose replies are coming in. */
struct rehearsed {
    bool refused[DENIED_COUNT];
    bool unclear; /* something else came than yes or no */
};

struct wire {
    enum link_kind kind;
    object_id link;
    struct renames renames;
    bool auth_refused;
    struct transaction transaction;
    struct rehearsed rehearsed;
    /* a ring of what is expected */
    struct expected *queue;
    size_t first;
    size_t count;
    size_t room;
};

const char *wire_command_name(enum sent_command command);

bool wire_reply_is_text(const struct redisReply *reply, const char *text);
bool wire_reply_is_status(const struct redisReply *reply);
bool wire_reply_is_error(const struct redisReply *reply);

/* Adds "COMMAND refused: what the server said" to a complaint, without the
 * parts that could carry a password or break a log line. */
void wire_complain(char complaint[COMPLAINT_SIZE], enum sent_command command,
                   const struct redisReply *reply);

/* Turns the fact into an EV_ACK. */
enum wire_result wire_ack(const struct expected *expected,
                          enum ack_result result, struct wire_fact *fact);
/* The same, refused, with the complaint about `reply`. */
enum wire_result wire_refuse(const struct expected *expected,
                             const struct redisReply *reply,
                             struct wire_fact *fact);

/* wire_peer.c */
enum wire_result wire_on_identity(const struct expected *expected,
                                  const struct redisReply *reply,
                                  struct wire_fact *fact);
enum wire_result wire_on_view(const struct expected *expected,
                              const struct redisReply *reply,
                              struct wire_fact *fact);
enum wire_result wire_on_ask(const struct expected *expected,
                             const struct redisReply *reply,
                             struct wire_fact *fact);

/* wire_fence.c: what a server demands of its replicas */
void wire_encode_fence(struct wire *wire, const struct core_action *action,
                       struct buffer *out);
void wire_encode_fence_read(const struct wire *wire, struct buffer *out);
enum wire_result wire_on_min_replicas(const struct expected *expected,
                                      const struct redisReply *reply,
                                      struct wire_fact *fact);

/* wire_rehearsal.c: a failover's orders without effect */
void wire_encode_rehearsal(struct wire *wire, const struct core_action *action,
                           struct buffer *out);
enum wire_result wire_on_rehearsal(struct wire *wire,
                                   const struct expected *expected,
                                   const struct redisReply *reply,
                                   struct wire_fact *fact);

/* wire.c: writes a command under the name that the server knows it by; notes
 * that a reply is to come; both, for a command that is always the same. */
void wire_put(const struct wire *wire, size_t count, const char *const *words,
              struct buffer *out);
void wire_send_fixed(struct wire *wire, enum sent_command command,
                     const struct core_action *action, struct buffer *out);
void wire_expect(struct wire *wire, enum sent_command command,
                 const struct core_action *action);

/* wire_transaction.c: one call for each reply, in order */
void wire_transaction_on_multi(struct transaction *transaction,
                               const struct redisReply *reply);
void wire_transaction_on_queued(struct transaction *transaction,
                                enum sent_command command,
                                const struct redisReply *reply);
void wire_transaction_on_exec(struct transaction *transaction,
                              const struct redisReply *reply);
void wire_transaction_on_alone(struct transaction *transaction,
                               const struct redisReply *reply);
enum role wire_transaction_on_role(struct transaction *transaction,
                                   const struct redisReply *reply);

#endif
