/* Votes: the two pure rules, in tables and exhaustively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/elect/elect.h"

#include <stdio.h>

struct grant_row {
    const char *name;
    const char *held_by;
    uint64_t held_epoch;
    bool binds;
    uint64_t config_epoch;
    const char *wanted_by;
    uint64_t wanted_epoch;
    bool granted;
};

static const struct grant_row grant_rows[] = {
    {"first vote of a group", "", 0, false, 0, "a", 1, true},
    {"the same again", "a", 3, true, 0, "a", 3, true},
    {"one vote per epoch", "a", 3, false, 0, "b", 3, false},
    {"one vote per epoch, run id unknown", "", 3, false, 0, "b", 3, false},
    {"an older epoch", "a", 3, false, 0, "b", 2, false},
    {"an older epoch of the same candidate", "a", 3, false, 0, "a", 2, false},
    {"a newer epoch, nobody bound", "a", 3, false, 0, "b", 4, true},
    {"a newer epoch while bound to another", "a", 3, true, 0, "b", 4, false},
    {"a newer epoch of the bound candidate", "a", 3, true, 0, "a", 4, true},
    {"an epoch that is configuration already", "a", 3, false, 5, "b", 5, false},
    {"an epoch before the configuration", "", 0, false, 5, "b", 4, false},
    {"an epoch after the configuration", "a", 3, false, 5, "b", 6, true},
};

static void grant_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(grant_rows) / sizeof(*grant_rows); i++) {
        const struct grant_row *row = &grant_rows[i];
        struct ballot held = {.epoch = row->held_epoch};
        struct ballot wanted = {.epoch = row->wanted_epoch};
        copy_text(held.leader, RUN_ID_SIZE, row->held_by);
        copy_text(wanted.leader, RUN_ID_SIZE, row->wanted_by);
        if (election_grant(&held, row->binds, row->config_epoch, &wanted) !=
            row->granted) {
            fail_msg("%s", row->name);
        }
    }
}

/* Whatever is asked in whatever order: never two candidates in one epoch. */
static void grant_never_twice(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    for (unsigned order = 0; order < 6 * 6 * 6 * 6; order++) {
        struct ballot held = {.epoch = 0};
        char given[3] = {0, 0, 0};
        unsigned rest = order;
        for (int step = 0; step < 4; step++, rest /= 6) {
            struct ballot wanted = {.epoch = 1 + rest % 6 / 3};
            const char *name = names[rest % 3];
            copy_text(wanted.leader, RUN_ID_SIZE, name);
            if (!election_grant(&held, false, 0, &wanted)) {
                continue;
            }
            held = wanted;
            char *slot = &given[wanted.epoch];
            assert_true(*slot == 0 || *slot == name[0]);
            *slot = name[0];
        }
    }
}

/* The naive count: who has strictly more than half of all, and the quorum. */
static bool naive_wins(const int *votes, size_t voters, uint32_t quorum)
{
    uint32_t mine = 0;
    for (size_t i = 0; i < voters; i++) {
        mine += votes[i] == 1 ? 1 : 0;
    }
    return 2 * mine > voters && mine >= quorum;
}

/* Every pattern of votes (none, ours, another's, ours in an older epoch) of
 * one to seven voters against the naive count. */
static void tally_exhaustive(void **state)
{
    (void)state;
    const struct ballot kinds[4] = {{"", 0}, {"us", 7}, {"them", 7}, {"us", 6}};
    const struct ballot wanted = {"us", 7};
    for (uint32_t voters = 1; voters <= 7; voters++) {
        for (uint32_t pattern = 0; pattern < 1u << (2 * voters); pattern++) {
            struct ballot votes[7];
            int kind[7];
            for (uint32_t i = 0; i < voters; i++) {
                kind[i] = (int)(pattern >> (2 * i) & 3);
                votes[i] = kinds[kind[i]];
            }
            uint32_t count = election_count(votes, voters, &wanted);
            for (uint32_t quorum = 1; quorum <= voters; quorum++) {
                bool wins = count >= election_needed(voters, quorum);
                assert_int_equal(wins, naive_wins(kind, voters, quorum));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grant_table),
        cmocka_unit_test(grant_never_twice),
        cmocka_unit_test(tally_exhaustive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
