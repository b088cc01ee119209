/* Databases of earlier versions, brought up to date one version at a time.
 * Each step is one transaction that also says the version it leads to, so a
 * crash in between loses nothing. */
#include <sqlite3.h>

#include "store_private.h"

/* Step i leads from version i + 1 to the next. */
static const char *const steps[STORE_SCHEMA_VERSION - 1] = {
    "BEGIN IMMEDIATE;"
    "ALTER TABLE groups ADD COLUMN"
    " notification_script TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN"
    " client_reconfig_script TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN"
    " declared_notification_script TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN"
    " declared_client_reconfig_script TEXT NOT NULL DEFAULT '';"
    "PRAGMA user_version = 2; COMMIT;",
    "BEGIN IMMEDIATE;" STORE_CREATE_TEXTS "PRAGMA user_version = 3; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE self ADD COLUMN announce_host TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE self ADD COLUMN announce_port INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE self ADD COLUMN log_level INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE self ADD COLUMN"
    " declared_announce_host TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE self ADD COLUMN"
    " declared_announce_port INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE self ADD COLUMN"
    " declared_log_level INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 4; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE groups ADD COLUMN detection INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_detection INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN on_empty_master INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_on_empty_master INTEGER NOT "
    "NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN selection_order INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_selection_order INTEGER NOT "
    "NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN fencing INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_fencing INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN fencing_replicas INTEGER NOT NULL "
    "DEFAULT 1;"
    "ALTER TABLE groups ADD COLUMN declared_fencing_replicas INTEGER NOT "
    "NULL DEFAULT 1;"
    "ALTER TABLE groups ADD COLUMN fencing_max_lag_s INTEGER NOT NULL "
    "DEFAULT 2;"
    "ALTER TABLE groups ADD COLUMN declared_fencing_max_lag_s INTEGER NOT "
    "NULL DEFAULT 2;"
    "ALTER TABLE groups ADD COLUMN max_lag_bytes INTEGER NOT NULL DEFAULT "
    "0;"
    "ALTER TABLE groups ADD COLUMN declared_max_lag_bytes INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN max_lag_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_max_lag_ms INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN busy_after_ms INTEGER NOT NULL DEFAULT "
    "0;"
    "ALTER TABLE groups ADD COLUMN declared_busy_after_ms INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN loading_after_ms INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_loading_after_ms INTEGER NOT "
    "NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN last_resort_ms INTEGER NOT NULL DEFAULT "
    "0;"
    "ALTER TABLE groups ADD COLUMN declared_last_resort_ms INTEGER NOT "
    "NULL DEFAULT 0;"
    "PRAGMA user_version = 5; COMMIT;",
    "BEGIN IMMEDIATE;"
    "CREATE TABLE failovers (group_name TEXT NOT NULL,"
    " epoch INTEGER NOT NULL, unix_ms INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, led INTEGER NOT NULL,"
    " leader TEXT NOT NULL, from_host TEXT NOT NULL,"
    " from_port INTEGER NOT NULL, from_run_id TEXT NOT NULL,"
    " to_host TEXT NOT NULL, to_port INTEGER NOT NULL,"
    " duration_ms INTEGER NOT NULL, master_offset INTEGER NOT NULL,"
    " promoted_offset INTEGER NOT NULL, behind_bytes INTEGER NOT NULL,"
    " behind_ms INTEGER NOT NULL, lost_bytes INTEGER NOT NULL,"
    " candidates TEXT NOT NULL, PRIMARY KEY (group_name, epoch));"
    "PRAGMA user_version = 6; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE nodes ADD COLUMN"
    " fenced_run_id TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE nodes ADD COLUMN"
    " fenced_replicas INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE nodes ADD COLUMN"
    " fenced_max_lag_s INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 7; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE nodes ADD COLUMN seen_replid TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE nodes ADD COLUMN seen_offset INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 8; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE nodes ADD COLUMN former_master INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE nodes ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE nodes ADD COLUMN quarantine INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN replid_epoch INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN replid3 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid3_end INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE groups ADD COLUMN replid4 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid4_end INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE groups ADD COLUMN replid5 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid5_end INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE groups ADD COLUMN replid6 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid6_end INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE groups ADD COLUMN replid7 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid7_end INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE groups ADD COLUMN replid8 TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE groups ADD COLUMN replid8_end INTEGER NOT NULL DEFAULT -1;"
    "PRAGMA user_version = 9; COMMIT;",
    "BEGIN IMMEDIATE;"
    "ALTER TABLE groups ADD COLUMN reboot_after_ms INTEGER NOT NULL "
    "DEFAULT 0;"
    "ALTER TABLE groups ADD COLUMN declared_reboot_after_ms INTEGER NOT "
    "NULL DEFAULT 0;"
    "PRAGMA user_version = 10; COMMIT;",
    /* Until then names were always taken and always told. */
    "BEGIN IMMEDIATE;"
    "ALTER TABLE self ADD COLUMN"
    " resolve_hostnames INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE self ADD COLUMN"
    " announce_hostnames INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE self ADD COLUMN"
    " declared_resolve_hostnames INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE self ADD COLUMN"
    " declared_announce_hostnames INTEGER NOT NULL DEFAULT 1;"
    "PRAGMA user_version = 11; COMMIT;",
};

bool store_migrate(sqlite3 *database, struct error *error)
{
    int version = store_read_pragma(database, "PRAGMA user_version");
    if (version < 1) {
        store_file_explain(database, "cannot read the database", error);
        return false;
    }
    for (; version < STORE_SCHEMA_VERSION; version++) {
        if (!store_execute(database, steps[version - 1],
                           "bringing the database up to date", error)) {
            return false;
        }
    }
    return true;
}
