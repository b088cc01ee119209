/* What the readers of `sentinel` directives share: strict numbers, epochs and
 * addresses, and sentences that begin with the directive's name. */
#include <inttypes.h>
#include <string.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/info.h"
#include "sentineld/memory.h"

/* "file:line: sentinel monitor: sentence". */
bool conf_statement_fail(const struct conf_statement *statement,
                         const char *sentence)
{
    return conf_fail(statement->build, statement->line, "sentinel %s: %s",
                     statement->rule->name, sentence);
}

bool conf_statement_number(const struct conf_statement *statement,
                           const char *word, int64_t *number)
{
    char shown[CONF_SHOWN_SIZE];
    if (parse_integer(word, strlen(word), INT64_MIN, INT64_MAX, number)) {
        return true;
    }
    return conf_fail(statement->build, statement->line,
                     "sentinel %s: \"%s\" is not a number; it must be written "
                     "with digits alone, without a unit",
                     statement->rule->name, conf_shown(word, shown));
}

bool conf_statement_epoch(const struct conf_statement *statement,
                          const char *word, uint64_t *epoch)
{
    char shown[CONF_SHOWN_SIZE];
    if (parse_unsigned(word, strlen(word), EPOCH_MAX, epoch)) {
        return true;
    }
    return conf_fail(statement->build, statement->line,
                     "sentinel %s: \"%s\" is not an epoch; it must be 0 to "
                     "%" PRIu64,
                     statement->rule->name, conf_shown(word, shown), EPOCH_MAX);
}

/* Host and port of a server or peer; the words are next to each other. */
bool conf_statement_address(const struct conf_statement *statement,
                            char *const *words, struct address *address)
{
    int64_t port = 0;
    char shown[CONF_SHOWN_SIZE];
    if (!conf_statement_number(statement, words[1], &port)) {
        return false;
    }
    if (port < 1 || port > 65535) {
        return conf_statement_fail(
            statement, "Invalid port number. It must be 1 to 65535");
    }
    char host[HOST_SIZE];
    copy_text(host, sizeof(host), words[0]);
    if (strlen(words[0]) < sizeof(host)) {
        (void)conf_host_normalize(host);
    }
    const char *fault =
        conf_host_fault(strlen(words[0]) < sizeof(host) ? host : words[0]);
    if (fault != NULL) {
        return conf_fail(statement->build, statement->line,
                         "sentinel %s: Can't resolve instance hostname. \"%s\" "
                         "%s",
                         statement->rule->name, conf_shown(words[0], shown),
                         fault);
    }
    if (!conf_allows_host(statement->build->conf, host)) {
        return conf_fail(statement->build, statement->line,
                         "sentinel %s: Can't resolve instance hostname. \"%s\" "
                         "is no ip address; names need \"sentinel "
                         "resolve-hostnames yes\"",
                         statement->rule->name, conf_shown(words[0], shown));
    }
    copy_text(address->host, sizeof(address->host), host);
    address->port = (uint16_t)port;
    return true;
}

void conf_statement_warn(const struct conf_statement *statement,
                         const char *effect)
{
    conf_warn(statement->build, statement->line, "sentinel %s %s",
              statement->rule->name, effect);
}

/* Letters and digits: ids travel in hellos and event texts. */
bool conf_is_run_id(const char *text)
{
    size_t length = strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return length == RUN_ID_LEN && text[length] == '\0';
}
