/* conf/sentineld.conf as it is delivered is a good file that changes nothing
 * but what is required. That it has every key is for `make generated-check`. */
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

enum { FILE_MAX = 128 * 1024 };

static char text[FILE_MAX];

static int read_text(void **state)
{
    (void)state;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return -1;
    }
    text[fread(text, 1, FILE_MAX - 1, file)] = '\0';
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
        cmocka_unit_test(test_file_is_good_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, read_text, NULL);
}
