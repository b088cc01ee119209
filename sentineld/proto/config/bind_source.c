/* The addresses that connections come from: at most one of each kind. */
#include <string.h>

#include "proto/config/config.h"
#include "sentineld/memory.h"
#include "sentineld/model.h"

static bool is_ipv6(const char *ip)
{
    return strchr(ip, ':') != NULL;
}

/* The next word of *list into `word`; false when there is none. One that is
 * too long for an address is cut, and is none then. */
static bool next_word(const char **list, char word[HOST_SIZE])
{
    *list += strspn(*list, " ");
    size_t length = strcspn(*list, " ");
    size_t kept = length < HOST_SIZE - 1 ? length : HOST_SIZE - 1;
    memcpy(word, *list, kept);
    word[kept] = '\0';
    *list += length;
    return length > 0;
}

const char *conf_source_fault(const char *list)
{
    size_t found[2] = {0};
    char word[HOST_SIZE];
    while (next_word(&list, word)) {
        if (!host_is_ip(word)) {
            return "has a word that is no ip address";
        }
        if (++found[is_ipv6(word) ? 1 : 0] > 1) {
            return "has two addresses of one kind; one is used";
        }
    }
    return NULL;
}

const char *conf_find_source(const struct conf *conf, const char *ip,
                             char source[HOST_SIZE])
{
    const char *list = conf->bind_source;
    while (next_word(&list, source)) {
        if (is_ipv6(source) == is_ipv6(ip)) {
            return source;
        }
    }
    return NULL;
}
