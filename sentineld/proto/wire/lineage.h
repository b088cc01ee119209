/* Replication histories as one word, newest first:
 *
 *   <replid>,<replid>:<end>,<replid>:<end>
 *
 * where the end is the first offset that is the newer one's; it is left out
 * where nobody knows it, and of the newest. */
#ifndef SENTINELD_PROTO_LINEAGE_H
#define SENTINELD_PROTO_LINEAGE_H

#include "sentineld/types.h"

enum { LINEAGE_TEXT_SIZE = LINEAGE_SIZE * (RUN_ID_SIZE + 21) };

/* "" when nothing is known. */
void lineage_format(const struct history lineage[LINEAGE_SIZE],
                    char text[LINEAGE_TEXT_SIZE]);
/* False, and nothing known, when the text is not exactly of that form. */
bool lineage_parse(const char *text, size_t length,
                   struct history lineage[LINEAGE_SIZE]);

#endif
