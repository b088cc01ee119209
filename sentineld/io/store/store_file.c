/* The state directory: its lock, and opening or creating the database in it.
 *
 * Two daemons on one directory would be one supervisor that votes twice, so
 * the first thing taken is a lock on a file of its own. (SQLite's own
 * exclusive mode would keep an operator with the sqlite3 shell out as well.)
 *
 * A new database is made under another name and renamed when it is complete,
 * so a crash never leaves an empty sentineld.db behind; therefore a database
 * that is there and is not whole was damaged, and then nothing here guesses:
 * a daemon that forgot its votes could vote twice. The operator decides. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/store/store_private.h"

enum { PATH_SIZE = STORE_PATH_SIZE, DIR_LENGTH_MAX = 1023 };

/* A reader with the sqlite3 shell may hold a lock for a moment. */
enum { BUSY_TIMEOUT_MS = 1000 };

#define WAY_OUT                                                              \
    "Restore it from a backup; or move it away, then sentineld starts with " \
    "a new id and without memory of votes."

struct paths {
    const char *dir;
    char lock[PATH_SIZE];
    char database[PATH_SIZE];
    char wal[PATH_SIZE];
    char fresh[PATH_SIZE]; /* a new database until it is complete */
    char fresh_journal[PATH_SIZE];
};

static void say(struct error *error, const char *sentence, const char *path,
                int number)
{
    char reason[128];
    if (strerror_r(number, reason, sizeof(reason)) != 0) {
        (void)snprintf(reason, sizeof(reason), "error %d", number);
    }
    (void)snprintf(error->text, sizeof(error->text), "%s '%.250s': %s",
                   sentence, path, reason);
}

void store_file_explain(sqlite3 *database, const char *doing,
                        struct error *error)
{
    int code = sqlite3_errcode(database) & 0xff;
    bool is_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    int number = is_system ? sqlite3_system_errno(database) : 0;
    char reason[128] = "";
    if (number != 0 && strerror_r(number, reason, sizeof(reason)) != 0) {
        reason[0] = '\0';
    }
    (void)snprintf(error->text, sizeof(error->text), "%s: %.120s%s%s%s", doing,
                   sqlite3_errmsg(database), reason[0] == '\0' ? "" : " (",
                   reason, reason[0] == '\0' ? "" : ")");
}

static bool make_paths(struct paths *paths, const char *dir,
                       struct error *error)
{
    if (strlen(dir) > DIR_LENGTH_MAX) {
        (void)snprintf(error->text, sizeof(error->text),
                       "the state directory's path is longer than %d bytes",
                       DIR_LENGTH_MAX);
        return false;
    }
    if (dir[0] == '\0') { /* it would be the root's files that we open */
        (void)snprintf(error->text, sizeof(error->text),
                       "the state directory's path is empty: No such file");
        return false;
    }
    paths->dir = dir;
    const char *name = "sentineld.db";
    (void)snprintf(paths->lock, PATH_SIZE, "%s/sentineld.lock", dir);
    (void)snprintf(paths->database, PATH_SIZE, "%s/%s", dir, name);
    (void)snprintf(paths->wal, PATH_SIZE, "%s/%s-wal", dir, name);
    (void)snprintf(paths->fresh, PATH_SIZE, "%s/%s.new", dir, name);
    (void)snprintf(paths->fresh_journal, PATH_SIZE, "%s/%s.new-journal", dir,
                   name);
    return true;
}

/* Who holds the lock wrote its process id there. */
static void say_in_use(int lock, const char *dir, struct error *error)
{
    char holder[24] = "";
    ssize_t length = pread(lock, holder, sizeof(holder) - 1, 0);
    holder[length > 0 ? strspn(holder, "0123456789") : 0] = '\0';
    (void)snprintf(error->text, sizeof(error->text),
                   "state directory '%.250s' is in use by another daemon%s%s",
                   dir, holder[0] == '\0' ? "" : ", process ", holder);
}

static void note_holder(int lock)
{
    char holder[24];
    int length = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());
    /* Only a hint for an operator: that it fails changes nothing. */
    if (ftruncate(lock, 0) == 0) {
        ssize_t ignored = pwrite(lock, holder, (size_t)length, 0);
        (void)ignored;
    }
}

/* -1 and a sentence when it cannot be had. */
static int take_lock(const struct paths *paths, struct error *error)
{
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    int lock = open(paths->lock, flags, 0600);
    if (lock < 0) {
        say(error, "cannot use state directory", paths->dir, errno);
        return -1;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            say_in_use(lock, paths->dir, error);
        } else {
            say(error, "cannot lock", paths->lock, errno);
        }
        (void)close(lock);
        return -1;
    }
    note_holder(lock);
    return lock;
}

/* A name in a directory survives a power loss only after this. */
static bool sync_directory(const char *dir, struct error *error)
{
    int descriptor = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (!synced) {
        say(error, "cannot sync state directory", dir, errno);
    }
    if (descriptor >= 0) {
        (void)close(descriptor); /* nothing was written through it */
    }
    return synced;
}

bool store_execute(sqlite3 *database, const char *sql, const char *doing,
                   struct error *error)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        store_file_explain(database, doing, error);
        return false;
    }
    return true;
}

/* -1 when the pragma cannot be read. */
int store_read_pragma(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement); /* repeats what sqlite3_step said */
    return value;
}

static bool write_schema(sqlite3 *database, struct error *error)
{
    struct buffer sql;
    buffer_init(&sql, STORE_SQL_SIZE);
    (void)buffer_printf(&sql, "PRAGMA synchronous = FULL; BEGIN;");
    for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        store_table_append_create(&sql, &store_tables[kind]);
    }
    (void)buffer_printf(&sql, STORE_CREATE_TEXTS);
    (void)buffer_printf(&sql,
                        "PRAGMA application_id = %d;"
                        "PRAGMA user_version = %d; COMMIT;",
                        (int)STORE_APPLICATION_ID, (int)STORE_SCHEMA_VERSION);
    (void)buffer_append(&sql, "", 1);
    bool written =
        !sql.overflowed &&
        store_execute(database, sql.data, "creating the database", error);
    buffer_clear(&sql);
    return written;
}

/* An empty file with mode 0600; SQLite gives its -wal and -shm the same. */
static bool create_private_file(const char *path, struct error *error)
{
    int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int descriptor = open(path, flags, 0600);
    if (descriptor < 0) {
        say(error, "cannot create", path, errno);
        return false;
    }
    (void)close(descriptor); /* nothing was written through it */
    return true;
}

static bool open_database(const char *path, sqlite3 **database,
                          struct error *error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, database, flags, NULL) != SQLITE_OK) {
        store_file_explain(*database, "cannot open the database", error);
        (void)sqlite3_close(*database); /* it was not open */
        *database = NULL;
        return false;
    }
    (void)sqlite3_extended_result_codes(*database, 1);
    (void)sqlite3_busy_timeout(*database, BUSY_TIMEOUT_MS);
    return true;
}

static bool fill_fresh(const char *path, struct error *error)
{
    sqlite3 *database = NULL;
    if (!create_private_file(path, error) ||
        !open_database(path, &database, error)) {
        return false;
    }
    bool written = write_schema(database, error);
    return sqlite3_close(database) == SQLITE_OK && written;
}

static bool create_database(const struct paths *paths, struct error *error)
{
    /* Frames that belong to a lost database would be mixed into ours. */
    if (access(paths->wal, F_OK) == 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "'%.200s' is missing but its -wal file is there. "
                       "Restore both from a backup; or move the -wal file "
                       "away, then sentineld starts with a new id and without "
                       "memory of votes.",
                       paths->database);
        return false;
    }
    (void)unlink(paths->fresh); /* what a crash left; mostly not there */
    (void)unlink(paths->fresh_journal);
    if (!fill_fresh(paths->fresh, error)) {
        return false;
    }
    if (rename(paths->fresh, paths->database) != 0) {
        say(error, "cannot create", paths->database, errno);
        return false;
    }
    return true; /* its name is made durable when it is opened, as always */
}

static bool say_damaged(const struct paths *paths, const char *reason,
                        struct error *error)
{
    (void)snprintf(error->text, sizeof(error->text),
                   "the database '%.200s' is damaged: %.100s. " WAY_OUT,
                   paths->database, reason);
    return false;
}

static bool is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* What quick_check says in its first row; false when it is not "ok". */
static bool judge_check(sqlite3_stmt *statement, const struct paths *paths,
                        struct error *error)
{
    const char *said = (const char *)sqlite3_column_text(statement, 0);
    if (said == NULL) {
        return say_damaged(paths, "the check says nothing", error);
    }
    return strcmp(said, "ok") == 0 || say_damaged(paths, said, error);
}

/* Damage anywhere in the database, not only in what is read first. */
static bool check_integrity(sqlite3 *database, const struct paths *paths,
                            struct error *error)
{
    sqlite3_stmt *statement = NULL;
    bool is_whole = false;
    int result = sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1,
                                    &statement, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
    }
    if (result == SQLITE_ROW) {
        is_whole = judge_check(statement, paths, error);
    } else if (is_damage(result)) {
        (void)say_damaged(paths, sqlite3_errmsg(database), error);
    } else {
        store_file_explain(database, "cannot check the database", error);
    }
    (void)sqlite3_finalize(statement); /* repeats what sqlite3_step said */
    return is_whole;
}

static bool check_identity(sqlite3 *database, const struct paths *paths,
                           struct error *error)
{
    int application = store_read_pragma(database, "PRAGMA application_id");
    int version = store_read_pragma(database, "PRAGMA user_version");
    if (application != STORE_APPLICATION_ID) {
        (void)snprintf(error->text, sizeof(error->text),
                       "'%.200s' is not a database of sentineld (empty, or "
                       "another program's). " WAY_OUT,
                       paths->database);
        return false;
    }
    if (version != STORE_SCHEMA_VERSION) {
        (void)snprintf(error->text, sizeof(error->text),
                       "the database '%.200s' has schema version %d, this "
                       "sentineld reads version %d. Start the version of "
                       "sentineld that wrote it.",
                       paths->database, version, (int)STORE_SCHEMA_VERSION);
        return false;
    }
    return true;
}

/* From one version to the next; each step is whole or has not been. */
static bool configure(sqlite3 *database, struct error *error)
{
    return store_execute(database,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA journal_size_limit = 4194304;",
                         "opening the database", error);
}

static bool open_checked(const struct paths *paths, sqlite3 **database,
                         struct error *error)
{
    if (chmod(paths->database, 0600) != 0) {
        say(error, "cannot use", paths->database, errno);
        return false;
    }
    if (!open_database(paths->database, database, error)) {
        return false;
    }
    if (check_integrity(*database, paths, error) &&
        check_identity(*database, paths, error) &&
        configure(*database, error) && sync_directory(paths->dir, error)) {
        return true;
    }
    (void)sqlite3_close(*database); /* nothing was written */
    *database = NULL;
    return false;
}

bool store_file_open(struct store_file *file, const char *dir,
                     struct error *error)
{
    struct paths paths;
    file->database = NULL;
    file->lock = -1;
    if (!make_paths(&paths, dir, error)) {
        return false;
    }
    file->lock = take_lock(&paths, error);
    if (file->lock < 0) {
        return false;
    }
    bool exists = access(paths.database, F_OK) == 0;
    if ((exists || create_database(&paths, error)) &&
        open_checked(&paths, &file->database, error)) {
        store_place_note(&file->place, paths.database, paths.wal);
        return true;
    }
    store_file_close(file);
    return false;
}

void store_file_close(struct store_file *file)
{
    /* A failure here loses nothing: what was reported durable is. */
    (void)sqlite3_close(file->database);
    file->database = NULL;
    if (file->lock >= 0) {
        (void)close(file->lock);
        file->lock = -1;
    }
}
