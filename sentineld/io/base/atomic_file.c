/* Files that are replaced as a whole, by renaming a complete new one. */
#include "io/base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"

static bool say(struct error *error, const char *doing, const char *path)
{
    (void)snprintf(error->text, sizeof(error->text), "%s '%.250s': %s", doing,
                   path, strerror(errno));
    return false;
}

static bool write_all(int descriptor, const struct buffer *text)
{
    size_t done = 0;
    while (done < text->length) {
        ssize_t written =
            write(descriptor, text->data + done, text->length - done);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(descriptor) == 0;
}

/* A name in a directory survives a power loss only after this. */
static bool sync_directory_of(const char *path)
{
    char dir[CONF_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    copy_text(dir, sizeof(dir), slash == NULL ? "." : path);
    if (slash != NULL) {
        dir[slash == path ? 1 : slash - path] = '\0';
    }
    int descriptor = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0) {
        (void)close(descriptor); /* nothing was written through it */
    }
    return synced;
}

static bool write_fresh(const char *path, const struct buffer *text,
                        struct error *error)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    (void)unlink(path); /* what a crash left; mostly not there */
    int descriptor = open(path, flags, 0600);
    if (descriptor < 0) {
        return say(error, "cannot create", path);
    }
    bool ok = write_all(descriptor, text) || say(error, "cannot write", path);
    if (close(descriptor) != 0 && ok) {
        ok = say(error, "cannot write", path);
    }
    return ok;
}

bool atomic_file_write(const char *path, const struct buffer *text,
                       struct error *error)
{
    char fresh[CONF_PATH_SIZE + 8];
    (void)snprintf(fresh, sizeof(fresh), "%s.new", path);
    return write_fresh(fresh, text, error) &&
           (rename(fresh, path) == 0 || say(error, "cannot replace", path)) &&
           (sync_directory_of(path) ||
            say(error, "cannot sync the directory of", path));
}
