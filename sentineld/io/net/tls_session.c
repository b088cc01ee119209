/* TLS on one connection: the bytes of a stream through OpenSSL.
 *
 * OpenSSL never sees the descriptor: a BIO of ours asks the stream for plain
 * bytes, so that every system call and what errno means stays in stream.c.
 * Each operation is tried once; what it waits for may be the other direction
 * (a read that has to write an answer first), which is what the result says.
 *
 * A side that says goodbye (close_notify) has closed; one whose bytes just end
 * was cut off, which is another failure. When OpenSSL gives up, the sentence
 * why is kept for the connection's owner. */
#include <assert.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/tls_private.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

enum { REASON_SIZE = 192 };

struct tls_session {
    SSL *ssl;                 /* NULL: closed */
    bool has_begun;           /* shaking hands */
    bool is_open;             /* the handshake is done */
    bool is_broken;           /* OpenSSL gave up: no goodbye is possible */
    char host[HOST_SIZE];     /* what its certificate must be for; "" = any */
    char reason[REASON_SIZE]; /* "" = nothing went wrong with TLS */
};

/* --- OpenSSL's way to the stream ----------------------------------------- */

static int on_bio_read(BIO *bio, char *data, int size)
{
    size_t count = 0;
    BIO_clear_retry_flags(bio);
    switch (stream_recv_plain(BIO_get_data(bio), data, (size_t)size, &count)) {
    case STREAM_DONE:
        return (int)count;
    case STREAM_WANTS_READ:
    case STREAM_WANTS_WRITE:
        BIO_set_retry_read(bio);
        return -1;
    case STREAM_FAILED:
        break;
    }
    return -1; /* stream->failure says why */
}

static int on_bio_write(BIO *bio, const char *data, int length)
{
    size_t count = 0;
    BIO_clear_retry_flags(bio);
    switch (
        stream_send_plain(BIO_get_data(bio), data, (size_t)length, &count)) {
    case STREAM_DONE:
        return (int)count;
    case STREAM_WANTS_READ:
    case STREAM_WANTS_WRITE:
        BIO_set_retry_write(bio);
        return -1;
    case STREAM_FAILED:
        break;
    }
    return -1;
}

/* Nothing is kept back, so flushing is done. */
static long on_bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *tls_session_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "stream");
    if (method == NULL || BIO_meth_set_read(method, on_bio_read) != 1 ||
        BIO_meth_set_write(method, on_bio_write) != 1 ||
        BIO_meth_set_ctrl(method, on_bio_control) != 1) {
        abort(); /* no memory */
    }
    return method;
}

/* --- Life ---------------------------------------------------------------- */

struct tls_session *tls_session_new(SSL_CTX *context, const BIO_METHOD *method,
                                    bool is_server)
{
    struct tls_session *session = xcalloc(1, sizeof(*session));
    BIO *bio = BIO_new(method);
    session->ssl = SSL_new(context);
    if (session->ssl == NULL || bio == NULL) {
        abort(); /* no memory */
    }
    BIO_set_init(bio, 1);
    SSL_set_bio(session->ssl, bio, bio); /* owned by ssl from here on */
    if (is_server) {
        SSL_set_accept_state(session->ssl);
    } else {
        SSL_set_connect_state(session->ssl);
    }
    return session;
}

/* A dot at the end of a name says that it is complete; certificates do not
 * have it. */
static void cut_last_dot(char *host)
{
    size_t length = strlen(host);
    if (length > 1 && host[length - 1] == '.') {
        host[length - 1] = '\0';
    }
}

void tls_session_expect_host(struct tls_session *session, const char *host)
{
    X509_VERIFY_PARAM *wanted = SSL_get0_param(session->ssl);
    copy_text(session->host, sizeof(session->host), host);
    cut_last_dot(session->host);
    X509_VERIFY_PARAM_set_hostflags(wanted,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    int result = host_is_ip(session->host)
                     ? X509_VERIFY_PARAM_set1_ip_asc(wanted, session->host)
                     : X509_VERIFY_PARAM_set1_host(wanted, session->host,
                                                   strlen(session->host));
    if (result != 1) {
        abort(); /* no memory */
    }
}

void tls_session_name_host(struct tls_session *session, const char *host)
{
    char name[HOST_SIZE];
    copy_text(name, sizeof(name), host);
    cut_last_dot(name);
    if (!host_is_ip(name) &&
        SSL_set_tlsext_host_name(session->ssl, name) != 1) {
        abort(); /* no memory */
    }
}

void tls_session_close(struct tls_session *session, struct stream *stream)
{
    if (session->ssl == NULL) {
        return;
    }
    if (session->has_begun && !session->is_open && !session->is_broken) {
        copy_text(session->reason, sizeof(session->reason),
                  "it accepts the connection but does not answer");
    }
    if (session->is_open && !session->is_broken) {
        BIO_set_data(SSL_get_rbio(session->ssl), stream);
        (void)SSL_shutdown(session->ssl); /* goodbye, if it goes out at once */
    }
    ERR_clear_error();
    SSL_free(session->ssl);
    session->ssl = NULL;
}

void tls_session_free(struct tls_session *session)
{
    if (session == NULL) {
        return;
    }
    SSL_free(session->ssl);
    free(session);
}

const char *tls_session_reason(const struct tls_session *session)
{
    return session->reason;
}

/* --- What went wrong ----------------------------------------------------- */

static void explain_certificate(struct tls_session *session)
{
    long result = SSL_get_verify_result(session->ssl);
    if (result == X509_V_ERR_HOSTNAME_MISMATCH ||
        result == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        (void)snprintf(session->reason, sizeof(session->reason),
                       "its certificate is not for %.100s", session->host);
        return;
    }
    (void)snprintf(session->reason, sizeof(session->reason),
                   "its certificate is not accepted: %s",
                   X509_verify_cert_error_string(result));
}

static void explain_alert(struct tls_session *session, int alert)
{
    const char *name = alert == SSL_AD_CERTIFICATE_REQUIRED
                           ? "certificate required"
                           : SSL_alert_desc_string_long(alert);
    (void)snprintf(session->reason, sizeof(session->reason),
                   "the other side refuses: %s", name);
}

/* From the first error that OpenSSL noted: the others follow from it. */
static void explain(struct tls_session *session)
{
    unsigned long code = ERR_peek_error();
    int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    const char *text = ERR_reason_error_string(code);
    if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
        explain_alert(session, reason - SSL_AD_REASON_OFFSET);
    } else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        explain_certificate(session);
    } else if (reason == SSL_R_WRONG_VERSION_NUMBER ||
               reason == SSL_R_HTTP_REQUEST ||
               reason == SSL_R_HTTPS_PROXY_REQUEST) {
        copy_text(session->reason, sizeof(session->reason),
                  "what it sends is not TLS");
    } else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        copy_text(session->reason, sizeof(session->reason),
                  "it shows no certificate, and must");
    } else {
        copy_text(session->reason, sizeof(session->reason),
                  text != NULL ? text : "no reason was given");
    }
}

/* The plain bytes ended or failed. */
static enum stream_result fail_below(struct tls_session *session,
                                     struct stream *stream)
{
    session->is_broken = true;
    if (stream->failure != FAILURE_CLOSED) {
        return STREAM_FAILED;
    }
    if (!session->is_open) { /* nobody may be there but a proxy */
        copy_text(session->reason, sizeof(session->reason),
                  "it hung up in the middle of the handshake");
        return STREAM_FAILED;
    }
    stream->failure = FAILURE_RESET;
    copy_text(session->reason, sizeof(session->reason),
              "it was cut off without a goodbye");
    return STREAM_FAILED;
}

/* After an operation that did not succeed. */
static enum stream_result wait_or_fail(struct tls_session *session,
                                       struct stream *stream, int result)
{
    int kind = SSL_get_error(session->ssl, result);
    if (kind == SSL_ERROR_WANT_READ) {
        return STREAM_WANTS_READ;
    }
    if (kind == SSL_ERROR_WANT_WRITE) {
        return STREAM_WANTS_WRITE;
    }
    if (kind == SSL_ERROR_ZERO_RETURN) {
        stream->failure = FAILURE_CLOSED;
        return STREAM_FAILED;
    }
    if (stream->failure != FAILURE_NONE) {
        return fail_below(session, stream);
    }
    session->is_broken = true;
    stream->failure = FAILURE_TLS;
    explain(session);
    return STREAM_FAILED;
}

/* --- For stream.c -------------------------------------------------------- */

static void begin(struct tls_session *session, struct stream *stream)
{
    assert(session->ssl != NULL);
    ERR_clear_error(); /* SSL_get_error looks at what is left of others */
    stream->failure = FAILURE_NONE;
    BIO_set_data(SSL_get_rbio(session->ssl), stream);
}

enum stream_result tls_session_handshake(struct tls_session *session,
                                         struct stream *stream)
{
    begin(session, stream);
    session->has_begun = true;
    int result = SSL_do_handshake(session->ssl);
    if (result != 1) {
        return wait_or_fail(session, stream, result);
    }
    session->is_open = true;
    return STREAM_DONE;
}

enum stream_result tls_session_recv(struct tls_session *session,
                                    struct stream *stream, char *data,
                                    size_t size, size_t *count)
{
    begin(session, stream);
    int result = SSL_read_ex(session->ssl, data, size, count);
    return result == 1 ? STREAM_DONE : wait_or_fail(session, stream, result);
}

enum stream_result tls_session_send(struct tls_session *session,
                                    struct stream *stream, const char *data,
                                    size_t length, size_t *count)
{
    begin(session, stream);
    int result = SSL_write_ex(session->ssl, data, length, count);
    return result == 1 ? STREAM_DONE : wait_or_fail(session, stream, result);
}

enum stream_result tls_session_shutdown(struct tls_session *session,
                                        struct stream *stream)
{
    begin(session, stream);
    int result = SSL_shutdown(session->ssl);
    /* 0: our goodbye is out, theirs is not here yet. */
    return result >= 0 ? STREAM_DONE : wait_or_fail(session, stream, result);
}

bool tls_session_has_pending(const struct tls_session *session)
{
    return session->ssl != NULL && SSL_pending(session->ssl) > 0;
}
