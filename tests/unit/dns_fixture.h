/* A name server on a free UDP port of the loopback, on the test's loop. It
 * answers from a table that the test may change at any time. */
#ifndef SENTINELD_TESTS_DNS_FIXTURE_H
#define SENTINELD_TESTS_DNS_FIXTURE_H

#include <ev.h>

#include "sentineld/types.h"

enum dns_mood {
    DNS_ANSWERS,
    DNS_FAILS,      /* SERVFAIL */
    DNS_FAILS_IPV4, /* SERVFAIL for IPv4 only */
    DNS_SILENT,     /* no reply */
    DNS_GARBAGE,    /* a reply that is no DNS message */
};

struct dns_name {
    const char *name;
    const char *ipv4;  /* NULL: no such record */
    const char *ipv6;  /* NULL: no such record */
    const char *alias; /* NULL, or: a CNAME leads to the addresses */
    uint32_t lifetime_s;
    uint32_t alias_lifetime_s;
    int queries; /* of either kind, counted */
};

struct dns_server {
    ev_io io;
    int descriptor;
    char servers[64]; /* for resolve_use_servers */
    enum dns_mood mood;
    bool accepts_all; /* names that are not in the table are 10.0.0.1 */
    int queries;
    struct dns_name *names;
    size_t name_count;
};

void dns_server_start(struct dns_server *server, struct ev_loop *loop,
                      struct dns_name *names, size_t count);
void dns_server_stop(struct dns_server *server, struct ev_loop *loop);

#endif
