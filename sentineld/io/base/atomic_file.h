/* Files that are replaced as a whole. */
#ifndef SENTINELD_ATOMIC_FILE_H
#define SENTINELD_ATOMIC_FILE_H

#include "sentineld/buffer.h"
#include "sentineld/types.h"

/* The file has the old or the new text, never something between, whenever we
 * or the machine should stop. Mode 0600. On success it is on disk. Blocks. */
MUST_CHECK bool atomic_file_write(const char *path, const struct buffer *text,
                                  struct error *error);

#endif
