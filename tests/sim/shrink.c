/* A run is a list of statements. Those are left out, many at a time, then one
 * by one, then their words, as long as the same rule still breaks. Each trial
 * is a process of its own, because a failed assertion ends it: that counts as a
 * rule named `assert`. */
#include "shrink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "script.h"
#include "sentineld/memory.h"

enum { PATIENCE_S = 120, MAX_LINE = 1024 };

struct lines {
    char **items;
    size_t count, capacity;
};

struct shrinking {
    struct lines lines;
    char rule[SIGNATURE_SIZE]; /* that must break */
    unsigned trials;
    time_t until;
};

static void read_lines(const char *path, struct lines *lines)
{
    FILE *file = fopen(path, "r");
    char line[MAX_LINE];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (lines->count == lines->capacity) {
            lines->capacity = lines->capacity == 0 ? 64 : lines->capacity * 2;
            lines->items =
                xrealloc(lines->items, lines->capacity * sizeof *lines->items);
        }
        lines->items[lines->count++] = xstrdup(line);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

/* In another process: what it says is not wanted. */
static void be_silent(void)
{
    int nowhere = open("/dev/null", O_WRONLY);
    (void)dup2(nowhere, STDOUT_FILENO);
    (void)dup2(nowhere, STDERR_FILENO);
}

static void read_rule(int from, pid_t child, char rule[SIGNATURE_SIZE])
{
    int status = 0;
    memset(rule, 0, SIGNATURE_SIZE);
    ssize_t length = read(from, rule, SIGNATURE_SIZE - 1);
    (void)close(from);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (length <= 0 && WIFSIGNALED(status)) {
        copy_text(rule, SIGNATURE_SIZE, "assert");
    }
}

static void try_lines(struct shrinking *shrinking, const struct lines *lines,
                      char rule[SIGNATURE_SIZE])
{
    int ends[2];
    rule[0] = '\0';
    shrinking->trials++;
    if (pipe(ends) != 0) {
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        be_silent();
        script_try(lines->items, lines->count, rule);
        ssize_t written = write(ends[1], rule, strlen(rule));
        _exit(written < 0);
    }
    (void)close(ends[1]);
    read_rule(ends[0], child, rule);
}

static bool still_breaks(struct shrinking *shrinking, const struct lines *lines)
{
    char rule[SIGNATURE_SIZE];
    if (time(NULL) > shrinking->until) {
        return false;
    }
    try_lines(shrinking, lines, rule);
    return strcmp(rule, shrinking->rule) == 0;
}

/* Without so many from there on. */
static bool leave_out(struct shrinking *shrinking, size_t from, size_t count)
{
    struct lines *all = &shrinking->lines;
    struct lines less = {.items = xcalloc(all->count + 1, sizeof(char *))};
    for (size_t i = 0; i < all->count; i++) {
        if (i < from || i >= from + count) {
            less.items[less.count++] = all->items[i];
        }
    }
    if (!still_breaks(shrinking, &less)) {
        free(less.items);
        return false;
    }
    for (size_t i = from; i < from + count && i < all->count; i++) {
        free(all->items[i]);
    }
    free(all->items);
    *all = less;
    return true;
}

static bool drop_statements(struct shrinking *shrinking)
{
    bool any = false;
    size_t size = shrinking->lines.count / 2;
    for (; size > 0; size /= 2) {
        size_t at = shrinking->lines.count;
        while (at > 0) { /* from the end: what comes late is seldom needed */
            size_t from = at > size ? at - size : 0;
            any |= leave_out(shrinking, from, at - from);
            at = from;
        }
    }
    return any;
}

static void drop_word(const char *line, unsigned number, char *less)
{
    size_t used = 0;
    unsigned word = 0;
    for (const char *c = line; *c != '\0'; c++) {
        word += *c == ' ';
        if (word != number) {
            less[used++] = *c;
        }
    }
    less[used] = '\0';
}

static unsigned count_words(const char *line)
{
    unsigned count = 1;
    for (; *line != '\0'; line++) {
        count += *line == ' ';
    }
    return count;
}

static bool drop_words(struct shrinking *shrinking)
{
    bool any = false;
    for (size_t i = 0; i < shrinking->lines.count; i++) {
        for (unsigned word = count_words(shrinking->lines.items[i]);
             word-- > 2;) {
            char *whole = shrinking->lines.items[i];
            char less[MAX_LINE];
            drop_word(whole, word, less);
            shrinking->lines.items[i] = less;
            bool fewer = still_breaks(shrinking, &shrinking->lines);
            shrinking->lines.items[i] = fewer ? xstrdup(less) : whole;
            if (fewer) {
                free(whole);
                any = true;
            }
        }
    }
    return any;
}

static bool write_case(const struct shrinking *shrinking, uint64_t seed,
                       const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    (void)fprintf(file, "# Seed %" PRIu64 ": rule %s breaks.\n", seed,
                  shrinking->rule);
    for (size_t i = 0; i < shrinking->lines.count; i++) {
        (void)fprintf(file, "%s\n", shrinking->lines.items[i]);
    }
    return fclose(file) == 0;
}

/* Runs the seed and keeps its statements, as far as it came. */
static void record(const struct random_options *options)
{
    pid_t child = fork();
    if (child == 0) {
        struct random_total total = {0};
        be_silent();
        (void)random_run(options, &total);
        _exit(0);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
}

bool shrink_run(const struct random_options *options)
{
    struct shrinking shrinking = {.until = time(NULL) + PATIENCE_S};
    record(options);
    read_lines(options->record, &shrinking.lines);
    size_t before = shrinking.lines.count;
    try_lines(&shrinking, &shrinking.lines, shrinking.rule);
    bool breaks = shrinking.rule[0] != '\0';
    if (breaks) {
        while (drop_statements(&shrinking) || drop_words(&shrinking)) {
        }
        (void)printf("sim: rule %s, %zu statements instead of %zu after %u "
                     "trials: %s\n",
                     shrinking.rule, shrinking.lines.count, before,
                     shrinking.trials, options->record);
        breaks = write_case(&shrinking, options->seed, options->record);
    } else {
        (void)printf("sim: seed %" PRIu64 " breaks no rule\n", options->seed);
    }
    for (size_t i = 0; i < shrinking.lines.count; i++) {
        free(shrinking.lines.items[i]);
    }
    free(shrinking.lines.items);
    return breaks;
}
