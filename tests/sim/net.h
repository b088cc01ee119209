/* The simulated network: connections with the semantics of TCP. What is sent
 * arrives in order, late, or not at all until the path is open again; a
 * connection ends by close, reset or refusal. One message is never lost
 * alone. */
#ifndef SENTINELD_SIM_NET_H
#define SENTINELD_SIM_NET_H

#include "message.h"
#include "queue.h"

struct sim;

enum { MAX_PROCESSES = 32 };

struct pipe {
    struct message_list messages; /* sent, not yet read by the receiver */
    msec last_arrival;            /* later messages cannot overtake */
    msec retry_ms;                /* retransmission pause; 0 = path is open */
    bool scheduled;               /* a delivery event is in the queue */
};

struct connection {
    uint32_t slot;
    uint64_t serial; /* never reused: what events and callers remember */
    uint32_t client; /* process number of the sentinel that connected */
    uint32_t server;
    object_id link; /* the client core's name for it */
    enum link_kind kind;
    bool knocked;     /* its SYN has been answered */
    bool answered;    /* ... and the client knows how */
    bool client_open; /* the client has not hung up, nor died */
    bool server_open; /* accepted, and neither closed nor dead */
    bool subscribed;
    bool awaiting_answer; /* the server owes a reply before it reads on */
    uint32_t attempts;    /* SYNs sent */
    msec gives_up_at;
    struct pipe to_server, to_client;
};

struct net {
    struct connection **connections; /* by slot; NULL = free */
    uint32_t count, capacity;
    uint64_t last_serial;
    bool blocked[MAX_PROCESSES][MAX_PROCESSES]; /* [from][to] */
    /* A firewall refuses, while the server lives: [client][server]. */
    bool rejected[MAX_PROCESSES][MAX_PROCESSES];
    /* What never heals. */
    bool blocked_for_ever[MAX_PROCESSES][MAX_PROCESSES];
    bool rejected_for_ever[MAX_PROCESSES][MAX_PROCESSES];
    bool broken_for_ever;            /* any of them */
    msec extra_ms[MAX_PROCESSES];    /* a slow host */
    msec delay_min_ms, delay_max_ms; /* one way */
};

struct connect_request {
    uint32_t client;
    object_id link;
    enum link_kind kind;
    const struct address *address;
    msec timeout_ms;
};

struct connection *net_connect(struct sim *sim,
                               const struct connect_request *request);
/* The client hangs up: what it sent before still arrives. */
void net_disconnect(struct sim *sim, struct connection *connection);
/* Both take over the message. */
void net_send_to_server(struct sim *sim, struct connection *connection,
                        struct message *message);
void net_send_to_client(struct sim *sim, struct connection *connection,
                        struct message *message);
/* The server hangs up and forgets what it has not read. */
void net_close_by_server(struct sim *sim, struct connection *connection,
                         enum message_type how);
/* The server has answered and may read on. */
void net_read_on(struct sim *sim, struct connection *connection);
/* Something on the path breaks it for both. */
void net_break(struct sim *sim, struct connection *connection);

/* A process is gone: its peers see resets, or ends of file. */
void net_on_death(struct sim *sim, uint32_t process);
/* A process runs again: it reads what the kernel kept for it. */
void net_on_resume(struct sim *sim, uint32_t process);
void net_on_event(struct sim *sim, const struct sim_event *event);
/* NULL when that connection is gone. */
struct connection *net_find(struct sim *sim, uint32_t slot, uint64_t serial);

void net_block(struct sim *sim, uint32_t from, uint32_t to, bool blocked);
bool net_is_open(const struct sim *sim, uint32_t a, uint32_t b);
/* The server's firewall refuses connections of this client, and resets those
 * that stand. */
void net_reject(struct sim *sim, uint32_t client, uint32_t server,
                bool rejected);
/* All paths are open again, but those that never are. */
void net_heal(struct sim *sim);
void net_break_for_ever(struct sim *sim, uint32_t a, uint32_t b, bool rejects);
bool net_is_broken_for_ever(const struct sim *sim);
/* Open both ways, and not refused. */
bool net_can_connect(const struct sim *sim, uint32_t client, uint32_t server);
msec net_delay(struct sim *sim, uint32_t from, uint32_t to);
void net_free(struct sim *sim);

#endif
