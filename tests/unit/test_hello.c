/* The hello text: what is read, what is refused, round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "proto/wire/wire.h"
#include "sentineld/memory.h"

#define RUN_ID "471ff5ae2105dfa6400aae66b89d21194379992d"
#define TEN    "0123456789"
#define FIFTY  TEN TEN TEN TEN TEN
/* 250, in labels as they may be */
#define LONG FIFTY "." FIFTY "." FIFTY "." FIFTY "." TEN TEN TEN TEN "12345x"

static const char sample[] =
    "127.0.0.1,41011," RUN_ID ",1,mymaster,127.0.0.2,41003,7";

static void test_reads_the_sample(void **state)
{
    (void)state;
    struct hello hello;
    assert_true(hello_parse(sample, strlen(sample), &hello));
    assert_string_equal(hello.sentinel.host, "127.0.0.1");
    assert_int_equal(hello.sentinel.port, 41011);
    assert_string_equal(hello.run_id, RUN_ID);
    assert_int_equal(hello.current_epoch, 1);
    assert_string_equal(hello.group, "mymaster");
    assert_string_equal(hello.master.host, "127.0.0.2");
    assert_int_equal(hello.master.port, 41003);
    assert_int_equal(hello.config_epoch, 7);
}

struct row {
    const char *name;
    const char *text;
    bool expected;
};

static const struct row rows[] = {
    {"sample", "h,1," RUN_ID ",0,m,h,1,0", true},
    {"ipv6", "::1,26379," RUN_ID ",0,m,fe80::1%eth0,6379,0", true},
    {"host names", "a.example,26379," RUN_ID ",0,m,b.example,6379,0", true},
    {"greatest port", "h,65535," RUN_ID ",0,m,h,65535,0", true},
    {"greatest epochs",
     "h,1," RUN_ID ",4611686018427387903,m,h,1,4611686018427387903", true},
    {"group with a blank and UTF-8", "h,1," RUN_ID ",0,my m\xc3\xa4,h,1,0",
     true},
    {"longest host", LONG "789,1," RUN_ID ",0,m,h,1,0", true},
    {"empty", "", false},
    {"seven fields", "h,1," RUN_ID ",0,m,h,1", false},
    {"nine fields", "h,1," RUN_ID ",0,m,h,1,0,x", false},
    {"comma at the end", "h,1," RUN_ID ",0,m,h,1,0,", false},
    {"comma at the start", ",h,1," RUN_ID ",0,m,h,1,0", false},
    {"commas only", ",,,,,,,", false},
    {"no sentinel host", ",1," RUN_ID ",0,m,h,1,0", false},
    {"no master host", "h,1," RUN_ID ",0,m,,1,0", false},
    {"no group", "h,1," RUN_ID ",0,,h,1,0", false},
    {"no run id", "h,1,,0,m,h,1,0", false},
    {"run id of 39", "h,1," TEN TEN TEN "012345678,0,m,h,1,0", false},
    {"run id of 41", "h,1," RUN_ID "a,0,m,h,1,0", false},
    {"run id with a blank", "h,1," TEN TEN TEN "012345678 ,0,m,h,1,0", false},
    {"port 0", "h,0," RUN_ID ",0,m,h,1,0", false},
    {"master port 0", "h,1," RUN_ID ",0,m,h,0,0", false},
    {"port 65536", "h,65536," RUN_ID ",0,m,h,1,0", false},
    {"port with a sign", "h,+1," RUN_ID ",0,m,h,1,0", false},
    {"port with a letter", "h,1x," RUN_ID ",0,m,h,1,0", false},
    {"no port", "h,," RUN_ID ",0,m,h,1,0", false},
    {"negative epoch", "h,1," RUN_ID ",-1,m,h,1,0", false},
    {"epoch above the limit", "h,1," RUN_ID ",4611686018427387904,m,h,1,0",
     false},
    {"epoch of 2^64", "h,1," RUN_ID ",18446744073709551616,m,h,1,0", false},
    {"config epoch above the limit",
     "h,1," RUN_ID ",0,m,h,1,18446744073709551615", false},
    {"epoch with a blank", "h,1," RUN_ID ", 0,m,h,1,0", false},
    {"line end at the end", "h,1," RUN_ID ",0,m,h,1,0\n", false},
    {"control character in the group", "h,1," RUN_ID ",0,m\n,h,1,0", false},
    {"delete in the group", "h,1," RUN_ID ",0,m\x7f,h,1,0", false},
    {"control character in a host", "h\r,1," RUN_ID ",0,m,h,1,0", false},
    {"a command as a host", "$(id),1," RUN_ID ",0,m,h,1,0", false},
    {"a command as the master's", "h,1," RUN_ID ",0,m,$(id),1,0", false},
    {"backquotes in a host", "`id`,1," RUN_ID ",0,m,h,1,0", false},
    {"quotes in a host", "h,1," RUN_ID ",0,m,x\"y;z,1,0", false},
    {"an option as a host", "h,1," RUN_ID ",0,m,--help,1,0", false},
    {"an option behind a dot", "h,1," RUN_ID ",0,m,a.-b,1,0", false},
    {"a path as a host", "../x,1," RUN_ID ",0,m,h,1,0", false},
    {"a scope that is none", "h,1," RUN_ID ",0,m,fe80::1%$x,1,0", false},
    {"run id with a dollar", "h,1," TEN TEN TEN "012345678$,0,m,h,1,0", false},
    {"blank in a host", "h h,1," RUN_ID ",0,m,h,1,0", false},
    {"UTF-8 in a host", "h\xc3\xa4,1," RUN_ID ",0,m,h,1,0", false},
    {"host too long", LONG "7890,1," RUN_ID ",0,m,h,1,0", false},
    {"group too long", "h,1," RUN_ID ",0," FIFTY FIFTY TEN TEN "12345678,h,1,0",
     false},
    {"far too long", LONG LONG LONG LONG ",1," RUN_ID ",0,m,h,1,0", false},
};

static void test_strict(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hello hello;
        memset(&hello, 0x5a, sizeof hello);
        struct hello before = hello;
        bool result = hello_parse(rows[i].text, strlen(rows[i].text), &hello);
        bool is_same = memcmp(&hello, &before, sizeof hello) == 0;
        if (result != rows[i].expected || is_same == result) {
            print_error("row: %s\n", rows[i].name);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static void test_embedded_nul(void **state)
{
    (void)state;
    char text[sizeof sample];
    struct hello hello;
    memcpy(text, sample, sizeof sample);
    text[2] = '\0';
    assert_false(hello_parse(text, strlen(sample), &hello));
}

/* At every byte: refused or a shorter last number; and nothing behind the
 * end is read (the copy has exactly that size). */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    size_t length = strlen(sample);
    for (size_t size = 0; size < length; size++) {
        struct hello hello;
        char *copy = xmalloc(size);
        memcpy(copy, sample, size);
        assert_false(hello_parse(copy, size, &hello));
        free(copy);
    }
}

static void fill(char *text, size_t length, char with)
{
    memset(text, with, length);
    text[length] = '\0';
}

static void assert_round_trip(const struct hello *hello)
{
    char text[HELLO_TEXT_SIZE];
    struct hello read;
    size_t length = hello_format(hello, text);
    assert_int_equal(length, strlen(text));
    assert_true(hello_parse(text, length, &read));
    assert_string_equal(read.sentinel.host, hello->sentinel.host);
    assert_int_equal(read.sentinel.port, hello->sentinel.port);
    assert_string_equal(read.run_id, hello->run_id);
    assert_int_equal(read.current_epoch, hello->current_epoch);
    assert_string_equal(read.group, hello->group);
    assert_string_equal(read.master.host, hello->master.host);
    assert_int_equal(read.master.port, hello->master.port);
    assert_int_equal(read.config_epoch, hello->config_epoch);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct hello hello;
    char text[HELLO_TEXT_SIZE];
    assert_true(hello_parse(sample, strlen(sample), &hello));
    (void)hello_format(&hello, text);
    assert_string_equal(text, sample);
    assert_round_trip(&hello);
}

static void test_longest_round_trip(void **state)
{
    (void)state;
    struct hello hello = {.current_epoch = EPOCH_MAX,
                          .config_epoch = EPOCH_MAX};
    copy_text(hello.sentinel.host, HOST_SIZE, LONG "sss");
    copy_text(hello.master.host, HOST_SIZE, LONG "mmm");
    fill(hello.group, NAME_SIZE - 1, 'g');
    fill(hello.run_id, RUN_ID_LEN, 'f');
    hello.sentinel.port = 65535;
    hello.master.port = 65535;
    assert_round_trip(&hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_the_sample),
        cmocka_unit_test(test_strict),
        cmocka_unit_test(test_embedded_nul),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_longest_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
