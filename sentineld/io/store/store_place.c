/* Are the files that we write still those in the state directory?
 *
 * A file that was deleted under us takes everything that is written to it and
 * says that all went well; the next start would know nothing of it. So the
 * names are looked up before a transaction and after it: do they lead to the
 * files that were opened? That costs a few system calls beside an fsync. The
 * -wal file is made by the first transaction, and is known from then on. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/store/store_private.h"

static bool look_up(const char *path, struct store_identity *identity)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return false;
    }
    identity->device = (uint64_t)status.st_dev;
    identity->number = (uint64_t)status.st_ino;
    identity->is_known = true;
    return true;
}

static bool is_same(const char *path, const struct store_identity *known)
{
    struct store_identity now;
    return look_up(path, &now) && now.device == known->device &&
           now.number == known->number;
}

static bool say_gone(const char *path, struct error *error)
{
    (void)snprintf(error->text, sizeof(error->text),
                   "'%.150s' was deleted or replaced while in use: put back "
                   "what was there, or restart sentineld to begin anew",
                   path);
    return false;
}

void store_place_note(struct store_place *place, const char *database,
                      const char *wal)
{
    memset(place, 0, sizeof(*place));
    (void)snprintf(place->database_path, sizeof(place->database_path), "%s",
                   database);
    (void)snprintf(place->wal_path, sizeof(place->wal_path), "%s", wal);
    (void)look_up(database, &place->database); /* it was opened just now */
}

bool store_place_check(struct store_place *place, struct error *error)
{
    if (!is_same(place->database_path, &place->database)) {
        return say_gone(place->database_path, error);
    }
    if (place->wal.is_known && !is_same(place->wal_path, &place->wal)) {
        return say_gone(place->wal_path, error);
    }
    return true;
}

bool store_place_check_written(struct store_place *place, struct error *error)
{
    if (!place->wal.is_known && !look_up(place->wal_path, &place->wal)) {
        return say_gone(place->wal_path, error);
    }
    return store_place_check(place, error);
}
