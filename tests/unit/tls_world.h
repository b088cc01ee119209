/* Two sides that speak TLS with each other, and all that they need. */
#ifndef SENTINELD_TESTS_TLS_WORLD_H
#define SENTINELD_TESTS_TLS_WORLD_H

#include "conn_fixture.h"
#include "tls_fixture.h"

struct tls_world {
    struct tls_fixture *files;
    struct conn_fixture *net;
    struct tls *server; /* NULL until tls_world_secure */
    struct tls *client;
};

/* For cmocka; *state is the world. */
int tls_world_set_up(void **state);
int tls_world_tear_down(void **state);
/* Both ends of new connections, as the configurations say now. */
void tls_world_secure(struct tls_world *world);
/* The same bytes for the same length; the caller's to free. */
char *tls_world_pattern(size_t length);
/* Sends `length` bytes to a side that echoes; all must come back. */
void tls_world_check_echo(struct tls_world *world, size_t length);

#endif
