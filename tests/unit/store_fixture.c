#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sentineld/memory.h"

int store_fixture_count_descriptors(void)
{
    int count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

const char *store_fixture_path(const char *dir, const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

struct store_fixture *store_fixture_new(void)
{
    struct store_fixture *fixture = xcalloc(1, sizeof(*fixture));
    fixture->descriptors = store_fixture_count_descriptors();
    copy_text(fixture->dir, sizeof(fixture->dir),
              "/tmp/sentineld-store-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    return fixture;
}

/* The files of a directory, and the files of the directories in it. */
static void remove_files(const char *dir)
{
    struct dirent *entry = NULL;
    DIR *listing = opendir(dir);
    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            (void)unlink(store_fixture_path(dir, entry->d_name));
        }
    }
    (void)closedir(listing);
}

static void remove_all(const char *dir)
{
    struct dirent *entry = NULL;
    DIR *listing = opendir(dir);
    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL) {
        struct stat status;
        char path[512];
        copy_text(path, sizeof(path), store_fixture_path(dir, entry->d_name));
        if (entry->d_name[0] != '.' && lstat(path, &status) == 0 &&
            S_ISDIR(status.st_mode)) {
            remove_files(path);
            assert_int_equal(rmdir(path), 0);
        }
    }
    (void)closedir(listing);
    remove_files(dir);
    assert_int_equal(rmdir(dir), 0);
}

void store_fixture_free(struct store_fixture *fixture)
{
    store_fixture_close(fixture);
    assert_int_equal(store_fixture_count_descriptors(), fixture->descriptors);
    remove_all(fixture->dir);
    free(fixture);
}

void store_fixture_open(struct store_fixture *fixture)
{
    struct error error = {""};
    fixture->store = store_open(fixture->dir, &error);
    if (fixture->store == NULL) {
        fail_msg("%s", error.text);
    }
}

void store_fixture_close(struct store_fixture *fixture)
{
    store_close(fixture->store);
    fixture->store = NULL;
}

static void copy_file(const char *from, const char *to)
{
    char bytes[4096];
    size_t length = 0;
    FILE *source = fopen(from, "r");
    if (source == NULL) {
        return;
    }
    FILE *target = fopen(to, "w");
    assert_non_null(target);
    while ((length = fread(bytes, 1, sizeof(bytes), source)) > 0) {
        assert_int_equal(fwrite(bytes, 1, length, target), length);
    }
    (void)fclose(source);
    assert_int_equal(fclose(target), 0);
}

char *store_fixture_copy(const struct store_fixture *fixture, const char *name)
{
    static const char *const files[] = {"sentineld.db", "sentineld.db-wal",
                                        "sentineld.db.new",
                                        "sentineld.db.new-journal"};
    char *copy = xstrdup(store_fixture_path(fixture->dir, name));
    (void)mkdir(copy, 0700);
    remove_files(copy);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char from[512];
        copy_text(from, sizeof(from),
                  store_fixture_path(fixture->dir, files[i]));
        copy_file(from, store_fixture_path(copy, files[i]));
    }
    return copy;
}

void store_fixture_sql(const char *dir, const char *sql)
{
    sqlite3 *database = NULL;
    const char *path = store_fixture_path(dir, "sentineld.db");
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(database));
    }
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

struct record store_group(const char *name, uint64_t epoch)
{
    struct record record;
    memset(&record, 0, sizeof(record));
    record.kind = RECORD_GROUP;
    copy_text(record.group.name, sizeof(record.group.name), name);
    record.group.vote.epoch = epoch;
    return record;
}

struct record store_node(const char *group, const char *host, uint16_t port)
{
    struct record record;
    memset(&record, 0, sizeof(record));
    record.kind = RECORD_NODE;
    copy_text(record.node.group, sizeof(record.node.group), group);
    copy_text(record.node.address.host, sizeof(record.node.address.host), host);
    record.node.address.port = port;
    return record;
}

void store_sample(struct record records[SAMPLE_COUNT], uint64_t value)
{
    memset(records, 0, SAMPLE_COUNT * sizeof(records[0]));
    records[0].kind = RECORD_SELF;
    copy_text(records[0].self.run_id, RUN_ID_SIZE, "self");
    records[0].self.current_epoch = value;
    records[1] = store_group("m", value);
    records[1].group.config_epoch = value;
    records[2].kind = RECORD_PEER;
    copy_text(records[2].peer.run_id, RUN_ID_SIZE, "peer");
    records[2].peer.address.port = (uint16_t)value;
    records[3] = store_node("m", "10.0.0.1", 6379);
    records[4].kind = RECORD_MEMBER;
    copy_text(records[4].member.group, NAME_SIZE, "m");
    copy_text(records[4].member.run_id, RUN_ID_SIZE, "peer");
    records[5].kind = RECORD_REPORT;
    copy_text(records[5].report.group, NAME_SIZE, "m");
    records[5].report.epoch = 1;
    records[5].report.duration_ms = value;
}

uint64_t store_fixture_value(const char *dir)
{
    struct record *records = NULL;
    size_t count = 0;
    struct error error = {""};
    struct store *store = store_open(dir, &error);
    if (store == NULL || !store_load(store, &records, &count, &error)) {
        fail_msg("%s", error.text);
    }
    store_close(store);
    uint64_t value = 0;
    if (count > 0) {
        assert_int_equal(count, SAMPLE_COUNT);
        value = records[0].self.current_epoch;
        struct record expected[SAMPLE_COUNT];
        store_sample(expected, value);
        assert_memory_equal(records, expected, sizeof(expected));
    }
    free(records);
    return value;
}

uint64_t store_fixture_vote(struct store *store, const char *group)
{
    struct record *records = NULL;
    size_t count = 0;
    struct error error = {""};
    uint64_t epoch = 0;
    assert_true(store_load(store, &records, &count, &error));
    for (size_t i = 0; i < count; i++) {
        if (records[i].kind == RECORD_GROUP &&
            strcmp(records[i].group.name, group) == 0) {
            epoch = records[i].group.vote.epoch;
        }
    }
    free(records);
    return epoch;
}

struct store_result store_fixture_result(struct store *store)
{
    struct store_result result;
    memset(&result, 0, sizeof(result));
    while (!store_poll(store, &result)) {
        struct pollfd ready = {.fd = store_result_fd(store), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 60000), 1);
    }
    return result;
}
