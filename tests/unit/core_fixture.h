/* Drives one core by hand: facts in, actions out, at chosen times. */
#ifndef SENTINELD_CORE_FIXTURE_H
#define SENTINELD_CORE_FIXTURE_H

#include "sentineld/core.h"
#include "sentineld/model.h"

#define SELF    "5e1f000000000000000000000000000000000000"
#define PEER_A  "aaaa000000000000000000000000000000000000"
#define PEER_B  "bbbb000000000000000000000000000000000000"
#define HISTORY "1111000000000000000000000000000000000000"

struct fixture {
    struct core *core;
    struct group_conf group;
    struct core_conf conf;
    msec now;
    struct core_output output; /* of the last settle */
    /* Everything since fixture_forget, over several settles. */
    struct core_action *actions;
    size_t action_count;
    size_t action_capacity;
    struct record *records;
    size_t record_count;
    size_t record_capacity;
    uint64_t version; /* last that was asked to be saved */
    bool disk_works;  /* fixture_settle reports saves as done */
};

/* One group "m" at 10.0.0.1:6379: quorum 2, down_after 1000, lease 2000. */
void fixture_start(struct fixture *fixture, const struct record *saved,
                   size_t count);
/* ... at this host, with these settings. */
void fixture_start_named(struct fixture *fixture, const char *master,
                         const struct daemon_settings *settings);
void fixture_stop(struct fixture *fixture);
void fixture_forget(struct fixture *fixture);

/* Settles; while the disk works, what is asked to be saved is reported as
 * durable and settled again. */
void fixture_settle(struct fixture *fixture);
/* Advances to `at` through every deadline on the way, answering the pings of
 * every link that is up (a link whose `quiet` is listed stays silent). */
void fixture_run_until(struct fixture *fixture, msec at, const object_id *quiet,
                       size_t quiet_count);

const struct group *fixture_group(const struct fixture *fixture);
const struct node *fixture_node(const struct fixture *fixture,
                                const char *host);
const struct voter *fixture_voter(const struct fixture *fixture,
                                  const char *run_id);
object_id fixture_link_of(const struct fixture *fixture, const char *host);
object_id fixture_peer_link(const struct fixture *fixture, const char *run_id);

/* The lookup that a connection begins with. */
void fixture_resolved(struct fixture *fixture, object_id link, const char *ip);
void fixture_up(struct fixture *fixture, object_id link);
void fixture_down(struct fixture *fixture, object_id link,
                  enum link_failure failure);
void fixture_pong(struct fixture *fixture, object_id link, enum pong pong);
/* Any INFO; its run id and history are set when they are not given. */
void fixture_info(struct fixture *fixture, const char *host, struct info *info);
/* A master's INFO that lists replicas 10.0.0.2 ... */
void fixture_info_master(struct fixture *fixture, const char *host,
                         unsigned replicas);
void fixture_info_replica(struct fixture *fixture, const char *host,
                          const char *master_host, uint64_t offset);
/* Its sender answers at its address, when it is asked who it is. */
void fixture_hello(struct fixture *fixture, const char *run_id,
                   const char *sentinel_host, const char *master_host,
                   uint64_t epoch);
/* Nobody answers there. */
void fixture_bare_hello(struct fixture *fixture, const char *run_id,
                        const char *sentinel_host, const char *master_host,
                        uint64_t epoch);
/* The newcomer of this id that may still be proven, or NULL. */
const struct peer *fixture_newcomer(const struct fixture *fixture,
                                    const char *run_id);
void fixture_identity(struct fixture *fixture, object_id link,
                      const char *run_id);
void fixture_opinion(struct fixture *fixture, const char *run_id, bool down,
                     const char *leader, uint64_t epoch);
void fixture_ack(struct fixture *fixture, object_id link,
                 enum core_action_type what, enum ack_result result,
                 enum role role);
void fixture_asked(struct fixture *fixture, const char *candidate,
                   uint64_t epoch);
/* Peer A takes the hello that is on its way, and has on its disk what we
 * offered it. */
void fixture_keep_offer(struct fixture *fixture);
/* Master, two replicas, two peers: all up and known, at the start. */
void fixture_complete(struct fixture *fixture);

/* The last action of this type, or NULL; on this link when not 0. */
const struct core_action *fixture_action(const struct fixture *fixture,
                                         enum core_action_type type,
                                         object_id link);
size_t fixture_count(const struct fixture *fixture, enum core_action_type type,
                     object_id link);
/* The text of the last event on this channel, or NULL. */
const char *fixture_event(const struct fixture *fixture, const char *channel);
/* The last record of this kind, or NULL. */
const struct record *fixture_record(const struct fixture *fixture,
                                    enum record_kind kind);

#endif
