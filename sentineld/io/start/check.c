/* What --check looks at beside the file's own words: is it the kind of file
 * that it is taken for, and would a start have what it needs? */
#include "io/start/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sentineld/model.h"

const char *check_format_name(const struct options *options)
{
    return options->is_sentinel_conf ? "a sentinel.conf"
                                     : "a configuration of sentineld";
}

/* A data server's file has no masters, and much that means nothing here. */
static bool check_kind(const struct options *options, const struct conf *conf,
                       struct error *error)
{
    if (!options->is_sentinel_conf || conf->group_count > 0 ||
        conf->warning_count == 0) {
        return true;
    }
    (void)snprintf(error->text, sizeof(error->text),
                   "%.200s: it names no master (sentinel monitor ...), and has "
                   "%zu directives of a data server: it looks like a "
                   "redis.conf; give the sentinel.conf",
                   options->file, conf->warning_count);
    return false;
}

static bool check_directory(const struct options *options,
                            const struct conf *conf, struct error *error)
{
    /* Who becomes another user is not yet who will write there. */
    int mode = conf->user[0] == '\0' ? W_OK | X_OK : F_OK;
    if (access(conf->dir, mode) == 0) {
        return true;
    }
    (void)snprintf(error->text, sizeof(error->text),
                   "%.200s: dir '%.200s' cannot be used: %s; it must be a "
                   "directory that sentineld can write to",
                   options->file, conf->dir, strerror(errno));
    return false;
}

/* A port of the kernel's choice: ours may be in use by the daemon. */
static bool can_bind(const char *ip)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    bool is_six = inet_pton(AF_INET6, ip, &six.sin6_addr) == 1;
    if (!is_six && inet_pton(AF_INET, ip, &four.sin_addr) != 1) {
        return true;
    }
    const struct sockaddr *address =
        is_six ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok =
        descriptor < 0 ||
        bind(descriptor, address, is_six ? sizeof(six) : sizeof(four)) == 0 ||
        errno != EADDRNOTAVAIL;
    if (descriptor >= 0) {
        (void)close(descriptor); /* nothing was done with it */
    }
    return ok;
}

static bool check_binds(const struct options *options, const struct conf *conf,
                        struct error *error)
{
    for (size_t i = 0; i < conf->bind_count; i++) {
        if (!conf->bind_optional[i] && !can_bind(conf->bind[i])) {
            (void)snprintf(error->text, sizeof(error->text),
                           "%.200s: bind: this machine has no address %.100s",
                           options->file, conf->bind[i]);
            return false;
        }
    }
    return true;
}

bool check_start(const struct options *options, const struct conf *conf,
                 struct error *error)
{
    return check_kind(options, conf, error) &&
           check_directory(options, conf, error) &&
           check_binds(options, conf, error);
}

bool check_text(const struct options *options, const char *text,
                struct error *error)
{
    while (*text != '\0') {
        text += strspn(text, " \t\r\n");
        if (*text != '\0' && *text != '#') {
            return true;
        }
        text += strcspn(text, "\n");
    }
    (void)snprintf(error->text, sizeof(error->text),
                   "%.200s: the file is empty: it sets nothing, and watches no "
                   "master",
                   options->file);
    return false;
}
