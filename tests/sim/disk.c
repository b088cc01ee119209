/* Keeps records as a store would: a row with the same key is replaced, a
 * deletion removes it. */
#include "disk.h"

#include "sentineld/memory.h"

static bool same_group_and(const char *group_a, const char *group_b, bool rest)
{
    return strcmp(group_a, group_b) == 0 && rest;
}

static bool same_key(const struct record *a, const struct record *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case RECORD_SELF:
        return true;
    case RECORD_GROUP:
        return strcmp(a->group.name, b->group.name) == 0;
    case RECORD_NODE:
        return same_group_and(
            a->node.group, b->node.group,
            strcmp(a->node.address.host, b->node.address.host) == 0 &&
                a->node.address.port == b->node.address.port);
    case RECORD_PEER:
        return strcmp(a->peer.run_id, b->peer.run_id) == 0;
    case RECORD_REPORT:
        return strcmp(a->report.group, b->report.group) == 0 &&
               a->report.epoch == b->report.epoch;
    case RECORD_MEMBER:
        return same_group_and(a->member.group, b->member.group,
                              strcmp(a->member.run_id, b->member.run_id) == 0);
    }
    return false;
}

static void add_row(struct rows *rows, const struct record *record)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity == 0 ? 16 : rows->capacity * 2;
        rows->items = xrealloc(rows->items, rows->capacity * sizeof *record);
    }
    rows->items[rows->count++] = *record;
}

static void apply(struct rows *rows, const struct record *record)
{
    size_t kept = 0;
    bool replaced = false;
    for (size_t i = 0; i < rows->count; i++) {
        if (!same_key(&rows->items[i], record)) {
            rows->items[kept++] = rows->items[i];
        } else if (!record->deleted) {
            rows->items[kept++] = *record;
            replaced = true;
        }
    }
    rows->count = kept;
    if (!replaced && !record->deleted) {
        add_row(rows, record);
    }
}

static void append(struct rows *rows, const struct rows *more)
{
    for (size_t i = 0; i < more->count; i++) {
        add_row(rows, &more->items[i]);
    }
}

void disk_submit(struct disk *disk, const struct record *records, size_t count,
                 uint64_t version)
{
    for (size_t i = 0; i < count; i++) {
        add_row(&disk->waiting, &records[i]);
    }
    disk->waiting_version = version;
}

void disk_begin(struct disk *disk)
{
    struct rows free_rows = disk->writing;
    disk->writing = disk->waiting;
    disk->writing_version = disk->waiting_version;
    disk->waiting = free_rows;
    disk->waiting.count = 0;
    disk->busy = true;
}

void disk_end(struct disk *disk, bool ok)
{
    disk->busy = false;
    if (ok) {
        for (size_t i = 0; i < disk->writing.count; i++) {
            apply(&disk->durable, &disk->writing.items[i]);
        }
        disk->durable_version = disk->writing_version;
        disk->writing.count = 0;
        return;
    }
    append(&disk->writing, &disk->waiting); /* older rows first */
    struct rows joined = disk->writing;
    disk->writing = disk->waiting;
    disk->writing.count = 0;
    disk->waiting = joined;
    if (disk->waiting_version < disk->writing_version) {
        disk->waiting_version = disk->writing_version;
    }
}

void disk_on_death(struct disk *disk, bool written)
{
    if (disk->busy) {
        disk_end(disk, written);
    }
    disk->waiting.count = 0;
    disk->waiting_version = 0;
    disk->durable_version = 0;
    disk->retrying = false;
}

const struct record_self *disk_self(const struct disk *disk)
{
    for (size_t i = 0; i < disk->durable.count; i++) {
        if (disk->durable.items[i].kind == RECORD_SELF) {
            return &disk->durable.items[i].self;
        }
    }
    return NULL;
}

const struct record_group *disk_group(const struct disk *disk, const char *name)
{
    for (size_t i = 0; i < disk->durable.count; i++) {
        const struct record *record = &disk->durable.items[i];
        if (record->kind == RECORD_GROUP &&
            strcmp(record->group.name, name) == 0) {
            return &record->group;
        }
    }
    return NULL;
}

void disk_free(struct disk *disk)
{
    free(disk->durable.items);
    free(disk->writing.items);
    free(disk->waiting.items);
}
