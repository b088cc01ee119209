/* Patterns of PSUBSCRIBE and RESET. The rows were compared with what KEYS of
 * a redis-server 7.0 answers for the same pattern and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/text/text.h"
#include "sentineld/command.h"

static const struct {
    const char *name;
    const char *pattern;
    const char *text;
    bool matches;
} rows[] = {
    {"the same text", "+sdown", "+sdown", true},
    {"a shorter text", "+sdown", "+sdow", false},
    {"a longer text", "+sdow", "+sdown", false},
    {"case counts", "+SDOWN", "+sdown", false},
    {"star takes all", "*", "+sdown", true},
    {"star takes nothing", "+sdown*", "+sdown", true},
    {"star in the middle", "+*n", "+sdown", true},
    {"two stars in a row", "+**n", "+sdown", true},
    {"a star goes back and tries again", "*ab*abc", "ababxababc", true},
    {"a star that finds no end", "*abd", "ababxababc", false},
    {"star before a class", "*[xy]", "abcx", true},
    {"star on nothing", "*", "", true},
    {"nothing on nothing", "", "", true},
    {"nothing on something", "", "a", false},
    {"question mark takes one", "?sdown", "+sdown", true},
    {"question mark takes no nothing", "+sdown?", "+sdown", false},
    {"class", "[-+]sdown", "-sdown", true},
    {"class, the other", "[-+]sdown", "+sdown", true},
    {"class, neither", "[-+]sdown", "xsdown", false},
    {"range", "[a-c]", "b", true},
    {"range, its ends", "[a-c][a-c]", "ac", true},
    {"range, outside", "[a-c]", "d", false},
    {"range written backwards", "[c-a]", "b", true},
    {"negated class", "[^a-c]", "d", true},
    {"negated class, inside", "[^a-c]", "b", false},
    {"a caret later is itself", "[a^]", "^", true},
    {"a class never takes nothing", "[a]", "", false},
    {"empty class", "[]", "a", false},
    {"negated empty class takes any", "[^]", "a", true},
    {"class without its end", "[abc", "b", true},
    {"class without its end, outside", "[abc", "d", false},
    {"range without its end", "[a-", "-", true},
    {"escaped bracket in a class", "[\\]]", "]", true},
    {"escaped star", "\\*", "*", true},
    {"escaped star is no star", "\\*", "a", false},
    {"escaped letter", "\\a", "a", true},
    {"a lone backslash is itself", "a\\", "a\\", true},
    {"many stars do not take for ever", "*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool matches = glob_match(rows[i].pattern, strlen(rows[i].pattern),
                                  rows[i].text, strlen(rows[i].text), false);
        if (matches != rows[i].matches) {
            fail_msg("%s: '%s' on '%s' gives %d", rows[i].name, rows[i].pattern,
                     rows[i].text, matches);
        }
    }
}

static void test_ignoring_case(void **state)
{
    (void)state;
    assert_true(glob_match("MY*R", 4, "mymaster", 8, true));
    assert_true(glob_match("[A-C]", 5, "b", 1, true));
    assert_true(glob_match("\\A", 2, "a", 1, true));
    assert_false(glob_match("[^A-C]", 6, "b", 1, true));
}

static void test_binary_text(void **state)
{
    (void)state;
    assert_true(glob_match("a?b", 3, "a\0b", 3, false));
    assert_true(glob_match("a\0*", 3, "a\0xyz", 5, false));
    assert_false(glob_match("a\0b", 3, "a", 1, false));
}

/* A slow and obvious second implementation for patterns of letters, stars
 * and question marks: matches[i][j] = do i of the pattern take j of the
 * text? */
static bool match_by_table(const char *pattern, const char *text)
{
    bool matches[16][16] = {{true}};
    size_t pattern_length = strlen(pattern);
    size_t text_length = strlen(text);
    for (size_t i = 1; i <= pattern_length; i++) {
        char c = pattern[i - 1];
        matches[i][0] = c == '*' && matches[i - 1][0];
        for (size_t j = 1; j <= text_length; j++) {
            bool one = c == '?' || c == text[j - 1];
            matches[i][j] = c == '*' ? matches[i - 1][j] || matches[i][j - 1]
                                     : one && matches[i - 1][j - 1];
        }
    }
    return matches[pattern_length][text_length];
}

/* The n-th text over an alphabet, shortest first. */
static void make_text(unsigned n, const char *alphabet, char text[16])
{
    unsigned base = (unsigned)strlen(alphabet);
    size_t length = 0;
    for (; n > 0; n = (n - 1) / base) {
        text[length++] = alphabet[(n - 1) % base];
    }
    text[length] = '\0';
}

static void test_all_short_patterns(void **state)
{
    (void)state;
    char pattern[16];
    char text[16];
    for (unsigned p = 0; p < 5461; p++) {
        make_text(p, "ab*?", pattern);
        for (unsigned t = 0; t < 127; t++) {
            make_text(t, "ab", text);
            bool expected = match_by_table(pattern, text);
            if (glob_match(pattern, strlen(pattern), text, strlen(text),
                           false) != expected) {
                fail_msg("'%s' on '%s' should give %d", pattern, text,
                         expected);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_ignoring_case),
        cmocka_unit_test(test_binary_text),
        cmocka_unit_test(test_all_short_patterns),
    };
    return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
