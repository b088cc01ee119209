/* The TLS contexts of this daemon: one for its port, one for each different
 * way to connect to others.
 *
 * They are made as a set, all or none: at the start, and again on SIGHUP, when
 * the new set takes the old one's place only if every file of it is good.
 * Sessions hold on to the context that they began with, so no connection
 * notices. Sessions of clients are resumed only within one set: what a new CA
 * would refuse does not get in by an old ticket.
 *
 * What it does not do: handshakes and bytes (tls_session.c). */
#include "io/net/tls.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/base/log.h"
#include "io/net/tls_private.h"
#include "sentineld/memory.h"

struct contexts {
    SSL_CTX *server; /* NULL: no port of ours speaks TLS */
    SSL_CTX *clients[CONF_TLS_CLIENTS_MAX];
};

struct tls {
    const struct conf *conf;
    BIO_METHOD *method;
    struct contexts contexts;
};

/* In rising order. */
static const struct {
    unsigned bit;
    int version;
    uint64_t without;
} versions[] = {
    {TLS_PROTOCOL_1_0, TLS1_VERSION, SSL_OP_NO_TLSv1},
    {TLS_PROTOCOL_1_1, TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
    {TLS_PROTOCOL_1_2, TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
    {TLS_PROTOCOL_1_3, TLS1_3_VERSION, SSL_OP_NO_TLSv1_3},
};

static void set_versions(SSL_CTX *context, unsigned protocols)
{
    int lowest = 0;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if ((protocols & versions[i].bit) == 0) {
            (void)SSL_CTX_set_options(context, versions[i].without);
        } else if (lowest == 0) {
            lowest = versions[i].version;
        }
    }
    /* The system's own lower end must not be above what the operator wants. */
    (void)SSL_CTX_set_min_proto_version(context, lowest);
}

static bool fail_ciphers(struct error *error, const char *what,
                         const char *text)
{
    (void)snprintf(error->text, sizeof(error->text),
                   "TLS %s \"%.200s\": OpenSSL knows none of that", what, text);
    ERR_clear_error();
    return false;
}

static bool set_ciphers(SSL_CTX *context, const struct conf_tls *tls,
                        struct error *error)
{
    if (tls->ciphers[0] != '\0' &&
        SSL_CTX_set_cipher_list(context, tls->ciphers) != 1) {
        return fail_ciphers(error, "ciphers", tls->ciphers);
    }
    if (tls->ciphersuites[0] != '\0' &&
        SSL_CTX_set_ciphersuites(context, tls->ciphersuites) != 1) {
        return fail_ciphers(error, "ciphersuites", tls->ciphersuites);
    }
    return true;
}

static SSL_CTX *new_context(const SSL_METHOD *method,
                            const struct conf_tls *tls)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (context == NULL) {
        abort(); /* no memory */
    }
    (void)SSL_CTX_set_options(context,
                              SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    /* Fewer bytes may leave than were given, and those that stay behind may
     * have moved when they are given again; idle sessions keep no buffers. */
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    set_versions(context, tls->protocols);
    return context;
}

static void set_resumption(SSL_CTX *context, const struct conf_tls *tls)
{
    static const unsigned char name[] = "sentineld";
    if (!tls->session_caching) {
        (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        (void)SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        (void)SSL_CTX_set_num_tickets(context, 0);
        return;
    }
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    (void)SSL_CTX_sess_set_cache_size(context, (long)tls->session_cache_size);
    (void)SSL_CTX_set_timeout(context, (long)tls->session_cache_timeout_s);
    (void)SSL_CTX_set_session_id_context(context, name, sizeof(name) - 1);
}

static int verify_mode(enum conf_tls_auth auth)
{
    switch (auth) {
    case TLS_AUTH_YES:
        return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    case TLS_AUTH_NO:
        return SSL_VERIFY_NONE;
    case TLS_AUTH_OPTIONAL:
        return SSL_VERIFY_PEER;
    }
    return SSL_VERIFY_PEER;
}

/* Loading it is no failure, but everybody will refuse it. */
static void warn_of_age(SSL_CTX *context, const char *path)
{
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        log_line(LEVEL_WARNING, "TLS certificate %s has expired", path);
    }
}

static bool load(SSL_CTX *context, const struct tls_identity *identity,
                 struct error *error)
{
    if (!tls_load_identity(context, identity, error)) {
        return false;
    }
    warn_of_age(context, identity->cert_file);
    return true;
}

/* NULL and an error when something in the files is wrong. */
static SSL_CTX *new_server(const struct conf *conf, struct error *error)
{
    const struct conf_tls *tls = &conf->tls;
    struct tls_identity identity = {tls->cert_file, tls->key_file,
                                    tls->key_file_pass};
    SSL_CTX *context = new_context(TLS_server_method(), tls);
    if (tls->prefer_server_ciphers) {
        (void)SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    }
    (void)SSL_CTX_set_dh_auto(context, 1);
    set_resumption(context, tls);
    enum conf_tls_auth auth = (enum conf_tls_auth)tls->auth_clients;
    SSL_CTX_set_verify(context, verify_mode(auth), NULL);
    if (set_ciphers(context, tls, error) && load(context, &identity, error) &&
        (auth == TLS_AUTH_NO || tls_load_ca(context, tls->client.ca_cert_file,
                                            tls->client.ca_cert_dir, error))) {
        return context;
    }
    SSL_CTX_free(context);
    return NULL;
}

static SSL_CTX *new_client(const struct conf *conf,
                           const struct conf_tls_client *client,
                           struct error *error)
{
    struct tls_identity identity = {client->cert_file, client->key_file,
                                    client->key_file_pass};
    SSL_CTX *context = new_context(TLS_client_method(), &conf->tls);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (set_ciphers(context, &conf->tls, error) &&
        (client->cert_file[0] == '\0' || load(context, &identity, error)) &&
        tls_load_ca(context, client->ca_cert_file, client->ca_cert_dir,
                    error)) {
        return context;
    }
    SSL_CTX_free(context);
    return NULL;
}

static void free_contexts(struct contexts *contexts)
{
    SSL_CTX_free(contexts->server);
    for (size_t i = 0; i < CONF_TLS_CLIENTS_MAX; i++) {
        SSL_CTX_free(contexts->clients[i]);
    }
    memset(contexts, 0, sizeof(*contexts));
}

static bool make_contexts(const struct conf *conf, struct contexts *contexts,
                          struct error *error)
{
    bool ok = true;
    memset(contexts, 0, sizeof(*contexts));
    if (conf->tls_port != 0) {
        contexts->server = new_server(conf, error);
        ok = contexts->server != NULL;
    }
    for (size_t i = 0; ok && i < conf->tls_client_count; i++) {
        contexts->clients[i] = new_client(conf, &conf->tls_clients[i], error);
        ok = contexts->clients[i] != NULL;
    }
    if (!ok) {
        free_contexts(contexts);
    }
    return ok;
}

struct tls *tls_new(const struct conf *conf, struct error *error)
{
    struct contexts contexts;
    if (!make_contexts(conf, &contexts, error)) {
        return NULL;
    }
    struct tls *tls = xcalloc(1, sizeof(*tls));
    tls->conf = conf;
    tls->method = tls_session_method();
    tls->contexts = contexts;
    return tls;
}

bool tls_reload(struct tls *tls, struct error *error)
{
    return tls_change(tls, tls->conf, error);
}

bool tls_change(struct tls *tls, const struct conf *conf, struct error *error)
{
    struct contexts contexts;
    if (!make_contexts(conf, &contexts, error)) {
        return false;
    }
    free_contexts(&tls->contexts);
    tls->contexts = contexts;
    return true;
}

bool tls_is_used(const struct tls *tls)
{
    return tls->conf->tls_port != 0 || tls->conf->tls_client_count > 0;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL) {
        return;
    }
    free_contexts(&tls->contexts);
    BIO_meth_free(tls->method);
    free(tls);
}

struct tls_session *tls_accept(struct tls *tls)
{
    assert(tls->contexts.server != NULL);
    return tls_session_new(tls->contexts.server, tls->method, true);
}

struct tls_session *tls_connect(struct tls *tls, size_t number,
                                const char *host)
{
    assert(number >= 1 && number <= tls->conf->tls_client_count);
    const struct conf_tls_client *client = &tls->conf->tls_clients[number - 1];
    const char *name =
        client->server_name[0] != '\0' ? client->server_name : host;
    struct tls_session *session =
        tls_session_new(tls->contexts.clients[number - 1], tls->method, false);
    tls_session_name_host(session, name);
    if (client->verify_host) {
        tls_session_expect_host(session, name);
    }
    return session;
}
