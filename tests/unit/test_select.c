/* The choice of the replica to promote, as a table of candidates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"

static struct candidate good(const char *run_id, uint64_t offset)
{
    static object_id last_id = 0;
    struct candidate candidate = {
        .id = ++last_id,
        .run_id = run_id,
        .priority = 100,
        .offset = offset,
        .has_info = true,
        .cut_off = true,
        .same_history = true,
    };
    return candidate;
}

static void order_of_choice(void **state)
{
    (void)state;
    struct candidate candidates[] = {good("aaa", 10), good("bbb", 20),
                                     good("ccc", 20), good("ddd", 5)};
    assert_int_equal(select_best(candidates, 4), 1);
    assert_int_equal(candidates[0].verdict, VERDICT_SMALLER_OFFSET);
    assert_int_equal(candidates[1].verdict, VERDICT_CHOSEN);
    assert_int_equal(candidates[2].verdict, VERDICT_LARGER_RUN_ID);
    candidates[3].priority = 1;
    assert_int_equal(select_best(candidates, 4), 3);
    assert_int_equal(candidates[1].verdict, VERDICT_LATER_PRIORITY);
}

struct exclusion_row {
    const char *name;
    void (*spoil)(struct candidate *candidate);
    enum verdict verdict;
};

static void spoil_name(struct candidate *candidate)
{
    candidate->not_named = true;
}

static void spoil_login(struct candidate *candidate)
{
    candidate->pong = PONG_NOAUTH;
}

static void spoil_password(struct candidate *candidate)
{
    candidate->pong = PONG_WRONGPASS;
}

/* What it refused counts, not that it was not cut off. */
static void spoil_orders(struct candidate *candidate)
{
    candidate->refused = true;
    candidate->cut_off = false;
}

static void spoil_following(struct candidate *candidate)
{
    candidate->not_following = true;
}

static void spoil_down(struct candidate *c)
{
    c->down = true;
}
static void spoil_disconnected(struct candidate *c)
{
    c->disconnected = true;
}
static void spoil_tried(struct candidate *c)
{
    c->tried = true;
}
static void spoil_info(struct candidate *c)
{
    c->has_info = false;
}
static void spoil_cut_off(struct candidate *c)
{
    c->cut_off = false;
}
static void spoil_loading(struct candidate *c)
{
    c->loading = true;
}
static void spoil_priority(struct candidate *c)
{
    c->priority = 0;
}
static void spoil_synced(struct candidate *c)
{
    c->never_synced = true;
}
static void spoil_quarantine(struct candidate *c)
{
    c->quarantined = true;
}
static void spoil_lag(struct candidate *c)
{
    c->lags = true;
}
static void spoil_history(struct candidate *c)
{
    c->same_history = false;
}

/* However much data it claims, an excluded candidate is not chosen. */
static void exclusions(void **state)
{
    (void)state;
    static const struct exclusion_row rows[] = {
        {"down", spoil_down, VERDICT_DOWN},
        {"disconnected", spoil_disconnected, VERDICT_DISCONNECTED},
        {"not named", spoil_name, VERDICT_NOT_NAMED},
        {"wants a password", spoil_login, VERDICT_PASSWORD_WANTED},
        {"refuses ours", spoil_password, VERDICT_WRONG_PASSWORD},
        {"refuses orders", spoil_orders, VERDICT_REFUSED},
        {"does not follow", spoil_following, VERDICT_NOT_FOLLOWING},
        {"refused before", spoil_tried, VERDICT_TRIED},
        {"no INFO", spoil_info, VERDICT_NO_INFO},
        {"not cut off", spoil_cut_off, VERDICT_NOT_CUT_OFF},
        {"loading", spoil_loading, VERDICT_LOADING},
        {"priority 0", spoil_priority, VERDICT_PRIORITY_ZERO},
        {"never synced", spoil_synced, VERDICT_NEVER_SYNCED},
        {"another history", spoil_history, VERDICT_OTHER_HISTORY},
        {"too far behind", spoil_lag, VERDICT_LAGS},
        {"in quarantine", spoil_quarantine, VERDICT_QUARANTINED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct candidate candidates[] = {good("aaa", 999), good("bbb", 1)};
        rows[i].spoil(&candidates[0]);
        if (select_best(candidates, 2) != 1 ||
            candidates[0].verdict != rows[i].verdict) {
            fail_msg("%s", rows[i].name);
        }
        assert_int_equal(select_best(candidates, 1), -1);
    }
    assert_int_equal(select_best(NULL, 0), -1);
}

/* Every pair and triple of a small domain: a strict total order. */
static void order_is_total(void **state)
{
    (void)state;
    static const char *const run_ids[] = {"", "aa", "AA", "bb"};
    struct candidate all[2 * 3 * 4];
    size_t count = 0;
    for (uint32_t priority = 1; priority <= 2; priority++) {
        for (uint64_t offset = 0; offset < 3; offset++) {
            for (size_t i = 0; i < 4; i++) {
                all[count] = good(run_ids[i], offset);
                all[count++].priority = priority;
            }
        }
    }
    for (size_t a = 0; a < count; a++) {
        assert_int_equal(select_compare(&all[a], &all[a]), 0);
        for (size_t b = 0; b < count; b++) {
            int ab = select_compare(&all[a], &all[b]);
            int ba = select_compare(&all[b], &all[a]);
            assert_true(a == b || (ab < 0) != (ba < 0));
            for (size_t c = 0; c < count; c++) {
                if (ab < 0 && select_compare(&all[b], &all[c]) < 0) {
                    assert_true(select_compare(&all[a], &all[c]) < 0);
                }
            }
        }
    }
}

/* A write that was confirmed counts more than the operator's preference. */
static void data_before_priority(void **state)
{
    (void)state;
    struct candidate candidates[] = {good("aaa", 10), good("bbb", 20)};
    candidates[0].priority = 1;
    assert_int_equal(select_best(candidates, 2), 0);
    assert_true(select_is_behind(candidates, 2, &candidates[0]));
    candidates[0].data_first = candidates[1].data_first = true;
    assert_int_equal(select_best(candidates, 2), 1);
    assert_int_equal(candidates[0].verdict, VERDICT_SMALLER_OFFSET);
    assert_false(select_is_behind(candidates, 2, &candidates[1]));
    candidates[1].priority = 0; /* may not be promoted, but has it */
    assert_int_equal(select_best(candidates, 2), 0);
    assert_true(select_is_behind(candidates, 2, &candidates[0]));
}

struct durability_row {
    uint32_t durability;
    uint32_t replicas;
    uint32_t read; /* of the master's history, cut off */
    uint32_t missing;
};

/* Any R - k + 1 of R replicas meet any k of them. */
static void durability_table(void **state)
{
    (void)state;
    static const struct durability_row rows[] = {
        {0, 5, 0, 0}, {1, 2, 0, 2}, {1, 2, 1, 1}, {1, 2, 2, 0},
        {2, 2, 0, 1}, {2, 2, 1, 0}, {2, 5, 3, 1}, {2, 5, 4, 0},
        {5, 5, 1, 0}, {9, 5, 0, 1}, {9, 5, 1, 0}, {1, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct group group = {.node_count = rows[i].replicas + 1};
        group.settings.durability = rows[i].durability;
        struct candidate candidates[5];
        for (uint32_t c = 0; c < rows[i].replicas; c++) {
            candidates[c] = good("a", 1);
            candidates[c].cut_off = c < rows[i].read;
        }
        assert_int_equal(
            select_count_missing(&group, candidates, rows[i].replicas),
            rows[i].missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_choice),
        cmocka_unit_test(exclusions),
        cmocka_unit_test(order_is_total),
        cmocka_unit_test(data_before_priority),
        cmocka_unit_test(durability_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
