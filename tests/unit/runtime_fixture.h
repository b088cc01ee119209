/* A daemon in a box: real core, real state directory, real sockets of the
 * loopback, one loop that the test turns by hand. */
#ifndef SENTINELD_TESTS_RUNTIME_FIXTURE_H
#define SENTINELD_TESTS_RUNTIME_FIXTURE_H

#include <ev.h>

#include "io/runtime/runtime.h"
#include "io/store/store.h"
#include "sentineld/conf.h"

#include "io/start/startup.h"

/* Nothing takes so long; a test that waits longer has failed. */
enum { PATIENCE_MS = 10000 };

struct runtime_fixture {
    char dir[64];
    struct conf conf;
    struct store *store;
    struct record *records;
    size_t record_count;
    struct startup_users users;
    struct ev_loop *loop;
    struct resolver *resolver;
    struct runtime *runtime;
    struct listener *listener;
    uint16_t port; /* where it listens */
};

/* A directory, a loop, a store; nothing runs yet. */
struct runtime_fixture *runtime_fixture_new(void);
/* Watches one group "m" with its master on 127.0.0.1 and this port. `extra`
 * are more lines of a sentinel.conf, or "". */
void runtime_fixture_start(struct runtime_fixture *fixture,
                           uint16_t master_port, const char *extra);
/* Stops, frees and removes everything; fails the test when a file is left
 * over that nobody knows. */
void runtime_fixture_free(struct runtime_fixture *fixture);

/* Lets the loop do what is ready. */
void runtime_fixture_turn(struct runtime_fixture *fixture);
/* The same, and sleeps up to a few milliseconds when nothing is. Fails the
 * test when `give_up_at` has passed. */
void runtime_fixture_wait(struct runtime_fixture *fixture, msec give_up_at);

#endif
