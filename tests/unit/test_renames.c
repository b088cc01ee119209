/* Commands under other names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/renames.h"

static void test_put_and_find(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *command;
        const char *put;
        size_t count;
        const char *asked;
        const char *found;
    } rows[] = {
        {"nothing is renamed", "x", "X", 0, "CONFIG", "CONFIG"},
        {"one", "config", "My-Config", 1, "CONFIG", "My-Config"},
        {"case does not matter", "CLIENT", "c", 2, "client", "c"},
        {"another is not", "CLIENT", "c", 2, "PING", "PING"},
        {"once more", "ConFig", "other", 2, "CONFIG", "other"},
        {"its own name again", "Client", "CLIENT", 1, "CLIENT", "CLIENT"},
        {"no name", "CONFIG", "", 0, "CONFIG", "CONFIG"},
    };
    struct renames renames = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(renames_put(&renames, rows[i].command, rows[i].put));
        struct renames copy = renames_copy(&renames);
        if (copy.count != rows[i].count ||
            strcmp(renames_find(&copy, rows[i].asked), rows[i].found) != 0) {
            fail_msg("%s: %zu, %s", rows[i].name, copy.count,
                     renames_find(&copy, rows[i].asked));
        }
        renames_clear(&copy);
    }
    assert_true(renames_put(&renames, "exec", "e"));
    assert_string_equal(renames.list[0].command, "EXEC");
    renames_clear(&renames);
    assert_int_equal(renames.count, 0);
}

static void test_limit(void **state)
{
    (void)state;
    struct renames renames = {0};
    char command[16];
    for (int i = 0; i < MAX_RENAMES; i++) {
        (void)snprintf(command, sizeof(command), "C%d", i);
        assert_true(renames_put(&renames, command, "x"));
    }
    assert_false(renames_put(&renames, "one-more", "x"));
    assert_true(renames_put(&renames, "c3", "y"));
    assert_true(renames_put(&renames, "c0", "c0"));
    assert_true(renames_put(&renames, "one-more", "x"));
    assert_int_equal(renames.count, MAX_RENAMES);
    renames_clear(&renames);
}

static void test_faults(void **state)
{
    (void)state;
    char longest[RENAME_SIZE];
    char too_long[RENAME_SIZE + 1];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    memset(too_long, 'x', sizeof(too_long));
    too_long[sizeof(too_long) - 1] = '\0';
    assert_null(renames_fault(longest));
    assert_null(renames_fault("b840fc02d524045429941cc15f59e41cb7be6c52"));
    assert_null(renames_fault("\"'#,"));
    assert_string_equal(renames_fault(""), "is empty");
    assert_string_equal(renames_fault(too_long), "has more than 127 bytes");
    static const char *const wrong[] = {"a b", " ",    "\n",
                                        "a\r", "\x7f", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_string_equal(renames_fault(wrong[i]),
                            "has a blank, or something else that is no visible "
                            "ASCII");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_and_find),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
