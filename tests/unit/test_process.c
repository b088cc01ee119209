/* Background, process id, user: with real children of the test. */
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

#include "io/base/process.h"

/* Goes to the background as the daemon does; what the child finds is its
 * exit status, which nobody sees, so it writes a word into the pipe. */
static char background(bool is_ready, int *status)
{
    struct process_start start;
    struct error error;
    int ends[2];
    char word = '-';
    pid_t before = getpid();
    assert_int_equal(pipe(ends), 0);
    assert_true(process_to_background(&start, &error));
    if (!start.is_parent) {
        struct stat found = {0};
        if (is_ready) {
            process_is_ready(&start);
        }
        bool well = getpid() != before && getsid(0) == getpid() &&
                    fstat(STDERR_FILENO, &found) == 0 &&
                    (S_ISCHR(found.st_mode) || !is_ready);
        ssize_t written = write(ends[1], well ? "w" : "x", 1);
        _exit(written == 1 ? 0 : 1);
    }
    *status = start.status;
    assert_int_equal(read(ends[0], &word, 1), 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(wait(NULL) > 0);
    return word;
}

static void the_parent_knows_how_it_went(void **state)
{
    (void)state;
    int status = -1;
    assert_int_equal(background(true, &status), 'w');
    assert_int_equal(status, EXIT_SUCCESS);
    assert_int_equal(background(false, &status), 'w');
    assert_int_equal(status, EXIT_FAILURE);
}

static void the_process_id_is_kept_in_a_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/test_process.XXXXXX";
    char path[64];
    char expected[32];
    char text[32] = "";
    struct error error = {""};
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/pid", dir);
    (void)snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
    assert_true(process_write_pidfile(path, &error));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    (void)fclose(file);
    assert_string_equal(text, expected);
    process_remove_pidfile(path);
    assert_int_not_equal(access(path, F_OK), 0);
    process_remove_pidfile(path); /* not there: no trouble */

    file = fopen(path, "w"); /* another one's */
    assert_non_null(file);
    (void)fputs("1\n", file);
    (void)fclose(file);
    process_remove_pidfile(path);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(symlink("/dev/null", path), 0);
    assert_false(process_write_pidfile(path, &error)); /* not through a link */
    assert_non_null(strstr(error.text, path));
    (void)unlink(path);
    (void)rmdir(dir);
    assert_false(process_write_pidfile(path, &error));
    assert_non_null(strstr(error.text, "No such file or directory"));
}

static void an_unknown_user_is_refused(void **state)
{
    (void)state;
    struct error error = {""};
    assert_false(process_become("no-such-user-here", &error));
    assert_string_equal(error.text, "there is no user no-such-user-here: "
                                    "No such file or directory");
}

/* In a child, since there is no way back. */
static int status_after_becoming(const char *first, const char *then)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct error error;
        if (!process_become(first, &error)) {
            _exit(2);
        }
        _exit(process_become(then, &error) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void root_becomes_somebody_for_good(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip(); /* only root can try */
    }
    assert_int_equal(status_after_becoming("nobody", "nobody"), 0);
    assert_int_equal(status_after_becoming("nobody", "root"), 1);
    assert_int_equal(status_after_becoming("root", "root"), 0);
}

static void what_was_inherited_closes(void **state)
{
    (void)state;
    int inherited = dup(STDERR_FILENO);
    assert_true(inherited > STDERR_FILENO);
    assert_int_equal(fcntl(inherited, F_GETFD), 0);
    process_close_on_exec();
    assert_int_equal(fcntl(inherited, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFD) & FD_CLOEXEC, 0);
    (void)close(inherited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parent_knows_how_it_went),
        cmocka_unit_test(the_process_id_is_kept_in_a_file),
        cmocka_unit_test(an_unknown_user_is_refused),
        cmocka_unit_test(root_becomes_somebody_for_good),
        cmocka_unit_test(what_was_inherited_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
