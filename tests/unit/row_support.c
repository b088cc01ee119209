#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "row_support.h"

/* The values of a flat reply as "name=value name=value ...", of all its rows
 * with " | " between them. Numbers of elements are checked on the way. */
static const char *row_text(const char *reply, bool plural)
{
    static char text[ROW_TEXT_SIZE];
    size_t used = 0;
    size_t elements = 0;
    text[0] = '\0';
    if (plural) {
        reply = strstr(reply, "\r\n") + 2;
    }
    for (size_t i = 0; *reply != '\0'; i++) {
        if (*reply == '*') {
            assert_int_equal(i, elements);
            assert_int_equal(sscanf(reply, "*%zu", &elements), 1);
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s",
                                     used > 0 ? " |" : "");
            reply = strstr(reply, "\r\n") + 2;
            i = 0;
        }
        assert_int_equal(*reply, '$'); /* numbers are bulk strings too */
        size_t length = 0;
        assert_int_equal(sscanf(reply, "$%zu", &length), 1);
        reply = strstr(reply, "\r\n") + 2;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s",
                                 i % 2 == 1 ? "=" : (used > 0 ? " " : ""),
                                 (int)length, reply);
        reply += length + 2;
    }
    return text;
}

const char *ask_row(struct command_fixture *fixture, const char *line)
{
    bool plural = strstr(line, "master ") == NULL;
    return row_text(ask(fixture, line), plural);
}

const char *field(const char *row, const char *name)
{
    static char value[512];
    char pattern[64];
    (void)snprintf(pattern, sizeof(pattern), " %s=", name);
    const char *at = strstr(row, pattern);
    if (at == NULL) {
        return NULL;
    }
    at += strlen(pattern);
    size_t length = strcspn(at, " ");
    assert_true(length < sizeof(value));
    memcpy(value, at, length);
    value[length] = '\0';
    return value;
}

struct group *add_group(struct command_fixture *fixture)
{
    return model_fixture_add_group(&fixture->model, "mymaster", 26981);
}
