/* Passwords as SHA-256, computed by OpenSSL.
 *
 * The only file of proto that knows OpenSSL: a digest is computed from bytes
 * in memory and touches nothing else, so the layer stays pure. There is no
 * salt and no slow hash because access lists of Redis have none, and their
 * hashes must be understood here and there. */
#include "sentineld/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void secret_digest(const char *secret, size_t length,
                   char digest[SECRET_DIGEST_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SECRET_DIGEST_LEN / 2];
    unsigned size = 0;
    if (EVP_Digest(secret, length, bytes, &size, EVP_sha256(), NULL) != 1 ||
        size != sizeof(bytes)) {
        abort(); /* as when memory cannot be had */
    }
    for (size_t i = 0; i < sizeof(bytes); i++) {
        digest[2 * i] = digits[bytes[i] / 16];
        digest[2 * i + 1] = digits[bytes[i] % 16];
    }
    digest[SECRET_DIGEST_LEN] = '\0';
}

static bool is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The text is a word among others: nothing but `length` ends it. */
bool secret_is_digest(const char *text, size_t length)
{
    size_t valid = 0;
    if (length != SECRET_DIGEST_LEN) {
        return false;
    }
    while (valid < length && is_digit(text[valid])) {
        valid++;
    }
    return valid == length;
}

bool secret_equal(const char *a, const char *b)
{
    return CRYPTO_memcmp(a, b, SECRET_DIGEST_LEN) == 0;
}

void secret_wipe(void *memory, size_t size)
{
    OPENSSL_cleanse(memory, size);
}
