/* INFO of a Redis or Valkey server -> struct info. */
#ifndef SENTINELD_INFO_H
#define SENTINELD_INFO_H

#include "sentineld/types.h"

/* False when the text holds no role that we know; *info is then untouched.
 * A field with a nonsense value counts as absent. */
bool info_parse(const char *text, size_t length, struct info *info);

/* The word for a role, in INFO and in the reply to ROLE. Whoever follows
 * somebody ends it with "slave" or "replica": KeyDB says "active-replica",
 * Pika "master&&slave" when others copy from it in turn. */
enum role info_role(const char *text, size_t length);

/* Strict decimal (parse.c): the whole text as a program would print it - no
 * sign but '-', no leading zeros - and within the range. Else *value is
 * untouched. */
bool parse_integer(const char *text, size_t length, int64_t minimum,
                   int64_t maximum, int64_t *value);
bool parse_unsigned(const char *text, size_t length, uint64_t maximum,
                    uint64_t *value);

/* host.c: an ip or a host's name, and nothing else. Else host is untouched. */
bool parse_host(const char *text, size_t length, char host[HOST_SIZE]);
bool host_is_name(const char *host);

#endif
