/* The exported sentinel.conf and the thread that writes it.
 *
 * The file is read before each time, as Redis reads its own: what an operator
 * changed in it meanwhile stays. A file that is not there yet is an empty one.
 * One set of lines waits at the most; a newer one takes its place, and the
 * result of the newer one is a result for both. */
#include "io/store/export.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sentineld/conf.h"
#include "sentineld/memory.h"
#include "sentineld/secret.h"

#include "io/base/atomic_file.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

struct export
{
    char path[CONF_PATH_SIZE];
    int result_fd;
    pthread_t writer;
    pthread_mutex_t mutex; /* guards everything below */
    pthread_cond_t wake;
    struct conf_lines *lines; /* to be written; NULL = nothing */
    uint64_t number;          /* theirs */
    bool stopping;
    bool has_result;
    struct export_result result; /* of the last attempt */
};

/* The whole file, the caller's to free; "" when there is none. */
static char *read_text(const char *path, struct error *error)
{
    FILE *file = fopen(path, "re");
    if (file == NULL && errno == ENOENT) {
        return xstrdup("");
    }
    char *text = file == NULL ? NULL : xmalloc(FILE_BYTES_MAX + 1);
    size_t length = file == NULL ? 0 : fread(text, 1, FILE_BYTES_MAX + 1, file);
    bool ok = file != NULL && ferror(file) == 0 && length <= FILE_BYTES_MAX;
    if (!ok) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot read '%.250s': %s", path,
                       file == NULL ? strerror(errno) : "it is too long");
        free(text);
        text = NULL;
    } else {
        text[length] = '\0';
        text = xrealloc(text, length + 1);
    }
    if (file != NULL) {
        (void)fclose(file); /* only read from */
    }
    return text;
}

static bool write_file(const char *path, struct conf_lines *lines,
                       struct error *error)
{
    struct buffer out;
    char *text = read_text(path, error);
    if (text == NULL) {
        return false;
    }
    buffer_init(&out, SIZE_MAX);
    conf_export_merge(text, lines, &out);
    bool ok = atomic_file_write(path, &out, error);
    if (out.data != NULL) {
        secret_wipe(out.data, out.length);
    }
    buffer_clear(&out);
    secret_wipe(text, strlen(text));
    free(text);
    return ok;
}

static void signal_loop(const struct export *export)
{
    uint64_t one = 1;
    ssize_t written = write(export->result_fd, &one, sizeof(one));
    (void)written; /* a counter far from its end */
}

/* With the mutex held; gives it up while the disk works. */
static void make_attempt(struct export *export)
{
    struct conf_lines *lines = export->lines;
    struct export_result result = {.number = export->number};
    export->lines = NULL;
    (void)pthread_mutex_unlock(&export->mutex);
    result.ok = write_file(export->path, lines, &result.error);
    conf_lines_free(lines);
    (void)pthread_mutex_lock(&export->mutex);
    export->result = result;
    export->has_result = true;
    signal_loop(export);
}

static void *run_writer(void *argument)
{
    struct export *export = argument;
    (void)pthread_mutex_lock(&export->mutex);
    for (;;) {
        while (export->lines == NULL && !export->stopping) {
            (void)pthread_cond_wait(&export->wake, &export->mutex);
        }
        if (export->lines == NULL) {
            break;
        }
        make_attempt(export);
    }
    (void)pthread_mutex_unlock(&export->mutex);
    return NULL;
}

/* Signals belong to the loop's thread. */
static bool start_writer(struct export *export)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&export->writer, NULL, run_writer, export);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result == 0;
}

static void destroy(struct export *export)
{
    if (export->result_fd >= 0) {
        (void)close(export->result_fd);
    }
    (void)pthread_cond_destroy(&export->wake);
    (void)pthread_mutex_destroy(&export->mutex);
    free(export);
}

struct export *export_new(const char *path, struct error *error)
{
    struct export *export = xcalloc(1, sizeof(*export));
    copy_text(export->path, sizeof(export->path), path);
    (void)pthread_mutex_init(&export->mutex, NULL);
    (void)pthread_cond_init(&export->wake, NULL);
    export->result_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (export->result_fd < 0 || !start_writer(export)) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot start the thread that writes %.250s", path);
        destroy(export);
        return NULL;
    }
    return export;
}

void export_free(struct export *export)
{
    if (export == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&export->mutex);
    export->stopping = true;
    (void)pthread_cond_signal(&export->wake);
    (void)pthread_mutex_unlock(&export->mutex);
    (void)pthread_join(export->writer, NULL);
    destroy(export);
}

void export_save(struct export *export, struct conf_lines *lines,
                 uint64_t number)
{
    (void)pthread_mutex_lock(&export->mutex);
    conf_lines_free(export->lines);
    export->lines = lines;
    export->number = number;
    (void)pthread_cond_signal(&export->wake);
    (void)pthread_mutex_unlock(&export->mutex);
}

int export_result_fd(const struct export *export)
{
    return export->result_fd;
}

bool export_poll(struct export *export, struct export_result *result)
{
    uint64_t count;
    ssize_t got = read(export->result_fd, &count, sizeof(count));
    (void)got; /* it may have been drained before */
    (void)pthread_mutex_lock(&export->mutex);
    bool has_result = export->has_result;
    *result = export->result;
    export->has_result = false;
    (void)pthread_mutex_unlock(&export->mutex);
    return has_result;
}
