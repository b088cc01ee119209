/* The users at the start: the configuration declares, the state remembers.
 *
 * What changed last holds. The state has for each user what the configuration
 * said when it was last read; as long as it says the same, what was changed
 * at run time stays, and when it says something else, that counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/memory.h"

#include "startup.h"
#include "users_file.h"

enum { COMPLAINT_BYTES_MAX = 64 * 1024 };

/* The description of a user; "" = there is none. */
static char *describe(const struct acl *acl, const char *name)
{
    const struct acl_user *user = acl_find(acl, name, strlen(name));
    struct buffer out;
    if (user == NULL) {
        return xstrdup("");
    }
    buffer_init(&out, SIZE_MAX);
    acl_describe_user(user, &out);
    (void)buffer_append(&out, "", 1);
    return out.data;
}

static bool put(struct acl *acl, const char *name, const char *rules,
                struct error *error)
{
    struct error why = {""};
    if (acl_put_user(acl, name, rules, &why)) {
        return true;
    }
    (void)snprintf(error->text, sizeof(error->text),
                   "the rules of user '%.63s' are not understood: %.300s", name,
                   why.text);
    return false;
}

static bool put_declared(const struct acl *declared, struct acl *acl,
                         struct error *error)
{
    const struct acl_user *user = NULL;
    while ((user = acl_next(declared, user)) != NULL) {
        char *rules = describe(declared, acl_user_name(user));
        bool ok = put(acl, acl_user_name(user), rules, error);
        free(rules);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* What the state remembers of one user, if the configuration has not changed
 * its mind since. */
static bool put_remembered(const struct startup_users *users,
                           const struct store_text *text, struct error *error)
{
    char *declared = describe(users->declared, text->name);
    bool same = strcmp(declared, text->declared) == 0;
    free(declared);
    if (strcmp(text->kind, "user") != 0 || !same) {
        return true;
    }
    const char *rules = text->value[0] == '\0' ? NULL : text->value;
    return (rules == NULL && strcmp(text->name, ACL_DEFAULT_USER) == 0) ||
           put(users->live, text->name, rules, error);
}

/* The row of a user as it is from now on. */
static void save_row(struct store *store, const struct startup_users *users,
                     const char *name)
{
    char *declared = describe(users->declared, name);
    char *value =
        declared[0] == '\0' ? xstrdup("") : describe(users->live, name);
    const struct store_text text = {
        .kind = "user",
        .name = name,
        .declared = declared,
        .value = declared[0] == '\0' ? NULL : value,
    };
    store_save_texts(store, &text, 1, 0);
    free(declared);
    free(value);
}

static void save_rows(struct store *store, const struct startup_users *users,
                      const struct store_text *texts, size_t count)
{
    const struct acl_user *user = NULL;
    for (size_t i = 0; i < count; i++) {
        char *declared = describe(users->declared, texts[i].name);
        if (strcmp(texts[i].kind, "user") == 0 &&
            strcmp(declared, texts[i].declared) != 0) {
            save_row(store, users, texts[i].name);
        }
        free(declared);
    }
    while ((user = acl_next(users->declared, user)) != NULL) {
        save_row(store, users, acl_user_name(user));
    }
}

/* The file's users are declared; those of the configuration are none then. */
static bool read_file(const char *path, struct acl *declared,
                      struct error *error)
{
    struct buffer complaint;
    buffer_init(&complaint, COMPLAINT_BYTES_MAX);
    bool ok = users_file_read(path, declared, &complaint);
    if (!ok) {
        (void)snprintf(error->text, sizeof(error->text), "%.*s",
                       complaint.length < 480 ? (int)complaint.length : 480,
                       complaint.data);
    }
    buffer_clear(&complaint);
    return ok;
}

static bool settle(struct store *store, const struct startup_users *users,
                   struct error *error)
{
    struct store_text *texts;
    size_t count;
    if (!store_load_texts(store, &texts, &count, error)) {
        return false;
    }
    bool ok = put_declared(users->declared, users->live, error);
    for (size_t i = 0; i < count && ok; i++) {
        ok = put_remembered(users, &texts[i], error);
    }
    if (ok) {
        save_rows(store, users, texts, count);
    }
    store_texts_free(texts, count);
    return ok;
}

bool startup_declare_users(const struct conf *conf, struct acl *declared,
                           struct error *error)
{
    if (conf->users != NULL) {
        struct acl_change change = {0};
        acl_replace(declared, conf->users, &change);
        acl_change_clear(&change);
    }
    return conf->acl_file[0] == '\0' ||
           read_file(conf->acl_file, declared, error);
}

bool startup_load_users(struct store *store, const struct conf *conf,
                        struct startup_users *users, struct error *error)
{
    users->live = acl_new();
    users->declared = acl_new_empty();
    return startup_declare_users(conf, users->declared, error) &&
           settle(store, users, error);
}

void startup_users_clear(struct startup_users *users)
{
    acl_free(users->live);
    acl_free(users->declared);
    *users = (struct startup_users){0};
}
