/* Actions to command bytes, replies to facts: the client side of RESP.
 *
 * A struct wire belongs to one connection. It knows which command each
 * coming reply answers, so the caller only feeds replies in order. */
#ifndef SENTINELD_WIRE_H
#define SENTINELD_WIRE_H

#include "sentineld/buffer.h"
#include "sentineld/core.h"
#include "sentineld/renames.h"
#include "sentineld/types.h"

struct redisReply;
struct wire;

struct wire_login {
    const char *user;     /* "" or NULL: AUTH with the password alone */
    const char *password; /* "" or NULL: no AUTH */
    const char *self;     /* our run id, for CLIENT SETNAME */
};

/* A fact and the storage that its borrowed pointers point into. */
struct wire_fact {
    struct core_event event;
    struct info info;
    const char *info_text; /* of an EV_INFO: the whole reply; borrowed */
    size_t info_length;
    struct hello hello;
    /* "" or a sentence for the log: who said no to what. Also set beside
     * WIRE_NOTHING, and beside a fact that is not a refusal. */
    char complaint[256];
};

enum wire_result {
    WIRE_NOTHING, /* understood, nothing to record */
    WIRE_FACT,    /* record fact->event */
    WIRE_FULL,    /* it takes no more clients, and hangs up */
    WIRE_BROKEN,  /* nonsense: close the connection */
};

struct wire *wire_new(enum link_kind kind, object_id link);
void wire_free(struct wire *wire);

/* From now on commands are sent under these names. Takes them over. */
void wire_rename(struct wire *wire, struct renames renames);
/* AUTH, CLIENT SETNAME: what is sent first on a new connection. */
void wire_greeting(struct wire *wire, const struct wire_login *login,
                   struct buffer *out);
/* Appends the command(s) of a PING, INFO, SUBSCRIBE, SCRIPT_KILL, VIEW,
 * HELLO, ASK, CUT_OFF or REPLICAOF action, and remembers what to expect. */
void wire_encode(struct wire *wire, const struct core_action *action,
                 struct buffer *out);
/* One reply, in order; a message on a hello link counts as none. Every
 * reply gives at most one fact: nonsense gives a refusal, so that nothing
 * gets out of step. WIRE_BROKEN only for a reply that nobody asked for. */
enum wire_result wire_decode(struct wire *wire, const struct redisReply *reply,
                             struct wire_fact *fact);
/* How many commands wait for their reply. */
size_t wire_pending(const struct wire *wire);

#endif
