/* The access list file. Access lists are small, and they are read and written
 * at the start or by an operator's command, so this may block. */
#include "io/store/users_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/secret.h"

#include "io/base/atomic_file.h"

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

bool users_file_write(const char *path, const struct acl *acl,
                      struct error *error)
{
    struct buffer text;
    buffer_init(&text, SIZE_MAX);
    acl_write_file(acl, &text);
    bool ok = atomic_file_write(path, &text, error);
    buffer_clear(&text);
    return ok;
}
