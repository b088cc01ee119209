/* For the tests of the RESP reader: what is read of a text, as one text. */
#ifndef SENTINELD_TESTS_RESP_SUPPORT_H
#define SENTINELD_TESTS_RESP_SUPPORT_H

#include "sentineld/resp.h"

#define TEN     "0123456789"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define BROKEN  "! Protocol error: "

/* At most 8 arguments, 100 bytes in one, 64 in a line, 1000 in all. */
extern const struct resp_limits resp_support_limits;

/* What was read: requests as (a|b), replies as (+OK) or, flat, ([2 :1 'x');
 * then how it ended: "." waits for more, "quiet", or "! error". */
struct resp_support_row {
    const char *name;
    const char *text;
    size_t length; /* 0 = strlen */
    const char *expected;
};

/* Reads the row's text whole and in pieces of 1, 2, 3, 5 and 7 bytes. Returns
 * how often something else came out, and prints it. */
int resp_support_check_row(const struct resp_support_row *row, bool requests);

#endif
