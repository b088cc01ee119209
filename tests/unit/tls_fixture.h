/* Certificates for tests, made anew in a directory of their own, and the
 * contexts of a server and a client that use them. */
#ifndef SENTINELD_TESTS_TLS_FIXTURE_H
#define SENTINELD_TESTS_TLS_FIXTURE_H

#include "io/net/tls.h"
#include "sentineld/conf.h"

/* What lies in the directory, as NAME.pem and NAME.key:
 *   ca, other-ca           sign the others
 *   server, server-2       by ca; for localhost, redis.example and 127.0.0.1
 *   stranger               the same by other-ca
 *   expired                as server, until yesterday
 *   nameless               by ca, for nobody.example
 *   client                 by ca
 *   locked                 as client; the key's password is "sesame"
 * and the directory hashed/ that has ca under its hash. */
struct tls_fixture {
    char dir[64];
    struct conf server; /* complete but for what a test changes */
    struct conf client; /* one way to connect, as server's counterpart */
};

struct tls_fixture *tls_fixture_new(void);
void tls_fixture_free(struct tls_fixture *fixture);

/* "DIR/name" into a voter of a configuration. */
void tls_fixture_path(const struct tls_fixture *fixture, const char *name,
                      char path[CONF_PATH_SIZE]);
/* What the server shows, what the client shows ("" = nothing). */
void tls_fixture_server_shows(struct tls_fixture *fixture, const char *name);
void tls_fixture_client_shows(struct tls_fixture *fixture, const char *name);
/* NAME.pem and NAME.key become what `other` is. */
void tls_fixture_replace(const struct tls_fixture *fixture, const char *name,
                         const char *other);
void tls_fixture_write(const struct tls_fixture *fixture, const char *name,
                       const char *text);
/* tls_new that must succeed. */
struct tls *tls_fixture_tls(const struct conf *conf);

#endif
