/* Every directive of a sentinel.conf: taken when it is right, refused with
 * Redis' words when it has a word too few or too many, names a master that is
 * not there, or has a value that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf_fixture.h"

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"
#define ID      "471ff5ae2105dfa6400aae66b89d21194379992d"

enum { TEXT_SIZE = 512 };

/* With m as its master, where it has one. */
static const struct {
    const char *name;
    const char *words;
    size_t least;
    size_t most;
} sentinel[] = {
    {"announce-ip", "10.0.0.9", 1, 1},
    {"announce-port", "7", 1, 1},
    {"current-epoch", "7", 1, 1},
    {"myid", ID, 1, 1},
    {"deny-scripts-reconfig", "no", 1, 1},
    {"resolve-hostnames", "yes", 1, 1},
    {"announce-hostnames", "yes", 1, 1},
    {"sentinel-user", "u", 1, 1},
    {"sentinel-pass", "p", 1, 1},
    {"monitor", "n 10.0.0.2 6379 1", 4, 4},
    {"down-after-milliseconds", "m 5000", 2, 2},
    {"failover-timeout", "m 5000", 2, 2},
    {"parallel-syncs", "m 2", 2, 2},
    {"auth-pass", "m p", 2, 2},
    {"auth-user", "m u", 2, 2},
    {"config-epoch", "m 3", 2, 2},
    {"leader-epoch", "m 3", 2, 2},
    {"known-replica", "m 10.0.0.3 6379", 3, 3},
    {"known-slave", "m 10.0.0.3 6379", 3, 3},
    {"known-sentinel", "m 10.0.0.4 26379 " ID, 3, 4},
    {"notification-script", "m /n", 2, 2},
    {"client-reconfig-script", "m /c", 2, 2},
    {"rename-command", "m CONFIG c", 3, 3},
    {"master-reboot-down-after-period", "m 5", 2, 2},
    {"primary-reboot-down-after-period", "m 5", 2, 2},
};

static void expect(const char *text, const char *expected)
{
    struct conf conf;
    struct error error = {""};
    if (sentinel_conf_parse(text, "", "s.conf", &conf, &error)) {
        conf_free(&conf);
    }
    if (strcmp(error.text, expected) != 0) {
        fail_msg("%s\nis\n  %s\nmust be\n  %s", text, error.text, expected);
    }
}

/* "a b c" cut to so many words, or with more of them. */
static void take_words(const char *words, size_t count, char out[TEXT_SIZE])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(words, " ");
        const char *word = length > 0 ? words : "x";
        int size = length > 0 ? (int)length : 1;
        used +=
            (size_t)snprintf(out + used, TEXT_SIZE - used, " %.*s", size, word);
        words += length + (words[length] == ' ' ? 1 : 0);
    }
}

static void check_count(const char *name, const char *words, size_t count,
                        bool is_right)
{
    char rest[TEXT_SIZE];
    char text[2 * TEXT_SIZE];
    char expected[TEXT_SIZE] = "";
    take_words(words, count, rest);
    (void)snprintf(text, sizeof(text), MONITOR "sentinel %s%s\n", name, rest);
    if (!is_right) {
        (void)snprintf(expected, sizeof(expected),
                       "s.conf:2: sentinel %s: Unrecognized sentinel "
                       "configuration statement.",
                       name);
    }
    expect(text, expected);
}

static void numbers_of_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sentinel) / sizeof(sentinel[0]); i++) {
        for (size_t count = 0; count <= sentinel[i].most + 2; count++) {
            check_count(sentinel[i].name, sentinel[i].words, count,
                        count >= sentinel[i].least &&
                            count <= sentinel[i].most);
        }
    }
}

static void unknown_masters(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sentinel) / sizeof(sentinel[0]); i++) {
        char text[TEXT_SIZE];
        char expected[TEXT_SIZE];
        if (strncmp(sentinel[i].words, "m ", 2) != 0) {
            continue;
        }
        (void)snprintf(text, sizeof(text), "SENTINEL %s %s\n", sentinel[i].name,
                       sentinel[i].words);
        (void)snprintf(expected, sizeof(expected),
                       "s.conf:1: sentinel %s: No such master with specified "
                       "name. There is no \"sentinel monitor m ...\"",
                       sentinel[i].name);
        expect(text, expected);
    }
}

#define A_NUMBER(name, rest)                                                 \
    "s.conf:2: sentinel " name ": \"" rest "\" is not a number; it must be " \
    "written with digits alone, without a unit"
#define AN_EPOCH(name, rest)                                                   \
    "s.conf:2: sentinel " name ": \"" rest "\" is not an epoch; it must be 0 " \
    "to 4611686018427387903"
#define NEGATIVE(name) \
    "s.conf:2: sentinel " name ": negative or zero time parameter."

static const struct conf_row values[] = {
    {"announce-port x", A_NUMBER("announce-port", "x")},
    {"current-epoch -1", AN_EPOCH("current-epoch", "-1")},
    {"config-epoch m x", AN_EPOCH("config-epoch", "x")},
    {"leader-epoch m 4611686018427387904",
     AN_EPOCH("leader-epoch", "4611686018427387904")},
    {"down-after-milliseconds m 10s",
     A_NUMBER("down-after-milliseconds", "10s")},
    {"down-after-milliseconds m 0", NEGATIVE("down-after-milliseconds")},
    {"failover-timeout m -5", NEGATIVE("failover-timeout")},
    {"failover-timeout m ''", A_NUMBER("failover-timeout", "")},
    {"parallel-syncs m x", A_NUMBER("parallel-syncs", "x")},
    {"announce-hostnames perhaps",
     "s.conf:2: sentinel announce-hostnames: Please specify yes or no for the "
     "announce-hostnames option."},
    {"monitor n 10.0.0.2 6379 0",
     "s.conf:2: sentinel monitor: Quorum must be 1 or greater."},
    {"monitor m 10.0.0.2 6379 1",
     "s.conf:2: sentinel monitor: Duplicate master name. \"m\" is "
     "monitored already (line 1)"},
    {"known-sentinel m h x " ID, A_NUMBER("known-sentinel", "x")},
    {"master-reboot-down-after-period m -1",
     "s.conf:2: sentinel master-reboot-down-after-period: negative time "
     "parameter."},
    {"auth-user m \"a\\nb\"",
     "s.conf:2: sentinel auth-user: \"a?b\" has a control character"},
    {"sentinel-user \"\\x7f\"",
     "s.conf:2: sentinel sentinel-user: \"?\" has a control character"},
    {"myid short", "s.conf:2: sentinel myid: Malformed Sentinel id in myid "
                   "option. It must be 40 letters and digits"},
};

static void values_that_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char text[TEXT_SIZE];
        (void)snprintf(text, sizeof(text), MONITOR "sentinel %s\n",
                       values[i].text);
        expect(text, values[i].expected);
    }
}

#define NOT_YES_OR_NO "argument must be 'yes' or 'no'"
#define NO_INTEGER    "argument couldn't be parsed into an integer"

/* Ordinary directives: one that is right, a value that cannot be, and why. */
static const struct {
    const char *name;
    const char *right;
    const char *wrong;
    const char *error;
} ordinary[] = {
    {"port", "7", "x", NO_INTEGER},
    {"port",
     "0\ntls-port 7\ntls-cert-file c\ntls-key-file k\n"
     "tls-ca-cert-file a",
     "65536", "argument must be between 0 and 65535 inclusive"},
    {"dir", "/d", "''", "this must be 1 to 1023 bytes"},
    {"logfile", "/l", NULL, NULL},
    {"loglevel", "WARNING", "loud",
     "argument(s) must be one of the following: debug, verbose, notice, "
     "warning, nothing"},
    {"daemonize", "no", "maybe", NOT_YES_OR_NO},
    {"protected-mode", "YES", "1", NOT_YES_OR_NO},
    {"syslog-enabled", "no", "x", NOT_YES_OR_NO},
    {"syslog-ident", "i", "''", "this must be 1 to 63 bytes"},
    {"syslog-facility", "local3", "mail",
     "argument(s) must be one of the following: user, local0, local1, local2, "
     "local3, local4, local5, local6, local7"},
    {"supervised", "systemd", "launchd",
     "argument(s) must be one of the following: no, auto, systemd"},
    {"pidfile", "/p", NULL, NULL},
    {"maxclients", "7", "x", NO_INTEGER},
    {"maxclients", "1", "0",
     "argument must be between 1 and 4294967295 inclusive"},
    {"timeout", "7", "x", NO_INTEGER},
    {"timeout", "0", "2147483648",
     "argument must be between 0 and 2147483647 inclusive"},
    {"tcp-keepalive", "0", "-1",
     "argument must be between 0 and 2147483647 inclusive"},
    {"tcp-backlog", "1", "1.5", NO_INTEGER},
    {"acllog-max-len", "0", "-1",
     "argument must be between 0 and 9223372036854775807 inclusive"},
    {"unixsocket", "/s", NULL, NULL},
    {"unixsocketperm", "0700", "8",
     "argument couldn't be parsed as an octal number"},
    {"unixsocketperm", "777", "1000",
     "argument must be between 0 and 777 inclusive"},
    {"requirepass", "p", NULL, NULL},
    {"aclfile", "/a", NULL, NULL},
    {"bind-source-addr", "::1", "x", "this is no ip address"},
    {"export-sentinel-conf", "/e", NULL, NULL},
};

static void ordinary_directives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++) {
        char text[TEXT_SIZE];
        char expected[TEXT_SIZE];
        const char *name = ordinary[i].name;
        (void)snprintf(text, sizeof(text), "%s %s\n", name, ordinary[i].right);
        expect(text, "");
        (void)snprintf(expected, sizeof(expected),
                       "s.conf:1: %s: wrong number of arguments", name);
        (void)snprintf(text, sizeof(text), "%s\n", name);
        expect(text, expected);
        (void)snprintf(text, sizeof(text), "%s a b\n", name);
        expect(text, expected);
        if (ordinary[i].wrong == NULL) {
            continue;
        }
        (void)snprintf(text, sizeof(text), "%s %s\n", name, ordinary[i].wrong);
        (void)snprintf(expected, sizeof(expected), "s.conf:1: %s: %s", name,
                       ordinary[i].error);
        expect(text, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_words),
        cmocka_unit_test(unknown_masters),
        cmocka_unit_test(values_that_cannot_be),
        cmocka_unit_test(ordinary_directives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
