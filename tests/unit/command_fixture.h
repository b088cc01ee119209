/* One client with a small model, and a way to ask it things: for tests of
 * command_run from request to reply. */
#ifndef TESTS_UNIT_COMMAND_FIXTURE_H
#define TESTS_UNIT_COMMAND_FIXTURE_H

#include "model_fixture.h"
#include "sentineld/command.h"

enum { FIXTURE_NOW = 1000000, FIXTURE_TOKEN = 77 };

struct command_fixture {
    struct model model;
    struct server_status status;
    struct command_context context;
    struct session session;
    struct session_book book; /* the session is in it */
    struct buffer out;
    struct resp_writer writer;
    struct command_fact fact; /* of the last question */
    enum command_next next;   /* of the last question */
    char line[4096];          /* the last question, cut into words */
};

/* A row of a table of questions and replies. */
struct asked_row {
    const char *name;
    const char *line;
    const char *reply;
};

/* cmocka's setup and teardown; an empty model, *state is the fixture. */
int command_fixture_setup(void **state);
int command_fixture_teardown(void **state);

/* Asks for words given as text: blanks part them, 'single quotes' hold them
 * together. Returns the whole reply, "" when it has to wait. */
const char *ask(struct command_fixture *fixture, const char *line);
/* Asks what only the core can answer; returns what the fact says to it. */
const struct admin *ask_admin(struct command_fixture *fixture,
                              const char *line);
/* As ask, for words that may hold any byte. */
const char *ask_words(struct command_fixture *fixture, size_t argc,
                      const char *const *argv, const size_t *lengths);
/* Asks each row's line and compares; names the row that differs. */
void check_replies(struct command_fixture *fixture,
                   const struct asked_row *rows, size_t count);
/* Fails unless the text begins so. */
void assert_begins(const char *text, const char *begin);
/* What is in `out` as a text, after a frame was written there directly. */
const char *written(struct command_fixture *fixture);

#endif
