/* What clients were told is done: stretches of a replication history, each
 * with who wrote it, when and where. */
#ifndef SENTINELD_SIM_LEDGER_H
#define SENTINELD_SIM_LEDGER_H

#include "sentineld/types.h"

struct sim;

/* The writes behind `from` up to and with `to`. */
struct span {
    uint32_t writer;
    uint32_t history;
    uint64_t from, to;
    msec at; /* the first of them was acknowledged */
    uint32_t server;
    /* Since when, at that moment, a majority of the sentinels could have
     * told the server anything; NEVER = they could not. */
    msec in_reach_since;
    bool is_deserted; /* a replica was kept from it by supervisors, for long */
};

struct ledger {
    struct span *items;
    size_t count, capacity;
    size_t closed; /* those before this grow no more */
};

void ledger_add(struct sim *sim, const struct span *span);
/* What is acknowledged from now on is kept apart from what was before. */
void ledger_close(struct sim *sim);
void ledger_free(struct ledger *ledger);

#endif
