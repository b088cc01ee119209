/* The file that is kept for tools that read Redis' rewritten sentinel.conf:
 * written by a thread of its own, so that neither detection nor a vote waits
 * for it. All functions are for the loop's thread. */
#ifndef SENTINELD_EXPORT_H
#define SENTINELD_EXPORT_H

#include "sentineld/conf_export.h"
#include "sentineld/types.h"

struct export;

struct export_result {
    bool ok;
    uint64_t number; /* everything up to this is in the file; not ok: is not */
    struct error error;
};

/* The path is copied. NULL and a sentence when there is no thread to be had. */
struct export *export_new(const char *path, struct error *error);
/* Writes what was handed over, then ends. NULL is fine. */
void export_free(struct export *export);
/* Takes the lines over. `number` grows; of those that wait only the newest are
 * written. */
void export_save(struct export *export, struct conf_lines *lines,
                 uint64_t number);
/* Readable when export_poll has something. */
int export_result_fd(const struct export *export);
bool export_poll(struct export *export, struct export_result *result);

#endif
