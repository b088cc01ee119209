/* Access rules: every word, every error, what a user may do, and changes
 * that are taken back. Descriptions and errors are those of redis-sentinel
 * 7.0, where the same words give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "sentineld/memory.h"

#define PW_HASH \
    "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"
#define NO_COMMAND "Unknown command or category name in ACL"
#define KEYS_TAKEN                                                          \
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not "  \
    "valid and does not have any effect. Try 'resetkeys' to start with an " \
    "empty list of patterns"
#define CHANNELS_TAKEN                                                      \
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is "  \
    "not valid and does not have any effect. Try 'resetchannels' to start " \
    "with an empty list of channels"
#define BAD_HASH                                                        \
    "The password hash must be exactly 64 characters and contain only " \
    "lowercase hexadecimal characters"
#define WRONG(word, what) "Error in ACL SETUSER modifier '" word "': " what

enum { WORDS_MAX = 32 };

/* The words of a line: one blank parts them, so there are empty ones. */
static struct acl_words words_of(const char *line,
                                 struct acl_word words[WORDS_MAX])
{
    size_t count = 0;
    while (*line != '\0') {
        size_t length = strcspn(line, " ");
        assert_true(count < WORDS_MAX);
        words[count++] = (struct acl_word){line, length};
        line += length + (line[length] == ' ' ? 1 : 0);
    }
    return (struct acl_words){count, words};
}

/* The description after the words, or the error; the caller's to free. */
static char *set_and_describe(struct acl *acl, const char *line)
{
    struct acl_word words[WORDS_MAX];
    struct acl_words all = words_of(line, words);
    struct acl_change change = {0};
    struct error error = {""};
    struct buffer out;
    if (!acl_set_user(acl, "a", &all, &change, &error)) {
        assert_int_equal(change.count, 0);
        return xstrdup(error.text);
    }
    assert_int_equal(change.count, 1);
    acl_change_clear(&change);
    buffer_init(&out, SIZE_MAX);
    acl_describe_user(acl_find(acl, "a", 1), &out);
    assert_true(buffer_append(&out, "", 1));
    return out.data;
}

static const struct rule_row {
    const char *name;
    const char *words;
    const char *expected;
} rule_rows[] = {
    {"nothing said", "", "off resetchannels -@all"},
    {"on", "on", "on resetchannels -@all"},
    {"off again", "on OFF", "off resetchannels -@all"},
    {"nopass", "nopass", "off nopass resetchannels -@all"},
    {"nopass forgets passwords", ">pw nopass",
     "off nopass resetchannels -@all"},
    {"a password ends nopass", "nopass >pw",
     "off #" PW_HASH " resetchannels -@all"},
    {"resetpass", "nopass resetpass", "off resetchannels -@all"},
    {"a hash", "#" PW_HASH, "off #" PW_HASH " resetchannels -@all"},
    {"a password twice", ">pw #" PW_HASH,
     "off #" PW_HASH " resetchannels -@all"},
    {"a password removed", ">pw <pw", "off resetchannels -@all"},
    {"a hash removed", ">pw !" PW_HASH, "off resetchannels -@all"},
    {"an unknown one removed", "<zz",
     WRONG("<zz", "The password you are trying to remove from the user does "
                  "not exist")},
    {"a hash too short", "#30c9", WRONG("#30c9", BAD_HASH)},
    {"a hash removed, too short", "!zz", WRONG("!zz", BAD_HASH)},
    {"sanitize-payload", "sanitize-payload",
     "off sanitize-payload resetchannels -@all"},
    {"skip-sanitize-payload", "skip-sanitize-payload",
     "off skip-sanitize-payload resetchannels -@all"},
    {"keys", "~a ~b*", "off ~a ~b* resetchannels -@all"},
    {"keys twice", "~a ~a", "off ~a resetchannels -@all"},
    {"keys to read", "%R~a %w~b %rW~c", "off %R~a %W~b ~c resetchannels -@all"},
    {"keys to read, then to write", "%R~a %W~a", "off ~a resetchannels -@all"},
    {"all keys as a pattern among others", "%RW~* ~foo",
     "off %RW~* ~foo resetchannels -@all"},
    {"all keys in two steps", "~foo %W~* %R~*",
     "off ~foo %RW~* resetchannels -@all"},
    {"all keys as a pattern, in a bracket", "(%rw~* ~foo)",
     "off resetchannels -@all (%RW~* ~foo resetchannels -@all)"},
    {"all keys, then by the word", "%RW~* ~*", "off ~* resetchannels -@all"},
    {"all keys, a pattern, then resetkeys", "%RW~* resetkeys ~a",
     "off ~a resetchannels -@all"},
    {"all keys, a pattern of stars", "%RW~** ~a",
     "off ~** ~a resetchannels -@all"},
    {"all keys", "~a allkeys", "off ~* resetchannels -@all"},
    {"all keys, the other way", "~*", "off ~* resetchannels -@all"},
    {"no keys", "~* resetkeys", "off resetchannels -@all"},
    {"keys after all", "allkeys ~x", WRONG("~x", KEYS_TAKEN)},
    {"keys, unknown permission", "%x~a", WRONG("%x~a", "Syntax error")},
    {"keys, no permission", "%~a", WRONG("%~a", "Syntax error")},
    {"keys, a permission twice", "%RR~a", WRONG("%RR~a", "Syntax error")},
    {"keys, no pattern", "%R", WRONG("%R", "Syntax error")},
    {"keys, a tab", "~a\tb", WRONG("~a\tb", "Syntax error")},
    {"channels", "&a &b &a", "off resetchannels &a &b -@all"},
    {"all channels", "&a allchannels", "off &* -@all"},
    {"all channels, the other way", "&*", "off &* -@all"},
    {"no channels", "&* resetchannels", "off resetchannels -@all"},
    {"channels after all", "&* &x", WRONG("&x", CHANNELS_TAKEN)},
    {"channels, a tab", "&a\tb", WRONG("&a\tb", "Syntax error")},
    {"all commands", "+@ALL", "off resetchannels +@all"},
    {"all commands, in words", "allcommands", "off resetchannels +@all"},
    {"no commands", "+@all nocommands", "off resetchannels -@all"},
    {"no commands, by category", "+@all -ping -@all",
     "off resetchannels -@all"},
    {"commands", "+PING -info", "off resetchannels -@all +ping -info"},
    {"a rule moves to the end", "+ping +info +ping",
     "off resetchannels -@all +info +ping"},
    {"the later rule wins", "+ping -ping", "off resetchannels -@all -ping"},
    {"a subcommand", "+SENTINEL|Masters",
     "off resetchannels -@all +sentinel|masters"},
    {"a container takes their place", "+sentinel|masters -sentinel",
     "off resetchannels -@all -sentinel"},
    {"a beginning is another command", "+client -info +sentinel",
     "off resetchannels -@all +client -info +sentinel"},
    {"a category", "+@Admin -@read", "off resetchannels -@all +@admin -@read"},
    {"a first argument", "+ping|Hi", "off resetchannels -@all +ping|hi"},
    {"unknown command", "+foo", WRONG("+foo", NO_COMMAND)},
    {"unknown command, minus", "-foo", WRONG("-foo", NO_COMMAND)},
    {"not told of", "+quit", WRONG("+quit", NO_COMMAND)},
    {"unknown subcommand", "+sentinel|foo", WRONG("+sentinel|foo", NO_COMMAND)},
    {"first argument of a subcommand", "+sentinel|set|x",
     WRONG("+sentinel|set|x",
           "Allowing first-arg of a subcommand is not supported")},
    {"first argument, none", "+ping|", WRONG("+ping|", "Syntax error")},
    {"first argument, minus", "-ping|x", WRONG("-ping|x", NO_COMMAND)},
    {"first argument, unknown", "+foo|x", WRONG("+foo|x", NO_COMMAND)},
    {"unknown category", "+@foo", WRONG("+@foo", NO_COMMAND)},
    {"no category", "+@", WRONG("+@", NO_COMMAND)},
    {"a sign alone", "+", WRONG("+", NO_COMMAND)},
    {"no rule", "foo", WRONG("foo", "Syntax error")},
    {"an empty word", "on  nopass", "on nopass resetchannels -@all"},
    {"a bracket", "(+ping ~x)",
     "off resetchannels -@all (~x resetchannels -@all +ping)"},
    {"two brackets", "(+@all &* ~*) ()",
     "off resetchannels -@all (~* &* +@all) (resetchannels -@all)"},
    {"clearselectors", "+ping (+info) clearselectors",
     "off resetchannels -@all +ping"},
    {"a user's word in a bracket", "(on)", WRONG("(on)", "Syntax error")},
    {"a bracket in a bracket", "((+ping))", WRONG("((+ping))", "Syntax error")},
    {"a pattern that ends in one", "(~x) +ping)", WRONG("+ping)", NO_COMMAND)},
    {"unknown command in a bracket", "(+ping +foo)",
     WRONG("(+ping +foo)", NO_COMMAND)},
    {"a bracket never closed", "on (+ping ~x",
     "Unmatched parenthesis in acl selector starting at '(+ping'."},
    {"a bracket never opened", ")", WRONG(")", "Syntax error")},
    {"reset", "on nopass ~* &* +@all (+ping) reset",
     "off sanitize-payload resetchannels -@all"},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
        struct acl *acl = acl_new();
        char *said = set_and_describe(acl, rule_rows[i].words);
        if (strcmp(said, rule_rows[i].expected) != 0) {
            fail_msg("%s: '%s' gives\n%s\nbut should give\n%s",
                     rule_rows[i].name, rule_rows[i].words, said,
                     rule_rows[i].expected);
        }
        free(said);
        acl_free(acl);
    }
}

/* The first word alone would be right: nothing of it may stay. */
static void test_all_or_nothing(void **state)
{
    (void)state;
    struct acl *acl = acl_new();
    free(set_and_describe(acl, "on >pw +ping"));
    free(set_and_describe(acl, "+info off nopass +foo"));
    char *said = set_and_describe(acl, "");
    assert_string_equal(said, "on #" PW_HASH " resetchannels -@all +ping");
    free(said);
    acl_free(acl);
}

/* A word between brackets that holds a bracket cannot be read back. */
static void test_bracket_inside(void **state)
{
    (void)state;
    struct acl *acl = acl_new();
    const struct acl_word word = {"(~x) +ping)", 11};
    const struct acl_words words = {1, &word};
    struct acl_change change = {0};
    struct error error;
    assert_false(acl_set_user(acl, "a", &words, &change, &error));
    assert_null(acl_find(acl, "a", 1));
    acl_free(acl);
}

static void test_too_long(void **state)
{
    (void)state;
    struct acl *acl = acl_new();
    char text[ACL_RULES_MAX + 1];
    memset(text, 'x', sizeof(text));
    text[0] = '~';
    const struct acl_word word = {text, sizeof(text)};
    const struct acl_words words = {1, &word};
    struct acl_change change = {0};
    struct error error;
    assert_false(acl_set_user(acl, "a", &words, &change, &error));
    assert_string_equal(error.text,
                        "The rules of a user can have at most 16384 bytes");
    acl_free(acl);
}

static const struct name_row {
    const char *name;
    size_t length;
    const char *fault;
} name_rows[] = {
    {"joe", 3, NULL},
    {"", 0, "Usernames can't be empty"},
    {"a b", 3, "Usernames can't contain spaces or null characters"},
    {"a\nb", 3, "Usernames can't contain spaces or null characters"},
    {"a\0b", 3, "Usernames can't contain spaces or null characters"},
    {"1234567890123456789012345678901234567890123456789012345678901234", 64,
     "Usernames can't have more than 63 bytes"},
};

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
        const char *fault =
            acl_name_fault(name_rows[i].name, name_rows[i].length);
        if (name_rows[i].fault == NULL) {
            assert_null(fault);
        } else {
            assert_string_equal(fault, name_rows[i].fault);
        }
    }
}

static const struct check_row {
    const char *name;
    const char *rules;
    const char *command;
    const char *request;
    enum acl_verdict verdict;
    size_t index;
} check_rows[] = {
    {"nothing", "on", "ping", "ping", ACL_NO_COMMAND, 0},
    {"all", "+@all", "ping", "ping", ACL_ALLOWED, 0},
    {"all but one", "+@all -ping", "ping", "ping", ACL_NO_COMMAND, 0},
    {"all but another", "+@all -ping", "info", "info", ACL_ALLOWED, 0},
    {"what must be said to log in", "on", "hello", "hello 3", ACL_ALLOWED, 0},
    {"one", "+ping", "ping", "ping", ACL_ALLOWED, 0},
    {"by category", "+@connection", "ping", "ping", ACL_ALLOWED, 0},
    {"by category, slow", "+@slow", "ping", "ping", ACL_NO_COMMAND, 0},
    {"by category, subcommand", "+@admin", "sentinel|masters",
     "sentinel masters", ACL_ALLOWED, 0},
    {"by category, not all of a container", "+@admin", "client|id", "client id",
     ACL_NO_COMMAND, 0},
    {"container", "+sentinel", "sentinel|masters", "sentinel masters",
     ACL_ALLOWED, 0},
    {"container but one", "+sentinel -sentinel|masters", "sentinel|masters",
     "sentinel masters", ACL_NO_COMMAND, 0},
    {"subcommand", "+sentinel|masters", "sentinel|masters", "sentinel masters",
     ACL_ALLOWED, 0},
    {"another subcommand", "+sentinel|master", "sentinel|masters",
     "sentinel masters", ACL_NO_COMMAND, 0},
    {"the last rule wins", "+ping -@all +@all -@connection +ping", "ping",
     "ping", ACL_ALLOWED, 0},
    {"first argument", "+ping|hi", "ping", "ping HI", ACL_ALLOWED, 0},
    {"first argument, another", "+ping|hi", "ping", "ping ho", ACL_NO_COMMAND,
     0},
    {"first argument, none", "+ping|hi", "ping", "ping", ACL_NO_COMMAND, 0},
    {"channel", "+@all &+sw*", "subscribe", "subscribe +switch-master",
     ACL_ALLOWED, 0},
    {"second channel", "+@all &+sw*", "subscribe", "subscribe +sw -sdown",
     ACL_NO_CHANNEL, 2},
    {"a pattern must be given as it is", "+@all &+sw*", "psubscribe",
     "psubscribe +switch*", ACL_NO_CHANNEL, 1},
    {"the same pattern", "+@all &+sw*", "psubscribe", "psubscribe +sw*",
     ACL_ALLOWED, 0},
    {"all channels, any pattern", "+@all &*", "psubscribe", "psubscribe a*",
     ACL_ALLOWED, 0},
    {"publish, the text is no channel", "+@all &c", "publish", "publish c x",
     ACL_ALLOWED, 0},
    {"publish elsewhere", "+@all &c", "publish", "publish d c", ACL_NO_CHANNEL,
     1},
    {"unsubscribing is free", "+@all", "unsubscribe", "unsubscribe x",
     ACL_ALLOWED, 0},
    {"a bracket allows all of it", "+ping (+publish &c)", "publish",
     "publish c x", ACL_ALLOWED, 0},
    {"half here and half there", "+publish (+ping &c)", "publish",
     "publish c x", ACL_NO_CHANNEL, 1},
};

static void test_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
        const struct check_row *row = &check_rows[i];
        struct acl *acl = acl_new();
        free(set_and_describe(acl, row->rules));
        struct acl_word words[WORDS_MAX];
        struct acl_words all = words_of(row->request, words);
        struct acl_request request = {.argc = all.count};
        const char *argv[WORDS_MAX];
        size_t lengths[WORDS_MAX];
        for (size_t j = 0; j < all.count; j++) {
            argv[j] = words[j].text;
            lengths[j] = words[j].length;
        }
        request.argv = argv;
        request.lengths = lengths;
        assert_true(command_find_listed(row->command, strlen(row->command),
                                        &request.command));
        size_t index = 0;
        enum acl_verdict verdict =
            acl_check(acl_find(acl, "a", 1), &request, &index);
        if (verdict != row->verdict ||
            (verdict != ACL_ALLOWED && index != row->index)) {
            fail_msg("%s: verdict %d at word %zu", row->name, (int)verdict,
                     index);
        }
        acl_free(acl);
    }
}

static bool logs_in(const struct acl *acl, const char *name,
                    const char *password)
{
    const struct acl_word user = {name, strlen(name)};
    const struct acl_word word = {password, strlen(password)};
    return acl_authenticate(acl, &user, &word);
}

static void test_logging_in(void **state)
{
    (void)state;
    struct acl *acl = acl_new();
    assert_true(acl_is_open(acl));
    assert_false(acl_default_has_password(acl));
    assert_true(logs_in(acl, "default", "anything"));
    assert_false(logs_in(acl, "a", "pw"));
    free(set_and_describe(acl, ">pw >other"));
    assert_false(logs_in(acl, "a", "pw")); /* switched off */
    free(set_and_describe(acl, "on"));
    assert_true(logs_in(acl, "a", "pw"));
    assert_true(logs_in(acl, "a", "other"));
    assert_false(logs_in(acl, "a", "PW"));
    assert_false(logs_in(acl, "a", ""));
    assert_false(logs_in(acl, "a", PW_HASH));
    acl_free(acl);
}

/* What was accepted once can be changed again, and read back. */
static void test_changed_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
        const struct rule_row *row = &rule_rows[i];
        struct acl *acl = acl_new();
        struct error error = {""};
        char *before = set_and_describe(acl, row->words);
        if (acl_find(acl, "a", 1) != NULL) {
            char *after = set_and_describe(acl, "");
            if (strcmp(before, after) != 0) {
                fail_msg("%s: was '%s', is '%s'", row->name, before, after);
            }
            if (!acl_put_user(acl, "b", after, &error)) {
                fail_msg("%s: %s", row->name, error.text);
            }
            free(after);
        }
        free(before);
        acl_free(acl);
    }
}

static void test_undo(void **state)
{
    (void)state;
    struct acl *acl = acl_new();
    struct acl *other = acl_new();
    struct acl_change change = {0};
    struct error error;
    assert_true(acl_put_user(acl, "a", "on +ping", &error));
    assert_true(acl_put_user(acl, "b", "on +info", &error));
    assert_true(acl_put_user(other, "b", "off", &error));
    assert_true(acl_put_user(other, "c", "off", &error));
    acl_replace(acl, other, &change);
    assert_null(acl_find(acl, "a", 1));
    assert_non_null(acl_find(acl, "c", 1));
    acl_undo(acl, &change);
    acl_change_clear(&change);
    assert_null(acl_find(acl, "c", 1));
    assert_int_equal(acl_count(acl), 3);
    struct buffer out;
    buffer_init(&out, SIZE_MAX);
    acl_write_file(acl, &out);
    assert_true(buffer_append(&out, "", 1));
    assert_string_equal(out.data, "user a on resetchannels -@all +ping\n"
                                  "user b on resetchannels -@all +info\n"
                                  "user default on nopass ~* &* +@all\n");
    buffer_clear(&out);
    acl_free(other);
    acl_free(acl);
}

#define NO_USER " should start with user keyword followed by the username. "

static const struct file_row {
    const char *name;
    const char *text;
    const char *complaint;
} file_rows[] = {
    {"empty", "", ""},
    {"blank lines", "\n  \r\n\n", ""},
    {"users", "user a on >x  ~*\r\n\tuser b off (+ping ~x)", ""},
    {"no user", "foo x\n", "f:1" NO_USER},
    {"no name", "\nuser\n", "f:2" NO_USER},
    {"a comment", "# x y\n", "f:1" NO_USER},
    {"all that is wrong", "user a +foo\nuser b bar\n",
     "f:1: Error in applying operation '+foo': " NO_COMMAND
     ". f:2: Syntax error. "},
    {"passwords are not repeated", "user a <secret\n",
     "f:1: The password you are trying to remove from the user does not "
     "exist. "},
    {"twice", "user a on\nuser a off\n",
     "WARNING: Duplicate user 'a' found on line 2. "},
    {"never closed", "user a (+ping\n",
     "f:1: Unmatched parenthesis in acl selector. "},
};

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(file_rows) / sizeof(file_rows[0]); i++) {
        struct acl *acl = acl_new();
        struct buffer complaint;
        buffer_init(&complaint, 4096);
        bool ok = acl_parse_file(acl, file_rows[i].text, "f", &complaint);
        assert_true(buffer_append(&complaint, "", 1));
        if (strcmp(complaint.data, file_rows[i].complaint) != 0 ||
            ok != (file_rows[i].complaint[0] == '\0')) {
            fail_msg("%s: %s", file_rows[i].name, complaint.data);
        }
        buffer_clear(&complaint);
        acl_free(acl);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_bracket_inside),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_logging_in),
        cmocka_unit_test(test_changed_again),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
