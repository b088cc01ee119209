/* conf/sentineld.conf and its manual page tell the truth: every key is there,
 * with its meaning, its default and its range as the tables have them, and the
 * file as it is delivered is a good one that changes nothing but what is
 * required. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/memory.h"

/* From the project's root. */
static const char path[] = "conf/sentineld.conf";
static const char page_path[] = "docs/man/sentineld.conf.5";

enum { FILE_MAX = 128 * 1024 };

static char text[FILE_MAX];
static char page[FILE_MAX];

static int read_file(const char *name, char content[FILE_MAX])
{
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        return -1;
    }
    size_t length = fread(content, 1, FILE_MAX - 1, file);
    content[length] = '\0';
    return fclose(file);
}

static int read_files(void **state)
{
    (void)state;
    return read_file(path, text) == 0 ? read_file(page_path, page) : -1;
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

enum { FACTS_SIZE = 768 };

static void write_facts(const struct setting_row *key, char facts[FACTS_SIZE])
{
    char range[SETTING_RANGE_SIZE];
    setting_range(key, range);
    if (key->standard == NULL) {
        (void)snprintf(facts, FACTS_SIZE, " %s Required. Allowed: %s.",
                       key->help, range);
    } else {
        (void)snprintf(facts, FACTS_SIZE, " %s Default: %s. Allowed: %s.",
                       key->help, key->standard, range);
    }
}

static void check_key(const char *from, const struct setting_row *key)
{
    struct paragraph paragraph;
    char facts[FACTS_SIZE];
    char value[256];
    if (!find_paragraph(from, key->name, &paragraph)) {
        fail_msg("%s is not in %s", key->name, path);
    }
    write_facts(key, facts);
    assert_string_equal(paragraph.comment, facts);
    const struct setting_row *above =
        key->standard != NULL ? setting_find(&daemon_table, key->standard)
                              : NULL;
    (void)snprintf(value, sizeof(value), "%s;",
                   above != NULL ? above->standard : key->standard);
    if (key->standard != NULL && key->type != VALUE_GROUPS &&
        key->type != VALUE_USERS) {
        assert_string_equal(paragraph.value, value);
    }
}

static void test_every_key_is_documented(void **state)
{
    (void)state;
    const char *groups = strstr(text, "\ngroups = (");
    assert_non_null(groups);
    for (size_t i = 0; i < daemon_table.count; i++) {
        check_key(text, &daemon_table.keys[i]);
    }
    for (size_t i = 0; i < group_table.count; i++) {
        check_key(groups, &group_table.keys[i]);
    }
}

/* What stands in the page behind ".B key", up to the next line that is a
 * command; its lines joined by blanks, as a reader sees them. */
static bool find_in_page(const char *from, const char *key,
                         char found[FACTS_SIZE])
{
    char tag[80];
    size_t used = 0;
    (void)snprintf(tag, sizeof(tag), "\n.TP\n.B %s\n", key);
    const char *at = strstr(from, tag);
    if (at == NULL) {
        return false;
    }
    at += strlen(tag) - 1;
    while (!(at[0] == '\n' && at[1] == '.') && used + 1 < FACTS_SIZE) {
        if (at[0] == '\\' && at[1] == '&') {
            at += 2; /* only keeps a line from being a command */
            continue;
        }
        at += at[0] == '\\' ? 1 : 0;
        found[used++] = *at == '\n' ? ' ' : *at;
        at++;
    }
    found[used] = '\0';
    return true;
}

static void check_key_in_page(const char *from, const struct setting_row *key)
{
    char found[FACTS_SIZE] = "";
    char facts[FACTS_SIZE];
    write_facts(key, facts);
    if (!find_in_page(from, key->name, found) || strcmp(found, facts) != 0) {
        fail_msg("%s must have, in lines of at most 78 bytes, a - as \\-:\n"
                 ".TP\n.B %s\n%s\nand not:%s",
                 page_path, key->name, facts + 1, found);
    }
}

static void test_every_key_is_in_the_manual(void **state)
{
    (void)state;
    const char *groups = strstr(page, "\n.SH KEYS OF A GROUP");
    const char *users = strstr(page, "\n.SH KEYS OF A USER");
    assert_non_null(groups);
    assert_non_null(users);
    for (size_t i = 0; i < user_table.count; i++) {
        check_key_in_page(users, &user_table.keys[i]);
    }
    for (size_t i = 0; i < daemon_table.count; i++) {
        check_key_in_page(page, &daemon_table.keys[i]);
    }
    for (size_t i = 0; i < group_table.count; i++) {
        check_key_in_page(groups, &group_table.keys[i]);
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
    name_index_free(&conf.names);
    free(conf.groups);
    free(conf.logins);
    free(conf.renames);
    conf.groups = NULL;
    conf.logins = NULL;
    conf.renames = NULL;
    conf.group_count = 0;
    assert_memory_equal(&conf, &standard, sizeof(conf));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_documented),
        cmocka_unit_test(test_every_key_is_in_the_manual),
        cmocka_unit_test(test_file_is_good_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, read_files, NULL);
}
