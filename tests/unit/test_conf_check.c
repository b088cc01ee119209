/* What may be a group's name, a host, an ip address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/model.h"

static void check_fault(const char *text, const char *fault,
                        const char *expected)
{
    bool same = fault == NULL || expected == NULL
                    ? fault == expected
                    : strcmp(fault, expected) == 0;
    if (!same) {
        fail_msg("\"%s\" %s; must be: %s", text,
                 fault != NULL ? fault : "is fine",
                 expected != NULL ? expected : "is fine");
    }
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *fault;
    } rows[] = {
        {"mymaster", NULL},
        {"a", NULL},
        {"cache-01.eu_west:main@x*", NULL},
        {"m\xc3\xbcller", NULL},
        {"", "is empty"},
        {"a b", "has a blank"},
        {" a", "has a blank"},
        {"a\tb", "has a control character"},
        {"a\n", "has a control character"},
        {"a\x7f", "has a control character"},
        {"a,b", "has a comma"},
        {"a\"b", "has a quote"},
        {"a'b", "has a quote"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_fault(rows[i].name, conf_name_fault(rows[i].name), rows[i].fault);
    }
}

static void test_length_of_names(void **state)
{
    (void)state;
    char name[NAME_SIZE + 1];
    memset(name, 'n', sizeof(name));
    name[NAME_SIZE - 1] = '\0';
    check_fault(name, conf_name_fault(name), NULL);
    name[NAME_SIZE - 1] = 'n';
    name[NAME_SIZE] = '\0';
    check_fault(name, conf_name_fault(name), "is longer than 127 bytes");
}

enum kind { IP, NAME, NEITHER };

static const struct {
    const char *host;
    enum kind kind;
} hosts[] = {
    {"10.0.0.1", IP},
    {"0.0.0.0", IP},
    {"255.255.255.255", IP},
    {"::", IP},
    {"::1", IP},
    {"fe80::1", IP},
    {"2001:db8:0:0:0:0:0:1", IP},
    {"2001:DB8::8:1", IP},
    {"1:2:3:4:5:6:7::", IP},
    {"::ffff:10.0.0.1", IP},
    {"1:2:3:4:5:6:10.0.0.1", IP},
    {"localhost", NAME},
    {"redis-0.redis.default.svc.cluster.local", NAME},
    {"redis_1", NAME},
    {"h", NAME},
    {"10.0.0.1x", NAME},
    {"example.com.", NAME},
    {"", NEITHER},
    {"10.0.0.300", NEITHER},
    {"10.0.0", NEITHER},
    {"10.0.0.1.", NEITHER},
    {"10.0.0.01", NEITHER},
    {"10.0.0.1000", NEITHER},
    {"10..0.1", NEITHER},
    {"1234", NEITHER},
    {":", NEITHER},
    {":1", NEITHER},
    {":1:2:3:4:5:6:7:8", NEITHER},
    {"1:", NEITHER},
    {":::", NEITHER},
    {"1::2::3", NEITHER},
    {"12345::", NEITHER},
    {"1:2:3:4:5:6:7", NEITHER},
    {"1:2:3:4:5:6:7:8:9", NEITHER},
    {"1:2:3:4:5:6:7:8::", NEITHER},
    {"1:2:3:4:5:6:7:10.0.0.1", NEITHER},
    {"::10.0.0", NEITHER},
    {"::g", NEITHER},
    {"[::1]", NEITHER},
    {"fe80::1%eth0", NEITHER},
    {"a b", NEITHER},
    {"a,b", NEITHER},
    {"a..b", NEITHER},
    {".a", NEITHER},
    {"-a", NEITHER},
    {"a.-b", NEITHER},
    {"a\n", NEITHER},
    {"h\xc3\xb6st", NEITHER},
};

static void test_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        const char *host = hosts[i].host;
        bool good = conf_host_fault(host) == NULL;
        if (host_is_ip(host) != (hosts[i].kind == IP) ||
            good != (hosts[i].kind != NEITHER)) {
            fail_msg("\"%s\": ip %d, good %d", host, host_is_ip(host), good);
        }
    }
}

static void test_length_of_hosts(void **state)
{
    (void)state;
    char label[66];
    memset(label, 'a', sizeof(label));
    label[63] = '\0';
    assert_null(conf_host_fault(label));
    label[63] = 'a';
    label[64] = '\0';
    assert_non_null(conf_host_fault(label));
    char host[HOST_SIZE + 2];
    for (size_t i = 0; i < sizeof(host); i++) {
        host[i] = i % 2 == 0 ? 'a' : '.';
    }
    host[253] = '\0';
    assert_null(conf_host_fault(host));
    host[253] = '.';
    host[255] = '\0';
    assert_non_null(conf_host_fault(host));
}

/* As inet_aton reads them. */
static void test_other_ways_to_write_an_address(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        const char *shown;
    } rows[] = {
        {"127.0.01", "127.0.0.1"},
        {"127.1", "127.0.0.1"},
        {"127.0.0.01", "127.0.0.1"},
        {"010.0.0.9", "8.0.0.9"},
        {"0x7f.0.0.1", "127.0.0.1"},
        {"2130706433", "127.0.0.1"},
        {"10.65535", "10.0.255.255"},
        {"255.255.255.255", "255.255.255.255"},
        {"10.0.0.1", "10.0.0.1"},
        {"::1", "::1"},
        /* none of them */
        {"10.0.0.300", "10.0.0.300"},
        {"10.0.0.1.1", "10.0.0.1.1"},
        {"256.1", "256.1"},
        {"4294967296", "4294967296"},
        {"09.0.0.1", "09.0.0.1"},
        {"1.", "1."},
        {"0x", "0x"},
        {"redis-1", "redis-1"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char host[HOST_SIZE] = "";
        (void)strncpy(host, rows[i].typed, sizeof(host) - 1);
        assert_true(conf_host_normalize(host));
        assert_string_equal(host, rows[i].shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_ways_to_write_an_address),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_length_of_names),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_length_of_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
