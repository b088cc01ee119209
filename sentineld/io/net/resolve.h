/* Host names through c-ares on the loop; never blocks. Numeric addresses are
 * answered at once. A cache with the record's lifetime; the last good answer
 * while the resolver fails; a deadline on every question.
 *
 * /etc/hosts is asked first, as /etc/nsswitch.conf usually says; IPv4
 * addresses are preferred. */
#ifndef SENTINELD_RESOLVE_H
#define SENTINELD_RESOLVE_H

#include <ev.h>

#include "sentineld/types.h"

struct resolver;

struct resolver *resolve_new(struct ev_loop *loop, struct error *error);
/* Open questions are dropped without an answer. NULL is allowed. */
void resolve_free(struct resolver *resolver);
/* Other servers than those of /etc/resolv.conf: "ip[:port],...". */
MUST_CHECK bool resolve_use_servers(struct resolver *resolver,
                                    const char *servers, struct error *error);

/* `token` names the question for resolve_cancel; no two open questions may
 * have the same. ip is NULL when the name has no address; it is borrowed for
 * the call. The callback may come before resolve_start returns only for
 * numeric hosts and cached names; it comes once, unless cancelled. */
typedef void (*resolve_done)(const char *ip, void *context);
void resolve_start(struct resolver *resolver, const char *host, msec timeout_ms,
                   uint64_t token, resolve_done done, void *context);
/* A token without an open question is allowed. */
void resolve_cancel(struct resolver *resolver, uint64_t token);

#endif
