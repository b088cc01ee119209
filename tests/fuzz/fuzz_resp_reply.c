/* Replies: any bytes, whole and in pieces, must give as many replies and
 * the same end. The first byte says how large the pieces are. What a reply
 * looks like inside is hiredis' affair. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sentineld/resp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct resp_limits limits = {
    .max_arguments = 16,
    .max_bulk_bytes = 64,
    .max_inline_bytes = 48,
    .max_buffered_bytes = 1 << 20,
};

static void read_in_pieces(const char *data, size_t size, size_t piece,
                           struct buffer *out)
{
    struct resp_reader *reader = resp_reader_new(&limits);
    enum resp_result result = RESP_MORE;
    size_t count = 0;
    for (size_t at = 0; at < size && result == RESP_MORE; at += piece) {
        struct redisReply *reply;
        size_t length = size - at < piece ? size - at : piece;
        bool is_fed = resp_feed(reader, data + at, length);
        assert(is_fed);
        while ((result = resp_next_reply(reader, &reply)) == RESP_OK) {
            assert(reply != NULL);
            count++;
            resp_reply_free(reply);
        }
    }
    const char *error = resp_reader_error(reader);
    assert(result == RESP_MORE || result == RESP_BROKEN);
    assert((result == RESP_BROKEN) == (error[0] != '\0'));
    /* the walk over the bytes refuses all that hiredis would refuse */
    assert(strcmp(error, "Protocol error: a bad reply") != 0);
    (void)buffer_append(out, &count, sizeof count);
    (void)buffer_append(out, error, strlen(error));
    (void)buffer_append(out, &result, sizeof result);
    resp_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > limits.max_buffered_bytes) {
        return 0;
    }
    struct buffer whole;
    struct buffer pieces;
    const char *text = (const char *)data + 1;
    buffer_init(&whole, SIZE_MAX);
    buffer_init(&pieces, SIZE_MAX);
    read_in_pieces(text, size - 1, size, &whole);
    read_in_pieces(text, size - 1, 1 + data[0] % 16, &pieces);
    assert(whole.length == pieces.length);
    assert(memcmp(whole.data, pieces.data, whole.length) == 0);
    buffer_clear(&whole);
    buffer_clear(&pieces);
    return 0;
}
