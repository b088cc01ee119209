/* Clients that say nothing for client_timeout_s are closed, as Redis does it
 * with `timeout`: those that are subscribed may be silent, and who waits for
 * an answer is not idle.
 *
 * All are looked at once a second, and only while there is a limit. */
#include "io/base/log.h"
#include "io/runtime/runtime.h"
#include "sentineld/conf.h"

#include "io/clients/client_private.h"

static bool is_idle(const struct client *client, msec limit_ms)
{
    const struct session *session = &client->session;
    return !client->is_closed && !client->is_subscribed &&
           client->replies.waiting == 0 && client->postponed.argc == 0 &&
           runtime_now() - session->spoke_at > limit_ms;
}

static void on_second(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    struct client_table *table = watcher->data;
    msec limit_ms = (msec)table->conf->client_timeout_s * 1000;
    struct client *client;
    struct client *next;
    HASH_ITER (hh, table->clients, client, next) {
        if (is_idle(client, limit_ms)) {
            log_line(LEVEL_VERBOSE, "Closing idle client %s",
                     client->session.address);
            client_close(client);
        }
    }
}

void client_watch_idle(struct client_table *table)
{
    if (table->conf->client_timeout_s == 0) {
        ev_timer_stop(table->loop, &table->idle);
    } else {
        ev_timer_again(table->loop, &table->idle);
    }
}

void client_idle_init(struct client_table *table)
{
    ev_timer_init(&table->idle, on_second, 1., 1.);
    table->idle.data = table;
    client_watch_idle(table);
}

void client_idle_stop(struct client_table *table)
{
    ev_timer_stop(table->loop, &table->idle);
}
