/* RESP in: replies, whole and in pieces, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resp_support.h"

static const struct resp_support_row reply_rows[] = {
    {"status", "+PONG\r\n", 0, "(+PONG)."},
    {"error", "-NOAUTH x\r\n", 0, "(-NOAUTH x)."},
    {"integers", ":0\r\n:-12\r\n:9223372036854775807\r\n", 0,
     "(:0)(:-12)(:9223372036854775807)."},
    {"bulk", "$3\r\na\nb\r\n$0\r\n\r\n", 0, "('a\\x0ab')('')."},
    {"nulls", "$-1\r\n*-1\r\n", 0, "(nil)(nil)."},
    {"empty array", "*0\r\n+x\r\n", 0, "([0)(+x)."},
    {"array", "*3\r\n:0\r\n$1\r\n*\r\n:0\r\n", 0, "([3 :0 '*' :0)."},
    {"nested", "*2\r\n*1\r\n*0\r\n+x\r\n:1\r\n", 0, "([2 [1 [0 +x)(:1)."},
    {"deepest", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", 0,
     "([1 [1 [1 [1 [1 [1 [1 :1)."},
    {"longest line", "+" TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345678\r\n", 0,
     "(+" TEN TEN TEN TEN TEN TEN TEN TEN TEN "012345678)."},
    {"unfinished", "*2\r\n:1\r\n", 0, "."},
    {"unfinished bulk", "$3\r\nabc\r", 0, "."},
    {"too deep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", 0,
     BROKEN "arrays are nested too deeply"},
    {"too many elements", "*9\r\n", 0, BROKEN "an array is too long"},
    {"absurd array", "*1000000000\r\n", 0, BROKEN "an array is too long"},
    {"negative array", "*-2\r\n", 0, BROKEN "a bad number"},
    {"bulk too long", "$101\r\n", 0, BROKEN "a bulk string is too long"},
    {"absurd bulk", "$9223372036854775807\r\n", 0,
     BROKEN "a bulk string is too long"},
    {"negative bulk", "$-2\r\n", 0, BROKEN "a bad number"},
    {"line too long", "+" HUNDRED "\r\n", 0, BROKEN "a line is too long"},
    {"endless line", "-" HUNDRED "01", 0, BROKEN "a line is too long"},
    {"no number", ":\r\n", 0, BROKEN "a bad number"},
    {"letters", ":1a\r\n", 0, BROKEN "a bad number"},
    {"number too large", ":9223372036854775808\r\n", 0, BROKEN "a bad number"},
    {"RESP3", "%1\r\n", 0, BROKEN "a reply of unknown type"},
    {"not RESP", "HTTP/1.1 400 Bad Request\r\n", 0,
     BROKEN "a reply of unknown type"},
    {"blank line", "\r\n", 0, BROKEN "a bad line"},
    {"\\n alone", "+OK\n", 0, BROKEN "a bad line"},
    {"bulk longer than said", "$1\r\nabc", 0,
     BROKEN "a bulk string has another length"},
    {"good, then bad", "+OK\r\n*1\r\nx\r\n", 0,
     "(+OK)" BROKEN "a reply of unknown type"},
};

static void test_replies(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof reply_rows / sizeof reply_rows[0]; i++) {
        failed += resp_support_check_row(&reply_rows[i], false);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
