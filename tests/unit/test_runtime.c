/* runtime: connections to servers, and what waits for the disk, with a server
 * of few words: it takes whatever is sent and answers as it is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/runtime/runtime.h"

#include <stdlib.h>
#include <string.h>

#include "io/net/conn.h"
#include "io/runtime/runtime_private.h"
#include "runtime_fixture.h"
#include "sentineld/hash.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

enum { CONNECTIONS_MAX = 256, TEXT_SIZE = 4096 };

/* One connection as the server sees it. */
struct visit {
    struct fixture *fixture;
    struct conn *conn;
    char text[TEXT_SIZE]; /* what came */
    size_t length;
};

struct fixture {
    struct runtime_fixture *daemon;
    struct listener *server;
    uint16_t port;      /* where it listens */
    const char *answer; /* to whatever comes; "" = closes; NULL = silence */
    struct visit *visits[CONNECTIONS_MAX];
    size_t visit_count;
};

/* --- The server ----------------------------------------------------------- */

static void on_data(struct conn *conn, const char *data, size_t length,
                    void *context)
{
    struct visit *visit = context;
    const char *answer = visit->fixture->answer;
    size_t room = TEXT_SIZE - 1 - visit->length;
    length = length < room ? length : room;
    memcpy(visit->text + visit->length, data, length);
    visit->length += length;
    if (answer != NULL && answer[0] == '\0') {
        conn_close(conn);
    } else if (answer != NULL) {
        assert_true(conn_write(conn, answer, strlen(answer), SIZE_MAX));
    }
}

static void on_close(struct conn *conn, enum link_failure failure,
                     void *context)
{
    (void)conn;
    (void)failure;
    struct visit *visit = context;
    visit->conn = NULL;
}

static const struct conn_owner owner = {NULL, on_data, on_close, NULL};

static void on_accept(int descriptor, void *context)
{
    struct fixture *fixture = context;
    assert_true(fixture->visit_count < CONNECTIONS_MAX);
    struct visit *visit = xcalloc(1, sizeof(*visit));
    visit->fixture = fixture;
    visit->conn =
        conn_accepted(fixture->daemon->loop, descriptor, &owner, visit);
    fixture->visits[fixture->visit_count++] = visit;
}

/* --- Fixture -------------------------------------------------------------- */

static int set_up(void **state)
{
    struct error error = {""};
    struct fixture *fixture = xcalloc(1, sizeof(*fixture));
    fixture->daemon = runtime_fixture_new();
    fixture->server = conn_listen(fixture->daemon->loop, "127.0.0.1", 0,
                                  on_accept, fixture, &error);
    if (fixture->server == NULL) {
        fail_msg("%s", error.text);
    }
    fixture->port = conn_listener_port(fixture->server);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->server != NULL) {
        conn_listener_free(fixture->server);
    }
    for (size_t i = 0; i < fixture->visit_count; i++) {
        if (fixture->visits[i]->conn != NULL) {
            conn_close(fixture->visits[i]->conn);
        }
    }
    runtime_fixture_turn(fixture->daemon);
    runtime_fixture_free(fixture->daemon);
    for (size_t i = 0; i < fixture->visit_count; i++) {
        free(fixture->visits[i]);
    }
    free(fixture);
    return 0;
}

static const struct link *command_link(const struct fixture *fixture)
{
    const struct model *model = runtime_model(fixture->daemon->runtime);
    return &model_find_group(model, "m")->master->instance.command;
}

static void await_visits(struct fixture *fixture, size_t count)
{
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (fixture->visit_count < count) {
        runtime_fixture_wait(fixture->daemon, give_up_at);
    }
}

static void await_failure(struct fixture *fixture, enum link_failure failure)
{
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (command_link(fixture)->failure != failure) {
        runtime_fixture_wait(fixture->daemon, give_up_at);
    }
}

/* The connection on which something was said. */
static struct visit *await_word(struct fixture *fixture, const char *word)
{
    msec give_up_at = runtime_now() + PATIENCE_MS;
    for (;;) {
        for (size_t i = 0; i < fixture->visit_count; i++) {
            if (strstr(fixture->visits[i]->text, word) != NULL) {
                return fixture->visits[i];
            }
        }
        runtime_fixture_wait(fixture->daemon, give_up_at);
    }
}

/* --- Connections ---------------------------------------------------------- */

static void test_greets_with_the_login(void **state)
{
    struct fixture *fixture = *state;
    runtime_fixture_start(fixture->daemon, fixture->port,
                          "sentinel auth-user m watcher\n"
                          "sentinel auth-pass m secret\n");
    const struct visit *visit = await_word(fixture, "PING");
    assert_non_null(strstr(visit->text, "*3\r\n$4\r\nAUTH\r\n$7\r\nwatcher"
                                        "\r\n$6\r\nsecret\r\n"));
    assert_true(strstr(visit->text, "AUTH") < strstr(visit->text, "PING"));
    assert_int_equal(command_link(fixture)->state, LINK_UP);
    assert_string_equal(command_link(fixture)->local_ip, "127.0.0.1");
}

/* What it answers, why we close then, and that we come again. */
static const struct {
    const char *name;
    const char *answer;
    enum link_failure failure;
} answers[] = {
    {"no RESP", "HTTP/1.1 400 Bad Request\r\n\r\n", FAILURE_PROTOCOL},
    {"an answer to nothing",
     "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
     FAILURE_PROTOCOL},
    {"a string that is too long", "$2000000\r\n", FAILURE_PROTOCOL},
    {"an array that is too long", "*1000000\r\n", FAILURE_PROTOCOL},
    {"the end", "", FAILURE_CLOSED},
};

static void test_server_that_misbehaves(void **state)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct fixture *fixture = *state;
        fixture->answer = answers[i].answer;
        runtime_fixture_start(fixture->daemon, fixture->port, "");
        await_failure(fixture, answers[i].failure);
        await_visits(fixture, 4); /* both links, twice */
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
    struct fixture *fixture = *state;
    runtime_fixture_start(fixture->daemon, fixture->port,
                          ""); /* for tear_down */
}

static void test_server_that_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    conn_listener_free(fixture->server);
    fixture->server = NULL;
    runtime_fixture_start(fixture->daemon, fixture->port, "");
    await_failure(fixture, FAILURE_REFUSED);
}

static void test_removed_group_is_let_go(void **state)
{
    struct fixture *fixture = *state;
    runtime_fixture_start(fixture->daemon, fixture->port, "");
    (void)await_word(fixture, "PING");
    struct admin admin = {.type = ADMIN_REMOVE};
    copy_text(admin.name, NAME_SIZE, "m");
    runtime_record(fixture->daemon->runtime,
                   &(struct core_event){.type = EV_ADMIN, .admin = &admin});
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (fixture->visits[0]->conn != NULL ||
           fixture->visits[1]->conn != NULL) {
        runtime_fixture_wait(fixture->daemon, give_up_at);
    }
    assert_null(fixture->daemon->runtime->links);
}

/* --- What waits ----------------------------------------------------------- */

static void hold(struct fixture *fixture, enum core_action_type type,
                 uint64_t connection, msec expires_at)
{
    struct core_action action = {.type = type,
                                 .link = command_link(fixture)->id,
                                 .expires_at = expires_at};
    held_actions_add(&fixture->daemon->runtime->hold, &action, connection);
}

static void await_saved(struct fixture *fixture)
{
    msec give_up_at = runtime_now() + PATIENCE_MS;
    while (held_actions_unsaved(&fixture->daemon->runtime->hold)) {
        runtime_fixture_wait(fixture->daemon, give_up_at);
    }
}

/* Of three commands that waited for the same save only that one leaves which
 * was meant for this connection and is not late. (Which commands they are
 * does not matter; these are told apart easily.) */
static void test_held_for_another_connection(void **state)
{
    struct fixture *fixture = *state;
    runtime_fixture_start(fixture->daemon, fixture->port, "");
    struct visit *visit = await_word(fixture, "PING");
    await_saved(fixture);
    struct runtime *runtime = fixture->daemon->runtime;
    uint64_t connection =
        runtime_link_connection(runtime, command_link(fixture)->id);
    assert_true(connection != 0);
    uint64_t version = runtime->hold.handed + 1;
    visit->length = 0;
    memset(visit->text, 0, sizeof(visit->text));
    held_actions_saving(&runtime->hold, version);
    hold(fixture, ACT_SUBSCRIBE, connection + 1, NEVER);
    hold(fixture, ACT_INFO, connection, 1);
    hold(fixture, ACT_SCRIPT_KILL, connection, NEVER);
    store_save(fixture->daemon->store, fixture->daemon->records, 1, version);
    await_saved(fixture);
    assert_null(held_actions_refuse(&runtime->hold));
    (void)await_word(fixture, "KILL");
    assert_null(strstr(visit->text, "SUBSCRIBE"));
    assert_null(strstr(visit->text, "INFO"));
}

/* A command for a link that has no connection is refused at once, and that
 * fact waits; but after ACT_DISCONNECT the link is not heard of any more. */
static void test_disconnect_drops_waiting_facts(void **state)
{
    struct fixture *fixture = *state;
    runtime_fixture_start(fixture->daemon, fixture->port, "");
    struct runtime *runtime = fixture->daemon->runtime;
    static const struct core_action actions[] = {
        {.type = ACT_PING, .link = 1001, .expires_at = NEVER},
        {.type = ACT_PING, .link = 1002, .expires_at = NEVER},
        {.type = ACT_DISCONNECT, .link = 1001, .expires_at = NEVER},
    };
    runtime_begin_performing(runtime);
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        runtime_perform(runtime, &actions[i]);
    }
    size_t waiting = runtime->queue_count;
    struct core_event fact = runtime->queue[0];
    runtime_end_performing(runtime);
    assert_int_equal(waiting, 1);
    assert_int_equal(fact.type, EV_ACK);
    assert_int_equal(fact.link, 1002);
    assert_int_equal(fact.ack.result, ACK_UNSENT);
    assert_int_equal(runtime->queue_count, 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_greets_with_the_login),
        CASE(test_server_that_misbehaves),
        CASE(test_server_that_is_not_there),
        CASE(test_removed_group_is_let_go),
        CASE(test_held_for_another_connection),
        CASE(test_disconnect_drops_waiting_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
