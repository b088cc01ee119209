/* What the files of the fleet share: its servers, its clients, its state. */
#ifndef FLEET_H
#define FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
    ARGUMENTS_MAX = 32,
    INPUT_BYTES = 16384,
};

enum source_kind { SOURCE_SERVER, SOURCE_CLIENT };
enum server_state { SERVER_UP, SERVER_KILLED, SERVER_HUNG };

struct client;

/* What epoll points to: a listener or a connection. */
struct source {
    enum source_kind kind;
    int descriptor;
};

struct server {
    struct source source; /* its listener */
    enum server_state state;
    unsigned port;
    unsigned group;
    unsigned master_port; /* 0: it is a master */
    char run_id[41];
    struct client *clients;
};

struct client {
    struct source source;
    struct server *server; /* NULL: of the control port */
    struct client *next;
    struct client **previous;
    char input[INPUT_BYTES];
    size_t input_length;
    char *output;
    size_t output_length;
    size_t output_capacity;
    unsigned channels; /* subscriptions */
    bool in_transaction;
    unsigned queued;
    bool closed; /* freed when this batch of events is over */
};

struct request {
    size_t count;
    char *words[ARGUMENTS_MAX]; /* each ends in a NUL */
    size_t lengths[ARGUMENTS_MAX];
};

/* The whole program's state: one fleet, one thread. */
struct fleet {
    int epoll;
    unsigned base_port;
    unsigned groups;
    unsigned per_group;
    struct server *servers;
    struct server control;
    struct client *graveyard;
    time_t started_at;
    unsigned long long commands, bytes_in, bytes_out;
};
extern struct fleet fleet;

_Noreturn void fleet_fail(const char *what);

/* fleet_commands.c: what the servers answer. */
void fleet_run(struct client *client, const struct request *request);

/* fleet_output.c: bytes to a client, kept until its socket takes them. */
void fleet_put(struct client *client, const char *data, size_t length);
__attribute__((format(printf, 2, 3))) void
fleet_put_text(struct client *client, const char *format, ...);
void fleet_put_bulk(struct client *client, const char *data, size_t length);
void fleet_flush(struct client *client);

#endif
