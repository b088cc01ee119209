/* Two readings of a configuration: what changed, and what of it has to wait
 * for the next start.
 *
 * The tables of keys lead, so a new key is told without a word here. ROW_FIXED
 * are those that were used up when the daemon started: its
 * ports, its files, the process itself, and the lease, which all votes that
 * are out were given for. */
#include <stdio.h>
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/buffer.h"
#include "sentineld/memory.h"

/* One level of the file: before and after. */
struct level {
    const struct setting_table *table;
    const void *before;
    const void *after;
    const char *prefix; /* "group m: " */
};

static void tell(const struct level *level, const struct setting_row *row,
                 struct buffer *out)
{
    buffer_printf(out, "%s%s: ", level->prefix, row->key);
    if ((row->flags & ROW_SECRET) != 0) {
        buffer_printf(out, "changed\n");
        return;
    }
    setting_print(row, level->before, out);
    buffer_printf(out, " -> ");
    setting_print(row, level->after, out);
    buffer_printf(out, "\n");
}

static void compare(const struct level *level, struct conf_changes *changes)
{
    for (size_t i = 0; i < level->table->count; i++) {
        const struct setting_row *row = &level->table->rows[i];
        if (row->type == VALUE_GROUPS || row->type == VALUE_DEFAULTS ||
            setting_equal(row, level->before, level->after)) {
            continue;
        }
        bool waits = (row->flags & ROW_FIXED) != 0;
        tell(level, row, waits ? &changes->later : &changes->now);
    }
}

static void compare_group(const struct conf *before, size_t was,
                          const struct conf *after, size_t is,
                          struct conf_changes *changes)
{
    char prefix[NAME_SIZE + 16];
    struct conf_draft drafts[2];
    conf_draft_of(before, was, &drafts[0]);
    conf_draft_of(after, is, &drafts[1]);
    (void)snprintf(prefix, sizeof(prefix),
                   "group %s: ", after->groups[is].name);
    compare(&(struct level){&group_table, &drafts[0], &drafts[1], prefix},
            changes);
}

void conf_changes_find(const struct conf *before, const struct conf *after,
                       struct conf_changes *changes)
{
    struct name_place place;
    compare(&(struct level){&daemon_table, before, after, ""}, changes);
    for (size_t i = 0; i < after->group_count; i++) {
        const char *name = after->groups[i].name;
        if (name_index_find(before->names, name, &place)) {
            compare_group(before, place.index, after, i, changes);
        } else {
            buffer_printf(&changes->now, "group %s is new\n", name);
        }
    }
    for (size_t i = 0; i < before->group_count; i++) {
        if (!name_index_find(after->names, before->groups[i].name, &place)) {
            buffer_printf(&changes->now, "group %s is gone\n",
                          before->groups[i].name);
        }
    }
}

static void keep(const struct setting_row *row, struct conf *conf,
                 const struct conf *running)
{
    memcpy((char *)conf + row->offset, (const char *)running + row->offset,
           row->size);
    if (row->type == VALUE_BINDS) {
        memcpy(conf->bind_optional, running->bind_optional,
               sizeof(conf->bind_optional));
        conf->bind_count = running->bind_count;
    }
}

void conf_changes_postpone(struct conf *conf, const struct conf *running)
{
    bool same_door = conf->tls_port == running->tls_port;
    for (size_t i = 0; i < daemon_table.count; i++) {
        if ((daemon_table.rows[i].flags & ROW_FIXED) != 0) {
            keep(&daemon_table.rows[i], conf, running);
        }
    }
    if (!same_door) {
        conf->tls = running->tls; /* the port's certificates are in it */
    }
}
