/* The life of a conn: open, data both ways, and every way to close. The
 * system calls are real, over the loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conn_fixture.h"
#include "sentineld/memory.h"

static int set_up(void **state)
{
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

static void assert_received(const struct side *side, const char *text)
{
    assert_int_equal(side->length, strlen(text));
    assert_memory_equal(side->data, text, strlen(text));
}

static void nothing_is_reported_inside_the_call(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_connect(fixture);
    assert_int_equal(client->opened, 0);
    conn_close(client->conn);
    assert_int_equal(client->closed, 0);
    conn_fixture_wait(fixture, &client->closed, 1);
    assert_int_equal(client->opened, 0);
    assert_int_equal(client->failure, FAILURE_NONE);
}

static void the_first_reason_to_close_counts(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_connect_to(fixture, "nonsense", 1, 10);
    conn_close(client->conn);
    conn_fixture_wait(fixture, &client->closed, 1);
    assert_int_equal(client->failure, FAILURE_UNRESOLVABLE);
}

static void bytes_pass_both_ways(void **state)
{
    struct conn_fixture *fixture = *state;
    fixture->server_reaction = REACT_ECHO;
    struct side *client = conn_fixture_pair(fixture);
    write_text(client, "PING\r\n");
    conn_fixture_wait_length(fixture, client, 6);
    assert_received(client, "PING\r\n");
    assert_received(conn_fixture_last_server(fixture), "PING\r\n");
}

static void bytes_written_before_open_are_sent(void **state)
{
    struct conn_fixture *fixture = *state;
    fixture->server_reaction = REACT_ECHO;
    struct side *client = conn_fixture_connect(fixture);
    write_text(client, "AUTH x\r\n");
    assert_int_equal(conn_unsent(client->conn), 8);
    conn_fixture_wait_length(fixture, client, 8);
    assert_int_equal(conn_unsent(client->conn), 0);
}

static void both_addresses_are_told(void **state)
{
    static const struct {
        const char *ip;
        const char *text; /* of the listener's end, before the port */
    } rows[] = {{"127.0.0.1", "127.0.0.1:"}, {"::1", "[::1]:"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].ip);
        struct conn_fixture *fixture = conn_fixture_new(rows[i].ip);
        struct side *client = conn_fixture_pair(fixture);
        struct side *server = conn_fixture_last_server(fixture);
        char text[HOST_SIZE];
        char expected[HOST_SIZE];
        assert_true(conn_local_ip(client->conn, text));
        assert_string_equal(text, rows[i].ip);
        assert_true(conn_peer_ip(server->conn, text));
        assert_string_equal(text, rows[i].ip);
        assert_true(conn_peer_text(client->conn, text));
        (void)snprintf(expected, sizeof(expected), "%s%d", rows[i].text,
                       fixture->port);
        assert_string_equal(text, expected);
        conn_fixture_free(fixture);
    }
}

static void a_source_is_where_it_comes_from(void **state)
{
    static const struct {
        const char *ip;
        const char *source;
    } rows[] = {{"127.0.0.1", "127.0.0.7"}, {"::1", "::1"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conn_fixture *fixture = conn_fixture_new(rows[i].ip);
        fixture->source = rows[i].source;
        struct side *client = conn_fixture_pair(fixture);
        char text[HOST_SIZE];
        assert_true(
            conn_peer_ip(conn_fixture_last_server(fixture)->conn, text));
        assert_string_equal(text, rows[i].source);
        assert_true(conn_local_ip(client->conn, text));
        assert_string_equal(text, rows[i].source);
        conn_fixture_free(fixture);
    }
}

/* Of another machine, or of another kind. */
static void a_source_that_is_not_ours(void **state)
{
    static const char *const sources[] = {"192.0.2.1", "::1", "nowhere"};
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        fixture->source = sources[i];
        struct side *client = conn_fixture_connect(fixture);
        conn_fixture_wait(fixture, &client->closed, 1);
        assert_int_equal(client->failure, FAILURE_LOCAL);
    }
}

static void the_peer_is_known_until_the_end(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    char text[HOST_SIZE];
    struct conn *closing = client->conn;
    conn_close(closing);
    (void)conn_fixture_connect(fixture); /* gets the same descriptor */
    assert_false(conn_local_ip(closing, text));
    assert_true(conn_peer_text(client->conn, text));
}

static void data_comes_before_the_close(void **state)
{
    struct conn_fixture *fixture = *state;
    fixture->server_reaction = REACT_REPLY_AND_END;
    struct side *client = conn_fixture_pair(fixture);
    write_text(client, "QUIT\r\n");
    conn_fixture_wait(fixture, &client->closed, 1);
    assert_received(client, "bye");
    assert_int_equal(client->failure, FAILURE_CLOSED);
    struct side *server = conn_fixture_last_server(fixture);
    conn_fixture_wait(fixture, &server->closed, 1);
    assert_int_equal(server->failure, FAILURE_NONE);
}

/* A kernel that still has unread bytes when a socket is closed resets the
 * connection, and the other side loses our last words. */
static void last_words_are_not_lost_to_unread_input(void **state)
{
    struct conn_fixture *fixture = *state;
    fixture->server_reaction = REACT_REPLY_AND_END;
    size_t length = (size_t)1024 * 1024;
    char *data = xcalloc(1, length);
    struct side *client = conn_fixture_pair(fixture);
    assert_true(conn_write(client->conn, data, length, SIZE_MAX));
    conn_fixture_wait(fixture, &client->closed, 1);
    assert_received(client, "bye");
    assert_int_equal(client->failure, FAILURE_CLOSED);
    free(data);
}

/* Both in one case, because the wait is real. */
static void a_side_that_never_closes_or_never_reads_is_cut_off(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t length = (size_t)8 * 1024 * 1024;
    char *data = xcalloc(1, length);
    struct side *deaf = conn_fixture_pair(fixture);
    struct side *talker = conn_fixture_last_server(fixture);
    conn_pause_reading(deaf->conn, true);
    assert_true(conn_write(talker->conn, data, length, SIZE_MAX));
    conn_fixture_run(fixture, 0.02); /* until the kernel takes no more */
    conn_fixture_end(talker);

    fixture->server_reaction = REACT_REPLY_AND_END;
    struct side *idle = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    write_text(idle, "QUIT\r\n");
    (void)ev_run(fixture->loop, EVRUN_NOWAIT);
    conn_pause_reading(idle->conn, true);

    conn_fixture_wait(fixture, &talker->closed, 1);
    conn_fixture_wait(fixture, &server->closed, 1);
    assert_int_equal(talker->failure, FAILURE_NONE);
    assert_int_equal(server->failure, FAILURE_NONE);
    assert_int_equal(deaf->closed + idle->closed, 0);
    free(data);
}

/* A client that reads no reply before all its requests are written must not
 * wait for us while we wait for it. */
static void ending_goes_on_reading(void **state)
{
    struct conn_fixture *fixture = *state;
    size_t length = (size_t)4 * 1024 * 1024;
    char *data = xcalloc(1, length);
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    conn_pause_reading(client->conn, true);
    conn_pause_reading(server->conn, true);
    assert_true(conn_write(client->conn, data, length, SIZE_MAX));
    assert_true(conn_write(server->conn, data, length, SIZE_MAX));
    conn_fixture_run(fixture, 0.02);
    assert_true(conn_unsent(client->conn) > 0);
    conn_fixture_end(server);
    while (conn_unsent(client->conn) > 0 && client->closed == 0) {
        (void)ev_run(fixture->loop, EVRUN_ONCE);
    }
    assert_int_equal(client->closed + server->closed, 0);
    free(data);
}

static void ending_before_open_still_sends(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_connect(fixture);
    write_text(client, "-ERR max number of clients reached\r\n");
    conn_fixture_end(client);
    conn_fixture_wait(fixture, &fixture->server_count, 1);
    struct side *server = conn_fixture_last_server(fixture);
    conn_fixture_wait(fixture, &server->closed, 1);
    assert_received(server, "-ERR max number of clients reached\r\n");
    conn_fixture_wait(fixture, &client->closed, 1);
}

static void closing_drops_what_is_unsent(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    write_text(client, "never\r\n");
    conn_close(client->conn);
    conn_fixture_wait(fixture, &server->closed, 1);
    assert_int_equal(server->length, 0);
    assert_int_equal(server->failure, FAILURE_CLOSED);
}

static void an_owner_may_close_in_any_callback(void **state)
{
    static const struct {
        const char *name;
        enum reaction reaction;
        int opened;
        size_t length;
    } rows[] = {
        {"in on_open", REACT_CLOSE_ON_OPEN, 1, 0},
        {"in on_data", REACT_CLOSE_ON_DATA, 1, 1},
    };
    struct conn_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        fixture->server_reaction = rows[i].reaction;
        struct side *client = conn_fixture_connect(fixture);
        write_text(client, "x");
        conn_fixture_wait(fixture, &client->closed, 1);
        struct side *server = conn_fixture_last_server(fixture);
        conn_fixture_wait(fixture, &server->closed, 1);
        assert_int_equal(server->opened, rows[i].opened);
        assert_int_equal(server->length, rows[i].length);
        assert_int_equal(server->failure, FAILURE_NONE);
    }
}

static void what_comes_after_conn_close_changes_nothing(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    write_text(conn_fixture_last_server(fixture), "late");
    (void)ev_run(fixture->loop, EVRUN_NOWAIT);
    size_t before = client->length;
    conn_close(client->conn);
    conn_close(client->conn);
    conn_close_after_write(client->conn);
    conn_pause_reading(client->conn, false);
    write_text(client, "dropped");
    assert_int_equal(conn_unsent(client->conn), 0);
    conn_fixture_run(fixture, 0.02);
    assert_int_equal(client->closed, 1);
    assert_int_equal(client->length, before);
    assert_int_equal(client->failure, FAILURE_NONE);
}

static void a_paused_side_reads_nothing_until_it_resumes(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client = conn_fixture_pair(fixture);
    struct side *server = conn_fixture_last_server(fixture);
    conn_pause_reading(server->conn, true);
    write_text(client, "request");
    conn_fixture_run(fixture, 0.02);
    assert_int_equal(server->length, 0);
    conn_pause_reading(server->conn, false);
    conn_fixture_wait_length(fixture, server, 7);
}

/* A stall (SIGSTOP, a suspended machine): the deadline is over when the loop
 * comes back, but the answer was there in time. */
static void an_answer_in_time_beats_a_late_loop(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client =
        conn_fixture_connect_to(fixture, fixture->ip, fixture->port, 20);
    struct timespec stall = {.tv_nsec = 60000000};
    assert_int_equal(nanosleep(&stall, NULL), 0);
    conn_fixture_run(fixture, 0.02);
    assert_int_equal(client->opened, 1);
    assert_int_equal(client->closed, 0);
}

static void an_open_conn_has_no_deadline(void **state)
{
    struct conn_fixture *fixture = *state;
    struct side *client =
        conn_fixture_connect_to(fixture, fixture->ip, fixture->port, 20);
    conn_fixture_wait(fixture, &client->opened, 1);
    conn_fixture_run(fixture, 0.06);
    assert_int_equal(client->closed, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_reported_inside_the_call),
        CASE(the_first_reason_to_close_counts),
        CASE(bytes_pass_both_ways),
        CASE(bytes_written_before_open_are_sent),
        CASE(both_addresses_are_told),
        CASE(a_source_is_where_it_comes_from),
        CASE(a_source_that_is_not_ours),
        CASE(the_peer_is_known_until_the_end),
        CASE(data_comes_before_the_close),
        CASE(last_words_are_not_lost_to_unread_input),
        CASE(a_side_that_never_closes_or_never_reads_is_cut_off),
        CASE(ending_goes_on_reading),
        CASE(ending_before_open_still_sends),
        CASE(closing_drops_what_is_unsent),
        CASE(an_owner_may_close_in_any_callback),
        CASE(what_comes_after_conn_close_changes_nothing),
        CASE(a_paused_side_reads_nothing_until_it_resumes),
        CASE(an_answer_in_time_beats_a_late_loop),
        CASE(an_open_conn_has_no_deadline),
    };
    return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
