/* The table of commands: every row is whole, and what follows from a row is
 * what a person would write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/catalog/catalog.h"

static void check_row(const struct command *container,
                      const struct command *row)
{
    char name[SESSION_TEXT_SIZE];
    command_full_name(container, row, name);
    bool is_answered = row->handler != HANDLED_BY_NONE;
    if (!is_answered && row->subcommands == NULL) {
        fail_msg("nothing answers %s", name);
    }
    if (row->summary == NULL || row->since == NULL) {
        fail_msg("%s has no summary, or no version", name);
    }
    if (is_answered && row->answer == NULL) {
        fail_msg("nobody says what %s answers", name);
    }
    if ((row->group == NULL) != (container != NULL)) {
        fail_msg("the group of %s is not its container's, or not there", name);
    }
    if (row->summary[strlen(row->summary) - 1] == '.') {
        fail_msg("the summary of %s ends in a period", name);
    }
    if ((row->deprecated_since == NULL) != (row->replaced_by == NULL)) {
        fail_msg("%s is deprecated, and nothing is in its place", name);
    }
}

static void test_rows_are_whole(void **state)
{
    (void)state;
    for (const struct command *row = command_table; row->name != NULL; row++) {
        check_row(NULL, row);
        for (const struct command *sub = row->subcommands;
             sub != NULL && sub->name != NULL; sub++) {
            check_row(row, sub);
        }
    }
}

/* Names in order are found by those who read, and none is there twice. */
static void test_rows_are_in_order(void **state)
{
    (void)state;
    for (const struct command *row = command_table; row->name != NULL; row++) {
        assert_true(row[1].name == NULL || strcmp(row->name, row[1].name) < 0);
        for (const struct command *sub = row->subcommands;
             sub != NULL && sub->name != NULL; sub++) {
            assert_true(sub[1].name == NULL ||
                        strcmp(sub->name, sub[1].name) < 0);
        }
    }
}

static void check_usage(const char *name, const char *expected)
{
    struct command_place place;
    struct buffer text;
    assert_true(command_find_listed(name, strlen(name), &place));
    buffer_init(&text, COMMAND_TEXT_MAX);
    command_write_usage(place.command, &text);
    assert_true(buffer_append(&text, "", 1));
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static void test_usage_follows_from_the_arguments(void **state)
{
    (void)state;
    check_usage("role", "ROLE");
    check_usage("Client|Caching", "CACHING (YES|NO)");
    check_usage("acl|deluser", "DELUSER <username> [<username> ...]");
    check_usage("acl|dryrun", "DRYRUN <username> <command> [<arg> ...]");
    check_usage("auth", "AUTH [<username>] <password>");
    check_usage("hello", "HELLO [<protover> [AUTH <username> <password>] "
                         "[SETNAME <clientname>]]");
    check_usage("client|list", "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] "
                               "[ID <client-id> [<client-id> ...]]");
    check_usage("client|tracking",
                "TRACKING (ON|OFF) [REDIRECT <client-id>] [PREFIX <prefix> "
                "[PREFIX <prefix> ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]");
    check_usage("client|pause", "PAUSE <timeout> [WRITE|ALL]");
    check_usage("sentinel|set", "SET <master-name> <option> <value> "
                                "[<option> <value> ...]");
    check_usage("sentinel|failover",
                "FAILOVER <master-name> [COORDINATED|FORCE] [TO <ip> <port>] "
                "[TIMEOUT <milliseconds>] [DRYRUN]");
    /* Redis shows this one in two lines. */
    check_usage("client|kill", "KILL <ip:port>\nKILL <option> <value> "
                               "[<option> <value> [...]]");
}

static struct buffer help_of(const char *name)
{
    struct buffer text;
    buffer_init(&text, COMMAND_TEXT_MAX);
    command_write_help(command_find(command_table, name, strlen(name)), &text);
    assert_true(buffer_append(&text, "", 1));
    return text;
}

static void check_line_lengths(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        assert_true(length > 0 && (text[0] != ' ' || length < 80));
        text += length + 1;
    }
}

static void check_help(const char *container, const char *expected)
{
    struct buffer help = help_of(container);
    if (strstr(help.data, expected) == NULL) {
        fail_msg("HELP of %s has not\n%s\nbut\n%s", container, expected,
                 help.data);
    }
    check_line_lengths(help.data);
    buffer_clear(&help);
}

static void test_help_follows_from_the_rows(void **state)
{
    (void)state;
    check_help("acl", "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands "
                      "are:\nCAT [<category>]\n    Names of the categories, or "
                      "of one category's commands.\nDELUSER");
    check_help("client", "\nPAUSE <timeout> [WRITE|ALL]\n    Keeps requests "
                         "waiting for so many milliseconds. UNPAUSE waits,");
    check_help("command", "are:\n(no subcommand)\n    All commands with their "
                          "properties.\nCOUNT\n");
    check_help("sentinel", "\n    Fails over now, although nothing is wrong.");
    check_help("sentinel", "\n    * COORDINATED: ");
}

static void test_help_leaves_aliases_out(void **state)
{
    (void)state;
    struct buffer help = help_of("sentinel");
    assert_non_null(strstr(help.data, "\nMASTERS\n"));
    assert_null(strstr(help.data, "PRIMARIES"));
    assert_null(strstr(help.data, "SLAVES"));
    buffer_clear(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_rows_are_in_order),
        cmocka_unit_test(test_usage_follows_from_the_arguments),
        cmocka_unit_test(test_help_follows_from_the_rows),
        cmocka_unit_test(test_help_leaves_aliases_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
