/* Why there is no failover: each gate has a sentence, the first that is closed
 * is said when it lasts, and again each minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/failover/failover.h"
#include "core_fixture.h"

static int start(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));
    fixture_start(f, NULL, 0);
    fixture_complete(f);
    fixture_forget(f);
    *state = f;
    return 0;
}

static int stop(void **state)
{
    struct fixture *f = *state;
    fixture_stop(f);
    free(f);
    return 0;
}

static struct group *group_of(struct fixture *f)
{
    return model_group_named(f->core, "m");
}

/* How often the sentence was said since the last time this was asked. */
static size_t said(struct fixture *f)
{
    size_t count = 0;
    fixture_settle(f);
    for (size_t i = 0; i < f->action_count; i++) {
        count += f->actions[i].type == ACT_LOG &&
                 strstr(f->actions[i].event.text, "no failover yet") != NULL;
    }
    fixture_forget(f);
    return count;
}

static void each_has_a_sentence(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_of(f);
    copy_text(group->failover.gate.why, GATE_TEXT_SIZE, "as it was said");
    group->settings.quorum = 3;
    for (enum gate gate = GATE_TILT; gate < GATE_COUNT; gate++) {
        char text[GATE_TEXT_SIZE];
        gates_explain(f->core, group, gate, f->now, text);
        bool depends = gate == GATE_NO_CANDIDATE || gate == GATE_AWAY;
        if (!depends && text[0] == '\0') {
            fail_msg("gate %d says nothing", gate);
        }
    }
}

static void the_names_are_in_it(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_of(f);
    char text[GATE_TEXT_SIZE];
    struct node *node;
    TAILQ_FOREACH (node, &group->nodes, entry) {
        node->report.priority = 0;
    }
    assert_true(gates_is_closed(f->core, group, GATE_NO_CANDIDATE, f->now));
    gates_explain(f->core, group, GATE_NO_CANDIDATE, f->now, text);
    assert_string_equal(text, "none of 2 replicas can be promoted: "
                              "10.0.0.2:6379: its priority is 0, "
                              "10.0.0.3:6379: its priority is 0");
}

static void said_when_it_lasts_and_each_minute(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_of(f);
    msec from = f->now;
    gates_say(f->core, group, GATE_NO_MAJORITY, "nobody answers", from);
    assert_int_equal(said(f), 0); /* perhaps only in passing */
    gates_say(f->core, group, GATE_NO_MAJORITY, "nobody answers",
              from + GATE_PASSING_MS);
    assert_int_equal(said(f), 1);
    gates_say(f->core, group, GATE_NO_MAJORITY, "nobody answers",
              from + GATE_REPEAT_MS);
    assert_int_equal(said(f), 0);
    gates_say(f->core, group, GATE_NO_MAJORITY, "nobody answers",
              from + GATE_PASSING_MS + GATE_REPEAT_MS);
    assert_int_equal(said(f), 1);
}

/* One that is the first for a moment hides none that was said before. */
static void not_said_again_after_a_turn(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_of(f);
    gates_say(f->core, group, GATE_UNSAVED, "the disk is full", f->now);
    assert_int_equal(said(f), 1);
    gates_say(f->core, group, GATE_TURN, "others first", f->now + 10);
    gates_say(f->core, group, GATE_UNSAVED, "the disk is full", f->now + 20);
    assert_int_equal(said(f), 0);
    gates_say(f->core, group, GATE_UNSAVED, "the disk is slow", f->now + 30);
    assert_int_equal(said(f), 0);
    gates_say(f->core, group, GATE_UNSAVED, "the disk is slow",
              f->now + GATE_CHANGED_MS);
    assert_int_equal(said(f), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_has_a_sentence, start, stop),
        cmocka_unit_test_setup_teardown(the_names_are_in_it, start, stop),
        cmocka_unit_test_setup_teardown(said_when_it_lasts_and_each_minute,
                                        start, stop),
        cmocka_unit_test_setup_teardown(not_said_again_after_a_turn, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
