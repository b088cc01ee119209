/* An existing sentinel.conf of Redis or Valkey, so that it works as it is.
 *
 * The file is read line by line, then the command line's options as if they
 * stood at its end. Ordinary directives count where they stand; those that
 * begin with `sentinel` are queued and evaluated afterwards, as Redis does
 * (sentinel_conf_directives.c). What Redis would refuse is refused with Redis'
 * words; what it accepts and we do nothing about is a warning.
 *
 * The file is never written. `include` is followed where the caller can load
 * files (sentinel_conf_sources.c). */
#include "proto/config/sentinel_conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sentineld/memory.h"

static bool is_called(const struct conf_directive *directive, const char *name)
{
    return directive->line.count > 0 &&
           strcasecmp(directive->line.words[0], name) == 0;
}

/* Takes over the words; the capacity is the next power of two. */
static void queue(struct sentinel_conf *redis,
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
static bool read_directive(struct sentinel_conf *redis,
                           struct conf_directive *directive)
{
    if (is_called(directive, "sentinel")) {
        queue(redis, directive);
        return true;
    }
    bool ok = true;
    if (is_called(directive, "include")) {
        ok = conf_sources_include(redis, directive);
    } else if (directive->line.count > 0) {
        ok = sentinel_conf_read_server(&redis->build, directive);
    }
    conf_words_clear(&directive->line);
    return ok;
}

static bool read_line(struct sentinel_conf *redis, const struct conf_line *line)
{
    size_t blanks = strspn(line->text, " \t\r");
    struct conf_directive directive = {.file = line->file,
                                       .number = line->number};
    redis->build.file = line->file;
    if (blanks >= line->length || line->text[blanks] == '#') {
        return true;
    }
    const char *fault =
        conf_words_split(line->text, line->length, &directive.line);
    if (fault != NULL) {
        return conf_fail(&redis->build, line->number, "%s", fault);
    }
    return read_directive(redis, &directive);
}

static bool read_text(struct sentinel_conf *redis, const char *name,
                      const char *text, bool numbered)
{
    struct conf_line line;
    conf_sources_push(redis, name, xstrdup(text), numbered);
    bool ok = true;
    while ((ok || conf_goes_on(&redis->build)) &&
           conf_sources_next(redis, &line)) {
        ok &= read_line(redis, &line);
    }
    redis->build.file = name;
    return ok;
}

/* A server that wants a user's name wants his password too. */
static void warn_of_users(struct sentinel_conf *redis)
{
    struct conf *conf = redis->build.conf;
    for (size_t i = 0; i < conf->group_count; i++) {
        struct name_place place = {0};
        if (conf->logins[i].user[0] == '\0' ||
            conf->logins[i].password[0] != '\0') {
            continue;
        }
        (void)name_index_find(conf->names, conf->groups[i].name, &place);
        conf_warn(&redis->build, place.line,
                  "%s has an auth-user and no auth-pass: nobody is logged in",
                  conf->groups[i].name);
    }
}

bool sentinel_conf_parse(const char *text, const char *extra, const char *name,
                         struct conf *conf, struct error *error)
{
    const struct sentinel_conf_input input = {
        .text = text, .extra = extra, .name = name};
    return sentinel_conf_parse_input(&input, conf, error);
}

bool sentinel_conf_parse_input(const struct sentinel_conf_input *input,
                               struct conf *conf, struct error *error)
{
    struct sentinel_conf redis = {.load = input->load, .name = input->name};
    conf_build_init(&redis.build, conf, input->name, error);
    redis.seeds = imported_state_new();
    setting_set_redis_defaults(&daemon_table, conf);
    redis.build.faults = input->faults;
    bool ok = read_text(&redis, input->name, input->text, true);
    if (ok || conf_goes_on(&redis.build)) {
        ok &= read_text(&redis, input->name, input->extra, false);
    }
    ok = ok && sentinel_conf_settle_tls(&redis.build);
    if (ok || conf_goes_on(&redis.build)) {
        ok &= sentinel_conf_read_sentinel(&redis);
    }
    ok = ok && sentinel_conf_settle_paths(&redis.build) &&
         conf_users_finish(&redis.build);
    if (ok) {
        warn_of_users(&redis);
        imported_state_finish(redis.seeds, conf);
    }
    for (size_t i = 0; i < redis.queued_count; i++) {
        conf_words_clear(&redis.queued[i].line);
    }
    free(redis.queued);
    imported_state_free(redis.seeds);
    redis.build.file = input->name;
    conf_sources_free(&redis);
    return conf_build_end(&redis.build, ok);
}
