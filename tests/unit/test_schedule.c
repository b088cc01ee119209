/* The heap of deadlines against a naive list, in random operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/model/model.h"

#include <time.h>

enum { TIMERS = 40, OPERATIONS = 20000 };

static const struct timer *naive_first(const struct timer *timers)
{
    const struct timer *first = NULL;
    for (size_t i = 0; i < TIMERS; i++) {
        const struct timer *timer = &timers[i];
        if (timer->scheduled &&
            (first == NULL || timer->at < first->at ||
             (timer->at == first->at && timer->id < first->id))) {
            first = timer;
        }
    }
    return first;
}

static void against_a_list(void **state)
{
    (void)state;
    struct core core = {0};
    core.random_state = (uint64_t)time(NULL) | 1;
    print_message("seed %llu\n", (unsigned long long)core.random_state);
    struct timer timers[TIMERS];
    for (object_id i = 0; i < TIMERS; i++) {
        schedule_init(&timers[i], TIMER_LINK, &timers[i], i + 1);
    }
    for (int i = 0; i < OPERATIONS; i++) {
        struct timer *timer = &timers[core_random(&core, TIMERS)];
        msec at = core_random(&core, 50);
        switch (core_random(&core, 4)) {
        case 0:
            schedule_cancel(&core, timer);
            break;
        case 1:
            schedule_sooner(&core, timer, at);
            assert_true(timer->at <= at);
            break;
        default:
            schedule_at(&core, timer, at);
            break;
        }
        const struct timer *first = naive_first(timers);
        assert_true(schedule_deadline(&core) ==
                    (first == NULL ? NEVER : first->at));
        if (core_random(&core, 8) == 0) {
            msec now = core_random(&core, 60);
            bool is_due = first != NULL && first->at <= now;
            const struct timer *due = schedule_next_due(&core, now);
            assert_ptr_equal(due, is_due ? first : NULL);
            assert_true(due == NULL || !due->scheduled);
        }
    }
    schedule_free(&core);
}

static void nothing_is_due_too_early(void **state)
{
    (void)state;
    struct core core = {0};
    struct timer timer;
    schedule_init(&timer, TIMER_GROUP, &timer, 1);
    schedule_at(&core, &timer, 100);
    assert_null(schedule_next_due(&core, 99));
    assert_ptr_equal(schedule_next_due(&core, 100), &timer);
    assert_null(schedule_next_due(&core, 100));
    schedule_at(&core, &timer, NEVER);
    assert_false(timer.scheduled);
    schedule_free(&core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_a_list),
        cmocka_unit_test(nothing_is_due_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
