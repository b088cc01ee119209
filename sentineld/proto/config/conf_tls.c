/* What the keys about TLS say together: which of them need each other, and
 * which connections are made in which way.
 *
 * Every different way to connect is kept once in conf->tls_clients, and
 * groups, peers and unnamed groups say which one is theirs by its number, so
 * that ten thousand groups of one kind share one set of certificates. Files
 * are not opened here; whether they hold what they should is for tls.c. */
#include "proto/config/config.h"

#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"

static const struct conf_tls_fault no_fault = {NULL, NULL};

static const struct {
    const char *name;
    unsigned bit;
} protocols[] = {
    {"TLSv1", TLS_PROTOCOL_1_0},
    {"TLSv1.1", TLS_PROTOCOL_1_1},
    {"TLSv1.2", TLS_PROTOCOL_1_2},
    {"TLSv1.3", TLS_PROTOCOL_1_3},
};

/* 0: there is no such protocol. */
static unsigned find_protocol(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (strlen(protocols[i].name) == length &&
            strncasecmp(protocols[i].name, word, length) == 0) {
            return protocols[i].bit;
        }
    }
    return 0;
}

bool conf_tls_parse_protocols(const char *text, unsigned *found)
{
    *found = 0;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        unsigned bit = find_protocol(text, length);
        if (bit == 0) {
            return false;
        }
        *found |= bit;
        text += length;
    }
    if (*found == 0) {
        *found = TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3;
    }
    return true;
}

bool conf_tls_is_same(const struct conf_tls_client *a,
                      const struct conf_tls_client *b)
{
    return strcmp(a->cert_file, b->cert_file) == 0 &&
           strcmp(a->key_file, b->key_file) == 0 &&
           strcmp(a->key_file_pass, b->key_file_pass) == 0 &&
           strcmp(a->ca_cert_file, b->ca_cert_file) == 0 &&
           strcmp(a->ca_cert_dir, b->ca_cert_dir) == 0 &&
           strcmp(a->server_name, b->server_name) == 0 &&
           a->verify_host == b->verify_host;
}

/* Its number; 0: there are too many. */
static size_t number_of(struct conf *conf, const struct conf_tls_client *client)
{
    size_t count = conf->tls_client_count;
    for (size_t i = 0; i < count; i++) {
        if (conf_tls_is_same(&conf->tls_clients[i], client)) {
            return i + 1;
        }
    }
    if (count == CONF_TLS_CLIENTS_MAX) {
        return 0;
    }
    conf->tls_clients =
        xrealloc(conf->tls_clients, (count + 1) * sizeof(*conf->tls_clients));
    conf->tls_clients[count] = *client;
    conf->tls_client_count++;
    return conf->tls_client_count;
}

static bool has_ca(const struct conf_tls_client *client)
{
    return client->ca_cert_file[0] != '\0' || client->ca_cert_dir[0] != '\0';
}

static struct conf_tls_fault check_ports(const struct conf *conf)
{
    if (conf->port == 0 && conf->tls_port == 0) {
        return (struct conf_tls_fault){
            "port", "is 0, and there is no tls_port; one of them must be a "
                    "port"};
    }
    if (conf->port == conf->tls_port) {
        return (struct conf_tls_fault){"tls_port",
                                       "is the same as port; they must differ"};
    }
    return no_fault;
}

/* A certificate and its key are given together or not at all. */
static struct conf_tls_fault check_pair(const struct conf_tls *tls)
{
    if (tls->cert_file[0] == '\0' && tls->key_file[0] != '\0') {
        return (struct conf_tls_fault){"tls_key_file",
                                       "needs tls_cert_file beside it"};
    }
    if (tls->cert_file[0] != '\0' && tls->key_file[0] == '\0') {
        return (struct conf_tls_fault){"tls_cert_file",
                                       "needs tls_key_file beside it"};
    }
    return no_fault;
}

static struct conf_tls_fault
check_client_pair(const struct conf_tls_client *client)
{
    if (client->cert_file[0] == '\0' && client->key_file[0] != '\0') {
        return (struct conf_tls_fault){"tls_client_key_file",
                                       "needs tls_client_cert_file beside it"};
    }
    if (client->cert_file[0] != '\0' && client->key_file[0] == '\0') {
        return (struct conf_tls_fault){"tls_client_cert_file",
                                       "needs tls_client_key_file beside it"};
    }
    return no_fault;
}

static struct conf_tls_fault check_needs(const struct conf *conf)
{
    const struct conf_tls *tls = &conf->tls;
    if (conf->tls_port != 0 && tls->cert_file[0] == '\0') {
        return (struct conf_tls_fault){"tls_port",
                                       "needs tls_cert_file and tls_key_file"};
    }
    if (conf->tls_port != 0 && tls->auth_clients != TLS_AUTH_NO &&
        !has_ca(&tls->client)) {
        return (struct conf_tls_fault){
            "tls_port", "needs tls_ca_cert_file or tls_ca_cert_dir to know "
                        "which clients to trust, or tls_auth_clients \"no\""};
    }
    if ((tls->servers || tls->peers) && !has_ca(&tls->client)) {
        return (struct conf_tls_fault){
            tls->servers ? "tls_servers" : "tls_peers",
            "needs tls_ca_cert_file or tls_ca_cert_dir to know whom to trust"};
    }
    return no_fault;
}

/* Without a certificate of its own a client shows the server's. */
static void complete_client(struct conf_tls *tls)
{
    struct conf_tls_client *client = &tls->client;
    if (client->cert_file[0] != '\0') {
        return;
    }
    copy_text(client->cert_file, sizeof(client->cert_file), tls->cert_file);
    copy_text(client->key_file, sizeof(client->key_file), tls->key_file);
    copy_text(client->key_file_pass, sizeof(client->key_file_pass),
              tls->key_file_pass);
}

struct conf_tls_fault conf_tls_settle(struct conf *conf)
{
    struct conf_tls *tls = &conf->tls;
    if (!conf_tls_parse_protocols(tls->protocols_text, &tls->protocols)) {
        return (struct conf_tls_fault){
            "tls_protocols", "has a word that is none of TLSv1, TLSv1.1, "
                             "TLSv1.2 and TLSv1.3"};
    }
    struct conf_tls_fault fault = check_ports(conf);
    if (fault.key == NULL) {
        fault = check_pair(tls);
    }
    if (fault.key == NULL) {
        fault = check_client_pair(&tls->client);
    }
    if (fault.key == NULL) {
        fault = check_needs(conf);
    }
    if (fault.key != NULL) {
        return fault;
    }
    complete_client(tls);
    conf->tls_servers = tls->servers ? number_of(conf, &tls->client) : 0;
    conf->tls_peers = tls->peers ? number_of(conf, &tls->client) : 0;
    return no_fault;
}

/* Files are not taken over here: one of them given in the group replaces all
 * that belong to it. */
void conf_tls_start_group(const struct conf *conf, struct conf_draft *draft)
{
    const struct conf_tls_client *common = &conf->tls.client;
    draft->tls = conf->tls.servers;
    draft->tls_client.verify_host = common->verify_host;
}

static void inherit(const struct conf_tls_client *common,
                    struct conf_tls_client *own)
{
    struct conf_tls_client merged = *common;
    if (own->cert_file[0] != '\0') {
        copy_text(merged.cert_file, sizeof(merged.cert_file), own->cert_file);
        copy_text(merged.key_file, sizeof(merged.key_file), own->key_file);
        copy_text(merged.key_file_pass, sizeof(merged.key_file_pass),
                  own->key_file_pass);
    }
    if (has_ca(own)) {
        copy_text(merged.ca_cert_file, sizeof(merged.ca_cert_file),
                  own->ca_cert_file);
        copy_text(merged.ca_cert_dir, sizeof(merged.ca_cert_dir),
                  own->ca_cert_dir);
    }
    if (own->server_name[0] != '\0') {
        copy_text(merged.server_name, sizeof(merged.server_name),
                  own->server_name);
    }
    merged.verify_host = own->verify_host;
    *own = merged;
}

struct conf_tls_fault conf_tls_settle_group(struct conf *conf,
                                            struct conf_draft *draft)
{
    struct conf_tls_client *client = &draft->tls_client;
    struct conf_tls_fault fault = check_client_pair(client);
    if (fault.key != NULL) {
        return fault;
    }
    inherit(&conf->tls.client, client);
    if (!draft->tls) {
        return no_fault;
    }
    if (!has_ca(client)) {
        return (struct conf_tls_fault){
            "tls", "needs tls_ca_cert_file or tls_ca_cert_dir to know which "
                   "servers to trust"};
    }
    draft->login.tls = number_of(conf, client);
    if (draft->login.tls == 0) {
        return (struct conf_tls_fault){
            "tls", "is set up in more than 64 different ways in this file"};
    }
    return no_fault;
}
