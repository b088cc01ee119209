/* Rows of the database: whatever stands in their columns, the check refuses
 * them, or the core lives with them.
 *
 * The input changes columns of a few sound rows, by the store's own tables, so
 * that every row has passed what reading it passes: texts end, switches are 0
 * or 1, numbers fit. If the check finds nothing, the core starts with them, its
 * master dies, and it lives through half a minute. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/store/store_private.h"
#include "sentineld/core.h"
#include "sentineld/memory.h"
#include "sentineld/record_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 9, ROWS_MAX = 16, STEPS = 60, STEP_MS = 500, NOW = 1000000 };

#define ID_OF(digit)                                                          \
    digit digit digit digit digit digit digit digit digit digit digit digit   \
        digit digit digit digit digit digit digit digit digit digit digit     \
            digit digit digit digit digit digit digit digit digit digit digit \
                digit digit digit digit digit digit

static const struct group_settings settings = {
    .quorum = 1,
    .parallel_syncs = 1,
    .down_after_ms = 1000,
    .failover_timeout_ms = 60000,
    .fencing_replicas = 1,
    .fencing_max_lag_s = 10,
};

/* The input as a stream of bytes; zeros when it is over. */
struct stream {
    const uint8_t *data;
    size_t size;
};

static uint8_t take(struct stream *stream)
{
    if (stream->size == 0) {
        return 0;
    }
    stream->size--;
    return *stream->data++;
}

static void fill_rows(struct record rows[ROWS_MAX])
{
    memset(rows, 0, ROWS_MAX * sizeof(*rows));
    rows[0].kind = RECORD_SELF;
    copy_text(rows[0].self.run_id, RUN_ID_SIZE, ID_OF("5"));
    for (int i = 1; i <= 2; i++) {
        struct record_group *group = &rows[i].group;
        rows[i].kind = RECORD_GROUP;
        copy_text(group->name, NAME_SIZE, i == 1 ? "g1" : "g2");
        copy_text(group->master.host, HOST_SIZE, "10.0.0.1");
        group->master.port = (uint16_t)(6379 + i);
        group->declared = group->master;
        group->settings = settings;
        group->declared_settings = settings;
        group->from_file = i == 1;
        for (int k = 0; k < 2; k++) {
            struct record *row = &rows[3 + 2 * (i - 1) + k];
            row->kind = RECORD_NODE;
            copy_text(row->node.group, NAME_SIZE, group->name);
            copy_text(row->node.address.host, HOST_SIZE, "10.0.0.2");
            row->node.address.port = (uint16_t)(6379 + 2 * i + k);
        }
    }
    rows[7].kind = RECORD_PEER;
    copy_text(rows[7].peer.run_id, RUN_ID_SIZE, ID_OF("7"));
    copy_text(rows[7].peer.address.host, HOST_SIZE, "10.0.0.7");
    rows[7].peer.address.port = 26379;
    rows[8].kind = RECORD_MEMBER;
    copy_text(rows[8].member.group, NAME_SIZE, "g1");
    copy_text(rows[8].member.run_id, RUN_ID_SIZE, ID_OF("7"));
}

static void change_text(struct stream *stream, char *field, size_t size)
{
    size_t length = take(stream) % size;
    memset(field, 0, size);
    for (size_t i = 0; i < length; i++) {
        char c = (char)take(stream);
        field[i] = c;
        if (c == '\0') {
            return;
        }
    }
}

static void change_column(struct stream *stream, struct record *row)
{
    const struct table *table = &store_tables[row->kind];
    const struct column *column = &table->columns[take(stream) % table->count];
    char *field = (char *)row + column->offset;
    uint8_t bytes[8];
    bool flag;
    switch (column->type) {
    case COLUMN_ONE:
        return;
    case COLUMN_TEXT:
        change_text(stream, field, column->size);
        return;
    case COLUMN_BOOL:
        flag = (take(stream) & 1) != 0;
        memcpy(field, &flag, sizeof(flag));
        return;
    case COLUMN_NUMBER:
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = take(stream);
        }
        memcpy(field, bytes, column->size);
        return;
    }
}

/* Some rows more, as a copy of another, and some columns changed. */
static size_t spoil(struct stream *stream, struct record rows[ROWS_MAX])
{
    size_t count = ROWS;
    while (stream->size > 0) {
        uint8_t what = take(stream);
        if ((what & 0x80) != 0 && count < ROWS_MAX) {
            rows[count++] = rows[1 + what % (ROWS - 1)];
        } else if ((what & 0x40) != 0 && count < ROWS_MAX) {
            memset(&rows[count], 0, sizeof(rows[count]));
            rows[count++].kind =
                (enum record_kind)(RECORD_GROUP + what % RECORD_REPORT);
        } else {
            change_column(stream, &rows[what % count]);
        }
    }
    return count;
}

static bool are_sound(const struct record *rows, size_t count)
{
    struct error error = {""};
    for (size_t i = 0; i < count; i++) {
        if (!record_check(&rows[i], &error)) {
            assert(error.text[0] != '\0');
            return false;
        }
    }
    return true;
}

/* What was asked for is answered as a dead network does, and saved. */
static void answer(struct core *core, const struct core_output *output,
                   msec now)
{
    struct core_event events[64];
    size_t count = 0;
    for (size_t i = 0; i < output->count && count < 63; i++) {
        const struct core_action *action = &output->actions[i];
        if (action->type == ACT_CONNECT) {
            events[count++] = (struct core_event){.type = EV_LINK_DOWN,
                                                  .link = action->link,
                                                  .failure = FAILURE_REFUSED};
        }
    }
    if (output->save_version != 0) {
        events[count++] = (struct core_event){
            .type = EV_SAVED, .saved_version = output->save_version};
    }
    for (size_t i = 0; i < count; i++) {
        core_record(core, now, &events[i]);
    }
}

/* What it wants saved could be loaded again. */
static void check_saved(const struct core_output *output)
{
    struct error error = {""};
    for (size_t i = 0; i < output->record_count; i++) {
        bool ok = output->records[i].deleted ||
                  record_check(&output->records[i], &error);
        assert(ok);
    }
}

static void live(const struct record *rows, size_t count)
{
    static const struct group_conf group = {
        .name = "g1",
        .master = {.host = "10.0.0.1", .port = 6380},
        .settings = {.quorum = 1,
                     .fencing_replicas = 1,
                     .fencing_max_lag_s = 10,
                     .parallel_syncs = 1,
                     .down_after_ms = 1000,
                     .failover_timeout_ms = 60000},
    };
    const struct core_conf conf = {.groups = &group,
                                   .group_count = 1,
                                   .port = 26379,
                                   .vote_lease_ms = 2000};
    struct core *core = core_new(&conf, "", rows, count, 1, NOW);
    for (int i = 0; i < STEPS; i++) {
        struct core_output output;
        msec now = NOW + (msec)(i * STEP_MS);
        core_settle(core, now, &output);
        check_saved(&output);
        answer(core, &output, now);
    }
    core_free(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record *rows = xcalloc(ROWS_MAX, sizeof(*rows));
    struct stream stream = {data, size};
    fill_rows(rows);
    size_t count = spoil(&stream, rows);
    if (are_sound(rows, count)) {
        live(rows, count);
    }
    free(rows);
    return 0;
}
