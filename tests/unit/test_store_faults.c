/* What is left on the disk when it fails, when the process is killed, and
 * when the power goes: always one whole state, and never less than what was
 * reported durable. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sentineld/memory.h"
#include "store_fixture.h"
#include "store_vfs.h"

static int set_up(void **state)
{
    store_vfs_reset();
    *state = store_fixture_new();
    return 0;
}

static int tear_down(void **state)
{
    store_vfs_reset();
    store_fixture_free(*state);
    return 0;
}

static bool save_value(struct store *store, uint64_t value, struct error *error)
{
    struct record records[SAMPLE_COUNT];
    store_sample(records, value);
    return store_save_now(store, records, SAMPLE_COUNT, error);
}

static void must_save_value(struct store *store, uint64_t value)
{
    struct error error = {""};
    if (!save_value(store, value, &error)) {
        fail_msg("%s", error.text);
    }
}

struct fault {
    const char *name;
    int code;
    bool sticky;
};

static const struct fault faults[] = {
    {"one write or sync fails", SQLITE_IOERR_WRITE, false},
    {"all fail from then on", SQLITE_IOERR_FSYNC, true},
    {"the disk is full for a moment", SQLITE_FULL, false},
    {"the disk stays full", SQLITE_FULL, true},
};

enum { FAULT_COUNT = sizeof(faults) / sizeof(faults[0]) };

/* The Nth call of a save fails. True when none did, because there are not so
 * many. */
static bool save_with_fault(void **state, const struct fault *fault, int nth)
{
    struct store_fixture *fixture = *state;
    struct error error = {""};
    store_fixture_open(fixture);
    must_save_value(fixture->store, 1);
    store_vfs_fail(nth, fault->code, fault->sticky);
    bool ok = save_value(fixture->store, 2, &error);
    bool has_failed = store_vfs_has_failed();
    assert_true(ok || error.text[0] != '\0');
    assert_true(ok || has_failed);

    /* the process dies here */
    store_vfs_reset();
    char *copy = store_fixture_copy(fixture, "crashed");
    uint64_t value = store_fixture_value(copy);
    free(copy);
    assert_true(value == 2 || (!ok && value == 1));

    /* or lives on, and the disk works again */
    must_save_value(fixture->store, 3);
    store_fixture_close(fixture);
    assert_int_equal(store_fixture_value(fixture->dir), 3);
    return !has_failed;
}

static void whichever_call_of_a_save_fails_a_whole_state_is_left(void **state)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        bool is_over = false;
        int nth = 0;
        while (!is_over) {
            nth++;
            assert_int_equal(tear_down(state) + set_up(state), 0);
            is_over = save_with_fault(state, &faults[i], nth);
        }
        print_message("  %s: %d calls\n", faults[i].name, nth - 1);
        assert_true(nth > 3);
    }
}

/* The same for closing, which moves the WAL into the database. */
static bool close_with_fault(void **state, const struct fault *fault, int nth)
{
    struct store_fixture *fixture = *state;
    store_fixture_open(fixture);
    must_save_value(fixture->store, 1);
    store_vfs_fail(nth, fault->code, fault->sticky);
    store_fixture_close(fixture);
    bool has_failed = store_vfs_has_failed();
    store_vfs_reset();
    assert_int_equal(store_fixture_value(fixture->dir), 1);
    return !has_failed;
}

static void whichever_call_of_a_close_fails_nothing_is_lost(void **state)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        bool is_over = false;
        int nth = 0;
        while (!is_over) {
            nth++;
            assert_int_equal(tear_down(state) + set_up(state), 0);
            is_over = close_with_fault(state, &faults[i], nth);
        }
        print_message("  %s: %d calls\n", faults[i].name, nth - 1);
        assert_true(nth > 2);
    }
}

/* And for opening: of a new directory, and of one with a state. */
static bool open_with_fault(void **state, const struct fault *fault, int nth,
                            bool is_new)
{
    struct store_fixture *fixture = *state;
    struct error error = {""};
    uint64_t expected = 0;
    if (!is_new) {
        store_fixture_open(fixture);
        must_save_value(fixture->store, 1);
        char *copy = store_fixture_copy(fixture, "crashed");
        copy_text(fixture->dir + strlen(fixture->dir),
                  sizeof(fixture->dir) - strlen(fixture->dir), "/crashed");
        free(copy);
        expected = 1;
    }
    store_vfs_fail(nth, fault->code, fault->sticky);
    struct store *store = store_open(fixture->dir, &error);
    bool has_failed = store_vfs_has_failed();
    assert_true(store != NULL || (has_failed && error.text[0] != '\0'));
    store_vfs_reset();
    store_close(store);
    assert_int_equal(store_fixture_value(fixture->dir), expected);
    char *end = strstr(fixture->dir, "/crashed");
    if (end != NULL) {
        *end = '\0';
    }
    return !has_failed;
}

static void whichever_call_of_an_open_fails_it_can_be_repeated(void **state)
{
    for (size_t i = 0; i < (size_t)2 * FAULT_COUNT; i++) {
        bool is_new = i % 2 == 0;
        bool is_over = false;
        int nth = 0;
        while (!is_over) {
            nth++;
            assert_int_equal(tear_down(state) + set_up(state), 0);
            is_over = open_with_fault(state, &faults[i / 2], nth, is_new);
        }
        print_message("  %s, %s: %d calls\n", faults[i / 2].name,
                      is_new ? "new" : "with a state", nth - 1);
        assert_true(nth > 3 || !is_new); /* else it only reads */
    }
}

/* What was synced is all that a power failure leaves. */
static void what_was_reported_survives_a_power_failure(void **state)
{
    struct store_fixture *fixture = *state;
    char shadow[512];
    store_fixture_open(fixture);
    must_save_value(fixture->store, 1);
    store_fixture_close(fixture);
    free(store_fixture_copy(fixture, "shadow"));
    copy_text(shadow, sizeof(shadow),
              store_fixture_path(fixture->dir, "shadow"));
    store_vfs_shadow(shadow);
    store_fixture_open(fixture);
    for (uint64_t value = 2; value < 40; value++) {
        must_save_value(fixture->store, value);
        store_vfs_shadow(NULL);
        assert_int_equal(store_fixture_value(shadow), value);
        store_vfs_shadow(shadow);
    }
}

/* In the child: saves 1, 2, 3 ... and writes each number that was reported
 * durable to the pipe, until it is killed. */
static void save_until_killed(const char *dir, uint64_t value, int report)
{
    struct error error = {""};
    struct store *store = store_open(dir, &error);
    for (;;) {
        struct record records[SAMPLE_COUNT];
        store_sample(records, ++value);
        store_save(store, records, SAMPLE_COUNT, value);
        struct store_result result = store_fixture_result(store);
        if (!result.ok || write(report, &result.version, 8) != 8) {
            _exit(1);
        }
    }
}

/* Returns the last number that came through the pipe. */
static uint64_t run_and_kill(const char *dir, uint64_t value, long after_us)
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        save_until_killed(dir, value, pipe_ends[1]);
    }
    assert_int_equal(close(pipe_ends[1]), 0);
    struct timespec pause = {.tv_nsec = after_us * 1000};
    (void)nanosleep(&pause, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    uint64_t last = value;
    while (read(pipe_ends[0], &last, 8) == 8) {
    }
    assert_int_equal(close(pipe_ends[0]), 0);
    return last;
}

static void what_was_reported_survives_a_kill(void **state)
{
    struct store_fixture *fixture = *state;
    unsigned seed = (unsigned)time(NULL);
    uint64_t value = 0;
    print_message("  seed %u\n", seed);
    for (int i = 0; i < 25; i++) {
        seed = seed * 1103515245U + 12345U;
        long after_us = (long)(seed >> 8) % 60000;
        uint64_t reported = run_and_kill(fixture->dir, value, after_us);
        value = store_fixture_value(fixture->dir);
        assert_true(value == reported || value == reported + 1);
    }
    print_message("  %d saves\n", (int)value);
    assert_true(value > 0);
}

/* In the child: the kernel refuses to let files grow, then allows it again.
 * The exit code says which step went wrong. */
static int save_with_full_disk(const char *dir)
{
    enum { COUNT = 3000 };
    struct error error = {""};
    struct rlimit limit;
    struct record *nodes = xcalloc(COUNT, sizeof(*nodes));
    for (int i = 0; i < COUNT; i++) {
        nodes[i] = store_node("m", "10.0.0.1", (uint16_t)(i + 1));
    }
    struct store *store = store_open(dir, &error);
    if (store == NULL || !save_value(store, 1, &error) ||
        getrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 1;
    }
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 128 * 1024;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 2;
    }
    store_save(store, nodes, COUNT, 5);
    struct store_result result = store_fixture_result(store);
    if (result.ok || result.version != 5 || result.error[0] == '\0') {
        return 3;
    }
    limit.rlim_cur = before;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 4;
    }
    store_retry(store);
    result = store_fixture_result(store);
    store_close(store);
    free(nodes);
    return result.ok && result.version == 5 ? 0 : 5;
}

/* SIGXFSZ has its default here, which would end the process. */
static void a_full_disk_is_an_error_and_then_over(void **state)
{
    struct store_fixture *fixture = *state;
    pid_t child = fork();
    if (child == 0) {
        _exit(save_with_full_disk(fixture->dir));
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFSIGNALED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct record *records = NULL;
    struct error error = {""};
    size_t count = 0;
    store_fixture_open(fixture);
    assert_true(store_load(fixture->store, &records, &count, &error));
    assert_int_equal(count, SAMPLE_COUNT + 3000);
    free(records);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(whichever_call_of_a_save_fails_a_whole_state_is_left),
        CASE(whichever_call_of_a_close_fails_nothing_is_lost),
        CASE(whichever_call_of_an_open_fails_it_can_be_repeated),
        CASE(what_was_reported_survives_a_power_failure),
        CASE(what_was_reported_survives_a_kill),
        CASE(a_full_disk_is_an_error_and_then_over),
    };
    store_vfs_install();
    return cmocka_run_group_tests_name("store_faults", tests, NULL, NULL);
}
