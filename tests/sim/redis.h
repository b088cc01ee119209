/* A fake Redis server: roles, replication histories and offsets, INFO, ROLE,
 * the transactions that a sentinel sends, subscribers of hellos. */
#ifndef SENTINELD_SIM_REDIS_H
#define SENTINELD_SIM_REDIS_H

#include "demand.h"
#include "net.h"

struct sim;
struct process;
struct sim_event;

enum replication {
    REPLICATION_DOWN, /* no link to the master */
    REPLICATION_SYNC, /* a full synchronisation is under way */
    REPLICATION_UP,
};

enum { MAX_BACKLOG = 64 };

/* Engines that speak the protocol differ in what an order to follow does. */
enum engine {
    ENGINE_REDIS,   /* keeps its data until it has those of its new master */
    ENGINE_FLUSHES, /* empties itself first, and is a master again when the
                       connection fails */
    ENGINE_REFUSES, /* takes no such order */
    ENGINE_OTHER,   /* like Redis, but nobody can know it */
};

/* What a server loads when it is started. */
enum start_from {
    START_FROM_FILE, /* an RDB file, which has the name of its history */
    START_FROM_LOG,  /* an append-only file, which has not */
    START_FROM_NOTHING,
};

struct redis {
    struct process *process;
    uint32_t group;
    char run_id[RUN_ID_SIZE];
    char run_id_start[RUN_ID_SIZE]; /* "" = by chance */
    uint32_t lives;
    msec began_at;     /* this life */
    msec died_at;      /* the last one; 0 = never */
    bool began_behind; /* this life: another server had more of ... */
    uint32_t before; /* ... this one of its last life; 0 = that was one, too */
    uint32_t began_as; /* the history that it began as a master; 0 = none */
    bool is_master;
    struct address follows;   /* while it is not master */
    struct address rewritten; /* in its configuration file; "" = nobody */
    uint32_t replid, replid2; /* histories; replid2 0 = none */
    int64_t second_offset;
    uint64_t offset;
    uint64_t shipped;      /* what replicas have been sent of it */
    uint64_t backlog_from; /* partial synchronisation reaches so far */
    uint32_t hung_up;      /* how often it has dropped its replicas ... */
    uint32_t hung_up_seen; /* ... and its master, when our link came up */
    enum replication replication;
    msec replication_at; /* when its present state ends or began */
    msec next_attempt_at;
    msec link_down_since; /* NEVER = it never was up in this life */
    msec silent_since;    /* an upstream that says nothing; NEVER */
    msec heard_at;        /* the last time that it said anything */
    uint32_t priority;
    enum engine engine;
    bool append_only;      /* it has such a file */
    uint64_t saved_offset; /* all up to there is in its RDB file */
    msec saved_at;
    bool file_is_old; /* what it will be started with */
    bool refuses_slaveof;
    bool wrong_password;
    bool busy;
    bool misconf; /* its saves fail: as a master it takes no writes */
    bool never_syncs;
    bool has_let_go; /* it was master, and was told to follow nobody */
    bool is_sent;    /* a sentinel told the replica whom to follow, and its
                        link is not up */
    msec sent_at;
    uint32_t sent_by;
    bool is_trying; /* it was told to follow, and has not connected yet */
    struct demanding demanding;
    msec loading_until;
    msec paused_until; /* CLIENT PAUSE WRITE: no writes before */
    struct hello *backlog[MAX_BACKLOG]; /* relayed while it was stopped */
    uint32_t backlog_count;
};

struct redis *redis_new(struct sim *sim, struct process *process,
                        uint32_t group);
void redis_free(struct redis *redis);
/* Follows that server, already synchronised with it at this offset. */
void redis_follow(struct sim *sim, struct redis *redis,
                  const struct process *master);
/* Starts again. */
void redis_start(struct sim *sim, struct redis *redis, enum start_from from);
bool redis_is_running(const struct redis *redis);
/* But for CLIENT PAUSE, which only makes them wait. */
bool redis_takes_writes(const struct sim *sim, const struct redis *redis);

void redis_on_event(struct sim *sim, const struct sim_event *event);
void redis_on_pulse(struct sim *sim);
void redis_on_resume(struct sim *sim, struct redis *redis);
void redis_on_death(struct sim *sim, struct redis *redis);
void redis_on_request(struct sim *sim, struct connection *connection,
                      const struct core_action *request);

/* Within the module: */
void redis_info(const struct sim *sim, const struct redis *redis,
                struct info_text *info);
bool redis_is_loading(const struct sim *sim, const struct redis *redis);
void redis_lose_data(struct sim *sim, struct redis *redis);
void redis_save_in_time(const struct sim *sim, struct redis *redis);
/* To its subscribers and, down the replication links, to its replicas'. */
void redis_publish(struct sim *sim, struct redis *redis,
                   const struct hello *hello);
/* SLAVEOF; an empty host is NO ONE. */
void replication_obey(struct sim *sim, struct redis *redis,
                      const struct address *master);
void replication_step(struct sim *sim, struct redis *redis);
/* How many replicas have all of its stream up to there, and say so. */
uint32_t replication_count_acks(const struct sim *sim,
                                const struct redis *redis, uint64_t offset);
/* Its replicas lose their link. */
void replication_drop_replicas(struct sim *sim, struct redis *redis);

#endif
