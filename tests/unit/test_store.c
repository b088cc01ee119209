/* The writer thread: what is joined, what a result says, what happens to
 * records that could not be saved. The disk is slow or broken when a case
 * says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"
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

static bool is_readable(const struct store *store)
{
    struct pollfd ready = {.fd = store_result_fd(store), .events = POLLIN};
    return poll(&ready, 1, 0) == 1;
}

static void save_group(struct store *store, const char *name, uint64_t version)
{
    struct record group = store_group(name, version);
    store_save(store, &group, 1, version);
}

static void a_result_wakes_the_loop_and_is_given_once(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct store_result result;
    assert_false(store_poll(store, &result));
    assert_false(is_readable(store));
    save_group(store, "m", 7);
    result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 7);
    assert_string_equal(result.error, "");
    assert_false(store_poll(store, &result));
    assert_false(is_readable(store));
    assert_int_equal(store_fixture_vote(store, "m"), 7);
}

/* A slow disk delays results, never the loop; what came meanwhile is one
 * transaction with one result. */
static void what_waits_is_joined(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct store_result result;
    store_vfs_hold_syncs();
    save_group(store, "a", 1);
    store_vfs_wait_for_sync();
    save_group(store, "b", 2);
    save_group(store, "c", 3);
    save_group(store, "b", 4);
    assert_false(store_poll(store, &result));
    store_vfs_release_syncs();
    result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 1);
    result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 4);
    assert_int_equal(store_fixture_vote(store, "a"), 1);
    assert_int_equal(store_fixture_vote(store, "b"), 4);
    assert_int_equal(store_fixture_vote(store, "c"), 3);
    assert_false(store_poll(store, &result));
}

static void results_come_in_order(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    uint64_t last = 0;
    for (uint64_t version = 1; version <= 200; version++) {
        save_group(store, "m", version);
    }
    while (last < 200) {
        struct store_result result = store_fixture_result(store);
        assert_true(result.ok);
        assert_true(result.version > last);
        last = result.version;
    }
    assert_int_equal(last, 200);
    assert_int_equal(store_fixture_vote(store, "m"), 200);
}

static void a_batch_without_records_is_answered_too(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    store_save(store, NULL, 0, 3);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 3);
}

static struct store_result fail_once(struct store *store, const char *name,
                                     uint64_t version)
{
    store_vfs_fail(1, SQLITE_IOERR_WRITE, false);
    save_group(store, name, version);
    struct store_result result = store_fixture_result(store);
    assert_false(result.ok);
    assert_int_equal(result.version, version);
    assert_non_null(strstr(result.error, "saving the state"));
    return result;
}

static void what_failed_goes_with_the_next_save(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    (void)fail_once(store, "a", 1);
    save_group(store, "b", 2);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 2);
    assert_int_equal(store_fixture_vote(store, "a"), 1);
    assert_int_equal(store_fixture_vote(store, "b"), 2);
}

static void what_failed_goes_with_a_retry(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    (void)fail_once(store, "a", 1);
    store_retry(store);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 1);
    assert_int_equal(store_fixture_vote(store, "a"), 1);
}

static void a_retry_of_nothing_is_silent(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct error error = {""};
    struct store_result result;
    save_group(store, "a", 1);
    (void)store_fixture_result(store);
    store_retry(store);
    assert_true(store_save_now(store, NULL, 0, &error));
    assert_false(store_poll(store, &result));
}

static void a_later_record_wins_over_one_that_failed(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    (void)fail_once(store, "a", 1);
    (void)fail_once(store, "b", 2);
    (void)fail_once(store, "a", 3);
    store_retry(store);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 3);
    assert_int_equal(store_fixture_vote(store, "a"), 3);
    assert_int_equal(store_fixture_vote(store, "b"), 2);
}

/* The later record came while the earlier one was still being written. */
static void a_later_record_wins_over_one_that_is_about_to_fail(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record nodes[] = {store_node("m", "h", 1), store_node("m", "h", 2)};
    store_vfs_hold_syncs();
    struct record both[] = {store_group("a", 1), store_group("b", 1), nodes[0],
                            nodes[1]};
    store_save(store, both, 4, 1);
    store_vfs_wait_for_sync();
    nodes[0].deleted = true;
    struct record later[] = {store_group("a", 2), nodes[0]};
    store_save(store, later, 2, 2);
    store_vfs_fail(1, SQLITE_IOERR_FSYNC, false);
    store_vfs_release_syncs();
    struct store_result result = store_fixture_result(store);
    assert_false(result.ok);
    assert_int_equal(result.version, 1);
    result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 2);
    assert_int_equal(store_fixture_vote(store, "a"), 2);
    assert_int_equal(store_fixture_vote(store, "b"), 1);
    struct record *records = NULL;
    struct error error = {""};
    size_t count = 0;
    assert_true(store_load(store, &records, &count, &error));
    assert_int_equal(count, 3);
    assert_int_equal(records[2].node.address.port, 2);
    free(records);
}

static void a_disk_that_stays_broken_is_reported_each_time(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    store_vfs_fail(1, SQLITE_FULL, true);
    for (uint64_t version = 1; version <= 20; version++) {
        save_group(store, version % 2 == 0 ? "a" : "b", version);
        struct store_result result = store_fixture_result(store);
        assert_false(result.ok);
        assert_non_null(strstr(result.error, "full"));
    }
    store_vfs_reset();
    store_retry(store);
    struct store_result result = store_fixture_result(store);
    assert_true(result.ok);
    assert_int_equal(result.version, 20);
    assert_int_equal(store_fixture_vote(store, "a"), 20);
    assert_int_equal(store_fixture_vote(store, "b"), 19);
}

/* All or nothing: a trigger of a curious operator refuses one row of many. */
static void a_row_that_is_refused_holds_back_its_batch(void **state)
{
    struct store_fixture *fixture = *state;
    struct store *store = fixture->store;
    struct record records[] = {store_group("a", 1), store_node("a", "h", 1),
                               store_group("b", 1)};
    store_fixture_sql(fixture->dir, "CREATE TRIGGER no BEFORE INSERT ON nodes "
                                    "BEGIN SELECT RAISE(ABORT, 'no'); END");
    store_save(store, records, 3, 1);
    struct store_result result = store_fixture_result(store);
    assert_false(result.ok);
    assert_int_equal(store_fixture_vote(store, "a"), 0);
    assert_int_equal(store_fixture_vote(store, "b"), 0);
    store_fixture_sql(fixture->dir, "DROP TRIGGER no");
    store_retry(store);
    assert_true(store_fixture_result(store).ok);
    assert_int_equal(store_fixture_vote(store, "a"), 1);
    assert_int_equal(store_fixture_vote(store, "b"), 1);
}

/* With the sqlite3 shell, and longer than we wait for it. */
static void an_operator_who_holds_the_database_only_delays(void **state)
{
    struct store_fixture *fixture = *state;
    struct store *store = fixture->store;
    sqlite3 *runtime = NULL;
    const char *path = store_fixture_path(fixture->dir, "sentineld.db");
    assert_int_equal(sqlite3_open(path, &runtime), SQLITE_OK);
    assert_int_equal(sqlite3_exec(runtime, "BEGIN IMMEDIATE", 0, 0, 0),
                     SQLITE_OK);
    save_group(store, "a", 1);
    struct store_result result = store_fixture_result(store);
    assert_false(result.ok);
    assert_non_null(strstr(result.error, "locked"));
    assert_int_equal(sqlite3_exec(runtime, "ROLLBACK", 0, 0, 0), SQLITE_OK);
    assert_int_equal(sqlite3_close(runtime), SQLITE_OK);
    store_retry(store);
    assert_true(store_fixture_result(store).ok);
    assert_int_equal(store_fixture_vote(store, "a"), 1);
}

static void save_now_waits_and_says_why_not(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct error error = {""};
    struct record group = store_group("a", 5);
    store_vfs_fail(1, SQLITE_IOERR_WRITE, false);
    assert_false(store_save_now(store, &group, 1, &error));
    assert_non_null(strstr(error.text, "saving the state"));
    assert_int_equal(store_fixture_vote(store, "a"), 0);
    assert_true(store_save_now(store, NULL, 0, &error));
    assert_int_equal(store_fixture_vote(store, "a"), 5);
    struct store_result result;
    assert_false(store_poll(store, &result)); /* nobody gave a version */
}

static void closing_writes_what_waits(void **state)
{
    static const bool broken_before[] = {false, true};
    struct store_fixture *fixture = *state;
    for (uint64_t i = 0; i < 2; i++) {
        if (broken_before[i]) {
            (void)fail_once(fixture->store, "m", 10 + i);
        } else {
            save_group(fixture->store, "m", 10 + i);
        }
        store_fixture_close(fixture);
        store_fixture_open(fixture);
        assert_int_equal(store_fixture_vote(fixture->store, "m"), 10 + i);
    }
}

static void closing_with_a_broken_disk_ends(void **state)
{
    struct store_fixture *fixture = *state;
    save_group(fixture->store, "m", 1);
    (void)store_fixture_result(fixture->store);
    store_vfs_fail(1, SQLITE_FULL, true);
    save_group(fixture->store, "m", 2);
    store_fixture_close(fixture);
    store_vfs_reset();
    store_fixture_open(fixture);
    assert_int_equal(store_fixture_vote(fixture->store, "m"), 1);
}

static void a_thousand_votes_are_one_transaction(void **state)
{
    struct store *store = ((struct store_fixture *)*state)->store;
    struct record *votes = xcalloc(1000, sizeof(*votes));
    char name[16];
    for (size_t i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof(name), "m%zu", i);
        votes[i] = store_group(name, i + 1);
    }
    store_save(store, votes, 1, 1);
    assert_true(store_fixture_result(store).ok);
    int syncs = store_vfs_sync_count();
    store_save(store, votes, 1000, 2);
    assert_true(store_fixture_result(store).ok);
    assert_int_equal(store_vfs_sync_count(), syncs + 1);
    assert_int_equal(store_fixture_vote(store, "m999"), 1000);
    free(votes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_result_wakes_the_loop_and_is_given_once),
        CASE(what_waits_is_joined),
        CASE(results_come_in_order),
        CASE(a_batch_without_records_is_answered_too),
        CASE(what_failed_goes_with_the_next_save),
        CASE(what_failed_goes_with_a_retry),
        CASE(a_retry_of_nothing_is_silent),
        CASE(a_later_record_wins_over_one_that_failed),
        CASE(a_later_record_wins_over_one_that_is_about_to_fail),
        CASE(a_disk_that_stays_broken_is_reported_each_time),
        CASE(a_row_that_is_refused_holds_back_its_batch),
        CASE(an_operator_who_holds_the_database_only_delays),
        CASE(save_now_waits_and_says_why_not),
        CASE(closing_writes_what_waits),
        CASE(closing_with_a_broken_disk_ends),
        CASE(a_thousand_votes_are_one_transaction),
    };
    store_vfs_install();
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
