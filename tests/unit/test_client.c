/* clients and runtime: what a connected client sees, over real sockets, with
 * the real core and a real state directory. One thread: the test writes to its
 * end of a connection and turns the loop until the other end has answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/clients/clients.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client_fixture.h"
#include "sentineld/memory.h"

/* --- Requests and replies ------------------------------------------------- */

#define ASK           "SENTINEL is-master-down-by-addr 127.0.0.1 1 0 *\r\n"
#define NOT_DOWN      "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n"
#define ADDRESS(name) "SENTINEL get-master-addr-by-name " name "\r\n"

struct row {
    const char *name;
    const char *request;
    const char *reply;
    bool closes;
};

static const struct row rows[] = {
    {"an array", "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", false},
    {"inline", "PING\r\n", "+PONG\r\n", false},
    {"many at once", "PING\r\nPING a\r\nPING\r\n",
     "+PONG\r\n$1\r\na\r\n+PONG\r\n", false},
    {"an answer of the core keeps its place", "PING a\r\n" ASK "PING b\r\n",
     "$1\r\na\r\n" NOT_DOWN "$1\r\nb\r\n", false},
    {"several of them too", ASK ASK "PING b\r\n" ASK,
     NOT_DOWN NOT_DOWN "$1\r\nb\r\n" NOT_DOWN, false},
    {"after a change the next request sees it",
     "SENTINEL monitor n 127.0.0.1 2 1\r\n" ADDRESS("n"),
     "+OK\r\n*2\r\n$9\r\n127.0.0.1\r\n$1\r\n2\r\n", false},
    {"and the one after the next change",
     "SENTINEL monitor o 127.0.0.1 3 1\r\nSENTINEL remove o\r\n" ADDRESS("o"),
     "+OK\r\n+OK\r\n*-1\r\n", false},
    {"QUIT closes after its reply", "PING\r\nQUIT\r\nPING\r\n",
     "+PONG\r\n+OK\r\n", true},
    {"QUIT waits for earlier answers", ASK "QUIT\r\n", NOT_DOWN "+OK\r\n",
     true},
    {"HTTP is closed without a word", "POST / HTTP/1.1\r\n", "", true},
    {"garbage is closed with a reason", "*x\r\n",
     "-ERR Protocol error: invalid multibulk length\r\n", true},
    {"garbage after a question: the answer first", ASK "*x\r\n",
     NOT_DOWN "-ERR Protocol error: invalid multibulk length\r\n", true},
    {"a hello of nobody is no trouble",
     "PUBLISH __sentinel__:hello nonsense\r\nPING\r\n", ":1\r\n+PONG\r\n",
     false},
};

static void test_rows(void **state)
{
    struct client_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int client = open_client(fixture);
        send_text(fixture, client, rows[i].request);
        await(fixture, client, strlen(rows[i].reply));
        if (strcmp(fixture->text, rows[i].reply) != 0) {
            fail_msg("%s: expected %s got %s", rows[i].name, rows[i].reply,
                     fixture->text);
        }
        if (rows[i].closes) {
            await_closed(fixture, client);
        }
        send_text(fixture, client, rows[i].closes ? "" : "QUIT\r\n");
        await_closed(fixture, client);
        close(client);
    }
}

static void test_one_byte_at_a_time(void **state)
{
    struct client_fixture *fixture = *state;
    int slow = open_client(fixture);
    int other = open_client(fixture);
    static const char request[] = "*1\r\n$4\r\nPING\r\n";
    for (size_t i = 0; i + 1 < sizeof(request); i++) {
        char byte[2] = {request[i], '\0'};
        send_text(fixture, slow, byte);
        send_text(fixture, other, "PING\r\n");
        await_text(fixture, other, "+PONG\r\n");
    }
    await_text(fixture, slow, "+PONG\r\n");
    close(slow);
    close(other);
}

/* More questions than may wait at a time, in one go. */
static void test_many_questions(void **state)
{
    struct client_fixture *fixture = *state;
    enum { QUESTIONS = 3000 };
    int client = open_client(fixture);
    size_t size = QUESTIONS * strlen(ASK) + 1;
    char *requests = xmalloc(size);
    requests[0] = '\0';
    char *end = requests;
    for (int i = 0; i < QUESTIONS; i++) {
        end += snprintf(end, size - (size_t)(end - requests), "%s", ASK);
    }
    send_text(fixture, client, requests);
    await(fixture, client, QUESTIONS * strlen(NOT_DOWN));
    assert_int_equal(fixture->length, QUESTIONS * strlen(NOT_DOWN));
    assert_memory_equal(fixture->text + fixture->length - strlen(NOT_DOWN),
                        NOT_DOWN, strlen(NOT_DOWN));
    free(requests);
    close(client);
}

/* Nothing after a change is looked at before its answer, which takes at least
 * one more turn of the loop. */
static void test_a_change_holds_up_the_next_request(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    int client = open_client(fixture);
    send_text(fixture, client, "SENTINEL monitor n 127.0.0.1 2 1\r\nPING\r\n");
    while (status->total_commands == 0) {
        turn(fixture);
    }
    assert_int_equal(status->total_commands, 1);
    await_text(fixture, client, "+OK\r\n+PONG\r\n");
    close(client);
}

/* --- Who may connect ------------------------------------------------------ */

static void test_too_many_clients(void **state)
{
    struct client_fixture *fixture = *state;
    int clients[MAX_CLIENTS + 1];
    for (int i = 0; i < MAX_CLIENTS; i++) {
        clients[i] = open_client(fixture);
        send_text(fixture, clients[i], "PING\r\n");
        await_text(fixture, clients[i], "+PONG\r\n");
    }
    clients[MAX_CLIENTS] = open_client(fixture);
    await_text(fixture, clients[MAX_CLIENTS],
               "-ERR max number of clients reached\r\n");
    await_closed(fixture, clients[MAX_CLIENTS]);
    close(clients[MAX_CLIENTS]);
    const struct server_status *status = runtime_status(fixture->runtime);
    assert_int_equal(status->connected_clients, MAX_CLIENTS);
    assert_int_equal(status->rejected_connections, 1);
    send_text(fixture, clients[0], "QUIT\r\n");
    await_closed(fixture, clients[0]);
    close(clients[0]);
    await_clients(fixture, MAX_CLIENTS - 1);
    clients[0] = open_client(fixture);
    send_text(fixture, clients[0], "PING\r\n");
    await_text(fixture, clients[0], "+PONG\r\n");
    for (int i = 0; i < MAX_CLIENTS; i++) {
        close(clients[i]);
    }
}

static void test_protected_mode(void **state)
{
    struct client_fixture *fixture = *state;
    fixture->daemon->conf.protected_mode = true;
    int client = client_fixture_connect_stranger(fixture);
    await(fixture, client, 20);
    assert_memory_equal(fixture->text, "-DENIED ", 8);
    await_closed(fixture, client);
    close(client);

    client = open_client(fixture); /* from 127.0.0.1 */
    send_text(fixture, client, "PING\r\n");
    await_text(fixture, client, "+PONG\r\n");
    close(client);

    fixture->daemon->conf.bind_count = 1;
    client = client_fixture_connect_stranger(fixture);
    send_text(fixture, client, "PING\r\n");
    await_text(fixture, client, "+PONG\r\n");
    close(client);
}

/* --- Subscribers ---------------------------------------------------------- */

static void test_every_subscriber_gets_an_event(void **state)
{
    struct client_fixture *fixture = *state;
    int exact = open_client(fixture);
    int pattern = open_client(fixture);
    int other = open_client(fixture);
    send_text(fixture, exact, "SUBSCRIBE +monitor\r\n");
    await(fixture, exact, 30);
    send_text(fixture, pattern, "PSUBSCRIBE *\r\n");
    await(fixture, pattern, 20);
    send_text(fixture, other, "SENTINEL monitor n 127.0.0.1 2 1\r\n");
    await_text(fixture, other, "+OK\r\n");
    await_text(fixture, exact,
               "*3\r\n$7\r\nmessage\r\n$8\r\n+monitor\r\n$29\r\n"
               "master n 127.0.0.1 2 quorum 1\r\n");
    await(fixture, pattern, 20);
    assert_non_null(strstr(fixture->text, "+monitor"));
    close(exact);
    close(pattern);
    close(other);
}

static void test_subscriber_that_does_not_read(void **state)
{
    struct client_fixture *fixture = *state;
    int lazy = open_client(fixture);
    int other = open_client(fixture);
    send_text(fixture, lazy, "SUBSCRIBE +x\r\n");
    await(fixture, lazy, 20);
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    const struct server_status *status = runtime_status(fixture->runtime);
    send_text(fixture, other, "PING\r\n");
    await_text(fixture, other, "+PONG\r\n");
    for (int i = 0; i < 20000 && status->connected_clients == 2; i++) {
        client_publish(runtime_clients(fixture->runtime), "+x", text);
        turn(fixture);
    }
    assert_int_equal(status->connected_clients, 1);
    send_text(fixture, other, "INFO stats\r\n");
    await(fixture, other, 1000);
    assert_non_null(strstr(fixture->text, "\r\npubsub_channels:0\r\n"));
    close(lazy);
    close(other);
}

/* --- A disk that fails ---------------------------------------------------- */

static void test_failing_disk(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    (void)signal(SIGXFSZ, SIG_IGN); /* a write then says EFBIG */
    int client = open_client(fixture);
    send_text(fixture, client, "PING\r\n");
    await_text(fixture, client, "+PONG\r\n");

    let_files_grow(false);
    send_text(fixture, client, "SENTINEL monitor n 127.0.0.1 2 1\r\nPING\r\n");
    await_end(fixture, client, "+PONG\r\n");
    let_files_grow(true);
    assert_int_equal(fixture->text[0], '-');
    assert_true(status->save_failures > 0);

    /* It is tried again by itself, and everything is answered again. */
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (status->save_failing && runtime_now() < give_up_at) {
        turn(fixture);
    }
    assert_false(status->save_failing);
    send_text(fixture, client, "SENTINEL flushconfig\r\n");
    await_text(fixture, client, "+OK\r\n");
    close(client);
}

int main(void)
{
#define CASE(test)                                               \
    cmocka_unit_test_setup_teardown(test, client_fixture_set_up, \
                                    client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_rows),
        CASE(test_one_byte_at_a_time),
        CASE(test_many_questions),
        CASE(test_a_change_holds_up_the_next_request),
        CASE(test_too_many_clients),
        CASE(test_protected_mode),
        CASE(test_every_subscriber_gets_an_event),
        CASE(test_subscriber_that_does_not_read),
        CASE(test_failing_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
