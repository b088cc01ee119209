/* The files that a configuration is read from: the one that was named, those
 * that it includes, secrets.
 *
 * A name with * ? or [ in an include is a pattern, as in Redis: all files that
 * match, in alphabetical order; none at all is no error then. */
#include "io/start/startup_files.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sentineld/memory.h"

enum { CONF_BYTES_MAX = 64 * 1024 * 1024 };

static const char standard_input[] = "-";

/* At most size - 1 bytes of the file and a NUL; the length, or -1. */
static ssize_t read_beginning(FILE *file, char *text, size_t size)
{
    size_t length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    return ferror(file) != 0 ? -1 : (ssize_t)length;
}

bool startup_files_read_secret(const char *path, char *text, size_t size,
                               struct error *error)
{
    FILE *file = fopen(path, "re");
    bool ok = file != NULL && read_beginning(file, text, size) >= 0;
    if (!ok) {
        copy_text(error->text, sizeof(error->text), strerror(errno));
    }
    struct stat status;
    if (ok && fstat(fileno(file), &status) == 0 &&
        (status.st_mode & S_IRWXO) != 0) {
        copy_text(error->text, sizeof(error->text),
                  "can be read by every user; chmod 600 it");
    }
    if (file != NULL) {
        (void)fclose(file); /* only read from */
    }
    return ok;
}

static const char *find_fault(const char *text, ssize_t length)
{
    if (length < 0) {
        return strerror(errno);
    }
    if (length >= CONF_BYTES_MAX) {
        return "it has more than 64 MB";
    }
    if (memchr(text, '\0', (size_t)length) != NULL) {
        return "it has a NUL byte, so it is no text";
    }
    return NULL;
}

/* The whole file, the caller's to free; or NULL and what is wrong. */
static char *read_file(const char *path, const char **fault)
{
    bool is_input = strcmp(path, standard_input) == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    if (file == NULL) {
        *fault = strerror(errno);
        return NULL;
    }
    char *text = xmalloc(CONF_BYTES_MAX + 1);
    ssize_t length = read_beginning(file, text, CONF_BYTES_MAX + 1);
    *fault = find_fault(text, length);
    if (!is_input) {
        (void)fclose(file); /* only read from */
    }
    if (*fault != NULL) {
        free(text);
        return NULL;
    }
    return xrealloc(text, (size_t)length + 1);
}

/* Both are taken over. */
static char *join(char *first, char *second)
{
    size_t size = strlen(first) + strlen(second) + 2;
    char *both = xmalloc(size);
    snprintf(both, size, "%s\n%s", first, second);
    free(first);
    free(second);
    return both;
}

static char *read_or_explain(const char *path, struct error *error)
{
    const char *fault = NULL;
    char *text = read_file(path, &fault);
    if (text == NULL) {
        snprintf(error->text, sizeof(error->text),
                 "cannot read the configuration file %.300s: %s", path, fault);
    }
    return text;
}

char *startup_files_read(const struct options *options, struct error *error)
{
    char *text = read_or_explain(options->file, error);
    if (text == NULL || !options->reads_input) {
        return text;
    }
    char *more = read_or_explain(standard_input, error);
    if (more == NULL) {
        free(text);
        return NULL;
    }
    return join(text, more);
}

static char *read_matches(const glob_t *found, struct error *error)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < found->gl_pathc; i++) {
        const char *fault = NULL;
        char *more = read_file(found->gl_pathv[i], &fault);
        if (more == NULL) {
            free(text);
            snprintf(error->text, sizeof(error->text), "%.200s: %s",
                     found->gl_pathv[i], fault);
            return NULL;
        }
        text = join(text, more);
    }
    return text;
}

char *startup_files_include(const char *name, struct error *error)
{
    const char *fault = NULL;
    if (strcspn(name, "*?[") == strlen(name)) {
        char *text =
            strcmp(name, standard_input) == 0 ? NULL : read_file(name, &fault);
        if (text == NULL) {
            copy_text(error->text, sizeof(error->text),
                      fault != NULL ? fault : "the input is read already");
        }
        return text;
    }
    glob_t found;
    int result = glob(name, 0, NULL, &found);
    char *text = result == 0              ? read_matches(&found, error)
                 : result == GLOB_NOMATCH ? xstrdup("")
                                          : NULL;
    if (text == NULL && error->text[0] == '\0') {
        copy_text(error->text, sizeof(error->text),
                  "its matches cannot be listed");
    }
    globfree(&found);
    return text;
}
