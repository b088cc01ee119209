/* What resolve.c (names, questions, the cache) and resolve_channel.c (c-ares
 * on the loop) share. */
#ifndef SENTINELD_IO_RESOLVE_PRIVATE_H
#define SENTINELD_IO_RESOLVE_PRIVATE_H

/* <ares.h> needs fd_set and struct timeval, and does not say so. */
#include <sys/select.h>

#include <ares.h>
#include <ev.h>
#include <netinet/in.h>
#include <sys/queue.h>

#include "sentineld/types.h"

enum { IP_TEXT_SIZE = 64 }; /* with an IPv6 scope */

/* What asking for a name's address of one family came to. */
enum outcome {
    OUTCOME_FOUND,
    OUTCOME_NONE,    /* there is no such address */
    OUTCOME_TROUBLE, /* the resolver could not say */
};

struct lookup {
    struct resolve_channel *channel;
    void *owner;
    int family;
    enum outcome outcome;
    char ip[IP_TEXT_SIZE]; /* FOUND */
    msec lifetime_ms;      /* FOUND: of the address and its aliases */
    TAILQ_ENTRY(lookup) entry;
};

TAILQ_HEAD(lookup_list, lookup);
TAILQ_HEAD(watch_list, watch);

struct resolve_channel {
    struct ev_loop *loop;
    ares_channel ares;
    ev_timer timer;  /* c-ares' next timeout */
    ev_prepare turn; /* never started, only fed */
    struct watch_list watches;
    struct lookup_list ready; /* outcomes that wait for on_turn */
};

MUST_CHECK bool resolve_channel_open(struct resolve_channel *channel,
                                     struct ev_loop *loop, struct error *error);
MUST_CHECK bool resolve_channel_use_servers(struct resolve_channel *channel,
                                            const char *servers,
                                            struct error *error);
/* Lookups that are under way end without an outcome. */
void resolve_channel_close(struct resolve_channel *channel);

/* Ends in resolve_on_outcome, from the loop. lookup->owner is the caller's;
 * *lookup must stay where it is until then. */
void resolve_channel_ask(struct resolve_channel *channel, const char *host,
                         int family, struct lookup *lookup);
void resolve_on_outcome(struct lookup *lookup); /* in resolve.c */

#endif
