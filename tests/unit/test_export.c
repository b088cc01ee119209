/* The exported file and its thread: the newest lines win, an error is told,
 * and what was handed over is written before the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/store/export.h"
#include "sentineld/proto/config/conf_lines.h"

enum { PATIENCE_MS = 10000, DIR_SIZE = 64, PATH_SIZE = 128 };

struct place {
    char dir[DIR_SIZE];
    char path[PATH_SIZE];
};

static struct conf_lines *one_line(const char *port)
{
    struct conf_lines *lines = conf_lines_new();
    const char *const words[] = {"port", port};
    conf_lines_add(lines, words, 2, false);
    return lines;
}

static void begin(struct place *place)
{
    (void)snprintf(place->dir, sizeof(place->dir), "/tmp/export-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    (void)snprintf(place->path, sizeof(place->path), "%s/file", place->dir);
}

static void end(struct place *place)
{
    (void)unlink(place->path);
    assert_int_equal(rmdir(place->dir), 0); /* nothing else is left there */
}

static void expect_text(const struct place *place, const char *expected)
{
    char text[256] = "";
    FILE *file = fopen(place->path, "re");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    (void)fclose(file);
    assert_string_equal(text, expected);
}

static struct export_result await(struct export *export)
{
    struct export_result result;
    struct pollfd ready = {.fd = export_result_fd(export), .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    assert_true(export_poll(export, &result));
    return result;
}

static void newest_lines_are_written(void **state)
{
    (void)state;
    struct place place;
    struct error error;
    struct stat status;
    struct export_result result = {.number = 0};
    begin(&place);
    struct export *export = export_new(place.path, &error);
    assert_non_null(export);
    assert_false(export_poll(export, &result));
    for (uint64_t number = 1; number <= 20; number++) {
        char port[8];
        (void)snprintf(port, sizeof(port), "%u", (unsigned)number);
        export_save(export, one_line(port), number);
    }
    while (result.number < 20) {
        result = await(export);
        assert_true(result.ok);
    }
    expect_text(&place, "port 20\n");
    assert_int_equal(stat(place.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    export_save(export, one_line("21"), 21);
    export_free(export);
    expect_text(&place, "port 21\n");
    end(&place);
}

static void errors_are_told(void **state)
{
    (void)state;
    struct place place;
    struct error error;
    begin(&place);
    (void)snprintf(place.path, sizeof(place.path), "%s/no/file", place.dir);
    struct export *export = export_new(place.path, &error);
    export_save(export, one_line("1"), 7);
    struct export_result result = await(export);
    assert_false(result.ok);
    assert_int_equal(result.number, 7);
    assert_non_null(strstr(result.error.text, place.path));
    export_free(export);
    export_free(NULL);
    end(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_lines_are_written),
        cmocka_unit_test(errors_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
