/* What Redis' daemon wrote into its file for itself, as rows of our state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_fixture.h"
#include "sentineld/memory.h"

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"
#define ID_A    "471ff5ae2105dfa6400aae66b89d21194379992d"
#define ID_B    "2d426eab0a0284e8e7e8529796c638edd72c8ffd"
#define ID_C    "256b363118d67f6157f3792e3410cfb64ac30aa2"

static const char remembered[] =
    "sentinel monitor mymaster 127.0.0.1 41003 2\n"
    "sentinel monitor other 127.0.0.1 42000 1\n"
    "sentinel down-after-milliseconds mymaster 2000\n"
    "sentinel myid " ID_A "\n"
    "sentinel config-epoch mymaster 3\n"
    "sentinel leader-epoch mymaster 5\n"
    "sentinel current-epoch 4\n"
    "sentinel leader-epoch other 2\n"
    "sentinel known-replica mymaster 127.0.0.1 41001\n"
    "sentinel known-slave mymaster r2.example 41002\n"
    "sentinel known-replica mymaster 127.0.0.1 41003\n"
    "sentinel known-sentinel mymaster 127.0.0.1 41013 " ID_B "\n"
    "sentinel known-sentinel mymaster 127.0.0.1 41012 " ID_C "\n"
    "sentinel known-sentinel other 127.0.0.1 51013 " ID_B "\n"
    "sentinel known-sentinel other 127.0.0.1 51014\n"
    "sentinel resolve-hostnames yes\n";

static void test_rows_are_in_order(void **state)
{
    (void)state;
    static const enum record_kind kinds[] = {
        RECORD_SELF, RECORD_GROUP, RECORD_GROUP,  RECORD_PEER,   RECORD_PEER,
        RECORD_NODE, RECORD_NODE,  RECORD_MEMBER, RECORD_MEMBER, RECORD_MEMBER,
    };
    struct conf conf;
    conf_fixture_parse_redis(remembered, "", &conf);
    assert_int_equal(conf.seed_count, sizeof(kinds) / sizeof(kinds[0]));
    for (size_t i = 0; i < conf.seed_count; i++) {
        assert_int_equal(conf.seeds[i].kind, kinds[i]);
        assert_false(conf.seeds[i].deleted);
    }
    conf_free(&conf);
}

static void test_self_and_groups(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis(remembered, "", &conf);
    const struct record_self *self = &conf.seeds[0].self;
    const struct record_group *group = &conf.seeds[1].group;
    const struct group_settings *settings = &conf.groups[0].settings;
    assert_string_equal(conf.myid, ID_A);
    assert_string_equal(self->run_id, ID_A);
    assert_int_equal(self->current_epoch, 5); /* the largest of all */
    assert_string_equal(group->name, "mymaster");
    assert_true(group->from_file);
    assert_false(group->removed);
    assert_string_equal(group->declared.host, "127.0.0.1");
    assert_int_equal(group->declared.port, 41003);
    assert_memory_equal(&group->declared_settings, settings, sizeof(*settings));
    assert_memory_equal(&group->settings, settings, sizeof(*settings));
    assert_int_equal(group->settings.down_after_ms, 2000);
    assert_string_equal(group->master.host, "127.0.0.1");
    assert_int_equal(group->master.port, 41003);
    assert_int_equal(group->config_epoch, 3);
    assert_int_equal(group->vote.epoch, 5);
    assert_string_equal(group->vote.leader, "");
    assert_string_equal(group->lineage[0].replid, "");
    assert_string_equal(conf.seeds[2].group.name, "other");
    assert_int_equal(conf.seeds[2].group.config_epoch, 0);
    assert_int_equal(conf.seeds[2].group.vote.epoch, 2);
    conf_free(&conf);
}

static void test_peers_nodes_and_members(void **state)
{
    (void)state;
    struct conf conf;
    conf_fixture_parse_redis(remembered, "", &conf);
    const struct record *rows = conf.seeds;
    assert_string_equal(rows[3].peer.run_id, ID_B);
    assert_string_equal(rows[3].peer.address.host, "127.0.0.1");
    assert_int_equal(rows[3].peer.address.port, 51013); /* given last */
    assert_string_equal(rows[4].peer.run_id, ID_C);
    assert_int_equal(rows[4].peer.address.port, 41012);
    assert_string_equal(rows[5].node.group, "mymaster");
    assert_string_equal(rows[5].node.address.host, "127.0.0.1");
    assert_int_equal(rows[5].node.address.port, 41001);
    assert_string_equal(rows[6].node.group, "mymaster");
    assert_string_equal(rows[6].node.address.host, "r2.example");
    assert_string_equal(rows[7].member.group, "mymaster");
    assert_string_equal(rows[7].member.run_id, ID_B);
    assert_string_equal(rows[8].member.group, "mymaster");
    assert_string_equal(rows[8].member.run_id, ID_C);
    assert_string_equal(rows[9].member.group, "other");
    assert_string_equal(rows[9].member.run_id, ID_B);
    conf_free(&conf);
}

/* Each of these alone is something that Redis' daemon remembered. */
static void test_what_makes_rows(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        size_t rows;
    } rows[] = {
        {"", 0},
        {"sentinel known-sentinel m ::3 1", 0},
        {"sentinel myid " ID_A, 2},
        {"sentinel current-epoch 0", 2},
        {"sentinel config-epoch m 0", 2},
        {"sentinel leader-epoch m 0", 2},
        {"sentinel known-replica m ::2 1", 3},
        {"sentinel known-sentinel m ::3 1 " ID_B, 4},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        char text[256];
        (void)snprintf(text, sizeof(text), MONITOR "%s\n", rows[i].line);
        conf_fixture_parse_redis(text, "", &conf);
        if (conf.seed_count != rows[i].rows) {
            fail_msg("[%s]: %zu rows", rows[i].line, conf.seed_count);
        }
        conf_free(&conf);
    }
}

static void test_more_than_there_may_be_is_left_out(void **state)
{
    (void)state;
    size_t size = 64 * 1024;
    char *text = xmalloc(size);
    size_t used = (size_t)snprintf(text, size, MONITOR);
    for (int i = 0; i < MAX_NODES_PER_GROUP; i++) {
        used +=
            (size_t)snprintf(text + used, size - used,
                             "sentinel known-replica m 10.1.0.1 %d\n", i + 1);
    }
    for (int i = 0; i < MAX_VOTERS_PER_GROUP + 1; i++) {
        used += (size_t)snprintf(text + used, size - used,
                                 "sentinel known-sentinel m 10.1.0.1 %d "
                                 "%040d\n",
                                 i + 1, i);
    }
    struct conf conf;
    conf_fixture_parse_redis(text, "", &conf);
    free(text);
    assert_int_equal(conf.warning_count, 2);
    assert_string_equal(conf.warnings[0],
                        "s.conf:129: sentinel known-replica is left out: "
                        "there are too many of them");
    assert_string_equal(conf.warnings[1],
                        "s.conf:194: sentinel known-sentinel is left out: "
                        "there are too many of them");
    /* The master is a node too, without a row of its own. */
    assert_int_equal(conf.seed_count, 1 + 1 + MAX_VOTERS_PER_GROUP +
                                          (MAX_NODES_PER_GROUP - 1) +
                                          MAX_VOTERS_PER_GROUP);
    conf_free(&conf);
}

/* Five groups with different peers: together more than a daemon can know. */
static void test_more_peers_than_there_may_be(void **state)
{
    (void)state;
    size_t size = 64 * 1024;
    size_t used = 0;
    char *text = xmalloc(size);
    struct conf conf;
    for (int group = 0; group < 5; group++) {
        used += (size_t)snprintf(text + used, size - used,
                                 "sentinel monitor m%d ::%d 1 1\n", group,
                                 group + 1);
    }
    for (int i = 0; i < MAX_PEERS + 1; i++) {
        used += (size_t)snprintf(text + used, size - used,
                                 "sentinel known-sentinel m%d 10.1.0.1 %d "
                                 "%040d\n",
                                 i % 5, i + 1, i);
    }
    conf_fixture_parse_redis(text, "", &conf);
    free(text);
    assert_int_equal(conf.warning_count, 1);
    assert_string_equal(conf.warnings[0],
                        "s.conf:262: sentinel known-sentinel is left out: "
                        "there are too many of them");
    assert_int_equal(conf.seed_count, 1 + 5 + MAX_PEERS + MAX_PEERS);
    conf_free(&conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_in_order),
        cmocka_unit_test(test_self_and_groups),
        cmocka_unit_test(test_peers_nodes_and_members),
        cmocka_unit_test(test_what_makes_rows),
        cmocka_unit_test(test_more_than_there_may_be_is_left_out),
        cmocka_unit_test(test_more_peers_than_there_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
