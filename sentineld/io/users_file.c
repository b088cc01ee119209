/* The access list file.
 *
 * It is replaced by renaming a complete new one, so that a crash leaves the
 * old or the new users, never some of them. Access lists are small, and this
 * happens at the start or by an operator's command, so it may block. */
#include "users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/secret.h"

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };

static bool parse(const char *path, const char *text, size_t length,
                  struct buffer *complaint, struct acl *acl)
{
    if (length >= FILE_BYTES_MAX || strlen(text) != length) {
        (void)buffer_printf(complaint,
                            "Error loading ACLs, %s is no text of less than "
                            "16 MB",
                            path);
        return false;
    }
    if (!acl_parse_file(acl, text, path, complaint)) {
        (void)buffer_printf(complaint,
                            "WARNING: ACL errors detected, no change to the "
                            "previously active ACL rules was performed");
        return false;
    }
    return true;
}

bool users_file_read(const char *path, struct acl *acl,
                     struct buffer *complaint)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        (void)buffer_printf(complaint,
                            "Error loading ACLs, opening file '%s': %s", path,
                            strerror(errno));
        return false;
    }
    char *text = xcalloc(1, FILE_BYTES_MAX + 1);
    size_t length = fread(text, 1, FILE_BYTES_MAX, file);
    bool ok = ferror(file) == 0;
    if (!ok) {
        (void)buffer_printf(complaint,
                            "Error loading ACLs, reading file '%s': %s", path,
                            strerror(errno));
    }
    ok = ok && parse(path, text, length, complaint, acl);
    (void)fclose(file); /* only read from */
    secret_wipe(text, length);
    free(text);
    return ok;
}

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

bool users_file_write(const char *path, const struct acl *acl,
                      struct error *error)
{
    char fresh[CONF_PATH_SIZE + 8];
    struct buffer text;
    buffer_init(&text, SIZE_MAX);
    acl_write_file(acl, &text);
    (void)snprintf(fresh, sizeof(fresh), "%s.new", path);
    bool ok = write_fresh(fresh, &text, error) &&
              (rename(fresh, path) == 0 || say(error, "cannot replace", path));
    buffer_clear(&text);
    return ok && (sync_directory_of(path) ||
                  say(error, "cannot sync the directory of", path));
}
