/* Tells systemd how we are: one datagram for each message, to the socket that
 * the environment names. The protocol is that of sd_notify(3); a name that
 * begins with @ is in the abstract namespace. */
#include "io/start/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sentineld/info.h"

enum { MICROSECONDS = 1000000 };

bool supervise_is_asked(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    return name != NULL && name[0] != '\0';
}

/* The length of the address, or 0 when the name is none. */
static socklen_t make_address(const char *name, struct sockaddr_un *address)
{
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') ||
        length >= sizeof(address->sun_path)) {
        errno = EINVAL;
        return 0;
    }
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, name, length);
    if (name[0] == '@') {
        address->sun_path[0] = '\0';
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

bool supervise_tell(const char *words)
{
    struct sockaddr_un address;
    if (!supervise_is_asked()) {
        return true;
    }
    socklen_t length = make_address(getenv("NOTIFY_SOCKET"), &address);
    if (length == 0) {
        return false;
    }
    int descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (descriptor < 0) {
        return false;
    }
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    ssize_t sent =
        sendto(descriptor, words, strlen(words), MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)&address, length);
    int reason = errno;
    (void)close(descriptor); /* the datagram has left, or will not */
    errno = reason;
    return sent >= 0;
}

double supervise_watchdog_s(void)
{
    const char *text = getenv("WATCHDOG_USEC");
    const char *whose = getenv("WATCHDOG_PID");
    uint64_t interval_us = 0;
    uint64_t process_id = 0;
    if (text == NULL || !supervise_is_asked() ||
        !parse_unsigned(text, strlen(text), INT64_MAX, &interval_us)) {
        return 0.0;
    }
    if (whose != NULL &&
        (!parse_unsigned(whose, strlen(whose), INT32_MAX, &process_id) ||
         process_id != (uint64_t)getpid())) {
        return 0.0;
    }
    return (double)interval_us / MICROSECONDS / 2;
}
