/* held_actions: what waits for which save, and in which order it leaves.
 *
 * A row's steps, between blanks: "sN" the store is given version N, "dN"
 * everything up to N is durable, "+a" an action named a is held, "x" all that
 * is held is refused. What leaves with a step is written after it; refused
 * ones in capitals, '|' ends the step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/runtime/held_actions.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 256 };

struct row {
    const char *name;
    const char *steps;
    const char *expected;
    bool unsaved; /* at the end */
};

static const struct row rows[] = {
    {"leaves when its version is durable", "s1 +a d1", "||a|", false},
    {"in the order in which they were held", "s1 +a +b +c d1", "||||abc|",
     false},
    {"waits for the newest version, not for an older one", "s1 +a s2 +b d1",
     "||||a|", true},
    {"versions may be joined into one result", "s1 +a s2 +b d2", "||||ab|",
     false},
    {"held without new records: the newest version counts", "s5 +a +b d4 d5",
     "||||ab|", false},
    {"a failure refuses all, in order", "s1 +a s2 +b x", "||||AB|", true},
    {"what comes after a failure is held again", "s1 +a x +b", "||A||", true},
    {"... and leaves with the next success", "s1 +a x +b d1", "||A||b|", false},
    {"... or is refused with the next failure", "s1 +a x +b x", "||A||B|",
     true},
    {"an older result after a newer one changes nothing", "s2 d2 d1", "|||",
     false},
    {"nothing was ever saved", "", "", false},
};

static void add(struct held_actions *hold, char name)
{
    struct core_action action = {
        .type = ACT_HELLO, .link = (object_id)name, .expires_at = NEVER};
    held_actions_add(hold, &action, 7);
}

static void append(char *result, struct held_action *held, bool refused)
{
    char name[2] = {(char)held->action.link, '\0'};
    assert_int_equal(held->connection, 7);
    name[0] = (char)(refused ? toupper(name[0]) : name[0]);
    strncat(result, name, 2);
    free(held);
}

static void perform(struct held_actions *hold, const char *step, char *result)
{
    struct held_action *held;
    switch (step[0]) {
    case 's':
        held_actions_saving(hold, strtoull(step + 1, NULL, 10));
        break;
    case 'd':
        held_actions_saved(hold, strtoull(step + 1, NULL, 10));
        break;
    case '+':
        add(hold, step[1]);
        break;
    case 'x':
        while ((held = held_actions_refuse(hold)) != NULL) {
            append(result, held, true);
        }
        break;
    default:
        fail_msg("no such step: %s", step);
    }
    while ((held = held_actions_release(hold)) != NULL) {
        append(result, held, false);
    }
    strncat(result, "|", 2);
}

static void run_row(const struct row *row)
{
    struct held_actions hold;
    held_actions_init(&hold);
    char steps[TEXT_SIZE];
    char result[TEXT_SIZE] = "";
    snprintf(steps, sizeof(steps), "%s", row->steps);
    char *rest = NULL;
    for (char *step = strtok_r(steps, " ", &rest); step != NULL;
         step = strtok_r(NULL, " ", &rest)) {
        perform(&hold, step, result);
    }
    if (strcmp(result, row->expected) != 0 ||
        held_actions_unsaved(&hold) != row->unsaved) {
        fail_msg("%s: expected %s, got %s; unsaved: %d", row->name,
                 row->expected, result, held_actions_unsaved(&hold));
    }
    held_actions_clear(&hold);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_row(&rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
