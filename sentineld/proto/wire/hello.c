/* The text that supervisors tell each other on __sentinel__:hello:
 *
 *   ip,port,run id,current epoch,group,master ip,master port,config epoch
 *
 * Anybody who can publish on a monitored server can write one, so reading is
 * strict: a text that is not exactly this is dropped as a whole. The format
 * has no quoting; a name with a comma in it cannot be told, and such names
 * are refused where they are configured.
 *
 * Whether the sender is known, and what his words change, is not decided
 * here. */
#include "proto/wire/wire.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sentineld/info.h"

enum { FIELD_COUNT = 8 };

struct field {
    const char *text;
    size_t length;
};

static bool split_fields(const char *text, size_t length,
                         struct field fields[FIELD_COUNT])
{
    size_t count = 0;
    size_t start = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && text[i] != ',') {
            continue;
        }
        if (count == FIELD_COUNT) {
            return false;
        }
        fields[count++] = (struct field){text + start, i - start};
        start = i + 1;
    }
    return count == FIELD_COUNT;
}

/* A group's name may have blanks and bytes of UTF-8 in it. */
static bool is_plain(struct field field)
{
    for (size_t i = 0; i < field.length; i++) {
        unsigned char byte = (unsigned char)field.text[i];
        if (byte < ' ' || byte == 0x7f) {
            return false;
        }
    }
    return true;
}

/* Run ids end up as words of event texts and in files. */
static bool is_alphanumeric(struct field field)
{
    for (size_t i = 0; i < field.length; i++) {
        char c = field.text[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
            !(c >= 'A' && c <= 'Z')) {
            return false;
        }
    }
    return true;
}

static bool take_text(struct field field, char *target, size_t size)
{
    if (field.length == 0 || field.length >= size) {
        return false;
    }
    memcpy(target, field.text, field.length);
    target[field.length] = '\0';
    return true;
}

static bool take_address(const struct field pair[2], struct address *address)
{
    uint64_t port;
    if (!parse_host(pair[0].text, pair[0].length, address->host) ||
        !parse_unsigned(pair[1].text, pair[1].length, UINT16_MAX, &port) ||
        port == 0) {
        return false;
    }
    address->port = (uint16_t)port;
    return true;
}

static bool take_run_id(struct field field, char run_id[RUN_ID_SIZE])
{
    return field.length == RUN_ID_LEN && is_alphanumeric(field) &&
           take_text(field, run_id, RUN_ID_SIZE);
}

static bool take_epoch(struct field field, uint64_t *epoch)
{
    return parse_unsigned(field.text, field.length, EPOCH_MAX, epoch);
}

bool hello_parse(const char *text, size_t length, struct hello *hello)
{
    struct field fields[FIELD_COUNT];
    struct hello read = {0};
    if (!split_fields(text, length, fields) ||
        !take_address(&fields[0], &read.sentinel) ||
        !take_run_id(fields[2], read.run_id) ||
        !take_epoch(fields[3], &read.current_epoch) || !is_plain(fields[4]) ||
        !take_text(fields[4], read.group, sizeof read.group) ||
        !take_address(&fields[5], &read.master) ||
        !take_epoch(fields[7], &read.config_epoch)) {
        return false;
    }
    *hello = read;
    return true;
}

size_t hello_format(const struct hello *hello, char text[HELLO_TEXT_SIZE])
{
    int length = snprintf(
        text, HELLO_TEXT_SIZE, "%s,%u,%s,%" PRIu64 ",%s,%s,%u,%" PRIu64,
        hello->sentinel.host, (unsigned)hello->sentinel.port, hello->run_id,
        hello->current_epoch, hello->group, hello->master.host,
        (unsigned)hello->master.port, hello->config_epoch);
    assert(length > 0 && length < HELLO_TEXT_SIZE);
    return (size_t)length;
}
