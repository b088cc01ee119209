/* Replication histories: who holds our data, and up to where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lineage/lineage.h"
#include "core_fixture.h"

#include <stdio.h>

static void learn(struct core *core, struct group *group, const char *replid,
                  const char *replid2, int64_t second)
{
    struct report info = {0};
    copy_text(info.replid, RUN_ID_SIZE, replid);
    copy_text(info.replid2, RUN_ID_SIZE, replid2);
    info.second_repl_offset = second;
    lineage_learn(core, group, &info, true);
}

struct accept_row {
    const char *name;
    const char *replid;
    const char *replid2;
    int64_t second;
    uint64_t offset;
    bool accepted;
    uint64_t comparable;
};

/* The master was A; B took over at 100, C at 200. */
static const struct accept_row chain_rows[] = {
    {"the present history", "C", "B", 200, 500, true, 500},
    {"the one before, in time", "B", "A", 100, 199, true, 199},
    {"the one before, beyond the branch", "B", "A", 100, 200, false, 200},
    {"the first one, in time", "A", "", -1, 99, true, 99},
    {"the first one, beyond", "A", "", -1, 150, false, 150},
    {"a stray of ours", "X", "C", 300, 400, true, 299},
    {"a stray of an old one, in time", "X", "B", 150, 900, true, 149},
    {"a stray of an old one, beyond", "X", "B", 250, 900, false, 249},
    {"a stranger", "Y", "Z", 100, 10, false, 10},
    {"no history at all", "", "", -1, 10, false, 10},
};

static void a_chain_of_masters(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct group *group = model_group_named(f.core, "m");
    assert_false(lineage_is_known(group));
    learn(f.core, group, "A", "", -1);
    learn(f.core, group, "B", "A", 100);
    learn(f.core, group, "C", "B", 200);
    learn(f.core, group, "C", "B", 200);
    for (size_t i = 0; i < sizeof(chain_rows) / sizeof(*chain_rows); i++) {
        const struct accept_row *row = &chain_rows[i];
        struct report report = {.second_repl_offset = row->second,
                                .offset = row->offset};
        copy_text(report.replid, RUN_ID_SIZE, row->replid);
        copy_text(report.replid2, RUN_ID_SIZE, row->replid2);
        uint64_t comparable;
        bool accepted = lineage_accepts(group, &report, &comparable);
        if (accepted != row->accepted || comparable != row->comparable) {
            fail_msg("%s", row->name);
        }
    }
    fixture_stop(&f);
}

static bool accepts(const struct group *group, const char *replid,
                    uint64_t offset)
{
    struct report report = {.second_repl_offset = -1, .offset = offset};
    copy_text(report.replid, RUN_ID_SIZE, replid);
    uint64_t comparable;
    return lineage_accepts(group, &report, &comparable);
}

/* It came back empty (E); the copies of the old data stay good, and when one
 * of them is promoted, the empty history is a branch that nobody follows. */
static void an_empty_master(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct group *group = model_group_named(f.core, "m");
    learn(f.core, group, "A", "", -1);
    learn(f.core, group, "E", "", -1);
    assert_true(accepts(group, "A", 1000));
    assert_true(accepts(group, "E", 5));
    learn(f.core, group, "B", "A", 1001);
    assert_false(accepts(group, "E", 5));
    assert_true(accepts(group, "A", 1000));
    assert_false(accepts(group, "A", 1001));
    fixture_stop(&f);
}

/* We were away when B became C; the master says D, which grew out of C. */
static void a_master_that_was_missed(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct group *group = model_group_named(f.core, "m");
    learn(f.core, group, "A", "", -1);
    learn(f.core, group, "B", "A", 100);
    learn(f.core, group, "D", "C", 300);
    assert_true(accepts(group, "D", 1000));
    assert_true(accepts(group, "C", 299));
    assert_false(accepts(group, "C", 300));
    assert_true(accepts(group, "B", 1000)); /* up to where, nobody told us */
    assert_true(accepts(group, "A", 99));
    assert_false(accepts(group, "A", 100));
    fixture_stop(&f);
}

static void many_masters(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct group *group = model_group_named(f.core, "m");
    char replid[16] = "h0";
    for (int i = 1; i < 30; i++) {
        char parent[16];
        copy_text(parent, sizeof(parent), replid);
        (void)snprintf(replid, sizeof(replid), "h%d", i);
        learn(f.core, group, replid, parent, 10 * i);
    }
    assert_true(accepts(group, "h29", 1000));
    assert_true(accepts(group, "h25", 259));
    assert_false(accepts(group, "h25", 260));
    assert_false(accepts(group, "h3", 1));
    fixture_stop(&f);
}

/* r3 is cut off from A, which has restarted as B, but has not noticed yet: its
 * link counts as up, and it tells of A. */
static void old_news_of_a_replica(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    struct group *group = model_group_named(f.core, "m");
    group->config_epoch = 3;
    learn(f.core, group, "A", "", -1);
    learn(f.core, group, "B", "A", 100);
    assert_int_equal(group->lineage_epoch, 3);
    struct report late = {.role = ROLE_REPLICA, .second_repl_offset = -1};
    copy_text(late.replid, RUN_ID_SIZE, "A");
    lineage_learn(f.core, group, &late, false);
    assert_true(accepts(group, "B", 500));
    lineage_learn(f.core, group, &late, true); /* the master itself */
    assert_false(accepts(group, "B", 500));
    fixture_stop(&f);
}

/* Chains are written "C B200 A100": newest first, with their ends. */
struct merge_row {
    const char *name;
    const char *ours;
    const char *theirs;
    uint64_t their_epoch; /* ours is 5 */
    const char *merged;
};

static const struct merge_row merge_rows[] = {
    {"we know nothing", "", "B A100", 5, "B A100"},
    {"they know nothing", "B A100", "", 6, "B A100"},
    {"the same", "B A100", "B A100", 5, "B A100"},
    {"they have seen one more", "A", "B A100", 5, "B A100"},
    {"we have seen one more", "B A100", "A", 5, "B A100"},
    {"they remember older ones", "B A100", "B A100 Z50", 5, "B A100 Z50"},
    {"they have seen more, we remember more", "B A100 Z50", "C B200", 5,
     "C B200 A100 Z50"},
    {"they know where it ended", "B A", "B A100", 5, "B A100"},
    {"a replica told us too early a place", "B A90", "B A100", 5, "B A100"},
    {"or them", "B A100", "B A90", 5, "B A100"},
    {"they saw the link that we missed", "D C300 X B", "C B200 A100", 5,
     "D C300 B200 A100"},
    {"of the newest", "C X B", "C B200", 5, "C B200"},
    {"to one that we do not know", "D X", "D C300 B200", 5, "D X C300 B200"},
    {"we know another link", "D C300 B200", "D B250", 5, "D C300 B200"},
    {"the end of another branch is no news", "C A100", "B A150", 4, "C A100"},
    {"a later epoch", "B A100", "C A150", 6, "C A150"},
    {"an earlier epoch", "C A150", "B A100", 4, "C A150"},
    {"branches in one epoch: ours", "B A100", "C A150", 5, "B A100"},
    {"nothing in common", "E", "B A100", 5, "E"},
    {"nothing in common, later", "E", "B A100", 6, "B A100 E"},
    {"no room for all", "H G F E D C B A", "J I H", 6, "J I H G F E D C"},
};

static void read_chain(const char *text, struct history chain[LINEAGE_SIZE])
{
    memset(chain, 0, LINEAGE_SIZE * sizeof(*chain));
    for (int i = 0; *text != '\0'; i++) {
        chain[i].replid[0] = *text++;
        chain[i].end = NO_OFFSET;
        if (*text >= '0' && *text <= '9') {
            char *rest;
            chain[i].end = strtoul(text, &rest, 10);
            text = rest;
        }
        text += *text == ' ' ? 1 : 0;
    }
}

static void two_who_remember(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(merge_rows) / sizeof(*merge_rows); i++) {
        const struct merge_row *row = &merge_rows[i];
        struct fixture f;
        struct history theirs[LINEAGE_SIZE];
        struct history merged[LINEAGE_SIZE];
        fixture_start(&f, NULL, 0);
        struct group *group = model_group_named(f.core, "m");
        group->lineage_epoch = 5;
        read_chain(row->ours, group->lineage);
        read_chain(row->theirs, theirs);
        read_chain(row->merged, merged);
        lineage_merge(f.core, group, row->their_epoch, theirs);
        for (int j = 0; j < LINEAGE_SIZE; j++) {
            if (strcmp(merged[j].replid, group->lineage[j].replid) != 0 ||
                merged[j].end != group->lineage[j].end) {
                fail_msg("%s: entry %d", row->name, j);
            }
        }
        fixture_stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_masters),
        cmocka_unit_test(an_empty_master),
        cmocka_unit_test(a_master_that_was_missed),
        cmocka_unit_test(many_masters),
        cmocka_unit_test(old_news_of_a_replica),
        cmocka_unit_test(two_who_remember),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
