/* uthash as we use it: no memory ends the daemon (see memory.h), and a hash
 * function without fall-through cases, which clang would warn about.
 *
 * A table must be used with this header in all files that touch it, or in
 * none. */
#ifndef SENTINELD_HASH_H
#define SENTINELD_HASH_H

#include <stdlib.h>
#include <uthash.h>

#undef uthash_fatal
#define uthash_fatal(message) abort()

#undef HASH_FUNCTION
#define HASH_FUNCTION(key, length, value) HASH_SAX(key, length, value)

#endif
