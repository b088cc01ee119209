/* TLS in both kinds of configuration file: what is taken, what is refused,
 * and which connections are made in which way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"
#include "sentineld/memory.h"

#define PAIR  "tls_cert_file = \"/c\"; tls_key_file = \"/k\"; "
#define CA    "tls_ca_cert_file = \"/ca\"; "
#define GROUP "name = \"m\"; host = \"10.0.0.1\"; port = 1; quorum = 1; "
#define MORE  "name = \"n\"; host = \"10.0.0.2\"; port = 1; quorum = 1; "

#define OWN_PAIR \
    "tls_client_cert_file = \"/oc\"; tls_client_key_file = \"/ok\"; "

#define REDIS_PAIR "tls-cert-file /c\ntls-key-file /k\n"
#define REDIS_CA   "tls-ca-cert-file /ca\n"

static void test_nothing_is_no_tls(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse("groups = ( { " GROUP " } );", &conf);
    assert_int_equal(conf.tls_port, 0);
    assert_int_equal(conf.tls.auth_clients, TLS_AUTH_YES);
    assert_int_equal(conf.tls.protocols, TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3);
    assert_true(conf.tls.client.verify_host);
    assert_int_equal(conf.tls_client_count, 0);
    assert_int_equal(conf.tls_servers, 0);
    assert_int_equal(conf.tls_peers, 0);
    assert_int_equal(conf_find_tls(&conf, "m"), 0);
    assert_int_equal(conf_find_tls(&conf, "unnamed"), 0);
    conf_free(&conf);
}

static void test_every_native_key(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "port = 0; tls_port = 26380; " PAIR CA
        "tls_key_file_pass = \"p\"; tls_ca_cert_dir = \"/d\"; "
        "tls_auth_clients = \"optional\"; tls_servers = true; "
        "tls_peers = true; tls_client_cert_file = \"/cc\"; "
        "tls_client_key_file = \"/ck\"; tls_client_key_file_pass = \"cp\"; "
        "tls_verify_host = false; tls_server_name = \"redis.example\"; "
        "tls_protocols = \" TLSv1.3  tlsv1 \"; tls_ciphers = \"HIGH\"; "
        "tls_ciphersuites = \"TLS_AES_128_GCM_SHA256\"; "
        "tls_prefer_server_ciphers = true; tls_session_caching = false; "
        "tls_session_cache_size = 7; tls_session_cache_timeout_s = 8;",
        &conf);
    assert_int_equal(conf.port, 0);
    assert_int_equal(conf.tls_port, 26380);
    assert_string_equal(conf.tls.cert_file, "/c");
    assert_string_equal(conf.tls.key_file, "/k");
    assert_string_equal(conf.tls.key_file_pass, "p");
    assert_int_equal(conf.tls.auth_clients, TLS_AUTH_OPTIONAL);
    assert_int_equal(conf.tls.protocols, TLS_PROTOCOL_1_0 | TLS_PROTOCOL_1_3);
    assert_string_equal(conf.tls.ciphers, "HIGH");
    assert_string_equal(conf.tls.ciphersuites, "TLS_AES_128_GCM_SHA256");
    assert_true(conf.tls.prefer_server_ciphers);
    assert_false(conf.tls.session_caching);
    assert_int_equal(conf.tls.session_cache_size, 7);
    assert_int_equal(conf.tls.session_cache_timeout_s, 8);
    assert_int_equal(conf.tls_client_count, 1);
    assert_int_equal(conf.tls_servers, 1);
    assert_int_equal(conf.tls_peers, 1);
    const struct conf_tls_client *client = &conf.tls_clients[0];
    assert_string_equal(client->cert_file, "/cc");
    assert_string_equal(client->key_file, "/ck");
    assert_string_equal(client->key_file_pass, "cp");
    assert_string_equal(client->ca_cert_file, "/ca");
    assert_string_equal(client->ca_cert_dir, "/d");
    assert_string_equal(client->server_name, "redis.example");
    assert_false(client->verify_host);
    conf_free(&conf);
}

/* Without a certificate for outgoing connections, the one for clients. */
static void test_one_certificate_serves_both(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(PAIR CA "tls_key_file_pass = \"p\"; tls_peers = true;",
                       &conf);
    assert_int_equal(conf.tls_servers, 0);
    assert_int_equal(conf.tls_peers, 1);
    assert_string_equal(conf.tls_clients[0].cert_file, "/c");
    assert_string_equal(conf.tls_clients[0].key_file, "/k");
    assert_string_equal(conf.tls_clients[0].key_file_pass, "p");
    conf_free(&conf);
}

static void test_groups_differ(void **state)
{
    (void)state;
    static const char format[] =
        "{ name = \"%s\"; host = \"%s\"; port = 1; quorum = 1; %s }%s ";
    static const char *const rows[] = {
        "",
        "tls = false;",
        "tls = true;",
        "tls_ca_cert_dir = \"/other\";",
        OWN_PAIR,
        "tls_server_name = \"other.example\"; tls_verify_host = false;",
        "tls_ca_cert_dir = \"/other\"; tls = true;",
        "tls_verify_host = false;",
        OWN_PAIR "tls_client_key_file_pass = \"op\";",
    };
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    char text[4096] = PAIR CA "tls_servers = true; groups = ( ";
    for (size_t i = 0; i < COUNT; i++) {
        char name[16];
        size_t used = strlen(text);
        (void)snprintf(name, sizeof(name), "m%zu", i);
        (void)snprintf(text + used, sizeof(text) - used, format, name, name,
                       rows[i], i + 1 < COUNT ? "," : ");");
    }
    struct conf conf;
    conf_fixture_parse(text, &conf);
    static const size_t expected[COUNT] = {1, 0, 1, 2, 3, 4, 2, 5, 6};
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(conf.logins[i].tls, expected[i]);
        assert_int_equal(conf_find_tls(&conf, conf.groups[i].name),
                         expected[i]);
    }
    assert_int_equal(conf_find_tls(&conf, "unnamed"), 1);
    assert_int_equal(conf.tls_client_count, 6);
    /* One of the two replaces both. */
    assert_string_equal(conf.tls_clients[1].ca_cert_file, "");
    assert_string_equal(conf.tls_clients[1].ca_cert_dir, "/other");
    assert_string_equal(conf.tls_clients[1].cert_file, "/c");
    assert_string_equal(conf.tls_clients[2].cert_file, "/oc");
    assert_string_equal(conf.tls_clients[2].key_file, "/ok");
    assert_string_equal(conf.tls_clients[2].ca_cert_file, "/ca");
    assert_string_equal(conf.tls_clients[3].server_name, "other.example");
    assert_false(conf.tls_clients[3].verify_host);
    conf_free(&conf);
}

/* A group of its own kind in a file that has no TLS otherwise. */
static void test_a_single_group(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "groups = ( { " GROUP " tls = true; " CA "}, { " MORE " } );", &conf);
    assert_int_equal(conf_find_tls(&conf, "m"), 1);
    assert_int_equal(conf_find_tls(&conf, "n"), 0);
    assert_int_equal(conf_find_tls(&conf, "unnamed"), 0);
    assert_string_equal(conf.tls_clients[0].cert_file, "");
    assert_true(conf.tls_clients[0].verify_host);
    conf_free(&conf);
}

static const struct conf_row native_errors[] = {
    {"port = 0;", "s.conf:1: port is 0, and there is no tls_port; one of them "
                  "must be a port"},
    {"\ntls_port = 26379; " PAIR CA,
     "s.conf:2: tls_port is the same as port; they must differ"},
    {"\ntls_port = 1;", "s.conf:2: tls_port needs tls_cert_file and "
                        "tls_key_file"},
    {"\ntls_port = 1; " PAIR,
     "s.conf:2: tls_port needs tls_ca_cert_file or tls_ca_cert_dir to know "
     "which clients to trust, or tls_auth_clients \"no\""},
    {"tls_port = 1; tls_auth_clients = \"optional\"; " PAIR,
     "s.conf:1: tls_port needs tls_ca_cert_file or tls_ca_cert_dir to know "
     "which clients to trust, or tls_auth_clients \"no\""},
    {"\ntls_cert_file = \"/c\";",
     "s.conf:2: tls_cert_file needs tls_key_file beside it"},
    {"\ntls_key_file = \"/c\";",
     "s.conf:2: tls_key_file needs tls_cert_file beside it"},
    {"\ntls_client_cert_file = \"/c\";",
     "s.conf:2: tls_client_cert_file needs tls_client_key_file beside it"},
    {"\ntls_client_key_file = \"/c\";",
     "s.conf:2: tls_client_key_file needs tls_client_cert_file beside it"},
    {"\ntls_servers = true;",
     "s.conf:2: tls_servers needs tls_ca_cert_file or tls_ca_cert_dir to know "
     "whom to trust"},
    {"\ntls_peers = true;",
     "s.conf:2: tls_peers needs tls_ca_cert_file or tls_ca_cert_dir to know "
     "whom to trust"},
    {"\ntls_protocols = \"TLSv1.2 SSLv3\";",
     "s.conf:2: tls_protocols has a word that is none of TLSv1, TLSv1.1, "
     "TLSv1.2 and TLSv1.3"},
    {"tls_auth_clients = \"maybe\";", "s.conf:1: tls_auth_clients \"maybe\" is "
                                      "none of them; it must be no, yes or "
                                      "optional"},
    {"tls_auth_clients = true;",
     "s.conf:1: tls_auth_clients is a boolean; it must be a string: no, yes "
     "or optional"},
    {"tls_server_name = \"a b\";",
     "s.conf:1: tls_server_name \"a b\" is neither an ip address nor a host "
     "name; it must be an ip address or a host name, or empty"},
    {"tls_prot = 1;", "s.conf:1: unknown key tls_prot; did you mean tls_port?"},
    {"groups = ( { " GROUP "\ntls = true; } );",
     "s.conf:2: groups[0].tls needs tls_ca_cert_file or tls_ca_cert_dir to "
     "know which servers to trust"},
    {"groups = ( { " GROUP "\ntls_client_key_file = \"/k\"; } );",
     "s.conf:2: groups[0].tls_client_key_file needs tls_client_cert_file "
     "beside it"},
    {"groups = ( { " GROUP "\ntls_client_cert_file = \"/k\"; } );",
     "s.conf:2: groups[0].tls_client_cert_file needs tls_client_key_file "
     "beside it"},
};

static void test_native_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(native_errors) / sizeof(native_errors[0]);
         i++) {
        conf_fixture_expect_error(native_errors[i].text, native_errors[i].text,
                                  native_errors[i].expected);
    }
}

/* 64 different ways are possible, the next one is an error. */
static void test_limit_of_different_ways(void **state)
{
    (void)state;
    static char text[64 * 1024];
    struct conf conf;
    for (int count = CONF_TLS_CLIENTS_MAX; count <= CONF_TLS_CLIENTS_MAX + 1;
         count++) {
        copy_text(text, sizeof(text), "groups = (");
        for (int i = 0; i < count; i++) {
            size_t used = strlen(text);
            (void)snprintf(text + used, sizeof(text) - used,
                           "%s\n{ name = \"m%d\"; host = \"h%d\"; port = 1; "
                           "quorum = 1; tls = true; tls_ca_cert_file = "
                           "\"/ca%d\"; }",
                           i == 0 ? "" : ",", i, i, i);
        }
        copy_text(text + strlen(text), 8, ");");
        if (count == CONF_TLS_CLIENTS_MAX) {
            conf_fixture_parse(text, &conf);
            assert_int_equal(conf.tls_client_count, CONF_TLS_CLIENTS_MAX);
            conf_free(&conf);
        }
    }
    conf_fixture_expect_error("65 ways", text,
                              "s.conf:66: groups[64].tls is set up in more "
                              "than 64 different ways in this file");
}

struct port_row {
    const char *text;
    uint16_t expected;
};

static const struct port_row announced[] = {
    {"port = 1;", 1},
    {"port = 1; announce_port = 9;", 9},
    {"port = 1; tls_port = 2; " PAIR CA, 1},
    {"port = 1; tls_port = 2; tls_servers = true; " PAIR CA, 1},
    {"port = 1; tls_port = 2; tls_peers = true; " PAIR CA, 2},
    {"port = 1; tls_peers = true; " CA, 1},
    {"port = 0; tls_port = 2; " PAIR CA, 2},
    {"port = 1; tls_port = 2; tls_peers = true; announce_port = 9; " PAIR CA,
     9},
};

static void test_announced_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(announced) / sizeof(announced[0]); i++) {
        struct conf conf;
        conf_fixture_parse(announced[i].text, &conf);
        uint16_t port = conf_announced_port(&conf);
        if (port != announced[i].expected) {
            fail_msg("%s: %u", announced[i].text, (unsigned)port);
        }
        conf_free(&conf);
    }
}

/* --- sentinel.conf ------------------------------------------------------- */

static void test_every_directive(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis(
        "sentinel monitor m 10.0.0.1 6379 2\n"
        "port 0\nTLS-Port 26379\n" REDIS_PAIR REDIS_CA
        "tls-key-file-pass \"a b\"\ntls-client-cert-file /cc\n"
        "tls-client-key-file /ck\ntls-client-key-file-pass cp\n"
        "tls-ca-cert-dir /d\ntls-auth-clients OPTIONAL\n"
        "tls-replication yes\ntls-protocols \"TLSv1.2 TLSv1.3\"\n"
        "tls-ciphers DEFAULT:!MEDIUM\ntls-ciphersuites TLS_AES_128_GCM_SHA256\n"
        "tls-prefer-server-ciphers yes\ntls-session-caching no\n"
        "tls-session-cache-size 5000\ntls-session-cache-timeout 60\n"
        "tls-cluster no\n",
        "", &conf);
    assert_int_equal(conf.port, 0);
    assert_int_equal(conf.tls_port, 26379);
    assert_int_equal(conf_announced_port(&conf), 26379);
    assert_string_equal(conf.tls.cert_file, "/c");
    assert_string_equal(conf.tls.key_file, "/k");
    assert_string_equal(conf.tls.key_file_pass, "a b");
    assert_int_equal(conf.tls.auth_clients, TLS_AUTH_OPTIONAL);
    assert_int_equal(conf.tls.protocols, TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3);
    assert_string_equal(conf.tls.ciphers, "DEFAULT:!MEDIUM");
    assert_string_equal(conf.tls.ciphersuites, "TLS_AES_128_GCM_SHA256");
    assert_true(conf.tls.prefer_server_ciphers);
    assert_false(conf.tls.session_caching);
    assert_int_equal(conf.tls.session_cache_size, 5000);
    assert_int_equal(conf.tls.session_cache_timeout_s, 60);
    assert_int_equal(conf_find_tls(&conf, "m"), 1);
    assert_int_equal(conf_find_tls(&conf, "unnamed"), 1);
    assert_int_equal(conf.tls_peers, 1);
    const struct conf_tls_client *client = &conf.tls_clients[0];
    assert_string_equal(client->cert_file, "/cc");
    assert_string_equal(client->key_file, "/ck");
    assert_string_equal(client->key_file_pass, "cp");
    assert_string_equal(client->ca_cert_file, "/ca");
    assert_string_equal(client->ca_cert_dir, "/d");
    assert_false(client->verify_host); /* as in Redis */
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

static void test_without_replication_only_clients_use_it(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("tls-port 26380\ntls-auth-clients no\n" REDIS_PAIR
                             "tls-protocols \"\"\n"
                             "sentinel monitor m 10.0.0.1 6379 2\n",
                             "", &conf);
    assert_int_equal(conf.port, 26379);
    assert_int_equal(conf_announced_port(&conf), 26379);
    assert_int_equal(conf.tls.protocols, TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3);
    assert_int_equal(conf_find_tls(&conf, "m"), 0);
    assert_int_equal(conf.tls_peers, 0);
    assert_int_equal(conf.tls_client_count, 0);
    conf_free(&conf);
}

static const struct conf_row redis_errors[] = {
    {"tls-port", "s.conf:1: tls-port: wrong number of arguments"},
    {"tls-port 1 2", "s.conf:1: tls-port: wrong number of arguments"},
    {"tls-port x", "s.conf:1: tls-port: argument couldn't be parsed into an "
                   "integer"},
    {"tls-port 65536", "s.conf:1: tls-port: argument must be between 0 and "
                       "65535 inclusive"},
    {"tls-replication maybe",
     "s.conf:1: tls-replication: argument must be 'yes' or 'no'"},
    {"tls-session-caching 1",
     "s.conf:1: tls-session-caching: argument must be 'yes' or 'no'"},
    {"tls-session-cache-size -1",
     "s.conf:1: tls-session-cache-size: argument must be between 0 and "
     "2147483647 inclusive"},
    {"tls-session-cache-timeout 0",
     "s.conf:1: tls-session-cache-timeout: argument must be between 1 and "
     "2147483647 inclusive"},
    {"tls-session-cache-timeout 1s",
     "s.conf:1: tls-session-cache-timeout: argument couldn't be parsed into "
     "an integer"},
    {"tls-auth-clients perhaps",
     "s.conf:1: tls-auth-clients: argument(s) must be one of the following: "
     "no, yes, optional"},
    {"tls-protocols SSLv3",
     "s.conf:1: tls-protocols has a word that is none of TLSv1, TLSv1.1, "
     "TLSv1.2 and TLSv1.3"},
    {"tls-protocols "
     "\"TLSv1.2 TLSv1.2 TLSv1.2 TLSv1.2 TLSv1.2 TLSv1.2 TLSv1.2 TLSv1.2 \"",
     "s.conf:1: tls-protocols: this must be at most 63 bytes"},
    {"tls-prot 1", "s.conf:1: tls-prot: Bad directive or wrong number of "
                   "arguments; did you mean tls-port?"},
    {"tls-port 1\n\n", "s.conf:1: tls-port needs tls-cert-file and "
                       "tls-key-file"},
    {REDIS_PAIR "tls-port 1", "s.conf:3: tls-port needs tls-ca-cert-file or "
                              "tls-ca-cert-dir to know which clients to "
                              "trust, or tls-auth-clients \"no\""},
    {"tls-port 26379\n" REDIS_PAIR REDIS_CA,
     "s.conf:1: tls-port is the same as port; they must differ"},
    {"\ntls-replication yes",
     "s.conf:2: tls-replication needs tls-ca-cert-file or tls-ca-cert-dir to "
     "know whom to trust"},
    {"tls-key-file /k", "s.conf:1: tls-key-file needs tls-cert-file beside it"},
};

static void test_redis_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(redis_errors) / sizeof(redis_errors[0]);
         i++) {
        struct conf conf;
        struct error error;
        const struct conf_row *row = &redis_errors[i];
        if (sentinel_conf_parse(row->text, "", "s.conf", &conf, &error)) {
            fail_msg("[%s] was accepted", row->text);
        }
        if (strcmp(error.text, row->expected) != 0) {
            fail_msg("[%s]:\n  is      %s\n  must be %s", row->text, error.text,
                     row->expected);
        }
    }
}

static char *load(const char *name, struct error *error)
{
    (void)name;
    (void)error;
    return xstrdup("\ntls-port 1\n");
}

static void test_the_included_file_is_named(void **state)
{
    (void)state;
    const struct sentinel_conf_input input = {.text =
                                                  "include tls.conf\ndir /d\n",
                                              .extra = "",
                                              .name = "s.conf",
                                              .load = load};
    struct conf conf;
    struct error error;
    assert_false(sentinel_conf_parse_input(&input, &conf, &error));
    assert_string_equal(error.text,
                        "tls.conf:2: tls-port needs tls-cert-file and "
                        "tls-key-file");
}

static const struct conf_row redis_warnings[] = {
    {"tls-cluster yes",
     "s.conf:1: tls-cluster has no effect: there is no cluster bus here"},
    {"tls-dh-params-file /dh",
     "s.conf:1: tls-dh-params-file has no effect: parameters that fit the key "
     "are chosen"},
};

static void test_redis_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(redis_warnings) / sizeof(redis_warnings[0]);
         i++) {
        struct conf conf;
        conf_fixture_parse_redis(redis_warnings[i].text, "", &conf);
        assert_int_equal(conf.warning_count, 1);
        assert_string_equal(conf.warnings[0], redis_warnings[i].expected);
        conf_free(&conf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_no_tls),
        cmocka_unit_test(test_every_native_key),
        cmocka_unit_test(test_one_certificate_serves_both),
        cmocka_unit_test(test_groups_differ),
        cmocka_unit_test(test_a_single_group),
        cmocka_unit_test(test_native_errors),
        cmocka_unit_test(test_limit_of_different_ways),
        cmocka_unit_test(test_announced_port),
        cmocka_unit_test(test_every_directive),
        cmocka_unit_test(test_without_replication_only_clients_use_it),
        cmocka_unit_test(test_redis_errors),
        cmocka_unit_test(test_the_included_file_is_named),
        cmocka_unit_test(test_redis_warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
