/* The table of users, what changes it, and logging in.
 *
 * A user is never changed in place: the words are applied to a copy, and the
 * copy takes his place when all of them were right. Who was there before is
 * kept in the change, so that he can be put back when the change cannot be
 * made durable. No user is read back from his description here: that is for
 * those who come from a disk, where it may fail. `default` always exists. */
#include "sentineld/acl.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/acl/acl.h"
#include "proto/acl/acl_log.h"
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

static void take_out(struct acl *acl, struct acl_user *user)
{
    assert(acl->users != NULL);
    HASH_DEL(acl->users, user);
}

static void remove_user(struct acl *acl, struct acl_user *user)
{
    take_out(acl, user);
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

/* `before` was there, NULL = nobody; the change owns him. */
static void add_step(struct acl_change *change, const char *name,
                     struct acl_user *before)
{
    size_t size = (change->count + 1) * sizeof(*change->steps);
    change->steps = xrealloc(change->steps, size);
    struct acl_step *step = &change->steps[change->count++];
    *step = (struct acl_step){.before = before};
    copy_text(step->name, sizeof(step->name), name);
}

void acl_change_clear(struct acl_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        acl_user_free(change->steps[i].before);
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

/* The same, with a step of the change that says who was there. */
static void exchange(struct acl *acl, struct acl_user *user,
                     struct acl_change *change)
{
    struct acl_user *old = find_user(acl, user->name, strlen(user->name));
    if (old != NULL) {
        take_out(acl, old);
    }
    add_step(change, user->name, old);
    insert_user(acl, user);
}

static struct acl_user *copy_or_new(const struct acl *acl, const char *name)
{
    const struct acl_user *user = find_user(acl, name, strlen(name));
    return user == NULL ? acl_user_new(name) : acl_user_copy(user);
}

static bool fits(const struct acl *acl, const struct acl_user *user,
                 struct error *error)
{
    struct buffer description;
    buffer_init(&description, ACL_RULES_MAX);
    acl_describe_user(user, &description);
    bool is_short = !description.overflowed;
    bool is_new = find_user(acl, user->name, strlen(user->name)) == NULL;
    buffer_clear(&description);
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
    exchange(acl, user, change);
    return true;
}

bool acl_delete_user(struct acl *acl, const char *name,
                     struct acl_change *change)
{
    struct acl_user *user = find_user(acl, name, strlen(name));
    if (user == NULL) {
        return false;
    }
    take_out(acl, user);
    add_step(change, name, user);
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
        exchange(acl, acl_user_copy(user), change);
    }
}

void acl_undo(struct acl *acl, struct acl_change *change)
{
    for (size_t i = change->count; i > 0; i--) {
        struct acl_step *step = &change->steps[i - 1];
        struct acl_user *now = find_user(acl, step->name, strlen(step->name));
        if (now != NULL) {
            remove_user(acl, now);
        }
        if (step->before != NULL) {
            insert_user(acl, step->before);
            step->before = NULL;
        }
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
