/* Scripts: real processes, small ones; the limits of time are turned down
 * where a test would have to wait for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/base/log.h"
#include "io/runtime/runtime.h"
#include "io/runtime/script.h"
#include "sentineld/memory.h"

enum { PATIENCE_MS = 10000, SAID_SIZE = 8192, OUT_SIZE = 16384 };

struct fixture {
    char dir[64];
    struct ev_loop *loop;
    struct script_runner *runner;
    char said[SAID_SIZE]; /* each event a line; not the debug ones */
    char out[OUT_SIZE];   /* what the last script wrote to "out" */
    char path[128];       /* of the last file_path */
};

static void on_say(void *context, enum log_level level, const char *channel,
                   const char *text)
{
    struct fixture *f = context;
    size_t used = strlen(f->said);
    if (level != LEVEL_DEBUG) {
        (void)snprintf(f->said + used, SAID_SIZE - used, "%s %s\n", channel,
                       text);
    }
}

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/test_script.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    struct error error;
    assert_true(log_open("/dev/null", LEVEL_DEBUG, &error));
    f->loop = ev_default_loop(EVFLAG_AUTO);
    assert_non_null(f->loop);
    f->runner = script_runner_new(
        f->loop, &(struct script_owner){.say = on_say, .context = f});
    *state = f;
    return 0;
}

static const char *file_path(struct fixture *f, const char *name)
{
    (void)snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
    return f->path;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    const struct job *job;
    TAILQ_FOREACH (job, &script_jobs(f->runner)->list, entry) {
        if (job->process_id != 0) {
            (void)kill(-(pid_t)job->process_id, SIGKILL);
        }
    }
    script_runner_free(f->runner);
    ev_loop_destroy(f->loop);
    log_close();
    (void)unlink(file_path(f, "script"));
    (void)unlink(file_path(f, "out"));
    assert_int_equal(rmdir(f->dir), 0);
    free(f);
    return 0;
}

/* Writes DIR/script; it begins in DIR. */
static void write_script(struct fixture *f, const char *body)
{
    FILE *file = fopen(file_path(f, "script"), "w");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\ncd %s || exit 9\n%s\n", f->dir, body);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(file_path(f, "script"), 0700), 0);
}

static const char *read_out(struct fixture *f)
{
    FILE *file = fopen(file_path(f, "out"), "r");
    f->out[0] = '\0';
    if (file != NULL) {
        f->out[fread(f->out, 1, OUT_SIZE - 1, file)] = '\0';
        (void)fclose(file);
    }
    return f->out;
}

static void notify_path(struct fixture *f, const char *path, const char *text)
{
    struct core_script script = {.kind = SCRIPT_NOTIFICATION};
    copy_text(script.path, sizeof(script.path), path);
    copy_text(script.group, NAME_SIZE, "m");
    copy_text(script.event.channel, CHANNEL_SIZE, "+sdown");
    copy_text(script.event.text, EVENT_TEXT_SIZE, text);
    script_run(f->runner, &script);
}

static void notify(struct fixture *f, const char *text)
{
    char path[128];
    copy_text(path, sizeof(path), file_path(f, "script"));
    notify_path(f, path, text);
}

static void reconfigure(struct fixture *f, const char *group, const char *to)
{
    struct core_script script = {.kind = SCRIPT_CLIENT_RECONFIG};
    copy_text(script.path, sizeof(script.path), file_path(f, "script"));
    copy_text(script.group, NAME_SIZE, group);
    copy_text(script.reconfig.from.host, HOST_SIZE, "10.0.0.1");
    script.reconfig.from.port = 6379;
    copy_text(script.reconfig.to.host, HOST_SIZE, to);
    script.reconfig.to.port = 6380;
    script_run(f->runner, &script);
}

static const struct jobs *jobs(const struct fixture *f)
{
    return script_jobs(f->runner);
}

static const struct job *first(const struct fixture *f)
{
    return TAILQ_FIRST(&jobs(f)->list);
}

static void on_tick(struct ev_loop *loop, struct ev_timer *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
}

/* Turns the loop until this is true; fails when it takes too long. */
#define WAIT_UNTIL(f, condition)                       \
    do {                                               \
        msec give_up_at = runtime_now() + PATIENCE_MS; \
        struct ev_timer tick;                          \
        ev_timer_init(&tick, on_tick, 0.01, 0.01);     \
        ev_timer_start((f)->loop, &tick);              \
        while (!(condition)) {                         \
            if (runtime_now() >= give_up_at) {         \
                fail_msg("never: %s", #condition);     \
            }                                          \
            (void)ev_run((f)->loop, EVRUN_ONCE);       \
        }                                              \
        ev_timer_stop((f)->loop, &tick);               \
    } while (false)

static void arguments_are_words(void **state)
{
    struct fixture *f = *state;
    write_script(f, "for word; do echo \"[$word]\"; done > out");
    notify(f, "master m 10.0.0.1 6379 $(id) 'x' \"; rm *");
    assert_int_equal(jobs(f)->count, 1);
    assert_int_equal(jobs(f)->running, 0); /* the loop does it */
    WAIT_UNTIL(f, jobs(f)->count == 0);
    assert_string_equal(read_out(f), "[+sdown]\n[master m 10.0.0.1 6379 $(id) "
                                     "'x' \"; rm *]\n");
    reconfigure(f, "m", "10.0.0.2");
    WAIT_UNTIL(f, jobs(f)->count == 0);
    assert_string_equal(read_out(f), "[m]\n[observer]\n[start]\n[10.0.0.1]\n"
                                     "[6379]\n[10.0.0.2]\n[6380]\n");
    assert_string_equal(f->said, "");
}

/* Nothing of the daemon's but the environment and the outputs. */
static void a_process_begins_clean(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(setenv("SCRIPT_TEST", "kept", 1), 0);
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    write_script(f, "{ echo $SCRIPT_TEST; read -r line; echo \"$?$line\"\n"
                    "for kind in SigBlk SigIgn; do\n"
                    "  set -- $(grep $kind /proc/self/status)\n"
                    "  echo $((0x$2 & 0x7fffffff)); done; } > out");
    notify(f, "x");
    WAIT_UNTIL(f, jobs(f)->count == 0);
    (void)signal(SIGPIPE, before);
    assert_string_equal(read_out(f), "kept\n1\n0\n0\n");
}

static void how_it_ends(void **state)
{
    static const struct {
        const char *body;
        const char *said; /* behind the path; NULL = nothing */
        uint32_t starts;  /* it waits for another; 0 = it is gone */
    } rows[] = {
        {"exit 0", NULL, 0},  {"exit 1", NULL, 1},    {"kill -9 $$", NULL, 1},
        {"exit 2", "0 2", 0}, {"exit 77", "0 77", 0},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char expected[160] = "";
        write_script(f, rows[i].body);
        if (rows[i].said != NULL) {
            (void)snprintf(expected, sizeof(expected), "-script-error %s %s\n",
                           file_path(f, "script"), rows[i].said);
        }
        f->said[0] = '\0';
        notify(f, "x");
        WAIT_UNTIL(f, jobs(f)->running == 1);
        WAIT_UNTIL(f, jobs(f)->running == 0);
        assert_string_equal(f->said, expected);
        assert_int_equal(jobs(f)->count, rows[i].starts > 0 ? 1 : 0);
        if (rows[i].starts > 0) {
            assert_int_equal(first(f)->starts, rows[i].starts);
            assert_true(first(f)->start_at > runtime_now());
            script_set_limits(f->runner, &(struct script_limits){60000, 30000});
            script_runner_free(f->runner);
            f->runner = script_runner_new(
                f->loop, &(struct script_owner){.say = on_say, .context = f});
        }
    }
}

static void what_is_no_program(void **state)
{
    struct fixture *f = *state;
    static const char *const paths[] = {"/no/such/script", "/etc/passwd", "/"};
    /* There the child cannot tell us that it could not begin, and ends. */
    const char *status = getenv("UNDER_VALGRIND") == NULL ? "2" : "127";
    for (size_t i = 0; i < 3; i++) {
        char expected[64];
        (void)snprintf(expected, sizeof(expected), "-script-error %s 0 %s\n",
                       paths[i], status);
        f->said[0] = '\0';
        notify_path(f, paths[i], "x");
        WAIT_UNTIL(f, jobs(f)->count == 0);
        assert_string_equal(f->said, expected);
    }
}

static void ten_starts_and_no_more(void **state)
{
    struct fixture *f = *state;
    char expected[160];
    script_set_limits(f->runner, &(struct script_limits){60000, 0});
    write_script(f, "echo again >> out; exit 1");
    (void)snprintf(expected, sizeof(expected), "-script-error %s 0 1\n",
                   file_path(f, "script"));
    notify(f, "x");
    WAIT_UNTIL(f, jobs(f)->count == 0);
    assert_int_equal(strlen(read_out(f)), 10 * strlen("again\n"));
    assert_string_equal(f->said, expected);
}

static void the_delay_doubles(void **state)
{
    struct fixture *f = *state;
    script_set_limits(f->runner, &(struct script_limits){60000, 0});
    write_script(f, "exec sleep 100");
    notify(f, "x");
    for (uint32_t starts = 1; starts <= 4; starts++) {
        WAIT_UNTIL(f, jobs(f)->running == 1);
        assert_int_equal(first(f)->starts, starts);
        msec delay = starts == 4 ? 30000 : 0;
        script_set_limits(f->runner, &(struct script_limits){60000, delay});
        msec before = runtime_now();
        (void)kill((pid_t)first(f)->process_id, SIGTERM);
        WAIT_UNTIL(f, jobs(f)->running == 0 || first(f)->starts > starts);
        if (starts == 4) {
            assert_true(first(f)->start_at >= before + 8 * delay);
            assert_true(first(f)->start_at <= runtime_now() + 8 * delay);
        }
    }
}

static void sixteen_at_a_time(void **state)
{
    struct fixture *f = *state;
    write_script(f, "echo $2 >> out; exec sleep 100");
    for (int i = 0; i < 18; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        notify(f, text);
    }
    WAIT_UNTIL(f, jobs(f)->running == 16);
    for (int i = 0; i < 20; i++) {
        (void)ev_run(f->loop, EVRUN_NOWAIT);
    }
    assert_int_equal(jobs(f)->running, 16);
    assert_int_equal(jobs(f)->count, 18);
    const struct job *last = TAILQ_LAST(&jobs(f)->list, job_list);
    assert_string_equal(last->words[2], "17");
    assert_int_equal(last->process_id, 0);
    (void)kill((pid_t)first(f)->process_id, SIGKILL);
    WAIT_UNTIL(f, jobs(f)->running == 16 && first(f)->process_id == 0);
    assert_int_equal(last->process_id, 0); /* the older one came first */
}

static void the_oldest_makes_room(void **state)
{
    struct fixture *f = *state;
    write_script(f, "exit 0");
    for (int i = 0; i < MAX_JOBS + 3; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        notify(f, text);
    }
    assert_int_equal(jobs(f)->count, MAX_JOBS);
    assert_string_equal(first(f)->words[2], "3");
}

static void too_long_is_killed(void **state)
{
    struct fixture *f = *state;
    char expected[200];
    script_set_limits(f->runner, &(struct script_limits){1, 30000});
    write_script(f, "sleep 100; exit 0"); /* a child of its own */
    notify(f, "x");
    WAIT_UNTIL(f, jobs(f)->running == 1);
    (void)snprintf(expected, sizeof(expected), "-script-timeout %s %d\n",
                   file_path(f, "script"), (int)first(f)->process_id);
    WAIT_UNTIL(f, jobs(f)->running == 0);
    assert_string_equal(f->said, expected);
    assert_int_equal(jobs(f)->count, 1); /* like any that died of a signal */
    assert_int_equal(first(f)->starts, 1);
}

static void a_later_failover_overtakes(void **state)
{
    struct fixture *f = *state;
    write_script(f, "exit 0");
    reconfigure(f, "m", "10.0.0.2");
    reconfigure(f, "other", "10.0.0.2");
    notify(f, "x");
    reconfigure(f, "m", "10.0.0.3");
    assert_int_equal(jobs(f)->count, 3);
    assert_string_equal(first(f)->words[1], "other");
    assert_string_equal(TAILQ_LAST(&jobs(f)->list, job_list)->words[6],
                        "10.0.0.3");
}

/* It runs to its end; but when it fails it is not tried again, though the
 * later one is long done. */
static void what_runs_is_overtaken_at_its_end(void **state)
{
    struct fixture *f = *state;
    write_script(f, "test $6 = 10.0.0.3 || exec sleep 100");
    reconfigure(f, "m", "10.0.0.2");
    WAIT_UNTIL(f, jobs(f)->running == 1);
    reconfigure(f, "m", "10.0.0.3");
    assert_int_equal(jobs(f)->count, 2);
    WAIT_UNTIL(f, jobs(f)->count == 1);
    (void)kill((pid_t)first(f)->process_id, SIGKILL);
    WAIT_UNTIL(f, jobs(f)->count == 0);
    assert_string_equal(f->said, "");
}

static void which_can_be_started(void **state)
{
    (void)state;
    assert_true(script_is_executable("/bin/sh"));
    assert_false(script_is_executable("/etc/passwd"));
    assert_false(script_is_executable("/no/such"));
    assert_false(script_is_executable("/tmp")); /* a directory */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(arguments_are_words),
        CASE(a_process_begins_clean),
        CASE(how_it_ends),
        CASE(what_is_no_program),
        CASE(ten_starts_and_no_more),
        CASE(the_delay_doubles),
        CASE(sixteen_at_a_time),
        CASE(the_oldest_makes_room),
        CASE(too_long_is_killed),
        CASE(a_later_failover_overtakes),
        CASE(what_runs_is_overtaken_at_its_end),
        CASE(which_can_be_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
