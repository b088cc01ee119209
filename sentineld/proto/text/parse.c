/* Strict numbers, for everything that comes in as text.
 *
 * The whole text must be one decimal number as a program would print it: no
 * blanks, no '+', no leading zeros, and within the range that the caller
 * names. So "10s", "0x10" and "1e3" are refused instead of half read. */
#include "sentineld/info.h"

/* Digits only; `maximum` may be anything up to UINT64_MAX. */
bool parse_unsigned(const char *text, size_t length, uint64_t maximum,
                    uint64_t *value)
{
    if (length == 0 || (text[0] == '0' && length > 1)) {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > maximum || number > (maximum - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool parse_integer(const char *text, size_t length, int64_t minimum,
                   int64_t maximum, int64_t *value)
{
    bool negative = length > 0 && text[0] == '-';
    uint64_t size;
    uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    if (!parse_unsigned(text + negative, length - negative, most, &size) ||
        (negative && size == 0)) {
        return false;
    }
    int64_t number = negative ? -(int64_t)(size - 1) - 1 : (int64_t)size;
    if (number < minimum || number > maximum) {
        return false;
    }
    *value = number;
    return true;
}
