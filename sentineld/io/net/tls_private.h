/* What the files of TLS share:
 *   tls.c          the contexts: made, replaced
 *   tls_files.c    certificates, keys and CAs from files, with exact errors
 *   tls_session.c  one connection, for stream.c */
#ifndef SENTINELD_IO_TLS_PRIVATE_H
#define SENTINELD_IO_TLS_PRIVATE_H

#include <openssl/ssl.h>

#include "io/net/stream.h"
#include "io/net/tls.h"

/* tls_files.c */

/* A certificate, what belongs to it, and its key. */
struct tls_identity {
    const char *cert_file;
    const char *key_file;
    const char *password; /* "" = the key needs none */
};
MUST_CHECK bool tls_load_identity(SSL_CTX *context,
                                  const struct tls_identity *identity,
                                  struct error *error);
/* One of the two may be "". */
MUST_CHECK bool tls_load_ca(SSL_CTX *context, const char *file, const char *dir,
                            struct error *error);

/* tls_session.c */

/* How OpenSSL gets at a stream's bytes. */
BIO_METHOD *tls_session_method(void);
/* The context lives on as long as the session. */
struct tls_session *tls_session_new(SSL_CTX *context, const BIO_METHOD *method,
                                    bool is_server);
/* The other side's certificate must be for this name or ip. */
void tls_session_expect_host(struct tls_session *session, const char *host);
/* The name that is asked for in the handshake. */
void tls_session_name_host(struct tls_session *session, const char *host);

#endif
