/* Is this text fit to be a group's name, or a host?
 *
 * A group's name travels in hello messages between commas, in event texts
 * between blanks, and in files of Redis' between quotes; a name that holds
 * one of these breaks its readers, so it is refused where it is given. What
 * may be a host says host.c. */
#include "proto/config/config.h"

#include <stdio.h>
#include <string.h>

#include "sentineld/info.h"
#include "sentineld/model.h"

const char *conf_name_fault(const char *name)
{
    if (name[0] == '\0') {
        return "is empty";
    }
    if (strlen(name) >= NAME_SIZE) {
        return "is longer than 127 bytes";
    }
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == ' ') {
            return "has a blank";
        }
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "has a control character";
        }
        if (*c == ',') {
            return "has a comma";
        }
        if (*c == '"' || *c == '\'') {
            return "has a quote";
        }
    }
    return NULL;
}

const char *conf_text_fault(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "has a control character";
        }
    }
    return NULL;
}

const char *conf_path_fault(const char *path)
{
    const char *fault = conf_text_fault(path);
    if (fault != NULL) {
        return fault;
    }
    return strlen(path) >= SCRIPT_PATH_SIZE ? "is longer than 255 bytes" : NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f';
}

/* One part of such an address: decimal, 0x hexadecimal or 0 octal. False: it is
 * none, or too large. */
static bool read_part(const char **text, uint32_t *value)
{
    bool hex = (*text)[0] == '0' && ((*text)[1] | 0x20) == 'x';
    uint32_t base = hex ? 16 : (*text)[0] == '0' ? 8 : 10;
    const char *c = *text + (hex ? 2 : 0);
    uint64_t sum = 0;
    const char *first = c;
    for (; is_digit(*c) || (hex && is_hex_letter(*c)); c++) {
        uint32_t digit = is_digit(*c) ? (uint32_t)(*c - '0')
                                      : (uint32_t)((*c | 0x20) - 'a') + 10;
        if (digit >= base) {
            return false;
        }
        sum = sum * base + digit;
        if (sum > UINT32_MAX) {
            return false;
        }
    }
    bool some = c > first;
    *text = c;
    *value = (uint32_t)sum;
    return some;
}

/* The last of up to four parts fills what the others leave. */
static bool read_as_inet_aton(const char *text, uint32_t *ip)
{
    uint32_t parts[4] = {0};
    size_t count = 0;
    for (;; text++) {
        if (count == 4 || !read_part(&text, &parts[count++])) {
            return false;
        }
        if (*text != '.') {
            break;
        }
    }
    uint32_t last = parts[count - 1];
    uint64_t most = (UINT64_C(1) << (8 * (5 - count))) - 1;
    *ip = last;
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255) {
            return false;
        }
        *ip |= parts[i] << (24 - 8 * i);
    }
    return *text == '\0' && last <= most;
}

bool conf_host_normalize(char host[HOST_SIZE])
{
    uint32_t ip = 0;
    if (!host_is_ip(host) && read_as_inet_aton(host, &ip)) {
        (void)snprintf(host, HOST_SIZE, "%u.%u.%u.%u", (unsigned)(ip >> 24),
                       (unsigned)(ip >> 16 & 255), (unsigned)(ip >> 8 & 255),
                       (unsigned)(ip & 255));
    }
    return true;
}

bool conf_allows_host(const struct conf *conf, const char *host)
{
    return conf->settings.resolve_hostnames || host_is_ip(host);
}

const char *conf_host_fault(const char *host)
{
    if (host[0] == '\0') {
        return "is empty";
    }
    if (!host_is_ip(host) && !host_is_name(host)) {
        return "is neither an ip address nor a host name";
    }
    return NULL;
}
