/* One client with a small model; see the header. */
#include "command_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentineld/memory.h"

enum { MAX_WORDS = 80, OUT_MAX = 1 << 20 };

int command_fixture_setup(void **state)
{
    struct command_fixture *fixture = xcalloc(1, sizeof(*fixture));
    model_fixture_init(&fixture->model);
    fixture->context = (struct command_context){
        .model = &fixture->model,
        .acl = acl_new(),
        .status = &fixture->status,
        .now = FIXTURE_NOW,
        .sessions = &fixture->book,
    };
    fixture->status.acllog_max_len = 128;
    session_init(&fixture->session, 9);
    session_book_init(&fixture->book);
    session_book_add(&fixture->book, &fixture->session);
    buffer_init(&fixture->out, OUT_MAX);
    fixture->writer = (struct resp_writer){&fixture->out, 2};
    *state = fixture;
    return 0;
}

int command_fixture_teardown(void **state)
{
    struct command_fixture *fixture = *state;
    command_fact_clear(&fixture->fact);
    acl_free(fixture->context.acl);
    session_book_remove(&fixture->book, &fixture->session);
    session_clear(&fixture->session);
    buffer_clear(&fixture->out);
    model_fixture_clear(&fixture->model);
    free(fixture);
    return 0;
}

const char *written(struct command_fixture *fixture)
{
    assert_true(buffer_append(&fixture->out, "", 1));
    return fixture->out.data;
}

const char *ask_words(struct command_fixture *fixture, size_t argc,
                      const char *const *argv, const size_t *lengths)
{
    const struct resp_request request = {argc, argv, lengths};
    command_fact_clear(&fixture->fact);
    fixture->out.length = 0;
    do {
        fixture->next =
            command_run(&fixture->context, &fixture->session, &request,
                        FIXTURE_TOKEN, &fixture->writer, &fixture->fact);
    } while (fixture->next == COMMAND_AGAIN);
    return written(fixture);
}

const char *ask(struct command_fixture *fixture, const char *line)
{
    const char *argv[MAX_WORDS];
    size_t lengths[MAX_WORDS];
    size_t argc = 0;
    copy_text(fixture->line, sizeof(fixture->line), line);
    for (char *at = fixture->line; *at != '\0' && argc < MAX_WORDS;) {
        char end = *at == '\'' ? '\'' : ' ';
        at += end == '\'' ? 1 : 0;
        argv[argc] = at;
        at += strcspn(at, end == '\'' ? "'" : " ");
        lengths[argc] = (size_t)(at - argv[argc]);
        argc++;
        if (*at != '\0') {
            *at++ = '\0';
        }
        at += strspn(at, " ");
    }
    return ask_words(fixture, argc, argv, lengths);
}

void assert_begins(const char *text, const char *begin)
{
    if (strncmp(text, begin, strlen(begin)) != 0) {
        fail_msg("\n%s\nshould begin with\n%s", text, begin);
    }
}

void check_replies(struct command_fixture *fixture,
                   const struct asked_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *reply = ask(fixture, rows[i].line);
        if (strcmp(reply, rows[i].reply) != 0) {
            fail_msg("%s: '%s' answers\n%s\nbut should answer\n%s",
                     rows[i].name, rows[i].line, reply, rows[i].reply);
        }
    }
}

const struct admin *ask_admin(struct command_fixture *fixture, const char *line)
{
    assert_string_equal(ask(fixture, line), "");
    assert_int_equal(fixture->next, COMMAND_WAIT);
    assert_int_equal(fixture->fact.event.type, EV_ADMIN);
    assert_ptr_equal(fixture->fact.event.admin, &fixture->fact.admin);
    assert_int_equal(fixture->fact.admin.client, FIXTURE_TOKEN);
    return &fixture->fact.admin;
}
