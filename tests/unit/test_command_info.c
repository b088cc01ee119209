/* INFO: which sections come, in which order, and what their fields say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

/* The titles of a reply's sections, joined by blanks. */
static const char *titles(struct command_fixture *fixture, const char *line)
{
    static char found[256];
    size_t used = 0;
    found[0] = '\0';
    const char *at = strstr(ask(fixture, line), "# ");
    for (; at != NULL; at = strstr(at + 2, "\n# ")) {
        at += *at == '\n' ? 1 : 0;
        size_t length = strcspn(at + 2, "\r");
        used += (size_t)snprintf(found + used, sizeof(found) - used, "%s%.*s",
                                 used == 0 ? "" : " ", (int)length, at + 2);
    }
    return found;
}

#define USUAL "Server Clients Stats CPU Sentinel"

static const struct {
    const char *line;
    const char *titles;
} section_rows[] = {
    {"info", USUAL},
    {"INFO default", USUAL},
    {"info all", USUAL},
    {"info ALL default", USUAL},
    {"info everything", USUAL " Sentineld"},
    {"info server", "Server"},
    {"info SENTINEL", "Sentinel"},
    {"info sentinel server", "Server Sentinel"},
    {"info server foo server", "Server"},
    {"info sentineld", "Sentineld"},
    {"info default sentineld", USUAL " Sentineld"},
    {"info replication", ""},
};

static void test_sections(void **state)
{
    for (size_t i = 0; i < sizeof(section_rows) / sizeof(section_rows[0]);
         i++) {
        const char *got = titles(*state, section_rows[i].line);
        if (strcmp(got, section_rows[i].titles) != 0) {
            fail_msg("%s: %s", section_rows[i].line, got);
        }
    }
}

static void test_unknown_section_is_empty(void **state)
{
    assert_string_equal(ask(*state, "info replication"), "$0\r\n\r\n");
}

static void test_sentinel_section_byte_for_byte(void **state)
{
    struct command_fixture *fixture = *state;
    model_fixture_add_group(&fixture->model, "other", 26983);
    struct group *group =
        model_fixture_add_group(&fixture->model, "mymaster", 26981);
    model_fixture_add_node(group, "127.0.0.1", 26982);
    assert_string_equal(
        ask(fixture, "info sentinel"),
        "$330\r\n# Sentinel\r\nsentinel_masters:2\r\nsentinel_tilt:0\r\n"
        "sentinel_tilt_since_seconds:-1\r\nsentinel_running_scripts:0\r\n"
        "sentinel_scripts_queue_length:0\r\n"
        "sentinel_simulate_failure_flags:0\r\n"
        "master0:name=other,status=ok,address=127.0.0.1:26983,slaves=0,"
        "sentinels=1\r\n"
        "master1:name=mymaster,status=ok,address=127.0.0.1:26981,slaves=1,"
        "sentinels=1\r\n\r\n");
}

static void test_supervision(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->status.is_supervised = true;
    assert_non_null(strstr(ask(fixture, "info server"),
                           "\r\nprocess_supervised:systemd\r\n"));
}

static void test_status_of_a_master(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = model_fixture_add_group(&fixture->model, "m", 7000);
    model_fixture_add_voter(&fixture->model, group, 'a', 26380);
    group->master->subjective_down = true;
    assert_non_null(strstr(ask(fixture, "info sentinel"),
                           "master0:name=m,status=sdown,address=127.0.0.1:7000,"
                           "slaves=0,sentinels=2\r\n"));
    group->objective_down = true;
    assert_non_null(strstr(ask(fixture, "info sentinel"), "status=odown"));
}

/* A promotion that is not on disk yet is nobody's business. */
static void test_address_is_the_published_one(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = model_fixture_add_group(&fixture->model, "m", 7000);
    group->master = model_fixture_add_node(group, "127.0.0.1", 7001);
    assert_non_null(
        strstr(ask(fixture, "info sentinel"), "address=127.0.0.1:7000,"));
    group->published = group->master;
    assert_non_null(
        strstr(ask(fixture, "info sentinel"), "address=127.0.0.1:7001,"));
}

static void test_tilt(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->model.tilt.active = true;
    fixture->model.tilt.since = FIXTURE_NOW - 2900;
    assert_non_null(
        strstr(ask(fixture, "info sentinel"),
               "sentinel_tilt:1\r\nsentinel_tilt_since_seconds:2\r\n"));
}

static void fill_status(struct server_status *status)
{
    *status = (struct server_status){
        .port = 26379,
        .plain_port = 26379,
        .process_id = 4242,
        .run_id = "1234567890123456789012345678901234567890",
        .uptime_s = 2 * 86400 + 5,
        .now_us = 1700000000000001,
        .executable = "/usr/bin/sentineld",
        .config_file = "/etc/sentineld.conf",
        .connected_clients = 3,
        .max_clients = 10000,
        .total_connections = 11,
        .rejected_connections = 12,
        .total_commands = 13,
        .total_input_bytes = 14,
        .total_output_bytes = 15,
        .total_error_replies = 16,
        .system = "Linux 6.1 x86_64",
        .listening = "bind=127.0.0.1,bind=-::1",
        .total_reads = 21,
        .total_writes = 22,
        .commands_per_s = 23,
        .input_bytes_per_s = 1536,
        .output_bytes_per_s = 10,
        .cpu = {.user_us = 2000003, .system_us = 500},
        .cpu_children = {.user_us = 1, .system_us = 3000000},
        .cpu_main_thread = {.user_us = 4, .system_us = 5},
        .saves = 19,
        .save_failures = 20,
    };
}

static const char *const status_fields[] = {
    "# Server\r\nredis_version:7.2.4\r\nredis_git_sha1:00000000\r\n"
    "redis_git_dirty:0\r\nredis_build_id:",
    "redis_mode:sentinel\r\nos:Linux 6.1 x86_64\r\n",
    "process_id:4242\r\nprocess_supervised:no\r\n",
    "lru_clock:5501184\r\n",
    "io_threads_active:0\r\n"
    "listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=26379\r\n",
    "tracking_clients:0\r\n",
    "instantaneous_ops_per_sec:23\r\n",
    "total_net_repl_output_bytes:0\r\ninstantaneous_input_kbps:1.50\r\n"
    "instantaneous_output_kbps:0.00\r\ninstantaneous_input_repl_kbps:0.00\r\n",
    "total_reads_processed:21\r\ntotal_writes_processed:22\r\n",
    "used_cpu_sys_children:3.000000\r\nused_cpu_user_children:0.000001\r\n"
    "used_cpu_sys_main_thread:0.000005\r\n"
    "used_cpu_user_main_thread:0.000004\r\n",
    "run_id:1234567890123456789012345678901234567890\r\n",
    "tcp_port:26379\r\n",
    "server_time_usec:1700000000000001\r\n",
    "uptime_in_seconds:172805\r\nuptime_in_days:2\r\n",
    "executable:/usr/bin/sentineld\r\nconfig_file:/etc/sentineld.conf\r\n",
    "connected_clients:3\r\n",
    "maxclients:10000\r\n",
    "total_connections_received:11\r\n",
    "rejected_connections:12\r\n",
    "total_commands_processed:13\r\n",
    "total_net_input_bytes:14\r\n",
    "total_net_output_bytes:15\r\n",
    "total_error_replies:16\r\n",
    "used_cpu_sys:0.000500\r\nused_cpu_user:2.000003\r\n",
    "sentineld_version:0.1.0\r\n",
    "state_save_failing:0\r\nstate_save_error:\r\n",
    "state_saves:19\r\nstate_save_failures:20\r\n",
};

static void test_fields_of_the_process(void **state)
{
    struct command_fixture *fixture = *state;
    fill_status(&fixture->status);
    const char *info = ask(fixture, "info everything");
    for (size_t i = 0; i < sizeof(status_fields) / sizeof(status_fields[0]);
         i++) {
        if (strstr(info, status_fields[i]) == NULL) {
            fail_msg("missing: %s\nin %s", status_fields[i], info);
        }
    }
}

static void test_listeners(void **state)
{
    struct command_fixture *fixture = *state;
    fill_status(&fixture->status);
    fixture->status.tls_port = 26380;
    assert_non_null(
        strstr(ask(fixture, "info server"),
               "listener0:name=tcp,bind=127.0.0.1,bind=-::1,port=26379\r\n"
               "listener1:name=tls,bind=127.0.0.1,bind=-::1,port=26380\r\n"));
    fixture->status.plain_port = 0;
    assert_non_null(
        strstr(ask(fixture, "info server"),
               "\nlistener0:name=tls,bind=127.0.0.1,bind=-::1,port=26380\r\n"));
}

static void test_tracking_clients_are_counted(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "client tracking on");
    assert_non_null(
        strstr(ask(fixture, "info clients"), "tracking_clients:1\r\n"));
}

/* A name counts once, whoever listens to it, the one who asks too. */
static void test_names_that_are_listened_to(void **state)
{
    struct command_fixture *fixture = *state;
    struct session other;
    const char *const argv[] = {"subscribe", "+x", "+y"};
    const size_t lengths[] = {9, 2, 2};
    const struct resp_request request = {3, argv, lengths};
    (void)ask(fixture, "hello 3");
    (void)ask(fixture, "subscribe +x +x +z");
    (void)ask(fixture, "psubscribe *");
    session_init(&other, 10);
    session_book_add(&fixture->book, &other);
    assert_int_equal(command_run(&fixture->context, &other, &request, 1,
                                 &fixture->writer, &fixture->fact),
                     COMMAND_REPLIED);
    const char *info = ask(fixture, "info stats clients");
    assert_non_null(
        strstr(info, "\r\npubsub_channels:3\r\npubsub_patterns:1\r\n"));
    assert_non_null(strstr(info, "\r\npubsub_clients:2\r\n"));
    (void)ask(fixture, "unsubscribe +x +nosuch");
    assert_non_null(
        strstr(ask(fixture, "info stats"), "\r\npubsub_channels:3\r\n"));
    session_book_remove(&fixture->book, &other);
    session_clear(&other);
    assert_non_null(
        strstr(ask(fixture, "info stats"), "\r\npubsub_channels:1\r\n"));
    (void)ask(fixture, "unsubscribe");
    (void)ask(fixture, "punsubscribe");
    assert_non_null(strstr(ask(fixture, "info stats"),
                           "pubsub_channels:0\r\npubsub_patterns:0\r\n"));
}

static void test_refusals_are_counted(void **state)
{
    struct command_fixture *fixture = *state;
    (void)ask(fixture, "auth nobody x");
    (void)ask(fixture, "auth nobody x");
    (void)ask(fixture, "acl setuser joe on nopass +ping +publish +acl|log");
    (void)ask(fixture, "acl log reset");
    (void)ask(fixture, "auth joe x");
    (void)ask(fixture, "role");
    (void)ask(fixture, "publish a b");
    copy_text(fixture->session.user, ACL_NAME_SIZE, ACL_DEFAULT_USER);
    assert_non_null(
        strstr(ask(fixture, "info stats"),
               "\r\nacl_access_denied_auth:2\r\nacl_access_denied_cmd:1\r\n"
               "acl_access_denied_key:0\r\nacl_access_denied_channel:1\r\n"));
}

/* The most of late: in this period of four seconds and in the last one. */
static const struct peak_row {
    msec now;
    struct session_bytes bytes;
    const char *expected;
} peak_rows[] = {
    {10000, {7, 8}, "input_buffer:7\r\nclient_recent_max_output_buffer:8\r\n"},
    {11000, {9, 1}, "input_buffer:9\r\nclient_recent_max_output_buffer:8\r\n"},
    {13999, {0, 0}, "input_buffer:9\r\nclient_recent_max_output_buffer:8\r\n"},
    {14001, {1, 2}, "input_buffer:9\r\nclient_recent_max_output_buffer:8\r\n"},
    {18500, {0, 0}, "input_buffer:1\r\nclient_recent_max_output_buffer:2\r\n"},
    {99000, {0, 3}, "input_buffer:0\r\nclient_recent_max_output_buffer:3\r\n"},
};

static void test_most_of_late(void **state)
{
    struct command_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(peak_rows) / sizeof(peak_rows[0]); i++) {
        const struct peak_row *row = &peak_rows[i];
        session_note_bytes(&fixture->session, &row->bytes, row->now);
        if (strstr(ask(fixture, "info clients"), row->expected) == NULL) {
            fail_msg("row %zu: expected %s", i, row->expected);
        }
    }
}

static void test_sessions_are_found_by_id(void **state)
{
    struct command_fixture *fixture = *state;
    struct session other;
    session_init(&other, 10);
    assert_null(session_book_find(&fixture->book, 10));
    session_book_add(&fixture->book, &other);
    assert_ptr_equal(session_book_find(&fixture->book, 10), &other);
    assert_non_null(session_book_find(&fixture->book, 9));
    session_book_remove(&fixture->book, &other);
    assert_null(session_book_find(&fixture->book, 10));
    session_clear(&other);
}

static void test_degraded_is_shown(void **state)
{
    struct command_fixture *fixture = *state;
    fixture->status.save_failing = true;
    copy_text(fixture->status.save_error, sizeof(fixture->status.save_error),
              "disk full");
    fixture->model.ignored_facts = 21;
    fixture->model.tilt.count = 22;
    const char *info = ask(fixture, "info sentineld");
    assert_non_null(strstr(info, "state_save_failing:1\r\n"
                                 "state_save_error:disk full\r\n"));
    assert_non_null(strstr(info, "ignored_facts:21\r\nstalls:22\r\n"));
}

/* The largest model must fit: names and hosts as long as they can be. */
static void test_many_masters_fit(void **state)
{
    struct command_fixture *fixture = *state;
    char name[NAME_SIZE];
    buffer_clear(&fixture->out);
    buffer_init(&fixture->out, 64 << 20);
    for (int i = 0; i < MAX_GROUPS; i++) {
        (void)snprintf(name, sizeof(name), "%0127d", i);
        struct group *group =
            model_fixture_add_group(&fixture->model, name, 65535);
        memset(group->published->instance.shown.host, 'h', HOST_SIZE - 1);
    }
    const char *info = ask(fixture, "info sentinel");
    assert_non_null(strstr(info, "\r\nmaster19999:name="));
    assert_false(fixture->out.overflowed);
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sections),
        TEST(test_unknown_section_is_empty),
        TEST(test_sentinel_section_byte_for_byte),
        TEST(test_supervision),
        TEST(test_status_of_a_master),
        TEST(test_address_is_the_published_one),
        TEST(test_tilt),
        TEST(test_fields_of_the_process),
        TEST(test_listeners),
        TEST(test_tracking_clients_are_counted),
        TEST(test_names_that_are_listened_to),
        TEST(test_refusals_are_counted),
        TEST(test_most_of_late),
        TEST(test_sessions_are_found_by_id),
        TEST(test_degraded_is_shown),
        TEST(test_many_masters_fit),
    };
    return cmocka_run_group_tests_name("command_info", tests, NULL, NULL);
}
