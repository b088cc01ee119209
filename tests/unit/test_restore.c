/* Starting again: what the file declares, what the disk remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/door/door.h"
#include "core_fixture.h"
#include "sentineld/memory.h"

#include <string.h>

static struct record self_record(void)
{
    struct record record = {.kind = RECORD_SELF};
    copy_text(record.self.run_id, RUN_ID_SIZE, PEER_B);
    record.self.current_epoch = 9;
    return record;
}

/* The group's row as a pool would leave it after one failover. */
static struct record group_record(void)
{
    struct record record = {.kind = RECORD_GROUP};
    struct record_group *row = &record.group;
    copy_text(row->name, NAME_SIZE, "m");
    row->from_file = true;
    copy_text(row->declared.host, HOST_SIZE, "10.0.0.1");
    row->declared.port = 6379;
    copy_text(row->master.host, HOST_SIZE, "10.0.0.2");
    row->master.port = 6379;
    row->declared_settings = (struct group_settings){
        .fencing_replicas = 1,
        .fencing_max_lag_s = 2,
        .quorum = 2,
        .parallel_syncs = 1,
        .down_after_ms = 1000,
        .failover_timeout_ms = 10000,
    };
    row->settings = row->declared_settings;
    row->config_epoch = 8;
    row->vote.epoch = 8;
    copy_text(row->vote.leader, RUN_ID_SIZE, PEER_A);
    copy_text(row->lineage[0].replid, RUN_ID_SIZE, HISTORY);
    return record;
}

static struct record node_record(const char *host)
{
    struct record record = {.kind = RECORD_NODE};
    copy_text(record.node.group, NAME_SIZE, "m");
    copy_text(record.node.address.host, HOST_SIZE, host);
    record.node.address.port = 6379;
    return record;
}

static void everything_is_remembered(void **state)
{
    (void)state;
    struct record peer = {.kind = RECORD_PEER};
    copy_text(peer.peer.run_id, RUN_ID_SIZE, PEER_A);
    copy_text(peer.peer.address.host, HOST_SIZE, "10.0.1.1");
    peer.peer.address.port = 26379;
    struct record voter = {.kind = RECORD_MEMBER};
    copy_text(voter.member.group, NAME_SIZE, "m");
    copy_text(voter.member.run_id, RUN_ID_SIZE, PEER_A);
    const struct record saved[] = {
        self_record(),           group_record(),          peer,
        node_record("10.0.0.1"), node_record("10.0.0.2"), voter};
    struct fixture f;
    fixture_start(&f, saved, 6);
    fixture_settle(&f);
    const struct model *model = core_model(f.core);
    assert_string_equal(model->self, PEER_B);
    assert_int_equal(model->current_epoch, 9);
    const struct group *group = fixture_group(&f);
    assert_string_equal(model_current_address(group)->host, "10.0.0.2");
    assert_int_equal(group->published_epoch, 8);
    assert_string_equal(group->vote.leader, PEER_A);
    assert_int_equal(group->node_count, 2);
    assert_int_equal(group->voter_count, 1);
    assert_string_equal(group->lineage[0].replid, HISTORY);
    fixture_stop(&f);
}

/* The vote's candidate may be leading: after a crash it binds in full. */
static void a_vote_binds_again(void **state)
{
    (void)state;
    struct record row = group_record();
    row.group.vote.epoch = 9;
    const struct record saved[] = {self_record(), row};
    struct fixture f;
    fixture_start(&f, saved, 2);
    assert_true(fixture_group(&f)->vote_binds_until == f.now + 2000);
    fixture_stop(&f);
    copy_text(row.group.vote.leader, RUN_ID_SIZE, PEER_B); /* ourselves */
    const struct record own[] = {self_record(), row};
    fixture_start(&f, own, 2);
    assert_true(fixture_group(&f)->vote_binds_until <= f.now);
    fixture_stop(&f);
}

static void the_last_change_of_a_setting_wins(void **state)
{
    (void)state;
    struct record row = group_record();
    row.group.settings.down_after_ms = 700; /* set at run time */
    row.group.settings.quorum = 3;          /* set at run time ... */
    row.group.declared_settings.quorum = 1; /* ... before the file changed */
    copy_text(row.group.settings.notification_script, SCRIPT_PATH_SIZE, "/n");
    copy_text(row.group.settings.client_reconfig_script, SCRIPT_PATH_SIZE,
              "/then");
    copy_text(row.group.declared_settings.client_reconfig_script,
              SCRIPT_PATH_SIZE, "/then"); /* and the file has none now */
    const struct record saved[] = {self_record(), row};
    struct fixture f;
    fixture_start(&f, saved, 2);
    assert_int_equal(fixture_group(&f)->settings.down_after_ms, 700);
    assert_int_equal(fixture_group(&f)->settings.quorum, 2);
    assert_string_equal(fixture_group(&f)->settings.notification_script, "/n");
    assert_string_equal(fixture_group(&f)->settings.client_reconfig_script, "");
    fixture_stop(&f);
}

static void removed_stays_removed(void **state)
{
    (void)state;
    struct record row = group_record();
    row.group.removed = true;
    const struct record saved[] = {self_record(), row};
    struct fixture f;
    fixture_start(&f, saved, 2);
    assert_null(fixture_group(&f));
    fixture_stop(&f);
    row.group.declared.port = 7000; /* the file has changed since */
    const struct record changed[] = {self_record(), row};
    fixture_start(&f, changed, 2);
    assert_non_null(fixture_group(&f));
    fixture_stop(&f);
}

static void monitored_survives_and_undeclared_goes(void **state)
{
    (void)state;
    struct record monitored = group_record();
    copy_text(monitored.group.name, NAME_SIZE, "extra");
    monitored.group.from_file = false;
    struct record undeclared = group_record();
    copy_text(undeclared.group.name, NAME_SIZE, "gone");
    const struct record saved[] = {self_record(), monitored, undeclared};
    struct fixture f;
    fixture_start(&f, saved, 3);
    fixture_settle(&f);
    const struct model *model = core_model(f.core);
    assert_non_null(model_find_group(model, "extra"));
    assert_null(model_find_group(model, "gone"));
    bool deleted = false;
    for (size_t i = 0; i < f.record_count; i++) {
        deleted |= f.records[i].kind == RECORD_GROUP && f.records[i].deleted &&
                   strcmp(f.records[i].group.name, "gone") == 0;
    }
    assert_true(deleted);
    fixture_stop(&f);
}

struct address_row {
    const char *name;
    const char *declared_then;
    const char *in_file;
    const char *taken;
};

/* The fixture's file names 10.0.0.1; the state believes in 10.0.0.2. */
static void whose_address(void **state)
{
    (void)state;
    static const struct address_row rows[] = {
        {"the file did not change", "10.0.0.1", "10.0.0.1", "10.0.0.2"},
        {"the file names a known replica", "10.0.0.9", "10.0.0.1", "10.0.0.2"},
        {"the file names what we believe", "10.0.0.9", "10.0.0.2", "10.0.0.2"},
        {"the file names a stranger", "10.0.0.1", "10.0.0.7", "10.0.0.7"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct record row = group_record();
        copy_text(row.group.declared.host, HOST_SIZE, rows[i].declared_then);
        const struct record saved[] = {self_record(), row,
                                       node_record("10.0.0.1"),
                                       node_record("10.0.0.2")};
        struct fixture f;
        fixture_start(&f, NULL, 0);
        core_free(f.core);
        copy_text(f.group.master.host, HOST_SIZE, rows[i].in_file);
        f.core = core_new(&f.conf, SELF, saved, 4, 1, f.now);
        const char *taken = model_current_address(fixture_group(&f))->host;
        if (strcmp(taken, rows[i].taken) != 0) {
            fail_msg("%s: took %s", rows[i].name, taken);
        }
        fixture_stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_remembered),
        cmocka_unit_test(a_vote_binds_again),
        cmocka_unit_test(the_last_change_of_a_setting_wins),
        cmocka_unit_test(removed_stays_removed),
        cmocka_unit_test(monitored_survives_and_undeclared_goes),
        cmocka_unit_test(whose_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
