/* How bytes leave and arrive: joined, in pieces, when the kernel takes no
 * more, and without starving anybody. send and recv are real, but counted, and
 * shortened where a case says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "conn_fixture.h"
#include "sentineld/memory.h"

static struct {
    int sends;
    int receives;
    bool shorten; /* send takes some bytes only, or none */
    unsigned seed;
} calls;

ssize_t __real_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags)
{
    calls.sends++;
    if (calls.shorten) {
        calls.seed = calls.seed * 1103515245U + 12345U;
        size_t most = (calls.seed >> 16) % 30000;
        length = length < most ? length : most;
    }
    return __real_send(descriptor, data, length, flags);
}

ssize_t __real_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags)
{
    calls.receives++;
    return __real_recv(descriptor, data, size, flags);
}

static int set_up(void **state)
{
    memset(&calls, 0, sizeof(calls));
    *state = conn_fixture_new("127.0.0.1");
    return 0;
}

static int tear_down(void **state)
{
    conn_fixture_free(*state);
    return 0;
}

static void write_text(struct side *side, const char *text)
{
    assert_true(conn_write(side->conn, text, strlen(text), SIZE_MAX));
}

static void writes_of_one_iteration_leave_with_one_send(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    calls.sends = 0;
    for (int i = 0; i < 100; i++) {
        write_text(client, "PING\r\n");
    }
    assert_int_equal(calls.sends, 0);
    (void)ev_run(fixture->loop, EVRUN_NOWAIT);
    assert_int_equal(calls.sends, 1);
    assert_int_equal(conn_unsent(client->conn), 0);
    conn_fixture_wait_length(fixture, conn_fixture_last_server(fixture), 600);
}

static void write_now(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    write_text(watcher->data, "SLAVEOF NO ONE\r\n");
}

/* A command that a callback writes must not wait for what the loop waits for
 * next. */
static void a_write_leaves_in_its_own_iteration(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    ev_timer timer;
    ev_timer_init(&timer, write_now, 0., 0.);
    timer.data = client;
    ev_timer_start(fixture->loop, &timer);
    calls.sends = 0;
    (void)ev_run(fixture->loop, EVRUN_ONCE);
    assert_int_equal(calls.sends, 1);
}

static void writes_of_several_callbacks_leave_together(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    ev_timer timers[3];
    for (size_t i = 0; i < 3; i++) {
        ev_timer_init(&timers[i], write_now, 0., 0.);
        timers[i].data = client;
        ev_timer_start(fixture->loop, &timers[i]);
    }
    calls.sends = 0;
    (void)ev_run(fixture->loop, EVRUN_ONCE);
    assert_int_equal(calls.sends, 1);
    conn_fixture_wait_length(fixture, conn_fixture_last_server(fixture), 48);
}

static void a_write_above_the_limit_is_refused_whole(void **state)
{
    static const struct {
        const char *name;
        size_t length;
        size_t limit;
        bool expected;
    } rows[] = {
        {"below", 9, 10, true},
        {"equal", 10, 10, true},
        {"above", 11, 10, false},
        {"no limit", 1000, SIZE_MAX, true},
        {"limit 0", 1, 0, false},
        {"nothing at limit 0", 0, 0, true},
        {"huge length", SIZE_MAX, 10, false},
    };
    struct conn_fixture *fixture = *state;
    char data[1000] = "";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        struct side *client = conn_fixture_connect(fixture);
        bool taken =
            conn_write(client->conn, data, rows[i].length, rows[i].limit);
        assert_int_equal(taken, rows[i].expected);
        assert_int_equal(conn_unsent(client->conn),
                         rows[i].expected ? rows[i].length : 0);
    }
    struct side *client = conn_fixture_connect(fixture);
    assert_true(conn_write(client->conn, data, 6, 10));
    assert_false(conn_write(client->conn, data, 5, 10));
    assert_true(conn_write(client->conn, data, 4, 10));
    assert_int_equal(conn_unsent(client->conn), 10);
}

static char *random_bytes(size_t length, unsigned seed)
{
    char *data = xmalloc(length);
    for (size_t i = 0; i < length; i++) {
        seed = seed * 1103515245U + 12345U;
        data[i] = (char)(seed >> 24);
    }
    return data;
}

/* More than the kernel's buffers hold, taken in pieces of random length. */
static void large_data_arrives_whole_and_in_order(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t length = (size_t)2 * 1024 * 1024;
    calls.seed = (unsigned)time(NULL);
    print_message("  seed %u\n", calls.seed);
    char *data = random_bytes(length, calls.seed);
    calls.shorten = true;
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    for (size_t at = 0; at < length; at += length / 4) {
        assert_true(conn_write(client->conn, data + at, length / 4, SIZE_MAX));
        conn_fixture_wait_length(fixture, server, at / 2);
    }
    conn_fixture_wait_length(fixture, server, length);
    assert_memory_equal(server->data, data, length);
    assert_int_equal(conn_unsent(client->conn), 0);
    free(data);
}

static void a_side_that_does_not_read_makes_bytes_wait(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t length = (size_t)8 * 1024 * 1024;
    char *data = xcalloc(1, length);
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    conn_pause_reading(server->conn, true);
    assert_true(conn_write(client->conn, data, length, SIZE_MAX));
    conn_fixture_run(fixture, 0.05);
    size_t unsent = conn_unsent(client->conn);
    assert_true(unsent > 0);
    assert_int_equal(server->length, 0);
    assert_false(conn_write(client->conn, data, 1, unsent));
    conn_pause_reading(server->conn, false);
    conn_fixture_wait_length(fixture, server, length);
    free(data);
}

/* Each conn reads once for each turn of the loop, whatever waits. */
static void a_busy_side_starves_nobody(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t length = (size_t)4 * 1024 * 1024;
    char *data = xcalloc(1, length);
    struct side *busy = conn_fixture_pair(fixture);
    struct side *busy_server = conn_fixture_last_server(fixture);
    struct side *calm = conn_fixture_pair(fixture);
    struct side *calm_server = conn_fixture_last_server(fixture);
    conn_pause_reading(busy_server->conn, true);
    assert_true(conn_write(busy->conn, data, length, SIZE_MAX));
    write_text(calm, "PING\r\n");
    (void)ev_run(fixture->loop, EVRUN_NOWAIT);
    conn_pause_reading(busy_server->conn, false);
    while (calm_server->length == 0) {
        calls.receives = 0;
        (void)ev_run(fixture->loop, EVRUN_ONCE);
        assert_true(calls.receives <= 2);
    }
    assert_true(busy_server->length < length);
    free(data);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(writes_of_one_iteration_leave_with_one_send),
        CASE(a_write_leaves_in_its_own_iteration),
        CASE(writes_of_several_callbacks_leave_together),
        CASE(a_write_above_the_limit_is_refused_whole),
        CASE(large_data_arrives_whole_and_in_order),
        CASE(a_side_that_does_not_read_makes_bytes_wait),
        CASE(a_busy_side_starves_nobody),
    };
    return cmocka_run_group_tests_name("conn_write", tests, NULL, NULL);
}
