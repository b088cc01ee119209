/* Certificates, keys and CAs from files into a context.
 *
 * OpenSSL's own errors are made for its programmers; here each becomes a
 * sentence with the file's name and what is wrong with it. */
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "io/net/tls_private.h"
#include "sentineld/memory.h"

/* "TLS certificate /c: what is wrong". Returns false. */
static bool fail(struct error *error, const char *what, const char *path,
                 const char *fault)
{
    (void)snprintf(error->text, sizeof(error->text), "TLS %s %.200s: %s", what,
                   path, fault);
    ERR_clear_error();
    return false;
}

static bool check_file(const char *what, const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return fail(error, what, path, strerror(errno));
    }
    (void)fclose(file); /* only read from */
    return true;
}

static bool check_dir(const char *what, const char *path, struct error *error)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return fail(error, what, path, strerror(errno));
    }
    (void)closedir(dir);
    return true;
}

/* What TLS itself has against a file that is well-formed: a key that is too
 * small, say. Its reasons begin at 100; above are those of other libraries. */
static const char *fault_or(const char *usual)
{
    unsigned long code = ERR_peek_last_error();
    int reason = ERR_GET_REASON(code);
    bool is_own = ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= 100 &&
                  reason < SSL_AD_REASON_OFFSET;
    const char *text = is_own ? ERR_reason_error_string(code) : NULL;
    return text != NULL ? text : usual;
}

static bool load_certificate(SSL_CTX *context, const char *path,
                             struct error *error)
{
    static const char what[] = "certificate";
    if (!check_file(what, path, error)) {
        return false;
    }
    if (SSL_CTX_use_certificate_chain_file(context, path) != 1) {
        return fail(error, what, path,
                    fault_or("it is no certificate in PEM form"));
    }
    return true;
}

struct password {
    const char *text;
    bool was_asked;
};

/* Without it OpenSSL would ask at the terminal. */
static int on_password(char *text, int size, int is_writing, void *context)
{
    (void)is_writing;
    struct password *password = context;
    size_t length = strlen(password->text);
    password->was_asked = true;
    if (length > (size_t)size) {
        return -1;
    }
    memcpy(text, password->text, length);
    return length > 0 ? (int)length : -1;
}

static const char *key_fault(const struct password *password)
{
    unsigned long code = ERR_peek_last_error();
    int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) == ERR_LIB_X509 &&
        (reason == X509_R_KEY_VALUES_MISMATCH ||
         reason == X509_R_KEY_TYPE_MISMATCH)) {
        return NULL;
    }
    if (password->was_asked) {
        return password->text[0] == '\0'
                   ? "it is encrypted, and no password is given"
                   : "its password is wrong";
    }
    return fault_or("it is no private key in PEM form");
}

static bool load_key(SSL_CTX *context, const struct tls_identity *identity,
                     struct error *error)
{
    static const char what[] = "key";
    const char *path = identity->key_file;
    struct password password = {.text = identity->password};
    if (!check_file(what, path, error)) {
        return false;
    }
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, on_password);
    SSL_CTX_set_default_passwd_cb_userdata(context, &password);
    bool ok = SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    if (ok && SSL_CTX_check_private_key(context) == 1) {
        return true;
    }
    const char *fault = key_fault(&password);
    char text[300];
    if (fault == NULL) {
        (void)snprintf(text, sizeof(text),
                       "it does not belong to the certificate %.200s",
                       identity->cert_file);
        fault = text;
    }
    return fail(error, what, path, fault);
}

bool tls_load_identity(SSL_CTX *context, const struct tls_identity *identity,
                       struct error *error)
{
    return load_certificate(context, identity->cert_file, error) &&
           load_key(context, identity, error);
}

static bool load_ca_file(SSL_CTX *context, const char *path,
                         struct error *error)
{
    static const char what[] = "CA certificates";
    if (!check_file(what, path, error)) {
        return false;
    }
    if (SSL_CTX_load_verify_file(context, path) != 1) {
        return fail(error, what, path, "there is none in PEM form");
    }
    return true;
}

static bool load_ca_dir(SSL_CTX *context, const char *path, struct error *error)
{
    static const char what[] = "CA directory";
    if (!check_dir(what, path, error)) {
        return false;
    }
    if (SSL_CTX_load_verify_dir(context, path) != 1) {
        return fail(error, what, path, "it cannot be used");
    }
    return true;
}

bool tls_load_ca(SSL_CTX *context, const char *file, const char *dir,
                 struct error *error)
{
    if (file[0] != '\0' && !load_ca_file(context, file, error)) {
        return false;
    }
    return dir[0] == '\0' || load_ca_dir(context, dir, error);
}
