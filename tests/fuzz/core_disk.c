/* The imitated disk: what waits to be saved, and what is durable. */
#include "core_world.h"

#include "sentineld/record_check.h"

#include <assert.h>

#include "sentineld/memory.h"

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
        return strcmp(a->node.group, b->node.group) == 0 &&
               address_equal(&a->node.address, &b->node.address);
    case RECORD_PEER:
        return strcmp(a->peer.run_id, b->peer.run_id) == 0;
    case RECORD_REPORT:
        return strcmp(a->report.group, b->report.group) == 0 &&
               a->report.epoch == b->report.epoch;
    case RECORD_MEMBER:
        return strcmp(a->member.group, b->member.group) == 0 &&
               strcmp(a->member.run_id, b->member.run_id) == 0;
    }
    return false;
}

void disk_store(struct world *world, const struct record *row)
{
    size_t at = 0;
    while (at < world->durable_count && !same_key(&world->durable[at], row)) {
        at++;
    }
    if (row->deleted) {
        if (at < world->durable_count) {
            world->durable[at] = world->durable[--world->durable_count];
        }
        return;
    }
    assert(at < MAX_ROWS);
    world->durable[at] = *row;
    world->durable_count += at == world->durable_count ? 1 : 0;
}

const struct record *disk_row(const struct world *world,
                              const struct record *key)
{
    for (size_t i = 0; i < world->durable_count; i++) {
        if (same_key(&world->durable[i], key)) {
            return &world->durable[i];
        }
    }
    return NULL;
}

const struct record_group *disk_group(const struct world *world,
                                      const char *name)
{
    struct record key = {.kind = RECORD_GROUP};
    copy_text(key.group.name, NAME_SIZE, name);
    const struct record *row = disk_row(world, &key);
    return row == NULL || row->group.removed ? NULL : &row->group;
}

/* What others can make us save must not keep us from starting. */
static void check_records(const struct world *world,
                          const struct core_output *output)
{
    struct error error;
    for (size_t i = 0; i < output->record_count; i++) {
        struct record record = output->records[i];
        if (record.kind == RECORD_GROUP) { /* proto keeps these in range */
            record.group.settings = world->groups[0].settings;
        }
        bool ok = record.deleted || record_check(&record, &error);
        assert(ok);
    }
}

void disk_submit(struct world *world, const struct core_output *output)
{
    size_t count = world->waiting_count + output->record_count;
    if (count > world->waiting_capacity) {
        world->waiting_capacity = count * 2;
        world->waiting = xrealloc(world->waiting, world->waiting_capacity *
                                                      sizeof(*world->waiting));
    }
    check_records(world, output);
    if (output->record_count > 0) {
        memcpy(&world->waiting[world->waiting_count], output->records,
               output->record_count * sizeof(*output->records));
    }
    world->waiting_count = count;
    if (output->save_version != 0) {
        assert(output->save_version == world->version + 1);
        world->version = output->save_version;
    }
}
