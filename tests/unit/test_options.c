/* options: which file, which kind of file, what to do with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/start/options.h"
#include "proto/config/config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 12 };

struct row {
    const char *name;
    const char *arguments[ARGUMENTS_MAX]; /* without the program's name */
    enum options_mode mode;
    const char *file; /* NULL for none */
    bool is_sentinel_conf;
    const char *extra; /* what it must contain */
    const char *error; /* what it must contain; NULL = no error */
};

static const struct row rows[] = {
    {"own file", {"-c", "a.conf"}, OPTIONS_RUN, "a.conf", false, "", NULL},
    {"own file, checked",
     {"-c", "a.conf", "--check"},
     OPTIONS_CHECK,
     "a.conf",
     false,
     "",
     NULL},
    {"--check may come first",
     {"--check", "-c", "a.conf"},
     OPTIONS_CHECK,
     "a.conf",
     false,
     "",
     NULL},
    {"the long name",
     {"--config", "a.conf"},
     OPTIONS_RUN,
     "a.conf",
     false,
     "",
     NULL},
    {"sentinel.conf", {"s.conf"}, OPTIONS_RUN, "s.conf", true, "", NULL},
    {"sentinel.conf, checked",
     {"s.conf", "--check"},
     OPTIONS_CHECK,
     "s.conf",
     true,
     "",
     NULL},
    {"sentinel.conf with a directive",
     {"s.conf", "--port", "26380"},
     OPTIONS_RUN,
     "s.conf",
     true,
     "port",
     NULL},
    {"... and with two",
     {"s.conf", "--port", "1", "--sentinel", "myid", "x"},
     OPTIONS_RUN,
     "s.conf",
     true,
     "sentinel",
     NULL},
    {"... and checked",
     {"s.conf", "--port", "1", "--check"},
     OPTIONS_CHECK,
     "s.conf",
     true,
     "port",
     NULL},
    {"import",
     {"--import", "s.conf", "--port", "1"},
     OPTIONS_IMPORT,
     "s.conf",
     true,
     "port",
     NULL},
    {"import of nothing",
     {"--import"},
     OPTIONS_RUN,
     NULL,
     false,
     NULL,
     "--import needs the name of a file"},
    {"version", {"--version"}, OPTIONS_VERSION, NULL, false, NULL, NULL},
    {"version, short", {"-v"}, OPTIONS_VERSION, NULL, false, NULL, NULL},
    {"help", {"--help"}, OPTIONS_HELP, NULL, false, NULL, NULL},
    {"nothing given", {NULL}, OPTIONS_RUN, NULL, false, NULL, "-c FILE"},
    {"only --check", {"--check"}, OPTIONS_RUN, NULL, false, NULL, "-c FILE"},
    {"-c without a file",
     {"-c"},
     OPTIONS_RUN,
     NULL,
     false,
     NULL,
     "-c needs the name of a file"},
    {"something after -c FILE",
     {"-c", "a.conf", "--port"},
     OPTIONS_RUN,
     NULL,
     false,
     NULL,
     "--port"},
    {"an unknown option",
     {"--frobnicate"},
     OPTIONS_RUN,
     NULL,
     false,
     NULL,
     "unknown option --frobnicate"},
    {"a word that is no option",
     {"s.conf", "port", "1"},
     OPTIONS_RUN,
     NULL,
     false,
     NULL,
     "port"},
};

/* Under another Sentinel's name, or fed by another program. */
static const struct name_row {
    const char *program;
    const char *arguments[6];
    const char *version;
    const char *file; /* NULL: an error, which is `extra` */
    const char *extra;
    bool reads_input;
} name_rows[] = {
    {"/usr/bin/sentineld", {"s.conf"}, "sentineld ", "s.conf", "", false},
    {"/usr/bin/redis-sentinel",
     {"s.conf"},
     "Redis server v=7.2.4 sha=00000000:0 malloc=libc bits=64 build=",
     "s.conf",
     "",
     false},
    {"valkey-sentinel",
     {"s.conf", "--port", "1"},
     "Valkey server v=7.2.4 sha=",
     "s.conf",
     "port \"1\"",
     false},
    {"redis-sentinel-5", {"s.conf"}, "Redis ", "s.conf", "", false},
    {"/redis-sentinel/server", {"s.conf"}, "sentineld ", "s.conf", "", false},
    {"redis-sentinel",
     {NULL},
     "Redis ",
     NULL,
     "Sentinel needs config file on disk to save state. Exiting...",
     false},
    {"redis-sentinel",
     {"--port", "1"},
     "Redis ",
     NULL,
     "Sentinel needs config file on disk to save state. Exiting...",
     false},
    {"sentineld", {"s.conf", "--sentinel"}, "", "s.conf", "", false},
    {"sentineld",
     {"s.conf", "--sentinel", "--port", "1"},
     "",
     "s.conf",
     "port \"1\"",
     false},
    {"sentineld",
     {"--sentinel", "--check"},
     "",
     NULL,
     "which configuration file",
     false},
    {"sentineld",
     {"s.conf", "--sentinel", "myid", "x"},
     "",
     "s.conf",
     "sentinel \"myid\" \"x\"",
     false},
    {"sentineld", {"s.conf", "-"}, "", "s.conf", "", true},
    {"sentineld",
     {"s.conf", "--port", "1", "-"},
     "",
     "s.conf",
     "port \"1\"",
     true},
    {"sentineld", {"-"}, "", "-", "", false},
    {"sentineld", {"-c", "-"}, "", "-", "", false},
    {"sentineld", {"-", "-"}, "", NULL, "once only", false},
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool matches(const struct row *row, const struct options *options)
{
    return options->mode == row->mode && same_text(options->file, row->file) &&
           options->is_sentinel_conf == row->is_sentinel_conf &&
           (row->extra == NULL ? options->extra == NULL
                               : strstr(options->extra, row->extra) != NULL);
}

static void run_row(const struct row *row)
{
    char texts[ARGUMENTS_MAX + 1][32] = {"sentineld"};
    char *argv[ARGUMENTS_MAX + 2] = {texts[0]};
    int argc = 1;
    for (; row->arguments[argc - 1] != NULL; argc++) {
        strncpy(texts[argc], row->arguments[argc - 1], sizeof(texts[0]) - 1);
        argv[argc] = texts[argc];
    }
    struct options options;
    struct error error = {""};
    bool ok = options_parse(argc, argv, &options, &error);
    if (row->error != NULL) {
        if (ok || strstr(error.text, row->error) == NULL) {
            fail_msg("%s: got '%s'", row->name, error.text);
        }
        return;
    }
    if (!ok || !matches(row, &options)) {
        fail_msg("%s: %s", row->name, ok ? "parsed wrongly" : error.text);
    }
    options_clear(&options);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_row(&rows[i]);
    }
}

static void run_name_row(const struct name_row *row)
{
    char texts[8][32] = {""};
    char *argv[9] = {NULL};
    int argc = 1;
    strncpy(texts[0], row->program, sizeof(texts[0]) - 1);
    argv[0] = texts[0];
    for (; row->arguments[argc - 1] != NULL; argc++) {
        strncpy(texts[argc], row->arguments[argc - 1], sizeof(texts[0]) - 1);
        argv[argc] = texts[argc];
    }
    struct options options;
    struct error error = {""};
    bool ok = options_parse(argc, argv, &options, &error);
    assert_int_equal(ok, row->file != NULL);
    assert_ptr_equal(strstr(options_version(options.name), row->version),
                     options_version(options.name));
    assert_non_null(strstr(ok ? options.extra : error.text, row->extra));
    if (ok) {
        assert_string_equal(options.file, row->file);
        assert_int_equal(options.reads_input, row->reads_input);
        options_clear(&options);
    }
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
        run_name_row(&name_rows[i]);
    }
}

/* --- The manual page ------------------------------------------------------ */

/* The page, its escaped dashes as they are read; from the project's root. */
static void read_page(char *page, size_t size)
{
    FILE *file = fopen("docs/man/sentineld.8", "r");
    assert_non_null(file);
    size_t length = fread(page, 1, size - 1, file);
    assert_true(length < size - 1);
    assert_int_equal(fclose(file), 0);
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        if (page[i] != '\\') {
            page[kept++] = page[i];
        }
    }
    page[kept] = '\0';
}

static void test_page_has_every_option(void **state)
{
    (void)state;
    static char page[32768];
    const char *at = options_help();
    size_t found = 0;
    read_page(page, sizeof(page));
    while ((at = strstr(at, "--")) != NULL) {
        char option[64];
        size_t length = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-") + 2;
        snprintf(option, sizeof(option), "%.*s", (int)length, at);
        at += length;
        if (strcmp(option, "--option") != 0 && strstr(page, option) == NULL) {
            fail_msg("the page does not have %s", option);
        }
        found++;
    }
    assert_true(found >= 6);
}

/* A line that is one word in bold: the name of the program, or of a key. */
static bool names_key(const char *line)
{
    const char *word = line + 3;
    return strncmp(line, ".B ", 3) == 0 && islower(word[0]) &&
           strcspn(word, " ") == strlen(word) && strcmp(word, "sentineld") != 0;
}

static void test_page_names_keys_only(void **state)
{
    (void)state;
    static char page[32768];
    size_t found = 0;
    read_page(page, sizeof(page));
    for (char *line = page; *line != '\0';) {
        char *next = line + strcspn(line, "\n");
        next += *next == '\n' ? 1 : 0;
        if (next > line) {
            next[-1] = '\0';
        }
        if (names_key(line)) {
            if (setting_find(&daemon_table, line + 3) == NULL) {
                fail_msg("%s is no key", line + 3);
            }
            found++;
        }
        line = next;
    }
    assert_true(found >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_page_has_every_option),
        cmocka_unit_test(test_page_names_keys_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
