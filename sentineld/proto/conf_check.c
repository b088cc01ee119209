/* Is this text fit to be a group's name, a host, an ip address?
 *
 * A group's name travels in hello messages between commas, in event texts
 * between blanks, and in files of Redis' between quotes; a name that holds
 * one of these breaks its readers, so it is refused where it is given.
 *
 * Hosts are judged by their shape only. Whether a name has an address is
 * found out by the resolver, each time anew. */
#include "conf_private.h"

#include <string.h>

enum { HOST_NAME_MAX_LENGTH = 253, LABEL_MAX_LENGTH = 63 };

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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
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

const char *conf_path_fault(const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            return "has a control character";
        }
    }
    return strlen(path) >= SCRIPT_PATH_SIZE ? "is longer than 255 bytes" : NULL;
}

bool conf_is_ip(const char *text)
{
    return is_ipv4(text) || is_ipv6(text);
}

/* Letters, digits, '-' and '_' (which people use) between dots; not all
 * digits, or 10.0.0.300 and 1234 would be names. */
static bool is_host_name(const char *text)
{
    size_t label = 0;
    bool letters = false;
    if (strlen(text) > HOST_NAME_MAX_LENGTH) {
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
        if ((label == 0 && *c == '-') || ++label > LABEL_MAX_LENGTH) {
            return false;
        }
        letters = letters || !is_digit(*c);
    }
    return letters;
}

const char *conf_host_fault(const char *host)
{
    if (host[0] == '\0') {
        return "is empty";
    }
    if (!conf_is_ip(host) && !is_host_name(host)) {
        return "is neither an ip address nor a host name";
    }
    return NULL;
}
