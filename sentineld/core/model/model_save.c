/* What must be on disk: rows of the model as records. Rows of groups and our
 * own are marked and written once, at the end of the settle; the others as
 * they come and go. */
#include "core/model/model.h"

struct record *model_add_record(struct core *core, enum record_kind kind,
                                bool deleted)
{
    struct record_list *list = &core->side[core->building].records;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items =
            xrealloc(list->items, list->capacity * sizeof(*list->items));
    }
    struct record *record = &list->items[list->count++];
    memset(record, 0, sizeof(*record));
    record->kind = kind;
    record->deleted = deleted;
    return record;
}

uint64_t model_next_version(const struct core *core)
{
    return core->version + 1;
}

void model_save_self(struct core *core)
{
    core->self_dirty = true;
}

void model_save_group(struct core *core, struct group *group)
{
    if (group->dirty) {
        return;
    }
    group->dirty = true;
    if (core->dirty_count == core->dirty_capacity) {
        core->dirty_capacity =
            core->dirty_capacity == 0 ? 16 : core->dirty_capacity * 2;
        core->dirty =
            xrealloc(core->dirty, core->dirty_capacity * sizeof(*core->dirty));
    }
    core->dirty[core->dirty_count++] = group;
}

void model_save_node(struct core *core, const struct node *node, bool deleted)
{
    struct record *record = model_add_record(core, RECORD_NODE, deleted);
    copy_text(record->node.group, NAME_SIZE, node->group->name);
    record->node.address = node->instance.address;
    record->node.min_replicas = node->fence.ours;
    copy_text(record->node.fenced_run_id, RUN_ID_SIZE, node->fence.run_id);
    record->node.seen = node->last_offset.seen;
    record->node.former_master = node->former_master;
    record->node.adopted = node->foreign.adopted;
    record->node.quarantine = node->foreign.kind;
}

void model_save_peer(struct core *core, const struct peer *peer, bool deleted)
{
    struct record *record = model_add_record(core, RECORD_PEER, deleted);
    copy_text(record->peer.run_id, RUN_ID_SIZE, peer->run_id);
    record->peer.address = peer->instance.address;
}

void model_save_voter(struct core *core, const struct voter *voter,
                      bool deleted)
{
    struct record *record = model_add_record(core, RECORD_MEMBER, deleted);
    copy_text(record->member.group, NAME_SIZE, voter->group->name);
    copy_text(record->member.run_id, RUN_ID_SIZE, voter->peer->run_id);
}

static void emit_group(struct core *core, const struct group *group)
{
    bool tombstone = group->dead && group->from_file;
    bool deleted = group->dead && !tombstone;
    struct record *record = model_add_record(core, RECORD_GROUP, deleted);
    struct record_group *row = &record->group;
    copy_text(row->name, NAME_SIZE, group->name);
    row->removed = tombstone;
    row->from_file = group->from_file;
    row->declared = group->declared;
    row->declared_settings = group->declared_settings;
    pending_set_at(group, row->set_at);
    row->master = group->master->instance.address;
    row->settings = pending_settings(group);
    row->config_epoch = group->config_epoch;
    row->accepted = group->accepted;
    row->vote = group->vote;
    memcpy(row->lineage, group->lineage, sizeof(row->lineage));
    row->lineage_epoch = group->lineage_epoch;
}

void model_emit_records(struct core *core)
{
    if (core->self_dirty) {
        struct record *record = model_add_record(core, RECORD_SELF, false);
        copy_text(record->self.run_id, RUN_ID_SIZE, core->model.self);
        record->self.current_epoch = core->model.current_epoch;
        record->self.declared = core->model.declared_settings;
        record->self.settings = core->model.settings;
        core->self_dirty = false;
    }
    for (size_t i = 0; i < core->dirty_count; i++) {
        core->dirty[i]->dirty = false;
        emit_group(core, core->dirty[i]);
    }
    core->dirty_count = 0;
}
