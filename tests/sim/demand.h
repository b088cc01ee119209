/* What a fake server demands of its replicas before it takes writes, by
 * Redis' rules: it looks once a second, and counts in whole seconds how long
 * it has not heard from each. A replica that it lost sight of counts until
 * then. */
#ifndef SENTINELD_SIM_DEMAND_H
#define SENTINELD_SIM_DEMAND_H

#include "sentineld/types.h"

struct sim;
struct redis;

/* A server's side, and its side as a replica of another. */
struct demanding {
    struct min_replicas min_replicas;
    struct min_replicas rewritten; /* in its configuration file */
    uint32_t good;                 /* replicas, when it last looked */
    msec looked_at;
    bool refuses_config;
    uint32_t attached_to; /* process that counts it as a replica; 0 = none */
    msec heard_at;        /* that process last heard from it */
};

void demand_on_start(struct sim *sim, struct redis *redis);
/* It looks as soon as it has done what waited for it. */
void demand_on_resume(struct sim *sim, struct redis *redis);
void demand_on_pulse(struct sim *sim, struct redis *redis);
/* Its link to that server is up. */
void demand_on_attach(struct sim *sim, struct redis *redis,
                      const struct redis *master);
/* Its process is gone, or no master any more: it counts nobody. */
void demand_on_end(struct sim *sim, const struct redis *redis);
void demand_set(struct sim *sim, struct redis *redis,
                const struct min_replicas *min_replicas);
bool demand_is_met(const struct redis *redis);
/* As the master's INFO tells of it. */
bool demand_tells(const struct sim *sim, const struct redis *master,
                  const struct redis *redis, uint32_t *lag_s);

#endif
