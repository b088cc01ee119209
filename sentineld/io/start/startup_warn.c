/* What is open that an operator may not have meant to be open: said at the
 * start, with what closes it. Nothing is refused for it; networks that are
 * trusted exist. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/base/log.h"

#include "io/start/startup.h"

static bool is_loopback(const char *ip)
{
    return strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0 ||
           strcmp(ip, "localhost") == 0;
}

/* Can somebody on another machine connect? */
static bool is_reachable(const struct conf *conf)
{
    for (size_t i = 0; i < conf->bind_count; i++) {
        if (!is_loopback(conf->bind[i])) {
            return true;
        }
    }
    return conf->bind_count == 0 && !conf->protected_mode;
}

/* With TLS alone, and for holders of a certificate alone? */
static bool wants_certificate(const struct conf *conf)
{
    return conf->port == 0 && conf->tls_port != 0 &&
           conf->tls.auth_clients == TLS_AUTH_YES;
}

bool startup_is_open(const struct conf *conf, const struct acl *acl)
{
    return is_reachable(conf) && acl_is_open(acl) && !wants_certificate(conf);
}

static bool has_passwords(const struct conf *conf)
{
    bool has =
        (conf->requirepass[0] != '\0' && conf->requirepass_file[0] == '\0') ||
        (conf->peer_login.password[0] != '\0' &&
         conf->peer_password_file[0] == '\0') ||
        conf->tls.key_file_pass[0] != '\0' || conf->users != NULL;
    for (size_t i = 0; i < conf->group_count && !has; i++) {
        has = conf->logins[i].password[0] != '\0';
    }
    return has;
}

bool startup_is_readable_by_others(const char *path)
{
    struct stat status;
    return path[0] != '\0' && stat(path, &status) == 0 &&
           S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
}

static void warn_of_file(const char *path, const char *what)
{
    if (startup_is_readable_by_others(path)) {
        log_line(LEVEL_WARNING,
                 "'%.300s' holds %s and can be read by every user of this "
                 "machine: chmod o= it",
                 path, what);
    }
}

void startup_warn(const struct conf *conf, const struct acl *acl,
                  const char *file)
{
    if (startup_is_open(conf, acl)) {
        log_line(LEVEL_WARNING,
                 "Whoever can reach the port may do everything, without a "
                 "password: move masters, start failovers, read the servers' "
                 "addresses. Set requirepass or users, or tls_port with client "
                 "certificates and port = 0, or bind to addresses that only "
                 "the pool can reach");
    }
    if (has_passwords(conf)) {
        warn_of_file(file, "passwords");
    }
    warn_of_file(conf->acl_file, "users' passwords");
    warn_of_file(conf->tls.key_file, "a private key");
    for (size_t i = 0; i < conf->tls_client_count; i++) {
        if (strcmp(conf->tls_clients[i].key_file, conf->tls.key_file) != 0) {
            warn_of_file(conf->tls_clients[i].key_file, "a private key");
        }
    }
}
