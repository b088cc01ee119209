/* INFO and strict numbers: real texts, one line at a time, nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "info_samples.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

#define RUN_ID "471ff5ae2105dfa6400aae66b89d21194379992d"
#define ZEROS  "0000000000000000000000000000000000000000"

static struct info info; /* too large for every test's stack */

static void read_info(const char *text)
{
    memset(&info, 0x5a, sizeof info);
    assert_true(info_parse(text, strlen(text), &info));
}

static void test_real_master(void **state)
{
    (void)state;
    read_info(sample_master);
    assert_int_equal(info.role, ROLE_MASTER);
    assert_string_equal(info.run_id,
                        "05f651f42acc8ada1c242d54e162945cc09d0716");
    assert_string_equal(info.replid,
                        "5a48e5e4e8d46e0721d79123333cd7843222460d");
    assert_string_equal(info.replid2, "");
    assert_int_equal(info.second_repl_offset, -1);
    assert_false(info.loading);
    assert_int_equal(info.offset, 78);
    assert_int_equal(info.replica_count, 1);
    assert_string_equal(info.replicas[0].address.host, "127.0.0.1");
    assert_int_equal(info.replicas[0].address.port, 21802);
    assert_string_equal(info.master.host, "");
}

/* What only redis-server and valkey-server say, all of it. */
#define ENGINE                                                     \
    "# Server\r\nredis_version:7.0.15\r\nredis_git_dirty:0\r\n"    \
    "redis_build_id:ae4d7c971a948f0\r\nmultiplexing_api:epoll\r\n" \
    "gcc_version:12.2.0\r\nrun_id:" RUN_ID "\r\n"
#define FORK                                                              \
    "# Persistence\r\nrdb_changes_since_last_save:3\r\naof_enabled:1\r\n" \
    "# Replication\r\nsecond_repl_offset:-1\r\n"
#define REST FORK "# Stats\r\nio_threaded_reads_processed:0\r\n"

static const struct engine_row {
    const char *name;
    const char *text;
    bool known;
} engines[] = {
    {"redis", ENGINE REST "role:master\r\n", true},
    {"valkey",
     ENGINE "server_name:valkey\r\nvalkey_version:8.0.1\r\n" REST
            "role:slave\r\n",
     true},
    {"a module's version is no maker's",
     ENGINE REST "role:slave\r\n# search\r\nsearch_version:2.8\r\n", true},
    {"another maker's version",
     ENGINE "dragonfly_version:df-v1.14\r\n" REST "role:master\r\n", false},
    {"another server name", ENGINE "server_name:x\r\n" REST "role:slave\r\n",
     false},
    {"a fork with threads of its own", ENGINE FORK "role:slave\r\n", false},
    {"a role of its own", ENGINE REST "role:active-replica\r\n", false},
    {"only the version", "# Server\r\nredis_version:7.0.15\r\nrole:slave\r\n",
     false},
    {"persistence is hidden", ENGINE "second_repl_offset:-1\r\nrole:master\r\n",
     false},
};

static void test_engines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        read_info(engines[i].text);
        if (info.known_engine != engines[i].known) {
            fail_msg("%s", engines[i].name);
        }
    }
}

static void test_persistence(void **state)
{
    (void)state;
    read_info(ENGINE REST "role:master\r\n");
    assert_true(info.append_only_known);
    assert_true(info.append_only);
    assert_int_equal(info.unsaved_changes, 3);
    read_info("role:active-replica\r\naof_enabled:0\r\n");
    assert_true(info.append_only_known);
    assert_false(info.append_only);
    assert_int_equal(info.role, ROLE_REPLICA);
    read_info("role:slave\r\n");
    assert_false(info.append_only_known);
    assert_true(info.unsaved_changes == NO_OFFSET);
}

static void test_real_replica_never_in_step(void **state)
{
    (void)state;
    read_info(sample_replica);
    assert_int_equal(info.role, ROLE_REPLICA);
    assert_string_equal(info.master.host, "127.0.0.1");
    assert_int_equal(info.master.port, 21801);
    assert_false(info.master_link_up);
    assert_int_equal(info.master_link_down_s, -1);
    assert_int_equal(info.master_last_io_s, -1);
    assert_int_equal(info.offset, 1);
}

static void test_real_replica_in_step(void **state)
{
    (void)state;
    read_info(sample_synced);
    assert_int_equal(info.role, ROLE_REPLICA);
    assert_string_equal(info.run_id,
                        "437902326a5deef40dcb73f517cbd29713faffd7");
    assert_string_equal(info.replid,
                        "5a48e5e4e8d46e0721d79123333cd7843222460d");
    assert_true(info.master_link_up);
    assert_int_equal(info.master_link_down_s, 0);
    assert_int_equal(info.master_last_io_s, 0);
    assert_false(info.sync_in_progress);
    assert_int_equal(info.priority, 100);
    assert_int_equal(info.offset, 78);
    assert_true(info.announced);
}

static void test_real_replica_of_a_dead_master(void **state)
{
    (void)state;
    read_info(sample_linkdown);
    assert_false(info.master_link_up);
    assert_int_equal(info.master_link_down_s, 3);
    assert_int_equal(info.master_last_io_s, -1);
    assert_int_equal(info.offset, 78);
}

static void test_real_promoted(void **state)
{
    (void)state;
    read_info(sample_promoted);
    assert_int_equal(info.role, ROLE_MASTER);
    assert_string_equal(info.replid,
                        "53125b12a32ed2e25f11dc594a1610eeba9e4e08");
    assert_string_equal(info.replid2,
                        "5a48e5e4e8d46e0721d79123333cd7843222460d");
    assert_int_equal(info.second_repl_offset, 79);
    assert_int_equal(info.offset, 78);
}

static void test_real_loading(void **state)
{
    (void)state;
    read_info(sample_loading);
    assert_int_equal(info.role, ROLE_MASTER);
    assert_true(info.loading);
}

static void test_defaults(void **state)
{
    (void)state;
    read_info("role:slave");
    assert_int_equal(info.role, ROLE_REPLICA);
    assert_string_equal(info.run_id, "");
    assert_string_equal(info.replid, "");
    assert_string_equal(info.replid2, "");
    assert_int_equal(info.second_repl_offset, -1);
    assert_false(info.loading);
    assert_string_equal(info.master.host, "");
    assert_int_equal(info.master.port, 0);
    assert_false(info.master_link_up);
    assert_int_equal(info.master_link_down_s, 0);
    assert_int_equal(info.master_last_io_s, -1);
    assert_false(info.sync_in_progress);
    assert_int_equal(info.priority, 100);
    assert_int_equal(info.offset, 0);
    assert_true(info.announced);
    assert_int_equal(info.replica_count, 0);
}

/* What a line behind the role changes, as one text. */
static const char *describe(char *text, size_t size)
{
    (void)snprintf(
        text, size, "%s%s|%s|%s|%lld|%s|%s:%u|%s|%lld|%lld|%s|%u|%llu|%s|%zu",
        info.role == ROLE_MASTER ? "m" : "s", info.run_id, info.replid,
        info.replid2, (long long)info.second_repl_offset,
        info.loading ? "loading" : "", info.master.host,
        (unsigned)info.master.port, info.master_link_up ? "up" : "",
        (long long)info.master_link_down_s, (long long)info.master_last_io_s,
        info.sync_in_progress ? "sync" : "", (unsigned)info.priority,
        (unsigned long long)info.offset, info.announced ? "" : "hidden",
        info.replica_count);
    return text;
}

#define ABSENT "s|||-1||:0||0|-1||100|0||0"

struct line_row {
    const char *line;
    const char *expected;
};

static const struct line_row line_rows[] = {
    {"", ABSENT},
    {"run_id:" RUN_ID, "s" RUN_ID "|||-1||:0||0|-1||100|0||0"},
    {"run_id:" RUN_ID "0", ABSENT},
    {"run_id:", ABSENT},
    {"run_id:4711", ABSENT},
    {"run_id:471ff5ae2105dfa6400aae66b89d2119 379992d", ABSENT},
    {"xrun_id:" RUN_ID, ABSENT},
    {"run_id" RUN_ID, ABSENT},
    {"master_replid:" RUN_ID, "s|" RUN_ID "||-1||:0||0|-1||100|0||0"},
    {"master_replid2:" RUN_ID, "s||" RUN_ID "|-1||:0||0|-1||100|0||0"},
    {"master_replid2:" ZEROS, ABSENT},
    {"second_repl_offset:12", "s|||12||:0||0|-1||100|0||0"},
    {"second_repl_offset:-2", ABSENT},
    {"second_repl_offset:9223372036854775808", ABSENT},
    {"loading:1", "s|||-1|loading|:0||0|-1||100|0||0"},
    {"loading:2", ABSENT},
    {"loading:", ABSENT},
    {"async_loading:1", ABSENT},
    {"master_host:10.0.0.1", "s|||-1||10.0.0.1:0||0|-1||100|0||0"},
    {"master_host:fe80::1", "s|||-1||fe80::1:0||0|-1||100|0||0"},
    {"master_host:", ABSENT},
    {"master_host:a b", ABSENT},
    {"master_host:$(id)", ABSENT},
    {"master_host:x\"y;z", ABSENT},
    {"master_host:--help", ABSENT},
    {"master_host:a\x7f", ABSENT},
    {"master_host:a\xc3\xa4", ABSENT},
    {"master_port:6379", "s|||-1||:6379||0|-1||100|0||0"},
    {"master_port:0", ABSENT},
    {"master_port:65536", ABSENT},
    {"master_port:-1", ABSENT},
    {"master_port:63x", ABSENT},
    {"master_link_status:up", "s|||-1||:0|up|0|-1||100|0||0"},
    {"master_link_status:upper", ABSENT},
    {"master_link_status:down", ABSENT},
    {"master_link_down_since_seconds:17", "s|||-1||:0||17|-1||100|0||0"},
    {"master_link_down_since_seconds:-1", "s|||-1||:0||-1|-1||100|0||0"},
    {"master_link_down_since_seconds:1700000000",
     "s|||-1||:0||-1|-1||100|0||0"},
    {"master_link_down_since_seconds:1e3", ABSENT},
    {"master_last_io_seconds_ago:5", "s|||-1||:0||0|5||100|0||0"},
    {"master_sync_in_progress:1", "s|||-1||:0||0|-1|sync|100|0||0"},
    {"slave_priority:0", "s|||-1||:0||0|-1||0|0||0"},
    {"slave_priority:4294967295", "s|||-1||:0||0|-1||4294967295|0||0"},
    {"slave_priority:4294967296", ABSENT},
    {"slave_priority:-5", ABSENT},
    {"slave_repl_offset:123456789012", "s|||-1||:0||0|-1||100|123456789012||0"},
    {"slave_repl_offset:-1", ABSENT},
    {"slave_repl_offset:18446744073709551615", ABSENT},
    {"master_repl_offset:77", ABSENT},
    {"replica_announced:0", "s|||-1||:0||0|-1||100|0|hidden|0"},
    {"replica_announced:no", ABSENT},
    {"slave0:ip=1.2.3.4,port=1,state=online", ABSENT}, /* a chain */
    {"role:master", ABSENT}, /* the first one counts */
    {"# Replication", ABSENT},
    {":", ABSENT},
    {"::::", ABSENT},
};

/* Each line before and behind the role, ended by \n, \r\n or by nothing. */
static void test_line_by_line(void **state)
{
    (void)state;
    static const char *const around[][2] = {
        {"role:slave\n", ""},
        {"role:slave\r\n", "\r\n"},
        {"", "\r\nrole:slave"},
        {"\r\n\r\n", "\nrole:slave\n\n"},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof line_rows / sizeof line_rows[0]; i++) {
        const struct line_row *row = &line_rows[i];
        bool is_role = strcmp(row->line, "role:master") == 0;
        for (size_t f = 0; f < (is_role ? 2 : 4); f++) {
            char text[256];
            char found[512];
            (void)snprintf(text, sizeof text, "%s%s%s", around[f][0], row->line,
                           around[f][1]);
            read_info(text);
            if (strcmp(describe(found, sizeof found), row->expected) != 0) {
                print_error("%s\n  gives    %s\n  expected %s\n", text, found,
                            row->expected);
                failed++;
            }
        }
    }
    assert_int_equal(failed, 0);
}

struct replica_row {
    const char *line;
    const char *expected; /* "" = left out */
};

static const struct replica_row replica_rows[] = {
    {"slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1",
     "10.0.0.2 6379"},
    {"slave12:ip=10.0.0.2,port=6379", "10.0.0.2 6379"},
    {"slave0:port=6379,lag=0,ip=10.0.0.2", "10.0.0.2 6379"},
    {"slave0:ip=$(id),port=1,state=online", ""},
    {"slave0:ip=x\"y;z,port=1,state=online", ""},
    {"slave0:ip=--help,port=1,state=online", ""},
    {"slave0:--help,6379,online", ""},
    {"slave0:ip=fe80::2,port=1,state=wait_bgsave", "fe80::2 1"},
    {"slave0:ip=replica.example,port=65535", "replica.example 65535"},
    /* Valkey 8 adds a field */
    {"slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0,type=main-"
     "channel",
     "10.0.0.2 6379"},
    {"slave0:10.0.0.2,6379,online", "10.0.0.2 6379"},
    {"slave0:10.0.0.2,6379", "10.0.0.2 6379"},
    {"slave0:", ""},
    {"slave0:10.0.0.2", ""},
    {"slave0:,6379,online", ""},
    {"slave0:ip=,port=6379", ""},
    {"slave0:ip=10.0.0.2", ""},
    {"slave0:port=6379", ""},
    {"slave0:ip=10.0.0.2,port=0", ""},
    {"slave0:ip=10.0.0.2,port=65536", ""},
    {"slave0:ip=10.0.0.2,port=", ""},
    {"slave0:ip=10.0.0.2,port=abc", ""},
    {"slave0:ip=10 0,port=6379", ""},
    {"slave:ip=10.0.0.2,port=6379", ""},
    {"slavex:ip=10.0.0.2,port=6379", ""},
    {"slave0x:ip=10.0.0.2,port=6379", ""},
    {"slave_priority:100", ""},
    {"slave0:=,=,=", ""},
    {"slave0:,,,,", ""},
};

static void test_replica_lines(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof replica_rows / sizeof replica_rows[0]; i++) {
        char text[256];
        char found[HOST_SIZE + 8] = "";
        (void)snprintf(text, sizeof text, "%s\r\nrole:master\r\n",
                       replica_rows[i].line);
        read_info(text);
        if (info.replica_count == 1) {
            const struct address *address = &info.replicas[0].address;
            (void)snprintf(found, sizeof found, "%s %u", address->host,
                           (unsigned)address->port);
        }
        if (strcmp(found, replica_rows[i].expected) != 0) {
            print_error("%s gives '%s'\n", replica_rows[i].line, found);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static void test_replicas_that_count(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool online;
        uint32_t lag_s;
    } rows[] = {
        {"ip=a,port=1,state=online,offset=1,lag=3", true, 3},
        {"lag=0,state=online,ip=a,port=1", true, 0},
        {"ip=a,port=1,state=wait_bgsave,offset=0,lag=0", false, 0},
        {"ip=a,port=1,state=online,lag=-1", true, UINT32_MAX},
        {"ip=a,port=1,state=online,lag=", true, UINT32_MAX},
        {"ip=a,port=1", false, 0},
        {"a,1,online", true, 0},
        {"a,1,send_bulk", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "role:master\r\nslave0:%s\r\n",
                       rows[i].line);
        read_info(text);
        assert_int_equal(info.replica_count, 1);
        assert_int_equal(info.replicas[0].online, rows[i].online);
        assert_int_equal(info.replicas[0].lag_s, rows[i].lag_s);
    }
}

static void test_more_replicas_than_the_limit(void **state)
{
    (void)state;
    enum { COUNT = MAX_NODES_PER_GROUP + 5 };
    char *text = xmalloc(COUNT * 64);
    size_t length = (size_t)snprintf(text, 64, "role:master\r\n");
    for (int i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(text + length, 64,
                                   "slave%d:ip=10.0.0.1,port=%d\r\n", i, i + 1);
    }
    read_info(text);
    assert_int_equal(info.replica_count, MAX_NODES_PER_GROUP);
    assert_int_equal(info.replicas[MAX_NODES_PER_GROUP - 1].address.port,
                     MAX_NODES_PER_GROUP);
    free(text);
}

static void test_other_word_for_replica(void **state)
{
    (void)state;
    static const char *const texts[] = {"role:replica\n",
                                        "role:active-replica\r\n", /* KeyDB */
                                        "role:master&&slave\r\n" /* Pika */};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        read_info(texts[i]);
        assert_int_equal(info.role, ROLE_REPLICA);
    }
}

static void test_master_offset(void **state)
{
    (void)state;
    read_info("role:master\nslave_repl_offset:5\nmaster_repl_offset:9\n");
    assert_int_equal(info.offset, 9);
}

static void test_no_role_is_no_info(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\r\n",
        ":",
        "role",
        "role:",
        "role:sentinel",
        "role:Master",
        "role:slave&&master",
        "role:lave",
        "xrole:master",
        "# Replication\r\nmaster_port:1\r\n",
        "redis_mode:sentinel\r\nsentinel_masters:1\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        memset(&info, 0x5a, sizeof info);
        assert_false(info_parse(texts[i], strlen(texts[i]), &info));
        const unsigned char *bytes = (const unsigned char *)&info;
        for (size_t b = 0; b < sizeof info; b++) {
            assert_int_equal(bytes[b], 0x5a);
        }
    }
    assert_false(info_parse(NULL, 0, &info));
}

/* Nothing behind the end is read: each copy has exactly that size. */
static void test_truncated_anywhere(void **state)
{
    (void)state;
    size_t length = strlen(sample_master);
    for (size_t size = 0; size <= length; size++) {
        char *copy = xmalloc(size);
        memcpy(copy, sample_master, size);
        (void)info_parse(copy, size, &info);
        free(copy);
    }
}

struct number_row {
    const char *text;
    int64_t minimum;
    int64_t maximum;
    bool expected;
    int64_t value;
};

static const struct number_row number_rows[] = {
    {"0", 0, 10, true, 0},
    {"10", 0, 10, true, 10},
    {"11", 0, 10, false, 0},
    {"-1", -1, 10, true, -1},
    {"-2", -1, 10, false, 0},
    {"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
    {"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
    {"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
    {"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
    {"99999999999999999999999", INT64_MIN, INT64_MAX, false, 0},
    {"", INT64_MIN, INT64_MAX, false, 0},
    {"-", INT64_MIN, INT64_MAX, false, 0},
    {"-0", INT64_MIN, INT64_MAX, false, 0},
    {"+1", INT64_MIN, INT64_MAX, false, 0},
    {"00", INT64_MIN, INT64_MAX, false, 0},
    {"01", INT64_MIN, INT64_MAX, false, 0},
    {" 1", INT64_MIN, INT64_MAX, false, 0},
    {"1 ", INT64_MIN, INT64_MAX, false, 0},
    {"10s", INT64_MIN, INT64_MAX, false, 0},
    {"0x10", INT64_MIN, INT64_MAX, false, 0},
    {"1e3", INT64_MIN, INT64_MAX, false, 0},
    {"--1", INT64_MIN, INT64_MAX, false, 0},
};

static void test_integers(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++) {
        const struct number_row *row = &number_rows[i];
        int64_t value = 4711;
        int64_t expected = row->expected ? row->value : 4711;
        bool result = parse_integer(row->text, strlen(row->text), row->minimum,
                                    row->maximum, &value);
        if (result != row->expected || value != expected) {
            print_error("'%s' gives %d, %lld\n", row->text, result,
                        (long long)value);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static void test_unsigned(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_true(parse_unsigned("18446744073709551615", 20, UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(
        parse_unsigned("18446744073709551616", 20, UINT64_MAX, &value));
    assert_false(parse_unsigned("-1", 2, UINT64_MAX, &value));
    assert_true(parse_unsigned("12345", 3, 123, &value));
    assert_true(value == 123);
    assert_false(parse_unsigned("5", 1, 4, &value));
    assert_true(parse_unsigned("0", 1, 0, &value));
    assert_true(value == 0);
}

static void test_keys(void **state)
{
    (void)state;
    read_info("role:master\r\n# Keyspace\r\n"
              "db0:keys=12,expires=3,avg_ttl=0\r\n"
              "db15:keys=30,expires=0,avg_ttl=0,subexpiry=0\r\n"
              "db1:keys=x,expires=0\r\ndbsize:keys=7\r\ndb2:expires=9\r\n");
    assert_int_equal(info.keys, 42);
    read_info("role:master\r\n# Keyspace\r\n");
    assert_int_equal(info.keys, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_master),
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_persistence),
        cmocka_unit_test(test_real_replica_never_in_step),
        cmocka_unit_test(test_real_replica_in_step),
        cmocka_unit_test(test_real_replica_of_a_dead_master),
        cmocka_unit_test(test_real_promoted),
        cmocka_unit_test(test_real_loading),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_line_by_line),
        cmocka_unit_test(test_replica_lines),
        cmocka_unit_test(test_replicas_that_count),
        cmocka_unit_test(test_more_replicas_than_the_limit),
        cmocka_unit_test(test_other_word_for_replica),
        cmocka_unit_test(test_master_offset),
        cmocka_unit_test(test_no_role_is_no_info),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_truncated_anywhere),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_unsigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
