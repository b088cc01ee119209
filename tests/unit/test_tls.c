/* Connections through TLS: what gets through, slow and huge transfers, how
 * they end, certificates that are replaced. The linker sends recv and send
 * here, so that they can be slowed or fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tls_world.h"

static struct {
    size_t most;    /* bytes of one call; 0 = any number */
    bool hesitates; /* every other call finds nothing to do */
    unsigned calls; /* of both kinds */
    bool swallows;  /* what is sent gets lost */
    int countdown;  /* the Nth call of both fails; 0 = none */
    bool has_failed;
} plan;

/* False: errno says why the call fails. */
static bool goes_on(size_t *size)
{
    plan.calls++;
    if (plan.countdown > 0 && --plan.countdown == 0) {
        plan.has_failed = true;
        errno = ECONNRESET;
        return false;
    }
    if (plan.hesitates && plan.calls % 2 == 0) {
        errno = EAGAIN;
        return false;
    }
    if (plan.most > 0 && *size > plan.most) {
        *size = plan.most;
    }
    return true;
}

ssize_t __real_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags)
{
    if (!goes_on(&length)) {
        return -1;
    }
    return plan.swallows ? (ssize_t)length
                         : __real_send(descriptor, data, length, flags);
}

ssize_t __real_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags)
{
    return goes_on(&size) ? __real_recv(descriptor, data, size, flags) : -1;
}

static int tear_down(void **state)
{
    memset(&plan, 0, sizeof(plan));
    return tls_world_tear_down(state);
}

/* --- What gets through --------------------------------------------------- */

static void bytes_go_both_ways(void **state)
{
    static const size_t lengths[] = {1, 5, 16383, 16384, 16385, 100000};
    struct tls_world *world = *state;
    tls_world_secure(world);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        tls_world_check_echo(world, lengths[i]);
    }
}

static void huge_messages_arrive_whole(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    size_t megabytes = getenv("UNDER_VALGRIND") == NULL ? 24 : 2;
    tls_world_check_echo(world, megabytes * 1024 * 1024);
}

/* Every protocol that is allowed by default. */
static void each_protocol_works(void **state)
{
    static const unsigned protocols[] = {TLS_PROTOCOL_1_2, TLS_PROTOCOL_1_3};
    struct tls_world *world = *state;
    for (size_t i = 0; i < 2; i++) {
        world->files->client.tls.protocols = protocols[i];
        tls_world_secure(world);
        tls_world_check_echo(world, 100000);
    }
}

/* A few bytes at a time, and every other call finds nothing: the handshake
 * and the data survive being cut anywhere. */
static void slow_sides_are_waited_for(void **state)
{
    static const unsigned protocols[] = {TLS_PROTOCOL_1_2, TLS_PROTOCOL_1_3};
    struct tls_world *world = *state;
    for (size_t i = 0; i < 2; i++) {
        world->files->client.tls.protocols = protocols[i];
        tls_world_secure(world);
        plan.hesitates = true;
        plan.most = 1;
        tls_world_check_echo(world, 300);
        plan.most = 777;
        tls_world_check_echo(world, 200000);
        plan.hesitates = false;
    }
}

static void what_is_written_before_the_handshake_leaves_after_it(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    struct side *client = conn_fixture_connect(world->net);
    assert_true(conn_write(client->conn, "early", 5, 5));
    conn_fixture_wait(world->net, &world->net->server_count, 1);
    struct side *server = conn_fixture_last_server(world->net);
    conn_fixture_wait_length(world->net, server, 5);
    assert_memory_equal(server->data, "early", 5);
}

static void a_side_that_pauses_gets_it_later(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    struct side *client = conn_fixture_pair(world->net);
    struct side *server = conn_fixture_last_server(world->net);
    conn_pause_reading(server->conn, true);
    char *data = tls_world_pattern(100000);
    assert_true(conn_write(client->conn, data, 100000, SIZE_MAX));
    conn_fixture_run(world->net, 0.05);
    assert_int_equal(server->length, 0);
    conn_pause_reading(server->conn, false);
    conn_fixture_wait_length(world->net, server, 100000);
    assert_memory_equal(server->data, data, 100000);
    free(data);
}

/* --- Closing ------------------------------------------------------------- */

static void a_goodbye_is_a_close(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    for (int i = 0; i < 2; i++) {
        struct side *client = conn_fixture_pair(world->net);
        struct side *server = conn_fixture_last_server(world->net);
        struct side *closing = i == 0 ? client : server;
        struct side *other = i == 0 ? server : client;
        conn_close(closing->conn);
        conn_fixture_wait(world->net, &other->closed, 1);
        assert_int_equal(closing->failure, FAILURE_NONE);
        assert_int_equal(other->failure, FAILURE_CLOSED);
        assert_string_equal(other->reason, "");
    }
}

static void last_words_arrive_and_both_close(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    world->net->server_reaction = REACT_REPLY_AND_END;
    struct side *client = conn_fixture_pair(world->net);
    struct side *server = conn_fixture_last_server(world->net);
    assert_true(conn_write(client->conn, "x", 1, SIZE_MAX));
    conn_fixture_wait(world->net, &client->closed, 1);
    conn_fixture_wait(world->net, &server->closed, 1);
    assert_int_equal(client->length, 3);
    assert_memory_equal(client->data, "bye", 3);
    assert_int_equal(client->failure, FAILURE_CLOSED);
    assert_int_equal(server->failure, FAILURE_NONE);
}

/* The goodbye gets lost: then nobody knows whether that was all. */
static void an_end_without_a_goodbye_is_no_close(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    struct side *client = conn_fixture_pair(world->net);
    struct side *server = conn_fixture_last_server(world->net);
    conn_fixture_run(world->net, 0.02); /* session tickets are through */
    plan.swallows = true;
    conn_close(client->conn);
    plan.swallows = false;
    conn_fixture_wait(world->net, &server->closed, 1);
    assert_int_equal(server->failure, FAILURE_RESET);
    assert_string_equal(server->reason, "it was cut off without a goodbye");
}

/* --- Failing calls ------------------------------------------------------- */

/* One exchange, in which the Nth call fails; false when there was none. */
static bool survive_failure(struct tls_world *world, int number)
{
    struct conn_fixture *net = world->net;
    int accepted = net->server_count + 1;
    plan.has_failed = false;
    plan.countdown = number;
    struct side *client = conn_fixture_connect(net);
    assert_true(conn_write(client->conn, "hello", 5, 99));
    conn_fixture_wait(net, &net->server_count, accepted);
    struct side *server = conn_fixture_last_server(net);
    server->reaction = REACT_ECHO;
    while (client->closed + server->closed == 0 && client->length < 5) {
        (void)ev_run(net->loop, EVRUN_ONCE);
    }
    if (client->conn != NULL) {
        conn_close(client->conn);
    }
    conn_fixture_wait(net, &client->closed, 1);
    conn_fixture_wait(net, &server->closed, 1);
    plan.countdown = 0;
    assert_true(
        client->failure == FAILURE_NONE || client->failure == FAILURE_RESET ||
        client->failure == FAILURE_CLOSED || client->failure == FAILURE_TLS);
    return plan.has_failed;
}

static void each_call_may_fail(void **state)
{
    struct tls_world *world = *state;
    int number = 1;
    tls_world_secure(world);
    while (survive_failure(world, number)) {
        number++;
        assert_true(number < SIDES_MAX);
    }
    assert_true(number > 10);
}

/* --- New certificates ---------------------------------------------------- */

static void new_certificates_are_for_new_connections(void **state)
{
    struct tls_world *world = *state;
    struct error error;
    tls_world_secure(world);
    world->net->server_reaction = REACT_ECHO;
    struct side *old = conn_fixture_pair(world->net);
    tls_fixture_replace(world->files, "server", "stranger");
    assert_true(tls_reload(world->server, &error));
    assert_true(conn_write(old->conn, "still", 5, 99));
    conn_fixture_wait_length(world->net, old, 5);
    struct side *refused = conn_fixture_connect(world->net);
    conn_fixture_wait(world->net, &refused->closed, 1);
    assert_int_equal(refused->failure, FAILURE_TLS);
    tls_fixture_replace(world->files, "ca", "other-ca");
    assert_true(tls_reload(world->client, &error));
    tls_fixture_replace(world->files, "client", "stranger");
    assert_true(tls_reload(world->client, &error));
    assert_true(tls_reload(world->server, &error));
    tls_world_check_echo(world, 10);
    assert_true(conn_write(old->conn, "there", 5, 99));
    conn_fixture_wait_length(world->net, old, 10);
    assert_int_equal(old->closed, 0);
}

#define TEST(function) \
    cmocka_unit_test_setup_teardown(function, tls_world_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_go_both_ways),
        TEST(huge_messages_arrive_whole),
        TEST(each_protocol_works),
        TEST(slow_sides_are_waited_for),
        TEST(what_is_written_before_the_handshake_leaves_after_it),
        TEST(a_side_that_pauses_gets_it_later),
        TEST(a_goodbye_is_a_close),
        TEST(last_words_arrive_and_both_close),
        TEST(an_end_without_a_goodbye_is_no_close),
        TEST(each_call_may_fail),
        TEST(new_certificates_are_for_new_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
