/* The world around one core, for fuzz_core: servers, peers, connections and a
 * disk, all imitated. */
#ifndef SENTINELD_FUZZ_CORE_WORLD_H
#define SENTINELD_FUZZ_CORE_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "sentineld/core.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

enum {
    SERVERS = 6, /* three for each group */
    PEERS = 4,
    MAX_STEPS = 400,
    MAX_LINK_ID = 1 << 14, /* ids are small: they count from 1 */
    MAX_SENT = 1024,
    MAX_ROWS = 1024,
    MAX_REVEALED = 1024,
    MAX_ACTIONS = 20000,
    MAX_COMMANDS = 512,
    MAX_QUESTIONS = 512,
    FIRST_CLIENT = 1 << 20, /* of commands; those of questions are smaller */
    LEASE_MS = 2000,
    NOWHERE = -1,
};

struct input {
    const uint8_t *data;
    size_t size;
};

struct server {
    bool dead;
    enum role role;
    int master; /* index of a server, or NOWHERE */
    uint64_t offset;
    uint8_t history; /* makes its replid */
    uint8_t history_before;
    uint64_t branched_at;
    uint8_t lives; /* makes its run id */
    struct min_replicas min_replicas;
};

/* A command that is out or held, in order. */
struct sent {
    struct core_action action;
    uint64_t version; /* held until this is durable; 0 = sent */
    bool refused;     /* to be told, once all actions are performed */
    bool info_left;   /* CUT_OFF: acknowledged, its INFO comes next */
};

/* Connections as the core has asked for them. */
struct connection {
    enum link_state state;
};

/* A vote that somebody was told. */
struct revealed {
    char group[NAME_SIZE];
    struct ballot vote;
};

/* What a peer has asked us. */
struct question {
    object_id group; /* 0 = about no master of ours */
    struct ballot wanted;
    msec asked_at;
};

enum disk_mode { DISK_WORKS, DISK_STALLS, DISK_FAILS };

struct world {
    struct input input;
    struct core *core;
    struct core_conf conf;
    struct group_conf groups[2];
    msec now;
    struct server servers[SERVERS];
    struct ballot peer_votes[PEERS];
    struct connection connections[MAX_LINK_ID];
    struct sent sent[MAX_SENT];
    size_t sent_count;
    object_id last_link;    /* the highest that was connected */
    struct record *durable; /* rows, and behind them what waits */
    size_t durable_count;
    struct record *waiting;
    size_t waiting_count, waiting_capacity;
    enum disk_mode disk;
    uint64_t version; /* handed to the disk */
    uint64_t durable_version;
    struct revealed revealed[MAX_REVEALED];
    size_t revealed_count;
    struct question questions[MAX_QUESTIONS];
    uint32_t question_count;
    bool unanswered[MAX_COMMANDS]; /* by the command's client */
    uint32_t commands;
    uint64_t epoch_seen; /* of this run */
    uint64_t epoch_told; /* ever */
};

extern const char *const world_self;
extern const char *const world_group_names[2];

/* core_world.c */
uint8_t world_take(struct world *world);
struct address world_server_address(int index);
int world_server_at(const struct address *address);
void world_peer_run_id(unsigned index, char run_id[RUN_ID_SIZE]);
void world_record(struct world *world, const struct core_event *event);
void world_drop_sent(struct world *world, size_t index);
void world_drop_sent_on(struct world *world, object_id link);
void world_link_down(struct world *world, object_id link,
                     enum link_failure failure);
void world_link_up(struct world *world, object_id link);
void world_acknowledge(struct world *world, const struct core_action *action,
                       enum ack_result result, enum role role);

/* core_disk.c */
void disk_store(struct world *world, const struct record *row);
const struct record *disk_row(const struct world *world,
                              const struct record *key);
const struct record_group *disk_group(const struct world *world,
                                      const char *name);
void disk_submit(struct world *world, const struct core_output *output);

/* core_leaving.c */
void leaving_forget_votes(struct world *world, const char *group);
void leaving_check(struct world *world, const struct core_action *action);

/* core_servers.c */
void servers_say_info(struct world *world, object_id link, int index);
int servers_behind(const struct link *link);
void servers_answer_all(struct world *world);

/* core_caller.c */
void caller_release(struct world *world, bool durable);
void caller_save(struct world *world);
void caller_settle(struct world *world);

/* core_checks.c */
void checks_model(struct world *world);

#endif
