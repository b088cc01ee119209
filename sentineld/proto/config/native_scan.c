/* Finds, before libconfig reads a text, what libconfig would let through:
 *
 *  - @include: it would open and read files, here where no file may be read;
 *  - an integer of more than 32 bits without an L: it would be cut silently,
 *    and 4294967297 would be taken for 1;
 *  - an integer of more than 64 bits;
 *  - a text or comment that is never closed: the syntax error would name the
 *    file's last line, not the one where it begins.
 *
 * It knows just enough of the syntax for that: comments, texts, names and
 * numbers. Everything else is passed over and left to libconfig. */
#include "proto/config/config.h"

#include <stdint.h>
#include <string.h>

#include "sentineld/memory.h"

struct scan {
    struct conf_build *build;
    const char *at;
    unsigned line;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*';
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '_';
}

static void skip_line(struct scan *scan)
{
    while (*scan->at != '\0' && *scan->at != '\n') {
        scan->at++;
    }
}

static bool skip_comment(struct scan *scan)
{
    unsigned begin = scan->line;
    for (scan->at += 2; *scan->at != '\0'; scan->at++) {
        if (scan->at[0] == '*' && scan->at[1] == '/') {
            scan->at += 2;
            return true;
        }
        scan->line += *scan->at == '\n' ? 1 : 0;
    }
    return conf_fail(scan->build, begin,
                     "the comment that begins here has no end; it must end "
                     "with */");
}

static bool skip_text(struct scan *scan)
{
    unsigned begin = scan->line;
    for (scan->at++; *scan->at != '\0'; scan->at++) {
        if (*scan->at == '"') {
            scan->at++;
            return true;
        }
        if (*scan->at == '\\' && scan->at[1] != '\0') {
            scan->at++;
        }
        scan->line += *scan->at == '\n' ? 1 : 0;
    }
    return conf_fail(scan->build, begin,
                     "the text that begins here has no end; it must end with "
                     "a \"");
}

/* The value of the digits, or UINT64_MAX when it is larger than that. */
static uint64_t digits_value(const char *digits, size_t length, uint64_t base)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        char c = digits[i];
        uint64_t digit = is_digit(c) ? (uint64_t)(c - '0')
                                     : (uint64_t)((c | 0x20) - 'a') + 10;
        if (value > (UINT64_MAX - digit) / base) {
            return UINT64_MAX;
        }
        value = value * base + digit;
    }
    return value;
}

static bool check_number(struct scan *scan)
{
    const char *start = scan->at;
    bool hex = start[0] == '0' && (start[1] | 0x20) == 'x';
    const char *digits = hex ? start + 2 : start;
    size_t length =
        strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");
    uint64_t value = digits_value(digits, length, hex ? 16 : 10);
    char number[CONF_SHOWN_SIZE];
    scan->at = digits + length;
    if (!hex && (*scan->at == '.' || (*scan->at | 0x20) == 'e')) {
        return true; /* not an integer */
    }
    copy_text(number, sizeof(number), start);
    if ((size_t)(scan->at - start) < sizeof(number)) {
        number[scan->at - start] = '\0';
    }
    if (value > INT64_MAX) {
        return conf_fail(scan->build, scan->line,
                         "%.40s is larger than any value here may be", number);
    }
    if (*scan->at == 'L' || value <= INT32_MAX) {
        return true;
    }
    return conf_fail(scan->build, scan->line,
                     "%.40s needs more than 32 bits; such a value is written "
                     "with an L at its end: %.40sL",
                     number, number);
}

static bool scan_next(struct scan *scan)
{
    const char *c = scan->at;
    if (*c == '#' || (c[0] == '/' && c[1] == '/')) {
        skip_line(scan);
        return true;
    }
    if (c[0] == '/' && c[1] == '*') {
        return skip_comment(scan);
    }
    if (*c == '"') {
        return skip_text(scan);
    }
    if (*c == '@') {
        return conf_fail(scan->build, scan->line,
                         "@include is not supported; put the whole "
                         "configuration into one file");
    }
    if (is_name_start(*c)) {
        while (is_name_part(*scan->at)) {
            scan->at++;
        }
        return true;
    }
    if (is_digit(*c)) {
        return check_number(scan);
    }
    scan->line += *c == '\n' ? 1 : 0;
    scan->at++;
    return true;
}

bool native_scan(struct conf_build *build, const char *text)
{
    struct scan scan = {.build = build, .at = text, .line = 1};
    while (*scan.at != '\0') {
        if (!scan_next(&scan)) {
            return false;
        }
    }
    return true;
}
