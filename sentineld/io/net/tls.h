/* TLS: the certificates of this daemon, and one session for each connection
 * that uses them. A session is given to conn_secure; its bytes are stream.c's
 * business. */
#ifndef SENTINELD_TLS_H
#define SENTINELD_TLS_H

#include "sentineld/conf.h"
#include "sentineld/types.h"

struct tls;
struct tls_session;

/* Reads every file that the configuration names and needs; without TLS in it
 * there are none. The configuration is borrowed until tls_free. NULL: the
 * error names the file and what is wrong with it. */
struct tls *tls_new(const struct conf *conf, struct error *error);
/* Reads the same files again. Connections that exist keep what they have. On
 * failure everything stays as it was. */
MUST_CHECK bool tls_reload(struct tls *tls, struct error *error);
/* The same with what the borrowed configuration is about to say: the caller
 * puts it there before anything else is asked for. */
MUST_CHECK bool tls_change(struct tls *tls, const struct conf *conf,
                           struct error *error);
/* Does any connection use TLS? */
bool tls_is_used(const struct tls *tls);
/* After the last session is gone. */
void tls_free(struct tls *tls);

/* The server's side of a connection; there must be a conf.tls_port. The
 * session is for conn_secure, or tls_session_free. */
struct tls_session *tls_accept(struct tls *tls);
/* The client's side: `number` counts conf.tls_clients from 1, `host` is the
 * name or ip that the certificate must be for, unless that entry says
 * otherwise. */
struct tls_session *tls_connect(struct tls *tls, size_t number,
                                const char *host);
void tls_session_free(struct tls_session *session); /* NULL is fine */

#endif
