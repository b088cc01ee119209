/* The rows of MASTER, REPLICAS and SENTINELS: fields, their order and the
 * words of `flags`. Those that stand here byte for byte were compared with
 * redis-sentinel 7.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "row_support.h"
#include "sentineld/memory.h"

static void test_master_byte_for_byte(void **state)
{
    struct command_fixture *fixture = *state;
    struct node *node = add_group(fixture)->published;
    copy_text(node->report.run_id, RUN_ID_SIZE, "abc");
    node->instance.health.ok_at = FIXTURE_NOW - 962;
    node->instance.health.reply_at = FIXTURE_NOW - 961;
    node->report.at = FIXTURE_NOW - 3327;
    node->report.role = ROLE_MASTER;
    node->report.role_since = FIXTURE_NOW - 13366;
    assert_string_equal(
        ask(fixture, "sentinel master mymaster"),
        "*44\r\n$4\r\nname\r\n$8\r\nmymaster\r\n$2\r\nip\r\n$9\r\n127.0.0.1\r\n"
        "$4\r\nport\r\n$5\r\n26981\r\n$5\r\nrunid\r\n$3\r\nabc\r\n$5\r\nflags"
        "\r\n$6\r\nmaster\r\n$21\r\nlink-pending-commands\r\n$1\r\n0\r\n$13\r\n"
        "link-refcount\r\n$1\r\n1\r\n$14\r\nlast-ping-sent\r\n$1\r\n0\r\n$"
        "18\r\n"
        "last-ok-ping-reply\r\n$3\r\n962\r\n$15\r\nlast-ping-reply\r\n$3\r\n961"
        "\r\n$23\r\ndown-after-milliseconds\r\n$5\r\n30000\r\n$12\r\n"
        "info-refresh\r\n$4\r\n3327\r\n$13\r\nrole-reported\r\n$6\r\nmaster\r\n"
        "$18\r\nrole-reported-time\r\n$5\r\n13366\r\n$12\r\nconfig-epoch\r\n$1"
        "\r\n0\r\n$10\r\nnum-slaves\r\n$1\r\n0\r\n$19\r\nnum-other-"
        "sentinels\r\n"
        "$1\r\n0\r\n$6\r\nquorum\r\n$1\r\n2\r\n$16\r\nfailover-timeout\r\n$"
        "6\r\n"
        "180000\r\n$14\r\nparallel-syncs\r\n$1\r\n1\r\n$22\r\n"
        "accepted-configuration\r\n$17\r\n0 127.0.0.1 26981\r\n"
        "$16\r\nonly-process-met\r\n$3\r\nabc\r\n");
}

static void test_master_with_everything(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = group->published;
    (void)model_fixture_add_node(group, "10.0.0.2", 6379);
    (void)model_fixture_add_voter(&fixture->model, group, 'a', 26379);
    node->instance.health.unanswered_since = FIXTURE_NOW - 1500;
    node->instance.command.pending_commands = 3;
    node->subjective_down = true;
    node->subjective_down_since = FIXTURE_NOW - 500;
    node->script_killed = true;
    node->rebooted_at = FIXTURE_NOW - 300;
    node->instance.health.pong = PONG_LOADING;
    group->settings.reboot_after_ms = 1000;
    group->objective_down = true;
    group->objective_down_since = FIXTURE_NOW - 400;
    group->failover.state = FAILOVER_PROMOTE;
    group->failover.purpose = PURPOSE_FORCED;
    group->published_epoch = 12;
    group->config_epoch = 13; /* not published yet */
    copy_text(group->settings.notification_script, SCRIPT_PATH_SIZE, "/n");
    copy_text(group->settings.client_reconfig_script, SCRIPT_PATH_SIZE, "/c");
    char expected[ROW_TEXT_SIZE];
    (void)snprintf(
        expected, sizeof(expected),
        "name=mymaster ip=127.0.0.1 port=26981 runid= "
        "flags=s_down,o_down,master,failover_in_progress,force_failover,"
        "script_kill_sent,master_reboot link-pending-commands=3 "
        "link-refcount=1 "
        "failover-state=%s last-ping-sent=1500 last-ok-ping-reply=0 "
        "last-ping-reply=0 s-down-time=500 o-down-time=400 "
        "down-after-milliseconds=30000 info-refresh=0 role-reported=master "
        "role-reported-time=0 config-epoch=12 num-slaves=1 "
        "num-other-sentinels=1 quorum=2 failover-timeout=180000 "
        "parallel-syncs=1 notification-script=/n client-reconfig-script=/c",
        failover_state_name(&group->failover));
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_begins(row, expected);
}

static void test_master_process_gone(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_null(strstr(row, "process-gone-time"));
    group->restart.state = RESTART_GONE;
    group->restart.since = FIXTURE_NOW - 7;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_null(strstr(row, "process-gone-time")); /* only we are refused */
    group->restart.proved = true;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "process-gone-time"), "7");
}

static void test_master_process_is_first(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    copy_text(group->master->report.run_id, RUN_ID_SIZE, "abc");
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "only-process-met"), "abc");
    group->master->report.run_id_since = FIXTURE_NOW - 7;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_null(strstr(row, "only-process-met"));
}

/* What peers of our kind compare replicas by. */
static void test_master_with_histories(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    copy_text(group->lineage[0].replid, RUN_ID_SIZE,
              "1111111111111111111111111111111111111111");
    group->lineage[0].end = NO_OFFSET;
    copy_text(group->lineage[1].replid, RUN_ID_SIZE,
              "2222222222222222222222222222222222222222");
    group->lineage[1].end = 100;
    group->lineage_epoch = 7;
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "replication-histories"),
                        "1111111111111111111111111111111111111111,"
                        "2222222222222222222222222222222222222222:100");
    assert_string_equal(field(row, "replication-histories-epoch"), "7");
}

/* The row is about the address that clients are told. */
static void test_master_is_the_published_one(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    group->master = model_fixture_add_node(group, "10.0.0.2", 6379);
    group->master->subjective_down = true;
    group->config_epoch = 1;
    const char *row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "port"), "26981");
    assert_string_equal(field(row, "flags"), "master");
    assert_string_equal(field(row, "config-epoch"), "0");
    group->published = group->master;
    group->published_epoch = 1;
    row = ask_row(fixture, "sentinel master mymaster");
    assert_string_equal(field(row, "port"), "6379");
    assert_string_equal(field(row, "flags"), "s_down,master");
    assert_string_equal(field(row, "config-epoch"), "1");
}

static void test_masters_lists_all(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_group(&fixture->model, "other", 26983);
    (void)add_group(fixture);
    const char *reply = ask(fixture, "sentinel masters");
    assert_begins(reply, "*2\r\n*42\r\n$4\r\nname\r\n$5\r\nother\r\n");
    assert_non_null(
        strstr(reply, "\r\n*42\r\n$4\r\nname\r\n$8\r\nmymaster\r\n"));
}

static void test_replica_byte_for_byte(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = model_fixture_add_node(group, "127.0.0.1", 26982);
    model_fixture_report_replica(node, FIXTURE_NOW - 9338);
    node->instance.health.ok_at = FIXTURE_NOW - 44;
    node->instance.health.reply_at = FIXTURE_NOW - 44;
    const char *expected =
        "*1\r\n*42\r\n$4\r\nname\r\n$15\r\n127.0.0.1:26982\r\n$2\r\nip\r\n$"
        "9\r\n"
        "127.0.0.1\r\n$4\r\nport\r\n$5\r\n26982\r\n$5\r\nrunid\r\n$0\r\n\r\n$5"
        "\r\nflags\r\n$5\r\nslave\r\n$21\r\nlink-pending-commands\r\n$"
        "1\r\n0\r\n"
        "$13\r\nlink-refcount\r\n$1\r\n1\r\n$14\r\nlast-ping-sent\r\n$"
        "1\r\n0\r\n"
        "$18\r\nlast-ok-ping-reply\r\n$2\r\n44\r\n$15\r\nlast-ping-reply\r\n$2"
        "\r\n44\r\n$23\r\ndown-after-milliseconds\r\n$5\r\n30000\r\n$12\r\n"
        "info-refresh\r\n$4\r\n9338\r\n$13\r\nrole-reported\r\n$5\r\nslave\r\n"
        "$18\r\nrole-reported-time\r\n$4\r\n9338\r\n$21\r\n"
        "master-link-down-time\r\n$1\r\n0\r\n$18\r\nmaster-link-status\r\n$"
        "2\r\n"
        "ok\r\n$11\r\nmaster-host\r\n$9\r\n127.0.0.1\r\n$11\r\nmaster-port\r\n$"
        "5"
        "\r\n26981\r\n$14\r\nslave-priority\r\n$3\r\n100\r\n$17\r\n"
        "slave-repl-offset\r\n$3\r\n305\r\n$17\r\nreplica-announced\r\n$1\r\n1"
        "\r\n";
    assert_string_equal(ask(fixture, "sentinel replicas mymaster"), expected);
    assert_string_equal(ask(fixture, "sentinel SLAVES mymaster"), expected);
}

/* As Redis shows a replica that it could never ask. */
/* What a server is known by is one thing, what clients are told another. */
static void test_rows_have_what_is_told(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = model_fixture_add_node(group, "redis-2", 26982);
    const char *row = ask(fixture, "sentinel replicas mymaster");
    assert_non_null(strstr(row, "$4\r\nname\r\n$13\r\nredis-2:26982\r\n$2\r\n"
                                "ip\r\n$7\r\nredis-2\r\n"));
    copy_text(node->instance.shown.host, HOST_SIZE, "10.0.0.2");
    row = ask(fixture, "sentinel replicas mymaster");
    assert_non_null(strstr(row, "$4\r\nname\r\n$14\r\n10.0.0.2:26982\r\n$2\r\n"
                                "ip\r\n$8\r\n10.0.0.2\r\n"));
}

static void test_replica_without_info(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *node = model_fixture_add_node(group, "fd00::2", 6379);
    node->subjective_down = true;
    node->subjective_down_since = FIXTURE_NOW - 7;
    node->hello.state = LINK_IDLE;
    /* Whatever is in a report that never came must not be shown. */
    node->report.master_link_up = true;
    node->report.master_link_down_s = 5;
    node->report.priority = 0;
    node->report.announced = false;
    const char *expected =
        "name=[fd00::2]:6379 ip=fd00::2 port=6379 runid= "
        "flags=s_down,slave,disconnected link-pending-commands=0 "
        "link-refcount=1 last-ping-sent=0 last-ok-ping-reply=0 "
        "last-ping-reply=0 s-down-time=7 down-after-milliseconds=30000 "
        "info-refresh=0 role-reported=slave role-reported-time=0 "
        "master-link-down-time=0 master-link-status=err master-host=? "
        "master-port=0 slave-priority=100 slave-repl-offset=0 "
        "replica-announced=1";
    assert_begins(ask_row(fixture, "sentinel replicas mymaster"), expected);
}

static void test_replica_link_down_time(void **state)
{
    struct command_fixture *fixture = *state;
    struct node *node =
        model_fixture_add_node(add_group(fixture), "10.0.0.2", 6379);
    model_fixture_report_replica(node, FIXTURE_NOW);
    node->report.master_link_up = false;
    node->report.master_link_down_s = 12;
    const char *row = ask_row(fixture, "sentinel replicas mymaster");
    assert_string_equal(field(row, "master-link-down-time"), "12000");
    assert_string_equal(field(row, "master-link-status"), "err");
    node->report.master_link_down_s = -1; /* never was up */
    row = ask_row(fixture, "sentinel replicas mymaster");
    assert_string_equal(field(row, "master-link-down-time"), "-1000");
}

static void test_replicas_are_all_but_the_published(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct node *second = model_fixture_add_node(group, "10.0.0.2", 6379);
    struct node *hidden = model_fixture_add_node(group, "10.0.0.3", 6379);
    model_fixture_report_replica(hidden, FIXTURE_NOW);
    hidden->report.announced = false;
    group->master = second; /* a switch that is not durable yet */
    const char *reply = ask(fixture, "sentinel replicas mymaster");
    assert_begins(reply, "*1\r\n*42\r\n$4\r\nname\r\n$13\r\n10.0.0.2:6379");
    group->published = second;
    reply = ask(fixture, "sentinel replicas mymaster");
    assert_begins(reply, "*1\r\n*42\r\n$4\r\nname\r\n$15\r\n127.0.0.1:26981");
    assert_string_equal(
        field(ask_row(fixture, "sentinel master mymaster"), "num-slaves"), "2");
}

static void test_sentinel_byte_for_byte(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct voter *voter =
        model_fixture_add_voter(&fixture->model, group, 'b', 10);
    voter->subjective_down = true;
    voter->subjective_down_since = FIXTURE_NOW - 1881;
    voter->hello_at = FIXTURE_NOW - 2105;
    voter->peer->instance.command.state = LINK_IDLE;
    group->settings.down_after_ms = 200;
    const char *expected =
        "name=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ip=127.0.0.2 port=10 "
        "runid=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb "
        "flags=s_down,sentinel,disconnected link-pending-commands=0 "
        "link-refcount=1 last-ping-sent=0 last-ok-ping-reply=0 "
        "last-ping-reply=0 s-down-time=1881 down-after-milliseconds=200 "
        "last-hello-message=2105 voted-leader=? voted-leader-epoch=0";
    assert_begins(ask_row(fixture, "sentinel sentinels mymaster"), expected);
}

static void test_sentinel_with_opinion_and_vote(void **state)
{
    struct command_fixture *fixture = *state;
    struct group *group = add_group(fixture);
    struct group *second =
        model_fixture_add_group(&fixture->model, "other", 26983);
    struct voter *voter =
        model_fixture_add_voter(&fixture->model, group, 'b', 10);
    (void)model_fixture_add_voter(&fixture->model, second, 'b', 10);
    voter->says_down = true;
    voter->answered_at = FIXTURE_NOW - 4999;
    voter->vote.epoch = 9;
    copy_text(voter->vote.leader, RUN_ID_SIZE, "joe");
    const char *row = ask_row(fixture, "sentinel sentinels mymaster");
    assert_string_equal(field(row, "flags"), "sentinel,master_down");
    assert_string_equal(field(row, "link-refcount"), "2");
    assert_string_equal(field(row, "voted-leader"), "joe");
    assert_string_equal(field(row, "voted-leader-epoch"), "9");
    voter->answered_at = FIXTURE_NOW - 5000; /* too old to count */
    row = ask_row(fixture, "sentinel sentinels mymaster");
    assert_string_equal(field(row, "flags"), "sentinel");
}

static void test_protocol_3_has_maps_of_bulk_strings(void **state)
{
    struct command_fixture *fixture = *state;
    (void)model_fixture_add_node(add_group(fixture), "10.0.0.2", 6379);
    fixture->session.protocol = 3;
    fixture->writer.protocol = 3;
    assert_begins(ask(fixture, "sentinel master mymaster"),
                  "%21\r\n$4\r\nname\r\n");
    assert_begins(ask(fixture, "sentinel replicas mymaster"),
                  "*1\r\n%21\r\n$4\r\nname\r\n");
    assert_string_equal(ask(fixture, "sentinel get-master-addr-by-name x"),
                        "_\r\n");
}

#define TEST(function)                                               \
    cmocka_unit_test_setup_teardown(function, command_fixture_setup, \
                                    command_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_master_byte_for_byte),
        TEST(test_master_with_everything),
        TEST(test_master_process_gone),
        TEST(test_master_process_is_first),
        TEST(test_master_with_histories),
        TEST(test_master_is_the_published_one),
        TEST(test_masters_lists_all),
        TEST(test_replica_byte_for_byte),
        TEST(test_rows_have_what_is_told),
        TEST(test_replica_without_info),
        TEST(test_replica_link_down_time),
        TEST(test_replicas_are_all_but_the_published),
        TEST(test_sentinel_byte_for_byte),
        TEST(test_sentinel_with_opinion_and_vote),
        TEST(test_protocol_3_has_maps_of_bulk_strings),
    };
    return cmocka_run_group_tests_name("instance_reply", tests, NULL, NULL);
}
