/* Texts in the store: kept, replaced, removed, and what a broken disk does to
 * them. The disk is broken when a case says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"
#include "store_vfs.h"

static int set_up(void **state)
{
    struct store_fixture *fixture = store_fixture_new();
    store_fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    store_vfs_reset();
    store_fixture_free(*state);
    return 0;
}

static void save(struct store *store, const char *name, const char *value,
                 uint64_t number)
{
    const struct store_text text = {
        .kind = "user", .name = name, .declared = "off", .value = value};
    store_save_texts(store, &text, 1, number);
}

/* "a=on b=off " of what is on disk. */
static void assert_texts(struct store *store, const char *expected)
{
    struct store_text *texts;
    size_t count;
    struct error error;
    char found[256] = "";
    size_t used = 0;
    assert_true(store_load_texts(store, &texts, &count, &error));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(texts[i].kind, "user");
        assert_string_equal(texts[i].declared, "off");
        used += (size_t)snprintf(found + used, sizeof(found) - used, "%s=%s ",
                                 texts[i].name, texts[i].value);
    }
    assert_string_equal(found, expected);
    store_texts_free(texts, count);
}

static void texts_are_kept_over_a_restart(void **state)
{
    struct store_fixture *fixture = *state;
    save(fixture->store, "b", "on", 1);
    save(fixture->store, "a", "on +ping", 2);
    save(fixture->store, "c", "", 3);
    store_fixture_close(fixture);
    store_fixture_open(fixture);
    assert_texts(fixture->store, "a=on +ping b=on c= ");
}

static void the_later_one_wins_and_a_row_can_go(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    save(store, "a", "on", 1);
    save(store, "b", "on", 2);
    save(store, "a", "off", 3);
    save(store, "b", NULL, 4);
    struct store_result result = {0};
    while (result.texts != 4) {
        result = store_fixture_result(store);
        assert_true(result.ok);
        assert_int_equal(result.version, 0);
    }
    assert_texts(store, "a=off ");
}

/* What was put in its place meanwhile is what a retry writes. */
static void what_failed_is_tried_again(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    store_vfs_fail(1, SQLITE_IOERR_WRITE, false);
    save(store, "a", "on", 1);
    struct store_result result = store_fixture_result(store);
    assert_false(result.ok);
    assert_int_equal(result.texts, 1);
    save(store, "b", "on", 0);
    save(store, "a", NULL, 2);
    do {
        result = store_fixture_result(store);
        assert_true(result.ok);
    } while (result.texts != 2);
    assert_texts(store, "b=on ");
}

static void records_and_texts_share_a_result(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record group = store_group("m", 7);
    save(store, "a", "on", 0);
    store_save(store, &group, 1, 5);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 5);
    assert_int_equal(result.texts, 0);
    assert_texts(store, "a=on ");
    assert_int_equal(store_fixture_vote(store, "m"), 7);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(texts_are_kept_over_a_restart),
        CASE(the_later_one_wins_and_a_row_can_go),
        CASE(what_failed_is_tried_again),
        CASE(records_and_texts_share_a_result),
    };
    store_vfs_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
