/* What the files acl*.c share, with each other and with commands about users:
 *   acl.c          the table of users, changes, logging in
 *   acl_user.c     one user: his parts and his description
 *   acl_rules.c    words that change a user
 *   acl_words.c    texts into words, words into brackets
 *   acl_check.c    may this user do that?
 *   acl_category.c categories of commands
 *   acl_file.c     users as lines of a file
 *   acl_log.c      what was refused lately */
#ifndef SENTINELD_PROTO_ACL_H
#define SENTINELD_PROTO_ACL_H

#include "proto/acl/acl_log.h"
#include "proto/catalog/catalog.h"
#include "sentineld/acl.h"
#include "sentineld/hash.h"
#include "sentineld/secret.h"

/* Texts in the order in which they were said. */
struct acl_list {
    char **items; /* owned, as the items are */
    size_t count;
};

/* What may be done together: these commands, on these keys and channels. The
 * rules about commands hold one after the other, the last one wins. */
struct acl_selector {
    bool all_commands; /* before the rules */
    bool all_keys;
    bool all_channels;
    struct acl_list commands; /* "+ping", "-sentinel|set", "+@admin" */
    /* "~a*", "%R~b*", "%RW~*" (but not "~*", which is all_keys): kept, though
     * there are no keys here. */
    struct acl_list keys;
    struct acl_list channels; /* "&+switch*" */
};

enum acl_payload { PAYLOAD_UNSAID, PAYLOAD_SANITIZE, PAYLOAD_SKIP };

struct acl_user {
    char name[ACL_NAME_SIZE];
    bool on;
    bool nopass;
    enum acl_payload payload;  /* of RESTORE; kept, there is none here */
    struct acl_list passwords; /* digests */
    /* The first is the user's own, the others are in brackets. It is enough
     * that one of them allows a command. */
    struct acl_selector *selectors;
    size_t selector_count;
    UT_hash_handle hh;
};

struct acl_log;

struct acl {
    struct acl_user *users; /* by name, and in its order */
    struct acl_log *log;
};

/* acl.c */
/* Takes over the user, in the place of who has his name; frees him when there
 * is no room. */
MUST_CHECK bool acl_take_user(struct acl *acl, struct acl_user *user,
                              struct error *error);

/* acl_user.c */
struct acl_user *acl_user_new(const char *name);
struct acl_user *acl_user_copy(const struct acl_user *user);
void acl_user_free(struct acl_user *user); /* NULL is allowed */
void acl_user_add_selector(struct acl_user *user,
                           const struct acl_selector *selector);
void acl_user_clear_selectors(struct acl_user *user); /* but the first */
void acl_selector_clear(struct acl_selector *selector);
void acl_list_add(struct acl_list *list, const char *text, size_t length);
void acl_list_remove(struct acl_list *list, size_t index);
void acl_list_clear(struct acl_list *list);
/* The index, or the count when it is not there. */
size_t acl_list_find(const struct acl_list *list, const char *text,
                     size_t length);
void acl_write_list(const struct acl_list *list, struct buffer *out);
/* "+@all -ping", "~* %R~a", "&*": as GETUSER shows them. */
void acl_write_commands(const struct acl_selector *selector,
                        struct buffer *out);
void acl_write_keys(const struct acl_selector *selector, struct buffer *out);
void acl_write_channels(const struct acl_selector *selector,
                        struct buffer *out);

/* acl_rules.c */
/* Applies words in order until one is wrong: then *wrong is its index, and
 * the result what is wrong with it. NULL: all were applied. */
const char *acl_apply_words(struct acl_user *user,
                            const struct acl_words *words, size_t *wrong);

/* acl_words.c */
/* Joins the words of each bracket to one word, in `storage`. False: a bracket
 * is not closed; *wrong is where it begins. */
struct acl_joined {
    struct acl_word *words; /* owned */
    size_t count;
    char *storage; /* owned */
};
MUST_CHECK bool acl_join_brackets(const struct acl_words *words,
                                  struct acl_joined *joined, size_t *wrong);
void acl_joined_clear(struct acl_joined *joined);
/* The words of a text, parted by blanks; they borrow from it. */
struct acl_joined acl_split(const char *text, size_t length);

/* acl_category.c */
/* 0 when there is no such category; `name` without its @. */
unsigned acl_find_category(const char *name, size_t length);
/* The name of a category by its index; NULL behind the last. */
const char *acl_category_name(size_t index);
bool acl_is_in_category(const struct command *command, unsigned category);

/* acl_check.c */
enum acl_verdict { ACL_ALLOWED, ACL_NO_COMMAND, ACL_NO_CHANNEL };

/* A request by its words; argv[0] is the command's first word. */
struct acl_request {
    struct command_place command;
    size_t argc;
    const char *const *argv;
    const size_t *lengths;
};

/* ACL_NO_CHANNEL: *index is the word that was refused. */
enum acl_verdict acl_check(const struct acl_user *user,
                           const struct acl_request *request, size_t *index);
/* May the user listen to it? A pattern must be one that he was given. */
bool acl_may_listen(const struct acl_user *user, const struct acl_word *channel,
                    bool is_pattern);

#endif
