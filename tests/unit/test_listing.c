/* Long lists are made in steps; in between clients and groups come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "command_fixture.h"
#include "sentineld/memory.h"

enum { CROWD = 300, FIRST_ID = 100 };

struct crowd {
    struct session sessions[CROWD];
    bool is_there[CROWD];
};

static void arrive(struct command_fixture *fixture, struct crowd *crowd, int i)
{
    session_init(&crowd->sessions[i], (uint64_t)(FIRST_ID + i));
    session_book_add(&fixture->book, &crowd->sessions[i]);
    crowd->is_there[i] = true;
}

static void leave(struct command_fixture *fixture, struct crowd *crowd, int i)
{
    if (crowd->is_there[i]) {
        session_book_remove(&fixture->book, &crowd->sessions[i]);
        session_clear(&crowd->sessions[i]);
        crowd->is_there[i] = false;
    }
}

static enum command_next step(struct command_fixture *fixture,
                              const struct resp_request *request)
{
    return command_run(&fixture->context, &fixture->session, request, 1,
                       &fixture->writer, &fixture->fact);
}

static bool is_listed(struct command_fixture *fixture, int i)
{
    char line[32];
    (void)snprintf(line, sizeof(line), "id=%d addr", FIRST_ID + i);
    return strstr(fixture->out.data, line) != NULL;
}

static const char *const list_words[] = {"client", "list"};
static const size_t list_lengths[] = {6, 4};
static const struct resp_request list_request = {2, list_words, list_lengths};

/* From the third step on those whose turn is near leave, and others come. */
static void test_clients_come_and_go(void **state)
{
    struct command_fixture *fixture = *state;
    struct crowd *crowd = xcalloc(1, sizeof(*crowd));
    int steps = 0;
    for (int i = 0; i < CROWD - 1; i++) {
        arrive(fixture, crowd, i);
    }
    enum command_next next = step(fixture, &list_request);
    while (next == COMMAND_AGAIN) {
        assert_int_equal(fixture->out.length, 0);
        if (++steps == 2) {
            for (int i = 100; i < 250; i++) {
                leave(fixture, crowd, i);
            }
            arrive(fixture, crowd, CROWD - 1);
        }
        next = step(fixture, &list_request);
    }
    assert_in_range(steps, 2, CROWD);
    assert_int_equal(next, COMMAND_REPLIED);
    assert_true(buffer_append(&fixture->out, "", 1));
    for (int i = 0; i < CROWD; i++) {
        bool is_late = i == CROWD - 1;
        bool may_be = i >= 100 && i < 250; /* made before they left, or not */
        if (!may_be && is_listed(fixture, i) == is_late) {
            fail_msg("client %d", i);
        }
        leave(fixture, crowd, i);
    }
    free(crowd);
}

/* Who asks leaves, or all others do, in the middle of it. */
static void test_the_end_of_everybody(void **state)
{
    struct command_fixture *fixture = *state;
    struct crowd *crowd = xcalloc(1, sizeof(*crowd));
    for (int i = 0; i < CROWD; i++) {
        arrive(fixture, crowd, i);
    }
    assert_int_equal(step(fixture, &list_request), COMMAND_AGAIN);
    for (int i = 0; i < CROWD; i++) {
        leave(fixture, crowd, i);
    }
    assert_int_equal(step(fixture, &list_request), COMMAND_REPLIED);
    for (int i = 0; i < CROWD; i++) {
        arrive(fixture, crowd, i);
    }
    assert_int_equal(command_run(&fixture->context, &crowd->sessions[0],
                                 &list_request, 1, &fixture->writer,
                                 &fixture->fact),
                     COMMAND_AGAIN);
    for (int i = 0; i < CROWD; i++) {
        leave(fixture, crowd, i);
    }
    assert_true(TAILQ_EMPTY(&fixture->book.listings));
    free(crowd);
}

static void test_groups_go(void **state)
{
    struct command_fixture *fixture = *state;
    static const char *const words[] = {"sentinel", "masters"};
    static const size_t lengths[] = {8, 7};
    static const struct resp_request request = {2, words, lengths};
    struct group *groups[40];
    for (int i = 0; i < 40; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "extra%02d", i);
        groups[i] = model_fixture_add_group(&fixture->model, name, 6379);
    }
    assert_int_equal(step(fixture, &request), COMMAND_AGAIN);
    for (int i = 10; i < 30; i++) {
        model_fixture_remove_group(&fixture->model, groups[i]);
    }
    enum command_next next;
    while ((next = step(fixture, &request)) == COMMAND_AGAIN) {
        assert_int_equal(fixture->out.length, 0);
    }
    assert_true(buffer_append(&fixture->out, "", 1));
    assert_non_null(strstr(fixture->out.data, "extra00"));
    assert_non_null(strstr(fixture->out.data, "extra30"));
    assert_non_null(strstr(fixture->out.data, "extra39"));
    assert_null(strstr(fixture->out.data, "extra29"));
    char begin[16];
    size_t rows = 0;
    for (const char *at = fixture->out.data;
         (at = strstr(at, "\r\n$4\r\nname\r\n")) != NULL; at++) {
        rows++;
    }
    (void)snprintf(begin, sizeof(begin), "*%zu\r\n", rows);
    assert_begins(fixture->out.data, begin);
}

int main(void)
{
#define TEST(test)                                               \
    cmocka_unit_test_setup_teardown(test, command_fixture_setup, \
                                    command_fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_clients_come_and_go),
        TEST(test_the_end_of_everybody),
        TEST(test_groups_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
