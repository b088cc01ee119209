/* What a configuration says about TLS. */
#ifndef SENTINELD_CONF_TLS_H
#define SENTINELD_CONF_TLS_H

#include "sentineld/types.h"

enum { CONF_PATH_SIZE = 1024, SECRET_SIZE = 512 };

/* Must a client of ours show a certificate? */
enum conf_tls_auth { TLS_AUTH_NO, TLS_AUTH_YES, TLS_AUTH_OPTIONAL };

enum {
    TLS_PROTOCOL_1_0 = 1,
    TLS_PROTOCOL_1_1 = 2,
    TLS_PROTOCOL_1_2 = 4,
    TLS_PROTOCOL_1_3 = 8,
    CONF_CIPHERS_SIZE = 1024,
    CONF_TLS_CLIENTS_MAX = 64,
};

/* How we connect to others: who we are to them, whom we trust. */
struct conf_tls_client {
    char cert_file[CONF_PATH_SIZE]; /* "" = we show none */
    char key_file[CONF_PATH_SIZE];
    char key_file_pass[SECRET_SIZE];
    char ca_cert_file[CONF_PATH_SIZE]; /* one of these two is not "" */
    char ca_cert_dir[CONF_PATH_SIZE];
    char server_name[HOST_SIZE]; /* "" = the address that we connect to */
    bool verify_host;            /* the certificate must be for that name */
};

/* TLS as the file says it. */
struct conf_tls {
    char cert_file[CONF_PATH_SIZE]; /* what our clients are shown */
    char key_file[CONF_PATH_SIZE];
    char key_file_pass[SECRET_SIZE];
    struct conf_tls_client client; /* what groups begin with */
    int auth_clients;              /* enum conf_tls_auth */
    char protocols_text[64];
    unsigned protocols;                   /* TLS_PROTOCOL_... */
    char ciphers[CONF_CIPHERS_SIZE];      /* up to 1.2; "" = the library's */
    char ciphersuites[CONF_CIPHERS_SIZE]; /* of 1.3 */
    bool prefer_server_ciphers;
    bool session_caching;
    uint32_t session_cache_size; /* 0 = no limit */
    uint32_t session_cache_timeout_s;
    bool servers; /* connections to servers, unless their group says else */
    bool peers;
};

#endif
