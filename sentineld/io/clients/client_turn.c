/* Whose requests are answered when: what a client has had lately decides.
 *
 * What arrives is only kept (client_request.c) and its client noted as ready.
 * Before the loop sleeps, the ready ones are served in slices of time. Those
 * that used little of late come first, so an operator's PING or a peer's
 * question waits for nobody's pipeline, however many there are; among equals
 * it goes round. A turn of the loop spends so much on all of them together and
 * no more: what is left waits until the links have been served again. The
 * last of all get a slice in each turn, so that nobody waits for ever.
 *
 * A single request is never cut: the slice ends behind the one that passed
 * it. */
#include <time.h>

#include "io/runtime/runtime.h"

#include "io/clients/client_private.h"

enum {
    SLICE_US = 200, /* of one client, before it is another's turn */
    TURN_US = 2000, /* of all clients, in one turn of the loop */
    HALF_LIFE_MS = 256,
    /* Who used more than this of late comes after those who did not. */
    LITTLE_US = 1000,
    MUCH_US = 20000,
};

/* Steps of the runtime's clock would not show what a slice costs. */
static uint64_t clock_us(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* always there */
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool client_slice_is_over(const struct client_slice *slice)
{
    return clock_us() >= slice->ends_us;
}

/* What it used counts half as much after each half-life. */
static uint64_t used_of_late(const struct client *client)
{
    msec ago = (runtime_now() - client->used_at) / HALF_LIFE_MS;
    return ago < 64 ? client->used_us >> ago : 0;
}

static enum client_rank rank_of(const struct client *client)
{
    uint64_t used = used_of_late(client);
    return used < LITTLE_US ? CLIENT_LIGHT
           : used < MUCH_US ? CLIENT_BUSY
                            : CLIENT_HEAVY;
}

void client_set_ready(struct client *client, bool is_ready)
{
    struct client_list *ready = client->table->ready;
    if (client->is_ready == is_ready) {
        return;
    }
    client->is_ready = is_ready;
    if (is_ready) {
        client->rank = rank_of(client);
        TAILQ_INSERT_TAIL(&ready[client->rank], client, ready_entry);
    } else {
        TAILQ_REMOVE(&ready[client->rank], client, ready_entry);
    }
}

static struct client *first_ready(const struct client_table *table)
{
    struct client *client = NULL;
    for (size_t rank = 0; rank < CLIENT_RANKS && client == NULL; rank++) {
        client = TAILQ_FIRST(&table->ready[rank]);
    }
    return client;
}

static void serve_slice(struct client *client)
{
    uint64_t began_us = clock_us();
    const struct client_slice slice = {began_us + SLICE_US};
    client_set_ready(client, false);
    client_serve_slice(client, &slice);
    client->used_us = used_of_late(client) + (clock_us() - began_us);
    client->used_at = runtime_now();
}

/* The pause is over: whoever waited for that goes on. */
static void resume_postponed(struct client_table *table)
{
    struct client *client;
    struct client *next;
    if (table->postponed == 0 || table->book.pause.until > runtime_now()) {
        return;
    }
    HASH_ITER (hh, table->clients, client, next) {
        if (client->postponed.argc > 0) {
            client_set_ready(client, true);
        }
    }
}

void client_resume(struct client_table *table)
{
    resume_postponed(table);
    struct client *client;
    struct client *last = TAILQ_FIRST(&table->ready[CLIENT_HEAVY]);
    const struct client_slice turn = {clock_us() + TURN_US};
    while (!client_slice_is_over(&turn) &&
           (client = first_ready(table)) != NULL) {
        last = client == last ? NULL : last;
        serve_slice(client);
    }
    /* Nobody was freed meanwhile: that is done by the loop. */
    if (last != NULL && last->is_ready) {
        serve_slice(last);
    }
}

msec client_resume_at(const struct client_table *table)
{
    if (first_ready(table) != NULL) {
        return 0;
    }
    return table->postponed > 0 ? table->book.pause.until : NEVER;
}

void client_turn_init(struct client_table *table)
{
    for (size_t rank = 0; rank < CLIENT_RANKS; rank++) {
        TAILQ_INIT(&table->ready[rank]);
    }
}
