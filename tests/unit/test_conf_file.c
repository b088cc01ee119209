/* conf/sentineld.conf tells the truth: every key is there, with its meaning,
 * its default and its range as the tables have them, and the file as it is
 * delivered is a good one that changes nothing but what is required. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/conf_private.h"
#include "sentineld/memory.h"

static const char path[] = "conf/sentineld.conf"; /* from the project's root */

static char text[64 * 1024];

static int read_file(void **state)
{
    (void)state;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return -1;
    }
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    return fclose(file);
}

static bool no_file(const char *name, char *content, size_t size,
                    struct error *error)
{
    (void)content;
    (void)size;
    copy_text(error->text, sizeof(error->text), name);
    return false;
}

/* One line into `line`, without blanks at its start; returns the next. */
static const char *take_line(const char *from, char *line, size_t size)
{
    size_t length = strcspn(from, "\n");
    size_t blanks = strspn(from, " ");
    assert_true(blanks <= length && length - blanks < size);
    memcpy(line, from + blanks, length - blanks);
    line[length - blanks] = '\0';
    return from + length + (from[length] == '\n' ? 1 : 0);
}

struct paragraph {
    char comment[1024]; /* its lines joined by blanks */
    char value[256];    /* what stands behind "key = " */
};

/* The setting `key` behind `from` and the comment lines right above it. */
static bool find_paragraph(const char *from, const char *key,
                           struct paragraph *found)
{
    char line[256];
    found->comment[0] = '\0';
    while (*from != '\0') {
        from = take_line(from, line, sizeof(line));
        size_t length = strlen(key);
        if (strncmp(line, key, length) == 0 &&
            strncmp(line + length, " = ", 3) == 0) {
            copy_text(found->value, sizeof(found->value), line + length + 3);
            return true;
        }
        size_t used = strlen(found->comment);
        if (line[0] == '#' && line[1] == ' ') {
            (void)snprintf(found->comment + used, sizeof(found->comment) - used,
                           " %s", line + 2);
        } else {
            found->comment[0] = '\0';
        }
    }
    return false;
}

static void check_key(const char *from, const struct conf_key *key)
{
    struct paragraph paragraph;
    char range[CONF_RANGE_SIZE];
    char facts[512];
    char value[256];
    if (!find_paragraph(from, key->name, &paragraph)) {
        fail_msg("%s is not in %s", key->name, path);
    }
    conf_key_range(key, range);
    if (key->standard == NULL) {
        (void)snprintf(facts, sizeof(facts), " %s Required. Allowed: %s.",
                       key->help, range);
    } else {
        (void)snprintf(facts, sizeof(facts), " %s Default: %s. Allowed: %s.",
                       key->help, key->standard, range);
    }
    assert_string_equal(paragraph.comment, facts);
    (void)snprintf(value, sizeof(value), "%s;", key->standard);
    if (key->standard != NULL && key->type != CONF_GROUPS) {
        assert_string_equal(paragraph.value, value);
    }
}

static void test_every_key_is_documented(void **state)
{
    (void)state;
    const char *groups = strstr(text, "\ngroups = (");
    assert_non_null(groups);
    for (size_t i = 0; i < conf_top_table.count; i++) {
        check_key(text, &conf_top_table.keys[i]);
    }
    for (size_t i = 0; i < conf_group_table.count; i++) {
        check_key(groups, &conf_group_table.keys[i]);
    }
}

static void test_file_is_good_and_changes_nothing(void **state)
{
    (void)state;
    struct conf conf;
    struct conf standard;
    struct error error;
    if (!conf_parse(text, path, no_file, &conf, &error)) {
        fail_msg("%s", error.text);
    }
    conf_default(&standard);
    assert_int_equal(conf.warning_count, 0);
    assert_int_equal(conf.group_count, 1);
    assert_int_equal(conf.groups[0].settings.down_after_ms, 30000);
    conf_known_free(&conf.names);
    free(conf.groups);
    free(conf.logins);
    conf.groups = NULL;
    conf.logins = NULL;
    conf.group_count = 0;
    assert_memory_equal(&conf, &standard, sizeof(conf));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_documented),
        cmocka_unit_test(test_file_is_good_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, read_file, NULL);
}
