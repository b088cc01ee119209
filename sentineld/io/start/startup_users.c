/* The users at the start: the configuration declares, the state remembers.
 *
 * What changed last holds. The state has for each user what the configuration
 * said when it was last read; as long as it says the same, what was changed
 * at run time stays, and when it says something else, that counts.
 *
 * A row that cannot be read (written by another version, or by hand) must
 * neither keep us from starting nor open anything: its user is switched off,
 * with a line that says so, and the row stays for who can read it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "sentineld/memory.h"

#include "io/start/startup.h"
#include "io/store/users_file.h"

enum { COMPLAINT_BYTES_MAX = 64 * 1024 };

static const char user_kind[] = "user";

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

/* Nobody can log in as him, also not as `default` without logging in. */
static void switch_off(const struct startup_users *users, const char *name,
                       const char *why)
{
    struct error error = {""};
    log_line(LEVEL_WARNING,
             "%s: the user is off until ACL SETUSER or the configuration "
             "gives him other rules",
             why);
    if (!acl_put_user(users->live, name, "off", &error)) {
        log_line(LEVEL_WARNING, "User '%.63s' is left out: %s", name,
                 error.text);
    }
}

/* What the configuration said when the row was written is what it says. */
static bool is_current(const struct startup_users *users,
                       const struct store_text *text)
{
    char *declared = describe(users->declared, text->name);
    bool same = strcmp(declared, text->declared) == 0;
    free(declared);
    return same;
}

/* What the state remembers of one user, if the configuration has not changed
 * its mind since. False: it cannot be read. */
static bool put_remembered(const struct startup_users *users,
                           const struct store_text *text)
{
    struct error error = {""};
    if (strcmp(text->kind, user_kind) != 0 || !is_current(users, text)) {
        return true;
    }
    const char *fault = acl_name_fault(text->name, strlen(text->name));
    if (fault != NULL) {
        log_line(LEVEL_WARNING, "A stored user '%.63s' is left out: %s",
                 text->name, fault);
        return false;
    }
    const char *rules = text->value[0] == '\0' ? NULL : text->value;
    if ((rules == NULL && strcmp(text->name, ACL_DEFAULT_USER) == 0) ||
        put(users->live, text->name, rules, &error)) {
        return true;
    }
    switch_off(users, text->name, error.text);
    return false;
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

/* What was loaded, and what of it could not be read. */
struct remembered {
    struct store_text *texts;
    size_t count;
    struct acl *unreadable; /* their names; owned */
};

static bool is_unreadable(const struct remembered *remembered, const char *name)
{
    return acl_find(remembered->unreadable, name, strlen(name)) != NULL;
}

static void save_rows(struct store *store, const struct startup_users *users,
                      const struct remembered *remembered)
{
    const struct acl_user *user = NULL;
    for (size_t i = 0; i < remembered->count; i++) {
        const struct store_text *text = &remembered->texts[i];
        if (strcmp(text->kind, user_kind) == 0 && !is_current(users, text)) {
            save_row(store, users, text->name);
        }
    }
    while ((user = acl_next(users->declared, user)) != NULL) {
        if (!is_unreadable(remembered, acl_user_name(user))) {
            save_row(store, users, acl_user_name(user));
        }
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

static void put_all_remembered(const struct startup_users *users,
                               const struct remembered *remembered)
{
    for (size_t i = 0; i < remembered->count; i++) {
        const char *name = remembered->texts[i].name;
        struct error error;
        if (!put_remembered(users, &remembered->texts[i]) &&
            !acl_put_user(remembered->unreadable, name, "off", &error)) {
            /* With so many of them the rows of some are written anew. */
            log_line(LEVEL_WARNING, "Too many users that cannot be read: %s",
                     error.text);
        }
    }
}

static bool settle(struct store *store, const struct startup_users *users,
                   struct error *error)
{
    struct remembered remembered;
    if (!store_load_texts(store, &remembered.texts, &remembered.count, error)) {
        return false;
    }
    remembered.unreadable = acl_new_empty();
    bool ok = put_declared(users->declared, users->live, error);
    if (ok) {
        put_all_remembered(users, &remembered);
        save_rows(store, users, &remembered);
    }
    acl_free(remembered.unreadable);
    store_texts_free(remembered.texts, remembered.count);
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
