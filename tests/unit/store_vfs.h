/* A disk that fails when a test says so: a layer between SQLite and the files
 * (a VFS), which becomes the default one.
 *
 * It also plays a power failure: whatever was synced is copied to a shadow
 * directory at that moment, so the shadow is what a machine that lost its
 * power would find. */
#ifndef SENTINELD_TESTS_STORE_VFS_H
#define SENTINELD_TESTS_STORE_VFS_H

#include <stdbool.h>

/* Once, before the first store_open. */
void store_vfs_install(void);
/* Everything works again, nothing waits, no shadow. */
void store_vfs_reset(void);

/* The Nth write, truncation or sync from now fails with this SQLite code; if
 * sticky, all after it too. */
void store_vfs_fail(int nth, int code, bool sticky);
bool store_vfs_has_failed(void);
/* How many there were since the reset. */
int store_vfs_sync_count(void);

/* Syncs wait from now on; store_vfs_wait_for_sync returns when one does. */
void store_vfs_hold_syncs(void);
void store_vfs_wait_for_sync(void);
void store_vfs_release_syncs(void);

/* Copies to this existing directory at each sync; NULL: stop. Borrowed. */
void store_vfs_shadow(const char *dir);

#endif
