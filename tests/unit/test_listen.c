/* Listeners: where they listen, what they say when they cannot, and what they
 * do when there is no descriptor left for a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn_fixture.h"
#include "io/base/log.h"

static struct {
    int refusals; /* so many calls of accept fail ... */
    int number;   /* ... with this errno */
    int calls;
} plan;

int __real_accept(int descriptor, struct sockaddr *address, socklen_t *size);
int __wrap_accept(int descriptor, struct sockaddr *address, socklen_t *size);
int __wrap_accept(int descriptor, struct sockaddr *address, socklen_t *size)
{
    plan.calls++;
    if (plan.refusals > 0) {
        plan.refusals--;
        errno = plan.number;
        return -1;
    }
    return __real_accept(descriptor, address, size);
}

static int set_up(void **state)
{
    struct error error;
    memset(&plan, 0, sizeof(plan));
    assert_true(log_open("/dev/null", LEVEL_DEBUG, &error));
    *state = ev_loop_new(EVFLAG_AUTO);
    return 0;
}

static int tear_down(void **state)
{
    ev_loop_destroy(*state);
    log_close();
    return 0;
}

static void close_accepted(int descriptor, void *context)
{
    ++*(int *)context;
    assert_int_equal(close(descriptor), 0);
}

static void every_form_of_an_address_can_be_listened_on(void **state)
{
    static const char *const ips[] = {"127.0.0.1", "::1", "*", "::*",
                                      "localhost"};
    int accepted = 0;
    for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++) {
        struct error error = {""};
        print_message("  %s\n", ips[i]);
        struct listener *listener =
            conn_listen(*state, ips[i], 0, close_accepted, &accepted, &error);
        if (listener == NULL) {
            fail_msg("%s", error.text);
        }
        assert_true(conn_listener_port(listener) != 0);
        conn_listener_free(listener);
    }
}

static void any_ipv4_and_any_ipv6_share_a_port(void **state)
{
    int accepted = 0;
    struct error error;
    struct listener *first =
        conn_listen(*state, "*", 0, close_accepted, &accepted, &error);
    assert_non_null(first);
    struct listener *second =
        conn_listen(*state, "::*", conn_listener_port(first), close_accepted,
                    &accepted, &error);
    assert_non_null(second);
    conn_listener_free(first);
    conn_listener_free(second);
}

static void a_refusal_says_where_and_why(void **state)
{
    int accepted = 0;
    struct error error;
    char expected[64];
    struct listener *first =
        conn_listen(*state, "127.0.0.1", 0, close_accepted, &accepted, &error);
    uint16_t port = conn_listener_port(first);
    assert_null(conn_listen(*state, "127.0.0.1", port, close_accepted,
                            &accepted, &error));
    (void)snprintf(expected, sizeof(expected),
                   "cannot listen on 127.0.0.1 port %d: Address already in use",
                   port);
    assert_string_equal(error.text, expected);
    conn_listener_free(first);

    assert_null(conn_listen(*state, "not an address", 0, close_accepted,
                            &accepted, &error));
    assert_non_null(strstr(error.text, "'not an address'"));
}

/* A daemon that restarts must not wait until old connections are forgotten. */
static void a_port_can_be_used_again_at_once(void **state)
{
    (void)state;
    struct conn_fixture *fixture = conn_fixture_new("127.0.0.1");
    struct side *client = conn_fixture_pair(fixture);
    uint16_t port = fixture->port;
    /* Who closes first keeps the port busy for a while. */
    conn_close(conn_fixture_last_server(fixture)->conn);
    conn_fixture_wait(fixture, &client->closed, 1);
    conn_listener_free(fixture->listener);
    int accepted = 0;
    struct error error;
    fixture->listener = conn_listen(fixture->loop, "127.0.0.1", port,
                                    close_accepted, &accepted, &error);
    assert_non_null(fixture->listener);
    conn_fixture_free(fixture);
}

static void without_descriptors_it_sleeps_and_then_goes_on(void **state)
{
    static const int numbers[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        print_message("  %s\n", strerror(numbers[i]));
        struct conn_fixture *fixture = conn_fixture_new("127.0.0.1");
        plan.refusals = 2;
        plan.number = numbers[i];
        plan.calls = 0;
        struct side *client = conn_fixture_connect(fixture);
        conn_fixture_wait(fixture, &client->opened, 1);
        conn_fixture_run(fixture, 0.02);
        assert_int_equal(plan.calls, 1); /* it does not spin */
        conn_fixture_wait(fixture, &fixture->server_count, 1);
        conn_fixture_free(fixture);
    }
}

static void a_connection_that_is_gone_is_passed_over(void **state)
{
    (void)state;
    struct conn_fixture *fixture = conn_fixture_new("127.0.0.1");
    plan.refusals = 3;
    plan.number = ECONNABORTED;
    (void)conn_fixture_connect(fixture);
    conn_fixture_wait(fixture, &fixture->server_count, 1);
    conn_fixture_free(fixture);
}

static void many_at_once_are_all_accepted(void **state)
{
    (void)state;
    struct conn_fixture *fixture = conn_fixture_new("127.0.0.1");
    for (int i = 0; i < SIDES_MAX; i++) {
        (void)conn_fixture_connect(fixture);
    }
    conn_fixture_wait(fixture, &fixture->server_count, SIDES_MAX);
    conn_fixture_free(fixture);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(every_form_of_an_address_can_be_listened_on),
        CASE(any_ipv4_and_any_ipv6_share_a_port),
        CASE(a_refusal_says_where_and_why),
        CASE(a_port_can_be_used_again_at_once),
        CASE(without_descriptors_it_sleeps_and_then_goes_on),
        CASE(a_connection_that_is_gone_is_passed_over),
        CASE(many_at_once_are_all_accepted),
    };
    return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
