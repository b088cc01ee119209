/* The growing buffer: content, maximum, overflow, consuming. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentineld/buffer.h"

static void assert_content(const struct buffer *buffer, const char *expected)
{
    assert_int_equal(buffer->length, strlen(expected));
    assert_memory_equal(buffer->data, expected, buffer->length);
}

static void test_appends_in_order(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_true(buffer_append(&buffer, NULL, 0));
    assert_null(buffer.data);
    assert_true(buffer_append(&buffer, "abc", 3));
    assert_true(buffer_printf(&buffer, "-%d-%s", 7, "x"));
    assert_content(&buffer, "abc-7-x");
    buffer_clear(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.maximum, 1000);
}

static void test_maximum_is_exact(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 5);
    assert_true(buffer_append(&buffer, "abcd", 4));
    assert_true(buffer_append(&buffer, "e", 1));
    assert_false(buffer.overflowed);
    assert_false(buffer_append(&buffer, "f", 1));
    assert_true(buffer.overflowed);
    assert_content(&buffer, "abcde");
    assert_true(buffer.capacity <= 5);
    buffer_clear(&buffer);
}

/* A piece that would fit after one that did not would leave a hole. */
static void test_overflow_lasts(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 5);
    assert_true(buffer_append(&buffer, "abc", 3));
    assert_false(buffer_append(&buffer, "defg", 4));
    assert_false(buffer_append(&buffer, "d", 1));
    assert_false(buffer_printf(&buffer, "%s", ""));
    assert_content(&buffer, "abc");
    buffer_clear(&buffer);
    assert_false(buffer.overflowed);
    assert_true(buffer_append(&buffer, "d", 1));
    buffer_clear(&buffer);
}

static void test_length_near_the_end_of_memory(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, SIZE_MAX);
    assert_true(buffer_append(&buffer, "abc", 3));
    assert_false(buffer_append(&buffer, "x", SIZE_MAX - 2));
    assert_content(&buffer, "abc");
    buffer_clear(&buffer);
}

static void test_printf_of_any_length(void **state)
{
    (void)state;
    char text[2001];
    memset(text, 'x', sizeof text - 1);
    for (size_t length = 0; length < sizeof text; length += 1) {
        struct buffer buffer;
        buffer_init(&buffer, length);
        assert_true(buffer_printf(&buffer, "%.*s", (int)length, text));
        assert_int_equal(buffer.length, length);
        assert_false(buffer_printf(&buffer, "y"));
        if (length > 0) {
            assert_memory_equal(buffer.data, text, length);
        }
        buffer_clear(&buffer);
    }
}

static void test_consume_drops_the_front(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    buffer_consume(&buffer, 0);
    assert_true(buffer_append(&buffer, "abcdef", 6));
    buffer_consume(&buffer, 2);
    assert_content(&buffer, "cdef");
    buffer_consume(&buffer, 0);
    assert_content(&buffer, "cdef");
    buffer_consume(&buffer, 4);
    assert_int_equal(buffer.length, 0);
    assert_true(buffer_append(&buffer, "g", 1));
    assert_content(&buffer, "g");
    buffer_clear(&buffer);
}

static void test_many_small_pieces(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100000);
    for (size_t i = 0; i < 100000; i++) {
        char digit = (char)('0' + (int)(i % 10));
        assert_true(buffer_append(&buffer, &digit, 1));
    }
    for (size_t i = 0; i < 100000; i++) {
        assert_int_equal(buffer.data[i], '0' + (int)(i % 10));
    }
    assert_false(buffer_append(&buffer, "x", 1));
    buffer_clear(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends_in_order),
        cmocka_unit_test(test_maximum_is_exact),
        cmocka_unit_test(test_overflow_lasts),
        cmocka_unit_test(test_length_near_the_end_of_memory),
        cmocka_unit_test(test_printf_of_any_length),
        cmocka_unit_test(test_consume_drops_the_front),
        cmocka_unit_test(test_many_small_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
