/* What may stand for a host: an ip, or a name of letters, digits, '-' and '_'
 * (which people use) between dots.
 *
 * Hosts come from files, from operators and from whoever can publish a hello
 * or answers INFO; they are shown to clients and are arguments of the
 * operator's scripts. So nothing that a shell, or an option parser, would take
 * for something else is a host. Judged is the shape alone: whether a name has
 * an address is found out by the resolver. */
#include <string.h>

#include "sentineld/info.h"
#include "sentineld/model.h"

enum { NAME_LENGTH_MAX = 253, LABEL_LENGTH_MAX = 63 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Not all digits, or 10.0.0.300 and 1234 would be names. */
bool host_is_name(const char *text)
{
    size_t label = 0;
    bool letters = false;
    if (strlen(text) > NAME_LENGTH_MAX) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
            continue;
        }
        if (!is_letter(*c) && !is_digit(*c) && *c != '-' && *c != '_') {
            return false;
        }
        if ((label == 0 && *c == '-') || ++label > LABEL_LENGTH_MAX) {
            return false;
        }
        letters = letters || !is_digit(*c);
    }
    return letters;
}

/* "fe80::1%eth0": an ip of this link, and which link. */
static bool is_scoped_ip(const char *text)
{
    char ip[HOST_SIZE];
    size_t length = strcspn(text, "%");
    if (text[length] == '\0' || memchr(text, ':', length) == NULL) {
        return false;
    }
    memcpy(ip, text, length);
    ip[length] = '\0';
    return host_is_ip(ip) && host_is_name(text + length + 1);
}

bool parse_host(const char *text, size_t length, char host[HOST_SIZE])
{
    char copy[HOST_SIZE];
    if (length == 0 || length >= HOST_SIZE ||
        memchr(text, '\0', length) != NULL) {
        return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!host_is_ip(copy) && !host_is_name(copy) && !is_scoped_ip(copy)) {
        return false;
    }
    memcpy(host, copy, length + 1);
    return true;
}
