/* Texts that belong to no format in particular. */
#ifndef SENTINELD_PROTO_TEXT_H
#define SENTINELD_PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Glob as in Redis: * ? [a-z] [^a] \x. Works in place, without recursion;
 * its time is bounded by the product of the two lengths. */
bool glob_match(const char *pattern, size_t pattern_length, const char *text,
                size_t text_length, bool ignore_case);

#endif
