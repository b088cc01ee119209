/* Files within files: order, places in messages, and what is refused. The
 * files are texts of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"

#define MONITOR "sentinel monitor m 10.0.0.1 6379 2\n"

static const struct {
    const char *name;
    const char *text;
} files[] = {
    {"port", "port 1111\n"},
    {"empty", ""},
    {"monitor", "# a comment\n" MONITOR},
    {"settings", "sentinel down-after-milliseconds m 7000"},
    {"wrong", "\n\nnonsense x\n"},
    {"wrong later", "\nsentinel auth-pass nobody x\n"},
    {"warns", "\nmaxmemory 5\n"},
    {"self", "port 2\ninclude self\n"},
    {"ping", "include pong\n"},
    {"pong", "include ping\n"},
    {"/d/elsewhere", "port 2222\n"},
    {"both", "include port\ninclude empty\ninclude monitor\nport 3333"},
};

/* "deep N" includes "deep N+1", without an end. */
static char *load(const char *name, struct error *error)
{
    int depth = 0;
    char text[64];
    if (sscanf(name, "deep%d", &depth) == 1) {
        (void)snprintf(text, sizeof(text), "include deep%d\n", depth + 1);
        return xstrdup(text);
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].name, name) == 0) {
            return xstrdup(files[i].text);
        }
    }
    copy_text(error->text, sizeof(error->text), "No such file or directory");
    return NULL;
}

static bool parse(const char *text, const char *extra, struct conf *conf,
                  struct error *error)
{
    const struct sentinel_conf_input input = {
        .text = text, .extra = extra, .name = "s.conf", .load = load};
    return sentinel_conf_parse_input(&input, conf, error);
}

static void lines_count_where_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *extra;
        uint16_t port;
        size_t groups;
    } rows[] = {
        {"include port", "", 1111, 0},
        {"port 5\nINCLUDE 'port'\n", "", 1111, 0},
        {"include port\nport 5", "", 5, 0},
        {"include empty\nport 5", "", 5, 0},
        {"include both", "", 3333, 1},
        {"include port\ninclude port\nport 7\n", "", 7, 0},
        {"port 5", "include port", 1111, 0},
        {"include settings\ninclude monitor\n", "port 8", 8, 1},
        /* Redis is in its directory from that line on. */
        {"include port\ndir /d\ninclude elsewhere\n", "", 2222, 0},
        {"dir /e\ninclude /d/elsewhere\n", "", 2222, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        struct error error = {""};
        if (!parse(rows[i].text, rows[i].extra, &conf, &error)) {
            fail_msg("row %zu: %s", i, error.text);
        }
        assert_int_equal(conf.port, rows[i].port);
        assert_int_equal(conf.group_count, rows[i].groups);
        conf_free(&conf);
    }
}

/* The three passes go over all files. */
static void sentinel_lines_of_all_files_are_one(void **state)
{
    (void)state;
    struct conf conf;
    struct error error = {""};
    assert_true(
        parse("include settings\ninclude monitor\n", "", &conf, &error));
    assert_int_equal(conf.groups[0].settings.down_after_ms, 7000);
    assert_true(conf.has_masters_elsewhere);
    conf_free(&conf);
    assert_true(parse("include settings\n" MONITOR, "", &conf, &error));
    assert_false(conf.has_masters_elsewhere);
    conf_free(&conf);
    assert_true(parse("", MONITOR, &conf, &error));
    assert_true(conf.has_masters_elsewhere);
    conf_free(&conf);
}

static void errors_name_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *extra;
        const char *expected;
    } rows[] = {
        {"include wrong", "", "wrong:3: nonsense: Bad directive"},
        {"include 'wrong later'", "", "wrong later:2: sentinel auth-pass: No "},
        {"include port\n\nfoo x", "", "s.conf:3: foo: Bad directive"},
        {"include monitor\n" MONITOR, "",
         "s.conf:2: sentinel monitor: Duplicate master name."},
        {"\ninclude none", "",
         "s.conf:2: include none: No such file or directory"},
        {"", "include none",
         "command line: include none: No such file or directory"},
        {"include", "", "s.conf:1: include: wrong number of arguments"},
        {"include a b", "", "s.conf:1: include: wrong number of arguments"},
        {"include self", "", "self:2: include self: it would include itself"},
        {"include s.conf", "",
         "s.conf:1: include s.conf: it would include itself"},
        {"include ping", "", "pong:1: include ping: it would include itself"},
        {"include deep1", "",
         "deep16:1: include deep17: that is the seventeenth file within "
         "files; there may be 16"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct conf conf;
        struct error error = {""};
        assert_false(parse(rows[i].text, rows[i].extra, &conf, &error));
        if (strncmp(error.text, rows[i].expected, strlen(rows[i].expected)) !=
            0) {
            fail_msg("row %zu: %s", i, error.text);
        }
    }
}

static void warnings_name_the_file(void **state)
{
    (void)state;
    struct conf conf;
    struct error error = {""};
    assert_true(parse("include warns\nhz 3\n", "", &conf, &error));
    assert_int_equal(conf.warning_count, 2);
    assert_string_equal(conf.warnings[0],
                        "warns:2: maxmemory has no effect here");
    assert_ptr_equal(strstr(conf.warnings[1], "s.conf:2: hz "),
                     conf.warnings[1]);
    conf_free(&conf);
}

/* Many files one after the other are many, too. */
static void too_many_files_are_refused(void **state)
{
    (void)state;
    enum { FILES = 1025 };
    static const char line[] = "include empty\n";
    char *text = xcalloc(FILES + 1, sizeof(line));
    struct conf conf;
    struct error error = {""};
    for (size_t i = 0; i < FILES; i++) {
        memcpy(text + i * (sizeof(line) - 1), line, sizeof(line));
    }
    assert_false(parse(text, "", &conf, &error));
    assert_string_equal(error.text,
                        "s.conf:1025: include empty: that is one file more "
                        "than the 1024 that there may be");
    text[(FILES - 1) * (sizeof(line) - 1)] = '\0';
    assert_true(parse(text, "", &conf, &error));
    conf_free(&conf);
    free(text);
}

static void without_a_loader_nothing_is_included(void **state)
{
    (void)state;
    struct conf conf;
    struct error error = {""};
    assert_false(sentinel_conf_parse("include x", "", "s.conf", &conf, &error));
    assert_string_equal(error.text,
                        "s.conf:1: include x: there are no other files here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_count_where_they_stand),
        cmocka_unit_test(sentinel_lines_of_all_files_are_one),
        cmocka_unit_test(errors_name_the_file),
        cmocka_unit_test(warnings_name_the_file),
        cmocka_unit_test(too_many_files_are_refused),
        cmocka_unit_test(without_a_loader_nothing_is_included),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
