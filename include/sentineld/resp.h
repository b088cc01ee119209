/* RESP with limits: what comes in, over hiredis' reader; what goes out. */
#ifndef SENTINELD_RESP_H
#define SENTINELD_RESP_H

#include "sentineld/buffer.h"
#include "sentineld/types.h"

struct redisReply;
struct resp_reader;

enum resp_result {
    RESP_MORE,   /* not whole yet */
    RESP_OK,     /* one whole value */
    RESP_BROKEN, /* a protocol error; the connection is to be closed */
    RESP_QUIET,  /* requests: close without a word (POST, Host:) */
};

struct resp_limits {
    size_t max_arguments;      /* of one request, or elements of one array */
    size_t max_bulk_bytes;     /* of one string, status or error */
    size_t max_inline_bytes;   /* of an inline request, or a header line */
    size_t max_buffered_bytes; /* unparsed input held at any time */
};

/* One request of a client; borrowed until the next call on the reader.
 * Arguments are binary-safe and also end in a NUL. */
struct resp_request {
    size_t argc;
    const char *const *argv;
    const size_t *lengths;
};

struct resp_reader *resp_reader_new(const struct resp_limits *limits);
void resp_reader_free(struct resp_reader *reader);
/* False, and nothing taken, when the input limit is passed, which is lower for
 * a guest: close the connection. Ends what the last request borrowed. After
 * RESP_BROKEN or RESP_QUIET everything is thrown away. */
bool resp_feed(struct resp_reader *reader, const char *data, size_t length);
/* RESP_OK: *reply is owned by the caller (resp_reply_free). RESP2 only. */
enum resp_result resp_next_reply(struct resp_reader *reader,
                                 struct redisReply **reply);
void resp_reply_free(struct redisReply *reply);
/* RESP arrays of bulk strings and inline commands. An empty request (blank
 * line, *0) is skipped. */
enum resp_result resp_next_request(struct resp_reader *reader,
                                   struct resp_request *request);
/* Requests of one who has not logged in: while `guest`, they are short. */
void resp_reader_set_guest(struct resp_reader *reader, bool guest);
/* How many bytes are held that belong to no request that was handed out. */
size_t resp_unparsed(const struct resp_reader *reader);
/* After RESP_BROKEN, or when feeding failed: the text for an error reply,
 * "Protocol error: ...". */
const char *resp_reader_error(const struct resp_reader *reader);

/* Writing. `protocol` is 2 or 3: maps, nulls and pushes differ. */
struct resp_writer {
    struct buffer *out;
    unsigned protocol;
};
void resp_status(struct resp_writer *writer, const char *text);
/* `text` begins with its code ("NOAUTH ..."); one that begins with a blank-
 * free word in capitals is sent as it is; use resp_err for plain ERR. CR and
 * LF inside become blanks. */
void resp_error(struct resp_writer *writer, const char *text);
void resp_err(struct resp_writer *writer, const char *format, ...)
    PRINTF_LIKE(2, 3); /* "-ERR " and the sentence */
void resp_integer(struct resp_writer *writer, int64_t value);
void resp_bulk(struct resp_writer *writer, const void *data, size_t length);
void resp_string(struct resp_writer *writer, const char *text); /* bulk */
void resp_number(struct resp_writer *writer, uint64_t value);   /* as bulk */
void resp_array(struct resp_writer *writer, size_t count);
void resp_map(struct resp_writer *writer, size_t pairs);
void resp_push(struct resp_writer *writer, size_t count);
void resp_set(struct resp_writer *writer, size_t count); /* no order */
/* A text for people to read: "txt", as RESP3 has it. */
void resp_verbatim(struct resp_writer *writer, const void *data, size_t length);
void resp_null(struct resp_writer *writer);       /* $-1 or _ */
void resp_null_array(struct resp_writer *writer); /* *-1 or _ */
/* A whole command as an array of bulk strings, for what we send. */
void resp_command(struct buffer *out, size_t argc, const char *const *argv);

#endif
