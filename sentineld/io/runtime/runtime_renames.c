/* Renamed commands as the state keeps them: one text for each group and
 * command, beside what the configuration said, so that of each the one
 * changed last holds at the next start. Which hold now is in runtime_logins.c's
 * rows. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io/store/store.h"
#include "sentineld/conf.h"
#include "sentineld/memory.h"

#include "io/runtime/runtime_private.h"

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
static void save(struct runtime *runtime, const char *group,
                 const char *command, const char *value)
{
    char key[KEY_SIZE];
    char capital[RENAME_SIZE];
    renames_capital(capital, command);
    (void)snprintf(key, sizeof(key), "%s %s", group, capital);
    const struct store_text text = {
        .kind = kind,
        .name = key,
        .declared =
            other_name(conf_find_renames(runtime->conf, group), command),
        .value = value,
    };
    store_save_texts(runtime->store, &text, 1, 0);
}

void runtime_renames_save(struct runtime *runtime,
                          const struct login_change *change)
{
    for (size_t i = 0; i < change->rename_count; i++) {
        const struct rename *rename = &change->renames[i];
        bool is_own = strcasecmp(rename->command, rename->name) == 0;
        save(runtime, change->group, rename->command,
             is_own ? "" : rename->name);
    }
}

void runtime_renames_take_back(struct runtime *runtime,
                               const struct login_change *change,
                               const struct renames *before)
{
    for (size_t i = 0; i < change->rename_count; i++) {
        const char *command = change->renames[i].command;
        save(runtime, change->group, command,
             before == NULL ? NULL : other_name(before, command));
    }
}

void runtime_renames_forget(struct runtime *runtime, const char *group,
                            const struct renames *now)
{
    const struct renames *declared = conf_find_renames(runtime->conf, group);
    for (size_t i = 0; i < now->count; i++) {
        save(runtime, group, now->list[i].command, NULL);
    }
    for (size_t i = 0; declared != NULL && i < declared->count; i++) {
        save(runtime, group, declared->list[i].command, NULL);
    }
}

static void follow(struct runtime *runtime, const char *group,
                   const char *command, const struct renames *before,
                   struct renames *now)
{
    const char *then = other_name(before, command);
    const char *name =
        other_name(conf_find_renames(runtime->conf, group), command);
    if (strcmp(then, name) != 0 && renames_put(now, command, name)) {
        save(runtime, group, command, NULL);
    }
}

void runtime_renames_follow(struct runtime *runtime, const char *group,
                            const struct renames *before, struct renames *now)
{
    const struct renames *after = conf_find_renames(runtime->conf, group);
    for (size_t i = 0; before != NULL && i < before->count; i++) {
        follow(runtime, group, before->list[i].command, before, now);
    }
    for (size_t i = 0; after != NULL && i < after->count; i++) {
        follow(runtime, group, after->list[i].command, before, now);
    }
}

bool runtime_renames_read(struct runtime *runtime,
                          const struct store_text *text,
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
        conf_find_renames(runtime->conf, change->group), rename->command);
    if (strcmp(text->declared, declared) != 0) {
        save(runtime, change->group, rename->command, NULL);
        return false; /* the file changed since */
    }
    change->rename_count = 1;
    return true;
}
