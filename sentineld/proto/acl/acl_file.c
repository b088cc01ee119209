/* Users as lines of an access list file: "user name rules...".
 *
 * A file is taken as a whole or not at all; everything that is wrong with it
 * is said at once, each sentence with its line. A word that could be a
 * password is not repeated. */
#include <string.h>

#include "proto/acl/acl.h"
#include "sentineld/memory.h"

struct reading {
    struct acl *acl;
    const char *file;
    unsigned line;
    struct acl_list names; /* of the users so far */
    struct buffer *complaint;
};

static void complain_place(const struct reading *reading)
{
    (void)buffer_printf(reading->complaint, "%s:%u", reading->file,
                        reading->line);
}

/* Passwords are never repeated, and nothing that is too long to be a rule
 * about commands. */
static bool may_be_shown(const struct acl_word *word)
{
    return word->length > 1 && word->length < ACL_NAME_SIZE &&
           (word->text[0] == '+' || word->text[0] == '-');
}

/* The words behind the name. False, and the complaint is written. */
static bool read_rules(const struct reading *reading, struct acl_user *user,
                       const struct acl_words *words)
{
    struct acl_joined joined;
    size_t wrong = 0;
    if (!acl_join_brackets(words, &joined, &wrong)) {
        complain_place(reading);
        (void)buffer_printf(reading->complaint,
                            ": Unmatched parenthesis in acl selector. ");
        return false;
    }
    const struct acl_words whole = {joined.count, joined.words};
    const char *fault = acl_apply_words(user, &whole, &wrong);
    if (fault != NULL) {
        const struct acl_word *word = &joined.words[wrong];
        complain_place(reading);
        if (may_be_shown(word)) {
            (void)buffer_printf(reading->complaint,
                                ": Error in applying operation '%.*s'",
                                (int)word->length, word->text);
        }
        (void)buffer_printf(reading->complaint, ": %s. ", fault);
    }
    acl_joined_clear(&joined);
    return fault == NULL;
}

static void read_user(struct reading *reading, const struct acl_word *name,
                      const struct acl_words *words)
{
    char text[ACL_NAME_SIZE];
    struct error error;
    memcpy(text, name->text, name->length);
    text[name->length] = '\0';
    struct acl_user *user = acl_user_new(text);
    if (!read_rules(reading, user, words)) {
        acl_user_free(user);
        return;
    }
    if (acl_take_user(reading->acl, user, &error)) {
        acl_list_add(&reading->names, name->text, name->length);
        return;
    }
    complain_place(reading);
    (void)buffer_printf(reading->complaint, ": %s. ", error.text);
}

static void read_words(struct reading *reading, const struct acl_words *words)
{
    const struct acl_word *name = &words->words[1];
    if (words->count < 2 || words->words[0].length != strlen("user") ||
        memcmp(words->words[0].text, "user", strlen("user")) != 0) {
        complain_place(reading);
        (void)buffer_printf(reading->complaint,
                            " should start with user keyword followed by the "
                            "username. ");
        return;
    }
    if (acl_name_fault(name->text, name->length) != NULL) {
        complain_place(reading);
        (void)buffer_printf(reading->complaint,
                            ": username '%.*s' contains invalid characters. ",
                            name->length < ACL_NAME_SIZE ? (int)name->length
                                                         : ACL_NAME_SIZE,
                            name->text);
        return;
    }
    if (acl_list_find(&reading->names, name->text, name->length) <
        reading->names.count) {
        (void)buffer_printf(reading->complaint,
                            "WARNING: Duplicate user '%.*s' found on line "
                            "%u. ",
                            (int)name->length, name->text, reading->line);
        return;
    }
    const struct acl_words rules = {words->count - 2, words->words + 2};
    read_user(reading, name, &rules);
}

bool acl_parse_file(struct acl *acl, const char *text, const char *file,
                    struct buffer *complaint)
{
    struct reading reading = {.acl = acl, .file = file, .complaint = complaint};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        struct acl_joined split = acl_split(text, length);
        const struct acl_words words = {split.count, split.words};
        reading.line++;
        if (split.count > 0) {
            read_words(&reading, &words);
        }
        acl_joined_clear(&split);
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    acl_list_clear(&reading.names);
    return complaint->length == 0 && !complaint->overflowed;
}

void acl_write_file(const struct acl *acl, struct buffer *out)
{
    const struct acl_user *user = NULL;
    while ((user = acl_next(acl, user)) != NULL) {
        (void)buffer_printf(out, "user %s ", user->name);
        acl_describe_user(user, out);
        (void)buffer_printf(out, "\n");
    }
}
