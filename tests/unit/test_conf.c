/* The native configuration file: values, defaults, ranges, passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "proto/config/config.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"

static void test_nothing_is_the_defaults(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse("", &conf);
    assert_int_equal(conf.port, 26379);
    assert_int_equal(conf.bind_count, 0);
    assert_false(conf.protected_mode);
    assert_string_equal(conf.dir, "/var/lib/sentineld");
    assert_string_equal(conf.logfile, "");
    assert_int_equal(conf.settings.log_level, LEVEL_NOTICE);
    assert_string_equal(conf.settings.announce_host, "");
    assert_int_equal(conf.settings.announce_port, 0);
    assert_int_equal(conf.max_clients, 10000);
    assert_int_equal(conf.client_output_limit_bytes, 32 * 1024 * 1024);
    assert_int_equal(conf.vote_lease_ms, 2000);
    assert_int_equal(conf.pool_size, 0);
    assert_int_equal(conf.group_count, 0);
    assert_int_equal(conf.seed_count, 0);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

static void test_group_has_defaults(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "groups = ( { name = \"m\"; host = \"10.0.0.1\"; port = 6379;"
        " quorum = 2; } );",
        &conf);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(conf.group_count, 1);
    assert_string_equal(conf.groups[0].name, "m");
    assert_string_equal(conf.groups[0].master.host, "10.0.0.1");
    assert_int_equal(conf.groups[0].master.port, 6379);
    assert_int_equal(settings->quorum, 2);
    assert_int_equal(settings->down_after_ms, 30000);
    assert_int_equal(settings->refused_after_ms, 0);
    assert_int_equal(settings->failover_timeout_ms, 180000);
    assert_int_equal(settings->parallel_syncs, 1);
    assert_int_equal(settings->pool_size, 0);
    assert_string_equal(conf.logins[0].user, "");
    assert_string_equal(conf.logins[0].password, "");
    conf_free(&conf);
}

static void test_every_key_takes_effect(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "port = 26380; bind = [ \"127.0.0.1\", \"::1\" ];\n"
        "protected_mode = true; dir = \"d\"; logfile = \"/l\";\n"
        "loglevel = \"debug\"; announce_host = \"s1.example\";\n"
        "announce_port = 1000; max_clients = 7; pool_size = 5;\n"
        "client_output_limit_bytes = 1073741824L; vote_lease_ms = 500L;\n"
        "groups = ( { name = \"m\"; host = \"r1\"; port = 1; quorum = 3;\n"
        "  down_after_ms = 1000; refused_after_ms = 200;\n"
        "  failover_timeout_ms = 60000; parallel_syncs = 4;\n"
        "  pool_size = 7; auth_user = \"u\"; auth_pass = \"p w\"; },\n"
        "{ name = \"n\"; host = \"::1\"; port = 0x10; quorum = 5; } );\n",
        &conf);
    assert_int_equal(conf.port, 26380);
    assert_int_equal(conf.bind_count, 2);
    assert_string_equal(conf.bind[0], "127.0.0.1");
    assert_string_equal(conf.bind[1], "::1");
    assert_false(conf.bind_optional[0]);
    assert_true(conf.protected_mode);
    assert_string_equal(conf.dir, "d");
    assert_string_equal(conf.logfile, "/l");
    assert_int_equal(conf.settings.log_level, LEVEL_DEBUG);
    assert_string_equal(conf.settings.announce_host, "s1.example");
    assert_int_equal(conf.settings.announce_port, 1000);
    assert_int_equal(conf.max_clients, 7);
    assert_int_equal(conf.client_output_limit_bytes, 1073741824);
    assert_int_equal(conf.vote_lease_ms, 500);
    assert_int_equal(conf.group_count, 2);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(settings->quorum, 3);
    assert_int_equal(settings->down_after_ms, 1000);
    assert_int_equal(settings->refused_after_ms, 200);
    assert_int_equal(settings->failover_timeout_ms, 60000);
    assert_int_equal(settings->parallel_syncs, 4);
    assert_int_equal(settings->pool_size, 7);
    assert_string_equal(conf.logins[0].user, "u");
    assert_string_equal(conf.logins[0].password, "p w");
    assert_int_equal(conf.groups[1].master.port, 16);
    assert_int_equal(conf.groups[1].settings.pool_size, 5); /* the pool's */
    conf_free(&conf);
}

/* Both ends of every number's range are in it, and their neighbours are not;
 * with and without an L; beyond 32 bits only with. */
static void check_range(const struct setting_row *key, const char *before,
                        const char *after)
{
    const struct {
        int64_t value;
        bool allowed;
    } rows[] = {
        {(int64_t)key->minimum, true},
        {(int64_t)key->maximum, true},
        {(int64_t)key->minimum - 1, false},
        {(int64_t)key->maximum + 1, false},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        struct error error;
        char text[512];
        (void)snprintf(text, sizeof(text), "%s%s = %" PRId64 "%s; %s", before,
                       key->key, rows[i / 2].value, i % 2 == 0 ? "" : "L",
                       after);
        bool allowed = rows[i / 2].allowed &&
                       (i % 2 == 1 || rows[i / 2].value <= INT32_MAX);
        bool ok = conf_parse(text, "s.conf", conf_fixture_read, &conf, &error);
        if (ok != allowed) {
            fail_msg("%s: %s", text, ok ? "accepted" : error.text);
        }
        conf_free(&conf);
    }
}

static void test_ends_of_every_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < daemon_table.count; i++) {
        if (daemon_table.rows[i].type == VALUE_NUMBER) {
            bool is_port = strcmp(daemon_table.rows[i].key, "port") == 0;
            check_range(&daemon_table.rows[i],
                        "tls_cert_file = \"/c\"; tls_key_file = \"/k\"; "
                        "tls_auth_clients = \"no\"; ",
                        is_port ? "tls_port = 6;" : "");
        }
    }
    for (size_t i = 0; i < group_table.count; i++) {
        const struct setting_row *key = &group_table.rows[i];
        bool is_port = strcmp(key->key, "port") == 0;
        bool is_quorum = strcmp(key->key, "quorum") == 0;
        bool is_down_after = strcmp(key->key, "down_after_ms") == 0;
        char after[128];
        (void)snprintf(after, sizeof(after), "%s %s %s } );",
                       is_port ? "" : "port = 1;",
                       is_quorum ? "" : "quorum = 1;",
                       is_down_after ? "" : "down_after_ms = 86400000;");
        if (key->type == VALUE_NUMBER) {
            check_range(key, "groups = ( { name = \"m\"; host = \"a\"; ",
                        after);
        }
    }
}

/* A text of the length may be refused for its shape, one byte more always. */
static void check_length(const struct setting_row *key, const char *before,
                         const char *after)
{
    for (size_t more = 0; more < 2; more++) {
        struct conf conf;
        struct error error;
        char letters[CONF_PATH_SIZE + 1];
        char text[CONF_PATH_SIZE + 256];
        memset(letters, 'x', sizeof(letters));
        letters[key->maximum + more] = '\0';
        (void)snprintf(text, sizeof(text), "%s%s = \"%s\"; %s", before,
                       key->key, letters, after);
        if (conf_parse(text, "s.conf", conf_fixture_read, &conf, &error)) {
            assert_int_equal(more, 0);
        } else if (more == 1) {
            assert_non_null(strstr(error.text, " bytes; it must be "));
        }
        conf_free(&conf);
    }
}

static void test_texts_fit_their_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < daemon_table.count; i++) {
        enum value_type type = daemon_table.rows[i].type;
        if (type == VALUE_TEXT || type == VALUE_HOST) {
            check_length(&daemon_table.rows[i], "", "");
        }
    }
    for (size_t i = 0; i < group_table.count; i++) {
        enum value_type type = group_table.rows[i].type;
        if (type == VALUE_TEXT || type == VALUE_NAME || type == VALUE_HOST) {
            check_length(&group_table.rows[i], "groups = ( { ", "} );");
        }
    }
}

static void test_a_letter_too_few_is_understood(void **state)
{
    (void)state;
    const struct setting_table *tables[] = {&daemon_table, &group_table};
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const char *name = tables[t]->rows[i].key;
            for (size_t cut = 0; cut < strlen(name) && name[3] != '\0'; cut++) {
                char wrong[64];
                (void)snprintf(wrong, sizeof(wrong), "%.*s%s", (int)cut, name,
                               name + cut + 1);
                if (strcmp(name, "users") == 0) {
                    continue; /* as near to user */
                }
                const struct setting_row *guess =
                    setting_guess(tables[t], wrong);
                assert_non_null(guess);
                assert_string_equal(guess->key, name);
            }
        }
    }
}

static void test_passwords_from_files(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *warning;
    } rows[] = {
        {"/run/line", NULL},
        {"/run/bare", NULL},
        {"/run/dos", NULL},
        {"/run/open", "s.conf:2: groups[0].auth_pass_file /run/open can be "
                      "read by every user; chmod 600 it"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        char text[256];
        (void)snprintf(text, sizeof(text),
                       "groups = ( { name=\"m\"; host=\"a\"; port=1; quorum=1;"
                       "\nauth_user=\"u\"; auth_pass_file=\"%s\"; } );",
                       rows[i].path);
        conf_fixture_parse(text, &conf);
        const struct conf_login *login = conf_find_login(&conf, "m");
        assert_non_null(login);
        assert_string_equal(login->user, "u");
        assert_string_equal(login->password, "s3cret");
        assert_int_equal(conf.warning_count, rows[i].warning != NULL ? 1 : 0);
        if (rows[i].warning != NULL) {
            assert_string_equal(conf.warnings[0], rows[i].warning);
        }
        conf_free(&conf);
    }
}

static void test_includes_in_texts_are_texts(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "# @include \"x\"\n// @include \"y\"\n/*\n@include \"z\"\n*/\n"
        "dir = \"\\\"\n@include 4294967297 /* \\\\\"; port = 1;",
        &conf);
    assert_string_equal(conf.dir, "\"\n@include 4294967297 /* \\");
    assert_int_equal(conf.port, 1);
    conf_free(&conf);
}

static void test_core_is_told(void **state)
{
    (void)state;
    struct conf conf;
    struct core_conf core;
    conf_fixture_parse(
        "port = 5; vote_lease_ms = 3000; groups = ( { name = \"m\"; host = "
        "\"a\"; port = 1; quorum = 1; } );",
        &conf);
    conf_core(&conf, &core);
    assert_int_equal(core.port, 5);
    assert_int_equal(core.vote_lease_ms, 3000);
    assert_string_equal(core.settings.announce_host, "");
    assert_int_equal(core.settings.announce_port, 0);
    assert_int_equal(core.settings.log_level, LEVEL_NOTICE);
    assert_int_equal(core.group_count, 1);
    assert_ptr_equal(core.groups, conf.groups);
    conf.settings.announce_port = 6;
    copy_text(conf.settings.announce_host, sizeof(conf.settings.announce_host),
              "h");
    conf_core(&conf, &core);
    assert_int_equal(core.port, 5);
    assert_int_equal(core.settings.announce_port, 6);
    assert_string_equal(core.settings.announce_host, "h");
    assert_null(conf_find_login(&conf, "other"));
    conf_free(&conf);
}

/* What a group says itself counts; a secret's file gives way to the secret. */
static void test_defaults_of_groups(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "pool_size = 3;\n"
        "defaults = { down_after_ms = 5000; quorum = 3; fencing = \"safety\"; "
        "auth_pass_file = \"/run/line\"; rename_commands = [ \"CONFIG c\" ]; "
        "};\n"
        "groups = ( { name = \"a\"; host = \"h1\"; port = 1; },\n"
        "{ name = \"b\"; host = \"h2\"; port = 1; down_after_ms = 70; quorum = "
        "0; auth_pass = \"p\"; rename_commands = [ ]; } );",
        &conf);
    assert_int_equal(conf.groups[0].settings.down_after_ms, 5000);
    assert_int_equal(conf.groups[0].settings.quorum, 3);
    assert_int_equal(conf.groups[0].settings.pool_size, 3);
    assert_int_equal(conf.groups[0].settings.parallel_syncs, 1);
    assert_string_equal(conf.logins[0].password, "s3cret");
    assert_string_equal(renames_find(&conf.renames[0], "CONFIG"), "c");
    assert_int_equal(conf.groups[1].settings.down_after_ms, 70);
    assert_int_equal(conf.groups[1].settings.quorum, 0);
    assert_int_equal(conf.groups[1].settings.fencing, FENCING_SAFETY);
    assert_string_equal(conf.logins[1].password, "p");
    assert_int_equal(conf.renames[1].count, 0);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
    conf_fixture_expect_error(
        "a key that each has for itself", "defaults = {\nport = 1; };",
        "s.conf:2: defaults.port is given; each group needs its own");
    conf_fixture_expect_error(
        "a wrong one, without any group", "defaults = {\ndown_after = 1; };",
        "s.conf:2: unknown key defaults.down_after; did you mean "
        "down_after_ms?");
    conf_fixture_expect_error(
        "no group", "defaults = 1;",
        "s.conf:1: defaults is an integer; it must be a group like { "
        "down_after_ms = 5000; }, of keys of a group but name, host and port");
}

static void check_faults(const struct conf_faults *faults, const char *name,
                         const char *const *expected)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (expected[i] == NULL || strcmp(faults->text[i], expected[i]) != 0) {
            fail_msg("%s: %s", name, faults->text[i]);
        }
    }
    assert_null(expected[faults->count]);
}

/* Not what is wrong only because of another fault. */
static void test_all_faults_at_once(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    struct conf_faults faults = {.count = 0};
    static const char *const native[] = {
        "s.conf:1: port is 70000; it must be 0 to 65535",
        "s.conf:2: unknown key loglevl; did you mean loglevel?",
        "s.conf:4: groups[0].port is missing; it must be an integer, 1 to "
        "65535",
        "s.conf:5: groups[1].down_after_ms is 1; it must be 10 to 86400000",
        NULL};
    static const char *const redis[] = {
        "s.conf:1: prot: Bad directive or wrong number of arguments; did you "
        "mean port?",
        "s.conf:2: daemonize: argument must be 'yes' or 'no'",
        "s.conf:4: sentinel down-after-milisecond: Unrecognized sentinel "
        "configuration statement. Did you mean sentinel "
        "down-after-milliseconds?",
        "s.conf:3: sentinel monitor: Quorum must be 1 or greater.", NULL};
    assert_false(conf_parse_all("port = 70000;\nloglevl = \"x\";\ngroups = (\n"
                                "{ name = \"a\"; host = \"h\"; },\n"
                                "{ name = \"b\"; host = \"i\"; port = 1; "
                                "down_after_ms = 1; } );",
                                "s.conf", conf_fixture_read, &faults, &conf,
                                &error));
    assert_string_equal(error.text, native[0]);
    check_faults(&faults, "native", native);
    faults.count = 0;
    const struct sentinel_conf_input input = {
        .text = "prot 1\ndaemonize maybe\nsentinel monitor m 10.0.0.1 1 0\n"
                "sentinel down-after-milisecond m 1\n"
                "sentinel parallel-syncs m 1\n",
        .extra = "",
        .name = "s.conf",
        .faults = &faults,
    };
    assert_false(sentinel_conf_parse_input(&input, &conf, &error));
    check_faults(&faults, "sentinel.conf", redis);
}

static void test_twenty_faults_are_enough(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    struct conf_faults faults = {.count = 0};
    char text[2048] = "";
    for (int i = 0; i < 30; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof(text) - used, "xxxxxxx%d = 1;\n", i);
    }
    assert_false(conf_parse_all(text, "s.conf", conf_fixture_read, &faults,
                                &conf, &error));
    assert_int_equal(faults.count, CONF_FAULTS_MAX);
}

/* Nobody knows how many there are: one alone would be a majority. */
static void test_a_majority_of_nobody_knows_how_many(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse(
        "groups = (\n{ name = \"a\"; host = \"h1\"; port = 1; } );", &conf);
    assert_int_equal(conf.groups[0].settings.quorum, 0);
    assert_int_equal(conf.warning_count, 1);
    assert_non_null(strstr(conf.warnings[0], "s.conf:2: groups[0].quorum"));
    conf_free(&conf);
}

/* Length of text for `count` groups; the caller frees it. */
static char *many_groups(int count)
{
    size_t size = 64 + (size_t)count * 96;
    char *text = xmalloc(size);
    size_t used = (size_t)snprintf(text, size, "groups = (");
    for (int i = 0; i < count; i++) {
        used += (size_t)snprintf(text + used, size - used,
                                 "%s\n{ name = \"m%d\"; host = \"h%d\"; port = "
                                 "1; quorum = 1; }",
                                 i == 0 ? "" : ",", i, i);
    }
    (void)snprintf(text + used, size - used, ");");
    return text;
}

static void test_as_many_groups_as_may_be(void **state)
{
    (void)state;
    struct conf conf;
    char *text = many_groups(MAX_GROUPS);
    conf_fixture_parse(text, &conf);
    free(text);
    assert_int_equal(conf.group_count, MAX_GROUPS);
    assert_string_equal(conf.groups[MAX_GROUPS - 1].name, "m19999");
    assert_ptr_equal(conf_find_login(&conf, "m19999"),
                     &conf.logins[MAX_GROUPS - 1]);
    conf_free(&conf);
    text = many_groups(MAX_GROUPS + 1);
    conf_fixture_expect_error("one more", text,
                              "s.conf:1: 20001 groups; there may be 20000");
    free(text);
}

/* Cut anywhere, a file is accepted or refused with a sentence. */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    static const char whole[] =
        "port = 26380; /* c */ bind = [ \"::1\" ]; # d\n"
        "groups = ( { name = \"m\"; host = \"10.0.0.1\"; port = 6379; quorum "
        "= 2; auth_pass_file = \"/run/open\"; } );\n";
    for (size_t length = 0; length < sizeof(whole); length++) {
        struct conf conf;
        struct error error;
        char text[sizeof(whole)];
        memcpy(text, whole, length);
        text[length] = '\0';
        if (conf_parse(text, "s.conf", conf_fixture_read, &conf, &error)) {
            conf_free(&conf);
        } else {
            assert_memory_equal(error.text, "s.conf:", 7);
            assert_true(strlen(error.text) > 12);
        }
    }
}

static void test_long_file_name_leaves_the_sentence(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    char name[1024];
    memset(name, 'd', sizeof(name));
    memcpy(name + sizeof(name) - 8, "/s.conf", 8);
    assert_false(
        conf_parse("port = -1;", name, conf_fixture_read, &conf, &error));
    assert_non_null(strstr(error.text, "/s.conf:1: port is -1; it must be 0 to "
                                       "65535"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_the_defaults),
        cmocka_unit_test(test_group_has_defaults),
        cmocka_unit_test(test_every_key_takes_effect),
        cmocka_unit_test(test_ends_of_every_range),
        cmocka_unit_test(test_texts_fit_their_places),
        cmocka_unit_test(test_a_letter_too_few_is_understood),
        cmocka_unit_test(test_passwords_from_files),
        cmocka_unit_test(test_includes_in_texts_are_texts),
        cmocka_unit_test(test_core_is_told),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_twenty_faults_are_enough),
        cmocka_unit_test(test_defaults_of_groups),
        cmocka_unit_test(test_a_majority_of_nobody_knows_how_many),
        cmocka_unit_test(test_as_many_groups_as_may_be),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_long_file_name_leaves_the_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
