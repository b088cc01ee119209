/* Who is refused by whom in a handshake, and what each side is told of it;
 * and what is no refusal: a server that is silent, or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/memory.h"
#include "tls_world.h"

struct meeting {
    const char *name;
    const char *server; /* what it shows */
    const char *client;
    const char *host; /* that the client wants */
    enum conf_tls_auth auth;
    const char *client_reason; /* "" = it works */
    const char *server_reason;
};

static const struct meeting meetings[] = {
    {"by name", "server", "client", "localhost", TLS_AUTH_YES, "", ""},
    {"by another name", "server", "client", "REDIS.example.", TLS_AUTH_YES, "",
     ""},
    {"by ip", "server", "client", "127.0.0.1", TLS_AUTH_YES, "", ""},
    {"no certificate, none wanted", "server", "", "localhost", TLS_AUTH_NO, "",
     ""},
    {"a stranger's, none wanted", "server", "stranger", "localhost",
     TLS_AUTH_NO, "", ""},
    {"no certificate, optional", "server", "", "localhost", TLS_AUTH_OPTIONAL,
     "", ""},
    {"no certificate", "server", "", "localhost", TLS_AUTH_YES,
     "the other side refuses: ", "it shows no certificate, and must"},
    {"a stranger's, optional", "server", "stranger", "localhost",
     TLS_AUTH_OPTIONAL, "the other side refuses: unknown CA",
     "its certificate is not accepted: unable to get local issuer "
     "certificate"},
    {"a stranger's", "server", "stranger", "localhost", TLS_AUTH_YES,
     "the other side refuses: unknown CA",
     "its certificate is not accepted: unable to get local issuer "
     "certificate"},
    {"an expired client", "server", "expired", "localhost", TLS_AUTH_YES,
     "the other side refuses: certificate expired",
     "its certificate is not accepted: certificate has expired"},
    {"a server of another CA", "stranger", "client", "localhost", TLS_AUTH_YES,
     "its certificate is not accepted: unable to get local issuer "
     "certificate",
     "the other side refuses: unknown CA"},
    {"an expired server", "expired", "client", "localhost", TLS_AUTH_YES,
     "its certificate is not accepted: certificate has expired",
     "the other side refuses: certificate expired"},
    {"another name", "nameless", "client", "localhost", TLS_AUTH_YES,
     "its certificate is not for localhost",
     "the other side refuses: bad certificate"},
    {"another ip", "server", "client", "127.0.0.2", TLS_AUTH_YES,
     "its certificate is not for 127.0.0.2",
     "the other side refuses: bad certificate"},
};

static void check_refusal(const struct meeting *row, const char *who,
                          const struct side *side, const char *expected)
{
    if (side->failure != FAILURE_TLS ||
        strncmp(side->reason, expected, strlen(expected)) != 0) {
        fail_msg("%s, %s: failure %d\n  is      %s\n  must be %s", row->name,
                 who, (int)side->failure, side->reason, expected);
    }
}

static void meet(struct tls_world *world, const struct meeting *row)
{
    struct conn_fixture *net = world->net;
    tls_fixture_server_shows(world->files, row->server);
    tls_fixture_client_shows(world->files, row->client);
    world->files->server.tls.auth_clients = (int)row->auth;
    net->host = row->host;
    tls_world_secure(world);
    if (row->client_reason[0] == '\0') {
        tls_world_check_echo(world, 10);
        return;
    }
    int accepted = net->server_count + 1;
    struct side *client = conn_fixture_connect(net);
    conn_fixture_wait(net, &net->server_count, accepted);
    struct side *server = conn_fixture_last_server(net);
    conn_fixture_wait(net, &client->closed, 1);
    conn_fixture_wait(net, &server->closed, 1);
    check_refusal(row, "client", client, row->client_reason);
    check_refusal(row, "server", server, row->server_reason);
    assert_int_equal(server->opened, 0);
    assert_int_equal(server->length, 0);
}

static void each_refusal_says_why(void **state)
{
    static const unsigned protocols[] = {TLS_PROTOCOL_1_2, TLS_PROTOCOL_1_3};
    struct tls_world *world = *state;
    for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
        for (size_t p = 0; p < 2; p++) {
            world->files->client.tls.protocols = protocols[p];
            meet(world, &meetings[i]);
        }
    }
}

static void sides_without_a_common_protocol_say_so(void **state)
{
    static const struct meeting row = {
        "no common protocol",
        "server",
        "client",
        "localhost",
        TLS_AUTH_YES,
        "the other side refuses: protocol version",
        "unsupported protocol",
    };
    struct tls_world *world = *state;
    world->files->server.tls.protocols = TLS_PROTOCOL_1_3;
    world->files->client.tls.protocols = TLS_PROTOCOL_1_2;
    meet(world, &row);
}

static void sides_without_a_common_cipher_say_so(void **state)
{
    static const struct meeting row = {
        "no common cipher", "server",
        "client",           "localhost",
        TLS_AUTH_YES,       "the other side refuses: handshake failure",
        "no shared cipher",
    };
    struct tls_world *world = *state;
    struct conf_tls *server = &world->files->server.tls;
    struct conf_tls *client = &world->files->client.tls;
    copy_text(server->ciphersuites, sizeof(server->ciphersuites),
              "TLS_AES_256_GCM_SHA384");
    copy_text(client->ciphersuites, sizeof(client->ciphersuites),
              "TLS_AES_128_GCM_SHA256");
    copy_text(server->ciphers, sizeof(server->ciphers),
              "ECDHE-ECDSA-AES256-GCM-SHA384");
    copy_text(client->ciphers, sizeof(client->ciphers),
              "ECDHE-ECDSA-AES128-GCM-SHA256");
    client->protocols = TLS_PROTOCOL_1_3;
    meet(world, &row);
    client->protocols = TLS_PROTOCOL_1_2;
    meet(world, &row);
}

static void a_name_of_ones_own_is_compared_instead(void **state)
{
    struct tls_world *world = *state;
    struct conf_tls_client *client = &world->files->client.tls_clients[0];
    tls_fixture_server_shows(world->files, "nameless");
    world->net->host = "10.0.0.1";
    copy_text(client->server_name, HOST_SIZE, "nobody.example");
    tls_world_secure(world);
    tls_world_check_echo(world, 10);
    client->server_name[0] = '\0';
    client->verify_host = false;
    tls_world_secure(world);
    tls_world_check_echo(world, 10);
}

static void a_directory_of_cas_will_do(void **state)
{
    struct tls_world *world = *state;
    struct conf_tls_client *server = &world->files->server.tls.client;
    struct conf_tls_client *client = &world->files->client.tls_clients[0];
    server->ca_cert_file[0] = '\0';
    client->ca_cert_file[0] = '\0';
    tls_fixture_path(world->files, "hashed", server->ca_cert_dir);
    tls_fixture_path(world->files, "hashed", client->ca_cert_dir);
    tls_world_secure(world);
    tls_world_check_echo(world, 10);
}

static void a_plain_client_at_a_tls_port(void **state)
{
    static const char *const texts[] = {"PING\r\n", "GET / HTTP/1.1\r\n\r\n",
                                        "*1\r\n$4\r\nPING\r\n"};
    struct tls_world *world = *state;
    tls_world_secure(world);
    world->net->client_tls = NULL;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int accepted = world->net->server_count + 1;
        struct side *client = conn_fixture_connect(world->net);
        assert_true(conn_write(client->conn, texts[i], strlen(texts[i]), 99));
        conn_fixture_wait(world->net, &world->net->server_count, accepted);
        struct side *server = conn_fixture_last_server(world->net);
        conn_fixture_wait(world->net, &server->closed, 1);
        assert_int_equal(server->failure, FAILURE_TLS);
        assert_string_equal(server->reason, "what it sends is not TLS");
        assert_int_equal(server->opened, 0);
    }
}

static void a_tls_client_at_a_plain_port(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    world->net->server_tls = NULL;
    world->net->server_reaction = REACT_REPLY_AND_END;
    struct side *client = conn_fixture_connect(world->net);
    conn_fixture_wait(world->net, &client->closed, 1);
    assert_int_equal(client->opened, 0);
    assert_int_equal(client->failure, FAILURE_CLOSED);
    assert_string_equal(client->reason,
                        "it hung up in the middle of the handshake");
    client = conn_fixture_connect(world->net);
    int accepted = world->net->server_count + 1;
    conn_fixture_wait(world->net, &world->net->server_count, accepted);
    struct side *server = conn_fixture_last_server(world->net);
    server->reaction = REACT_NOT;
    assert_true(conn_write(server->conn, "-ERR unknown\r\n", 14, 99));
    conn_fixture_wait(world->net, &client->closed, 1);
    assert_int_equal(client->failure, FAILURE_TLS);
    assert_string_equal(client->reason, "what it sends is not TLS");
}

/* A server that hangs says nothing: that is silence, not a refusal. */
static void silence_in_the_handshake_times_out(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    world->net->server_tls = NULL;
    struct side *client = conn_fixture_connect_to(world->net, world->net->ip,
                                                  world->net->port, 30);
    conn_fixture_wait(world->net, &client->closed, 1);
    assert_int_equal(client->failure, FAILURE_TIMED_OUT);
    assert_string_equal(client->reason,
                        "it accepts the connection but does not answer");
    assert_int_equal(client->opened, 0);
}

static void nobody_there_is_no_matter_of_tls(void **state)
{
    struct tls_world *world = *state;
    tls_world_secure(world);
    struct side *client =
        conn_fixture_connect_to(world->net, "127.0.0.1", 1, 5000);
    struct side *nowhere =
        conn_fixture_connect_to(world->net, "nowhere", 1, 5000);
    conn_fixture_wait(world->net, &client->closed, 1);
    conn_fixture_wait(world->net, &nowhere->closed, 1);
    assert_int_equal(client->failure, FAILURE_REFUSED);
    assert_int_equal(nowhere->failure, FAILURE_UNRESOLVABLE);
}

#define TEST(function)                                          \
    cmocka_unit_test_setup_teardown(function, tls_world_set_up, \
                                    tls_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_refusal_says_why),
        TEST(sides_without_a_common_protocol_say_so),
        TEST(sides_without_a_common_cipher_say_so),
        TEST(a_name_of_ones_own_is_compared_instead),
        TEST(a_directory_of_cas_will_do),
        TEST(a_plain_client_at_a_tls_port),
        TEST(a_tls_client_at_a_plain_port),
        TEST(silence_in_the_handshake_times_out),
        TEST(nobody_there_is_no_matter_of_tls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
