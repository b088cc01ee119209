/* What clients are told of scripts: PENDING-SCRIPTS and INFO. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/jobs.h"

/* They are never changed, but execve() and so the table want it so. */
static char path[] = "/opt/x/rc.sh";
static char group[] = "m";
static char role[] = "observer";
static char event[] = "+sdown";
static char text[] = "master m 10.0.0.1 6379";

struct table {
    struct jobs jobs;
    struct job waiting;
    struct job running;
};

static void fill(struct table *table)
{
    *table = (struct table){
        .waiting = {.words = {path, group, role},
                    .word_count = 3,
                    .start_at = FIXTURE_NOW + 5170,
                    .starts = 1},
        .running = {.words = {path, event, text},
                    .word_count = 3,
                    .process_id = 4711,
                    .started_at = FIXTURE_NOW - 250,
                    .start_at = 3,
                    .starts = 2},
        .jobs = {.count = 2, .running = 1},
    };
    TAILQ_INIT(&table->jobs.list);
    TAILQ_INSERT_TAIL(&table->jobs.list, &table->waiting, entry);
    TAILQ_INSERT_TAIL(&table->jobs.list, &table->running, entry);
}

#define WORDS_1 "*3\r\n$12\r\n/opt/x/rc.sh\r\n$1\r\nm\r\n$8\r\nobserver\r\n"
#define WORDS_2                                     \
    "*3\r\n$12\r\n/opt/x/rc.sh\r\n$6\r\n+sdown\r\n" \
    "$22\r\nmaster m 10.0.0.1 6379\r\n"
#define ROWS(map)                                                            \
    "*2\r\n" map "$4\r\nargv\r\n" WORDS_1                                    \
    "$5\r\nflags\r\n$9\r\nscheduled\r\n$3\r\npid\r\n$1\r\n0\r\n"             \
    "$9\r\nrun-delay\r\n$4\r\n5170\r\n$9\r\nretry-num\r\n$1\r\n1\r\n" map    \
    "$4\r\nargv\r\n" WORDS_2 "$5\r\nflags\r\n$7\r\nrunning\r\n$3\r\npid\r\n" \
    "$4\r\n4711\r\n$8\r\nrun-time\r\n$3\r\n250\r\n"                          \
    "$9\r\nretry-num\r\n$1\r\n2\r\n"

static void test_pending_scripts(void **state)
{
    struct command_fixture *fixture = *state;
    struct table table;
    assert_string_equal(ask(fixture, "sentinel pending-scripts"), "*0\r\n");
    fill(&table);
    fixture->context.jobs = &table.jobs;
    assert_string_equal(ask(fixture, "sentinel Pending-Scripts"),
                        ROWS("*10\r\n"));
    fixture->writer.protocol = 3;
    assert_string_equal(ask(fixture, "sentinel pending-scripts"),
                        ROWS("%5\r\n"));
}

/* A clock that was read before the job began, or a delay that is over. */
static void test_times_are_never_negative(void **state)
{
    struct command_fixture *fixture = *state;
    struct table table;
    fill(&table);
    table.waiting.start_at = FIXTURE_NOW - 1;
    table.running.started_at = FIXTURE_NOW + 1;
    fixture->context.jobs = &table.jobs;
    const char *reply = ask(fixture, "sentinel pending-scripts");
    assert_non_null(strstr(reply, "run-delay\r\n$1\r\n0\r\n"));
    assert_non_null(strstr(reply, "run-time\r\n$1\r\n0\r\n"));
}

static void test_arity(void **state)
{
    struct command_fixture *fixture = *state;
    assert_string_equal(ask(fixture, "sentinel pending-scripts x"),
                        "-ERR wrong number of arguments for "
                        "'sentinel|pending-scripts' command\r\n");
}

static void test_info(void **state)
{
    struct command_fixture *fixture = *state;
    struct table table;
    fill(&table);
    table.jobs.running = 7; /* as if there were more */
    fixture->context.jobs = &table.jobs;
    const char *reply = ask(fixture, "info sentinel");
    assert_non_null(strstr(reply, "\r\nsentinel_running_scripts:7\r\n"
                                  "sentinel_scripts_queue_length:2\r\n"));
}

int main(void)
{
#define CASE(name)                                               \
    cmocka_unit_test_setup_teardown(name, command_fixture_setup, \
                                    command_fixture_teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_pending_scripts),
        CASE(test_times_are_never_negative),
        CASE(test_arity),
        CASE(test_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
