/* An existing sentinel.conf of Redis or Valkey, so that it works as it is.
 *
 * The file is read line by line, then the command line's options as if they
 * stood at its end. Ordinary directives count where they stand; those that
 * begin with `sentinel` are queued and evaluated afterwards, as Redis does
 * (conf_redis_sentinel.c). What Redis would refuse is refused with Redis'
 * words; what it accepts and we do nothing about is a warning.
 *
 * The file is never written, and `include` is not followed. */
#include "conf_redis_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"

static bool is_sentinel(const struct conf_directive *directive)
{
    return strcasecmp(directive->line.words[0], "sentinel") == 0;
}

/* Takes over the words; the capacity is the next power of two. */
static void queue(struct conf_redis *redis,
                  const struct conf_directive *directive)
{
    size_t count = redis->queued_count;
    if ((count & (count - 1)) == 0) {
        size_t capacity = count == 0 ? 1 : count * 2;
        redis->queued =
            xrealloc(redis->queued, capacity * sizeof(*redis->queued));
    }
    redis->queued[redis->queued_count++] = *directive;
}

/* Takes over the directive's words. */
static bool read_directive(struct conf_redis *redis,
                           struct conf_directive *directive)
{
    if (directive->line.count > 0 && is_sentinel(directive)) {
        queue(redis, directive);
        return true;
    }
    bool ok = directive->line.count == 0 ||
              conf_redis_read_server(&redis->build, directive);
    conf_words_clear(&directive->line);
    return ok;
}

static bool read_line(struct conf_redis *redis, const char *line, size_t length,
                      unsigned number)
{
    size_t blanks = strspn(line, " \t\r");
    struct conf_directive directive = {.number = number};
    if (blanks >= length || line[blanks] == '#') {
        return true;
    }
    const char *fault = conf_words_split(line, length, &directive.line);
    if (fault != NULL) {
        return conf_fail(&redis->build, number, "%s", fault);
    }
    return read_directive(redis, &directive);
}

/* `first` is the number of the first line; 0 when lines have no numbers. */
static bool read_lines(struct conf_redis *redis, const char *text,
                       unsigned first)
{
    unsigned number = first;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (!read_line(redis, text, length, number)) {
            return false;
        }
        number += first != 0 ? 1 : 0;
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    return true;
}

/* A server that wants a user's name wants his password too. */
static void warn_of_users(struct conf_redis *redis)
{
    struct conf *conf = redis->build.conf;
    for (size_t i = 0; i < conf->group_count; i++) {
        struct conf_known_place place = {0};
        if (conf->logins[i].user[0] == '\0' ||
            conf->logins[i].password[0] != '\0') {
            continue;
        }
        (void)conf_known_find(conf->names, conf->groups[i].name, &place);
        conf_warn(&redis->build, place.line,
                  "%s has an auth-user and no auth-pass: nobody is logged in",
                  conf->groups[i].name);
    }
}

bool conf_redis_parse(const char *text, const char *extra, const char *name,
                      struct conf *conf, struct error *error)
{
    struct conf_redis redis = {0};
    conf_build_init(&redis.build, conf, name, error);
    redis.seeds = conf_seeds_new();
    copy_text(conf->dir, sizeof(conf->dir), "."); /* as Redis: where we are */
    copy_text(conf->syslog_ident, sizeof(conf->syslog_ident), "redis");
    conf->supervised = SUPERVISED_NO;
    conf->tls.client.verify_host = false; /* nor does Redis look */
    bool ok = read_lines(&redis, text, 1) && read_lines(&redis, extra, 0) &&
              conf_redis_settle_tls(&redis.build) &&
              conf_redis_read_sentinel(&redis);
    if (ok) {
        warn_of_users(&redis);
        conf_seeds_finish(redis.seeds, conf);
    }
    for (size_t i = 0; i < redis.queued_count; i++) {
        conf_words_clear(&redis.queued[i].line);
    }
    free(redis.queued);
    conf_known_free(&redis.renamed);
    conf_seeds_free(redis.seeds);
    return conf_build_end(&redis.build, ok);
}

bool conf_redis_options(int count, char *const *arguments, char **lines,
                        struct error *error)
{
    size_t size = 1;
    for (int i = 0; i < count; i++) {
        size += strlen(arguments[i]) * 4 + 4;
    }
    char *out = xmalloc(size);
    *lines = out;
    for (int i = 0; i < count; i++) {
        bool option = strncmp(arguments[i], "--", 2) == 0;
        if (i == 0 && !option) {
            struct conf_build build = {.error = error};
            char shown[CONF_SHOWN_SIZE];
            free(*lines);
            *lines = NULL;
            return conf_fail(&build, 0,
                             "\"%s\" is not expected here; an option begins "
                             "with --, like --port 26380",
                             conf_shown(arguments[i], shown));
        }
        if (i > 0) {
            *out++ = option ? '\n' : ' ';
        }
        out += conf_words_quote(option ? arguments[i] + 2 : arguments[i], out);
    }
    *out = '\0';
    return true;
}
