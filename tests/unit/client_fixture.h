/* Clients of a daemon in a box, over real sockets. One thread: the test writes
 * to its end of a connection and turns the loop until the other end has
 * answered. */
#ifndef SENTINELD_TESTS_CLIENT_FIXTURE_H
#define SENTINELD_TESTS_CLIENT_FIXTURE_H

#include "runtime_fixture.h"

enum {
    TEXT_SIZE = 512 * 1024,
    MAX_CLIENTS = 3, /* as the fixture sets it */
};

struct client_fixture {
    struct runtime_fixture *daemon;
    struct runtime *runtime;
    char *text; /* what came back */
    size_t length;
};

/* For cmocka; *state is the fixture. */
int client_fixture_set_up(void **state);
int client_fixture_tear_down(void **state);

void turn(struct client_fixture *fixture);
int open_client(struct client_fixture *fixture);
/* Through a socket in the file system: so it is not known to be of this host,
 * and nothing leaves it. */
int client_fixture_connect_stranger(struct client_fixture *fixture);
void send_text(struct client_fixture *fixture, int client, const char *text);
/* Reads what there is. False: the connection is closed. */
bool receive(struct client_fixture *fixture, int client);
/* Until so many bytes are there, or the connection is closed. */
void await(struct client_fixture *fixture, int client, size_t length);
void await_text(struct client_fixture *fixture, int client, const char *text);
/* Until what is there ends so. */
void await_end(struct client_fixture *fixture, int client, const char *end);
void await_clients(struct client_fixture *fixture, uint32_t count);
void await_closed(struct client_fixture *fixture, int client);
/* Makes the disk fail, and work again. */
void let_files_grow(bool allowed);

#endif
