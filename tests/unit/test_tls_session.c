/* A conn and OpenSSL itself at the other end, without a loop and without us:
 * what only such a side can do or see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn_fixture.h"
#include "io/base/log.h"
#include "sentineld/memory.h"
#include "tls_fixture.h"

struct world {
    struct tls_fixture *files;
    struct conn_fixture *net;
    struct tls *tls;
    SSL_CTX *context; /* the other side's */
    SSL *ssl;
    int descriptor;
};

static int set_up(void **state)
{
    struct world *world = xcalloc(1, sizeof(*world));
    struct error error;
    world->files = tls_fixture_new();
    world->net = conn_fixture_new("127.0.0.1");
    world->net->host = "localhost";
    world->descriptor = -1;
    *state = world;
    return log_open("", LEVEL_WARNING + 1, &error) ? 0 : -1;
}

static void hang_up(struct world *world)
{
    SSL_free(world->ssl);
    world->ssl = NULL;
    if (world->descriptor >= 0) {
        (void)close(world->descriptor);
    }
    world->descriptor = -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    hang_up(world);
    SSL_CTX_free(world->context);
    conn_fixture_free(world->net);
    tls_free(world->tls);
    tls_fixture_free(world->files);
    free(world);
    return 0;
}

static void show(struct world *world, const char *name)
{
    char path[CONF_PATH_SIZE];
    char file[64];
    (void)snprintf(file, sizeof(file), "%s.pem", name);
    tls_fixture_path(world->files, file, path);
    assert_int_equal(
        SSL_CTX_use_certificate_file(world->context, path, SSL_FILETYPE_PEM),
        1);
    (void)snprintf(file, sizeof(file), "%s.key", name);
    tls_fixture_path(world->files, file, path);
    assert_int_equal(
        SSL_CTX_use_PrivateKey_file(world->context, path, SSL_FILETYPE_PEM), 1);
}

static void begin(struct world *world, int descriptor)
{
    assert_int_equal(fcntl(descriptor, F_SETFL, O_NONBLOCK), 0);
    world->descriptor = descriptor;
    world->ssl = SSL_new(world->context);
    assert_non_null(world->ssl);
    assert_int_equal(SSL_set_fd(world->ssl, descriptor), 1);
}

/* After an operation of OpenSSL: true when it is to be repeated. */
static bool must_repeat(struct world *world, int result)
{
    if (result > 0) {
        return false;
    }
    int kind = SSL_get_error(world->ssl, result);
    assert_true(kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE);
    conn_fixture_run(world->net, 0.002);
    return true;
}

static void shake_hands(struct world *world)
{
    while (must_repeat(world, SSL_do_handshake(world->ssl))) {
    }
}

static void say(struct world *world, const char *text)
{
    while (must_repeat(world, SSL_write(world->ssl, text, (int)strlen(text)))) {
    }
}

/* A client of our port; `session` may be NULL. */
static void call(struct world *world, SSL_SESSION *session)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(world->net->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        connect(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    begin(world, descriptor);
    SSL_set_connect_state(world->ssl);
    if (session != NULL) {
        assert_int_equal(SSL_set_session(world->ssl, session), 1);
    }
    shake_hands(world);
}

static void serve(struct world *world)
{
    world->tls = tls_fixture_tls(&world->files->server);
    world->net->server_tls = world->tls;
    world->context = SSL_CTX_new(TLS_client_method());
    show(world, "client");
}

/* --- Keys change while bytes wait to be sent ----------------------------- */

static void read_pattern(struct world *world, size_t length)
{
    char data[16384];
    size_t seen = 0;
    while (seen < length) {
        int got = SSL_read(world->ssl, data, sizeof(data));
        if (must_repeat(world, got)) {
            continue;
        }
        for (int i = 0; i < got; i++) {
            assert_int_equal((unsigned char)data[i], (seen + (size_t)i) % 251);
        }
        seen += (size_t)got;
    }
}

/* What the other side asks for has to be answered, and our sending is stuck;
 * it goes on in both directions. */
static void keys_may_change_while_sending_is_stuck(void **state)
{
    enum { LENGTH = 16 * 1024 * 1024 };
    struct world *world = *state;
    serve(world);
    call(world, NULL);
    struct side *server = conn_fixture_last_server(world->net);
    char *data = xmalloc(LENGTH);
    for (size_t i = 0; i < LENGTH; i++) {
        data[i] = (char)(i % 251);
    }
    assert_true(conn_write(server->conn, data, LENGTH, SIZE_MAX));
    free(data);
    conn_fixture_run(world->net, 0.05);
    assert_true(conn_unsent(server->conn) > 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(SSL_key_update(world->ssl, SSL_KEY_UPDATE_REQUESTED),
                         1);
        say(world, "x");
        conn_fixture_wait_length(world->net, server, (size_t)i + 1);
    }
    read_pattern(world, LENGTH);
    say(world, "y");
    conn_fixture_wait_length(world->net, server, 4);
    assert_int_equal(server->closed, 0);
    assert_int_equal(conn_unsent(server->conn), 0);
}

/* --- Sessions that are taken up ------------------------------------------ */

/* Whether the second call is a short one. */
static bool is_taken_up(struct world *world, int version)
{
    char data[8];
    (void)SSL_CTX_set_max_proto_version(world->context, version);
    world->net->server_reaction = REACT_ECHO;
    call(world, NULL);
    say(world, "x"); /* tickets come before the echo */
    while (must_repeat(world, SSL_read(world->ssl, data, sizeof(data)))) {
    }
    SSL_SESSION *session = SSL_get1_session(world->ssl);
    (void)SSL_shutdown(world->ssl);
    hang_up(world);
    call(world, session);
    bool result = SSL_session_reused(world->ssl) == 1;
    SSL_SESSION_free(session);
    hang_up(world);
    return result;
}

static void sessions_are_taken_up_when_allowed(void **state)
{
    struct world *world = *state;
    struct error error;
    serve(world);
    assert_true(is_taken_up(world, TLS1_2_VERSION));
    assert_true(is_taken_up(world, TLS1_3_VERSION));
    world->files->server.tls.session_caching = false;
    assert_true(tls_reload(world->tls, &error));
    assert_false(is_taken_up(world, TLS1_2_VERSION));
    assert_false(is_taken_up(world, TLS1_3_VERSION));
}

/* --- What we ask servers for --------------------------------------------- */

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(descriptor, 1), 0);
    assert_int_equal(
        getsockname(descriptor, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return descriptor;
}

static void the_name_is_asked_for(void **state)
{
    static const struct {
        const char *host;
        const char *server_name;
        const char *expected; /* NULL = no name */
    } rows[] = {
        {"localhost", "", "localhost"},
        {"localhost.", "", "localhost"},
        {"127.0.0.1", "", NULL},
        {"127.0.0.1", "redis.example", "redis.example"},
    };
    struct world *world = *state;
    struct conf_tls_client *client = &world->files->client.tls_clients[0];
    uint16_t port;
    int listening = listen_somewhere(&port);
    world->tls = tls_fixture_tls(&world->files->client);
    world->net->client_tls = world->tls;
    world->context = SSL_CTX_new(TLS_server_method());
    show(world, "server");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        copy_text(client->server_name, HOST_SIZE, rows[i].server_name);
        world->net->host = rows[i].host;
        struct side *side =
            conn_fixture_connect_to(world->net, "127.0.0.1", port, 5000);
        begin(world, accept(listening, NULL, NULL));
        SSL_set_accept_state(world->ssl);
        shake_hands(world);
        const char *name =
            SSL_get_servername(world->ssl, TLSEXT_NAMETYPE_host_name);
        if (rows[i].expected == NULL) {
            assert_null(name);
        } else {
            assert_string_equal(name, rows[i].expected);
        }
        conn_fixture_wait(world->net, &side->opened, 1);
        hang_up(world);
        conn_fixture_wait(world->net, &side->closed, 1);
        assert_int_equal(side->failure, FAILURE_RESET); /* no goodbye */
    }
    (void)close(listening);
}

#define TEST(function) \
    cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_may_change_while_sending_is_stuck),
        TEST(sessions_are_taken_up_when_allowed),
        TEST(the_name_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
