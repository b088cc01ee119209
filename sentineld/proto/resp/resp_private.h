/* What the parts of the RESP reader share: resp_read.c (input, lines),
 * resp_request.c (arrays of bulk strings), resp_inline.c (words between
 * blanks) and resp_reply.c (over hiredis).
 *
 * The value under way begins at `position` of the input; `cursor`,
 * `searched` and the offsets of arguments count from there, so they survive
 * when the input moves in memory. */
#ifndef SENTINELD_RESP_PRIVATE_H
#define SENTINELD_RESP_PRIVATE_H

#include "sentineld/resp.h"

struct redisReader;

enum {
    REPLY_DEPTH_MAX = 7, /* what hiredis can nest, too */
    READER_ERROR_SIZE = 80,
};

struct resp_reader {
    struct resp_limits limits;
    struct buffer input;
    size_t position;
    size_t cursor;   /* what is before it is understood */
    size_t searched; /* no line ends between cursor and here */
    bool finished;   /* the value under way is handed out */
    bool is_guest;   /* requests must be short */
    /* RESP_OK while all is well; else the answer to everything */
    enum resp_result fate;
    char error[READER_ERROR_SIZE];

    bool in_bulk; /* its header is read, its bytes are not all here */
    size_t bulk_length;

    /* a request */
    bool in_array;  /* its header is read */
    size_t missing; /* arguments to come */
    size_t argc;
    size_t argument_room;
    size_t *offsets;
    size_t *lengths;
    const char **argv;

    /* a reply */
    size_t open[REPLY_DEPTH_MAX]; /* elements to come of each open array */
    size_t depth;
    struct redisReader *hiredis; /* NULL until a reply is whole */
};

struct resp_line {
    char *text; /* in the input; the byte after it may be overwritten */
    size_t length;
    bool has_cr; /* ended in \r\n, not in \n alone */
};

/* The input from `position` on, and how much of it there is. */
char *resp_input(const struct resp_reader *reader);
size_t resp_available(const struct resp_reader *reader);

/* The next line; moves the cursor behind it. RESP_BROKEN when it is longer
 * than `limit` or must become so. */
enum resp_result resp_take_line(struct resp_reader *reader, size_t limit,
                                struct resp_line *line);
/* After in_bulk was set: waits for the bytes and their \r\n; then moves the
 * cursor behind them. RESP_BROKEN when something else follows. */
enum resp_result resp_take_bulk(struct resp_reader *reader);

/* Forgets the value that was handed out, if any. */
void resp_begin(struct resp_reader *reader);

/* Notes the error for good; returns RESP_BROKEN. */
enum resp_result resp_break(struct resp_reader *reader, const char *reason);

/* One more argument of the request; false when there are too many. */
bool resp_add_argument(struct resp_reader *reader, size_t offset,
                       size_t length);

/* Splits a line into arguments, in place. False: unbalanced quotes, or
 * (*too_many) more words than allowed. */
bool resp_split_inline(struct resp_reader *reader, const struct resp_line *line,
                       bool *too_many);

#endif
