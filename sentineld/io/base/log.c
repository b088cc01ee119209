/* Log lines.
 *
 * Whoever rotates logs renames the file, and may say nothing: before each line
 * we look whether the file still has its name, and begin a new one if not.
 *
 * Each line is made in one buffer and leaves with one write(), so lines of
 * several processes in one file do not mix. The wall clock is read for the
 * timestamp alone; how often a key may speak is measured by the monotonic one.
 *
 * The keys of log_limited are bounded: when too many spoke within the last
 * minute, all further ones share a single entry, so that a flood from many
 * sources fills neither memory nor disk.
 *
 * A line that cannot be written is lost: there is nowhere to say so. */
#include "io/base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "sentineld/hash.h"
#include "sentineld/memory.h"

#include "io/base/log_private.h"

enum { MAX_KEYS = 512 };
enum { LIMIT_S = 60 };
enum { PATH_SIZE = 1024 };

/* When a key of log_limited last spoke. */
struct limit {
    char key[CLIENT_KEY_SIZE];
    time_t spoke_at_s; /* monotonic; the first of a burst */
    unsigned told;     /* lines since then */
    uint64_t left_out; /* ... and those that were not told */
    UT_hash_handle hh;
};

static struct {
    int level;
    int descriptor; /* -1: standard output */
    char path[PATH_SIZE];
    bool stays; /* in a file that was moved away: that was said */
    bool json;
    char supervisor[RUN_ID_SIZE]; /* "" = not known yet */
    char system_ident[64];        /* "" = not to the system's log */
    struct limit *limits;         /* by key, oldest entry first */
} log_state = {.level = LEVEL_NOTICE, .descriptor = -1};

/* -1 for "standard output", -2 for failure. */
static int open_path(const char *path, struct error *error)
{
    if (path[0] == '\0') {
        return -1;
    }
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int descriptor = open(path, flags, 0640);
    if (descriptor < 0) {
        (void)snprintf(error->text, sizeof(error->text),
                       "cannot open log file '%.300s': %s", path,
                       strerror(errno));
        return -2;
    }
    return descriptor;
}

static void use_descriptor(int descriptor)
{
    if (log_state.descriptor >= 0) {
        (void)close(log_state.descriptor); /* its lines are written */
    }
    log_state.descriptor = descriptor;
}

bool log_open(const char *path, int level, struct error *error)
{
    if (strlen(path) >= PATH_SIZE) {
        (void)snprintf(error->text, sizeof(error->text),
                       "the log file's path is longer than %d bytes",
                       PATH_SIZE - 1);
        return false;
    }
    int descriptor = open_path(path, error);
    if (descriptor == -2) {
        return false;
    }
    use_descriptor(descriptor);
    copy_text(log_state.path, PATH_SIZE, path);
    log_state.level = level;
    return true;
}

void log_set_level(int level)
{
    log_state.level = level;
}

bool log_reopen(struct error *error)
{
    int descriptor = open_path(log_state.path, error);
    if (descriptor == -2) {
        return false;
    }
    use_descriptor(descriptor);
    log_state.stays = false;
    return true;
}

/* Is the file that we write to still the one of that name? What is no file, a
 * terminal or a pipe, is moved by nobody. */
static bool was_moved(void)
{
    struct stat ours;
    struct stat named;
    if (log_state.path[0] == '\0' || log_state.descriptor < 0 ||
        fstat(log_state.descriptor, &ours) != 0 || !S_ISREG(ours.st_mode)) {
        return false;
    }
    return stat(log_state.path, &named) != 0 || named.st_ino != ours.st_ino ||
           named.st_dev != ours.st_dev;
}

static void forget_limits(void)
{
    struct limit *limit = NULL;
    struct limit *next = NULL;
    HASH_ITER (hh, log_state.limits, limit, next) {
        HASH_DEL(log_state.limits, limit);
        free(limit);
    }
}

void log_use_json(bool json)
{
    log_state.json = json;
}

void log_name_supervisor(const char *run_id)
{
    copy_text(log_state.supervisor, RUN_ID_SIZE, run_id);
}

void log_use_system(const char *ident, int facility)
{
    static const int facilities[] = {
        LOG_USER,   LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3,
        LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7,
    };
    assert(facility >= 0 && facility < 9);
    copy_text(log_state.system_ident, sizeof(log_state.system_ident), ident);
    openlog(log_state.system_ident, LOG_PID | LOG_NDELAY, facilities[facility]);
}

void log_close(void)
{
    use_descriptor(-1);
    if (log_state.system_ident[0] != '\0') {
        closelog();
        log_state.system_ident[0] = '\0';
    }
    log_state.json = false;
    log_state.supervisor[0] = '\0';
    log_state.stays = false;
    log_state.path[0] = '\0';
    log_state.level = LEVEL_NOTICE;
    forget_limits();
}

static void write_all(const char *line, size_t length)
{
    int descriptor = log_state.descriptor;
    if (descriptor < 0) {
        descriptor = STDOUT_FILENO;
    }
    while (length > 0) {
        ssize_t written = write(descriptor, line, length);
        if (written < 0 && errno != EINTR) {
            return;
        }
        if (written > 0) {
            line += written;
            length -= (size_t)written;
        }
    }
}

static int system_priority(enum log_level level)
{
    switch (level) {
    case LEVEL_DEBUG:
        return LOG_DEBUG;
    case LEVEL_VERBOSE:
        return LOG_INFO;
    case LEVEL_NOTICE:
        return LOG_NOTICE;
    case LEVEL_WARNING:
        return LOG_WARNING;
    }
    return LOG_WARNING;
}

static bool is_wanted(enum log_level level)
{
    return (int)level >= log_state.level;
}

static const struct log_fields no_fields;

static void put_line(enum log_level level, const struct log_fields *fields,
                     char text[EVENT_TEXT_SIZE])
{
    char line[LOG_LINE_SIZE];
    size_t length =
        log_state.json
            ? log_format_json(line, level, log_state.supervisor, fields, text)
            : log_format_text(line, level, text);
    write_all(line, length);
    if (log_state.system_ident[0] != '\0') {
        syslog(system_priority(level), "%s", text);
    }
}

void log_follow(void)
{
    struct error error;
    if (!was_moved() || log_reopen(&error) || log_state.stays) {
        return;
    }
    log_state.stays = true;
    if (is_wanted(LEVEL_WARNING)) {
        char text[EVENT_TEXT_SIZE];
        (void)snprintf(text, sizeof(text),
                       "The log stays in the file that was moved: %s",
                       error.text);
        put_line(LEVEL_WARNING, &no_fields, text);
    }
}

static void write_line(enum log_level level, const struct log_fields *fields,
                       char text[EVENT_TEXT_SIZE])
{
    log_follow();
    put_line(level, fields, text);
}

void log_line(enum log_level level, const char *format, ...)
{
    if (!is_wanted(level)) {
        return;
    }
    char text[EVENT_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    write_line(level, &no_fields, text);
}

static time_t now_s(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static struct limit *find_limit(const char *key)
{
    struct limit *limit = NULL;
    HASH_FIND_STR(log_state.limits, key, limit);
    return limit;
}

/* Those whose minute is over; how much they left out is forgotten. */
static void drop_old_limits(time_t now)
{
    struct limit *limit = NULL;
    struct limit *next = NULL;
    HASH_ITER (hh, log_state.limits, limit, next) {
        if (now - limit->spoke_at_s >= LIMIT_S) {
            HASH_DEL(log_state.limits, limit);
            free(limit);
        }
    }
}

/* The entry of a key; a new one may speak at once. */
static struct limit *obtain_limit(const char *full_key, time_t now)
{
    char key[CLIENT_KEY_SIZE];
    copy_text(key, sizeof(key), full_key);
    struct limit *limit = find_limit(key);
    if (limit != NULL) {
        return limit;
    }
    if (HASH_COUNT(log_state.limits) >= MAX_KEYS) {
        drop_old_limits(now);
    }
    if (HASH_COUNT(log_state.limits) >= MAX_KEYS) {
        copy_text(key, sizeof(key), "(others)");
        limit = find_limit(key);
    }
    if (limit == NULL) {
        limit = xcalloc(1, sizeof(*limit));
        copy_text(limit->key, sizeof(limit->key), key);
        limit->spoke_at_s = now - LIMIT_S;
        HASH_ADD_STR(log_state.limits, key, limit);
    }
    return limit;
}

static void append_left_out(char text[EVENT_TEXT_SIZE], uint64_t left_out)
{
    char note[64];
    int length = snprintf(note, sizeof(note), " (and %llu more since the last)",
                          (unsigned long long)left_out);
    assert(length > 0 && (size_t)length < sizeof(note));
    size_t end = strlen(text);
    if (end + (size_t)length >= EVENT_TEXT_SIZE) {
        end = EVENT_TEXT_SIZE - 1 - (size_t)length;
    }
    copy_text(text + end, EVENT_TEXT_SIZE - end, note);
}

void log_burst(enum log_level level, const char *kind, unsigned burst,
               const char *line, const struct log_fields *fields)
{
    if (!is_wanted(level)) {
        return;
    }
    time_t now = now_s();
    struct limit *limit = obtain_limit(kind, now);
    if (now - limit->spoke_at_s >= LIMIT_S) {
        limit->spoke_at_s = now;
        limit->told = 0;
    }
    if (limit->told >= burst) {
        limit->left_out++;
        return;
    }
    char text[EVENT_TEXT_SIZE];
    copy_text(text, sizeof(text), line);
    if (limit->left_out > 0) {
        append_left_out(text, limit->left_out);
    }
    limit->told++;
    limit->left_out = 0;
    write_line(level, fields != NULL ? fields : &no_fields, text);
}

/* What is left of a sentence without names, numbers and addresses: words with
 * a digit, and what ends in a colon. */
void log_kind_of(const char *line, char kind[CLIENT_KEY_SIZE])
{
    size_t used = 0;
    while (*line != '\0' && used + 1 < CLIENT_KEY_SIZE) {
        size_t length = strcspn(line, " ");
        size_t plain = strcspn(line, "0123456789 ");
        size_t room = CLIENT_KEY_SIZE - 1 - used;
        if (plain == length) {
            size_t taken = length < room ? length : room;
            memcpy(kind + used, line, taken);
            used += taken;
        }
        line += length + (line[length] == ' ' ? 1 : 0);
    }
    kind[used] = '\0';
}

void log_limited(enum log_level level, const char *key, const char *format, ...)
{
    if (!is_wanted(level)) {
        return;
    }
    time_t now = now_s();
    struct limit *limit = obtain_limit(key, now);
    if (now - limit->spoke_at_s < LIMIT_S) {
        limit->left_out++;
        return;
    }
    char text[EVENT_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (limit->left_out > 0) {
        append_left_out(text, limit->left_out);
    }
    limit->spoke_at_s = now;
    limit->left_out = 0;
    write_line(level, &no_fields, text);
}
