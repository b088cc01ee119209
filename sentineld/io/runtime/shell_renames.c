/* Renamed commands as the state keeps them: one text for each group and
 * command, beside what the configuration said, so that of each the one
 * changed last holds at the next start. Which hold now is in shell_logins.c's
 * rows. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io/store/store.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

#include "io/runtime/shell_private.h"

static const char kind[] = "rename-command";

enum { KEY_SIZE = NAME_SIZE + RENAME_SIZE };

/* What it is called according to this list; "" = it has its own name. */
static const char *other_name(const struct renames *renames,
                              const char *command)
{
    const char *name =
        renames == NULL ? command : renames_find(renames, command);
    return name == command ? "" : name;
}

/* NULL: the row goes away. */
static void save(struct shell *shell, const char *group, const char *command,
                 const char *value)
{
    char key[KEY_SIZE];
    char capital[RENAME_SIZE];
    renames_capital(capital, command);
    (void)snprintf(key, sizeof(key), "%s %s", group, capital);
    const struct store_text text = {
        .kind = kind,
        .name = key,
        .declared = other_name(conf_find_renames(shell->conf, group), command),
        .value = value,
    };
    store_save_texts(shell->store, &text, 1, 0);
}

void shell_renames_save(struct shell *shell, const struct login_change *change)
{
    for (size_t i = 0; i < change->rename_count; i++) {
        const struct rename *rename = &change->renames[i];
        bool is_own = strcasecmp(rename->command, rename->name) == 0;
        save(shell, change->group, rename->command, is_own ? "" : rename->name);
    }
}

void shell_renames_take_back(struct shell *shell,
                             const struct login_change *change,
                             const struct renames *before)
{
    for (size_t i = 0; i < change->rename_count; i++) {
        const char *command = change->renames[i].command;
        save(shell, change->group, command,
             before == NULL ? NULL : other_name(before, command));
    }
}

void shell_renames_forget(struct shell *shell, const char *group,
                          const struct renames *now)
{
    const struct renames *declared = conf_find_renames(shell->conf, group);
    for (size_t i = 0; i < now->count; i++) {
        save(shell, group, now->list[i].command, NULL);
    }
    for (size_t i = 0; declared != NULL && i < declared->count; i++) {
        save(shell, group, declared->list[i].command, NULL);
    }
}

static void follow(struct shell *shell, const char *group, const char *command,
                   const struct renames *before, struct renames *now)
{
    const char *then = other_name(before, command);
    const char *name =
        other_name(conf_find_renames(shell->conf, group), command);
    if (strcmp(then, name) != 0 && renames_put(now, command, name)) {
        save(shell, group, command, NULL);
    }
}

void shell_renames_follow(struct shell *shell, const char *group,
                          const struct renames *before, struct renames *now)
{
    const struct renames *after = conf_find_renames(shell->conf, group);
    for (size_t i = 0; before != NULL && i < before->count; i++) {
        follow(shell, group, before->list[i].command, before, now);
    }
    for (size_t i = 0; after != NULL && i < after->count; i++) {
        follow(shell, group, after->list[i].command, before, now);
    }
}

bool shell_renames_read(struct shell *shell, const struct store_text *text,
                        struct login_change *change)
{
    const char *blank = strchr(text->name, ' ');
    struct rename *rename = &change->renames[0];
    if (strcmp(text->kind, kind) != 0 || blank == NULL ||
        blank - text->name >= NAME_SIZE) {
        return false;
    }
    (void)snprintf(change->group, sizeof(change->group), "%.*s",
                   (int)(blank - text->name), text->name);
    copy_text(rename->command, sizeof(rename->command), blank + 1);
    copy_text(rename->name, sizeof(rename->name), text->value);
    const char *declared = other_name(
        conf_find_renames(shell->conf, change->group), rename->command);
    if (strcmp(text->declared, declared) != 0) {
        save(shell, change->group, rename->command, NULL);
        return false; /* the file changed since */
    }
    change->rename_count = 1;
    return true;
}
