/* What travels on a simulated connection: requests and replies at the level
 * of the core's actions and facts, and the ends of the connection itself. */
#ifndef SENTINELD_SIM_MESSAGE_H
#define SENTINELD_SIM_MESSAGE_H

#include <sys/queue.h>

#include "sentineld/core.h"

enum message_type {
    MESSAGE_CONNECTED, /* the kernel there accepted */
    MESSAGE_REFUSED,   /* ... or nobody listens */
    MESSAGE_RESET,     /* the connection is broken */
    MESSAGE_CLOSED,    /* the other side hung up */
    MESSAGE_REQUEST,   /* an action of a sentinel */
    MESSAGE_REPLY,     /* the fact that answers it */
    MESSAGE_PUSH,      /* a hello for a subscriber */
};

enum { SIM_MAX_REPLICAS = 16 };

/* An INFO as the server wrote it: struct info is large, and most of it is
 * room for replicas. */
struct info_text {
    enum role role;
    char run_id[RUN_ID_SIZE];
    uint32_t replid, replid2; /* numbers of histories; 0 = none */
    int64_t second_offset;
    bool loading;
    struct address master;
    bool link_up;
    int64_t link_down_s;
    int64_t last_io_s; /* -1 = its link is not up */
    bool syncing;
    uint32_t priority;
    uint64_t offset; /* of all data; what is shown begins with the history */
    bool append_only;
    uint64_t backlog_from;
    bool saves_failing;
    uint64_t unsaved; /* changes since the last RDB file */
    bool known_engine;
    uint32_t replicas[SIM_MAX_REPLICAS]; /* process numbers */
    bool online[SIM_MAX_REPLICAS];
    uint32_t lag_s[SIM_MAX_REPLICAS];
    uint32_t replica_count;
};

struct reply {
    struct core_event event; /* its pointers are filled at delivery */
    struct info_text info;   /* EV_INFO */
};

struct message {
    STAILQ_ENTRY(message) entry;
    msec arrives_at;
    enum message_type type;
    union {
        struct core_action request;
        struct reply reply;
        struct hello hello;
    };
};
STAILQ_HEAD(message_list, message);

/* Copies what means anything in an action of this type. */
void action_copy(struct core_action *to, const struct core_action *from);
void event_copy(struct core_event *to, const struct core_event *from);
/* One without content: how a connection begins or ends. */
struct message *message_new(enum message_type type);
struct message *message_new_request(const struct core_action *action);
/* The info of an EV_INFO is to be filled in. */
struct message *message_new_reply(const struct core_event *event);
struct message *message_new_push(const struct hello *hello);

#endif
