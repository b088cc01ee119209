/* The key rename_commands of a group: "COMMAND name", one for each command
 * that its servers know under another name. */
#include <libconfig.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

struct entry {
    char command[RENAME_SIZE];
    char name[RENAME_SIZE];
};

/* NULL, or what is wrong with the text. */
static const char *split(const char *text, struct entry *entry)
{
    size_t length = strcspn(text, " ");
    if (text[length] == '\0') {
        return "has no blank";
    }
    if (length >= sizeof(entry->command) ||
        strlen(text + length + 1) >= sizeof(entry->name)) {
        return "is too long";
    }
    memcpy(entry->command, text, length);
    entry->command[length] = '\0';
    copy_text(entry->name, sizeof(entry->name), text + length + 1);
    const char *fault = renames_fault(entry->command);
    return fault != NULL ? fault : renames_fault(entry->name);
}

bool native_read_renames(struct conf_build *build,
                         const struct setting_row *row, struct renames *renames,
                         const config_setting_t *setting)
{
    unsigned line = config_setting_source_line(setting);
    renames_clear(renames); /* of the defaults */
    int count = config_setting_length(setting);
    if ((uint64_t)count > row->maximum) {
        return conf_fail(build, line, "%s%s has %d elements; it may have %d",
                         build->prefix, row->key, count, MAX_RENAMES);
    }
    for (int i = 0; i < count; i++) {
        const char *text = config_setting_get_string_elem(setting, i);
        struct entry entry;
        const char *fault = text == NULL ? "is no string" : split(text, &entry);
        char shown[CONF_SHOWN_SIZE];
        if (fault != NULL) {
            return conf_fail(build, line,
                             "%s%s[%d] \"%s\" %s; it must be like \"CONFIG "
                             "my-config\", each word 1 to %d visible bytes",
                             build->prefix, row->key, i,
                             conf_shown(text == NULL ? "" : text, shown), fault,
                             RENAME_SIZE - 1);
        }
        if (strcmp(renames_find(renames, entry.command), entry.command) != 0) {
            return conf_fail(build, line, "%s%s: %s is renamed twice",
                             build->prefix, row->key, entry.command);
        }
        bool fits = renames_put(renames, entry.command, entry.name);
        (void)fits; /* they were counted */
    }
    return true;
}

void native_print_renames(const struct renames *renames, struct buffer *out)
{
    buffer_printf(out, "[ ");
    for (size_t i = 0; i < renames->count; i++) {
        char text[2 * RENAME_SIZE];
        copy_text(text, RENAME_SIZE, renames->list[i].command);
        size_t used = strlen(text);
        text[used] = ' ';
        copy_text(text + used + 1, sizeof(text) - used - 1,
                  renames->list[i].name);
        buffer_printf(out, "%s", i == 0 ? "" : ", ");
        native_print_text(text, out);
    }
    buffer_printf(out, " ]");
}
