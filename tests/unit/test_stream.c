/* What a connection makes of every refusal of the kernel. The linker sends
 * the system calls here; each works, until the case says which call fails and
 * with what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn_fixture.h"

enum call {
    CALL_SOCKET,
    CALL_CONNECT,
    CALL_SEND,
    CALL_RECV,
    CALL_SHUTDOWN,
    CALL_GETSOCKOPT,
    CALL_NONE,
};

static struct {
    enum call failing; /* every call of this kind fails */
    int number;        /* with this errno */
    int countdown;     /* or: the Nth call of any kind fails; 0 = none */
    bool has_failed;
    bool connects_to_itself;
    bool never_answers; /* connect is under way for ever */
} plan;

static bool fails(enum call call)
{
    bool is_hit = plan.countdown > 0 && --plan.countdown == 0;
    if (plan.failing != call && !is_hit) {
        return false;
    }
    plan.has_failed = true;
    errno = plan.number;
    return true;
}

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol)
{
    return fails(CALL_SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

int __real_connect(int descriptor, const struct sockaddr *to, socklen_t size);
int __wrap_connect(int descriptor, const struct sockaddr *to, socklen_t size);
int __wrap_connect(int descriptor, const struct sockaddr *to, socklen_t size)
{
    if (fails(CALL_CONNECT)) {
        return -1;
    }
    if (plan.never_answers) {
        errno = EINPROGRESS;
        return -1;
    }
    if (plan.connects_to_itself) {
        assert_int_equal(bind(descriptor, to, size), 0);
    }
    return __real_connect(descriptor, to, size);
}

ssize_t __real_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags);
ssize_t __wrap_send(int descriptor, const void *data, size_t length, int flags)
{
    return fails(CALL_SEND) ? -1 : __real_send(descriptor, data, length, flags);
}

ssize_t __real_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags);
ssize_t __wrap_recv(int descriptor, void *data, size_t size, int flags)
{
    return fails(CALL_RECV) ? -1 : __real_recv(descriptor, data, size, flags);
}

int __real_shutdown(int descriptor, int how);
int __wrap_shutdown(int descriptor, int how);
int __wrap_shutdown(int descriptor, int how)
{
    return fails(CALL_SHUTDOWN) ? -1 : __real_shutdown(descriptor, how);
}

int __real_getsockopt(int descriptor, int level, int name, void *value,
                      socklen_t *size);
int __wrap_getsockopt(int descriptor, int level, int name, void *value,
                      socklen_t *size);
int __wrap_getsockopt(int descriptor, int level, int name, void *value,
                      socklen_t *size)
{
    return fails(CALL_GETSOCKOPT)
               ? -1
               : __real_getsockopt(descriptor, level, name, value, size);
}

static int set_up(void **state)
{
    memset(&plan, 0, sizeof(plan));
    plan.failing = CALL_NONE;
    *state = conn_fixture_new("127.0.0.1");
    return 0;
}

static int tear_down(void **state)
{
    plan.failing = CALL_NONE;
    plan.countdown = 0;
    conn_fixture_free(*state);
    return 0;
}

static void a_port_without_a_listener_refuses(void **state)
{
    static const char *const ips[] = {"127.0.0.1", "::1"};
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++) {
        print_message("  %s\n", ips[i]);
        struct side *side = conn_fixture_connect_to(fixture, ips[i], 1, 5000);
        assert_int_equal(side->closed, 0);
        conn_fixture_wait(fixture, &side->closed, 1);
        assert_int_equal(side->opened, 0);
        assert_int_equal(side->failure, FAILURE_REFUSED);
    }
}

static void what_is_not_an_address_is_unresolvable(void **state)
{
    static const char *const texts[] = {"", "localhost", "1.2.3.4.5",
                                        "::1::", "1.2.3.4 "};
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        print_message("  '%s'\n", texts[i]);
        struct side *side =
            conn_fixture_connect_to(fixture, texts[i], 6379, 5000);
        assert_int_equal(side->closed, 0);
        conn_fixture_wait(fixture, &side->closed, 1);
        assert_int_equal(side->failure, FAILURE_UNRESOLVABLE);
    }
}

struct failure_row {
    const char *name;
    enum call call;
    int number;
    enum link_failure expected;
};

static const struct failure_row connect_rows[] = {
    {"refused", CALL_CONNECT, ECONNREFUSED, FAILURE_REFUSED},
    {"reset", CALL_CONNECT, ECONNRESET, FAILURE_RESET},
    {"timed out", CALL_CONNECT, ETIMEDOUT, FAILURE_TIMED_OUT},
    {"no route to host", CALL_CONNECT, EHOSTUNREACH, FAILURE_UNREACHABLE},
    {"no route to network", CALL_CONNECT, ENETUNREACH, FAILURE_UNREACHABLE},
    {"network down", CALL_CONNECT, ENETDOWN, FAILURE_UNREACHABLE},
    {"host down", CALL_CONNECT, EHOSTDOWN, FAILURE_UNREACHABLE},
    {"no free port", CALL_CONNECT, EADDRNOTAVAIL, FAILURE_LOCAL},
    {"our firewall", CALL_CONNECT, EPERM, FAILURE_LOCAL},
    {"no buffers", CALL_CONNECT, ENOBUFS, FAILURE_LOCAL},
    {"no descriptor", CALL_SOCKET, EMFILE, FAILURE_LOCAL},
    {"no descriptor in the system", CALL_SOCKET, ENFILE, FAILURE_LOCAL},
    {"no IPv6", CALL_SOCKET, EAFNOSUPPORT, FAILURE_UNREACHABLE},
    {"no memory for the answer", CALL_GETSOCKOPT, ENOBUFS, FAILURE_LOCAL},
};

static void a_failure_to_connect_is_reported_later(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t count = sizeof(connect_rows) / sizeof(connect_rows[0]);
    for (size_t i = 0; i < count; i++) {
        print_message("  %s\n", connect_rows[i].name);
        plan.failing = connect_rows[i].call;
        plan.number = connect_rows[i].number;
        struct side *side = conn_fixture_connect(fixture);
        if (plan.failing == CALL_GETSOCKOPT) {
            /* the server's end must not stumble over it */
            conn_listener_free(fixture->listener);
            fixture->listener = NULL;
        }
        assert_int_equal(side->closed, 0);
        conn_fixture_wait(fixture, &side->closed, 1);
        assert_int_equal(side->opened, 0);
        assert_int_equal(side->failure, connect_rows[i].expected);
    }
}

static const struct failure_row open_rows[] = {
    {"recv: reset", CALL_RECV, ECONNRESET, FAILURE_RESET},
    {"recv: timed out", CALL_RECV, ETIMEDOUT, FAILURE_TIMED_OUT},
    {"recv: no route", CALL_RECV, EHOSTUNREACH, FAILURE_UNREACHABLE},
    {"recv: no memory", CALL_RECV, ENOMEM, FAILURE_LOCAL},
    {"send: reset", CALL_SEND, ECONNRESET, FAILURE_RESET},
    {"send: broken pipe", CALL_SEND, EPIPE, FAILURE_RESET},
    {"send: no route", CALL_SEND, ENETUNREACH, FAILURE_UNREACHABLE},
    {"send: no buffers", CALL_SEND, ENOBUFS, FAILURE_LOCAL},
};

static void a_failure_in_the_middle_is_reported_once(void **state)
{
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(open_rows) / sizeof(open_rows[0]); i++) {
        print_message("  %s\n", open_rows[i].name);
        struct side *client = conn_fixture_pair(fixture);
        struct side *server = conn_fixture_last_server(fixture);
        struct side *victim = open_rows[i].call == CALL_SEND ? client : server;
        assert_true(conn_write(client->conn, "x", 1, 10));
        plan.failing = open_rows[i].call;
        plan.number = open_rows[i].number;
        conn_fixture_wait(fixture, &victim->closed, 1);
        plan.failing = CALL_NONE;
        assert_int_equal(victim->failure, open_rows[i].expected);
    }
}

static void a_call_that_only_has_to_be_repeated_is_no_failure(void **state)
{
    static const struct failure_row rows[] = {
        {"recv: nothing there", CALL_RECV, EAGAIN, FAILURE_NONE},
        {"recv: interrupted", CALL_RECV, EINTR, FAILURE_NONE},
        {"send: no room", CALL_SEND, EAGAIN, FAILURE_NONE},
        {"send: interrupted", CALL_SEND, EINTR, FAILURE_NONE},
    };
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        struct side *client = conn_fixture_pair(fixture);
        struct side *server = conn_fixture_last_server(fixture);
        assert_true(conn_write(client->conn, "x", 1, 10));
        plan.failing = rows[i].call;
        plan.number = rows[i].number;
        (void)ev_run(fixture->loop, EVRUN_ONCE);
        (void)ev_run(fixture->loop, EVRUN_ONCE);
        assert_true(plan.has_failed);
        plan.failing = CALL_NONE;
        conn_fixture_wait_length(fixture, server, 1);
        assert_int_equal(client->closed + server->closed, 0);
    }
}

static void no_answer_to_connect_times_out(void **state)
{
    struct conn_fixture *fixture = *state;
    plan.never_answers = true;
    struct side *side =
        conn_fixture_connect_to(fixture, fixture->ip, fixture->port, 20);
    assert_true(conn_write(side->conn, "x", 1, 10));
    conn_fixture_wait(fixture, &side->closed, 1);
    assert_int_equal(side->failure, FAILURE_TIMED_OUT);
    assert_int_equal(side->opened, 0);
}

static void a_socket_connected_to_itself_is_a_refusal(void **state)
{
    struct conn_fixture *fixture = *state;
    uint16_t port = fixture->port;
    conn_listener_free(fixture->listener);
    fixture->listener = NULL;
    plan.connects_to_itself = true;
    struct side *side =
        conn_fixture_connect_to(fixture, fixture->ip, port, 5000);
    conn_fixture_wait(fixture, &side->closed, 1);
    assert_int_equal(side->failure, FAILURE_REFUSED);
    assert_int_equal(side->opened, 0);
}

/* No SIGPIPE either: its default would end this process. */
static void writing_to_a_closed_side_ends_in_one_report(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    conn_pause_reading(client->conn, true);
    conn_close(server->conn);
    for (int i = 0; i < 100 && client->closed == 0; i++) {
        assert_true(conn_write(client->conn, "x", 1, SIZE_MAX));
        conn_fixture_run(fixture, 0.001);
    }
    assert_int_equal(client->closed, 1);
    assert_int_equal(client->failure, FAILURE_RESET);
}

static void a_failing_shutdown_ends_the_conn(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    plan.failing = CALL_SHUTDOWN;
    plan.number = ENOTCONN;
    conn_close_after_write(client->conn);
    conn_fixture_wait(fixture, &client->closed, 1);
    assert_int_equal(client->failure, FAILURE_NONE);
}

static void descriptors_are_not_inherited(void **state)
{
    struct conn_fixture *fixture = *state;
    (void)conn_fixture_pair(fixture);
    int found = 0;
    for (int descriptor = 3; descriptor < 256; descriptor++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof(address);
        if (getsockname(descriptor, (struct sockaddr *)&address, &size) == 0 &&
            address.ss_family == AF_INET) {
            found++;
            assert_true((fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
            assert_true((fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0);
        }
    }
    assert_int_equal(found, 3); /* the listener and both ends */
}

/* A conversation in which some call fails: every side is told at most once,
 * nothing is left open (the fixture counts descriptors). */
static bool converse(void)
{
    struct conn_fixture *fixture = conn_fixture_new("127.0.0.1");
    fixture->server_reaction = REACT_REPLY_AND_END;
    plan.has_failed = false;
    struct side *client = conn_fixture_connect(fixture);
    assert_true(conn_write(client->conn, "hello", 5, 10));
    conn_fixture_wait(fixture, &client->closed, 1);
    if (fixture->server_count > 0) {
        conn_fixture_wait(fixture, &conn_fixture_last_server(fixture)->closed,
                          1);
    }
    bool is_whole = client->length == 3;
    plan.countdown = 0;
    conn_fixture_free(fixture);
    return is_whole;
}

static void whichever_call_fails_nothing_is_left_behind(void **state)
{
    static const int numbers[] = {ECONNRESET, ENOBUFS, EPIPE};
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int nth = 1;
        do {
            /* the listener's own socket is not part of it */
            plan.number = numbers[i];
            plan.countdown = nth + 1;
            bool is_whole = converse();
            assert_true(is_whole || plan.has_failed);
            nth++;
        } while (plan.has_failed);
        print_message("  errno %d: %d calls\n", numbers[i], nth - 2);
        assert_true(nth > 6);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_port_without_a_listener_refuses),
        CASE(what_is_not_an_address_is_unresolvable),
        CASE(a_failure_to_connect_is_reported_later),
        CASE(a_failure_in_the_middle_is_reported_once),
        CASE(a_call_that_only_has_to_be_repeated_is_no_failure),
        CASE(no_answer_to_connect_times_out),
        CASE(a_socket_connected_to_itself_is_a_refusal),
        CASE(writing_to_a_closed_side_ends_in_one_report),
        CASE(a_failing_shutdown_ends_the_conn),
        CASE(descriptors_are_not_inherited),
        CASE(whichever_call_fails_nothing_is_left_behind),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
