/* The texts that a sentinel.conf is made of: the file itself, what it includes
 * and the command line's options, as one sequence of lines.
 *
 * An included file stands where its line stands, as in Redis. Files within
 * files are a stack here, not a recursion, and its depth is bounded; a file
 * that includes itself, directly or not, is refused by its name. Each source
 * is kept until the end, since directives that are evaluated later still name
 * theirs in messages. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/config/sentinel_conf.h"
#include "sentineld/memory.h"

enum { MAX_INCLUDE_DEPTH = 16, MAX_INCLUDES = 1024 };

void conf_sources_push(struct sentinel_conf *redis, const char *name,
                       char *text, bool numbered)
{
    struct conf_source *source = xcalloc(1, sizeof(*source));
    source->name = xstrdup(name);
    source->text = text;
    source->at = text;
    source->line = numbered ? 1 : 0;
    source->includer = redis->reading;
    source->depth = redis->reading == NULL ? 0 : redis->reading->depth + 1;
    source->older = redis->sources;
    redis->sources = source;
    redis->reading = source;
    redis->source_count++;
}

bool conf_sources_next(struct sentinel_conf *redis, struct conf_line *line)
{
    struct conf_source *source = redis->reading;
    while (source != NULL && *source->at == '\0') {
        source = source->includer;
    }
    redis->reading = source;
    if (source == NULL) {
        return false;
    }
    line->text = source->at;
    line->length = strcspn(source->at, "\n");
    line->number = source->line;
    line->file = source->name;
    source->at += line->length + (source->at[line->length] == '\n' ? 1 : 0);
    source->line += source->line != 0 ? 1 : 0;
    return true;
}

static const char *find_fault(const struct sentinel_conf *redis,
                              const char *name)
{
    const struct conf_source *source = redis->reading;
    assert(source != NULL);
    if (redis->load == NULL) {
        return "there are no other files here";
    }
    for (; source != NULL; source = source->includer) {
        if (strcmp(source->name, name) == 0) {
            return "it would include itself";
        }
    }
    if (redis->reading->depth == MAX_INCLUDE_DEPTH) {
        return "that is the seventeenth file within files; there may be 16";
    }
    return redis->source_count > MAX_INCLUDES
               ? "that is one file more than the 1024 that there may be"
               : NULL;
}

bool conf_sources_include(struct sentinel_conf *redis,
                          const struct conf_directive *directive)
{
    char name[CONF_PATH_SIZE];
    const char *fault = NULL;
    char shown[CONF_SHOWN_SIZE];
    struct error reason = {""};
    if (directive->line.count != 2) {
        return conf_fail(&redis->build, directive->number,
                         "include: wrong number of arguments");
    }
    fault =
        sentinel_conf_path(redis->build.conf, directive->line.words[1], name)
            ? find_fault(redis, name)
            : "the path is too long";
    char *text = fault == NULL ? redis->load(name, &reason) : NULL;
    if (text == NULL) {
        return conf_fail(&redis->build, directive->number, "include %s: %.300s",
                         conf_shown(name, shown),
                         fault != NULL ? fault : reason.text);
    }
    conf_sources_push(redis, name, text, true);
    return true;
}

void conf_sources_free(struct sentinel_conf *redis)
{
    while (redis->sources != NULL) {
        struct conf_source *source = redis->sources;
        redis->sources = source->older;
        free(source->name);
        free(source->text);
        free(source);
    }
}
