/* Texts that the runtime keeps beside the core's records: the rules of users.
 *
 * They have one table, key kind and name. They are few and change seldom, so
 * their statements are made when they are needed. Like records they are
 * merged by key while they wait, and go into the same transaction. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "io/store/store_private.h"
#include "sentineld/memory.h"

enum { TEXT_KEY_SIZE = 256, COLUMN_COUNT = 4 };

struct text_row {
    char key[TEXT_KEY_SIZE]; /* kind, a blank, name */
    char *kind;
    char *name;
    char *declared;
    char *value; /* NULL: the row goes away */
    UT_hash_handle hh;
};

static void free_row(struct text_row *row)
{
    free(row->kind);
    free(row->name);
    free(row->declared);
    free(row->value);
    free(row);
}

static struct text_row *find_row(struct text_row *rows, const char *key)
{
    struct text_row *row;
    HASH_FIND_STR(rows, key, row);
    return row;
}

void store_texts_put(struct text_row **rows, const struct store_text *text)
{
    struct text_row *row = xcalloc(1, sizeof(*row));
    int length =
        snprintf(row->key, sizeof(row->key), "%s %s", text->kind, text->name);
    assert(length > 0 && (size_t)length < sizeof(row->key));
    struct text_row *old = find_row(*rows, row->key);
    if (old != NULL) {
        HASH_DEL(*rows, old);
        free_row(old);
    }
    row->kind = xstrdup(text->kind);
    row->name = xstrdup(text->name);
    row->declared = xstrdup(text->declared == NULL ? "" : text->declared);
    row->value = text->value == NULL ? NULL : xstrdup(text->value);
    HASH_ADD_STR(*rows, key, row);
}

void store_texts_put_back(struct text_row **waiting, struct text_row **failed)
{
    struct text_row *row;
    struct text_row *next;
    HASH_ITER (hh, *failed, row, next) {
        HASH_DEL(*failed, row);
        if (find_row(*waiting, row->key) == NULL) {
            HASH_ADD_STR(*waiting, key, row);
        } else {
            free_row(row);
        }
    }
}

void store_texts_clear(struct text_row **rows)
{
    struct text_row *row;
    struct text_row *next;
    HASH_ITER (hh, *rows, row, next) {
        HASH_DEL(*rows, row);
        free_row(row);
    }
}

/* --- Writing -------------------------------------------------------------- */

static bool run(sqlite3 *database, const char *sql, const struct text_row *row,
                struct error *error)
{
    const char *const values[COLUMN_COUNT] = {row->kind, row->name,
                                              row->declared, row->value};
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    int count =
        result == SQLITE_OK ? sqlite3_bind_parameter_count(statement) : 0;
    for (int i = 0; i < count && result == SQLITE_OK; i++) {
        result =
            sqlite3_bind_text(statement, i + 1, values[i], -1, SQLITE_STATIC);
    }
    bool written =
        result == SQLITE_OK && sqlite3_step(statement) == SQLITE_DONE;
    if (!written) {
        store_file_explain(database, "writing a text", error);
    }
    (void)sqlite3_finalize(statement); /* repeats what sqlite3_step said */
    return written;
}

bool store_texts_write(sqlite3 *database, struct text_row *rows,
                       struct error *error)
{
    struct text_row *row;
    struct text_row *next;
    HASH_ITER (hh, rows, row, next) {
        const char *sql =
            row->value == NULL
                ? "DELETE FROM texts WHERE kind = ? AND name = ?"
                : "INSERT INTO texts (kind, name, declared, value)"
                  " VALUES (?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE"
                  " SET declared = excluded.declared, value = excluded.value";
        if (!run(database, sql, row, error)) {
            return false;
        }
    }
    return true;
}

/* --- Loading -------------------------------------------------------------- */

void store_texts_free(struct store_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i].storage);
    }
    free(texts);
}

/* The row's four texts behind each other in one piece of memory. We write no
 * zero bytes: a text that has one must not be read as a shorter one, so it
 * becomes a byte that no reader of texts understands. */
static struct store_text copy_row(sqlite3_stmt *statement)
{
    const char *columns[COLUMN_COUNT];
    size_t lengths[COLUMN_COUNT];
    size_t size = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const unsigned char *text = sqlite3_column_text(statement, i);
        columns[i] = text == NULL ? "" : (const char *)text;
        lengths[i] = (size_t)sqlite3_column_bytes(statement, i);
        size += lengths[i] + 1;
    }
    struct store_text copy = {.storage = xmalloc(size)};
    const char **members[COLUMN_COUNT] = {&copy.kind, &copy.name,
                                          &copy.declared, &copy.value};
    char *at = copy.storage;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        for (size_t k = 0; k < lengths[i]; k++) {
            at[k] = columns[i][k] == '\0' ? '\1' : columns[i][k];
        }
        at[lengths[i]] = '\0';
        *members[i] = at;
        at += lengths[i] + 1;
    }
    return copy;
}

bool store_texts_load(sqlite3 *database, struct store_text **texts,
                      size_t *count, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(
        database,
        "SELECT kind, name, declared, value FROM texts ORDER BY kind, name", -1,
        &statement, NULL);
    *texts = NULL;
    *count = 0;
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
    }
    while (result == SQLITE_ROW) {
        *texts = xrealloc(*texts, (*count + 1) * sizeof(**texts));
        (*texts)[(*count)++] = copy_row(statement);
        result = sqlite3_step(statement);
    }
    if (result != SQLITE_DONE) {
        store_file_explain(database, "reading the texts", error);
        store_texts_free(*texts, *count);
    }
    (void)sqlite3_finalize(statement); /* repeats what sqlite3_step said */
    return result == SQLITE_DONE;
}
