/* client_reply: replies leave in the order of the requests.
 *
 * A row's steps, between blanks: "+text" a reply that is there at once, "?n"
 * a question with token n, "n=text" its answer. After each step everything
 * that may leave is taken, and '|' ends it in the result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/clients/client_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 256, LIMIT = 12 };

struct row {
    const char *name;
    const char *steps;
    const char *expected; /* "!" where a step was refused */
};

static const struct row rows[] = {
    {"answered at once, leaves at once", "+a +b", "a|b|"},
    {"a question holds up what follows", "?1 +b +c 1=a", "|||abc|"},
    {"what came before does not wait", "+a ?1 1=b", "a||b|"},
    {"answers in another order wait for their turn", "?1 ?2 ?3 3=c 1=a 2=b",
     "||||a|bc|"},
    {"replies between questions keep their place", "?1 +b ?2 +d 2=c 1=a",
     "|||||abcd|"},
    {"an empty answer still has its place", "?1 +b 1=", "||b|"},
    {"an answer that nobody waits for", "+a 9=x", "a|!|"},
    {"a second answer to the same question", "?1 ?2 2=b 2=c 1=a", "|||!|ab|"},
    {"as much as the limit may wait", "?1 +abcdefghijkl 1=", "||abcdefghijkl|"},
    {"more than the limit may not", "?1 +abcdefghijkl +m", "||!|"},
    {"an answer counts against it", "?1 +abcdefghijk 1=xy", "||!abcdefghijk|"},
    {"what has left does not count", "+abcdefghijkl +abcdefghijkl",
     "abcdefghijkl|abcdefghijkl|"},
};

static void take_all(struct client_replies *replies, char *result)
{
    const struct buffer *front;
    while ((front = client_reply_front(replies)) != NULL) {
        strncat(result, front->data != NULL ? front->data : "", front->length);
        client_reply_shift(replies);
    }
    strncat(result, "|", 2);
}

static bool perform(struct client_replies *replies, const char *step)
{
    if (step[0] == '+') {
        return client_reply_append(replies, step + 1, strlen(step + 1));
    }
    if (step[0] == '?') {
        client_reply_expect(replies, strtoull(step + 1, NULL, 10));
        return true;
    }
    const char *text = strchr(step, '=') + 1;
    return client_reply_fill(replies, strtoull(step, NULL, 10), text,
                             strlen(text));
}

static void run_row(const struct row *row, char result[TEXT_SIZE])
{
    struct client_replies replies;
    client_reply_init(&replies, LIMIT);
    char steps[TEXT_SIZE];
    snprintf(steps, sizeof(steps), "%s", row->steps);
    result[0] = '\0';
    char *rest = NULL;
    for (char *step = strtok_r(steps, " ", &rest); step != NULL;
         step = strtok_r(NULL, " ", &rest)) {
        if (!perform(&replies, step)) {
            strncat(result, "!", 2);
        }
        take_all(&replies, result);
    }
    client_reply_clear(&replies);
}

static void test_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char result[TEXT_SIZE];
        run_row(&rows[i], result);
        if (strcmp(result, rows[i].expected) != 0) {
            fail_msg("%s: expected %s, got %s", rows[i].name, rows[i].expected,
                     result);
        }
    }
}

static void test_waiting_is_counted(void **state)
{
    (void)state;
    struct client_replies replies;
    client_reply_init(&replies, LIMIT);
    client_reply_expect(&replies, 1);
    client_reply_expect(&replies, 2);
    assert_int_equal(replies.waiting, 2);
    assert_true(client_reply_fill(&replies, 2, "x", 1));
    assert_int_equal(replies.waiting, 1);
    client_reply_clear(&replies);
    assert_int_equal(replies.waiting, 0);
    assert_int_equal(replies.length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_waiting_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
