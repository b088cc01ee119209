/* Existing files of Redis Sentinel: what they say is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"
#define ID_A    "471ff5ae2105dfa6400aae66b89d21194379992d"
#define ID_B    "2d426eab0a0284e8e7e8529796c638edd72c8ffd"

static void test_nothing_is_redis_defaults(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("", "", &conf);
    assert_int_equal(conf.port, 26379);
    assert_int_equal(conf.bind_count, 0);
    assert_false(conf.protected_mode);
    assert_string_equal(conf.dir, ".");
    assert_string_equal(conf.logfile, "");
    assert_int_equal(conf.settings.log_level, LEVEL_NOTICE);
    assert_int_equal(conf.max_clients, 10000);
    assert_int_equal(conf.group_count, 0);
    assert_int_equal(conf.seed_count, 0);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

static void test_scripts(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis(MONITOR, "", &conf);
    assert_true(conf.deny_scripts_reconfig);
    assert_string_equal(conf.groups[0].settings.notification_script, "");
    conf_free(&conf);
    conf_fixture_parse_redis("sentinel client-reconfig-script m '/c d'\n"
                             "sentinel notification-script m /n\n"
                             "sentinel deny-scripts-reconfig NO\n" MONITOR,
                             "", &conf);
    assert_false(conf.deny_scripts_reconfig);
    assert_string_equal(conf.groups[0].settings.notification_script, "/n");
    assert_string_equal(conf.groups[0].settings.client_reconfig_script, "/c d");
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

/* Redis goes to its directory before it opens anything. */
static void test_relative_paths(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("logfile l\npidfile p/q\naclfile /a\n" MONITOR
                             "sentinel notification-script m ./n\n"
                             "sentinel client-reconfig-script m /c\n"
                             "tls-ca-cert-file ca\ndir /d\n",
                             "", &conf);
    assert_string_equal(conf.logfile, "/d/l");
    assert_string_equal(conf.pidfile, "/d/p/q");
    assert_string_equal(conf.acl_file, "/a");
    assert_string_equal(conf.tls.client.ca_cert_file, "/d/ca");
    assert_string_equal(conf.tls.cert_file, "");
    assert_string_equal(conf.groups[0].settings.notification_script, "/d/./n");
    assert_string_equal(conf.groups[0].settings.client_reconfig_script, "/c");
    conf_free(&conf);
    conf_fixture_parse_redis("logfile l\n", "", &conf);
    assert_string_equal(conf.logfile, "l");
    conf_free(&conf);
}

static void test_paths_that_grow_too_long(void **state)
{
    (void)state;
    char text[2 * CONF_PATH_SIZE];
    struct conf conf;
    struct error error;
    (void)snprintf(text, sizeof(text), "dir /d\nlogfile %0*d\n",
                   CONF_PATH_SIZE - 3, 0);
    assert_false(sentinel_conf_parse(text, "", "s.conf", &conf, &error));
    assert_string_equal(error.text, "s.conf:1: logfile: the path is too long "
                                    "with dir before it");
    (void)snprintf(text, sizeof(text), "dir /d\nlogfile %0*d\n",
                   CONF_PATH_SIZE - 4, 0);
    conf_fixture_parse_redis(text, "", &conf);
    conf_free(&conf);
}

static void test_numbers(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("timeout 60\ntcp-keepalive 0\nTCP-BACKLOG 100\n"
                             "acllog-max-len 5\nunixsocketperm 700\n"
                             "unixsocket s\ndir /d\n",
                             "", &conf);
    assert_int_equal(conf.client_timeout_s, 60);
    assert_int_equal(conf.tcp_keepalive_s, 0);
    assert_int_equal(conf.tcp_backlog, 100);
    assert_int_equal(conf.acllog_max_len, 5);
    assert_int_equal(conf.unix_socket_mode, 0700);
    assert_string_equal(conf.unix_socket, "/d/s");
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
    conf_fixture_parse_redis("", "", &conf);
    assert_int_equal(conf.client_timeout_s, 0);
    assert_int_equal(conf.tcp_keepalive_s, 300);
    assert_int_equal(conf.tcp_backlog, 511);
    assert_int_equal(conf.acllog_max_len, 128);
    assert_string_equal(conf.unix_socket, "");
    conf_free(&conf);
}

static void test_source(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        const char *ip;
        const char *source;
    } rows[] = {
        {"", "10.0.0.1", NULL},
        {"bind-source-addr 10.0.0.9", "10.0.0.1", "10.0.0.9"},
        {"bind-source-addr 10.0.0.9", "::1", NULL},
        {"bind-source-addr fd00::9", "10.0.0.1", NULL},
        {"bind-source-addr fd00::9", "::1", "fd00::9"},
        {"bind-source-addr 10.0.0.9\nbind-source-addr \"\"", "10.0.0.1", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        char source[HOST_SIZE];
        conf_fixture_parse_redis(rows[i].list, "", &conf);
        const char *found = conf_find_source(&conf, rows[i].ip, source);
        assert_int_equal(found == NULL, rows[i].source == NULL);
        if (found != NULL) {
            assert_string_equal(found, rows[i].source);
        }
        assert_int_equal(conf.warning_count, 0);
        conf_free(&conf);
    }
    struct conf conf;
    char source[HOST_SIZE];
    conf_fixture_parse("bind_source = \" ::1  127.0.0.1 \";", &conf);
    assert_string_equal(conf_find_source(&conf, "1.1.1.1", source),
                        "127.0.0.1");
    assert_string_equal(conf_find_source(&conf, "fe80::1", source), "::1");
    conf_free(&conf);
}

static void test_renamed_commands(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("sentinel rename-command m config my-config\n"
                             "sentinel RENAME-command m SLAVEOF \"so\"\n"
                             "sentinel monitor n 10.0.0.9 6379 2\n" MONITOR,
                             "", &conf);
    assert_int_equal(conf.warning_count, 0);
    const struct renames *renames = conf_find_renames(&conf, "m");
    assert_int_equal(renames->count, 2);
    assert_string_equal(renames_find(renames, "CONFIG"), "my-config");
    assert_string_equal(renames_find(renames, "slaveof"), "so");
    assert_int_equal(conf_find_renames(&conf, "n")->count, 0);
    assert_null(conf_find_renames(&conf, "other"));
    conf_free(&conf);
}

static void test_process_directives(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("", "", &conf);
    assert_false(conf.daemonize);
    assert_int_equal(conf.supervised, SUPERVISED_NO);
    assert_false(conf.syslog_enabled);
    assert_string_equal(conf.syslog_ident, "redis");
    assert_int_equal(conf.syslog_facility, 1);
    assert_string_equal(conf.pidfile, "");
    conf_free(&conf);
    conf_fixture_parse_redis("daemonize YES\npidfile '/run/a b.pid'\n"
                             "supervised systemd\nsyslog-enabled yes\n"
                             "syslog-ident s1\nSYSLOG-facility LOCAL7",
                             "supervised auto", &conf);
    assert_true(conf.daemonize);
    assert_string_equal(conf.pidfile, "/run/a b.pid");
    assert_int_equal(conf.supervised, SUPERVISED_AUTO);
    assert_true(conf.syslog_enabled);
    assert_string_equal(conf.syslog_ident, "s1");
    assert_int_equal(conf.syslog_facility, 8);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

static void test_server_directives(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis(
        "# comment\n\n  \t# another\r\nport 1\nPORT 26380\r\n"
        "bind 10.0.0.9\nbind 127.0.0.1 -::1 * -::*\n"
        "dir \"/var/lib/a b\"\nlogfile '/var/log/s'\nLogLevel Verbose\n"
        "daemonize no\nprotected-mode yes\nmaxclients 77",
        "", &conf);
    assert_int_equal(conf.port, 26380);
    assert_int_equal(conf.bind_count, 4);
    assert_string_equal(conf.bind[0], "127.0.0.1");
    assert_false(conf.bind_optional[0]);
    assert_string_equal(conf.bind[1], "::1");
    assert_true(conf.bind_optional[1]);
    assert_string_equal(conf.bind[2], "0.0.0.0");
    assert_false(conf.bind_optional[2]);
    assert_string_equal(conf.bind[3], "::");
    assert_true(conf.bind_optional[3]);
    assert_string_equal(conf.dir, "/var/lib/a b");
    assert_string_equal(conf.logfile, "/var/log/s");
    assert_int_equal(conf.settings.log_level, LEVEL_VERBOSE);
    assert_true(conf.protected_mode);
    assert_int_equal(conf.max_clients, 77);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

/* The last pass first, the first last, and words in any case. */
static void test_order_and_case_do_not_matter(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis("SENTINEL auth-user m \"us er\"\n"
                             "sentinel AUTH-PASS m \"p\\x20w\"\n"
                             "sentinel parallel-syncs m 3\n"
                             "sentinel Failover-Timeout m 60000\n"
                             "sentinel down-after-milliseconds m 1000\n"
                             "Sentinel Monitor m r1.example 6380 3\n"
                             "sentinel monitor n ::1 6379 1\n"
                             "sentinel announce-port 1000\n"
                             "sentinel announce-hostnames Yes\n"
                             "sentinel RESOLVE-hostnames YES\n"
                             "sentinel announce-ip s1.example\n"
                             "sentinel announce-ip \"\"\n"
                             "sentinel\n",
                             "", &conf);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(conf.group_count, 2);
    assert_string_equal(conf.groups[0].name, "m");
    assert_string_equal(conf.groups[0].master.host, "r1.example");
    assert_int_equal(conf.groups[0].master.port, 6380);
    assert_int_equal(settings->quorum, 3);
    assert_int_equal(settings->parallel_syncs, 3);
    assert_int_equal(settings->failover_timeout_ms, 60000);
    assert_int_equal(settings->down_after_ms, 1000);
    assert_string_equal(conf.logins[0].user, "us er");
    assert_string_equal(conf.logins[0].password, "p w");
    assert_string_equal(conf.groups[1].master.host, "::1");
    assert_int_equal(conf.groups[1].settings.down_after_ms, 30000);
    assert_int_equal(conf.groups[1].settings.failover_timeout_ms, 180000);
    assert_int_equal(conf.groups[1].settings.parallel_syncs, 1);
    assert_int_equal(conf.settings.announce_port, 1000);
    assert_string_equal(conf.settings.announce_host, "s1.example");
    assert_true(conf.settings.resolve_hostnames);
    assert_true(conf.settings.announce_hostnames);
    assert_string_equal(conf_find_login(&conf, "n")->password, "");
    assert_int_equal(conf.seed_count, 0);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
}

/* They have the names and the values that SENTINEL SET takes. */
static void test_options_of_ours(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    conf_fixture_parse_redis("sentinel fencing m availability\n" MONITOR
                             "sentinel Durability m 2\n"
                             "sentinel order m FRESHEST\n"
                             "sentinel max-lag-bytes m 5000000000\n",
                             "", &conf);
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_int_equal(settings->fencing, FENCING_AVAILABILITY);
    assert_int_equal(settings->durability, 2);
    assert_int_equal(settings->order, ORDER_FRESHEST);
    assert_int_equal(settings->max_lag_bytes, 5000000000);
    assert_int_equal(settings->fencing_replicas, 1);
    assert_int_equal(settings->fencing_max_lag_s, 2);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
    assert_false(sentinel_conf_parse(MONITOR "sentinel fencing m on", "",
                                     "s.conf", &conf, &error));
    assert_string_equal(error.text,
                        "s.conf:2: sentinel fencing: 'on' is not allowed; it "
                        "must be off, availability or safety");
    assert_false(sentinel_conf_parse(MONITOR "sentinel durability m", "",
                                     "s.conf", &conf, &error));
    assert_string_equal(error.text,
                        "s.conf:2: sentinel durability: Unrecognized sentinel "
                        "configuration statement.");
}

static void test_as_many_masters_as_may_be(void **state)
{
    (void)state;
    size_t size = (MAX_GROUPS + 1) * 48;
    size_t used = 0;
    size_t before_last = 0;
    char *text = xmalloc(size);
    struct conf conf;
    struct error error;
    for (int i = 0; i <= MAX_GROUPS; i++) {
        before_last = used;
        used += (size_t)snprintf(text + used, size - used,
                                 "sentinel monitor m%d ::%x 1 1\n", i, i + 1);
    }
    assert_false(sentinel_conf_parse(text, "", "s.conf", &conf, &error));
    assert_string_equal(error.text,
                        "s.conf:20001: sentinel monitor: this is one master "
                        "more than the 20000 that there may be");
    text[before_last] = '\0';
    conf_fixture_parse_redis(text, "", &conf);
    assert_int_equal(conf.group_count, MAX_GROUPS);
    assert_int_equal(conf.warning_count, 0);
    conf_free(&conf);
    free(text);
}

static void test_command_line_wins(void **state)
{
    (void)state;
    struct conf conf;
    struct error error;
    conf_fixture_parse_redis("port 1\n" MONITOR,
                             "port 2\nloglevel debug\n"
                             "sentinel down-after-milliseconds m 77",
                             &conf);
    assert_int_equal(conf.port, 2);
    assert_int_equal(conf.settings.log_level, LEVEL_DEBUG);
    assert_int_equal(conf.groups[0].settings.down_after_ms, 77);
    conf_free(&conf);
    assert_false(sentinel_conf_parse("", "prt 1", "s.conf", &conf, &error));
    assert_string_equal(error.text, "command line: prt: Bad directive or wrong "
                                    "number of arguments");
    assert_false(
        sentinel_conf_parse("", MONITOR MONITOR, "s.conf", &conf, &error));
    assert_string_equal(error.text,
                        "command line: sentinel monitor: Duplicate master "
                        "name. \"m\" is monitored already (the command line)");
}

static void test_options_become_lines(void **state)
{
    (void)state;
    static const struct {
        const char *arguments[8];
        const char *lines;
    } rows[] = {
        {{NULL}, ""},
        {{"--port", "26380"}, "port \"26380\""},
        {{"--port", "1", "--bind", "::1", "-::2", "--dir", "/a b"},
         "port \"1\"\nbind \"::1\" \"-::2\"\ndir \"/a b\""},
        {{"--sentinel"}, "sentinel"},
        {{"--logfile", ""}, "logfile \"\""},
        {{"--sentinel", "monitor", "m", "h", "1", "1"},
         "sentinel \"monitor\" \"m\" \"h\" \"1\" \"1\""},
        {{"--dir", "a\nport 1"}, "dir \"a\\x0aport 1\""},
        /* Name and values may be one argument. */
        {{"--port 26380", "--loglevel", "debug"},
         "port 26380\nloglevel \"debug\""},
        {{"--sentinel monitor m h 1 1", "--bind ::1", "-::2"},
         "sentinel monitor m h 1 1\nbind ::1 \"-::2\""},
        /* A value may look like an option, but only the first. */
        {{"--requirepass", "--secret", "--port", "1"},
         "requirepass \"--secret\"\nport \"1\""},
        {{"--requirepass x", "--port", "1"}, "requirepass x\nport \"1\""},
        {{"--save", "--port", "1", "--save"},
         "save \"\"\nport \"1\"\nsave \"\""},
        {{"--save", "900 1"}, "save \"900 1\""},
        /* For the lines' reader to refuse. */
        {{"--logfile \"x", "--port", "1"}, "logfile \"x\nport \"1\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *arguments[8];
        char *lines = NULL;
        struct error error;
        int count = 0;
        while (rows[i].arguments[count] != NULL) {
            arguments[count] = xstrdup(rows[i].arguments[count]);
            count++;
        }
        assert_true(sentinel_conf_options(count, arguments, &lines, &error));
        assert_string_equal(lines, rows[i].lines);
        free(lines);
        while (count > 0) {
            free(arguments[--count]);
        }
    }
}

static void test_options_begin_with_dashes(void **state)
{
    (void)state;
    char word[] = "port";
    char *arguments[] = {word};
    char *lines = NULL;
    struct error error;
    assert_false(sentinel_conf_options(1, arguments, &lines, &error));
    assert_string_equal(error.text,
                        "command line: \"port\" is not expected here; an "
                        "option begins with --, like --port 26380");
}

/* Cut anywhere, a file is accepted or refused with a sentence. */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    static const char whole[] =
        "port 26380\nbind \"::1\" '127.0.0.1'\n" MONITOR
        "sentinel auth-pass m \"a\\x41\\\"\"\nsentinel myid " ID_A
        "\nsentinel known-replica m ::2 1\nsentinel known-sentinel m ::3 "
        "1 " ID_B "\nsentinel leader-epoch m 12\n";
    for (size_t length = 0; length < sizeof(whole); length++) {
        struct conf conf;
        struct error error;
        char text[sizeof(whole)];
        memcpy(text, whole, length);
        text[length] = '\0';
        if (sentinel_conf_parse(text, "", "s.conf", &conf, &error)) {
            conf_free(&conf);
        } else {
            assert_memory_equal(error.text, "s.conf:", 7);
            assert_true(strlen(error.text) > 12);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_redis_defaults),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_relative_paths),
        cmocka_unit_test(test_paths_that_grow_too_long),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_renamed_commands),
        cmocka_unit_test(test_process_directives),
        cmocka_unit_test(test_server_directives),
        cmocka_unit_test(test_order_and_case_do_not_matter),
        cmocka_unit_test(test_options_of_ours),
        cmocka_unit_test(test_as_many_masters_as_may_be),
        cmocka_unit_test(test_command_line_wins),
        cmocka_unit_test(test_options_become_lines),
        cmocka_unit_test(test_options_begin_with_dashes),
        cmocka_unit_test(test_truncated_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
