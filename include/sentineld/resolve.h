/* Host names through c-ares on the loop; never blocks. Numeric addresses are
 * answered at once. A cache with the record's lifetime; the last good answer
 * while the resolver fails; a deadline on every question. */
#ifndef SENTINELD_RESOLVE_H
#define SENTINELD_RESOLVE_H

#include <ev.h>

#include "sentineld/types.h"

struct resolver;

struct resolver *resolve_new(struct ev_loop *loop, struct error *error);
void resolve_free(struct resolver *resolver);

/* `token` names the question for resolve_cancel. ip is NULL when the name
 * has no address. The callback may come before resolve_start returns only
 * for numeric hosts and cached names. */
typedef void (*resolve_done)(const char *ip, void *context);
void resolve_start(struct resolver *resolver, const char *host, msec timeout_ms,
                   uint64_t token, resolve_done done, void *context);
void resolve_cancel(struct resolver *resolver, uint64_t token);

#endif
