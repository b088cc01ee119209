#include "conf_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/memory.h"

bool conf_fixture_read(const char *path, char *text, size_t size,
                       struct error *error)
{
    static const struct {
        const char *path;
        const char *text;
        const char *warning;
    } files[] = {
        {"/run/line", "s3cret\nnot this\n", ""},
        {"/run/bare", "s3cret", ""},
        {"/run/dos", "s3cret\r\n", ""},
        {"/run/open", "s3cret\n", "can be read by every user; chmod 600 it"},
        {"/run/empty", "\ns3cret\n", ""},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].path, path) == 0) {
            copy_text(text, size, files[i].text);
            copy_text(error->text, sizeof(error->text), files[i].warning);
            return true;
        }
    }
    if (strcmp(path, "/run/long") == 0) {
        memset(text, 'x', size - 1);
        text[size - 1] = '\0';
        return true;
    }
    copy_text(error->text, sizeof(error->text), "No such file or directory");
    return false;
}

void conf_fixture_parse(const char *text, struct conf *conf)
{
    struct error error;
    if (!conf_parse(text, "s.conf", conf_fixture_read, conf, &error)) {
        fail_msg("refused: %s", error.text);
    }
}

void conf_fixture_expect_error(const char *row, const char *text,
                               const char *expected)
{
    struct conf conf;
    struct error error;
    if (conf_parse(text, "s.conf", conf_fixture_read, &conf, &error)) {
        fail_msg("%s: was accepted", row);
    }
    if (strcmp(error.text, expected) != 0) {
        fail_msg("%s:\n  is      %s\n  must be %s", row, error.text, expected);
    }
    assert_null(conf.groups); /* freed */
}

void conf_fixture_parse_redis(const char *text, const char *extra,
                              struct conf *conf)
{
    struct error error;
    if (!sentinel_conf_parse(text, extra, "s.conf", conf, &error)) {
        fail_msg("refused: %s", error.text);
    }
}
