/* What changed between two readings of a file, and what has to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"

#define GROUP(rest)                                                        \
    "groups = ( { name = \"m\"; host = \"a\"; port = 1; quorum = 2; " rest \
    "} );"

static const struct {
    const char *name;
    const char *before;
    const char *after;
    const char *now;
    const char *later;
} rows[] = {
    {"nothing", "port = 7;", "# a comment\nport = 7L;", "", ""},
    {"a number", "", "max_clients = 5;", "max_clients: 10000 -> 5\n", ""},
    {"a word", "", "loglevel = \"debug\";",
     "loglevel: \"notice\" -> \"debug\"\n", ""},
    {"a switch", "", "protected_mode = true;",
     "protected_mode: false -> true\n", ""},
    {"a text", "announce_host = \"a\";", "announce_host = \"b\";",
     "announce_host: \"a\" -> \"b\"\n", ""},
    {"passwords", "", "requirepass = \"a\"; sentinel_pass = \"b\";",
     "requirepass: changed\nusers: changed\nsentinel_pass: changed\n", ""},
    {"users", "users = ( { name = \"a\"; rules = \"on\"; } );",
     "users = ( { name = \"a\"; rules = \"off\"; } );", "users: changed\n", ""},
    {"the same users", "users = ( { name = \"a\"; rules = \"on\"; } );",
     "users = ( { name = \"a\"; rules = \"on off on\"; } );", "", ""},
    {"a group", "", GROUP(""), "group m is new\n", ""},
    {"no group", GROUP(""), "", "group m is gone\n", ""},
    {"its settings", GROUP(""), GROUP("order = \"freshest\"; tls = false;"),
     "group m: order: \"priority\" -> \"freshest\"\n", ""},
    {"its password", GROUP(""), GROUP("auth_pass = \"x\";"),
     "group m: auth_pass: changed\n", ""},
    {"its commands", GROUP(""), GROUP("rename_commands = [\"A b\"];"),
     "group m: rename_commands: [  ] -> [ \"A b\" ]\n", ""},
    {"its default pool", GROUP(""), "pool_size = 3;" GROUP(""),
     "pool_size: 0 -> 3\ngroup m: pool_size: 0 -> 3\n", ""},
    {"ports", "", "port = 7; bind = [\"127.0.0.1\"];", "",
     "port: 26379 -> 7\nbind: [  ] -> [ \"127.0.0.1\" ]\n"},
    {"files", "", "dir = \"d\"; logfile = \"l\"; pidfile = \"p\";", "",
     "dir: \"/var/lib/sentineld\" -> \"d\"\nlogfile: \"\" -> \"l\"\n"
     "pidfile: \"\" -> \"p\"\n"},
    {"logging", "",
     "log_format = \"json\"; syslog_enabled = true; syslog_ident = \"i\"; "
     "syslog_facility = \"user\";",
     "",
     "log_format: \"text\" -> \"json\"\nsyslog_enabled: false -> true\n"
     "syslog_ident: \"sentineld\" -> \"i\"\n"
     "syslog_facility: \"local0\" -> \"user\"\n"},
    {"the process", "",
     "daemonize = true; supervised = \"no\"; user = \"u\"; "
     "vote_lease_ms = 500;",
     "",
     "daemonize: false -> true\nsupervised: \"auto\" -> \"no\"\n"
     "user: \"\" -> \"u\"\nvote_lease_ms: 2000 -> 500\n"},
    {"a TLS port", "",
     "tls_port = 5; tls_cert_file = \"c\"; tls_key_file = \"k\"; "
     "tls_auth_clients = \"no\";",
     "tls_cert_file: \"\" -> \"c\"\ntls_key_file: \"\" -> \"k\"\n"
     "tls_auth_clients: \"yes\" -> \"no\"\n"
     "tls_client_cert_file: \"\" -> \"c\"\n"
     "tls_client_key_file: \"\" -> \"k\"\n",
     "tls_port: 0 -> 5\n"},
};

static void check(const char *name, const struct buffer *is,
                  const char *expected)
{
    if (is->length != strlen(expected) ||
        memcmp(is->data == NULL ? "" : is->data, expected, is->length) != 0) {
        fail_msg("%s: is\n%.*sand must be\n%s", name, (int)is->length,
                 is->data == NULL ? "" : is->data, expected);
    }
}

static void what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf before;
        struct conf after;
        struct conf_changes changes;
        conf_fixture_parse(rows[i].before, &before);
        conf_fixture_parse(rows[i].after, &after);
        buffer_init(&changes.now, 10000);
        buffer_init(&changes.later, 10000);
        conf_changes_find(&before, &after, &changes);
        check(rows[i].name, &changes.now, rows[i].now);
        check(rows[i].name, &changes.later, rows[i].later);
        buffer_clear(&changes.now);
        buffer_clear(&changes.later);
        conf_free(&before);
        conf_free(&after);
    }
}

/* Afterwards nothing is left that would have to wait. */
static void what_waits_is_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf running;
        struct conf conf;
        struct conf_changes changes;
        conf_fixture_parse(rows[i].before, &running);
        conf_fixture_parse(rows[i].after, &conf);
        conf_changes_postpone(&conf, &running);
        buffer_init(&changes.now, 10000);
        buffer_init(&changes.later, 10000);
        conf_changes_find(&running, &conf, &changes);
        check(rows[i].name, &changes.later, "");
        if (strcmp(rows[i].name, "a TLS port") == 0) {
            check(rows[i].name, &changes.now, "");
        } else {
            check(rows[i].name, &changes.now, rows[i].now);
        }
        buffer_clear(&changes.now);
        buffer_clear(&changes.later);
        conf_free(&running);
        conf_free(&conf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changed),
        cmocka_unit_test(what_waits_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
