/* Two texts that are read and written elsewhere, too: the hello, and
 * replication histories. (What is said to servers, and what they say, is in
 * include/sentineld/wire.h.) */
#ifndef SENTINELD_PROTO_WIRE_H
#define SENTINELD_PROTO_WIRE_H

#include "sentineld/types.h"

/* --- hello.c -------------------------------------------------------------- */

#define HELLO_CHANNEL "__sentinel__:hello"

/* The hello text: eight fields between commas. */
enum { HELLO_TEXT_SIZE = 3 * HOST_SIZE };

/* Strict: eight fields, ports 1-65535, epochs within EPOCH_MAX, a run id of
 * 40 characters, no control characters. False: *hello is untouched. */
bool hello_parse(const char *text, size_t length, struct hello *hello);
/* Returns the length written. */
size_t hello_format(const struct hello *hello, char text[HELLO_TEXT_SIZE]);

/* --- lineage.c ------------------------------------------------------------ */

/* Replication histories as one word, newest first:
 *
 *   <replid>,<replid>:<end>,<replid>:<end>
 *
 * where the end is the first offset that is the newer one's; it is left out
 * where nobody knows it, and of the newest. */
enum { LINEAGE_TEXT_SIZE = LINEAGE_SIZE * (RUN_ID_SIZE + 21) };

/* "" when nothing is known. */
void lineage_format(const struct history lineage[LINEAGE_SIZE],
                    char text[LINEAGE_TEXT_SIZE]);
/* False, and nothing known, when the text is not exactly of that form. */
bool lineage_parse(const char *text, size_t length,
                   struct history lineage[LINEAGE_SIZE]);

#endif
