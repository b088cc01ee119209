#include "tls_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sentineld/memory.h"

#define NAMES "DNS:localhost,DNS:redis.example,IP:127.0.0.1"

enum { DAY_S = 24 * 60 * 60 };

struct recipe {
    const char *name;
    const char *issuer; /* "" = itself */
    const char *names;  /* subjectAltName; "" = none, a CA */
    long until_s;       /* from now */
    const char *password;
};

static const struct recipe recipes[] = {
    {"ca", "", "", DAY_S, NULL},
    {"other-ca", "", "", DAY_S, NULL},
    {"server", "ca", NAMES, DAY_S, NULL},
    {"server-2", "ca", NAMES, DAY_S, NULL},
    {"stranger", "other-ca", NAMES, DAY_S, NULL},
    {"expired", "ca", NAMES, -DAY_S, NULL},
    {"nameless", "ca", "DNS:nobody.example", DAY_S, NULL},
    {"client", "ca", "DNS:client.example", DAY_S, NULL},
    {"locked", "ca", "DNS:client.example", DAY_S, "sesame"},
};

enum { RECIPE_COUNT = sizeof(recipes) / sizeof(recipes[0]) };

/* Certificates are made once for a test program and written for each test. */
static struct {
    X509 *certificate;
    EVP_PKEY *key;
} made[RECIPE_COUNT];

static size_t find(const char *name)
{
    size_t i = 0;
    while (strcmp(recipes[i].name, name) != 0) {
        i++;
        assert_true(i < RECIPE_COUNT);
    }
    return i;
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void make(size_t index)
{
    const struct recipe *recipe = &recipes[index];
    size_t issuer = recipe->issuer[0] != '\0' ? find(recipe->issuer) : index;
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(certificate);
    assert_non_null(key);
    made[index].certificate = certificate;
    made[index].key = key;
    X509_NAME *name = X509_get_subject_name(certificate);
    assert_int_equal(X509_NAME_add_entry_by_txt(
                         name, "CN", MBSTRING_ASC,
                         (const unsigned char *)recipe->name, -1, -1, 0),
                     1);
    (void)X509_set_version(certificate, X509_VERSION_3);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), (long)index + 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -2L * DAY_S);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), recipe->until_s);
    (void)X509_set_pubkey(certificate, key);
    (void)X509_set_issuer_name(certificate,
                               X509_get_subject_name(made[issuer].certificate));
    if (recipe->names[0] == '\0') {
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    } else {
        add_extension(certificate, NID_subject_alt_name, recipe->names);
    }
    assert_true(X509_sign(certificate, made[issuer].key, EVP_sha256()) > 0);
}

static FILE *create(const struct tls_fixture *fixture, const char *name,
                    const char *ending)
{
    char path[2 * CONF_PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s/%s%s", fixture->dir, name, ending);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    return file;
}

/* Recipe `from`, under another name perhaps. */
static void write_pair(const struct tls_fixture *fixture, const char *name,
                       size_t from)
{
    const char *password = recipes[from].password;
    FILE *file = create(fixture, name, ".pem");
    assert_int_equal(PEM_write_X509(file, made[from].certificate), 1);
    assert_int_equal(fclose(file), 0);
    file = create(fixture, name, ".key");
    assert_int_equal(
        PEM_write_PKCS8PrivateKey(
            file, made[from].key, password != NULL ? EVP_aes_128_cbc() : NULL,
            password, password != NULL ? (int)strlen(password) : 0, NULL, NULL),
        1);
    assert_int_equal(fclose(file), 0);
}

static void write_hashed(const struct tls_fixture *fixture)
{
    char path[CONF_PATH_SIZE];
    X509 *ca = made[find("ca")].certificate;
    tls_fixture_path(fixture, "hashed", path);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(
        path, sizeof(path), "hashed/%08lx",
        X509_NAME_hash_ex(X509_get_subject_name(ca), NULL, NULL, NULL));
    FILE *file = create(fixture, path, ".0");
    assert_int_equal(PEM_write_X509(file, ca), 1);
    assert_int_equal(fclose(file), 0);
}

void tls_fixture_path(const struct tls_fixture *fixture, const char *name,
                      char path[CONF_PATH_SIZE])
{
    (void)snprintf(path, CONF_PATH_SIZE, "%s/%s", fixture->dir, name);
}

void tls_fixture_server_shows(struct tls_fixture *fixture, const char *name)
{
    struct conf_tls *tls = &fixture->server.tls;
    (void)snprintf(tls->cert_file, CONF_PATH_SIZE, "%s/%s.pem", fixture->dir,
                   name);
    (void)snprintf(tls->key_file, CONF_PATH_SIZE, "%s/%s.key", fixture->dir,
                   name);
}

void tls_fixture_client_shows(struct tls_fixture *fixture, const char *name)
{
    struct conf_tls_client *client = &fixture->client.tls_clients[0];
    client->cert_file[0] = '\0';
    if (name[0] != '\0') {
        (void)snprintf(client->cert_file, CONF_PATH_SIZE, "%s/%s.pem",
                       fixture->dir, name);
        (void)snprintf(client->key_file, CONF_PATH_SIZE, "%s/%s.key",
                       fixture->dir, name);
    }
}

void tls_fixture_replace(const struct tls_fixture *fixture, const char *name,
                         const char *other)
{
    write_pair(fixture, name, find(other));
}

void tls_fixture_write(const struct tls_fixture *fixture, const char *name,
                       const char *text)
{
    FILE *file = create(fixture, name, "");
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

struct tls *tls_fixture_tls(const struct conf *conf)
{
    struct error error = {""};
    struct tls *tls = tls_new(conf, &error);
    if (tls == NULL) {
        fail_msg("%s", error.text);
    }
    return tls;
}

static void make_confs(struct tls_fixture *fixture)
{
    conf_default(&fixture->server);
    conf_default(&fixture->client);
    fixture->server.tls_port = 1;
    fixture->server.tls.auth_clients = TLS_AUTH_YES;
    fixture->server.tls.session_caching = true;
    fixture->server.tls.session_cache_timeout_s = 300;
    fixture->server.tls.protocols = TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3;
    fixture->client.tls.protocols = TLS_PROTOCOL_1_2 | TLS_PROTOCOL_1_3;
    tls_fixture_path(fixture, "ca.pem",
                     fixture->server.tls.client.ca_cert_file);
    tls_fixture_server_shows(fixture, "server");
    struct conf_tls_client *client = xcalloc(1, sizeof(*client));
    fixture->client.tls_clients = client;
    fixture->client.tls_client_count = 1;
    client->verify_host = true;
    tls_fixture_path(fixture, "ca.pem", client->ca_cert_file);
    tls_fixture_client_shows(fixture, "client");
}

struct tls_fixture *tls_fixture_new(void)
{
    struct tls_fixture *fixture = xcalloc(1, sizeof(*fixture));
    (void)snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/test_tls.XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    for (size_t i = 0; i < RECIPE_COUNT; i++) {
        if (made[i].key == NULL) {
            make(i);
        }
        write_pair(fixture, recipes[i].name, i);
    }
    write_hashed(fixture);
    make_confs(fixture);
    return fixture;
}

static void remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char name[CONF_PATH_SIZE];
        (void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        (void)unlink(name); /* directories stay */
    }
    (void)closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

void tls_fixture_free(struct tls_fixture *fixture)
{
    char hashed[CONF_PATH_SIZE];
    tls_fixture_path(fixture, "hashed", hashed);
    remove_dir(hashed);
    remove_dir(fixture->dir);
    conf_free(&fixture->server);
    conf_free(&fixture->client);
    free(fixture);
}
