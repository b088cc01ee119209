/* Replication histories: who holds our data, and up to where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sentineld/core/private.h"
#include "core_fixture.h"

#include <stdio.h>

static void learn(struct core *core, struct group *group, const char *replid,
                  const char *replid2, int64_t second)
{
    struct report info = {0};
    copy_text(info.replid, RUN_ID_SIZE, replid);
    copy_text(info.replid2, RUN_ID_SIZE, replid2);
    info.second_repl_offset = second;
    history_learn(core, group, &info);
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
    assert_false(history_is_known(group));
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
        bool accepted = history_accepts(group, &report, &comparable);
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
    return history_accepts(group, &report, &comparable);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_masters),
        cmocka_unit_test(an_empty_master),
        cmocka_unit_test(many_masters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
