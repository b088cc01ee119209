/* Where each server was seen: what counts, what stands, and when it is
 * saved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lineage/lineage.h"
#include "core_fixture.h"

struct seen_row {
    const char *name;
    const char *replid;
    uint64_t offset;
    bool known;
    uint64_t comparable;
};

/* The master was A; B took over at 100; before A something else, without a
 * link between them. */
static const struct seen_row seen_rows[] = {
    {"in the present history", "B", 500, true, 500},
    {"in the one before", "A", 99, true, 99},
    {"in the one before, beyond the branch", "A", 150, true, 99},
    {"in one that is not connected", "Z", 900, true, 900},
    {"in one that is not ours", "Y", 10, false, 0},
    {"never", "", 0, false, 0},
};

static void what_is_comparable(void **state)
{
    (void)state;
    struct group group = {.name = "m"};
    copy_text(group.lineage[0].replid, RUN_ID_SIZE, "B");
    copy_text(group.lineage[1].replid, RUN_ID_SIZE, "A");
    copy_text(group.lineage[2].replid, RUN_ID_SIZE, "Z");
    group.lineage[0].end = NO_OFFSET;
    group.lineage[1].end = 100;
    group.lineage[2].end = NO_OFFSET;
    for (size_t i = 0; i < sizeof(seen_rows) / sizeof(*seen_rows); i++) {
        const struct seen_row *row = &seen_rows[i];
        struct node node = {.group = &group,
                            .last_offset.seen.offset = row->offset};
        copy_text(node.last_offset.seen.replid, RUN_ID_SIZE, row->replid);
        uint64_t offset;
        bool known = last_offset_is_known(&node, &offset);
        if (known != row->known || (known && offset != row->comparable)) {
            fail_msg("%s", row->name);
        }
    }
}

struct info_row {
    const char *name;
    const char *replid;
    uint64_t offset;
    bool follows;
    bool loading;
    uint64_t seen; /* afterwards; it was 100 */
};

static const struct info_row info_rows[] = {
    {"it follows and is ahead", "A", 200, true, false, 200},
    {"it follows and has less", "A", 50, true, false, 50},
    {"it was restarted and has less", "A", 50, false, false, 100},
    {"it was restarted and has more", "A", 150, false, false, 150},
    {"it is loading", "A", 200, true, true, 100},
    {"it has lost its history", "X", 900, false, false, 100},
};

static void what_stands_and_what_counts(void **state)
{
    (void)state;
    struct group group = {.name = "m"};
    copy_text(group.lineage[0].replid, RUN_ID_SIZE, "A");
    group.lineage[0].end = NO_OFFSET;
    for (size_t i = 0; i < sizeof(info_rows) / sizeof(*info_rows); i++) {
        const struct info_row *row = &info_rows[i];
        struct node node = {.group = &group, .last_offset.seen = {"A", 100}};
        copy_text(node.report.replid, RUN_ID_SIZE, row->replid);
        node.report.second_repl_offset = -1;
        node.report.offset = row->offset;
        node.report.loading = row->loading;
        last_offset_on_info(&node, row->follows);
        if (node.last_offset.seen.offset != row->seen ||
            node.last_offset.unsaved != (row->seen != 100)) {
            fail_msg("%s", row->name);
        }
    }
}

static const struct record_node *saved_node(const struct fixture *f,
                                            const char *host)
{
    const struct record_node *saved = NULL;
    for (size_t i = 0; i < f->record_count; i++) {
        if (f->records[i].kind == RECORD_NODE &&
            strcmp(f->records[i].node.address.host, host) == 0) {
            saved = &f->records[i].node;
        }
    }
    return saved;
}

/* Not with every INFO, but soon after a server has gone down. */
static void when_it_is_saved(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    fixture_info_replica(&f, "10.0.0.2", "10.0.0.1", 500);
    fixture_run_until(&f, f.now + 3000, NULL, 0);
    assert_int_equal(saved_node(&f, "10.0.0.2")->seen.offset, 500);
    fixture_forget(&f);
    fixture_info_replica(&f, "10.0.0.2", "10.0.0.1", 600);
    fixture_run_until(&f, f.now + 3000, NULL, 0);
    assert_null(saved_node(&f, "10.0.0.2"));
    object_id link = fixture_link_of(&f, "10.0.0.2");
    fixture_run_until(&f, f.now + 3000, &link, 1);
    assert_int_equal(saved_node(&f, "10.0.0.2")->seen.offset, 600);
    fixture_stop(&f);
}

static void it_survives_a_restart(void **state)
{
    (void)state;
    struct record saved[4] = {{.kind = RECORD_SELF},
                              {.kind = RECORD_GROUP},
                              {.kind = RECORD_NODE},
                              {.kind = RECORD_NODE}};
    copy_text(saved[0].self.run_id, RUN_ID_SIZE, SELF);
    copy_text(saved[1].group.name, NAME_SIZE, "m");
    saved[1].group.from_file = true;
    saved[1].group.master = (struct address){"10.0.0.1", 6379};
    saved[1].group.declared = saved[1].group.master;
    copy_text(saved[1].group.lineage[0].replid, RUN_ID_SIZE, HISTORY);
    for (size_t i = 2; i < 4; i++) {
        copy_text(saved[i].node.group, NAME_SIZE, "m");
        copy_text(saved[i].node.seen.replid, RUN_ID_SIZE, HISTORY);
        saved[i].node.seen.offset = 100 * i;
    }
    saved[2].node.address = (struct address){"10.0.0.1", 6379};
    saved[3].node.address = (struct address){"10.0.0.2", 6379};
    struct fixture f;
    fixture_start(&f, saved, 4);
    fixture_settle(&f);
    uint64_t offset;
    assert_true(last_offset_is_known(fixture_node(&f, "10.0.0.1"), &offset));
    assert_int_equal(offset, 200);
    assert_true(last_offset_is_known(fixture_node(&f, "10.0.0.2"), &offset));
    assert_int_equal(offset, 300);
    assert_int_equal(saved_node(&f, "10.0.0.1")->seen.offset, 200);
    assert_int_equal(saved_node(&f, "10.0.0.2")->seen.offset, 300);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_comparable),
        cmocka_unit_test(what_stands_and_what_counts),
        cmocka_unit_test(when_it_is_saved),
        cmocka_unit_test(it_survives_a_restart),
    };
    return cmocka_run_group_tests_name("position", tests, NULL, NULL);
}
