/* What clients may want of us: no more than their share of time, of memory
 * and of connections. Over real sockets, as test_client.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/clients/clients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client_fixture.h"
#include "sentineld/acl.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

#define LONG_COMMAND "COMMAND DOCS\r\n" /* its reply is some 50 kB */
enum { PIPELINED = 400, POUR_TURNS = 400, GUESTS_BYTES = 40 * 1024 };

/* The text so many times over; the caller's to free. */
static char *repeat(const char *text, size_t times)
{
    size_t length = strlen(text);
    char *all = xmalloc(times * length + 1);
    for (size_t i = 0; i < times; i++) {
        memcpy(all + i * length, text, length);
    }
    all[times * length] = '\0';
    return all;
}

/* Sends as much as the daemon takes while it turns; never reads. The bytes
 * that it took. */
static size_t pour(struct client_fixture *fixture, int client, const char *text)
{
    size_t length = strlen(text);
    size_t taken = 0;
    for (int i = 0; i < POUR_TURNS; i++) {
        ssize_t sent = send(client, text + taken % length,
                            length - taken % length, MSG_NOSIGNAL);
        taken += sent > 0 ? (size_t)sent : 0;
        turn(fixture);
    }
    return taken;
}

/* What is kept of a client, by what CLIENT LIST says of the other. */
static uint64_t kept(struct client_fixture *fixture, int asker)
{
    send_text(fixture, asker, "INFO clients\r\n");
    await_end(fixture, asker, "total_blocking_keys_on_nokey:0\r\n\r\n");
    const char *output =
        strstr(fixture->text, "client_recent_max_output_buffer:");
    const char *input =
        strstr(fixture->text, "client_recent_max_input_buffer:");
    assert_non_null(output);
    assert_non_null(input);
    return strtoull(strchr(output, ':') + 1, NULL, 10) +
           strtoull(strchr(input, ':') + 1, NULL, 10);
}

/* A long pipeline takes many turns, and a PING that comes behind it one. */
static void test_short_ones_first(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    int heavy = open_client(fixture);
    int light = open_client(fixture);
    char *requests = repeat("INFO everything\r\n", PIPELINED);
    send_text(fixture, light, "PING\r\n");
    await_text(fixture, light, "+PONG\r\n");
    assert_true(send(heavy, requests, strlen(requests), MSG_NOSIGNAL) > 0);
    while (status->total_commands < 2) {
        turn(fixture);
    }
    assert_true(status->total_commands < PIPELINED);
    send_text(fixture, light, "PING\r\n");
    await_text(fixture, light, "+PONG\r\n");
    assert_true(status->total_commands < PIPELINED);
    free(requests);
    close(heavy);
    close(light);
}

/* Replies that nobody reads end the answering, not the connection; and when
 * they are read, all are there. */
static void test_unread_replies(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    int client = open_client(fixture);
    int asker = open_client(fixture);
    char *requests = repeat(LONG_COMMAND, PIPELINED);
    size_t whole = strlen(requests);
    assert_int_equal(send(client, requests, whole, MSG_NOSIGNAL), whole);
    for (int i = 0; i < POUR_TURNS; i++) {
        turn(fixture);
    }
    assert_in_range(status->total_commands, 2, PIPELINED - 1);
    assert_in_range(kept(fixture, asker), 1, 512 * 1024);
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (status->total_commands < PIPELINED + 1) {
        assert_true(runtime_now() < give_up_at);
        fixture->length = 0;
        turn(fixture);
        assert_true(receive(fixture, client));
    }
    free(requests);
    close(client);
    close(asker);
}

static void require_password(struct client_fixture *fixture)
{
    static const struct acl_word word = {"resetpass", 9};
    static const struct acl_word pass = {">pw", 3};
    const struct acl_word all[] = {word, pass};
    const struct acl_words words = {2, all};
    struct acl_change change = {0};
    struct error error;
    assert_true(acl_set_user(runtime_acl(fixture->runtime), "default", &words,
                             &change, &error));
    acl_change_clear(&change);
}

static const struct guest_row {
    const char *name;
    const char *text;
} guest_rows[] = {
    {"errors that are not read", "x\r\n"},
    {"a line without end", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {"words without end", "*9\r\n$16000\r\n"},
};

/* Before logging in there is little to say, so little is kept. */
static void test_guests(void **state)
{
    struct client_fixture *fixture = *state;
    int asker = open_client(fixture);
    send_text(fixture, asker, "PING\r\n");
    await_text(fixture, asker, "+PONG\r\n");
    require_password(fixture);
    for (size_t i = 0; i < sizeof(guest_rows) / sizeof(guest_rows[0]); i++) {
        int guest = open_client(fixture);
        char *text = repeat(guest_rows[i].text, 2000);
        size_t taken = pour(fixture, guest, text);
        uint64_t bytes = kept(fixture, asker);
        print_message("%s: took %zu, keeps %llu\n", guest_rows[i].name, taken,
                      (unsigned long long)bytes);
        assert_true(bytes < GUESTS_BYTES);
        free(text);
        close(guest);
        await_clients(fixture, 1);
    }
    close(asker);
}

static void test_guest_logs_in(void **state)
{
    struct client_fixture *fixture = *state;
    require_password(fixture);
    int client = open_client(fixture);
    send_text(fixture, client, "x\r\nPING\r\nAUTH pw\r\nPING\r\n");
    await_end(fixture, client, "+OK\r\n+PONG\r\n");
    close(client);
}

/* Some connections are kept for those of this machine. */
static void test_reserved(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    int strangers[4];
    fixture->daemon->conf.max_clients = 4;
    for (int i = 0; i < 4; i++) {
        strangers[i] = client_fixture_connect_stranger(fixture);
        send_text(fixture, strangers[i], "PING\r\n");
        await_text(fixture, strangers[i],
                   i < 3 ? "+PONG\r\n"
                         : "-ERR max number of clients reached\r\n");
    }
    assert_int_equal(status->connected_clients, 3);
    int own = open_client(fixture);
    send_text(fixture, own, "PING\r\n");
    await_text(fixture, own, "+PONG\r\n");
    int late = open_client(fixture);
    await_text(fixture, late, "-ERR max number of clients reached\r\n");
    for (int i = 0; i < 4; i++) {
        close(strangers[i]);
    }
    close(own);
    close(late);
}

int main(void)
{
#define CASE(test)                                               \
    cmocka_unit_test_setup_teardown(test, client_fixture_set_up, \
                                    client_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_short_ones_first), CASE(test_unread_replies),
        CASE(test_guests),           CASE(test_guest_logs_in),
        CASE(test_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
