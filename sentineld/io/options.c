/* The command line: which file, which kind of file, and what to do with it.
 *
 *   sentineld -c FILE            our own configuration
 *   sentineld FILE [--option..]  an existing sentinel.conf
 *
 * It opens nothing; errors are sentences for main to print. */
#include "sentineld/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/version.h"

const char *options_help(void)
{
    return "sentineld supervises Redis and Valkey servers: it notices that a "
           "master is down,\nagrees with its peers, promotes a replica and "
           "tells every client.\n"
           "\n"
           "  sentineld -c FILE              start with a configuration of "
           "sentineld\n"
           "  sentineld FILE [--option ...]  start with an existing "
           "sentinel.conf of Redis;\n"
           "                                 options are further lines of "
           "it, such as\n"
           "                                 --port 26380\n"
           "  ... --check                    say whether the file is right, "
           "start nothing\n"
           "  sentineld --version\n"
           "  sentineld --help\n"
           "\n"
           "The configuration file is only ever read. What the daemon learns "
           "is kept in the\nstate directory ('dir' in either file).\n";
}

const char *options_version(void)
{
    return "sentineld " SENTINELD_VERSION;
}

static bool refuse(struct error *error, const char *what, const char *argument)
{
    snprintf(error->text, sizeof(error->text),
             "%s%s%s; 'sentineld --help' shows what there is", what,
             argument[0] != '\0' ? " " : "", argument);
    return false;
}

static bool is_one_of(const char *argument, const char *a, const char *b)
{
    return strcmp(argument, a) == 0 || strcmp(argument, b) == 0;
}

/* --check may stand anywhere; what is left are the other arguments. */
static int take_check(int argc, char *const *argv, char **rest, bool *check)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0) {
            *check = true;
        } else {
            rest[count++] = argv[i];
        }
    }
    return count;
}

static bool parse_own(int count, char *const *rest, struct options *options,
                      struct error *error)
{
    if (count < 2) {
        return refuse(error, "-c needs the name of a file", "");
    }
    if (count > 2) {
        return refuse(error,
                      "nothing may follow -c FILE but --check:", rest[2]);
    }
    options->file = rest[1];
    options->extra = xstrdup("");
    return true;
}

static bool parse_sentinel_conf(int count, char *const *rest,
                                struct options *options, struct error *error)
{
    options->file = rest[0];
    options->is_sentinel_conf = true;
    if (count == 1) {
        options->extra = xstrdup("");
        return true;
    }
    return conf_redis_options(count - 1, rest + 1, &options->extra, error);
}

static bool parse_rest(int count, char *const *rest, struct options *options,
                       struct error *error)
{
    if (count == 0) {
        return refuse(error, "which configuration file? Give -c FILE", "");
    }
    if (is_one_of(rest[0], "-c", "--config")) {
        return parse_own(count, rest, options, error);
    }
    if (rest[0][0] == '-') {
        return refuse(error, "unknown option", rest[0]);
    }
    return parse_sentinel_conf(count, rest, options, error);
}

bool options_parse(int argc, char *const *argv, struct options *options,
                   struct error *error)
{
    *options = (struct options){.mode = OPTIONS_RUN};
    if (argc == 2 && is_one_of(argv[1], "-v", "--version")) {
        options->mode = OPTIONS_VERSION;
        return true;
    }
    if (argc == 2 && is_one_of(argv[1], "-h", "--help")) {
        options->mode = OPTIONS_HELP;
        return true;
    }
    char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    bool check = false;
    int count = take_check(argc, argv, rest, &check);
    bool ok = parse_rest(count, rest, options, error);
    options->mode = check ? OPTIONS_CHECK : OPTIONS_RUN;
    free(rest);
    return ok;
}

void options_clear(struct options *options)
{
    free(options->extra);
    options->extra = NULL;
}
