/* Users over real sockets: a disk that fails, guests, users who are removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client_fixture.h"

#define FAILED_TO_SAVE "-ERR Failed to save config file. Check server logs.\r\n"

/* Users are durable before +OK, and as they were when that fails. */
static void test_users_and_a_failing_disk(void **state)
{
    struct client_fixture *fixture = *state;
    const struct server_status *status = runtime_status(fixture->runtime);
    (void)signal(SIGXFSZ, SIG_IGN); /* a write then says EFBIG */
    int client = open_client(fixture);
    send_text(fixture, client, "ACL SETUSER joe on >pw +ping\r\n");
    await_text(fixture, client, "+OK\r\n");

    let_files_grow(false);
    send_text(fixture, client, "ACL SETUSER joe off\r\nACL SETUSER bob on\r\n");
    await_text(fixture, client, FAILED_TO_SAVE FAILED_TO_SAVE);
    send_text(fixture, client, "ACL DELUSER joe\r\n");
    await_text(fixture, client, FAILED_TO_SAVE);
    let_files_grow(true);
    send_text(fixture, client, "ACL USERS\r\n");
    await_text(fixture, client, "*2\r\n$7\r\ndefault\r\n$3\r\njoe\r\n");
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (status->save_failing && runtime_now() < give_up_at) {
        turn(fixture);
    }
    assert_false(status->save_failing);

    struct store_text *texts;
    struct error error;
    size_t count;
    assert_true(
        store_load_texts(fixture->daemon->store, &texts, &count, &error));
    assert_int_equal(count, 1);
    assert_string_equal(texts[0].name, "joe");
    assert_memory_equal(texts[0].value, "on #", 4);
    store_texts_free(texts, count);
    send_text(fixture, client, "ACL DELUSER joe bob\r\nAUTH joe pw\r\n");
    await_text(fixture, client,
               ":1\r\n-WRONGPASS invalid username-password pair or user is "
               "disabled.\r\n");
    close(client);
}

/* Whoever is not logged in gets little room. */
static void test_guests(void **state)
{
    struct client_fixture *fixture = *state;
    int early = open_client(fixture);
    send_text(fixture, early, "ACL SETUSER default >pw resetpass >pw\r\n");
    await_text(fixture, early, "+OK\r\n");
    int guest = open_client(fixture);
    send_text(fixture, guest, "PING\r\n*11\r\n");
    await_text(fixture, guest,
               "-NOAUTH Authentication required.\r\n-ERR Protocol error: "
               "unauthenticated multibulk length\r\n");
    close(guest);
    guest = open_client(fixture);
    send_text(fixture, guest, "AUTH pw\r\n*1\r\n$16385\r\n");
    await_text(fixture, guest, "+OK\r\n");
    close(guest);
    guest = open_client(fixture);
    send_text(fixture, guest, "*1\r\n$16385\r\n");
    await_text(fixture, guest,
               "-ERR Protocol error: unauthenticated bulk length\r\n");
    close(guest);
    send_text(fixture, early, "PING\r\n");
    await_text(fixture, early, "+PONG\r\n");
    close(early);
}

/* A user who is removed is gone with all his connections; who did it himself
 * hears the reply first. */
static void test_removed_users_leave(void **state)
{
    struct client_fixture *fixture = *state;
    int one = open_client(fixture);
    int other = open_client(fixture);
    send_text(fixture, one,
              "ACL SETUSER joe on nopass +@all\r\nAUTH joe x\r\n");
    await_text(fixture, one, "+OK\r\n+OK\r\n");
    send_text(fixture, other, "AUTH joe x\r\n");
    await_text(fixture, other, "+OK\r\n");
    send_text(fixture, one, "ACL DELUSER joe\r\nPING\r\n");
    await_text(fixture, one, ":1\r\n");
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (runtime_status(fixture->runtime)->connected_clients > 0 &&
           runtime_now() < give_up_at) {
        turn(fixture);
        (void)receive(fixture, one);
    }
    assert_string_equal(fixture->text, ":1\r\n");
    close(one);
    close(other);
}

#define CASE(test)                                               \
    cmocka_unit_test_setup_teardown(test, client_fixture_set_up, \
                                    client_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_users_and_a_failing_disk),
        CASE(test_guests),
        CASE(test_removed_users_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
