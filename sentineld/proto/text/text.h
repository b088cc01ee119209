/* Texts that belong to no format in particular. */
#ifndef SENTINELD_PROTO_TEXT_H
#define SENTINELD_PROTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Glob as in Redis: * ? [a-z] [^a] \x. Works in place, without recursion;
 * its time is bounded by the product of the two lengths. */
bool glob_match(const char *pattern, size_t pattern_length, const char *text,
                size_t text_length, bool ignore_case);

/* --- words.c: a line that a person typed, as Redis splits it ---------------
 */

/* What is left of the line, and where the next character of a word goes: into
 * other memory, or over what was read. No word becomes longer. */
struct text_splitter {
    const char *at;
    const char *end;
    char *out;
    bool nul_is_blank;
};

/* Skips blanks. */
bool text_at_end(struct text_splitter *from);
/* The word at `at`; false when a quote is not closed, or something stands
 * right behind the closing one. */
bool text_take_word(struct text_splitter *from);

#endif
