/* May this user do that? One of his selectors must allow all of it: the
 * command and every channel that it names. There are no keys here, so what
 * is said about keys never matters.
 *
 * What may be said before logging in may be said by everybody. Taking a
 * subscription back needs no permission beyond the command's. */
#include <string.h>
#include <strings.h>

#include "proto/acl/acl.h"
#include "proto/text/text.h"

/* "ping|hi" for PING HI; commands with subcommands never come here. */
static bool is_first_argument(const char *rule, size_t name_length,
                              const struct acl_request *request)
{
    const char *argument = rule + name_length + 1;
    return rule[name_length] == '|' && request->argc > 1 &&
           strlen(argument) == request->lengths[1] &&
           strncasecmp(argument, request->argv[1], request->lengths[1]) == 0;
}

/* `rule` is "@admin", "sentinel", "sentinel|set" or "ping|hi". */
static bool is_about(const char *rule, const struct acl_request *request)
{
    const struct command_place *asked = &request->command;
    char name[SESSION_TEXT_SIZE];
    if (rule[0] == '@') {
        unsigned category = acl_find_category(rule + 1, strlen(rule + 1));
        return acl_is_in_category(asked->command, category);
    }
    command_full_name(asked->container, asked->command, name);
    if (strcmp(rule, name) == 0) {
        return true;
    }
    if (asked->container != NULL) {
        return strcmp(rule, asked->container->name) == 0;
    }
    size_t length = strlen(name);
    return strncmp(rule, name, length) == 0 &&
           is_first_argument(rule, length, request);
}

static bool allows_command(const struct acl_selector *selector,
                           const struct acl_request *request)
{
    bool allowed = selector->all_commands;
    if ((request->command.command->flags & COMMAND_NO_AUTH) != 0) {
        return true;
    }
    for (size_t i = 0; i < selector->commands.count; i++) {
        const char *rule = selector->commands.items[i];
        if ((rule[0] == '+') != allowed && is_about(rule + 1, request)) {
            allowed = rule[0] == '+';
        }
    }
    return allowed;
}

static bool allows_channel(const struct acl_selector *selector,
                           const struct acl_word *channel, bool is_pattern)
{
    if (selector->all_channels) {
        return true;
    }
    for (size_t i = 0; i < selector->channels.count; i++) {
        const char *given = selector->channels.items[i] + 1;
        size_t length = strlen(given);
        bool same = length == channel->length &&
                    memcmp(given, channel->text, length) == 0;
        if (same || (!is_pattern && glob_match(given, length, channel->text,
                                               channel->length, false))) {
            return true;
        }
    }
    return false;
}

/* Which words of a command are channels. */
struct channel_words {
    size_t first;
    size_t end;
    bool are_patterns;
};

static struct channel_words find_channels(const struct acl_request *request)
{
    const char *name = request->command.command->name;
    size_t argc = request->argc;
    bool patterns = strcmp(name, "psubscribe") == 0;
    if (request->command.container != NULL) {
        return (struct channel_words){0};
    }
    if (strcmp(name, "publish") == 0) {
        return (struct channel_words){1, argc < 2 ? argc : 2, false};
    }
    if (patterns || strcmp(name, "subscribe") == 0) {
        return (struct channel_words){1, argc, patterns};
    }
    return (struct channel_words){0};
}

static enum acl_verdict check_selector(const struct acl_selector *selector,
                                       const struct acl_request *request,
                                       size_t *index)
{
    struct channel_words words = find_channels(request);
    if (!allows_command(selector, request)) {
        *index = 0;
        return ACL_NO_COMMAND;
    }
    for (size_t i = words.first; i < words.end; i++) {
        struct acl_word channel = {request->argv[i], request->lengths[i]};
        if (!allows_channel(selector, &channel, words.are_patterns)) {
            *index = i;
            return ACL_NO_CHANNEL;
        }
    }
    return ACL_ALLOWED;
}

/* Refused by all: told is what came furthest. */
enum acl_verdict acl_check(const struct acl_user *user,
                           const struct acl_request *request, size_t *index)
{
    enum acl_verdict verdict = ACL_NO_COMMAND;
    *index = 0;
    for (size_t i = 0; i < user->selector_count; i++) {
        size_t where;
        enum acl_verdict one =
            check_selector(&user->selectors[i], request, &where);
        if (one == ACL_ALLOWED) {
            return one;
        }
        if (one > verdict || (one == verdict && where > *index)) {
            verdict = one;
            *index = where;
        }
    }
    return verdict;
}

bool acl_may_listen(const struct acl_user *user, const struct acl_word *channel,
                    bool is_pattern)
{
    for (size_t i = 0; i < user->selector_count; i++) {
        if (allows_channel(&user->selectors[i], channel, is_pattern)) {
            return true;
        }
    }
    return false;
}
