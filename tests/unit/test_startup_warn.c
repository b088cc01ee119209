/* What is open by accident is said at the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/start/startup.h"
#include "sentineld/memory.h"

static const struct open_row {
    const char *name;
    const char *bind; /* "" = all addresses */
    bool protected_mode;
    uint16_t port;
    uint16_t tls_port;
    enum conf_tls_auth auth;
    const char *rules; /* of the default user; NULL = as he is */
    bool is_open;
} open_rows[] = {
    {"loopback", "127.0.0.1", false, 1, 0, TLS_AUTH_NO, NULL, false},
    {"loopback of IPv6", "::1", false, 1, 0, TLS_AUTH_NO, NULL, false},
    {"an address", "10.0.0.1", false, 1, 0, TLS_AUTH_NO, NULL, true},
    {"an address, protected mode does not count then", "10.0.0.1", true, 1, 0,
     TLS_AUTH_NO, NULL, true},
    {"everywhere", "", false, 1, 0, TLS_AUTH_NO, NULL, true},
    {"everywhere, protected", "", true, 1, 0, TLS_AUTH_NO, NULL, false},
    {"a password", "10.0.0.1", false, 1, 0, TLS_AUTH_NO, "resetpass", false},
    {"users", "10.0.0.1", false, 1, 0, TLS_AUTH_NO, "off", false},
    {"certificates", "10.0.0.1", false, 0, 2, TLS_AUTH_YES, NULL, false},
    {"certificates, and a plain port", "10.0.0.1", false, 1, 2, TLS_AUTH_YES,
     NULL, true},
    {"TLS that anybody may speak", "10.0.0.1", false, 0, 2, TLS_AUTH_OPTIONAL,
     NULL, true},
};

static void test_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(open_rows) / sizeof(open_rows[0]); i++) {
        const struct open_row *row = &open_rows[i];
        struct conf conf;
        struct acl *acl = acl_new();
        struct error error;
        conf_default(&conf);
        conf.bind_count = row->bind[0] == '\0' ? 0 : 1;
        copy_text(conf.bind[0], HOST_SIZE, row->bind);
        conf.protected_mode = row->protected_mode;
        conf.port = row->port;
        conf.tls_port = row->tls_port;
        conf.tls.auth_clients = (int)row->auth;
        if (row->rules != NULL) {
            assert_true(acl_put_user(acl, "default", row->rules, &error));
        }
        if (startup_is_open(&conf, acl) != row->is_open) {
            fail_msg("%s", row->name);
        }
        acl_free(acl);
        conf_free(&conf);
    }
}

/* The text of the log after startup_warn; the caller's to free. */
static char *warn(const struct conf *conf, const char *file)
{
    char path[] = "/tmp/test_startup_warn.XXXXXX";
    struct acl *acl = acl_new();
    struct error error;
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_true(log_open(path, LEVEL_NOTICE, &error));
    startup_warn(conf, acl, file);
    log_close();
    char *text = xcalloc(1, 8192);
    assert_true(read(descriptor, text, 8191) >= 0);
    assert_int_equal(close(descriptor) + unlink(path), 0);
    acl_free(acl);
    return text;
}

static void test_files(void **state)
{
    (void)state;
    static const unsigned modes[] = {0600, 0640, 0644};
    char path[] = "/tmp/test_startup_warn.XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct conf conf;
        bool is_public = modes[i] == 0644;
        assert_int_equal(fchmod(descriptor, modes[i]), 0);
        conf_default(&conf);
        conf.bind_count = 1;
        copy_text(conf.bind[0], HOST_SIZE, "127.0.0.1");
        char *text = warn(&conf, path);
        assert_string_equal(text, ""); /* there is no secret in it */
        free(text);
        copy_text(conf.peer_login.password, SECRET_SIZE, "x");
        text = warn(&conf, path);
        assert_int_equal(strstr(text, "holds passwords") != NULL, is_public);
        free(text);
        copy_text(conf.tls.key_file, CONF_PATH_SIZE, path);
        conf.peer_login.password[0] = '\0';
        text = warn(&conf, path);
        assert_int_equal(strstr(text, "holds a private key") != NULL,
                         is_public);
        free(text);
        copy_text(conf.bind[0], HOST_SIZE, "10.0.0.1");
        text = warn(&conf, path);
        assert_non_null(strstr(text, "may do everything"));
        free(text);
        conf_free(&conf);
    }
    assert_int_equal(close(descriptor) + unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
