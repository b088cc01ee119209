/* Users of our port: changes that wait for the disk, and their file.
 *
 * A command has made its change in memory already. Here the rows go to the
 * store, and when they are durable the client gets its reply. When they are
 * not, all changes that wait are taken back, the newest first, their clients
 * get an error, and the store is given the rows as they were.
 *
 * Each row has what the configuration said and what holds now, so that the
 * next start can tell which of them changed last. */
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/clients/clients.h"
#include "io/store/store.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/secret.h"

#include "io/runtime/runtime_private.h"
#include "io/store/users_file.h"

enum { COMPLAINT_BYTES_MAX = 64 * 1024 };

struct users_waiting {
    TAILQ_ENTRY(users_waiting) entry;
    uint64_t number; /* of the texts in the store */
    uint64_t token;  /* who asked */
    struct users_order order;
    struct login_change *login; /* owned; NULL = it is about users */
};

struct acl *runtime_acl(const struct runtime *runtime)
{
    return runtime->acl;
}

void runtime_users_start(struct runtime *runtime)
{
    TAILQ_INIT(&runtime->users_waiting);
}

static void drop(struct runtime *runtime, struct users_waiting *waiting)
{
    TAILQ_REMOVE(&runtime->users_waiting, waiting, entry);
    acl_change_clear(&waiting->order.change);
    if (waiting->login != NULL) {
        secret_wipe(waiting->login, sizeof(*waiting->login));
        free(waiting->login);
    }
    free(waiting);
}

void runtime_users_stop(struct runtime *runtime)
{
    struct users_waiting *waiting;
    while ((waiting = TAILQ_FIRST(&runtime->users_waiting)) != NULL) {
        drop(runtime, waiting);
    }
}

/* --- Rows ----------------------------------------------------------------- */

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

static void save_user(struct runtime *runtime, const char *name)
{
    char *declared = describe(runtime->declared, name);
    char *value = describe(runtime->acl, name);
    bool nothing = declared[0] == '\0' && value[0] == '\0';
    const struct store_text text = {.kind = "user",
                                    .name = name,
                                    .declared = declared,
                                    .value = nothing ? NULL : value};
    store_save_texts(runtime->store, &text, 1, 0);
    free(declared);
    free(value);
}

/* The rows of all who changed, as they are now. */
static void save_change(struct runtime *runtime,
                        const struct acl_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        save_user(runtime, change->steps[i].name);
    }
}

/* What was saved before is durable when this number is. */
static uint64_t close_batch(struct runtime *runtime)
{
    uint64_t number = ++runtime->users_number;
    store_save_texts(runtime->store, NULL, 0, number);
    return number;
}

/* --- Orders --------------------------------------------------------------- */

static struct users_waiting *wait_for_disk(struct runtime *runtime,
                                           uint64_t token,
                                           const struct users_order *order)
{
    struct users_waiting *waiting = xcalloc(1, sizeof(*waiting));
    waiting->token = token;
    waiting->order = *order;
    waiting->number = close_batch(runtime);
    TAILQ_INSERT_TAIL(&runtime->users_waiting, waiting, entry);
    return waiting;
}

void runtime_order_login(struct runtime *runtime, uint64_t token,
                         struct login_change *change)
{
    static const struct users_order nothing = {.type = USERS_CHANGED};
    runtime_login_save(runtime, change);
    wait_for_disk(runtime, token, &nothing)->login = change;
}

void runtime_forget_login(struct runtime *runtime, const char *group)
{
    runtime_login_forget(runtime, group);
}

/* Users come and go: those of the file, and a default user in any case. */
static struct acl *complete(const struct acl *declared)
{
    struct acl *acl = acl_new();
    const struct acl_user *user = NULL;
    while ((user = acl_next(declared, user)) != NULL) {
        struct error error;
        char *rules = describe(declared, acl_user_name(user));
        bool put = acl_put_user(acl, acl_user_name(user), rules, &error);
        (void)put; /* it was put there already */
        free(rules);
    }
    return acl;
}

static void save_all(struct runtime *runtime, const struct acl *acl)
{
    const struct acl_user *user = NULL;
    while ((user = acl_next(acl, user)) != NULL) {
        save_user(runtime, acl_user_name(user));
    }
}

/* What the file says now is what it declares. */
static void declare(struct runtime *runtime, const struct acl *file)
{
    struct acl_change change = {0};
    acl_replace(runtime->declared, file, &change);
    save_change(runtime, &change);
    acl_change_clear(&change);
}

static bool load(struct runtime *runtime, struct users_order *order,
                 struct buffer *complaint)
{
    struct acl *file = acl_new_empty();
    bool ok = users_file_read(runtime->conf->acl_file, file, complaint);
    if (ok) {
        struct acl *wanted = complete(file);
        acl_replace(runtime->acl, wanted, &order->change);
        declare(runtime, file);
        save_change(runtime, &order->change);
        client_apply_users(runtime->clients);
        acl_free(wanted);
        log_line(LEVEL_NOTICE, "Users were loaded from %s",
                 runtime->conf->acl_file);
    }
    acl_free(file);
    return ok;
}

static bool save(struct runtime *runtime, struct buffer *complaint)
{
    struct error error = {""};
    if (!users_file_write(runtime->conf->acl_file, runtime->acl, &error)) {
        log_line(LEVEL_WARNING, "The users cannot be saved: %s", error.text);
        (void)buffer_printf(complaint,
                            "There was an error trying to save the ACLs. "
                            "Please check the server logs for more "
                            "information");
        return false;
    }
    declare(runtime, runtime->acl);
    save_all(runtime, runtime->acl);
    return true;
}

void runtime_order_users(struct runtime *runtime, uint64_t token,
                         struct users_order *order)
{
    struct buffer complaint;
    bool ok = true;
    buffer_init(&complaint, COMPLAINT_BYTES_MAX);
    switch (order->type) {
    case USERS_CHANGED:
        save_change(runtime, &order->change);
        break;
    case USERS_LOAD:
        ok = load(runtime, order, &complaint);
        break;
    case USERS_SAVE:
        ok = save(runtime, &complaint);
        break;
    }
    if (ok) {
        (void)wait_for_disk(runtime, token, order);
        order->change = (struct acl_change){0};
    } else {
        (void)buffer_append(&complaint, "", 1);
        client_answer_users(runtime->clients, token, order,
                            complaint.overflowed ? "too many errors"
                                                 : complaint.data);
    }
    buffer_clear(&complaint);
}

/* The configuration says something else about this user by now; so be it. */
static void follow(struct runtime *runtime, const struct acl *declared,
                   struct acl *wanted, const char *name)
{
    struct acl *standard = acl_new();
    char *before = describe(runtime->declared, name);
    char *after = describe(declared, name);
    struct error error;
    if (strcmp(before, after) != 0) {
        char *rules =
            after[0] != '\0' ? xstrdup(after) : describe(standard, name);
        bool put =
            acl_put_user(wanted, name, rules[0] == '\0' ? NULL : rules, &error);
        (void)put; /* it was put elsewhere already */
        free(rules);
    }
    free(before);
    free(after);
    acl_free(standard);
}

void runtime_users_reload(struct runtime *runtime, const struct acl *declared)
{
    struct acl *wanted = complete(runtime->acl);
    const struct acl_user *user = NULL;
    struct acl_change change = {0};
    while ((user = acl_next(runtime->declared, user)) != NULL) {
        follow(runtime, declared, wanted, acl_user_name(user));
    }
    while ((user = acl_next(declared, user)) != NULL) {
        follow(runtime, declared, wanted, acl_user_name(user));
    }
    acl_replace(runtime->acl, wanted, &change);
    declare(runtime, declared);
    save_change(runtime, &change);
    acl_change_clear(&change);
    client_apply_users(runtime->clients);
    client_close_refused(runtime->clients);
    acl_free(wanted);
}

/* --- Results -------------------------------------------------------------- */

void runtime_users_saved(struct runtime *runtime, uint64_t number)
{
    struct users_waiting *waiting;
    while ((waiting = TAILQ_FIRST(&runtime->users_waiting)) != NULL &&
           waiting->number <= number) {
        if (waiting->login != NULL) {
            runtime_login_apply(runtime, waiting->login);
        }
        if (!runtime_export_holds_users(runtime, waiting->token,
                                        &waiting->order)) {
            client_answer_users(runtime->clients, waiting->token,
                                &waiting->order, NULL);
        }
        drop(runtime, waiting);
    }
}

static struct users_waiting *newest(struct runtime *runtime)
{
    return TAILQ_LAST(&runtime->users_waiting, users_list);
}

void runtime_users_failed(struct runtime *runtime)
{
    struct users_waiting *waiting;
    if (TAILQ_EMPTY(&runtime->users_waiting)) {
        return;
    }
    while ((waiting = newest(runtime)) != NULL) {
        acl_undo(runtime->acl, &waiting->order.change);
        save_change(runtime, &waiting->order.change);
        if (waiting->login != NULL) {
            runtime_login_take_back(runtime, waiting->login);
        }
        client_answer_users(runtime->clients, waiting->token, &waiting->order,
                            "Failed to save config file. Check server logs.");
        drop(runtime, waiting);
    }
    client_apply_users(runtime->clients);
    (void)close_batch(runtime);
}
