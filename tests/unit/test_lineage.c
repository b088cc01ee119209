/* Replication histories as a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/wire/wire.h"

#include <string.h>

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static const char *const good[] = {
    ONE,
    ONE "," TWO ":100",
    ONE "," TWO,
    ONE "," TWO ":9223372036854775807," ONE ":0",
    ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE,
};

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct history lineage[LINEAGE_SIZE];
        char text[LINEAGE_TEXT_SIZE];
        assert_true(lineage_parse(good[i], strlen(good[i]), lineage));
        lineage_format(lineage, text);
        assert_string_equal(text, good[i]);
    }
}

static void the_longest_fits(void **state)
{
    (void)state;
    struct history lineage[LINEAGE_SIZE];
    for (size_t i = 0; i < LINEAGE_SIZE; i++) {
        memcpy(lineage[i].replid, ONE, sizeof(ONE));
        lineage[i].end = NO_OFFSET - 1;
    }
    char text[LINEAGE_TEXT_SIZE];
    lineage_format(lineage, text);
    assert_int_equal(strlen(text), LINEAGE_SIZE * (40 + 1 + 20) + 7);
}

static const char *const bad[] = {
    "",
    "x",
    ONE ",",
    "," ONE,
    ONE ":",
    ONE ":x",
    ONE ":-1",
    ONE ":01",
    ONE ":1x",
    ONE "1",
    ONE " ",
    ONE ",,",
    ONE ",:1",
    ONE ":1:1",
    ONE ";" TWO,
    "111111111111111111111111",
    ONE ":9223372036854775808",
    "111111111111111111111111111111111111111G",
    ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE "," ONE,
};

static void nothing_else_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct history lineage[LINEAGE_SIZE];
        if (lineage_parse(bad[i], strlen(bad[i]), lineage) ||
            lineage[0].replid[0] != '\0') {
            fail_msg("%s", bad[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(nothing_else_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
