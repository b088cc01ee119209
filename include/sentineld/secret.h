/* Passwords as SHA-256, which is all that is kept of them. */
#ifndef SENTINELD_SECRET_H
#define SENTINELD_SECRET_H

#include "sentineld/types.h"

enum { SECRET_DIGEST_LEN = 64, SECRET_DIGEST_SIZE = SECRET_DIGEST_LEN + 1 };

/* 64 small hexadecimal digits and a NUL. */
void secret_digest(const char *secret, size_t length,
                   char digest[SECRET_DIGEST_SIZE]);
/* Is the text what secret_digest writes? */
bool secret_is_digest(const char *text, size_t length);
/* Takes the same time wherever two digests differ. */
bool secret_equal(const char *a, const char *b);
/* Overwrites memory that held a password, and is not optimised away. */
void secret_wipe(void *memory, size_t size);

#endif
