/* The hello text of __sentinel__:hello: eight fields between commas. */
#ifndef SENTINELD_HELLO_H
#define SENTINELD_HELLO_H

#include "sentineld/types.h"

enum { HELLO_TEXT_SIZE = 3 * HOST_SIZE };

/* Strict: eight fields, ports 1-65535, epochs within EPOCH_MAX, a run id of
 * 40 characters, no control characters. False: *hello is untouched. */
bool hello_parse(const char *text, size_t length, struct hello *hello);
/* Returns the length written. */
size_t hello_format(const struct hello *hello, char text[HELLO_TEXT_SIZE]);

#endif
