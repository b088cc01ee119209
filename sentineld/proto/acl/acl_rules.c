/* Words that change a user: "on", ">password", "~keys*", "+sentinel|masters".
 *
 * A word either concerns the user (switching, passwords, brackets) or one
 * selector: his own, or the one that a bracket makes. Rules about commands
 * are kept as they were said, each once; saying one again moves it to the
 * end, and one about a command takes the place of those about its
 * subcommands. What is wrong is said with Redis' sentences. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/acl/acl.h"
#include "sentineld/memory.h"

static const char syntax[] = "Syntax error";
static const char unknown[] = "Unknown command or category name in ACL";

static bool word_is(const struct acl_word *word, const char *text)
{
    return strlen(text) == word->length &&
           strncasecmp(text, word->text, word->length) == 0;
}

/* Blanks would end the word when the user is read back from his text. */
static bool has_blank(const struct acl_word *word)
{
    for (size_t i = 0; i < word->length; i++) {
        char c = word->text[i];
        if (c == '\0' || c == ' ' || (c >= '\t' && c <= '\r')) {
            return true;
        }
    }
    return false;
}

/* --- Keys and channels ---------------------------------------------------- */

enum { MAY_READ = 1, MAY_WRITE = 2 };

/* Where the pattern begins in "~a" or "%RW~a", and for what it is; 0 when it
 * is neither. */
static size_t read_permission(const char *text, size_t length,
                              unsigned *permission)
{
    *permission = text[0] == '~' ? MAY_READ | MAY_WRITE : 0;
    if (text[0] == '~') {
        return 1;
    }
    for (size_t i = 1; i < length; i++) {
        bool reads = text[i] == 'R' || text[i] == 'r';
        bool writes = text[i] == 'W' || text[i] == 'w';
        unsigned wanted = reads ? MAY_READ : writes ? MAY_WRITE : 0;
        if (text[i] == '~') {
            return *permission != 0 ? i + 1 : 0;
        }
        if (wanted == 0 || (*permission & wanted) != 0) {
            return 0;
        }
        *permission |= wanted;
    }
    return 0;
}

static void add_key(struct acl_list *keys, const char *pattern, size_t length,
                    unsigned permission)
{
    static const char *const prefixes[] = {"", "%R~", "%W~", "~"};
    /* "~*" would be read back as the word for all keys, after which no other
     * pattern may follow; said as "%RW~*" it is a pattern among others. */
    bool is_star = length == 1 && pattern[0] == '*' &&
                   permission == (MAY_READ | MAY_WRITE);
    const char *start = is_star ? "%RW~" : prefixes[permission];
    size_t prefix = strlen(start);
    char *text = xmalloc(prefix + length);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): it has a length */
    memcpy(text, start, prefix);
    memcpy(text + prefix, pattern, length);
    acl_list_add(keys, text, prefix + length);
    free(text);
}

/* A pattern that is there already gets the permission added. */
static const char *apply_key(struct acl_selector *selector,
                             const struct acl_word *word)
{
    unsigned permission;
    if (selector->all_keys) {
        return "Adding a pattern after the * pattern (or the 'allkeys' flag) "
               "is not valid and does not have any effect. Try 'resetkeys' to "
               "start with an empty list of patterns";
    }
    size_t start = read_permission(word->text, word->length, &permission);
    if (start == 0 || has_blank(word)) {
        return syntax;
    }
    const char *pattern = word->text + start;
    size_t length = word->length - start;
    for (size_t i = 0; i < selector->keys.count; i++) {
        unsigned held;
        const char *item = selector->keys.items[i];
        size_t begin = read_permission(item, strlen(item), &held);
        if (strlen(item + begin) == length &&
            memcmp(item + begin, pattern, length) == 0) {
            permission |= held;
            acl_list_remove(&selector->keys, i);
            break;
        }
    }
    add_key(&selector->keys, pattern, length, permission);
    return NULL;
}

static const char *apply_channel(struct acl_selector *selector,
                                 const struct acl_word *word)
{
    struct acl_list *channels = &selector->channels;
    if (selector->all_channels) {
        return "Adding a pattern after the * pattern (or the 'allchannels' "
               "flag) is not valid and does not have any effect. Try "
               "'resetchannels' to start with an empty list of channels";
    }
    if (has_blank(word)) {
        return syntax;
    }
    if (acl_list_find(channels, word->text, word->length) == channels->count) {
        acl_list_add(channels, word->text, word->length);
    }
    return NULL;
}

/* --- Commands ------------------------------------------------------------- */

/* Is `item`, without its sign, this rule or one about a part of it? */
static bool is_within(const char *item, const char *rule, size_t length)
{
    return strncmp(item + 1, rule, length) == 0 &&
           (item[length + 1] == '\0' || item[length + 1] == '|');
}

/* The rule in small letters, behind its sign, at the end of the list. */
static void put_rule(struct acl_selector *selector, const struct acl_word *word)
{
    struct acl_list *rules = &selector->commands;
    char *text = xmalloc(word->length + 1);
    for (size_t i = 0; i < word->length; i++) {
        char c = word->text[i];
        text[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    for (size_t i = rules->count; i > 0; i--) {
        if (is_within(rules->items[i - 1], text + 1, word->length - 1)) {
            acl_list_remove(rules, i - 1);
        }
    }
    acl_list_add(rules, text, word->length);
    free(text);
}

/* "+ping|hi": a command without subcommands, with this first argument. */
static const char *check_first_argument(const struct acl_word *word)
{
    const char *name = word->text + 1;
    const char *end = word->text + word->length;
    const char *bar = end - 1;
    struct command_place found;
    while (*bar != '|') {
        bar--;
    }
    if (word->text[0] == '-' ||
        !command_find_listed(name, (size_t)(bar - name), &found)) {
        return unknown;
    }
    if (found.container != NULL) {
        return "Allowing first-arg of a subcommand is not supported";
    }
    if (bar + 1 == end) {
        return syntax;
    }
    return found.command->subcommands != NULL ? unknown : NULL;
}

static const char *apply_command(struct acl_selector *selector,
                                 const struct acl_word *word)
{
    const char *name = word->text + 1;
    size_t length = word->length - 1;
    struct command_place found;
    const char *fault = NULL;
    if (length > 0 && name[0] == '@') {
        fault = acl_find_category(name + 1, length - 1) == 0 ? unknown : NULL;
    } else if (has_blank(word)) {
        fault = memchr(name, '|', length) != NULL ? syntax : unknown;
    } else if (!command_find_listed(name, length, &found)) {
        fault = memchr(name, '|', length) != NULL ? check_first_argument(word)
                                                  : unknown;
    }
    if (fault == NULL) {
        put_rule(selector, word);
    }
    return fault;
}

/* --- Selectors ------------------------------------------------------------ */

static bool apply_selector_keyword(struct acl_selector *selector,
                                   const struct acl_word *word)
{
    bool all_keys = word_is(word, "allkeys") || word_is(word, "~*");
    bool all_channels = word_is(word, "allchannels") || word_is(word, "&*");
    bool all_commands = word_is(word, "allcommands") || word_is(word, "+@all");
    if (all_keys || word_is(word, "resetkeys")) {
        selector->all_keys = all_keys;
        acl_list_clear(&selector->keys);
        return true;
    }
    if (all_channels || word_is(word, "resetchannels")) {
        selector->all_channels = all_channels;
        acl_list_clear(&selector->channels);
        return true;
    }
    if (all_commands || word_is(word, "nocommands") || word_is(word, "-@all")) {
        selector->all_commands = all_commands;
        acl_list_clear(&selector->commands);
        return true;
    }
    return false;
}

static const char *apply_to_selector(struct acl_selector *selector,
                                     const struct acl_word *word)
{
    if (apply_selector_keyword(selector, word)) {
        return NULL;
    }
    switch (word->length == 0 ? '\0' : word->text[0]) {
    case '~':
    case '%':
        return apply_key(selector, word);
    case '&':
        return apply_channel(selector, word);
    case '+':
    case '-':
        return apply_command(selector, word);
    default:
        return syntax;
    }
}

/* A bracket with its words. One that ends in a bracket itself could not be
 * read back. */
static const char *apply_bracket(struct acl_user *user,
                                 const struct acl_word *word)
{
    struct acl_selector selector = {0};
    const char *fault = NULL;
    if (word->length < 2 || word->text[word->length - 1] != ')') {
        return syntax;
    }
    struct acl_joined inside = acl_split(word->text + 1, word->length - 2);
    for (size_t i = 0; i < inside.count && fault == NULL; i++) {
        const struct acl_word *one = &inside.words[i];
        fault = one->text[one->length - 1] == ')'
                    ? syntax
                    : apply_to_selector(&selector, one);
    }
    acl_joined_clear(&inside);
    if (fault != NULL) {
        acl_selector_clear(&selector);
    } else {
        acl_user_add_selector(user, &selector);
    }
    return fault;
}

/* --- Users ---------------------------------------------------------------- */

static const char *find_digest(const struct acl_word *word,
                               char digest[SECRET_DIGEST_SIZE])
{
    const char *rest = word->text + 1;
    size_t length = word->length - 1;
    if (word->text[0] == '>' || word->text[0] == '<') {
        secret_digest(rest, length, digest);
        return NULL;
    }
    if (!secret_is_digest(rest, length)) {
        return "The password hash must be exactly 64 characters and contain "
               "only lowercase hexadecimal characters";
    }
    memcpy(digest, rest, length);
    digest[length] = '\0';
    return NULL;
}

static const char *apply_password(struct acl_user *user,
                                  const struct acl_word *word)
{
    char digest[SECRET_DIGEST_SIZE];
    struct acl_list *passwords = &user->passwords;
    const char *fault = find_digest(word, digest);
    if (fault != NULL) {
        return fault;
    }
    size_t index = acl_list_find(passwords, digest, SECRET_DIGEST_LEN);
    bool known = index < passwords->count;
    if (word->text[0] == '<' || word->text[0] == '!') {
        if (!known) {
            return "The password you are trying to remove from the user does "
                   "not exist";
        }
        acl_list_remove(passwords, index);
        return NULL;
    }
    if (!known) {
        acl_list_add(passwords, digest, SECRET_DIGEST_LEN);
    }
    user->nopass = false;
    return NULL;
}

static void reset_user(struct acl_user *user)
{
    struct acl_selector *own = &user->selectors[0];
    acl_user_clear_selectors(user);
    acl_selector_clear(own);
    *own = (struct acl_selector){0};
    acl_list_clear(&user->passwords);
    user->nopass = false;
    user->on = false;
    user->payload = PAYLOAD_SANITIZE;
}

static bool apply_user_keyword(struct acl_user *user,
                               const struct acl_word *word)
{
    bool nopass = word_is(word, "nopass");
    if (word_is(word, "on") || word_is(word, "off")) {
        user->on = word_is(word, "on");
    } else if (nopass || word_is(word, "resetpass")) {
        user->nopass = nopass;
        acl_list_clear(&user->passwords);
    } else if (word_is(word, "sanitize-payload")) {
        user->payload = PAYLOAD_SANITIZE;
    } else if (word_is(word, "skip-sanitize-payload")) {
        user->payload = PAYLOAD_SKIP;
    } else if (word_is(word, "clearselectors")) {
        acl_user_clear_selectors(user);
    } else if (word_is(word, "reset")) {
        reset_user(user);
    } else {
        return false;
    }
    return true;
}

static const char *apply_word(struct acl_user *user,
                              const struct acl_word *word)
{
    if (word->length == 0 || apply_user_keyword(user, word)) {
        return NULL;
    }
    switch (word->text[0]) {
    case '>':
    case '<':
    case '#':
    case '!':
        return apply_password(user, word);
    case '(':
        return apply_bracket(user, word);
    default:
        return apply_to_selector(&user->selectors[0], word);
    }
}

const char *acl_apply_words(struct acl_user *user,
                            const struct acl_words *words, size_t *wrong)
{
    for (size_t i = 0; i < words->count; i++) {
        const char *fault = apply_word(user, &words->words[i]);
        if (fault != NULL) {
            *wrong = i;
            return fault;
        }
    }
    return NULL;
}
