/* The access list file: read and replaced as a whole. Both block, so they are
 * for the start and for an operator's command. */
#ifndef SENTINELD_USERS_FILE_H
#define SENTINELD_USERS_FILE_H

#include "sentineld/acl.h"

/* Adds the file's users to a fresh table. False and why not; then the table
 * is of no use. */
MUST_CHECK bool users_file_read(const char *path, struct acl *acl,
                                struct buffer *complaint);
/* Through a new file beside it, mode 0600; durable when true. */
MUST_CHECK bool users_file_write(const char *path, const struct acl *acl,
                                 struct error *error);

#endif
