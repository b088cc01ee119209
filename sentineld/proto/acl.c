/* The table of users, what changes it, and logging in.
 *
 * A user is never changed in place: the words are applied to a copy, made
 * from his description, and the copy takes his place when all of them were
 * right. What was there before is kept as text in the change, so that it can
 * be put back when the change cannot be made durable. `default` always
 * exists. */
#include "sentineld/acl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl_log.h"
#include "acl_private.h"
#include "sentineld/memory.h"

static struct acl_user *find_user(const struct acl *acl, const char *name,
                                  size_t length)
{
    struct acl_user *user;
    HASH_FIND(hh, acl->users, name, length, user);
    return user;
}

const struct acl_user *acl_find(const struct acl *acl, const char *name,
                                size_t length)
{
    return find_user(acl, name, length);
}

static int compare_names(const struct acl_user *a, const struct acl_user *b)
{
    return strcmp(a->name, b->name);
}

static void insert_user(struct acl *acl, struct acl_user *user)
{
    HASH_ADD_KEYPTR(hh, acl->users, user->name, strlen(user->name), user);
    HASH_SORT(acl->users, compare_names);
}

static void remove_user(struct acl *acl, struct acl_user *user)
{
    assert(acl->users != NULL);
    HASH_DEL(acl->users, user);
    acl_user_free(user);
}

static void set_everything(struct acl_user *user)
{
    user->on = true;
    user->nopass = true;
    user->selectors[0].all_commands = true;
    user->selectors[0].all_keys = true;
    user->selectors[0].all_channels = true;
}

struct acl *acl_new_empty(void)
{
    struct acl *acl = xcalloc(1, sizeof(*acl));
    acl->log = acl_log_new();
    return acl;
}

struct acl *acl_new(void)
{
    struct acl *acl = acl_new_empty();
    struct acl_user *user = acl_user_new(ACL_DEFAULT_USER);
    set_everything(user);
    insert_user(acl, user);
    return acl;
}

void acl_free(struct acl *acl)
{
    struct acl_user *user;
    struct acl_user *next;
    if (acl == NULL) {
        return;
    }
    HASH_ITER (hh, acl->users, user, next) {
        remove_user(acl, user);
    }
    acl_log_free(acl->log);
    free(acl);
}

size_t acl_count(const struct acl *acl)
{
    return HASH_COUNT(acl->users);
}

const struct acl_user *acl_next(const struct acl *acl,
                                const struct acl_user *user)
{
    return user == NULL ? acl->users : user->hh.next;
}

const char *acl_name_fault(const char *name, size_t length)
{
    if (length == 0) {
        return "Usernames can't be empty";
    }
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\0' || name[i] == ' ' ||
            (name[i] >= '\t' && name[i] <= '\r')) {
            return "Usernames can't contain spaces or null characters";
        }
    }
    if (length >= ACL_NAME_SIZE) {
        return "Usernames can't have more than 63 bytes";
    }
    return NULL;
}

/* --- Changes -------------------------------------------------------------- */

/* The description as a text of its own; NULL for nobody. */
static char *description_of(const struct acl_user *user)
{
    struct buffer out;
    if (user == NULL) {
        return NULL;
    }
    buffer_init(&out, SIZE_MAX);
    acl_describe_user(user, &out);
    (void)buffer_append(&out, "", 1);
    return out.data;
}

static void add_step(struct acl_change *change, const char *name, char *before,
                     char *after)
{
    size_t size = (change->count + 1) * sizeof(*change->steps);
    change->steps = xrealloc(change->steps, size);
    struct acl_step *step = &change->steps[change->count++];
    *step = (struct acl_step){.before = before, .after = after};
    copy_text(step->name, sizeof(step->name), name);
}

void acl_change_clear(struct acl_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        free(change->steps[i].before);
        free(change->steps[i].after);
    }
    free(change->steps);
    *change = (struct acl_change){0};
}

/* A fresh user with this description; NULL and a sentence. */
static struct acl_user *read_user(const char *name, const char *description,
                                  struct error *error)
{
    struct acl_user *user = acl_user_new(name);
    struct acl_joined split = acl_split(description, strlen(description));
    const struct acl_words words = {split.count, split.words};
    struct acl_joined joined;
    const char *fault = "Unmatched parenthesis";
    size_t wrong = 0;
    if (acl_join_brackets(&words, &joined, &wrong)) {
        const struct acl_words whole = {joined.count, joined.words};
        fault = acl_apply_words(user, &whole, &wrong);
        acl_joined_clear(&joined);
    }
    acl_joined_clear(&split);
    if (fault == NULL) {
        return user;
    }
    copy_text(error->text, sizeof(error->text), fault);
    acl_user_free(user);
    return NULL;
}

/* Takes over the user. */
static void put_in_place(struct acl *acl, struct acl_user *user)
{
    struct acl_user *old = find_user(acl, user->name, strlen(user->name));
    if (old != NULL) {
        remove_user(acl, old);
    }
    insert_user(acl, user);
}

static struct acl_user *copy_or_new(const struct acl *acl, const char *name)
{
    struct error error;
    char *description = description_of(find_user(acl, name, strlen(name)));
    struct acl_user *user = description == NULL
                                ? acl_user_new(name)
                                : read_user(name, description, &error);
    assert(user != NULL); /* it was written by us */
    free(description);
    return user;
}

static bool fits(const struct acl *acl, const struct acl_user *user,
                 struct error *error)
{
    char *description = description_of(user);
    bool is_short = strlen(description) <= ACL_RULES_MAX;
    bool is_new = find_user(acl, user->name, strlen(user->name)) == NULL;
    free(description);
    if (!is_short) {
        (void)snprintf(error->text, sizeof(error->text),
                       "The rules of a user can have at most %d bytes",
                       (int)ACL_RULES_MAX);
        return false;
    }
    if (is_new && acl_count(acl) >= ACL_MAX_USERS) {
        (void)snprintf(error->text, sizeof(error->text),
                       "There can be at most %d users", (int)ACL_MAX_USERS);
        return false;
    }
    return true;
}

static bool apply_joined(struct acl_user *user, const struct acl_joined *joined,
                         struct error *error)
{
    const struct acl_words words = {joined->count, joined->words};
    size_t wrong = 0;
    const char *fault = acl_apply_words(user, &words, &wrong);
    if (fault == NULL) {
        return true;
    }
    int shown =
        words.words[wrong].length < 128 ? (int)words.words[wrong].length : 128;
    (void)snprintf(error->text, sizeof(error->text),
                   "Error in ACL SETUSER modifier '%.*s': %s", shown,
                   words.words[wrong].text, fault);
    return false;
}

bool acl_set_user(struct acl *acl, const char *name,
                  const struct acl_words *words, struct acl_change *change,
                  struct error *error)
{
    struct acl_joined joined;
    size_t wrong = 0;
    if (!acl_join_brackets(words, &joined, &wrong)) {
        (void)snprintf(error->text, sizeof(error->text),
                       "Unmatched parenthesis in acl selector starting at "
                       "'%.*s'.",
                       (int)words->words[wrong].length,
                       words->words[wrong].text);
        return false;
    }
    struct acl_user *user = copy_or_new(acl, name);
    bool ok = apply_joined(user, &joined, error) && fits(acl, user, error);
    acl_joined_clear(&joined);
    if (!ok) {
        acl_user_free(user);
        return false;
    }
    add_step(change, name, description_of(find_user(acl, name, strlen(name))),
             description_of(user));
    put_in_place(acl, user);
    return true;
}

bool acl_delete_user(struct acl *acl, const char *name,
                     struct acl_change *change)
{
    struct acl_user *user = find_user(acl, name, strlen(name));
    if (user == NULL) {
        return false;
    }
    add_step(change, name, description_of(user), NULL);
    remove_user(acl, user);
    return true;
}

bool acl_put_user(struct acl *acl, const char *name, const char *description,
                  struct error *error)
{
    struct acl_user *old = find_user(acl, name, strlen(name));
    if (description == NULL) {
        if (old != NULL) {
            remove_user(acl, old);
        }
        return true;
    }
    struct acl_user *user = read_user(name, description, error);
    return user != NULL && acl_take_user(acl, user, error);
}

bool acl_take_user(struct acl *acl, struct acl_user *user, struct error *error)
{
    if (!fits(acl, user, error)) {
        acl_user_free(user);
        return false;
    }
    put_in_place(acl, user);
    return true;
}

static void replace_one(struct acl *acl, const struct acl_user *wanted,
                        struct acl_change *change)
{
    struct error error;
    char *after = description_of(wanted);
    char *before =
        description_of(find_user(acl, wanted->name, strlen(wanted->name)));
    struct acl_user *user = read_user(wanted->name, after, &error);
    assert(user != NULL); /* it was written by us */
    add_step(change, wanted->name, before, after);
    put_in_place(acl, user);
}

void acl_replace(struct acl *acl, const struct acl *other,
                 struct acl_change *change)
{
    struct acl_user *user;
    struct acl_user *next;
    HASH_ITER (hh, acl->users, user, next) {
        if (find_user(other, user->name, strlen(user->name)) == NULL) {
            (void)acl_delete_user(acl, user->name, change);
        }
    }
    HASH_ITER (hh, other->users, user, next) {
        replace_one(acl, user, change);
    }
}

void acl_undo(struct acl *acl, const struct acl_change *change)
{
    for (size_t i = change->count; i > 0; i--) {
        const struct acl_step *step = &change->steps[i - 1];
        struct error error;
        bool put = acl_put_user(acl, step->name, step->before, &error);
        assert(put); /* it was there before */
    }
}

/* --- Logging in ----------------------------------------------------------- */

bool acl_is_open(const struct acl *acl)
{
    const struct acl_user *user =
        find_user(acl, ACL_DEFAULT_USER, strlen(ACL_DEFAULT_USER));
    return user != NULL && user->on && user->nopass;
}

bool acl_default_has_password(const struct acl *acl)
{
    const struct acl_user *user =
        find_user(acl, ACL_DEFAULT_USER, strlen(ACL_DEFAULT_USER));
    return user != NULL && !user->nopass;
}

/* All passwords are looked at, so that the time tells nothing. */
static bool has_password(const struct acl_user *user, const char *digest)
{
    bool found = false;
    for (size_t i = 0; i < user->passwords.count; i++) {
        found |= secret_equal(user->passwords.items[i], digest);
    }
    return found;
}

bool acl_authenticate(const struct acl *acl, const struct acl_word *user,
                      const struct acl_word *password)
{
    char digest[SECRET_DIGEST_SIZE];
    const struct acl_user *found = find_user(acl, user->text, user->length);
    secret_digest(password->text, password->length, digest);
    return found != NULL && found->on &&
           (found->nopass || has_password(found, digest));
}
