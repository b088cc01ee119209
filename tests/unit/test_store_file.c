/* The state directory: what a daemon accepts, what it refuses, and what it
 * tells the operator then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store_fixture.h"

static int fsync_countdown; /* the Nth sync of a directory fails; 0 = none */

int __real_fsync(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fsync(int descriptor)
{
    if (fsync_countdown > 0 && --fsync_countdown == 0) {
        errno = EIO;
        return -1;
    }
    return __real_fsync(descriptor);
}

static int set_up(void **state)
{
    fsync_countdown = 0;
    *state = store_fixture_new();
    return 0;
}

static int tear_down(void **state)
{
    store_fixture_free(*state);
    return 0;
}

/* A database with the value 7 in it, closed. */
static void prepare(struct store_fixture *fixture)
{
    struct record records[SAMPLE_COUNT];
    struct error error = {""};
    store_sample(records, 7);
    store_fixture_open(fixture);
    if (!store_save_now(fixture->store, records, SAMPLE_COUNT, &error)) {
        fail_msg("%s", error.text);
    }
    store_fixture_close(fixture);
}

static void assert_refused(const char *dir, const char *expected)
{
    struct error error = {""};
    assert_null(store_open(dir, &error));
    if (strstr(error.text, expected) == NULL) {
        fail_msg("'%s' is not in '%s'", expected, error.text);
    }
}

static bool exists(const char *dir, const char *name)
{
    return access(store_fixture_path(dir, name), F_OK) == 0;
}

static void write_file(const char *dir, const char *name, const char *text)
{
    FILE *file = fopen(store_fixture_path(dir, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_new_directory_gets_an_empty_database(void **state)
{
    struct store_fixture *fixture = *state;
    assert_int_equal(store_fixture_value(fixture->dir), 0);
    assert_true(exists(fixture->dir, "sentineld.db"));
    assert_false(exists(fixture->dir, "sentineld.db.new"));
    prepare(fixture);
    assert_int_equal(store_fixture_value(fixture->dir), 7);
}

static void assert_private(const char *dir, const char *name)
{
    struct stat status;
    assert_int_equal(stat(store_fixture_path(dir, name), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void all_files_are_private(void **state)
{
    static const char *const names[] = {"sentineld.db", "sentineld.db-wal",
                                        "sentineld.db-shm", "sentineld.lock"};
    struct store_fixture *fixture = *state;
    struct record group = store_group("m", 1);
    struct error error;
    mode_t mask = umask(0);
    store_fixture_open(fixture);
    assert_true(store_save_now(fixture->store, &group, 1, &error));
    (void)umask(mask);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        print_message("  %s\n", names[i]);
        assert_private(fixture->dir, names[i]);
    }
    store_fixture_close(fixture);
    const char *path = store_fixture_path(fixture->dir, "sentineld.db");
    assert_int_equal(chmod(path, 0644), 0);
    store_fixture_open(fixture);
    assert_private(fixture->dir, "sentineld.db");
}

static void a_directory_that_is_none_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    write_file(fixture->dir, "file", "x");
    assert_refused("/nonexistent/state", "'/nonexistent/state': No such file");
    assert_refused("", "No such file");
    assert_refused(store_fixture_path(fixture->dir, "file"), "Not a directory");
    char long_path[1200];
    memset(long_path, 'd', sizeof(long_path));
    long_path[sizeof(long_path) - 1] = '\0';
    assert_refused(long_path, "longer than");
}

/* As another user, because root may write everywhere. The child's exit code
 * says which expectation failed. */
static void a_directory_that_is_not_writable_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    assert_int_equal(chmod(fixture->dir, 0555), 0);
    pid_t child = fork();
    if (child == 0) {
        struct error error = {""};
        if (geteuid() == 0 && setuid(65534) != 0) {
            _exit(3);
        }
        struct store *store = store_open(fixture->dir, &error);
        bool is_said = strstr(error.text, "cannot use state directory") &&
                       strstr(error.text, "Permission denied");
        _exit(store != NULL ? 1 : is_said ? 0 : 2);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(fixture->dir, 0700), 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_second_daemon_is_refused_at_once(void **state)
{
    struct store_fixture *fixture = *state;
    char expected[64];
    store_fixture_open(fixture);
    (void)snprintf(expected, sizeof(expected),
                   "in use by another daemon, process %ld", (long)getpid());
    assert_refused(fixture->dir, expected);
    store_fixture_close(fixture);
    store_fixture_open(fixture); /* and free again */
}

/* The lock is the kernel's: it dies with its holder, whatever the file says. */
static void a_lock_file_that_is_left_over_does_not_matter(void **state)
{
    struct store_fixture *fixture = *state;
    prepare(fixture);
    write_file(fixture->dir, "sentineld.lock", "1\n");
    assert_int_equal(store_fixture_value(fixture->dir), 7);
}

static void the_sqlite3_shell_may_look_in_meanwhile(void **state)
{
    struct store_fixture *fixture = *state;
    struct record group = store_group("m", 1);
    struct error error;
    store_fixture_open(fixture);
    assert_true(store_save_now(fixture->store, &group, 1, &error));
    store_fixture_sql(fixture->dir, "SELECT name, vote_epoch FROM groups");
    assert_true(store_save_now(fixture->store, &group, 1, &error));
}

static void cut_file(const char *dir, const char *name, off_t size)
{
    assert_int_equal(truncate(store_fixture_path(dir, name), size), 0);
}

static void overwrite(const char *dir, const char *name, off_t offset,
                      size_t length)
{
    int descriptor = open(store_fixture_path(dir, name), O_WRONLY);
    assert_true(descriptor >= 0);
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(pwrite(descriptor, "\xa5", 1, offset + (off_t)i), 1);
    }
    assert_int_equal(close(descriptor), 0);
}

static void a_damaged_database_is_refused_with_a_way_out(void **state)
{
    static const struct {
        const char *name;
        const char *expected;
        off_t cut; /* -1: keep the size */
        off_t offset;
        size_t length;
    } rows[] = {
        {"empty", "not a database of sentineld", 0, 0, 0},
        {"cut in its header", "damaged", 50, 0, 0},
        {"cut after its first page", "damaged", 4096, 0, 0},
        {"another header", "damaged", -1, 0, 16},
        {"a page overwritten", "damaged", -1, 8192, 300},
        {"the schema overwritten", "damaged", -1, 100, 3900},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        struct store_fixture *fixture = *state;
        prepare(fixture);
        if (rows[i].cut >= 0) {
            cut_file(fixture->dir, "sentineld.db", rows[i].cut);
        }
        overwrite(fixture->dir, "sentineld.db", rows[i].offset, rows[i].length);
        assert_refused(fixture->dir, rows[i].expected);
        assert_refused(fixture->dir, "Restore it from a backup; or move it");
    }
}

static void a_foreign_database_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    store_fixture_sql(fixture->dir, "CREATE TABLE groups (name TEXT)");
    assert_refused(fixture->dir, "not a database of sentineld");
}

static void another_schema_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    prepare(fixture);
    store_fixture_sql(fixture->dir, "PRAGMA user_version = 2");
    assert_refused(fixture->dir, "schema version 2, this sentineld reads "
                                 "version 1.");
    store_fixture_sql(fixture->dir, "PRAGMA user_version = 0");
    assert_refused(fixture->dir, "schema version 0");
    store_fixture_sql(fixture->dir,
                      "PRAGMA user_version = 1; DROP TABLE peers");
    assert_refused(fixture->dir, "no such table: peers");
}

/* Its frames would be mixed into a database that is made now. */
static void a_wal_without_its_database_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    write_file(fixture->dir, "sentineld.db-wal", "frames");
    assert_refused(fixture->dir, "is missing but its -wal file is there");
    assert_false(exists(fixture->dir, "sentineld.db"));
}

static void what_a_crash_left_of_a_new_database_is_cleared(void **state)
{
    struct store_fixture *fixture = *state;
    write_file(fixture->dir, "sentineld.db.new", "half");
    write_file(fixture->dir, "sentineld.db.new-journal", "a database");
    prepare(fixture);
    assert_int_equal(store_fixture_value(fixture->dir), 7);
    assert_false(exists(fixture->dir, "sentineld.db.new"));
    assert_false(exists(fixture->dir, "sentineld.db.new-journal"));
}

static void a_directory_that_cannot_be_synced_is_refused(void **state)
{
    struct store_fixture *fixture = *state;
    fsync_countdown = 1; /* of a new database */
    assert_refused(fixture->dir, "cannot sync state directory");
    fsync_countdown = 1; /* of one that is there */
    assert_refused(fixture->dir, "Input/output error");
    fsync_countdown = 0;
    assert_int_equal(store_fixture_value(fixture->dir), 0);
}

/* What is written to files that nobody will find again is not saved. */
static const struct gone_row {
    const char *name;
    const char *command; /* of the runtime, in the state directory */
    bool comes_back;     /* by: */
    const char *undo;
} gone_rows[] = {
    {"the database deleted", "rm sentineld.db", false, ""},
    {"the -wal file deleted", "rm sentineld.db-wal", false, ""},
    {"all deleted", "rm -f *", false, ""},
    {"replaced by a copy", "cp sentineld.db x; mv x sentineld.db", false, ""},
    {"moved away and back", "mv sentineld.db x", true, "mv x sentineld.db"},
};

static void run_in(const char *dir, const char *command)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(dir) == 0) {
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        }
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void files_that_are_gone_are_noticed(void **state)
{
    for (size_t i = 0; i < sizeof(gone_rows) / sizeof(gone_rows[0]); i++) {
        const struct gone_row *row = &gone_rows[i];
        struct record records[SAMPLE_COUNT];
        struct error error = {""};
        print_message("  %s\n", row->name);
        assert_int_equal(tear_down(state) + set_up(state), 0);
        struct store_fixture *fixture = *state;
        store_fixture_open(fixture);
        store_sample(records, 1);
        assert_true(
            store_save_now(fixture->store, records, SAMPLE_COUNT, &error));
        run_in(fixture->dir, row->command);
        store_sample(records, 2);
        assert_false(
            store_save_now(fixture->store, records, SAMPLE_COUNT, &error));
        assert_non_null(strstr(error.text, "deleted or replaced"));
        run_in(fixture->dir, row->undo);
        assert_int_equal(
            store_save_now(fixture->store, records, SAMPLE_COUNT, &error),
            row->comes_back);
        store_fixture_close(fixture);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(files_that_are_gone_are_noticed),
        CASE(a_new_directory_gets_an_empty_database),
        CASE(all_files_are_private),
        CASE(a_directory_that_is_none_is_refused),
        CASE(a_directory_that_is_not_writable_is_refused),
        CASE(a_second_daemon_is_refused_at_once),
        CASE(a_lock_file_that_is_left_over_does_not_matter),
        CASE(the_sqlite3_shell_may_look_in_meanwhile),
        CASE(a_damaged_database_is_refused_with_a_way_out),
        CASE(a_foreign_database_is_refused),
        CASE(another_schema_is_refused),
        CASE(a_wal_without_its_database_is_refused),
        CASE(what_a_crash_left_of_a_new_database_is_cleared),
        CASE(a_directory_that_cannot_be_synced_is_refused),
    };
    return cmocka_run_group_tests_name("store_file", tests, NULL, NULL);
}
