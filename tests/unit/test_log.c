/* Log lines: shape, level, destination, and how often a key may speak. The
 * clocks are ours (the linker sends clock_gettime here), so a minute passes
 * at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "io/base/log.h"

enum { TEXT_SIZE = 1 << 20 };

struct fixture {
    char dir[64];
    char path[96];
    char *text; /* what read_log found */
};

static struct timespec wall;
static struct timespec monotonic;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    *now = clock == CLOCK_MONOTONIC ? monotonic : wall;
    return 0;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct error error;
    wall = (struct timespec){.tv_sec = 1700000000, .tv_nsec = 7999999};
    monotonic = (struct timespec){.tv_sec = 5};
    (void)snprintf(fixture->dir, sizeof(fixture->dir), "%s",
                   "/tmp/sentineld-log-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/log",
                   fixture->dir);
    fixture->text = calloc(1, TEXT_SIZE);
    assert_true(log_open(fixture->path, LEVEL_DEBUG, &error));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_close();
    (void)unlink(fixture->path);
    assert_int_equal(rmdir(fixture->dir), 0);
    free(fixture->text);
    free(fixture);
    return 0;
}

static const char *read_file(struct fixture *fixture, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(fixture->text, 1, TEXT_SIZE - 1, file);
    fixture->text[length] = '\0';
    (void)fclose(file);
    return fixture->text;
}

static const char *read_log(struct fixture *fixture)
{
    return read_file(fixture, fixture->path);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++) {
        lines += *text == '\n';
    }
    return lines;
}

static void assert_matches(const char *text, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0) {
        fail_msg("'%s' does not match '%s'", text, pattern);
    }
    regfree(&regex);
}

static void a_line_has_the_shape_of_redis(void **state)
{
    struct fixture *fixture = *state;
    char pattern[160];
    log_line(LEVEL_NOTICE, "monitor %s quorum %d", "m", 2);
    (void)snprintf(pattern, sizeof(pattern),
                   "^%ld:X 1[45] Nov 2023 [0-9]{2}:[0-9]{2}:20\\.007 \\* "
                   "monitor m quorum 2\n$",
                   (long)getpid());
    assert_matches(read_log(fixture), pattern);
}

static void each_level_has_its_character(void **state)
{
    static const struct {
        const char *name;
        enum log_level level;
        const char *expected;
    } rows[] = {
        {"debug", LEVEL_DEBUG, " . text\n$"},
        {"verbose", LEVEL_VERBOSE, " - text\n$"},
        {"notice", LEVEL_NOTICE, " [*] text\n$"},
        {"warning", LEVEL_WARNING, " # text\n$"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        log_line(rows[i].level, "text");
        assert_matches(read_log(*state), rows[i].expected);
    }
}

static void lines_below_the_level_are_left_out(void **state)
{
    static const struct {
        const char *name;
        int level;
        size_t expected; /* of four lines, one of each level */
    } rows[] = {
        {"debug: all", LEVEL_DEBUG, 4},    {"verbose", LEVEL_VERBOSE, 3},
        {"notice", LEVEL_NOTICE, 2},       {"warning", LEVEL_WARNING, 1},
        {"nothing", LEVEL_WARNING + 1, 0},
    };
    struct fixture *fixture = *state;
    struct error error;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        assert_int_equal(truncate(fixture->path, 0), 0);
        assert_true(log_open(fixture->path, rows[i].level, &error));
        log_line(LEVEL_DEBUG, "a");
        log_limited(LEVEL_VERBOSE, rows[i].name, "b");
        log_line(LEVEL_NOTICE, "c");
        log_limited(LEVEL_WARNING, rows[i].name, "d");
        size_t expected = rows[i].expected;
        /* of one key only the first that is wanted */
        expected -= rows[i].level <= LEVEL_VERBOSE ? 1 : 0;
        assert_int_equal(count_lines(read_log(fixture)), expected);
    }
}

static void a_line_stays_a_line(void **state)
{
    log_line(LEVEL_NOTICE, "%s",
             "a\r\nb\tc\033[1md\x7f"
             "e \xc3\xa9");
    assert_matches(read_log(*state), "^[^\n]* a\\?\\?b\\?c\\?\\[1md\\?e "
                                     "\xc3\xa9\n$");
}

static void a_long_text_is_cut(void **state)
{
    char text[EVENT_TEXT_SIZE + 100];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_line(LEVEL_NOTICE, "%s", text);
    const char *line = read_log(*state);
    assert_int_equal(count_lines(line), 1);
    assert_int_equal(strlen(strchr(line, 'x')), EVENT_TEXT_SIZE);
}

static void the_file_is_not_for_everybody(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777 & ~0640U, 0);
    assert_true((status.st_mode & 0600) == 0600);
}

static void a_path_that_cannot_be_opened_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    assert_false(log_open("/nonexistent/dir/log", LEVEL_WARNING, &error));
    assert_non_null(strstr(error.text, "/nonexistent/dir/log"));
    assert_non_null(strstr(error.text, "No such file"));
    log_line(LEVEL_DEBUG, "still here");
    assert_non_null(strstr(read_log(fixture), "still here"));
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char path[3000];
    struct error error;
    memset(path, 'p', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    assert_false(log_open(path, LEVEL_WARNING, &error));
    assert_non_null(strstr(error.text, "longer"));
}

static void a_file_that_is_there_is_continued(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    log_line(LEVEL_NOTICE, "before");
    log_close();
    assert_true(log_open(fixture->path, LEVEL_NOTICE, &error));
    log_line(LEVEL_NOTICE, "after");
    assert_matches(read_log(fixture), "before\n.*after\n$");
}

/* Renamed by somebody who says nothing, or removed: the next line is in a file
 * of that name; where none can be made, in the old one, and that is said once.
 */
static void a_moved_file_is_followed_without_a_signal(void **state)
{
    struct fixture *fixture = *state;
    char moved[sizeof(fixture->path) + 8];
    (void)snprintf(moved, sizeof(moved), "%s.1", fixture->path);
    log_line(LEVEL_NOTICE, "first");
    assert_int_equal(rename(fixture->path, moved), 0);
    log_follow();
    assert_int_equal(access(fixture->path, F_OK), 0);
    assert_int_equal(rename(fixture->path, moved), 0);
    log_line(LEVEL_NOTICE, "second");
    assert_int_equal(count_lines(read_log(fixture)), 1);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(mkdir(fixture->path, 0700), 0);
    log_line(LEVEL_NOTICE, "third");
    log_line(LEVEL_NOTICE, "fourth");
    assert_int_equal(rmdir(fixture->path), 0);
    struct error error;
    assert_true(log_reopen(&error)); /* by a signal, say */
    assert_int_equal(count_lines(read_log(fixture)), 0);
    log_line(LEVEL_NOTICE, "fifth");
    assert_int_equal(count_lines(read_log(fixture)), 1);
    (void)unlink(moved);
}

static void without_a_path_lines_go_to_standard_output(void **state)
{
    struct fixture *fixture = *state;
    struct error error;
    int saved = dup(STDOUT_FILENO);
    (void)fflush(stdout);
    FILE *file = fopen(fixture->path, "a");
    assert_int_equal(dup2(fileno(file), STDOUT_FILENO), STDOUT_FILENO);
    bool opened = log_open("", LEVEL_NOTICE, &error);
    log_line(LEVEL_NOTICE, "to the terminal");
    bool reopened = log_reopen(&error);
    log_line(LEVEL_NOTICE, "again");
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(saved);
    (void)fclose(file);
    assert_true(opened && reopened);
    assert_matches(read_log(fixture), "to the terminal\n.*again\n$");
}

static void a_key_speaks_once_a_minute(void **state)
{
    struct fixture *fixture = *state;
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:5", "first");
    monotonic.tv_sec += 59;
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:5", "second");
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:5", "third");
    assert_int_equal(count_lines(read_log(fixture)), 1);
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:6", "of another key");
    assert_int_equal(count_lines(read_log(fixture)), 2);
    monotonic.tv_sec += 1;
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:5", "fourth");
    assert_matches(read_log(fixture),
                   "fourth \\(and 2 more since the last\\)\n$");
    monotonic.tv_sec += 60;
    log_limited(LEVEL_NOTICE, "bad reply 1.2.3.4:5", "fifth");
    assert_matches(read_log(fixture), " fifth\n$");
}

static void the_wall_clock_does_not_matter_to_keys(void **state)
{
    struct fixture *fixture = *state;
    log_limited(LEVEL_NOTICE, "key", "first");
    wall.tv_sec += 1000000;
    log_limited(LEVEL_NOTICE, "key", "second");
    wall.tv_sec -= 2000000;
    log_limited(LEVEL_NOTICE, "key", "third");
    assert_int_equal(count_lines(read_log(fixture)), 1);
}

static void the_count_survives_a_long_text(void **state)
{
    struct fixture *fixture = *state;
    char text[EVENT_TEXT_SIZE + 100];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    log_limited(LEVEL_NOTICE, "key", "%s", text);
    log_limited(LEVEL_NOTICE, "key", "%s", text);
    monotonic.tv_sec += 60;
    log_limited(LEVEL_NOTICE, "key", "%s", text);
    assert_matches(read_log(fixture), "xxx \\(and 1 more since the last\\)\n$");
}

static void a_flood_of_keys_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    char key[32];
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(key, sizeof(key), "key %d", i);
        log_limited(LEVEL_NOTICE, key, "flood");
    }
    size_t lines = count_lines(read_log(fixture));
    assert_true(lines >= 100 && lines <= 1000);
    monotonic.tv_sec += 60;
    log_limited(LEVEL_NOTICE, "key 9999", "a minute later");
    log_limited(LEVEL_NOTICE, "a new key", "a minute later");
    log_limited(LEVEL_NOTICE, "another new key", "a minute later");
    assert_int_equal(count_lines(read_log(fixture)), lines + 3);
}

/* Each line is one object; what is no UTF-8 cannot be in it. */
static void lines_can_be_json(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"+sdown master m", "+sdown master m"},
        {"a \"quote\" and a \\", "a \\\"quote\\\" and a \\\\"},
        {"two\nlines\t\x1b", "two?lines??"},
        {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
         "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xff \xc3( \xe2\x82 \xc0\x80 \xc3", "? ?( ?? ?? ?"},
    };
    struct fixture *fixture = *state;
    log_use_json(true);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char expected[256];
        struct error error;
        (void)unlink(fixture->path);
        assert_true(log_reopen(&error));
        log_line(LEVEL_WARNING, "%s", rows[i].text);
        (void)snprintf(expected, sizeof(expected),
                       "{\"time\":\"2023-11-14T22:13:20.007Z\",\"pid\":%ld,"
                       "\"level\":\"warning\",\"message\":\"%s\"}\n",
                       (long)getpid(), rows[i].message);
        assert_string_equal(read_log(fixture), expected);
    }
    log_line(LEVEL_DEBUG, "x");
    log_line(LEVEL_VERBOSE, "x");
    log_line(LEVEL_NOTICE, "x");
    assert_non_null(strstr(read_log(fixture), "\"level\":\"debug\""));
    assert_non_null(strstr(read_log(fixture), "\"level\":\"verbose\""));
    assert_non_null(strstr(read_log(fixture), "\"level\":\"notice\""));
}

/* What is known beside the text is there by its name; a report is an object. */
static void lines_have_fields(void **state)
{
    static const struct core_subject replica = {
        .group = "m\"x",
        .role = "replica",
        .server = {.host = "::1", .port = 6379},
        .epoch = 7,
    };
    static const struct core_subject peer = {
        .group = "m", .role = "supervisor", .server = {"h", 5}, .peer = "ab"};
    static const struct core_subject gate = {.group = "m", .reason = "tilt"};
    static const struct core_subject report = {.group = "m"};
    static const struct {
        const char *text;
        struct log_fields fields;
        const char *expected;
    } rows[] = {
        {"x",
         {"+sdown", &replica},
         "\"event\":\"+sdown\",\"group\":\"m\\\"x\",\"role\":\"replica\","
         "\"server\":\"[::1]:6379\",\"epoch\":7,\"message\":\"x\"}\n"},
        {"x",
         {"+sentinel", &peer},
         "\"event\":\"+sentinel\",\"group\":\"m\",\"role\":\"supervisor\","
         "\"server\":\"h:5\",\"peer\":\"ab\",\"message\":\"x\"}\n"},
        {"x",
         {NULL, &gate},
         "\"group\":\"m\",\"reason\":\"tilt\",\"message\":\"x\"}\n"},
        {"+failover-report {\"a\":\"\\\"\"}",
         {"+failover-report", &report},
         "\"event\":\"+failover-report\",\"group\":\"m\","
         "\"report\":{\"a\":\"\\\"\"},\"message\":\"+failover-report\"}\n"},
        {"+failover-report {\"a\":",
         {"+failover-report", NULL},
         "\"event\":\"+failover-report\","
         "\"message\":\"+failover-report {\\\"a\\\":\"}\n"},
        {"x", {NULL, NULL}, "\"message\":\"x\"}\n"},
    };
    struct fixture *fixture = *state;
    log_use_json(true);
    log_name_supervisor("3f");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error;
        (void)unlink(fixture->path);
        assert_true(log_reopen(&error));
        log_burst(LEVEL_NOTICE, "kind", 100, rows[i].text, &rows[i].fields);
        const char *line = read_log(fixture);
        const char *fields = strstr(line, "\"supervisor\":\"3f\",");
        assert_non_null(fields);
        assert_string_equal(fields + strlen("\"supervisor\":\"3f\","),
                            rows[i].expected);
    }
}

static int system_facility;
static int system_priority;
static char system_text[64];

void __wrap_openlog(const char *ident, int option, int facility);
void __wrap_openlog(const char *ident, int option, int facility)
{
    assert_string_equal(ident, "ours");
    (void)option;
    system_facility = facility;
}

void __wrap_syslog(int priority, const char *format, ...);
void __wrap_syslog(int priority, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    assert_string_equal(format, "%s"); /* a text is never a format */
    system_priority = priority;
    (void)snprintf(system_text, sizeof(system_text), "%s",
                   va_arg(arguments, const char *));
    va_end(arguments);
}

void __wrap___syslog_chk(int priority, int flag, const char *format, ...);
void __wrap___syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)flag;
    assert_string_equal(format, "%s");
    system_priority = priority;
    (void)snprintf(system_text, sizeof(system_text), "%s",
                   va_arg(arguments, const char *));
    va_end(arguments);
}

static void the_system_may_get_them_too(void **state)
{
    static const struct {
        enum log_level level;
        int priority;
    } rows[] = {{LEVEL_DEBUG, LOG_DEBUG},
                {LEVEL_VERBOSE, LOG_INFO},
                {LEVEL_NOTICE, LOG_NOTICE},
                {LEVEL_WARNING, LOG_WARNING}};
    struct fixture *fixture = *state;
    log_use_system("ours", 0);
    assert_int_equal(system_facility, LOG_USER);
    log_use_system("ours", 8);
    assert_int_equal(system_facility, LOG_LOCAL7);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        log_line(rows[i].level, "100%% %s", "%s\n");
        assert_int_equal(system_priority, rows[i].priority);
        assert_string_equal(system_text, "100% %s?");
    }
    assert_int_equal(count_lines(read_log(fixture)), 4);
}

static void test_bursts(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 20; i++) {
        log_burst(LEVEL_NOTICE, "kind", 3, i < 3 ? "told" : "too much", NULL);
    }
    log_burst(LEVEL_NOTICE, "another", 3, "beside", NULL);
    assert_null(strstr(read_log(fixture), "too much"));
    assert_non_null(strstr(read_log(fixture), "beside\n"));
    monotonic.tv_sec += 60;
    log_burst(LEVEL_NOTICE, "kind", 3, "again", NULL);
    log_burst(LEVEL_NOTICE, "kind", 3, "and again", NULL);
    assert_non_null(
        strstr(read_log(fixture), "again (and 17 more since the last)\n"));
    assert_non_null(strstr(read_log(fixture), "and again\n"));
}

static const struct {
    const char *line;
    const char *kind;
} kind_rows[] = {
    {"peer 00aa at 10.0.0.1:5 is ignored: more than 256 are known",
     "peeratisignored:morethanareknown"},
    {"peer 1bff at h2:7 is ignored: more than 256 are known",
     "peeratisignored:morethanareknown"},
    {"", ""},
    {"7", ""},
    {"word", "word"},
};

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++) {
        char kind[CLIENT_KEY_SIZE];
        log_kind_of(kind_rows[i].line, kind);
        assert_string_equal(kind, kind_rows[i].kind);
    }
    char line[300];
    char kind[CLIENT_KEY_SIZE];
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    log_kind_of(line, kind);
    assert_int_equal(strlen(kind), CLIENT_KEY_SIZE - 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_bursts),
        CASE(test_kinds),
        CASE(a_line_has_the_shape_of_redis),
        CASE(each_level_has_its_character),
        CASE(lines_below_the_level_are_left_out),
        CASE(a_line_stays_a_line),
        CASE(a_long_text_is_cut),
        CASE(the_file_is_not_for_everybody),
        CASE(a_path_that_cannot_be_opened_changes_nothing),
        CASE(a_path_that_is_too_long_is_refused),
        CASE(a_file_that_is_there_is_continued),
        CASE(a_moved_file_is_followed_without_a_signal),
        CASE(without_a_path_lines_go_to_standard_output),
        CASE(a_key_speaks_once_a_minute),
        CASE(the_wall_clock_does_not_matter_to_keys),
        CASE(the_count_survives_a_long_text),
        CASE(a_flood_of_keys_is_bounded),
        CASE(lines_can_be_json),
        CASE(lines_have_fields),
        CASE(the_system_may_get_them_too),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
