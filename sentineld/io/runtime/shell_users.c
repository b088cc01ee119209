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
#include "io/clients/client.h"
#include "io/store/store.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/secret.h"

#include "io/runtime/shell_private.h"
#include "io/store/users_file.h"

enum { COMPLAINT_BYTES_MAX = 64 * 1024 };

struct users_waiting {
    TAILQ_ENTRY(users_waiting) entry;
    uint64_t number; /* of the texts in the store */
    uint64_t token;  /* who asked */
    struct users_order order;
    struct login_change *login; /* owned; NULL = it is about users */
};

struct acl *shell_acl(const struct shell *shell)
{
    return shell->acl;
}

void shell_users_start(struct shell *shell)
{
    TAILQ_INIT(&shell->users_waiting);
}

static void drop(struct shell *shell, struct users_waiting *waiting)
{
    TAILQ_REMOVE(&shell->users_waiting, waiting, entry);
    acl_change_clear(&waiting->order.change);
    if (waiting->login != NULL) {
        secret_wipe(waiting->login, sizeof(*waiting->login));
        free(waiting->login);
    }
    free(waiting);
}

void shell_users_stop(struct shell *shell)
{
    struct users_waiting *waiting;
    while ((waiting = TAILQ_FIRST(&shell->users_waiting)) != NULL) {
        drop(shell, waiting);
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

static void save_user(struct shell *shell, const char *name)
{
    char *declared = describe(shell->declared, name);
    char *value = describe(shell->acl, name);
    bool nothing = declared[0] == '\0' && value[0] == '\0';
    const struct store_text text = {.kind = "user",
                                    .name = name,
                                    .declared = declared,
                                    .value = nothing ? NULL : value};
    store_save_texts(shell->store, &text, 1, 0);
    free(declared);
    free(value);
}

/* The rows of all who changed, as they are now. */
static void save_change(struct shell *shell, const struct acl_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        save_user(shell, change->steps[i].name);
    }
}

/* What was saved before is durable when this number is. */
static uint64_t close_batch(struct shell *shell)
{
    uint64_t number = ++shell->users_number;
    store_save_texts(shell->store, NULL, 0, number);
    return number;
}

/* --- Orders --------------------------------------------------------------- */

static struct users_waiting *wait_for_disk(struct shell *shell, uint64_t token,
                                           const struct users_order *order)
{
    struct users_waiting *waiting = xcalloc(1, sizeof(*waiting));
    waiting->token = token;
    waiting->order = *order;
    waiting->number = close_batch(shell);
    TAILQ_INSERT_TAIL(&shell->users_waiting, waiting, entry);
    return waiting;
}

void shell_order_login(struct shell *shell, uint64_t token,
                       struct login_change *change)
{
    static const struct users_order nothing = {.type = USERS_CHANGED};
    shell_login_save(shell, change);
    wait_for_disk(shell, token, &nothing)->login = change;
}

void shell_forget_login(struct shell *shell, const char *group)
{
    shell_login_forget(shell, group);
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

static void save_all(struct shell *shell, const struct acl *acl)
{
    const struct acl_user *user = NULL;
    while ((user = acl_next(acl, user)) != NULL) {
        save_user(shell, acl_user_name(user));
    }
}

/* What the file says now is what it declares. */
static void declare(struct shell *shell, const struct acl *file)
{
    struct acl_change change = {0};
    acl_replace(shell->declared, file, &change);
    save_change(shell, &change);
    acl_change_clear(&change);
}

static bool load(struct shell *shell, struct users_order *order,
                 struct buffer *complaint)
{
    struct acl *file = acl_new_empty();
    bool ok = users_file_read(shell->conf->acl_file, file, complaint);
    if (ok) {
        struct acl *wanted = complete(file);
        acl_replace(shell->acl, wanted, &order->change);
        declare(shell, file);
        save_change(shell, &order->change);
        client_apply_users(shell->clients);
        acl_free(wanted);
        log_line(LEVEL_NOTICE, "Users were loaded from %s",
                 shell->conf->acl_file);
    }
    acl_free(file);
    return ok;
}

static bool save(struct shell *shell, struct buffer *complaint)
{
    struct error error = {""};
    if (!users_file_write(shell->conf->acl_file, shell->acl, &error)) {
        log_line(LEVEL_WARNING, "The users cannot be saved: %s", error.text);
        (void)buffer_printf(complaint,
                            "There was an error trying to save the ACLs. "
                            "Please check the server logs for more "
                            "information");
        return false;
    }
    declare(shell, shell->acl);
    save_all(shell, shell->acl);
    return true;
}

void shell_order_users(struct shell *shell, uint64_t token,
                       struct users_order *order)
{
    struct buffer complaint;
    bool ok = true;
    buffer_init(&complaint, COMPLAINT_BYTES_MAX);
    switch (order->type) {
    case USERS_CHANGED:
        save_change(shell, &order->change);
        break;
    case USERS_LOAD:
        ok = load(shell, order, &complaint);
        break;
    case USERS_SAVE:
        ok = save(shell, &complaint);
        break;
    }
    if (ok) {
        (void)wait_for_disk(shell, token, order);
        order->change = (struct acl_change){0};
    } else {
        (void)buffer_append(&complaint, "", 1);
        client_answer_users(shell->clients, token, order,
                            complaint.overflowed ? "too many errors"
                                                 : complaint.data);
    }
    buffer_clear(&complaint);
}

/* The configuration says something else about this user by now; so be it. */
static void follow(struct shell *shell, const struct acl *declared,
                   struct acl *wanted, const char *name)
{
    struct acl *standard = acl_new();
    char *before = describe(shell->declared, name);
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

void shell_users_reload(struct shell *shell, const struct acl *declared)
{
    struct acl *wanted = complete(shell->acl);
    const struct acl_user *user = NULL;
    struct acl_change change = {0};
    while ((user = acl_next(shell->declared, user)) != NULL) {
        follow(shell, declared, wanted, acl_user_name(user));
    }
    while ((user = acl_next(declared, user)) != NULL) {
        follow(shell, declared, wanted, acl_user_name(user));
    }
    acl_replace(shell->acl, wanted, &change);
    declare(shell, declared);
    save_change(shell, &change);
    acl_change_clear(&change);
    client_apply_users(shell->clients);
    client_close_refused(shell->clients);
    acl_free(wanted);
}

/* --- Results -------------------------------------------------------------- */

void shell_users_saved(struct shell *shell, uint64_t number)
{
    struct users_waiting *waiting;
    while ((waiting = TAILQ_FIRST(&shell->users_waiting)) != NULL &&
           waiting->number <= number) {
        if (waiting->login != NULL) {
            shell_login_apply(shell, waiting->login);
        }
        if (!shell_export_holds_users(shell, waiting->token, &waiting->order)) {
            client_answer_users(shell->clients, waiting->token, &waiting->order,
                                NULL);
        }
        drop(shell, waiting);
    }
}

static struct users_waiting *newest(struct shell *shell)
{
    return TAILQ_LAST(&shell->users_waiting, users_list);
}

void shell_users_failed(struct shell *shell)
{
    struct users_waiting *waiting;
    if (TAILQ_EMPTY(&shell->users_waiting)) {
        return;
    }
    while ((waiting = newest(shell)) != NULL) {
        acl_undo(shell->acl, &waiting->order.change);
        save_change(shell, &waiting->order.change);
        if (waiting->login != NULL) {
            shell_login_take_back(shell, waiting->login);
        }
        client_answer_users(shell->clients, waiting->token, &waiting->order,
                            "Failed to save config file. Check server logs.");
        drop(shell, waiting);
    }
    client_apply_users(shell->clients);
    (void)close_batch(shell);
}
