/* Replication histories as a word: what supervisors tell each other of them,
 * and what an operator is shown. */
#include "proto/wire/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/info.h"

void lineage_format(const struct history lineage[LINEAGE_SIZE],
                    char text[LINEAGE_TEXT_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < LINEAGE_SIZE && lineage[i].replid[0] != '\0'; i++) {
        size_t room = LINEAGE_TEXT_SIZE - used;
        int written = lineage[i].end == NO_OFFSET
                          ? snprintf(text + used, room, "%s%s",
                                     i == 0 ? "" : ",", lineage[i].replid)
                          : snprintf(text + used, room, "%s%s:%" PRIu64,
                                     i == 0 ? "" : ",", lineage[i].replid,
                                     lineage[i].end);
        used += (size_t)written;
    }
}

static bool parse_one(const char *text, size_t length, struct history *history)
{
    if (length < RUN_ID_LEN) {
        return false;
    }
    memcpy(history->replid, text, RUN_ID_LEN);
    history->replid[RUN_ID_LEN] = '\0';
    history->end = NO_OFFSET;
    if (strspn(history->replid, "0123456789abcdef") != RUN_ID_LEN) {
        return false;
    }
    const char *end = text + RUN_ID_LEN;
    size_t left = length - RUN_ID_LEN;
    return left == 0 ||
           (*end == ':' &&
            parse_unsigned(end + 1, left - 1, INT64_MAX, &history->end));
}

bool lineage_parse(const char *text, size_t length,
                   struct history lineage[LINEAGE_SIZE])
{
    size_t count = 0;
    size_t start = 0;
    memset(lineage, 0, LINEAGE_SIZE * sizeof(*lineage));
    while (start < length && count < LINEAGE_SIZE) {
        const char *comma = memchr(text + start, ',', length - start);
        size_t end = comma == NULL ? length : (size_t)(comma - text);
        if (!parse_one(text + start, end - start, &lineage[count])) {
            break;
        }
        if (comma == NULL) {
            return true;
        }
        count++;
        start = end + 1;
    }
    memset(lineage, 0, LINEAGE_SIZE * sizeof(*lineage));
    return false;
}
