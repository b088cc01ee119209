/* Users of our own port: who they are, and what they may do.
 *
 * The rules are those of Redis 7's access lists. A user is changed by words
 * ("on", ">password", "+sentinel|masters") and kept as words: the text that
 * acl_describe_user writes says everything about him, with digests in place
 * of passwords. Nothing here reads a file or waits for a disk; each change
 * says what it replaced, so that it can be taken back. */
#ifndef SENTINELD_ACL_H
#define SENTINELD_ACL_H

#include "sentineld/buffer.h"
#include "sentineld/types.h"

struct acl;
struct acl_user;

enum {
    ACL_NAME_SIZE = 64,
    ACL_RULES_MAX = 16384, /* bytes of one user's description */
    ACL_MAX_USERS = 1000,
};

/* Every client is this user before it logs in as another. */
#define ACL_DEFAULT_USER "default"

/* A text with its length; it may hold any byte. */
struct acl_word {
    const char *text;
    size_t length;
};

/* One user who is another from now on, or gone. */
struct acl_step {
    char name[ACL_NAME_SIZE];
    struct acl_user *before; /* owned; NULL = there was none */
};

struct acl_change {
    struct acl_step *steps; /* owned; a user may be in it twice */
    size_t count;
};

void acl_change_clear(struct acl_change *change);

/* One user, `default`, who may do everything without a password. */
struct acl *acl_new(void);
/* Nobody at all, for a list that is only read. */
struct acl *acl_new_empty(void);
void acl_free(struct acl *acl);

const struct acl_user *acl_find(const struct acl *acl, const char *name,
                                size_t length);
size_t acl_count(const struct acl *acl);
/* In the order of their names; NULL begins, NULL is the end. */
const struct acl_user *acl_next(const struct acl *acl,
                                const struct acl_user *user);
const char *acl_user_name(const struct acl_user *user);
/* "on #ab... ~* &* +@all". */
void acl_describe_user(const struct acl_user *user, struct buffer *out);

/* NULL, or what is wrong with a user's name, as a sentence. */
const char *acl_name_fault(const char *name, size_t length);

/* Applies the words to a user, who is made first if need be: all of them or
 * none. False and a sentence. The steps are added to the change. */
struct acl_words {
    size_t count;
    const struct acl_word *words;
};
MUST_CHECK bool acl_set_user(struct acl *acl, const char *name,
                             const struct acl_words *words,
                             struct acl_change *change, struct error *error);
/* False when there is no such user. */
bool acl_delete_user(struct acl *acl, const char *name,
                     struct acl_change *change);
/* Makes the users of `other` those of `acl`. */
void acl_replace(struct acl *acl, const struct acl *other,
                 struct acl_change *change);
/* Sets a user to a description, or removes him (NULL). False and a sentence
 * when it is none; then nothing is changed. */
MUST_CHECK bool acl_put_user(struct acl *acl, const char *name,
                             const char *description, struct error *error);
/* Takes a change back; those that came after it must have been before. The
 * names of its steps stay. */
void acl_undo(struct acl *acl, struct acl_change *change);

/* May clients do without a password? */
bool acl_is_open(const struct acl *acl);
/* Is this the password of a user who is switched on? */
MUST_CHECK bool acl_authenticate(const struct acl *acl,
                                 const struct acl_word *user,
                                 const struct acl_word *password);
/* Does the default user need a password, so that AUTH with one makes sense? */
bool acl_default_has_password(const struct acl *acl);

/* Adds the users of lines "user name rules...", as in an access list file, to
 * a fresh table. False, and a sentence for each wrong line: then the table is
 * of no use. Passwords in the text are not repeated. */
MUST_CHECK bool acl_parse_file(struct acl *acl, const char *text,
                               const char *file, struct buffer *complaint);
void acl_write_file(const struct acl *acl, struct buffer *out);

#endif
