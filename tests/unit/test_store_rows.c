/* Records to rows and back: every field, every kind, extreme values; and what
 * the database looks like to an operator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"
#include "store_fixture.h"

static int set_up(void **state)
{
    struct store_fixture *fixture = store_fixture_new();
    store_fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    store_fixture_free(*state);
    return 0;
}

static void save(struct store_fixture *fixture, const struct record *records,
                 size_t count)
{
    struct error error = {""};
    if (!store_save_now(fixture->store, records, count, &error)) {
        fail_msg("%s", error.text);
    }
}

/* Through a close and a new start. */
static struct record *reload(struct store_fixture *fixture, size_t *count)
{
    struct record *records = NULL;
    struct error error = {""};
    store_fixture_close(fixture);
    store_fixture_open(fixture);
    if (!store_load(fixture->store, &records, count, &error)) {
        fail_msg("%s", error.text);
    }
    return records;
}

static void fill(char *text, size_t size, char letter)
{
    memset(text, letter, size - 1);
    text[size - 1] = '\0';
}

/* Each setting another value, by the lists that the tables follow from. */
static void fill_member(void *member, size_t size, unsigned char byte)
{
    memset(member, byte, size);
    if (size > sizeof(uint64_t)) {
        fill(member, size, (char)byte);
    }
}

static void fill_settings(struct group_settings *settings, unsigned char byte)
{
#define FILL(name, type, member, dimension) \
    fill_member(&settings->member, sizeof(settings->member), byte++);
    GROUP_SETTINGS(FILL)
#undef FILL
}

/* A field that was added to a record must be added to the tables and here:
 * then these sizes change. */
static void fill_group(struct record_group *group)
{
    _Static_assert(sizeof(struct record_group) -
                           2 * sizeof(struct group_settings) -
                           SETTING_COUNT * sizeof(uint64_t) ==
                       1176 + sizeof(struct configuration),
                   "a new field?");
    fill(group->name, sizeof(group->name), 'n');
    group->removed = true;
    group->from_file = true;
    fill(group->declared.host, HOST_SIZE, 'd');
    group->declared.port = 65535;
    fill_settings(&group->declared_settings, 1);
    fill(group->master.host, HOST_SIZE, 'm');
    group->master.port = 1;
    fill_settings(&group->settings, 'a');
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        group->set_at[i] = i + 1;
    }
    group->config_epoch = UINT64_MAX;
    group->accepted.epoch = UINT64_MAX - 3;
    fill(group->accepted.master.host, HOST_SIZE, 'a');
    group->accepted.master.port = 2;
    fill(group->vote.leader, RUN_ID_SIZE, 'l');
    group->vote.epoch = UINT64_MAX - 1;
    group->lineage_epoch = UINT64_MAX - 2;
    for (size_t i = 0; i < LINEAGE_SIZE; i++) {
        fill(group->lineage[i].replid, RUN_ID_SIZE, (char)('A' + i));
        group->lineage[i].end = i == 0 ? 0 : UINT64_MAX - i;
    }
}

static void fill_report(struct record_report *report)
{
    _Static_assert(sizeof(*report) == 2000, "a new field?");
    fill(report->group, NAME_SIZE, 'n');
    report->epoch = UINT64_MAX;
    report->unix_ms = UINT64_MAX - 1;
    report->cause = CAUSE_PLANNED;
    report->led = true;
    fill(report->leader, RUN_ID_SIZE, 'l');
    fill(report->from.host, HOST_SIZE, 'f');
    report->from.port = 65535;
    fill(report->from_run_id, RUN_ID_SIZE, 'o');
    fill(report->to.host, HOST_SIZE, 't');
    report->to.port = 1;
    report->duration_ms = UINT64_MAX - 2;
    report->master_offset = UINT64_MAX - 3;
    report->promoted_offset = UINT64_MAX - 4;
    report->behind_bytes = UINT64_MAX - 5;
    report->behind_ms = UINT64_MAX - 6;
    report->lost_bytes = UINT64_MAX - 7;
    fill(report->candidates, REPORT_CANDIDATES_SIZE, 'c');
}

static struct record full_record(enum record_kind kind)
{
    struct record record;
    memset(&record, 0, sizeof(record));
    record.kind = kind;
    switch (kind) {
    case RECORD_SELF:
        fill(record.self.run_id, RUN_ID_SIZE, 'i');
        record.self.current_epoch = (uint64_t)INT64_MAX + 1;
        fill(record.self.settings.announce_host, HOST_SIZE, 'a');
        record.self.settings.announce_port = 65535;
        record.self.settings.log_level = 4;
        record.self.settings.resolve_hostnames = true;
        fill(record.self.declared.announce_host, HOST_SIZE, 'd');
        record.self.declared.announce_port = 65534;
        record.self.declared.log_level = 3;
        record.self.declared.announce_hostnames = true;
        break;
    case RECORD_GROUP:
        fill_group(&record.group);
        break;
    case RECORD_NODE:
        fill(record.node.group, NAME_SIZE, 'n');
        fill(record.node.address.host, HOST_SIZE, 'h');
        record.node.address.port = 65535;
        fill(record.node.fenced_run_id, RUN_ID_SIZE, 'f');
        record.node.min_replicas = (struct min_replicas){127, 3600};
        break;
    case RECORD_PEER:
        fill(record.peer.run_id, RUN_ID_SIZE, 'p');
        fill(record.peer.address.host, HOST_SIZE, 'h');
        record.peer.address.port = 65535;
        break;
    case RECORD_REPORT:
        fill_report(&record.report);
        break;
    case RECORD_MEMBER:
        fill(record.member.group, NAME_SIZE, 'n');
        fill(record.member.run_id, RUN_ID_SIZE, 'p');
        break;
    }
    return record;
}

static void every_field_comes_back(void **state)
{
    static const struct {
        const char *name;
        enum record_kind kind;
    } rows[] = {
        {"self", RECORD_SELF},     {"group", RECORD_GROUP},
        {"node", RECORD_NODE},     {"peer", RECORD_PEER},
        {"member", RECORD_MEMBER}, {"report", RECORD_REPORT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        struct record full = full_record(rows[i].kind);
        size_t count = 0;
        save(*state, &full, 1);
        struct record *records = reload(*state, &count);
        assert_int_equal(count, 1);
        assert_memory_equal(&records[0], &full, sizeof(full));
        free(records);
    }
}

static void empty_fields_come_back_empty(void **state)
{
    struct record empty[6];
    memset(empty, 0, sizeof(empty));
    for (size_t i = 0; i < 6; i++) {
        empty[i].kind = (enum record_kind)i;
    }
    size_t count = 0;
    save(*state, empty, 6);
    struct record *records = reload(*state, &count);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < 6; i++) {
        struct record expected;
        memset(&expected, 0, sizeof(expected));
        expected.kind = records[i].kind;
        assert_memory_equal(&records[i], &expected, sizeof(expected));
    }
    free(records);
}

static void epochs_are_kept_to_the_last_bit(void **state)
{
    static const uint64_t epochs[] = {
        0,
        1,
        UINT32_MAX,
        EPOCH_MAX,
        (uint64_t)INT64_MAX,
        (uint64_t)INT64_MAX + 1,
        UINT64_MAX,
    };
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++) {
        struct record group = store_group("m", epochs[i]);
        save(fixture, &group, 1);
        store_fixture_close(fixture);
        store_fixture_open(fixture);
        assert_true(store_fixture_vote(fixture->store, "m") == epochs[i]);
    }
}

static void names_may_contain_anything(void **state)
{
    static const char *const names[] = {
        "with blank",   "quote'; DROP TABLE groups; --",
        "\"double\"",   "m\xc3\xbcll",
        "\x01\x7f\xff", "%s?1",
    };
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct record group = store_group(names[i], i + 1);
        save(fixture, &group, 1);
    }
    store_fixture_close(fixture);
    store_fixture_open(fixture);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(store_fixture_vote(fixture->store, names[i]), i + 1);
    }
}

static void
rows_come_in_the_order_of_kinds_and_of_their_first_save(void **state)
{
    static const enum record_kind expected[] = {
        RECORD_SELF, RECORD_GROUP, RECORD_GROUP,  RECORD_GROUP,
        RECORD_PEER, RECORD_NODE,  RECORD_MEMBER, RECORD_REPORT};
    struct record records[8];
    store_sample(records, 1);
    struct record member = records[4];
    struct record report = records[5];
    records[4] = report;
    records[5] = store_group("z", 1);
    records[6] = store_group("a", 1);
    records[7] = member;
    save(*state, records, 8);
    struct record again = store_group("m", 2);
    save(*state, &again, 1); /* keeps its place */
    size_t count = 0;
    struct record *loaded = reload(*state, &count);
    assert_int_equal(count, 8);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(loaded[i].kind, expected[i]);
    }
    assert_string_equal(loaded[1].group.name, "m");
    assert_int_equal(loaded[1].group.vote.epoch, 2);
    assert_string_equal(loaded[2].group.name, "z");
    assert_string_equal(loaded[3].group.name, "a");
    free(loaded);
}

static void there_is_one_self(void **state)
{
    struct record records[2];
    memset(records, 0, sizeof(records));
    for (size_t i = 0; i < 2; i++) {
        records[i].kind = RECORD_SELF;
        (void)snprintf(records[i].self.run_id, RUN_ID_SIZE, "id %zu", i);
    }
    size_t count = 0;
    save(*state, &records[0], 1);
    save(*state, &records[1], 1);
    struct record *loaded = reload(*state, &count);
    assert_int_equal(count, 1);
    assert_string_equal(loaded[0].self.run_id, "id 1");
    free(loaded);
}

static void a_deletion_takes_its_row_only(void **state)
{
    for (size_t kind = 0; kind < SAMPLE_COUNT; kind++) {
        struct record records[SAMPLE_COUNT];
        size_t count = 0;
        store_sample(records, 7);
        save(*state, records, SAMPLE_COUNT);
        records[kind].deleted = true;
        save(*state, &records[kind], 1);
        save(*state, &records[kind], 1); /* what is not there: fine */
        struct record *loaded = reload(*state, &count);
        assert_int_equal(count, SAMPLE_COUNT - 1);
        for (size_t i = 0; i < count; i++) {
            assert_int_not_equal(loaded[i].kind, records[kind].kind);
        }
        free(loaded);
    }
}

static void a_node_is_known_by_group_host_and_port(void **state)
{
    struct record nodes[] = {store_node("m", "h", 1), store_node("m", "h", 2),
                             store_node("m", "g", 1), store_node("n", "h", 1)};
    size_t count = 0;
    save(*state, nodes, 4);
    nodes[0].deleted = true;
    save(*state, nodes, 1);
    struct record *loaded = reload(*state, &count);
    assert_int_equal(count, 3);
    assert_memory_equal(&loaded[0], &nodes[1], sizeof(nodes[1]));
    free(loaded);
}

/* What an operator did by hand, or another program. */
static void a_row_that_we_never_write_is_refused(void **state)
{
    static const struct {
        const char *sql;
        const char *place;
    } rows[] = {
        {"UPDATE groups SET master_port = 65536", "column master_port"},
        {"UPDATE groups SET master_port = -1", "column master_port"},
        {"UPDATE groups SET quorum = 4294967296", "column quorum"},
        {"UPDATE groups SET quorum = 'two'", "column quorum"},
        {"UPDATE groups SET removed = 2", "column removed"},
        {"UPDATE groups SET vote_epoch = 1.5", "column vote_epoch"},
        {"UPDATE groups SET vote_leader = "
         "'0123456789012345678901234567890123456789x'",
         "column vote_leader"},
        {"UPDATE groups SET name = char(109, 0, 109)", "column name"},
        {"UPDATE peers SET host = x'0102'", "column host"},
        {"UPDATE nodes SET group_name = hex(zeroblob(64))",
         "table nodes has a value in column group_name"},
    };
    struct store_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct record *loaded = NULL;
        struct record records[SAMPLE_COUNT];
        struct error error = {""};
        size_t count = 0;
        print_message("  %s\n", rows[i].sql);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        fixture = *state;
        store_sample(records, 7);
        save(fixture, records, SAMPLE_COUNT);
        store_fixture_close(fixture);
        store_fixture_sql(fixture->dir, rows[i].sql);
        store_fixture_open(fixture);
        assert_false(store_load(fixture->store, &loaded, &count, &error));
        assert_non_null(strstr(error.text, rows[i].place));
        assert_non_null(strstr(error.text, "sqlite3 shell"));
    }
}

/* Changing this list is changing the schema: raise the version, and write
 * the migration. */
static void columns_are_called_what_they_hold(void **state)
{
    struct store_fixture *fixture = *state;
    store_fixture_close(fixture);
    store_fixture_sql(
        fixture->dir,
        "SELECT run_id, current_epoch FROM self;"
        "SELECT name, removed, from_file, master_host, master_port, "
        "config_epoch, vote_leader, vote_epoch, replid, replid_epoch, replid2, "
        "replid2_end, replid3, replid3_end, replid8, replid8_end, "
        "declared_host, declared_port FROM groups;"
        "SELECT quorum, declared_quorum, \"order\", declared_order, "
        "down_after_ms, notification_script FROM groups;"
        "SELECT announce_host, declared_announce_host, log_level FROM self;"
        "SELECT group_name, host, port, fenced_run_id, fenced_replicas, "
        "fenced_max_lag_s, former_master, adopted, quarantine FROM nodes;"
        "SELECT run_id, host, port FROM peers;"
        "SELECT group_name, run_id FROM members;"
        "SELECT group_name, epoch, unix_ms, cause, led, leader, from_host, "
        "from_port, from_run_id, to_host, to_port, duration_ms, "
        "master_offset, promoted_offset, behind_bytes, behind_ms, "
        "lost_bytes, candidates FROM failovers;");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(every_field_comes_back),
        CASE(empty_fields_come_back_empty),
        CASE(epochs_are_kept_to_the_last_bit),
        CASE(names_may_contain_anything),
        CASE(rows_come_in_the_order_of_kinds_and_of_their_first_save),
        CASE(there_is_one_self),
        CASE(a_deletion_takes_its_row_only),
        CASE(a_node_is_known_by_group_host_and_port),
        CASE(a_row_that_we_never_write_is_refused),
        CASE(columns_are_called_what_they_hold),
    };
    return cmocka_run_group_tests_name("store_rows", tests, NULL, NULL);
}
