#include "store_vfs.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What SQLite sees as its file; the real one lies behind it. */
struct faulty_file {
    sqlite3_file base;
    sqlite3_file *real;
    char path[512];
};

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    int countdown; /* 0 = nothing fails */
    int code;
    bool sticky;
    bool has_failed;
    int syncs;
    bool holds_syncs;
    bool is_held;
    const char *shadow;
} disk = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .changed = PTHREAD_COND_INITIALIZER};

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

/* SQLITE_OK, or what this call has to fail with. */
static int next_call(void)
{
    int code = SQLITE_OK;
    (void)pthread_mutex_lock(&disk.mutex);
    if (disk.countdown > 0 && --disk.countdown == 0) {
        disk.has_failed = true;
        code = disk.code;
        disk.countdown = disk.sticky ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&disk.mutex);
    return code;
}

static int faulty_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    int result = real->pMethods->xClose(real);
    free(real);
    return result;
}

static int faulty_read(sqlite3_file *file, void *data, int size,
                       sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xRead(real, data, size, offset);
}

/* A write that fails has written its first half. */
static int faulty_write(sqlite3_file *file, const void *data, int size,
                        sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    int code = next_call();
    if (code != SQLITE_OK) {
        (void)real->pMethods->xWrite(real, data, size / 2, offset);
        return code;
    }
    return real->pMethods->xWrite(real, data, size, offset);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);
    int code = next_call();
    return code != SQLITE_OK ? code : real->pMethods->xTruncate(real, size);
}

static void copy_to_shadow(const struct faulty_file *file)
{
    char target[512];
    char bytes[8192];
    const char *name = strrchr(file->path, '/');
    sqlite3_int64 size = 0;
    sqlite3_int64 at = 0;
    sqlite3_file *real = file->real;
    (void)real->pMethods->xFileSize(real, &size);
    (void)snprintf(target, sizeof(target), "%s%s", disk.shadow, name);
    FILE *copy = fopen(target, "w");
    while (copy != NULL && at < size) {
        sqlite3_int64 left = size - at;
        int length = (int)(left < 8192 ? left : 8192);
        (void)real->pMethods->xRead(real, bytes, length, at);
        (void)fwrite(bytes, 1, (size_t)length, copy);
        at += length;
    }
    if (copy == NULL || fclose(copy) != 0) {
        abort();
    }
}

static void wait_while_held(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    while (disk.holds_syncs) {
        disk.is_held = true;
        (void)pthread_cond_broadcast(&disk.changed);
        (void)pthread_cond_wait(&disk.changed, &disk.mutex);
    }
    disk.is_held = false;
    disk.syncs++;
    (void)pthread_mutex_unlock(&disk.mutex);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);
    wait_while_held();
    int result = next_call();
    if (result == SQLITE_OK) {
        result = real->pMethods->xSync(real, flags);
    }
    if (result == SQLITE_OK && disk.shadow != NULL) {
        copy_to_shadow((struct faulty_file *)file);
    }
    return result;
}

static int faulty_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileSize(real, size);
}

static int faulty_lock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xLock(real, level);
}

static int faulty_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xUnlock(real, level);
}

static int faulty_check_reserved(sqlite3_file *file, int *reserved)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xCheckReservedLock(real, reserved);
}

static int faulty_control(sqlite3_file *file, int operation, void *argument)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileControl(real, operation, argument);
}

static int faulty_sector_size(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xSectorSize(real);
}

static int faulty_characteristics(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xDeviceCharacteristics(real);
}

static int faulty_shm_map(sqlite3_file *file, int region, int size, int extend,
                          void volatile **memory)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmMap(real, region, size, extend, memory);
}

static int faulty_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void faulty_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    real->pMethods->xShmBarrier(real);
}

static int faulty_shm_unmap(sqlite3_file *file, int remove)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmUnmap(real, remove);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_file_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_check_reserved,
    .xFileControl = faulty_control,
    .xSectorSize = faulty_sector_size,
    .xDeviceCharacteristics = faulty_characteristics,
    .xShmMap = faulty_shm_map,
    .xShmLock = faulty_shm_lock,
    .xShmBarrier = faulty_shm_barrier,
    .xShmUnmap = faulty_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file,
                       int flags, int *out_flags)
{
    (void)vfs;
    struct faulty_file *faulty = (struct faulty_file *)file;
    memset(faulty, 0, sizeof(*faulty));
    faulty->real = calloc(1, (size_t)disk.real->szOsFile);
    int result =
        disk.real->xOpen(disk.real, path, faulty->real, flags, out_flags);
    if (result != SQLITE_OK) {
        free(faulty->real);
        return result;
    }
    (void)snprintf(faulty->path, sizeof(faulty->path), "%s",
                   path == NULL ? "/temporary" : path);
    faulty->base.pMethods = &faulty_methods;
    return SQLITE_OK;
}

void store_vfs_install(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.pNext = NULL;
    disk.vfs.zName = "faulty";
    disk.vfs.szOsFile = (int)sizeof(struct faulty_file);
    disk.vfs.xOpen = faulty_open;
    if (sqlite3_vfs_register(&disk.vfs, 1) != SQLITE_OK) {
        abort();
    }
}

void store_vfs_reset(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    disk.countdown = 0;
    disk.has_failed = false;
    disk.syncs = 0;
    disk.shadow = NULL;
    (void)pthread_mutex_unlock(&disk.mutex);
    store_vfs_release_syncs();
}

void store_vfs_fail(int nth, int code, bool sticky)
{
    (void)pthread_mutex_lock(&disk.mutex);
    disk.countdown = nth;
    disk.code = code;
    disk.sticky = sticky;
    disk.has_failed = false;
    (void)pthread_mutex_unlock(&disk.mutex);
}

bool store_vfs_has_failed(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    bool has_failed = disk.has_failed;
    (void)pthread_mutex_unlock(&disk.mutex);
    return has_failed;
}

int store_vfs_sync_count(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    int syncs = disk.syncs;
    (void)pthread_mutex_unlock(&disk.mutex);
    return syncs;
}

void store_vfs_hold_syncs(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    disk.holds_syncs = true;
    disk.is_held = false;
    (void)pthread_mutex_unlock(&disk.mutex);
}

void store_vfs_wait_for_sync(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    while (!disk.is_held) {
        (void)pthread_cond_wait(&disk.changed, &disk.mutex);
    }
    (void)pthread_mutex_unlock(&disk.mutex);
}

void store_vfs_release_syncs(void)
{
    (void)pthread_mutex_lock(&disk.mutex);
    disk.holds_syncs = false;
    (void)pthread_cond_broadcast(&disk.changed);
    (void)pthread_mutex_unlock(&disk.mutex);
}

void store_vfs_shadow(const char *dir)
{
    (void)pthread_mutex_lock(&disk.mutex);
    disk.shadow = dir;
    (void)pthread_mutex_unlock(&disk.mutex);
}
