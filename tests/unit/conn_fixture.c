#include "conn_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/tls.h"
#include "sentineld/memory.h"

static void on_open(struct conn *conn, void *context)
{
    struct side *side = context;
    assert_ptr_equal(conn, side->conn);
    assert_int_equal(side->closed, 0);
    side->opened++;
    if (side->reaction == REACT_CLOSE_ON_OPEN) {
        conn_close(conn);
    }
}

void conn_fixture_end(struct side *side)
{
    side->has_ended = true;
    conn_close_after_write(side->conn);
}

static void react_to_data(struct side *side, const char *data, size_t length)
{
    switch (side->reaction) {
    case REACT_NOT:
    case REACT_CLOSE_ON_OPEN:
        return;
    case REACT_ECHO:
        assert_true(conn_write(side->conn, data, length, SIZE_MAX));
        return;
    case REACT_CLOSE_ON_DATA:
        conn_close(side->conn);
        return;
    case REACT_REPLY_AND_END:
        assert_true(conn_write(side->conn, "bye", 3, SIZE_MAX));
        conn_fixture_end(side);
        return;
    }
}

static void on_data(struct conn *conn, const char *data, size_t length,
                    void *context)
{
    struct side *side = context;
    assert_ptr_equal(conn, side->conn);
    assert_int_equal(side->opened, 1);
    assert_int_equal(side->closed, 0);
    assert_false(side->has_ended);
    assert_true(length > 0);
    side->data = xrealloc(side->data, side->length + length);
    memcpy(side->data + side->length, data, length);
    side->length += length;
    react_to_data(side, data, length);
}

static void on_close(struct conn *conn, enum link_failure failure,
                     void *context)
{
    struct side *side = context;
    assert_ptr_equal(conn, side->conn);
    assert_int_equal(side->closed, 0);
    side->closed++;
    side->failure = failure;
    copy_text(side->reason, sizeof(side->reason), conn_reason(conn));
    side->conn = NULL;
}

static const struct conn_owner side_owner = {on_open, on_data, on_close, NULL};

static void on_accept(int descriptor, void *context)
{
    struct conn_fixture *fixture = context;
    assert_true(fixture->server_count < SIDES_MAX);
    struct side *side = &fixture->servers[fixture->server_count++];
    side->reaction = fixture->server_reaction;
    side->conn = conn_accepted(fixture->loop, descriptor, &side_owner, side);
    if (fixture->server_tls != NULL) {
        conn_secure(side->conn, tls_accept(fixture->server_tls));
    }
}

int conn_fixture_count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

struct conn_fixture *conn_fixture_new(const char *ip)
{
    struct conn_fixture *fixture = xcalloc(1, sizeof(*fixture));
    struct error error;
    fixture->descriptors = conn_fixture_count_descriptors();
    fixture->loop = ev_loop_new(EVFLAG_AUTO);
    fixture->ip = ip;
    fixture->listener =
        conn_listen(fixture->loop, ip, 0, on_accept, fixture, &error);
    if (fixture->listener == NULL) {
        fail_msg("%s", error.text);
    }
    fixture->port = conn_listener_port(fixture->listener);
    return fixture;
}

static void close_sides(struct side *sides, int count)
{
    for (int i = 0; i < count; i++) {
        if (sides[i].conn != NULL) {
            conn_close(sides[i].conn);
        }
    }
}

static void free_sides(struct side *sides, int count)
{
    for (int i = 0; i < count; i++) {
        assert_int_equal(sides[i].closed, 1);
        free(sides[i].data);
    }
}

void conn_fixture_free(struct conn_fixture *fixture)
{
    conn_listener_free(fixture->listener);
    close_sides(fixture->servers, fixture->server_count);
    close_sides(fixture->clients, fixture->client_count);
    (void)ev_run(fixture->loop, EVRUN_NOWAIT);
    free_sides(fixture->servers, fixture->server_count);
    free_sides(fixture->clients, fixture->client_count);
    ev_loop_destroy(fixture->loop);
    assert_int_equal(conn_fixture_count_descriptors(), fixture->descriptors);
    free(fixture);
}

struct side *conn_fixture_connect_to(struct conn_fixture *fixture,
                                     const char *ip, uint16_t port,
                                     msec timeout_ms)
{
    assert_true(fixture->client_count < SIDES_MAX);
    struct side *side = &fixture->clients[fixture->client_count++];
    side->conn = conn_connect(fixture->loop,
                              &(struct conn_target){.ip = ip,
                                                    .port = port,
                                                    .source = fixture->source,
                                                    .timeout_ms = timeout_ms},
                              &side_owner, side);
    if (fixture->client_tls != NULL) {
        conn_secure(side->conn,
                    tls_connect(fixture->client_tls, 1, fixture->host));
    }
    assert_non_null(side->conn);
    return side;
}

struct side *conn_fixture_connect(struct conn_fixture *fixture)
{
    return conn_fixture_connect_to(fixture, fixture->ip, fixture->port, 10000);
}

struct side *conn_fixture_last_server(struct conn_fixture *fixture)
{
    assert_true(fixture->server_count > 0);
    return &fixture->servers[fixture->server_count - 1];
}

struct side *conn_fixture_pair(struct conn_fixture *fixture)
{
    int accepted = fixture->server_count + 1;
    struct side *client = conn_fixture_connect(fixture);
    conn_fixture_wait(fixture, &client->opened, 1);
    conn_fixture_wait(fixture, &fixture->server_count, accepted);
    conn_fixture_wait(fixture, &conn_fixture_last_server(fixture)->opened, 1);
    return client;
}

static void on_time(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)events;
    *(bool *)watcher->data = true;
    ev_break(loop, EVBREAK_ALL);
}

static void start_timer(struct conn_fixture *fixture, ev_timer *timer,
                        double seconds, bool *is_over)
{
    *is_over = false;
    ev_now_update(fixture->loop);
    ev_timer_init(timer, on_time, seconds, 0.);
    timer->data = is_over;
    ev_timer_start(fixture->loop, timer);
}

/* What was fed before the loop runs is done first; after that the loop would
 * sleep although we have what we waited for. */
static void run_once(struct ev_loop *loop)
{
    (void)ev_run(loop, ev_pending_count(loop) > 0 ? EVRUN_NOWAIT : EVRUN_ONCE);
}

void conn_fixture_wait(struct conn_fixture *fixture, const int *value,
                       int expected)
{
    ev_timer timer;
    bool is_over;
    start_timer(fixture, &timer, 200., &is_over);
    while (*value < expected && !is_over) {
        run_once(fixture->loop);
    }
    ev_timer_stop(fixture->loop, &timer);
    assert_false(is_over);
}

void conn_fixture_wait_length(struct conn_fixture *fixture,
                              const struct side *side, size_t length)
{
    ev_timer timer;
    bool is_over;
    start_timer(fixture, &timer, 200., &is_over);
    while (side->length < length && side->closed == 0 && !is_over) {
        run_once(fixture->loop);
    }
    ev_timer_stop(fixture->loop, &timer);
    assert_false(is_over);
    assert_true(side->length >= length);
}

void conn_fixture_run(struct conn_fixture *fixture, double seconds)
{
    ev_timer timer;
    bool is_over;
    start_timer(fixture, &timer, seconds, &is_over);
    while (!is_over) {
        run_once(fixture->loop);
    }
}
