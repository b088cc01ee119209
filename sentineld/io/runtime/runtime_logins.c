/* How to log in at a group's servers, or (group "") at peers, and what the
 * servers' commands are called: what the configuration says, and what SENTINEL
 * SET or CONFIG SET said since.
 *
 * A change is saved first and holds when it is durable; then the connections
 * in question are closed, so that they log in anew. Like users,
 * each value is kept beside what the configuration said, and the one that
 * changed last holds at the next start. Passwords are kept as they are, since
 * they have to be sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/store/store.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"
#include "sentineld/secret.h"

#include "io/runtime/runtime_private.h"

static const char user_kind[] = "auth-user";
static const char password_kind[] = "auth-pass";
static const char peers[] = "";

struct runtime_login {
    char group[NAME_SIZE];
    struct conf_login login;
    struct renames renames; /* owned */
    UT_hash_handle hh;
};

static struct runtime_login *find(const struct runtime *runtime,
                                  const char *group)
{
    struct runtime_login *row;
    HASH_FIND_STR(runtime->logins, group, row);
    return row;
}

const struct conf_login *runtime_find_login(const struct runtime *runtime,
                                            const char *group)
{
    const struct runtime_login *row = find(runtime, group);
    return row != NULL ? &row->login : conf_find_login(runtime->conf, group);
}

const struct renames *runtime_find_renames(const struct runtime *runtime,
                                           const char *group)
{
    const struct runtime_login *row = find(runtime, group);
    return row != NULL ? &row->renames
                       : conf_find_renames(runtime->conf, group);
}

/* What the configuration says; NULL = nothing. */
static const struct conf_login *declared(const struct runtime *runtime,
                                         const char *group)
{
    return strcmp(group, peers) == 0 ? &runtime->conf->peer_login
                                     : conf_find_login(runtime->conf, group);
}

void runtime_peer_login(const struct runtime *runtime, struct conf_login *login)
{
    const struct runtime_login *row = find(runtime, peers);
    conf_peer_login(runtime->conf, login);
    if (row != NULL && row->login.password[0] != '\0') {
        *login = row->login;
    } else if (row != NULL) {
        login->user[0] = '\0'; /* requirepass alone, as in Redis */
        copy_text(login->password, sizeof(login->password),
                  runtime->conf->requirepass);
    }
}

const struct conf_login *runtime_find_peer_login(const struct runtime *runtime)
{
    const struct runtime_login *row = find(runtime, peers);
    return row != NULL ? &row->login : &runtime->conf->peer_login;
}

static void drop_row(struct runtime *runtime, struct runtime_login *row)
{
    HASH_DEL(runtime->logins, row);
    renames_clear(&row->renames);
    secret_wipe(row, sizeof(*row));
    free(row);
}

/* The row of a group; as the configuration has it when it is new. */
static struct runtime_login *make_row(struct runtime *runtime,
                                      const char *group)
{
    struct runtime_login *row = find(runtime, group);
    if (row != NULL) {
        return row;
    }
    row = xcalloc(1, sizeof(*row));
    const struct conf_login *login = declared(runtime, group);
    const struct renames *renames = conf_find_renames(runtime->conf, group);
    if (login != NULL) {
        row->login = *login;
    }
    if (renames != NULL) {
        row->renames = renames_copy(renames);
    }
    copy_text(row->group, sizeof(row->group), group);
    HASH_ADD_STR(runtime->logins, group, row);
    return row;
}

static const char *declared_value(const struct runtime *runtime,
                                  const char *kind, const char *group)
{
    const struct conf_login *login = declared(runtime, group);
    if (login == NULL) {
        return "";
    }
    return strcmp(kind, user_kind) == 0 ? login->user : login->password;
}

/* NULL: the row goes away. */
static void save(struct runtime *runtime, const char *kind, const char *group,
                 const char *value)
{
    const struct store_text text = {
        .kind = kind,
        .name = group,
        .declared = declared_value(runtime, kind, group),
        .value = value,
    };
    store_save_texts(runtime->store, &text, 1, 0);
}

void runtime_login_save(struct runtime *runtime,
                        const struct login_change *change)
{
    if (change->has_user) {
        save(runtime, user_kind, change->group, change->user);
    }
    if (change->has_password) {
        save(runtime, password_kind, change->group, change->password);
    }
    runtime_renames_save(runtime, change);
}

void runtime_login_take_back(struct runtime *runtime,
                             const struct login_change *change)
{
    const struct runtime_login *row = find(runtime, change->group);
    if (change->has_user) {
        save(runtime, user_kind, change->group,
             row == NULL ? NULL : row->login.user);
    }
    if (change->has_password) {
        save(runtime, password_kind, change->group,
             row == NULL ? NULL : row->login.password);
    }
    runtime_renames_take_back(runtime, change,
                              row == NULL ? NULL : &row->renames);
}

/* As SENTINEL SET tells of each option; the password is nobody's business. */
static void tell(struct runtime *runtime, const struct login_change *change,
                 const char *option, const char *shown)
{
    const struct group *group =
        model_find_group(runtime_model(runtime), change->group);
    if (group == NULL) {
        return; /* removed meanwhile */
    }
    const struct address *address = model_current_address(group);
    char text[EVENT_TEXT_SIZE];
    (void)snprintf(text, sizeof(text), "master %s %s %u %s %s", group->name,
                   address->host, (unsigned)address->port, option, shown);
    runtime_say(runtime, LEVEL_WARNING, "+set", text);
}

static void apply_rename(struct runtime_login *row, const struct rename *rename)
{
    if (!renames_put(&row->renames, rename->command, rename->name)) {
        log_line(LEVEL_WARNING,
                 "%s: %s is not renamed: at most %d commands can be",
                 row->group, rename->command, MAX_RENAMES);
    }
}

static void tell_rename(struct runtime *runtime,
                        const struct login_change *change,
                        const struct rename *rename)
{
    char words[2 * RENAME_SIZE];
    (void)snprintf(words, sizeof(words), "%s %s", rename->command,
                   rename->name);
    tell(runtime, change, "rename-command", words);
}

void runtime_login_apply(struct runtime *runtime,
                         const struct login_change *change)
{
    struct runtime_login *row = make_row(runtime, change->group);
    if (change->has_user) {
        copy_text(row->login.user, sizeof(row->login.user), change->user);
        tell(runtime, change, user_kind, change->user);
    }
    if (change->has_password) {
        copy_text(row->login.password, sizeof(row->login.password),
                  change->password);
        tell(runtime, change, password_kind, "******");
    }
    for (size_t i = 0; i < change->rename_count; i++) {
        apply_rename(row, &change->renames[i]);
        tell_rename(runtime, change, &change->renames[i]);
    }
    runtime_links_log_in_anew(runtime, change->group);
}

void runtime_login_forget(struct runtime *runtime, const char *group)
{
    struct runtime_login *row = find(runtime, group);
    if (row != NULL) {
        save(runtime, user_kind, group, NULL);
        save(runtime, password_kind, group, NULL);
        runtime_renames_forget(runtime, group, &row->renames);
        drop_row(runtime, row);
    }
}

static bool follow(struct runtime *runtime, const char *kind, const char *group,
                   const char *before, char *value)
{
    const char *after = declared_value(runtime, kind, group);
    if (strcmp(before, after) == 0) {
        return false;
    }
    copy_text(value, SECRET_SIZE, after);
    save(runtime, kind, group, NULL);
    return true;
}

/* A row of what was set at run time, where the file says something else now.
 * `before` is what it said; NULL = nothing. */
static void follow_file(struct runtime *runtime, struct runtime_login *row,
                        const struct conf_login *before)
{
    static const struct conf_login nothing;
    const struct conf_login *then = before == NULL ? &nothing : before;
    bool user =
        follow(runtime, user_kind, row->group, then->user, row->login.user);
    bool password = follow(runtime, password_kind, row->group, then->password,
                           row->login.password);
    if (user || password) {
        log_line(LEVEL_NOTICE,
                 "%s: the login of the file holds again, for it was changed "
                 "last",
                 row->group[0] == '\0' ? "Peers" : row->group);
    }
}

static bool is_same_login(const struct conf *before, const struct conf *now,
                          const char *group)
{
    const struct conf_login *a = conf_find_login(before, group);
    const struct conf_login *b = conf_find_login(now, group);
    if (a == NULL || b == NULL) {
        return true; /* it comes or goes as a whole */
    }
    return strcmp(a->user, b->user) == 0 &&
           strcmp(a->password, b->password) == 0 &&
           conf_same_tls(before, now, group) &&
           renames_equal(conf_find_renames(before, group),
                         conf_find_renames(now, group));
}

static bool is_same_peer_login(const struct conf *before,
                               const struct conf *now)
{
    struct conf_login a;
    struct conf_login b;
    conf_peer_login(before, &a);
    conf_peer_login(now, &b);
    return strcmp(a.user, b.user) == 0 && strcmp(a.password, b.password) == 0 &&
           conf_same_tls(before, now, peers);
}

void runtime_logins_reload(struct runtime *runtime, const struct conf *before)
{
    const struct conf *now = runtime->conf;
    struct runtime_login *row;
    struct runtime_login *next;
    HASH_ITER (hh, runtime->logins, row, next) {
        follow_file(runtime, row,
                    strcmp(row->group, peers) == 0
                        ? &before->peer_login
                        : conf_find_login(before, row->group));
        runtime_renames_follow(runtime, row->group,
                               conf_find_renames(before, row->group),
                               &row->renames);
    }
    for (size_t i = 0; i < now->group_count; i++) {
        if (!is_same_login(before, now, now->groups[i].name)) {
            runtime_links_log_in_anew(runtime, now->groups[i].name);
        }
    }
    if (!is_same_peer_login(before, now)) {
        runtime_links_log_in_anew(runtime, peers);
    }
}

static void take_remembered(struct runtime *runtime,
                            const struct store_text *text)
{
    bool is_user = strcmp(text->kind, user_kind) == 0;
    struct login_change change = {0};
    if (runtime_renames_read(runtime, text, &change)) {
        apply_rename(make_row(runtime, change.group), &change.renames[0]);
        return;
    }
    if (!is_user && strcmp(text->kind, password_kind) != 0) {
        return;
    }
    if (strcmp(text->declared,
               declared_value(runtime, text->kind, text->name)) != 0) {
        save(runtime, text->kind, text->name,
             NULL); /* the file changed since */
        return;
    }
    struct runtime_login *row = make_row(runtime, text->name);
    if (is_user) {
        copy_text(row->login.user, sizeof(row->login.user), text->value);
    } else {
        copy_text(row->login.password, sizeof(row->login.password),
                  text->value);
    }
}

void runtime_logins_start(struct runtime *runtime)
{
    struct store_text *texts;
    struct error error;
    size_t count;
    if (!store_load_texts(runtime->store, &texts, &count, &error)) {
        log_line(LEVEL_WARNING,
                 "What SENTINEL SET said about logins is lost: "
                 "%s",
                 error.text);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        take_remembered(runtime, &texts[i]);
    }
    store_texts_free(texts, count);
}

void runtime_logins_stop(struct runtime *runtime)
{
    struct runtime_login *row;
    struct runtime_login *next;
    HASH_ITER (hh, runtime->logins, row, next) {
        drop_row(runtime, row);
    }
}
