/* A fake disk: the rows that are durable, the batch that is being written,
 * and what waits for the next one. A crash loses what waits; whether it
 * loses the batch that was being written is chance. */
#ifndef SENTINELD_SIM_DISK_H
#define SENTINELD_SIM_DISK_H

#include "sentineld/types.h"

struct rows {
    struct record *items;
    size_t count, capacity;
};

struct disk {
    struct rows durable;
    struct rows writing;
    struct rows waiting;
    uint64_t writing_version; /* of the last batch in it */
    uint64_t waiting_version;
    uint64_t durable_version; /* restarts with each core */
    bool busy;
    bool failing;
    bool retrying; /* an attempt after a failure is scheduled */
    msec save_ms;  /* a fixed time for a save; 0 = the world's */
};

void disk_submit(struct disk *disk, const struct record *records, size_t count,
                 uint64_t version);
/* Moves what waits into the batch that is being written. */
void disk_begin(struct disk *disk);
/* The batch is durable, or goes back to what waits. */
void disk_end(struct disk *disk, bool ok);
/* The process is gone. `written`: the batch made it all the same. */
void disk_on_death(struct disk *disk, bool written);
const struct record_self *disk_self(const struct disk *disk);
/* NULL when there is no such row. */
const struct record_group *disk_group(const struct disk *disk,
                                      const char *name);
void disk_free(struct disk *disk);

#endif
