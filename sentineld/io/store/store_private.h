/* What the files of the store share: the open database (store_file.c), its
 * tables (store_tables.c) and rows (store_rows.c), the runtime's texts
 * (store_texts.c), and the writer thread (store.c). */
#ifndef SENTINELD_IO_STORE_PRIVATE_H
#define SENTINELD_IO_STORE_PRIVATE_H

#include <sqlite3.h>

#include "io/store/store.h"
#include "sentineld/buffer.h"
#include "sentineld/hash.h"
#include "sentineld/types.h"

enum { RECORD_KIND_COUNT = RECORD_REPORT + 1 };

/* Stands in the database as PRAGMA application_id ("SntD") and user_version. */
enum { STORE_APPLICATION_ID = 0x536e7444, STORE_SCHEMA_VERSION = 1 };

/* Room for all CREATE statements together. */
enum { STORE_SQL_SIZE = 32768 };

enum column_type {
    COLUMN_ONE,    /* always 1: the key of a table with a single row */
    COLUMN_TEXT,   /* char array */
    COLUMN_BOOL,   /* 0 or 1 */
    COLUMN_NUMBER, /* unsigned, 16, 32 or 64 bits */
};

struct column {
    const char *name;
    enum column_type type;
    bool is_key;
    size_t offset; /* in struct record */
    size_t size;
};

struct table {
    const char *name;
    const struct column *columns;
    size_t count;
};

extern const struct table store_tables[RECORD_KIND_COUNT]; /* by record_kind */

void store_table_append_create(struct buffer *sql, const struct table *table);
void store_table_append_upsert(struct buffer *sql, const struct table *table);
void store_table_append_delete(struct buffer *sql, const struct table *table);
void store_table_append_select(struct buffer *sql, const struct table *table);

/* store_place.c: which files were opened, by their numbers. */
enum { STORE_PATH_SIZE = 1200 };

struct store_identity {
    uint64_t device;
    uint64_t number;
    bool is_known;
};

struct store_place {
    char database_path[STORE_PATH_SIZE];
    char wal_path[STORE_PATH_SIZE];
    struct store_identity database;
    struct store_identity wal;
};

/* The lock, and the database that it guards. */
struct store_file {
    sqlite3 *database;
    struct store_place place;
    int lock; /* descriptor of the lock file; -1: none */
};

/* "<doing>: <what SQLite and the system say>" */
/* The statements, without results. */
MUST_CHECK bool store_execute(sqlite3 *database, const char *sql,
                              const char *doing, struct error *error);
/* -1 when the pragma cannot be read. */
int store_read_pragma(sqlite3 *database, const char *sql);

void store_place_note(struct store_place *place, const char *database,
                      const char *wal);
/* False and a sentence when the names lead elsewhere, or nowhere. */
MUST_CHECK bool store_place_check(struct store_place *place,
                                  struct error *error);
/* The same after a transaction, which has made the -wal file. */
MUST_CHECK bool store_place_check_written(struct store_place *place,
                                          struct error *error);

void store_file_explain(sqlite3 *database, const char *doing,
                        struct error *error);
MUST_CHECK bool store_file_open(struct store_file *file, const char *dir,
                                struct error *error);
void store_file_close(struct store_file *file);

/* Prepared statements, by record_kind. */
struct store_rows {
    sqlite3 *database; /* borrowed */
    sqlite3_stmt *upsert[RECORD_KIND_COUNT];
    sqlite3_stmt *delete[RECORD_KIND_COUNT];
};

MUST_CHECK bool store_rows_prepare(struct store_rows *rows, sqlite3 *database,
                                   struct error *error);
void store_rows_clear(struct store_rows *rows);
/* One row changes; inside a transaction of the caller. */
MUST_CHECK bool store_rows_write(struct store_rows *rows,
                                 const struct record *record,
                                 struct error *error);
/* *records is the caller's to free. */
MUST_CHECK bool store_rows_load(struct store_rows *rows,
                                struct record **records, size_t *count,
                                struct error *error);

/* Texts that wait, by kind and name; NULL = none. */
struct text_row;

#define STORE_CREATE_TEXTS                                         \
    "CREATE TABLE texts (kind TEXT NOT NULL, name TEXT NOT NULL, " \
    "declared TEXT NOT NULL, value TEXT NOT NULL, "                \
    "PRIMARY KEY (kind, name));"

/* The later text of a key wins. */
void store_texts_put(struct text_row **rows, const struct store_text *text);
/* Moves what failed back; what changed meanwhile stays as it is. */
void store_texts_put_back(struct text_row **waiting, struct text_row **failed);
void store_texts_clear(struct text_row **rows);
/* Inside a transaction of the caller. */
MUST_CHECK bool store_texts_write(sqlite3 *database, struct text_row *rows,
                                  struct error *error);
MUST_CHECK bool store_texts_load(sqlite3 *database, struct store_text **texts,
                                 size_t *count, struct error *error);

#endif
