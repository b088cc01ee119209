/* What Redis refuses in a sentinel.conf is refused with its words; what has no
 * effect here is a warning that names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "conf_fixture.h"
#include "proto/config/sentinel_conf.h"

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"
#define ID_A    "471ff5ae2105dfa6400aae66b89d21194379992d"
#define ID_B    "2d426eab0a0284e8e7e8529796c638edd72c8ffd"

static void expect_errors(const struct conf_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct conf conf;
        struct error error;
        if (sentinel_conf_parse(rows[i].text, "", "s.conf", &conf, &error)) {
            fail_msg("[%s] was accepted", rows[i].text);
        }
        if (strcmp(error.text, rows[i].expected) != 0) {
            fail_msg("[%s]:\n  is      %s\n  must be %s", rows[i].text,
                     error.text, rows[i].expected);
        }
        assert_null(conf.groups); /* freed */
    }
}

static const struct conf_row server_errors[] = {
    {"\nfoo bar", "s.conf:2: foo: Bad directive or wrong number of "
                  "arguments"},
    {"\"\"", "s.conf:1: : Bad directive or wrong number of arguments"},
    {"user", "s.conf:1: user: Bad directive or wrong number of arguments"},
    {"dir \"x", "s.conf:1: Unbalanced quotes in configuration line"},
    {"dir \"x\"y", "s.conf:1: Unbalanced quotes in configuration line"},
    {"dir \"\\x00\"", "s.conf:1: a value cannot have a NUL character"},
    {"port", "s.conf:1: port: wrong number of arguments"},
    {"port 1 2", "s.conf:1: port: wrong number of arguments"},
    {"port 1s", "s.conf:1: port: argument couldn't be parsed into an "
                "integer"},
    {"port 65536", "s.conf:1: port: argument must be between 0 and 65535 "
                   "inclusive"},
    {"port -1", "s.conf:1: port: argument must be between 0 and 65535 "
                "inclusive"},
    {"\nport 0\nbind *", "s.conf:2: port is 0, and there is no tls-port; one "
                         "of them must be a port"},
    {"bind", "s.conf:1: bind: wrong number of arguments"},
    {"bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
     "s.conf:1: bind: Too many bind addresses specified."},
    {"bind localhost",
     "s.conf:1: bind: \"localhost\" is no ip address; it must be an ip "
     "address, * or ::*, perhaps with a - before it"},
    {"dir \"\"", "s.conf:1: dir: this must be 1 to 1023 bytes"},
    {"loglevel loud",
     "s.conf:1: loglevel: argument(s) must be one of the following: "
     "debug, verbose, notice, warning, nothing"},
    {"daemonize maybe", "s.conf:1: daemonize: argument must be 'yes' or 'no'"},
    {"protected-mode 1",
     "s.conf:1: protected-mode: argument must be 'yes' or 'no'"},
    {"maxclients x", "s.conf:1: maxclients: argument couldn't be parsed "
                     "into an integer"},
    {"maxclients 0", "s.conf:1: maxclients: argument must be between 1 "
                     "and 4294967295 inclusive"},
    {"include /etc/redis/other.conf",
     "s.conf:1: include /etc/redis/other.conf: there are no other files "
     "here"},
    {"requirepass", "s.conf:1: requirepass: wrong number of arguments"},
    {"\x1b[2J x", "s.conf:1: ?[2J: Bad directive or wrong number of "
                  "arguments"},
};

static void test_server_errors(void **state)
{
    (void)state;
    expect_errors(server_errors,
                  sizeof(server_errors) / sizeof(server_errors[0]));
}

static const struct conf_row sentinel_errors[] = {
    {"sentinel foo m 1", "s.conf:1: sentinel foo: Unrecognized sentinel "
                         "configuration statement."},
    {"sentinel monitor m 10.0.0.1 6379",
     "s.conf:1: sentinel monitor: Unrecognized sentinel configuration "
     "statement."},
    {"sentinel myid", "s.conf:1: sentinel myid: Unrecognized sentinel "
                      "configuration statement."},
    {"sentinel monitor m 10.0.0.1 6379 0",
     "s.conf:1: sentinel monitor: Quorum must be 1 or greater."},
    {"sentinel monitor m 10.0.0.1 6379 65",
     "s.conf:1: sentinel monitor: the quorum is 65; it must be 1 to 64"},
    {"sentinel monitor m 10.0.0.1 6379 two",
     "s.conf:1: sentinel monitor: \"two\" is not a number; it must be "
     "written with digits alone, without a unit"},
    {"sentinel monitor m 10.0.0.1 65536 1",
     "s.conf:1: sentinel monitor: Invalid port number. It must be 1 to "
     "65535"},
    {"sentinel monitor m 10.0.0.300 6379 1",
     "s.conf:1: sentinel monitor: Can't resolve instance hostname. "
     "\"10.0.0.300\" is neither an ip address nor a host name"},
    {"sentinel monitor m redis-1 6379 1",
     "s.conf:1: sentinel monitor: Can't resolve instance hostname. "
     "\"redis-1\" is no ip address; names need \"sentinel resolve-hostnames "
     "yes\""},
    {MONITOR "sentinel resolve-hostnames no\n"
             "sentinel known-replica m redis-2 6379",
     "s.conf:3: sentinel known-replica: Can't resolve instance hostname. "
     "\"redis-2\" is no ip address; names need \"sentinel resolve-hostnames "
     "yes\""},
    {MONITOR "sentinel known-sentinel m s2 26379 " ID_B,
     "s.conf:2: sentinel known-sentinel: Can't resolve instance hostname. "
     "\"s2\" is no ip address; names need \"sentinel resolve-hostnames yes\""},
    {"sentinel monitor \"a b\" ::1 6379 1",
     "s.conf:1: sentinel monitor: the name \"a b\" has a blank; it must "
     "be without blanks, control characters, commas and quotes"},
    {MONITOR "\n" MONITOR,
     "s.conf:3: sentinel monitor: Duplicate master name. \"m\" is "
     "monitored already (line 1)"},
    {"sentinel auth-pass x secret",
     "s.conf:1: sentinel auth-pass: No such master with specified name. "
     "There is no \"sentinel monitor x ...\""},
    {MONITOR "sentinel down-after-milliseconds m 10s",
     "s.conf:2: sentinel down-after-milliseconds: \"10s\" is not a "
     "number; it must be written with digits alone, without a unit"},
    {MONITOR "sentinel down-after-milliseconds m 0",
     "s.conf:2: sentinel down-after-milliseconds: negative or zero time "
     "parameter."},
    {MONITOR "sentinel failover-timeout m -1",
     "s.conf:2: sentinel failover-timeout: negative or zero time "
     "parameter."},
    {MONITOR "sentinel parallel-syncs m many",
     "s.conf:2: sentinel parallel-syncs: \"many\" is not a number; it "
     "must be written with digits alone, without a unit"},
    {MONITOR "sentinel master-reboot-down-after-period m -1",
     "s.conf:2: sentinel master-reboot-down-after-period: negative time "
     "parameter."},
    {MONITOR "sentinel auth-pass m a b",
     "s.conf:2: sentinel auth-pass: Unrecognized sentinel configuration "
     "statement."},
    {"sentinel announce-port -1",
     "s.conf:1: sentinel announce-port: Invalid port number. It must be 0 "
     "to 65535"},
    {"sentinel myid " ID_A ",",
     "s.conf:1: sentinel myid: Malformed Sentinel id in myid option. It "
     "must be 40 letters and digits"},
    {"sentinel myid " ID_A "0",
     "s.conf:1: sentinel myid: Malformed Sentinel id in myid option. It "
     "must be 40 letters and digits"},
    {"sentinel myid abc",
     "s.conf:1: sentinel myid: Malformed Sentinel id in myid option. It "
     "must be 40 letters and digits"},
    {"sentinel myid 471ff5ae2105dfa6400aae66b89d2119437999,d",
     "s.conf:1: sentinel myid: Malformed Sentinel id in myid option. It "
     "must be 40 letters and digits"},
    {"sentinel current-epoch 18446744073709551615",
     "s.conf:1: sentinel current-epoch: \"18446744073709551615\" is not "
     "an epoch; it must be 0 to 4611686018427387903"},
    {MONITOR "sentinel leader-epoch m -1",
     "s.conf:2: sentinel leader-epoch: \"-1\" is not an epoch; it must be "
     "0 to 4611686018427387903"},
    {MONITOR "sentinel known-replica m ::a 1\nsentinel known-slave m ::A 1",
     "s.conf:3: sentinel known-slave: Duplicate hostname and port for "
     "replica."},
    {MONITOR "sentinel known-replica m ::a 0",
     "s.conf:2: sentinel known-replica: Invalid port number. It must be 1 "
     "to 65535"},
    {MONITOR "sentinel known-sentinel m ::a 1 " ID_B
             "\nsentinel known-sentinel m ::a 2 " ID_B,
     "s.conf:3: sentinel known-sentinel: Duplicate runid for sentinel."},
    {"sentinel announce-ip \"a b\"",
     "s.conf:1: sentinel announce-ip: this is neither an ip address nor a "
     "host name"},
    {"sentinel announce-port 65536",
     "s.conf:1: sentinel announce-port: Invalid port number. It must be 0 "
     "to 65535"},
    {"sentinel deny-scripts-reconfig 1",
     "s.conf:1: sentinel deny-scripts-reconfig: Please specify yes or no "
     "for the deny-scripts-reconfig options."},
    {MONITOR "sentinel notification-script m \"/a\\nb\"",
     "s.conf:2: sentinel notification-script: \"/a?b\" has a control "
     "character"},
    {MONITOR "sentinel client-reconfig-script m",
     "s.conf:2: sentinel client-reconfig-script: Unrecognized sentinel "
     "configuration statement."},
    {"sentinel resolve-hostnames 1",
     "s.conf:1: sentinel resolve-hostnames: Please specify yes or no for "
     "the resolve-hostnames option."},
    {MONITOR "sentinel rename-command m CONFIG a\n"
             "sentinel rename-command m config b",
     "s.conf:3: sentinel rename-command: Same command renamed multiple "
     "times with rename-command."},
    {"bind-source-addr localhost",
     "s.conf:1: bind-source-addr: this is no ip address"},
    {"bind-source-addr 127.0.0.1 ::1",
     "s.conf:1: bind-source-addr: wrong number of arguments"},
    {MONITOR "sentinel rename-command m CONFIG 'a b'",
     "s.conf:2: sentinel rename-command: a word has a blank, or something "
     "else that is no visible ASCII"},
    {MONITOR "sentinel rename-command m \"\" b",
     "s.conf:2: sentinel rename-command: a word is empty"},
    {MONITOR "sentinel rename-command m CONFIG",
     "s.conf:2: sentinel rename-command: Unrecognized sentinel configuration "
     "statement."},
    {"sentinel rename-command m CONFIG x",
     "s.conf:1: sentinel rename-command: No such master with specified name. "
     "There is no \"sentinel monitor m ...\""},
    /* Redis evaluates these before the monitor lines. */
    {MONITOR MONITOR "sentinel myid abc",
     "s.conf:3: sentinel myid: Malformed Sentinel id in myid option. It "
     "must be 40 letters and digits"},
};

static void test_sentinel_errors(void **state)
{
    (void)state;
    expect_errors(sentinel_errors,
                  sizeof(sentinel_errors) / sizeof(sentinel_errors[0]));
}

static const struct conf_row warnings[] = {
    {"supervised upstart",
     "s.conf:1: supervised upstart has no effect: systemd is the only one "
     "that is told"},
    {"tls-auth-clients-user CN",
     "s.conf:1: tls-auth-clients-user has no effect: what a certificate says "
     "names no user"},
    {"hz 128", "s.conf:1: hz has no effect here"},
    {"save", "s.conf:1: save has no effect here"},
    {"maxclients 4294967295",
     "s.conf:1: maxclients: 4294967295 is taken for 1000000; it "
     "may be 1 to 1000000"},
    {MONITOR "sentinel rename-command m CONFIG \"\"",
     "s.conf:2: sentinel rename-command is left out: a command without a "
     "name cannot be sent"},
    {MONITOR "sentinel primary-reboot-down-after-period m 86400001",
     "s.conf:2: sentinel primary-reboot-down-after-period: 86400001 is taken "
     "for 86400000; it may be 0 to 86400000"},
    {MONITOR "sentinel parallel-syncs m 0",
     "s.conf:2: sentinel parallel-syncs: 0 is taken for 1; it may be 1 to "
     "128"},
    {MONITOR "sentinel down-after-milliseconds m 5",
     "s.conf:2: sentinel down-after-milliseconds: 5 is taken for 10; it "
     "may be 10 to 86400000"},
    {MONITOR "sentinel failover-timeout m 999999999",
     "s.conf:2: sentinel failover-timeout: 999999999 is taken for "
     "86400000; it may be 100 to 86400000"},
    {MONITOR "sentinel monitor n 10.0.0.1 6379 1",
     "s.conf:2: sentinel monitor: m and n are the same server; peers that "
     "ask about its address mean one of them"},
    {MONITOR "sentinel auth-user m u",
     "s.conf:1: m has an auth-user and no auth-pass: nobody is logged "
     "in"},
    {MONITOR "sentinel known-sentinel m ::a 1 short",
     "s.conf:2: sentinel known-sentinel is left out: its id is not 40 "
     "letters and digits"},
    {MONITOR "sentinel myid " ID_A "\nsentinel known-sentinel m ::a 1 " ID_A,
     "s.conf:3: sentinel known-sentinel is left out: that is this one's "
     "own id"},
    {"tcp-keepalive 40000",
     "s.conf:1: tcp-keepalive: 40000 is taken for 32767; it may be 0 "
     "to 32767"},
    {"tcp-backlog 0",
     "s.conf:1: tcp-backlog: 0 is taken for 1; it may be 1 to 65535"},
    {MONITOR "sentinel known-sentinel m h 0 " ID_A,
     "s.conf:2: sentinel known-sentinel is left out: nobody listens on port "
     "0"},
};

static void test_warnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        struct conf conf;
        conf_fixture_parse_redis(warnings[i].text, "", &conf);
        if (conf.warning_count != 1 ||
            strcmp(conf.warnings[0], warnings[i].expected) != 0) {
            fail_msg("[%s]: %zu warnings:\n  is      %s\n  must be %s",
                     warnings[i].text, conf.warning_count,
                     conf.warning_count > 0 ? conf.warnings[0] : "",
                     warnings[i].expected);
        }
        conf_free(&conf);
    }
}

static const char *const known[] = {
    "masterauth",
    "masteruser",
    "acl-pubsub-default",
    "proc-title-template",
    "set-proc-title",
    "always-show-logo",
    "enable-protected-configs",
    "enable-debug-command",
    "enable-module-command",
    "repl-diskless-sync-delay",
    "latency-tracking-info-percentiles",
    "client-output-buffer-limit",
    "rename-command",
    "loadmodule",
    "save",
    "appendonly",
    "maxmemory",
    "replica-priority",
    "slave-priority",
    "primaryauth",
    "extended-redis-compatibility",
    "locale-collate",
    "io-threads",
    "MAXMEMORY",
};

/* What sentinel.conf files out there hold beside what we obey. */
static void test_directives_of_redis_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (sentinel_conf_ignored(known[i]) == NULL) {
            fail_msg("%s is not known", known[i]);
        }
    }
    assert_null(sentinel_conf_ignored("maxmemoryy"));
    assert_null(sentinel_conf_ignored("tls"));
    assert_null(sentinel_conf_ignored(""));
}

static void test_texts_fit_their_places(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t most;
        const char *error;
    } rows[] = {
        {"dir ", CONF_PATH_SIZE - 1,
         "s.conf:1: dir: this must be 1 to 1023 bytes"},
        {"logfile ", CONF_PATH_SIZE - 1,
         "s.conf:1: logfile: this must be at most 1023 bytes"},
        {MONITOR "sentinel auth-pass m ", SECRET_SIZE - 1,
         "s.conf:2: sentinel auth-pass: this must be at most 511 bytes"},
        {MONITOR "sentinel auth-user m ", SECRET_SIZE - 1,
         "s.conf:2: sentinel auth-user: this must be at most 511 bytes "
         "without control characters"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[CONF_PATH_SIZE + 128];
        struct conf_row row = {text, rows[i].error};
        struct conf conf;
        size_t length = strlen(rows[i].before);
        memset(text, 'x', sizeof(text));
        memcpy(text, rows[i].before, length);
        text[length + rows[i].most] = '\0';
        conf_fixture_parse_redis(text, "", &conf);
        conf_free(&conf);
        text[length + rows[i].most] = 'x';
        text[length + rows[i].most + 1] = '\0';
        expect_errors(&row, 1);
    }
}

/* Secrets stay out of what goes to the log. */
static void test_secrets_are_not_shown(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MONITOR "requirepass hush\nmasterauth hush\nsentinel sentinel-pass "
                "hush\ntls-key-file-pass hush\nuser x on >hush",
        "sentinel auth-pass m hush",
        MONITOR "sentinel auth-pass m hush hush",
        MONITOR "sentinel auth-pass m \"hush",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct conf conf;
        struct error error;
        if (!sentinel_conf_parse(texts[i], "", "s.conf", &conf, &error)) {
            assert_null(strstr(error.text, "hush"));
            continue;
        }
        for (size_t w = 0; w < conf.warning_count; w++) {
            assert_null(strstr(conf.warnings[w], "hush"));
        }
        conf_free(&conf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server_errors),
        cmocka_unit_test(test_sentinel_errors),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_directives_of_redis_are_known),
        cmocka_unit_test(test_texts_fit_their_places),
        cmocka_unit_test(test_secrets_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
