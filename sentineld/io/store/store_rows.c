/* Records to rows and rows to records, by the arrays of store_tables.c.
 *
 * Epochs are 64-bit without a sign, SQLite's integers have one: the bits are
 * stored as they are. A row that does not fit its record (a text too long, a
 * port above 65535) was not written by us, and loading refuses it and says
 * where it is. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "io/store/store_private.h"
#include "sentineld/memory.h"

static const enum record_kind load_order[RECORD_KIND_COUNT] = {
    RECORD_SELF, RECORD_GROUP,  RECORD_PEER,
    RECORD_NODE, RECORD_MEMBER, RECORD_REPORT,
};

/* NULL and a sentence when SQLite refuses; clears the text. */
static sqlite3_stmt *prepare(sqlite3 *database, struct buffer *sql,
                             struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, sql->data, (int)sql->length, &statement,
                           NULL) != SQLITE_OK) {
        store_file_explain(
            database, "the database has not the tables of sentineld", error);
        statement = NULL;
    }
    buffer_clear(sql);
    return statement;
}

bool store_rows_prepare(struct store_rows *rows, sqlite3 *database,
                        struct error *error)
{
    memset(rows, 0, sizeof(*rows));
    rows->database = database;
    struct buffer sql;
    buffer_init(&sql, STORE_SQL_SIZE);
    for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        store_table_append_upsert(&sql, &store_tables[kind]);
        rows->upsert[kind] = prepare(database, &sql, error);
        store_table_append_delete(&sql, &store_tables[kind]);
        rows->delete[kind] = prepare(database, &sql, error);
        if (rows->upsert[kind] == NULL || rows->delete[kind] == NULL) {
            store_rows_clear(rows);
            return false;
        }
    }
    return true;
}

void store_rows_clear(struct store_rows *rows)
{
    for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        /* Their results were looked at when they ran. */
        (void)sqlite3_finalize(rows->upsert[kind]);
        (void)sqlite3_finalize(rows->delete[kind]);
        rows->upsert[kind] = NULL;
        rows->delete[kind] = NULL;
    }
}

static uint64_t read_number(const char *field, size_t size)
{
    uint16_t small;
    uint32_t medium;
    uint64_t large;
    switch (size) {
    case sizeof(small):
        memcpy(&small, field, size);
        return small;
    case sizeof(medium):
        memcpy(&medium, field, size);
        return medium;
    default:
        assert(size == sizeof(large));
        memcpy(&large, field, size);
        return large;
    }
}

/* False when the value does not fit. */
static bool write_number(char *field, size_t size, uint64_t value)
{
    uint16_t small = (uint16_t)value;
    uint32_t medium = (uint32_t)value;
    switch (size) {
    case sizeof(small):
        memcpy(field, &small, size);
        return small == value;
    case sizeof(medium):
        memcpy(field, &medium, size);
        return medium == value;
    default:
        assert(size == sizeof(value));
        memcpy(field, &value, size);
        return true;
    }
}

/* `index` is SQLite's, from 1. The text stays borrowed until the statement
 * has run. */
static int bind(sqlite3_stmt *statement, int index, const struct column *column,
                const struct record *record)
{
    const char *field = (const char *)record + column->offset;
    bool flag = false;
    switch (column->type) {
    case COLUMN_ONE:
        return sqlite3_bind_int(statement, index, 1);
    case COLUMN_TEXT:
        return sqlite3_bind_text(statement, index, field,
                                 (int)strnlen(field, column->size),
                                 SQLITE_STATIC);
    case COLUMN_BOOL:
        memcpy(&flag, field, sizeof(flag));
        return sqlite3_bind_int(statement, index, flag ? 1 : 0);
    case COLUMN_NUMBER:
        return sqlite3_bind_int64(
            statement, index, (sqlite3_int64)read_number(field, column->size));
    }
    return SQLITE_MISUSE;
}

static int bind_all(sqlite3_stmt *statement, const struct record *record)
{
    const struct table *table = &store_tables[record->kind];
    int index = 1;
    for (size_t i = 0; i < table->count; i++) {
        if (record->deleted && !table->columns[i].is_key) {
            continue;
        }
        int result = bind(statement, index, &table->columns[i], record);
        if (result != SQLITE_OK) {
            return result;
        }
        index++;
    }
    return SQLITE_OK;
}

bool store_rows_write(struct store_rows *rows, const struct record *record,
                      struct error *error)
{
    sqlite3_stmt *statement = record->deleted ? rows->delete[record->kind]
                                              : rows->upsert[record->kind];
    bool written = bind_all(statement, record) == SQLITE_OK &&
                   sqlite3_step(statement) == SQLITE_DONE;
    if (!written) {
        store_file_explain(rows->database, "writing a row", error);
    }
    (void)sqlite3_reset(statement); /* repeats what sqlite3_step said */
    (void)sqlite3_clear_bindings(statement);
    return written;
}

static bool read_text(sqlite3_stmt *statement, int index, char *field,
                      size_t size)
{
    if (sqlite3_column_type(statement, index) != SQLITE_TEXT) {
        return false;
    }
    const unsigned char *text = sqlite3_column_text(statement, index);
    size_t length = (size_t)sqlite3_column_bytes(statement, index);
    if (text == NULL || length >= size || memchr(text, 0, length) != NULL) {
        return false;
    }
    memcpy(field, text, length);
    field[length] = '\0';
    return true;
}

static bool read_column(sqlite3_stmt *statement, int index,
                        const struct column *column, struct record *record)
{
    char *field = (char *)record + column->offset;
    if (column->type == COLUMN_TEXT) {
        return read_text(statement, index, field, column->size);
    }
    if (sqlite3_column_type(statement, index) != SQLITE_INTEGER) {
        return false;
    }
    sqlite3_int64 value = sqlite3_column_int64(statement, index);
    bool flag = value == 1;
    switch (column->type) {
    case COLUMN_ONE:
        return flag;
    case COLUMN_BOOL:
        memcpy(field, &flag, sizeof(flag));
        return value == 0 || value == 1;
    case COLUMN_NUMBER:
        return write_number(field, column->size, (uint64_t)value);
    case COLUMN_TEXT:
        break;
    }
    return false;
}

/* The records read so far. */
struct load {
    struct record *records;
    size_t count;
    size_t room;
};

static struct record *load_next(struct load *load)
{
    if (load->count == load->room) {
        load->room = load->room == 0 ? 64 : load->room * 2;
        load->records =
            xrealloc(load->records, load->room * sizeof(*load->records));
    }
    struct record *record = &load->records[load->count++];
    memset(record, 0, sizeof(*record));
    return record;
}

static bool read_row(sqlite3_stmt *statement, enum record_kind kind,
                     struct record *record, struct error *error)
{
    const struct table *table = &store_tables[kind];
    record->kind = kind;
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];
        if (!read_column(statement, (int)i, column, record)) {
            (void)snprintf(
                error->text, sizeof(error->text),
                "a row of table %s has a value in column %s that "
                "sentineld never writes: correct it with the sqlite3 "
                "shell, or restore the database from a backup",
                table->name, column->name);
            return false;
        }
    }
    return true;
}

static bool load_rows(sqlite3 *database, sqlite3_stmt *statement,
                      enum record_kind kind, struct load *load,
                      struct error *error)
{
    int result = sqlite3_step(statement);
    while (result == SQLITE_ROW) {
        if (!read_row(statement, kind, load_next(load), error)) {
            return false;
        }
        result = sqlite3_step(statement);
    }
    if (result != SQLITE_DONE) {
        store_file_explain(database, "reading the state", error);
        return false;
    }
    return true;
}

static bool load_table(sqlite3 *database, enum record_kind kind,
                       struct load *load, struct error *error)
{
    struct buffer sql;
    buffer_init(&sql, STORE_SQL_SIZE);
    store_table_append_select(&sql, &store_tables[kind]);
    sqlite3_stmt *statement = prepare(database, &sql, error);
    bool loaded =
        statement != NULL && load_rows(database, statement, kind, load, error);
    (void)sqlite3_finalize(statement); /* repeats what sqlite3_step said */
    return loaded;
}

bool store_rows_load(struct store_rows *rows, struct record **records,
                     size_t *count, struct error *error)
{
    struct load load = {NULL, 0, 0};
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        if (!load_table(rows->database, load_order[i], &load, error)) {
            free(load.records);
            return false;
        }
    }
    *records = load.records;
    *count = load.count;
    return true;
}
