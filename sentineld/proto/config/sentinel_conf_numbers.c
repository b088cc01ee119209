/* The ordinary directives of a sentinel.conf whose value is a number, each with
 * the key of our own file that means the same.
 *
 * What Redis refuses is refused with its words. What it takes and is outside
 * our range is brought into it, with a warning, so that the file works. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sentinel_conf.h"
#include "sentineld/info.h"

static const struct number_rule {
    const char *name;
    const char *key;
    int64_t least; /* in Redis */
    int64_t most;
} rules[] = {
    {"maxclients", "max_clients", 1, UINT32_MAX},
    {"timeout", "client_timeout_s", 0, INT32_MAX},
    {"tcp-backlog", "tcp_backlog", 0, INT32_MAX},
    {"tcp-keepalive", "tcp_keepalive_s", 0, INT32_MAX},
    {"acllog-max-len", "acllog_max_len", 0, INT64_MAX},
};

static const struct number_rule *find_rule(const char *name)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (strcasecmp(rules[i].name, name) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

bool sentinel_conf_is_number(const char *name)
{
    return find_rule(name) != NULL;
}

static bool refuse_range(struct conf_build *build,
                         const struct conf_directive *directive,
                         const struct number_rule *rule)
{
    char sentence[CONF_SHOWN_SIZE];
    (void)snprintf(sentence, sizeof(sentence),
                   "argument must be between %" PRId64 " and %" PRId64
                   " inclusive",
                   rule->least, rule->most);
    return conf_directive_fail(build, directive, sentence);
}

static uint64_t bring_into_range(struct conf_build *build,
                                 const struct conf_directive *directive,
                                 const struct number_rule *rule,
                                 uint64_t number)
{
    const struct setting_row *key = setting_find(&daemon_table, rule->key);
    uint64_t near = number < key->minimum   ? key->minimum
                    : number > key->maximum ? key->maximum
                                            : number;
    if (near != number) {
        conf_warn(build, directive->number,
                  "%s: %" PRIu64 " is taken for %" PRIu64
                  ", the %s that is possible",
                  rule->name, number, near, near < number ? "most" : "least");
    }
    return near;
}

bool sentinel_conf_read_number(struct conf_build *build,
                               const struct conf_directive *directive)
{
    const struct number_rule *rule = find_rule(directive->line.words[0]);
    int64_t number = 0;
    if (directive->line.count != 2) {
        return conf_directive_fail(build, directive,
                                   "wrong number of arguments");
    }
    const char *word = directive->line.words[1];
    if (!parse_integer(word, strlen(word), INT64_MIN, INT64_MAX, &number)) {
        return conf_directive_fail(
            build, directive, "argument couldn't be parsed into an integer");
    }
    if (number < rule->least || number > rule->most) {
        return refuse_range(build, directive, rule);
    }
    setting_set_number(
        setting_find(&daemon_table, rule->key), build->conf,
        bring_into_range(build, directive, rule, (uint64_t)number));
    return true;
}
