/* Every setting of a group: it has a place of its own, a change of it is
 * seen, and what changed last wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/model/model.h"
#include "sentineld/memory.h"

#include <string.h>

static struct group_settings with(enum setting setting, uint64_t value)
{
    struct group_settings settings;
    struct admin_option option = {.setting = setting, .value = value};
    memset(&settings, 0, sizeof(settings));
    if (value != 0) {
        copy_text(option.text, sizeof(option.text), value == 1 ? "/a" : "/b");
    }
    group_settings_set(&settings, &option);
    return settings;
}

static void each_has_a_place_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < SETTING_COUNT; i++) {
        for (int j = 0; j < SETTING_COUNT; j++) {
            const struct group_settings a = with((enum setting)i, 1);
            const struct group_settings b = with((enum setting)j, 1);
            assert_int_equal(group_settings_equal(&a, &b), i == j);
        }
    }
}

static void the_last_change_wins(void **state)
{
    (void)state;
    for (int i = 0; i < SETTING_COUNT; i++) {
        const enum setting setting = (enum setting)i;
        const struct group_settings none = with(setting, 0);
        const struct group_settings one = with(setting, 1);
        const struct group_settings two = with(setting, 2);
        struct group_settings merged = group_settings_merge(&one, &one, &two);
        assert_true(group_settings_equal(&merged, &two));
        merged = group_settings_merge(&one, &none, &two); /* edited since */
        assert_true(group_settings_equal(&merged, &one));
    }
}

static void texts_are_compared_as_texts(void **state)
{
    (void)state;
    struct group_settings a = with(SETTING_NOTIFICATION_SCRIPT, 0);
    const struct group_settings b = a;
    a.notification_script[5] = 'x'; /* behind its end */
    assert_true(group_settings_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_place_of_its_own),
        cmocka_unit_test(the_last_change_wins),
        cmocka_unit_test(texts_are_compared_as_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
