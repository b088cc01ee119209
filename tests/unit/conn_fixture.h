/* Both ends of connections on one loop: a listener on a free port of the
 * loopback, the sides that it accepted, and the sides that connected to it.
 * Each side notes what its conn reported and fails the test when anything is
 * reported after on_close. */
#ifndef SENTINELD_TESTS_CONN_FIXTURE_H
#define SENTINELD_TESTS_CONN_FIXTURE_H

#include "io/net/conn.h"

enum { SIDES_MAX = 64 };

/* What a side does by itself. */
enum reaction {
    REACT_NOT,
    REACT_ECHO,
    REACT_CLOSE_ON_OPEN,
    REACT_CLOSE_ON_DATA,
    REACT_REPLY_AND_END, /* "bye" and conn_close_after_write, on data */
};

struct side {
    struct conn *conn; /* NULL after on_close */
    enum reaction reaction;
    int opened;
    bool has_ended; /* called conn_close_after_write */
    int closed;
    enum link_failure failure;
    char reason[192]; /* of a failure of TLS */
    char *data;       /* everything that arrived */
    size_t length;
};

struct conn_fixture {
    const char *source; /* that clients connect from; NULL = any */
    struct ev_loop *loop;
    struct listener *listener;
    const char *ip;
    uint16_t port;
    enum reaction server_reaction;
    struct tls *server_tls; /* borrowed; NULL: plain */
    struct tls *client_tls; /* its first client; as above */
    const char *host;       /* that the client believes to connect to */
    struct side servers[SIDES_MAX];
    int server_count;
    struct side clients[SIDES_MAX];
    int client_count;
    int descriptors; /* that were open before */
};

struct conn_fixture *conn_fixture_new(const char *ip);
/* Closes what is open, frees all, and fails the test if a descriptor is left
 * over. */
void conn_fixture_free(struct conn_fixture *fixture);

struct side *conn_fixture_connect(struct conn_fixture *fixture);
struct side *conn_fixture_connect_to(struct conn_fixture *fixture,
                                     const char *ip, uint16_t port,
                                     msec timeout_ms);
/* One connection, open at both ends; the server's end is the last of
 * fixture->servers. */
struct side *conn_fixture_pair(struct conn_fixture *fixture);
/* conn_close_after_write. */
void conn_fixture_end(struct side *side);
struct side *conn_fixture_last_server(struct conn_fixture *fixture);

/* Runs the loop until *value >= expected; fails the test after 200 s. */
void conn_fixture_wait(struct conn_fixture *fixture, const int *value,
                       int expected);
void conn_fixture_wait_length(struct conn_fixture *fixture,
                              const struct side *side, size_t length);
/* Runs the loop for this long. */
void conn_fixture_run(struct conn_fixture *fixture, double seconds);

int conn_fixture_count_descriptors(void);

#endif
