/* Addresses as texts: is it an ip or a name, do two mean the same?
 *
 * Nothing is resolved here, nor could it be: what is known of a name is the ip
 * that it led to last (see alias.c). */
#include <assert.h>
#include <strings.h>

#include "core/model/model.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Four numbers up to 255 between dots, and nothing else. */
static bool is_ipv4(const char *text)
{
    const char *c = text;
    for (int part = 0; part < 4; part++) {
        int value = 0;
        int digits = 0;
        for (; is_digit(*c) && digits < 4; c++, digits++) {
            value = value * 10 + (*c - '0');
        }
        bool leading_zero = digits > 1 && c[-digits] == '0';
        if (digits == 0 || digits > 3 || value > 255 || leading_zero) {
            return false;
        }
        if (part < 3 && *c++ != '.') {
            return false;
        }
    }
    return *c == '\0';
}

/* Eight groups of hex digits between colons; one "::" stands for the zeros
 * that are missing; the last two groups may be written as IPv4. */
static bool is_ipv6(const char *text)
{
    const char *c = text;
    int groups = 0;
    bool gap = false;
    if (c[0] == ':' && c[1] != ':') {
        return false;
    }
    while (*c != '\0' && groups < 8) {
        size_t digits = 0;
        while (digits < 5 && is_hex_digit(c[digits])) {
            digits++;
        }
        if (digits > 0 && c[digits] == '.') {
            groups += 2;
            return is_ipv4(c) && (gap ? groups < 8 : groups == 8);
        }
        if (digits > 4 || (digits == 0 && c[0] != ':')) {
            return false;
        }
        groups += digits > 0 ? 1 : 0;
        c += digits;
        if (c[0] == ':' && c[1] == ':') {
            if (gap) {
                return false;
            }
            gap = true;
            c += 2;
        } else if (c[0] == ':') {
            c++;
            if (*c == '\0') {
                return false;
            }
        } else if (*c != '\0') {
            return false;
        }
    }
    return *c == '\0' && (gap ? groups < 8 : groups == 8);
}

bool host_is_ip(const char *host)
{
    return is_ipv4(host) || is_ipv6(host);
}

void model_address_key(const struct address *address, char *key, size_t size)
{
    char port[8];
    size_t digits = sizeof port;
    unsigned rest = address->port;
    port[--digits] = '\0';
    do {
        port[--digits] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    port[--digits] = ':';
    size_t length = strlen(address->host);
    assert(length + sizeof port - digits <= size);
    for (size_t i = 0; i < length; i++) {
        char c = address->host[i];
        key[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    memcpy(key + length, port + digits, sizeof port - digits);
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

bool instance_is_at(const struct instance *instance,
                    const struct address *address)
{
    if (address_equal(&instance->address, address)) {
        return true;
    }
    return instance->ip[0] != '\0' && instance->address.port == address->port &&
           strcasecmp(instance->ip, address->host) == 0;
}

bool instance_is_same(const struct instance *a, const struct instance *b)
{
    if (instance_is_at(a, &b->address) || instance_is_at(b, &a->address)) {
        return true;
    }
    return a->ip[0] != '\0' && a->address.port == b->address.port &&
           strcasecmp(a->ip, b->ip) == 0;
}
