/* RESP out: each kind of value in both protocols; a full buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/resp.h"

struct fixture {
    struct buffer out;
    struct resp_writer writer;
};

static void begin(struct fixture *fixture, unsigned protocol)
{
    buffer_init(&fixture->out, 10000);
    fixture->writer = (struct resp_writer){&fixture->out, protocol};
}

static void assert_written(struct fixture *fixture, const char *expected)
{
    assert_true(buffer_append(&fixture->out, "", 1));
    assert_string_equal(fixture->out.data, expected);
    buffer_clear(&fixture->out);
}

static void write_all(struct resp_writer *writer)
{
    resp_status(writer, "OK");
    resp_integer(writer, INT64_MIN);
    resp_bulk(writer, "a\r\nb", 4);
    resp_bulk(writer, NULL, 0);
    resp_string(writer, "text");
    resp_number(writer, UINT64_MAX);
    resp_array(writer, 3);
    resp_map(writer, 2);
    resp_push(writer, 4);
    resp_set(writer, 2);
    resp_verbatim(writer, "a\n", 2);
    resp_null(writer);
    resp_null_array(writer);
}

#define COMMON                                                       \
    "+OK\r\n:-9223372036854775808\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$4\r" \
    "\ntext\r\n$20\r\n18446744073709551615\r\n*3\r\n"

static void test_values_in_resp2(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 2);
    write_all(&fixture.writer);
    assert_written(&fixture,
                   COMMON "*4\r\n*4\r\n*2\r\n$2\r\na\n\r\n$-1\r\n*-1\r\n");
}

static void test_values_in_resp3(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 3);
    write_all(&fixture.writer);
    assert_written(&fixture,
                   COMMON "%2\r\n>4\r\n~2\r\n=6\r\ntxt:a\n\r\n_\r\n_\r\n");
}

struct row {
    const char *text;
    const char *expected;
};

static const struct row error_rows[] = {
    {"NOAUTH Authentication required.", "-NOAUTH Authentication required.\r\n"},
    {"ERR syntax error", "-ERR syntax error\r\n"},
    {"NOQUORUM", "-NOQUORUM\r\n"},
    {"No such master", "-ERR No such master\r\n"},
    {"A sentence", "-ERR A sentence\r\n"},
    {"Protocol error: x", "-ERR Protocol error: x\r\n"},
    {"HTTP/1.1 x", "-ERR HTTP/1.1 x\r\n"},
    {"", "-ERR \r\n"},
    {"INPROG a\r\n+OK\nb", "-INPROG a  +OK b\r\n"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_rows / sizeof error_rows[0]; i++) {
        struct fixture fixture;
        begin(&fixture, 2);
        resp_error(&fixture.writer, error_rows[i].text);
        assert_written(&fixture, error_rows[i].expected);
    }
}

/* What is echoed cannot end the line early. */
static void test_formatted_error(void **state)
{
    (void)state;
    struct fixture fixture;
    begin(&fixture, 2);
    resp_status(&fixture.writer, "a\r\nb");
    resp_err(&fixture.writer, "unknown '%s' %d", "x\r\n-y\n", 5);
    resp_err(&fixture.writer, "NOAUTH is a word here");
    assert_written(&fixture, "+a  b\r\n-ERR unknown 'x  -y ' 5\r\n"
                             "-ERR NOAUTH is a word here\r\n");
}

static void test_line_of_any_length(void **state)
{
    (void)state;
    char text[3000];
    memset(text, '\n', sizeof text);
    text[sizeof text - 1] = '\0';
    struct fixture fixture;
    begin(&fixture, 2);
    resp_err(&fixture.writer, "%s", text);
    assert_int_equal(fixture.out.length, 5 + 2999 + 2);
    assert_memory_equal(fixture.out.data + 5 + 2998, " \r\n", 3);
    buffer_clear(&fixture.out);
}

static void test_command(void **state)
{
    (void)state;
    struct fixture fixture;
    const char *argv[] = {"PUBLISH", "", "a b"};
    begin(&fixture, 2);
    resp_command(&fixture.out, 3, argv);
    assert_written(&fixture, "*3\r\n$7\r\nPUBLISH\r\n$0\r\n\r\n$3\r\na b\r\n");
}

/* Wherever the room ends: what is there is a beginning of the whole reply,
 * and the buffer says that the rest is missing. */
static void test_full_buffer(void **state)
{
    (void)state;
    struct fixture whole;
    begin(&whole, 2);
    write_all(&whole.writer);
    resp_err(&whole.writer, "%s", "sorry");
    for (size_t room = 0; room < whole.out.length; room++) {
        struct buffer out;
        struct resp_writer writer = {&out, 2};
        buffer_init(&out, room);
        write_all(&writer);
        resp_err(&writer, "%s", "sorry");
        assert_true(out.overflowed);
        assert_true(out.length <= room);
        if (out.length > 0) {
            assert_memory_equal(out.data, whole.out.data, out.length);
        }
        buffer_clear(&out);
    }
    buffer_clear(&whole.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_in_resp2),
        cmocka_unit_test(test_values_in_resp3),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_formatted_error),
        cmocka_unit_test(test_line_of_any_length),
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
