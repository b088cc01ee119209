/* Clients of a daemon in a box: see client_fixture.h. */
#include "client_fixture.h"

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

#include "sentineld/memory.h"

int client_fixture_set_up(void **state)
{
    struct client_fixture *fixture = xcalloc(1, sizeof(*fixture));
    fixture->daemon = runtime_fixture_new();
    runtime_fixture_start(fixture->daemon, 1, ""); /* nobody listens there */
    fixture->runtime = fixture->daemon->runtime;
    fixture->text = xmalloc(TEXT_SIZE);
    *state = fixture;
    return 0;
}

int client_fixture_tear_down(void **state)
{
    struct client_fixture *fixture = *state;
    runtime_fixture_free(fixture->daemon);
    free(fixture->text);
    free(fixture);
    return 0;
}

void turn(struct client_fixture *fixture)
{
    runtime_fixture_turn(fixture->daemon);
}

/* --- The client's side ---------------------------------------------------- */

int open_client(struct client_fixture *fixture)
{
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(descriptor >= 0);
    int small = 4096; /* so that a client that does not read is full soon */
    assert_int_equal(
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)),
        0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(fixture->daemon->port);
    assert_int_equal(
        connect(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(fcntl(descriptor, F_SETFL, O_NONBLOCK), 0);
    return descriptor;
}

int client_fixture_connect_stranger(struct client_fixture *fixture)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof(name.sun_path), "%.60s/socket",
             fixture->daemon->dir);
    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    const struct sockaddr *address = (struct sockaddr *)&name;
    assert_int_equal(bind(listening, address, sizeof(name)), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(connect(client, address, sizeof(name)), 0);
    int accepted = accept(listening, NULL, NULL);
    assert_int_equal(fcntl(accepted, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(client, F_SETFL, O_NONBLOCK), 0);
    client_accept(accepted, NULL, runtime_clients(fixture->runtime));
    close(listening);
    assert_int_equal(unlink(name.sun_path), 0);
    return client;
}

void send_text(struct client_fixture *fixture, int client, const char *text)
{
    size_t length = strlen(text);
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (length > 0 && runtime_now() < give_up_at) {
        ssize_t sent = send(client, text, length, MSG_NOSIGNAL);
        if (sent > 0) {
            text += sent;
            length -= (size_t)sent;
        }
        turn(fixture);
    }
    assert_int_equal(length, 0);
}

/* Reads what there is. False: the connection is closed. */
bool receive(struct client_fixture *fixture, int client)
{
    ssize_t got = recv(client, fixture->text + fixture->length,
                       TEXT_SIZE - 1 - fixture->length, 0);
    if (got > 0) {
        fixture->length += (size_t)got;
    }
    fixture->text[fixture->length] = '\0';
    return got > 0 || (got < 0 && errno == EAGAIN);
}

/* Until so many bytes are there, or the connection is closed. */
void await(struct client_fixture *fixture, int client, size_t length)
{
    fixture->length = 0;
    fixture->text[0] = '\0';
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (fixture->length < length && runtime_now() < give_up_at) {
        turn(fixture);
        if (!receive(fixture, client)) {
            return;
        }
    }
}

void await_text(struct client_fixture *fixture, int client, const char *text)
{
    await(fixture, client, strlen(text));
    assert_string_equal(fixture->text, text);
}

/* Until what is there ends so. */
void await_end(struct client_fixture *fixture, int client, const char *end)
{
    char *text = fixture->text;
    size_t length = strlen(end);
    msec give_up_at = runtime_now() + PATIENCE_MS;
    fixture->length = 0;
    do {
        assert_true(runtime_now() < give_up_at);
        turn(fixture);
        assert_true(receive(fixture, client));
    } while (fixture->length < length ||
             strcmp(text + fixture->length - length, end) != 0);
}

void await_clients(struct client_fixture *fixture, uint32_t count)
{
    const struct server_status *status = runtime_status(fixture->runtime);
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (status->connected_clients != count) {
        assert_true(runtime_now() < give_up_at);
        turn(fixture);
    }
}

void await_closed(struct client_fixture *fixture, int client)
{
    msec give_up_at = runtime_now() + PATIENCE_MS;
    fixture->length = 0;
    do {
        assert_true(runtime_now() < give_up_at);
        fixture->length = 0;
        turn(fixture);
    } while (receive(fixture, client));
}

void let_files_grow(bool allowed)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = allowed ? limit.rlim_max : 0;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
