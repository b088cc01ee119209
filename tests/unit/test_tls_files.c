/* Certificates, keys and CAs that cannot be used: each says which file it is
 * and what is wrong with it, and a set that was good stays in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/log.h"
#include "sentineld/memory.h"
#include "tls_fixture.h"

static int set_up(void **state)
{
    struct error error;
    *state = tls_fixture_new();
    return log_open("", LEVEL_WARNING + 1, &error) ? 0 : -1;
}

static int tear_down(void **state)
{
    tls_fixture_free(*state);
    return 0;
}

enum member { CERT, KEY, PASSWORD, CA_FILE, CA_DIR, CIPHERS, SUITES };

/* `value` is a file of the fixture, or the text itself. `expected` has the
 * directory as @. */
static const struct {
    const char *name;
    enum member member;
    const char *value;
    const char *expected;
} rows[] = {
    {"no certificate", CERT, "none.pem",
     "TLS certificate @/none.pem: No such file or directory"},
    {"a key for a certificate", CERT, "server.key",
     "TLS certificate @/server.key: it is no certificate in PEM form"},
    {"an empty certificate", CERT, "empty",
     "TLS certificate @/empty: it is no certificate in PEM form"},
    {"garbage for a certificate", CERT, "garbage",
     "TLS certificate @/garbage: it is no certificate in PEM form"},
    {"no key", KEY, "none.key",
     "TLS key @/none.key: No such file or directory"},
    {"a certificate for a key", KEY, "server.pem",
     "TLS key @/server.pem: it is no private key in PEM form"},
    {"an empty key", KEY, "empty",
     "TLS key @/empty: it is no private key in PEM form"},
    {"another's key", KEY, "client.key",
     "TLS key @/client.key: it does not belong to the certificate "
     "@/server.pem"},
    {"a locked key", KEY, "locked.key",
     "TLS key @/locked.key: it is encrypted, and no password is given"},
    {"no CA", CA_FILE, "none.pem",
     "TLS CA certificates @/none.pem: No such file or directory"},
    {"a key for a CA", CA_FILE, "ca.key",
     "TLS CA certificates @/ca.key: there is none in PEM form"},
    {"an empty CA", CA_FILE, "empty",
     "TLS CA certificates @/empty: there is none in PEM form"},
    {"no CA directory", CA_DIR, "none",
     "TLS CA directory @/none: No such file or directory"},
    {"a file for a CA directory", CA_DIR, "ca.pem",
     "TLS CA directory @/ca.pem: Not a directory"},
    {"ciphers", CIPHERS, "NONSENSE",
     "TLS ciphers \"NONSENSE\": OpenSSL knows none of that"},
    {"ciphersuites", SUITES, "NONSENSE",
     "TLS ciphersuites \"NONSENSE\": OpenSSL knows none of that"},
};

static void change(struct tls_fixture *fixture, enum member member,
                   const char *value)
{
    struct conf_tls *tls = &fixture->server.tls;
    switch (member) {
    case CERT:
        tls_fixture_path(fixture, value, tls->cert_file);
        return;
    case KEY:
        tls_fixture_path(fixture, value, tls->key_file);
        return;
    case PASSWORD:
        copy_text(tls->key_file_pass, sizeof(tls->key_file_pass), value);
        return;
    case CA_FILE:
        tls_fixture_path(fixture, value, tls->client.ca_cert_file);
        return;
    case CA_DIR:
        tls_fixture_path(fixture, value, tls->client.ca_cert_dir);
        return;
    case CIPHERS:
        copy_text(tls->ciphers, sizeof(tls->ciphers), value);
        return;
    case SUITES:
        copy_text(tls->ciphersuites, sizeof(tls->ciphersuites), value);
        return;
    }
}

/* @ becomes the directory. */
static void fill_in(const struct tls_fixture *fixture, const char *text,
                    char filled[512])
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        char one[2] = {*text, '\0'};
        const char *part = *text == '@' ? fixture->dir : one;
        copy_text(filled + used, 512 - used, part);
        used += strlen(part);
    }
}

static void expect_error(const struct conf *conf, const char *row,
                         const char *expected)
{
    struct error error = {""};
    if (tls_new(conf, &error) != NULL) {
        fail_msg("%s: was accepted", row);
    }
    if (strcmp(error.text, expected) != 0) {
        fail_msg("%s:\n  is      %s\n  must be %s", row, error.text, expected);
    }
}

static void each_fault_has_its_sentence(void **state)
{
    struct tls_fixture *fixture = *state;
    const struct conf good = fixture->server;
    tls_fixture_write(fixture, "empty", "");
    tls_fixture_write(fixture, "garbage",
                      "-----BEGIN CERTIFICATE-----\nMIIB\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char expected[512];
        fixture->server = good;
        change(fixture, rows[i].member, rows[i].value);
        fill_in(fixture, rows[i].expected, expected);
        expect_error(&fixture->server, rows[i].name, expected);
    }
    fixture->server = good;
}

static void a_password_opens_a_key(void **state)
{
    struct tls_fixture *fixture = *state;
    char expected[512];
    tls_fixture_server_shows(fixture, "locked");
    change(fixture, PASSWORD, "sesame");
    tls_free(tls_fixture_tls(&fixture->server));
    change(fixture, PASSWORD, "wrong");
    fill_in(fixture, "TLS key @/locked.key: its password is wrong", expected);
    expect_error(&fixture->server, "wrong password", expected);
}

static void what_we_show_others_is_checked_too(void **state)
{
    struct tls_fixture *fixture = *state;
    struct conf_tls_client *client = &fixture->client.tls_clients[0];
    char expected[512];
    tls_fixture_path(fixture, "server.key", client->key_file);
    fill_in(fixture,
            "TLS key @/server.key: it does not belong to the certificate "
            "@/client.pem",
            expected);
    expect_error(&fixture->client, "key of a client", expected);
    tls_fixture_client_shows(fixture, "");
    tls_free(tls_fixture_tls(&fixture->client));
    tls_fixture_path(fixture, "none", client->ca_cert_file);
    fill_in(fixture, "TLS CA certificates @/none: No such file or directory",
            expected);
    expect_error(&fixture->client, "CA of a client", expected);
}

static void a_file_that_we_may_not_read_is_refused(void **state)
{
    struct tls_fixture *fixture = *state;
    char path[CONF_PATH_SIZE];
    char expected[512];
    if (geteuid() == 0) {
        skip(); /* root may read everything */
    }
    tls_fixture_path(fixture, "locked.key", path);
    assert_int_equal(chmod(path, 0), 0);
    tls_fixture_server_shows(fixture, "locked");
    fill_in(fixture, "TLS key @/locked.key: Permission denied", expected);
    expect_error(&fixture->server, "not readable", expected);
}

static void nothing_is_read_that_nobody_needs(void **state)
{
    struct tls_fixture *fixture = *state;
    change(fixture, CERT, "none");
    change(fixture, CA_FILE, "none");
    fixture->server.tls_port = 0;
    struct tls *tls = tls_fixture_tls(&fixture->server);
    assert_false(tls_is_used(tls));
    tls_free(tls);
    tls_fixture_server_shows(fixture, "server");
    fixture->server.tls_port = 1;
    fixture->server.tls.auth_clients = TLS_AUTH_NO;
    tls = tls_fixture_tls(&fixture->server); /* without the CA */
    assert_true(tls_is_used(tls));
    tls_free(tls);
}

static void a_bad_file_leaves_what_was_read_before(void **state)
{
    struct tls_fixture *fixture = *state;
    struct error error = {""};
    char expected[512];
    struct tls *tls = tls_fixture_tls(&fixture->server);
    assert_true(tls_reload(tls, &error));
    tls_fixture_write(fixture, "server.key", "");
    assert_false(tls_reload(tls, &error));
    fill_in(fixture, "TLS key @/server.key: it is no private key in PEM form",
            expected);
    assert_string_equal(error.text, expected);
    struct tls_session *session = tls_accept(tls);
    assert_non_null(session);
    tls_session_free(session);
    tls_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_fault_has_its_sentence, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_password_opens_a_key, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_we_show_others_is_checked_too,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_we_may_not_read_is_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_read_that_nobody_needs,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_file_leaves_what_was_read_before,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
