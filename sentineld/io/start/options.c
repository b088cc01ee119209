/* The command line: which file, which kind of file, and what to do with it.
 *
 *   sentineld -c FILE            our own configuration
 *   sentineld FILE [--option..]  an existing sentinel.conf
 *
 * Started under the name of another Sentinel it says what that one would where
 * tools read it: the version, and that there must be a file. The bare switch
 * --sentinel, which makes Redis' server a Sentinel, changes nothing here. FILE
 * may be - for the standard input, and a - at the end reads further lines
 * from there.
 *
 * It opens nothing; errors are sentences for main to print. */
#include "io/start/options.h"

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
           "                                 FILE may be -, the standard "
           "input; a - at the\n"
           "                                 end reads further lines from "
           "there\n"
           "  ... --check                    say whether the file is right, "
           "start nothing\n"
           "  sentineld --import FILE [--option ...]\n"
           "                                 print a sentinel.conf as a "
           "configuration of\n"
           "                                 sentineld\n"
           "  sentineld --version\n"
           "  sentineld --help\n"
           "\n"
           "The configuration file is only read, unless "
           "--export-sentinel-conf names it.\nWhat the daemon learns is kept "
           "in "
           "the state directory ('dir' in either file).\n";
}

#ifndef SENTINELD_COMMIT /* the Makefile knows it */
#define SENTINELD_COMMIT "unknown"
#endif

#define SERVER_VERSION                   \
    " server v=" SENTINELD_REDIS_VERSION \
    " sha=00000000:0 malloc=libc bits=64 build=sentineld-" SENTINELD_VERSION

const char *options_version(enum options_name name)
{
    switch (name) {
    case NAME_OWN:
        return "sentineld " SENTINELD_VERSION " (" SENTINELD_COMMIT ")";
    case NAME_REDIS:
        return "Redis" SERVER_VERSION;
    case NAME_VALKEY:
        return "Valkey" SERVER_VERSION;
    }
    return "";
}

/* By a part of the last component, as Redis and Valkey do it. */
static enum options_name find_name(const char *program)
{
    const char *slash = program == NULL ? NULL : strrchr(program, '/');
    const char *base = slash == NULL ? program : slash + 1;
    if (base == NULL) {
        return NAME_OWN;
    }
    if (strstr(base, "redis-sentinel") != NULL) {
        return NAME_REDIS;
    }
    return strstr(base, "valkey-sentinel") != NULL ? NAME_VALKEY : NAME_OWN;
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

/* The switch of Redis' server; with words behind it, it is a directive. */
static bool is_bare_sentinel(int argc, char *const *argv, int i)
{
    return strcmp(argv[i], "--sentinel") == 0 &&
           (i + 1 == argc || strncmp(argv[i + 1], "--", 2) == 0 ||
            strcmp(argv[i + 1], "-") == 0);
}

/* --check may stand anywhere; what is left are the other arguments. */
static int take_check(int argc, char *const *argv, char **rest, bool *check)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0) {
            *check = true;
        } else if (!is_bare_sentinel(argc, argv, i)) {
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
    if (count > 1 && strcmp(rest[count - 1], "-") == 0) {
        if (strcmp(rest[0], "-") == 0) {
            return refuse(error, "the standard input can be read once only",
                          "");
        }
        options->reads_input = true;
        count--;
    }
    if (count == 1) {
        options->extra = xstrdup("");
        return true;
    }
    return sentinel_conf_options(count - 1, rest + 1, &options->extra, error);
}

static bool parse_rest(int count, char *const *rest, struct options *options,
                       struct error *error)
{
    if (count > 0 && strcmp(rest[0], "--import") == 0) {
        options->mode = OPTIONS_IMPORT;
        return count > 1
                   ? parse_sentinel_conf(count - 1, rest + 1, options, error)
                   : refuse(error, "--import needs the name of a file", "");
    }
    bool no_file = count == 0 || strncmp(rest[0], "--", 2) == 0;
    if (count > 0 && is_one_of(rest[0], "-c", "--config")) {
        return parse_own(count, rest, options, error);
    }
    if (options->name != NAME_OWN && no_file) {
        copy_text(error->text, sizeof(error->text),
                  "Sentinel needs config file on disk to save state. "
                  "Exiting...");
        return false;
    }
    if (count == 0) {
        return refuse(error, "which configuration file? Give -c FILE", "");
    }
    if (rest[0][0] == '-' && rest[0][1] != '\0') {
        return refuse(error, "unknown option", rest[0]);
    }
    return parse_sentinel_conf(count, rest, options, error);
}

bool options_parse(int argc, char *const *argv, struct options *options,
                   struct error *error)
{
    *options = (struct options){
        .mode = OPTIONS_RUN,
        .name = find_name(argc > 0 ? argv[0] : NULL),
    };
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
    if (check) {
        options->mode = OPTIONS_CHECK;
    }
    free(rest);
    return ok;
}

void options_clear(struct options *options)
{
    free(options->extra);
    options->extra = NULL;
}
