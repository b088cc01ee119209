/* How long a group waits for its missing servers, and what is taken when the
 * time is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"
#include "core_fixture.h"

struct deadline_row {
    const char *name;
    msec masterless;
    msec majority;
    msec present;
    msec setting;
    msec deadline;
};

static const struct deadline_row deadline_rows[] = {
    {"from the majority on", 1000, 5000, 9000, 0, 35000},
    {"from the loss of the master on", 6000, 5000, 9000, 0, 36000},
    {"as it is set", 1000, 5000, 5500, 700, 5700},
    {"nobody was there by then", 1000, 5000, 50000, 0, 80000},
    {"just there by then", 1000, 5000, 34999, 0, 35000},
    {"there is a master", NEVER, 5000, 9000, 0, NEVER},
    {"no majority", 1000, NEVER, 9000, 0, NEVER},
    {"no server", 1000, 5000, NEVER, 0, NEVER},
};

static void deadlines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(deadline_rows) / sizeof(*deadline_rows);
         i++) {
        const struct deadline_row *row = &deadline_rows[i];
        struct group group = {.settings.last_resort_ms = row->setting,
                              .last_resort = {row->masterless, row->majority,
                                              row->present, false, false}};
        if (last_resort_deadline(&group) != row->deadline) {
            fail_msg("%s", row->name);
        }
    }
}

/* A group of history A; the first candidate is node 2. */
static struct group *make_group(struct fixture *f, struct candidate *candidate)
{
    fixture_start(f, NULL, 0);
    struct group *group = model_group_named(f->core, "m");
    copy_text(group->lineage[0].replid, RUN_ID_SIZE, "A");
    group->lineage[0].end = NO_OFFSET;
    struct node *node = servers_add(
        f->core, group, &(struct address){"10.0.0.2", 6379}, f->now);
    *candidate = (struct candidate){
        .id = node->id, .run_id = "", .priority = 100, .has_info = true};
    return group;
}

struct admit_row {
    const char *name;
    const char *replid;
    const char *seen; /* in this history */
    uint64_t keys;
    bool over;
    uint32_t durability;
    enum on_empty_master on_empty;
    bool admitted;
    enum holding holding;
};

static const struct admit_row admit_rows[] = {
    {"a branch of ours", "B", "A", 5, true, 0, 0, true, HOLDS_A_BRANCH},
    {"no longer knows its history", "X", "A", 5, true, 0, 0, true,
     HOLDS_UNKNOWN},
    {"never had our data", "X", "", 5, true, 0, 0, false, HOLDS_OURS},
    {"empty", "X", "A", 0, true, 0, 0, false, HOLDS_OURS},
    {"empty, of a cache", "X", "A", 0, true, 0, ON_EMPTY_ALLOW, true,
     HOLDS_NOTHING},
    {"empty and new, of a cache", "X", "", 0, true, 0, ON_EMPTY_ALLOW, true,
     HOLDS_NOTHING},
    {"too early", "X", "A", 5, false, 0, 0, false, HOLDS_OURS},
    {"with durability", "X", "A", 5, true, 1, 0, false, HOLDS_OURS},
};

static void what_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(admit_rows) / sizeof(*admit_rows); i++) {
        const struct admit_row *row = &admit_rows[i];
        struct fixture f;
        struct candidate candidate;
        struct group *group = make_group(&f, &candidate);
        struct node *node = model_node_with_id(group, candidate.id);
        copy_text(node->report.replid, RUN_ID_SIZE, row->replid);
        copy_text(node->report.replid2, RUN_ID_SIZE,
                  row->replid[0] == 'B' ? "A" : "");
        copy_text(node->last_offset.seen.replid, RUN_ID_SIZE, row->seen);
        node->report.keys = row->keys;
        group->settings.durability = row->durability;
        group->settings.on_empty_master = row->on_empty;
        group->last_resort.over = row->over;
        last_resort_admit(group, &candidate, 1);
        if (candidate.same_history != row->admitted ||
            candidate.holding != row->holding) {
            fail_msg("%s", row->name);
        }
        fixture_stop(&f);
    }
}

/* Asked for by its operator, the last resort holds with durability too. */
static void durability_and_an_explicit_time(void **state)
{
    (void)state;
    struct fixture f;
    struct candidate candidate;
    struct group *group = make_group(&f, &candidate);
    group->settings.durability = 1;
    group->settings.last_resort_ms = 5000;
    group->last_resort.over = true;
    struct node *node = model_node_with_id(group, candidate.id);
    node->last_offset.seen = (struct sighting){"A", 100};
    node->report.keys = 5;
    last_resort_admit(group, &candidate, 1);
    assert_true(candidate.same_history);
    fixture_stop(&f);
}

/* What counts first is how much of our data it is. */
static void more_of_ours_wins(void **state)
{
    (void)state;
    struct candidate candidates[4];
    for (size_t i = 0; i < 4; i++) {
        candidates[i] = (struct candidate){.id = (object_id)i + 1,
                                           .run_id = "",
                                           .priority = (uint32_t)i + 1,
                                           .offset = 1000 * i,
                                           .has_info = true,
                                           .cut_off = true,
                                           .same_history = true,
                                           .holding = (enum holding)(3 - i)};
    }
    candidates[3].offset = 1;
    assert_int_equal(select_best(candidates, 4), 3);
    assert_int_equal(candidates[0].verdict, VERDICT_LESS_OF_OURS);
    assert_int_equal(select_best(candidates, 3), 2);
    assert_int_equal(select_best(candidates, 2), 1);
}

struct wait_row {
    const char *name;
    enum role role;
    int64_t link_down_s;
    uint64_t offset; /* of the candidate; the missing master had 100 */
    bool over;
    bool waits;
};

static const struct wait_row wait_rows[] = {
    {"it has less", ROLE_REPLICA, -1, 50, false, true},
    {"it has as much", ROLE_REPLICA, -1, 100, false, false},
    {"it says it is master", ROLE_MASTER, 0, 50, false, true},
    {"it was there all along", ROLE_REPLICA, 5, 50, false, false},
    {"the wait is over", ROLE_REPLICA, -1, 50, true, false},
};

static void whom_it_waits_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wait_rows) / sizeof(*wait_rows); i++) {
        const struct wait_row *row = &wait_rows[i];
        struct fixture f;
        struct candidate candidate;
        struct group *group = make_group(&f, &candidate);
        struct node *node = model_node_with_id(group, candidate.id);
        group->master->last_offset.seen = (struct sighting){"A", 100};
        group->last_resort.over = row->over;
        node->report.role = row->role;
        node->report.master_link_down_s = row->link_down_s;
        candidate.offset = row->offset;
        char why[160] = "";
        if (last_resort_waits(group, &candidate, why) != row->waits ||
            (why[0] != '\0') != row->waits) {
            fail_msg("%s", row->name);
        }
        fixture_stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadlines),
        cmocka_unit_test(what_is_taken),
        cmocka_unit_test(durability_and_an_explicit_time),
        cmocka_unit_test(more_of_ours_wins),
        cmocka_unit_test(whom_it_waits_for),
    };
    return cmocka_run_group_tests_name("last_resort", tests, NULL, NULL);
}
