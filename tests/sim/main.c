/* The simulator's command line.
 *
 *   sim [--verbose] CASE...     runs scripted cases
 *   sim --accept CASE...        ... and writes what they do into the files
 *   sim --seed N                one random run, with its transcript
 *   sim --runs N [--from N]     that many; the first seed, or by the clock
 *   sim --time SECONDS [--from N]   as many as there is time for
 *   sim --seed N --shrink FILE  a failing run, as a case as small as may be
 *   sim --seed N --record FILE  ... as a case, whole
 *       with --harsh: all faults; --rules "NAME ...": by these rules, too;
 *       --strict: all faults and all rules
 *   sim --outages [--seed N]    all full outages; what they draw is by seed
 *   sim --outage N [--seed N]   one of them, with its transcript */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "outage.h"
#include "random.h"
#include "script.h"
#include "shrink.h"

struct options {
    bool accept;
    bool verbose;
    bool has_seed;
    bool outages;
    bool has_outage;
    uint64_t outage;
    uint64_t seed;
    uint64_t runs;
    uint64_t seconds;
    bool strict;
    const char *rules;
    const char *shrink; /* the file that is written */
    const char *record;
    char **cases;
    int case_count;
};

/* What is being run: a handler of a failed assertion gets no argument. */
static char present[128];

static void on_abort(int signal_number)
{
    (void)signal_number;
    ssize_t written = write(STDERR_FILENO, present, strlen(present));
    (void)written;
}

static int usage(void)
{
    (void)fprintf(stderr,
                  "usage: sim [--verbose|--accept] CASE...\n"
                  "       sim --seed N | --runs N | --time SECONDS [--from N]\n"
                  "       sim --seed N --shrink | --record FILE\n"
                  "       sim --outages | --outage N [--seed N]\n");
    return 2;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return end != text && *end == '\0';
}

static bool read_options(int count, char **words, struct options *options)
{
    int i = 1;
    for (; i < count && strncmp(words[i], "--", 2) == 0; i++) {
        uint64_t *number = NULL;
        if (strcmp(words[i], "--accept") == 0) {
            options->accept = true;
        } else if (strcmp(words[i], "--verbose") == 0) {
            options->verbose = true;
        } else if (strcmp(words[i], "--outages") == 0) {
            options->outages = true;
        } else if (strcmp(words[i], "--outage") == 0) {
            number = &options->outage;
            options->has_outage = true;
        } else if (strcmp(words[i], "--strict") == 0) {
            options->strict = true;
            options->rules = "strict";
        } else if (strcmp(words[i], "--harsh") == 0) {
            options->strict = true;
        } else if (strcmp(words[i], "--rules") == 0 && i + 1 < count) {
            options->rules = words[++i];
        } else if ((strcmp(words[i], "--shrink") == 0 ||
                    strcmp(words[i], "--record") == 0) &&
                   i + 1 < count) {
            const char **file =
                words[i][2] == 's' ? &options->shrink : &options->record;
            *file = words[++i];
        } else if (strcmp(words[i], "--time") == 0) {
            number = &options->seconds;
        } else if (strcmp(words[i], "--runs") == 0) {
            number = &options->runs;
        } else if (strcmp(words[i], "--seed") == 0 ||
                   strcmp(words[i], "--from") == 0) {
            number = &options->seed;
            options->has_seed = true;
        } else {
            return false;
        }
        if (number != NULL &&
            (++i >= count || !read_number(words[i], number))) {
            return false;
        }
    }
    options->cases = words + i;
    options->case_count = count - i;
    return true;
}

static int run_cases(const struct options *options)
{
    enum script_mode mode = options->accept    ? SCRIPT_ACCEPT
                            : options->verbose ? SCRIPT_VERBOSE
                                               : SCRIPT_COMPARE;
    int failed = 0;
    for (int i = 0; i < options->case_count; i++) {
        (void)snprintf(present, sizeof present, "in case %.40s\n",
                       options->cases[i]);
        failed += !script_run(options->cases[i], mode);
    }
    (void)printf("sim: %d of %d cases as expected\n",
                 options->case_count - failed, options->case_count);
    return failed == 0 ? 0 : 1;
}

static void tell_writes(const struct write_count *writes)
{
    (void)printf("sim: %" PRIu64 " writes acknowledged", writes->acknowledged);
    for (size_t loss = 0; loss < LOSS_COUNT; loss++) {
        if (writes->lost[loss] > 0) {
            (void)printf("; lost %s: %" PRIu64,
                         oracle_loss_name((enum loss)loss), writes->lost[loss]);
        }
    }
    (void)printf("\n");
}

static void tell_total(const struct random_total *total, unsigned broken)
{
    (void)printf("sim: %" PRIu64 " runs, %s; %.1f hours with %" PRIu64
                 " promotions\n",
                 total->runs, broken == 0 ? "no rule broken" : "the last broke",
                 (double)total->time_ms / 3600000.0, total->promotions);
    tell_writes(&total->writes);
}

static int run_seeds(const struct options *options)
{
    uint64_t first =
        options->has_seed ? options->seed : (uint64_t)time(NULL) * 100000;
    uint64_t runs = options->runs == 0 ? 1 : options->runs;
    bool single = options->runs == 0 && options->seconds == 0;
    if (options->seconds > 0) {
        (void)printf("sim: random runs from seed %" PRIu64 "\n", first);
    } else {
        (void)printf("sim: %" PRIu64 " random runs from seed %" PRIu64 "\n",
                     runs, first);
    }
    (void)fflush(stdout);
    struct random_total total = {0};
    time_t end = time(NULL) + (time_t)options->seconds;
    for (uint64_t seed = first;
         options->seconds > 0 ? time(NULL) < end : seed < first + runs;
         seed++) {
        (void)snprintf(present, sizeof present,
                       "in seed %" PRIu64 "; again: make sim SEED=%" PRIu64
                       "\n",
                       seed, seed);
        const struct random_options run = {
            .seed = seed,
            .verbose = single || options->verbose,
            .strict = options->strict,
            .rules = options->rules,
            .record = options->record,
        };
        if (!random_run(&run, &total)) {
            (void)fputs(present, stderr);
            tell_total(&total, 1);
            return 1;
        }
    }
    tell_total(&total, 0);
    return 0;
}

static int run_outages(const struct options *options)
{
    uint64_t seed = options->has_seed ? options->seed : 1;
    uint64_t first = options->has_outage ? options->outage : 0;
    uint64_t end = options->has_outage ? first + 1 : outage_count();
    struct random_total total = {0};
    for (uint64_t number = first; number < end; number++) {
        (void)snprintf(present, sizeof present,
                       "in outage %" PRIu64 "; again: sim --outage %" PRIu64
                       " --seed %" PRIu64 "\n",
                       number, number, seed);
        if (!outage_run(number, seed, options->has_outage, &total)) {
            (void)fputs(present, stderr);
            return 1;
        }
    }
    (void)printf("sim: %" PRIu64 " outages, no rule broken; %" PRIu64
                 " promotions\n",
                 end - first, total.promotions);
    return 0;
}

int main(int argument_count, char **arguments)
{
    struct options options = {0};
    if (!read_options(argument_count, arguments, &options)) {
        return usage();
    }
    struct sigaction action = {.sa_handler = on_abort,
                               .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGABRT, &action, NULL);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    if (options.case_count > 0) {
        return run_cases(&options);
    }
    if (options.outages || options.has_outage) {
        return run_outages(&options);
    }
    if (options.shrink != NULL) {
        return shrink_run(&(struct random_options){.seed = options.seed,
                                                   .strict = options.strict,
                                                   .rules = options.rules,
                                                   .record = options.shrink})
                   ? 0
                   : 1;
    }
    if (options.has_seed || options.runs > 0 || options.seconds > 0) {
        return run_seeds(&options);
    }
    return usage();
}
