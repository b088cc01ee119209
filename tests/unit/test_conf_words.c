/* The quoting of sentinel.conf: lines to words, words to quoted words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/memory.h"

#define UNBALANCED "Unbalanced quotes in configuration line"
#define NO_NUL     "a value cannot have a NUL character"

enum { WORDS_MOST = 5 };

static const struct {
    const char *line;
    const char *words[WORDS_MOST]; /* up to the first NULL ... */
    const char *fault;             /* ... or this */
} lines[] = {
    {"", {NULL}, NULL},
    {" \t ", {NULL}, NULL},
    {"port 26379", {"port", "26379"}, NULL},
    {"  port \t 26379 \r", {"port", "26379"}, NULL},
    {"a b c d", {"a", "b", "c", "d"}, NULL},
    {"dir \"/a b\"", {"dir", "/a b"}, NULL},
    {"dir '/a b'", {"dir", "/a b"}, NULL},
    {"\"port\" \"1\"", {"port", "1"}, NULL},
    {"logfile \"\"", {"logfile", ""}, NULL},
    {"logfile ''", {"logfile", ""}, NULL},
    {"a \"\\n\\r\\t\\b\\a\\\\\\\"\\q\"", {"a", "\n\r\t\b\a\\\"q"}, NULL},
    {"a \"\\x41\\x7a\\xfF\"", {"a", "Az\xff"}, NULL},
    {"a \"\\x4\"", {"a", "x4"}, NULL},
    {"a \"\\xg1\"", {"a", "xg1"}, NULL},
    {"a 'it\\'s'", {"a", "it's"}, NULL},
    {"a '\\n\\\\x'", {"a", "\\n\\\\x"}, NULL},
    {"a 'say \"x\"'", {"a", "say \"x\""}, NULL},
    {"a \"it's\"", {"a", "it's"}, NULL},
    {"a x\"y z\"", {"a", "xy z"}, NULL},
    {"a \\n #b", {"a", "\\n", "#b"}, NULL},
    {"a \xc3\xa9", {"a", "\xc3\xa9"}, NULL},
    {"a \"b", {NULL}, UNBALANCED},
    {"a 'b", {NULL}, UNBALANCED},
    {"a \"b\"c", {NULL}, UNBALANCED},
    {"a 'b'c", {NULL}, UNBALANCED},
    {"a \"b\"\"c\"", {NULL}, UNBALANCED},
    {"a \"b\\\"", {NULL}, UNBALANCED},
    {"a 'b\\'", {NULL}, UNBALANCED},
    {"a 'b\\\\'", {NULL}, UNBALANCED},
    {"\"", {NULL}, UNBALANCED},
    {"a \"\\", {NULL}, UNBALANCED},
    {"a \"\\x0", {NULL}, UNBALANCED},
    {"a \"x\\x00y\"", {NULL}, NO_NUL},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct conf_words words;
        const char *fault =
            conf_words_split(lines[i].line, strlen(lines[i].line), &words);
        if (lines[i].fault != NULL || fault != NULL) {
            if (lines[i].fault == NULL || fault == NULL) {
                fail_msg("[%s]: %s", lines[i].line,
                         fault != NULL ? fault : "accepted");
            }
            assert_string_equal(fault, lines[i].fault);
            continue;
        }
        for (size_t w = 0; w < words.count; w++) {
            if (w >= WORDS_MOST || lines[i].words[w] == NULL ||
                strcmp(lines[i].words[w], words.words[w]) != 0) {
                fail_msg("[%s]: word %zu is [%s]", lines[i].line, w,
                         words.words[w]);
            }
        }
        if (words.count < WORDS_MOST && lines[i].words[words.count] != NULL) {
            fail_msg("[%s]: %zu words", lines[i].line, words.count);
        }
        conf_words_clear(&words);
    }
}

static void check_quoting(const char *word)
{
    char quoted[512];
    struct conf_words words;
    size_t length = conf_words_quote(word, quoted);
    assert_int_equal(length, strlen(quoted));
    assert_true(length <= strlen(word) * 4 + 2);
    assert_null(conf_words_split(quoted, length, &words));
    assert_int_equal(words.count, 1);
    assert_string_equal(words.words[0], word);
    conf_words_clear(&words);
}

static void test_each_byte_survives_quoting(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char word[4] = {'a', (char)byte, '\0'};
        check_quoting(word);
        word[2] = '4'; /* which could be taken for part of an escape */
        check_quoting(word);
        check_quoting(word + 1);
    }
    check_quoting("");
}

static void test_quoted_words_are_plain_text(void **state)
{
    (void)state;
    char quoted[64];
    (void)conf_words_quote("a\n\x01\"\\\x7f", quoted);
    assert_string_equal(quoted, "\"a\\x0a\\x01\\\"\\\\\\x7f\"");
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Lines of nothing but trouble: whatever comes, nothing is read or written
 * where it must not be. The lines are copied to their exact size, so that a
 * sanitizer sees one byte too many. */
static void test_random_lines(void **state)
{
    (void)state;
    static const char letters[] = "\"'\\x0a4 \tn";
    uint32_t seed = (uint32_t)time(NULL) | 1;
    print_message("seed %u\n", (unsigned)seed);
    for (int run = 0; run < 20000; run++) {
        size_t length = next_random(&seed) % 24;
        char *line = xmalloc(length);
        struct conf_words words;
        for (size_t i = 0; i < length; i++) {
            line[i] = letters[next_random(&seed) % (sizeof(letters) - 1)];
        }
        if (conf_words_split(line, length, &words) == NULL) {
            for (size_t i = 0; i < words.count; i++) {
                check_quoting(words.words[i]);
            }
            conf_words_clear(&words);
        }
        free(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_each_byte_survives_quoting),
        cmocka_unit_test(test_quoted_words_are_plain_text),
        cmocka_unit_test(test_random_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
