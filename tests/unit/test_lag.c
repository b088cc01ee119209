/* Who is too far behind to be promoted, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"
#include "core_fixture.h"

/* The master said 1000 when it last answered INFO, at 5000, and its last sign
 * of life was at 6000; another candidate holds `other`. */
struct lag_row {
    const char *name;
    uint64_t max_bytes;
    msec max_ms;
    uint64_t offset;
    uint64_t other;
    msec in_step_at;
    bool final;
    bool fresh; /* its INFO is newer than the master's silence */
    bool other_history;
    bool lags;
};

static const struct lag_row rows[] = {
    {"no limit", 0, 0, 1, 0, NEVER, true, true, false, false},
    {"within", 100, 0, 900, 0, NEVER, true, true, false, false},
    {"beyond", 100, 0, 899, 0, NEVER, true, true, false, true},
    {"ahead", 100, 100, 1500, 0, NEVER, true, true, false, false},
    {"another holds more", 100, 0, 1000, 1101, NEVER, true, true, false, true},
    {"another holds a little more", 100, 0, 1000, 1100, NEVER, true, true,
     false, false},
    {"in step lately", 0, 1000, 900, 0, 5000, true, true, false, false},
    {"long out of step", 0, 1000, 900, 0, 4999, true, true, false, true},
    {"never in step", 0, 1000, 900, 0, NEVER, true, true, false, true},
    {"bytes are enough, time is not", 100, 1000, 950, 0, 4000, true, true,
     false, true},
    {"before it is asked anew", 100, 0, 1, 0, NEVER, false, false, false,
     false},
    {"asked anew", 100, 0, 1, 0, NEVER, false, true, false, true},
    {"another history has a verdict of its own", 100, 0, 1, 0, NEVER, true,
     true, true, false},
};

static bool judge(struct fixture *f, const struct lag_row *row)
{
    struct group *group = model_group_named(f->core, "m");
    struct node *master = group->master;
    struct node *node = model_find_node(
        group, &(struct address){.host = "10.0.0.2", .port = 6379});
    group->settings.max_lag_bytes = row->max_bytes;
    group->settings.max_lag_ms = row->max_ms;
    copy_text(group->lineage[0].replid, RUN_ID_SIZE, HISTORY);
    group->lineage[0].end = NO_OFFSET;
    copy_text(master->report.replid, RUN_ID_SIZE, HISTORY);
    master->report.offset = 1000;
    master->report.at = 5000;
    master->instance.health.ok_at = 6000;
    master->subjective_down = true;
    master->subjective_down_since = 7000;
    node->last_offset.in_step_at = row->in_step_at;
    node->report.at = row->fresh ? 7000 : 6999;
    struct candidate candidates[2] = {
        {.id = node->id,
         .offset = row->offset,
         .has_info = true,
         .same_history = !row->other_history},
        {.id = master->id,
         .offset = row->other,
         .has_info = true,
         .same_history = true},
    };
    lag_mark(group, row->final, candidates, 2);
    return candidates[0].lags;
}

static void limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct fixture f;
        fixture_start(&f, NULL, 0);
        fixture_complete(&f);
        if (judge(&f, &rows[i]) != rows[i].lags) {
            fail_msg("%s", rows[i].name);
        }
        fixture_stop(&f);
    }
}

/* A master that this supervisor never saw is no measure. */
static void an_unseen_master(void **state)
{
    (void)state;
    struct fixture f;
    fixture_start(&f, NULL, 0);
    fixture_complete(&f);
    struct group *group = model_group_named(f.core, "m");
    group->settings.max_lag_ms = 1;
    group->settings.max_lag_bytes = 1;
    group->master->report.at = NEVER;
    struct candidate candidate = {.id =
                                      TAILQ_LAST(&group->nodes, node_list)->id,
                                  .has_info = true,
                                  .same_history = true};
    lag_mark(group, true, &candidate, 1);
    assert_false(candidate.lags);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(an_unseen_master),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
