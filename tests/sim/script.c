/* Reads a case, runs it statement by statement, and compares the transcript
 * with what the file expects - or writes it there, to be reviewed as code. */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "sentineld/memory.h"
#include "sim.h"

#define SEPARATOR "----"

struct lines {
    char **items;
    size_t count, capacity;
};

bool script_fail(struct script *script, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(script->error.text, sizeof script->error.text, format,
                    arguments);
    va_end(arguments);
    return false;
}

/* --- Files ---------------------------------------------------------------- */

static bool read_lines(const char *path, struct lines *lines)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n') {
            line[length - 1] = '\0';
        }
        if (lines->count == lines->capacity) {
            lines->capacity = lines->capacity == 0 ? 64 : lines->capacity * 2;
            lines->items =
                xrealloc(lines->items, lines->capacity * sizeof *lines->items);
        }
        lines->items[lines->count++] = xstrdup(line);
    }
    free(line);
    (void)fclose(file);
    return true;
}

static void free_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i]);
    }
    free(lines->items);
}

static size_t find_separator(const struct lines *lines)
{
    size_t at = 0;
    while (at < lines->count && strcmp(lines->items[at], SEPARATOR) != 0) {
        at++;
    }
    return at;
}

static bool write_accepted(const char *path, const struct lines *lines,
                           const struct transcript *transcript)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    size_t separator = find_separator(lines);
    for (size_t i = 0; i < separator; i++) {
        (void)fprintf(file, "%s\n", lines->items[i]);
    }
    (void)fprintf(file, "%s\n", SEPARATOR);
    for (size_t i = 0; i < transcript->count; i++) {
        (void)fprintf(file, "%s\n", transcript->lines[i]);
    }
    return fclose(file) == 0;
}

/* --- Statements ----------------------------------------------------------- */

static void split(struct script *script, char *text)
{
    script->word_count = 0;
    char *rest = text;
    char *word;
    while ((word = strtok_r(rest, " \t", &rest)) != NULL &&
           script->word_count < MAX_WORDS) {
        script->words[script->word_count++] = word;
    }
}

static bool run_line(struct script *script, const char *line)
{
    if (line[0] == '#' || line[0] == '\0') {
        return true;
    }
    char *text = xstrdup(line);
    split(script, text);
    bool ok = script->word_count == 0 || script_execute(script);
    free(text);
    const struct oracle *oracle = &script->sim->oracle;
    if (ok && oracle->violated) {
        ok = script_fail(script, "rule %s broken: %s", oracle->rule,
                         oracle->text);
    }
    return ok;
}

bool script_do(struct script *script, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line) {
        return script_fail(script, "a statement is too long");
    }
    if (script->record != NULL) {
        (void)fprintf(script->record, "%s\n", line);
        (void)fflush(script->record); /* it may be the last one */
    }
    return run_line(script, line) || script->sim->oracle.violated;
}

static const char *what_is_wrong(const struct oracle *oracle)
{
    const char *who = strstr(oracle->text, " fault: ");
    const char *what = who == NULL ? NULL : strchr(who + 8, ' ');
    return what == NULL ? "" : what;
}

void script_try(char **lines, size_t count, char signature[SIGNATURE_SIZE])
{
    struct script script = {.path = "", .sim = sim_new(1)};
    script.lines = lines;
    script.line_count = count;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        ok = run_line(&script, lines[i]);
    }
    const struct oracle *oracle = &script.sim->oracle;
    (void)snprintf(signature, SIGNATURE_SIZE, "%s%s",
                   oracle->violated ? oracle->rule
                   : ok             ? ""
                                    : "error",
                   oracle->violated ? what_is_wrong(oracle) : "");
    sim_free(script.sim);
}

static bool run_lines(struct script *script, const struct lines *lines)
{
    size_t separator = find_separator(lines);
    script->lines = lines->items;
    script->line_count = separator;
    for (size_t i = 0; i < separator; i++) {
        script->line = (uint32_t)i + 1;
        if (!run_line(script, lines->items[i])) {
            (void)fprintf(stderr, "%s:%" PRIu32 ": %s\n", script->path,
                          script->line, script->error.text);
            return false;
        }
    }
    return true;
}

/* --- Comparison ----------------------------------------------------------- */

static void show_context(const struct transcript *transcript, size_t at)
{
    size_t from = at < 5 ? 0 : at - 5;
    for (size_t i = from; i < at; i++) {
        (void)fprintf(stderr, "   %s\n", transcript->lines[i]);
    }
}

static bool compare(const char *path, const struct lines *lines,
                    const struct transcript *transcript)
{
    size_t first = find_separator(lines) + 1;
    size_t expected = lines->count < first ? 0 : lines->count - first;
    size_t count = expected > transcript->count ? expected : transcript->count;
    for (size_t i = 0; i < count; i++) {
        const char *want = i < expected ? lines->items[first + i] : "(end)";
        const char *got =
            i < transcript->count ? transcript->lines[i] : "(end)";
        if (strcmp(want, got) != 0) {
            (void)fprintf(stderr, "%s:%zu: another transcript\n", path,
                          first + i + 1);
            show_context(transcript, i);
            (void)fprintf(stderr, " - %s\n + %s\n", want, got);
            return false;
        }
    }
    return true;
}

bool script_run(const char *path, enum script_mode mode)
{
    struct lines lines = {0};
    if (!read_lines(path, &lines)) {
        return false;
    }
    struct script script = {.path = path, .sim = sim_new(1)};
    struct transcript *transcript = &script.sim->transcript;
    transcript->mode =
        mode == SCRIPT_VERBOSE ? TRANSCRIPT_PRINT : TRANSCRIPT_KEEP;
    transcript->with_log = mode == SCRIPT_VERBOSE;
    bool ok = run_lines(&script, &lines);
    if (!ok && mode != SCRIPT_VERBOSE) {
        show_context(transcript, transcript->count);
    }
    if (ok && mode == SCRIPT_COMPARE) {
        ok = compare(path, &lines, transcript);
    } else if (ok && mode == SCRIPT_ACCEPT) {
        ok = write_accepted(path, &lines, transcript);
    }
    free_lines(&lines);
    sim_free(script.sim);
    return ok;
}
