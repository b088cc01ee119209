/* What is done once, before the loop runs: the configuration file, our
 * identity, the limit of open files, random numbers.
 *
 * Everything here may block and may end the start with a sentence; nothing
 * here is called again once the daemon serves. */
#include "io/start/startup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "io/base/log.h"
#include "io/runtime/script.h"
#include "sentineld/memory.h"
#include "sentineld/record_check.h"

#include "io/base/process.h"
#include "io/start/check.h"
#include "io/start/startup_files.h"

enum {
    /* Open files: our own (log, state, listeners, the loop), connections
     * that are being refused, peers, and for each group a master and two
     * replicas with two connections each. */
    FILES_OWN = 32,
    FILES_REFUSED = 64,
    FILES_PEERS = 64,
    FILES_PER_GROUP = 3 * 2,
    CLIENTS_MIN = 32, /* peers must get in, and an operator */
};

/* --- The configuration --------------------------------------------------- */

/* Which of a group's scripts cannot be started; NULL: none. */
static const char *find_missing_script(const struct group_conf *group,
                                       const char **path)
{
    *path = group->settings.notification_script;
    if ((*path)[0] != '\0' && !script_is_executable(*path)) {
        return "Notification";
    }
    *path = group->settings.client_reconfig_script;
    if ((*path)[0] != '\0' && !script_is_executable(*path)) {
        return "Client reconfiguration";
    }
    return NULL;
}

/* A script that cannot be started would be missed when it is needed, so it
 * had better be missed now. */
static bool check_scripts(const char *file, const struct conf *conf,
                          struct error *error)
{
    for (size_t i = 0; i < conf->group_count; i++) {
        const char *path = NULL;
        const char *missing = find_missing_script(&conf->groups[i], &path);
        if (missing != NULL) {
            snprintf(error->text, sizeof(error->text),
                     "%.100s: %s script seems non existing or non executable. "
                     "That of %.60s is %.200s: %s",
                     file, missing, conf->groups[i].name, path,
                     strerror(errno));
            return false;
        }
    }
    return true;
}

bool startup_is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* In our own file's words a sentinel.conf would be lost on it; in a
 * sentinel.conf, masters that stand elsewhere would be there twice, and no
 * start would take it any more. */
static bool check_export(const struct options *options, const struct conf *conf,
                         struct error *error)
{
    if ((options->is_sentinel_conf && !conf->has_masters_elsewhere) ||
        !startup_is_same_file(conf->export_sentinel_conf, options->file)) {
        return true;
    }
    snprintf(error->text, sizeof(error->text),
             "%.200s: export_sentinel_conf names this file itself, %s; give "
             "another one",
             options->file,
             options->is_sentinel_conf
                 ? "and masters that are not in it, but on the command line or "
                   "in a file that it includes, would be there twice"
                 : "which is no sentinel.conf");
    return false;
}

bool startup_read_conf(const struct options *options,
                       struct conf_faults *faults, struct conf *conf,
                       struct error *error)
{
    char *text = startup_files_read(options, error);
    if (text == NULL) {
        return false;
    }
    if (options->mode == OPTIONS_CHECK && options->extra[0] == '\0' &&
        !check_text(options, text, error)) {
        free(text);
        return false;
    }
    const struct sentinel_conf_input input = {
        .text = text,
        .extra = options->extra,
        .name = options->file,
        .load = startup_files_include,
        .faults = faults,
    };
    bool ok =
        options->is_sentinel_conf
            ? sentinel_conf_parse_input(&input, conf, error)
            : conf_parse_all(text, options->file, startup_files_read_secret,
                             faults, conf, error);
    free(text);
    bool must_work = options->mode != OPTIONS_IMPORT;
    if (ok && must_work &&
        (!check_scripts(options->file, conf, error) ||
         !check_export(options, conf, error))) {
        conf_free(conf);
        return false;
    }
    return ok;
}

/* --- The process ---------------------------------------------------------- */

/* As the user that we have become, so that it is his file. */
static bool start_log(const struct conf *conf, struct error *error)
{
    if (!log_open(conf->logfile, (int)conf->settings.log_level, error)) {
        return false;
    }
    log_use_json(conf->log_format == LOG_FORMAT_JSON);
    if (conf->syslog_enabled) {
        log_use_system(conf->syslog_ident, conf->syslog_facility);
    }
    return true;
}

bool startup_process(const struct conf *conf, bool *owns_pidfile,
                     struct error *error)
{
    struct error why_not = {""};
    process_close_on_exec();
    *owns_pidfile = conf->pidfile[0] != '\0' &&
                    process_write_pidfile(conf->pidfile, &why_not);
    if (conf->user[0] != '\0' && !process_become(conf->user, error)) {
        return false;
    }
    if (!start_log(conf, error)) {
        return false;
    }
    if (why_not.text[0] != '\0') { /* no reason not to start */
        log_line(LEVEL_WARNING, "%s", why_not.text);
    }
    return true;
}

/* --- Identity and state -------------------------------------------------- */

void startup_fill_random(void *data, size_t length)
{
    char *position = data;
    while (length > 0) {
        ssize_t got = getrandom(position, length, 0);
        if (got < 0 && errno != EINTR) {
            abort(); /* no kernel that we run on refuses this */
        }
        if (got > 0) {
            position += got;
            length -= (size_t)got;
        }
    }
}

uint64_t startup_random_seed(void)
{
    uint64_t seed;
    startup_fill_random(&seed, sizeof(seed));
    return seed;
}

void startup_random_id(char id[RUN_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[RUN_ID_LEN];
    startup_fill_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < RUN_ID_LEN; i++) {
        id[i] = digits[bytes[i] % 16];
    }
    id[RUN_ID_LEN] = '\0';
}

/* The first records: what a sentinel.conf knew, or our id alone. */
static bool save_first(struct store *store, const struct conf *conf,
                       struct error *error)
{
    size_t count = conf->seed_count > 0 ? conf->seed_count : 1;
    struct record *records = xcalloc(count, sizeof(*records));
    for (size_t i = 0; i < conf->seed_count; i++) {
        records[i] = conf->seeds[i];
    }
    records[0].kind = RECORD_SELF;
    if (conf->myid[0] != '\0') {
        copy_text(records[0].self.run_id, RUN_ID_SIZE, conf->myid);
    } else if (records[0].self.run_id[0] == '\0') {
        startup_random_id(records[0].self.run_id);
    }
    bool ok = store_save_now(store, records, count, error);
    free(records);
    return ok;
}

static void tell_about_myid(const struct conf *conf, const char *run_id)
{
    if (conf->myid[0] != '\0' && strcmp(conf->myid, run_id) != 0) {
        log_line(LEVEL_WARNING,
                 "'sentinel myid %s' is not used: the state directory "
                 "remembers the id %s, which peers know and votes were given "
                 "under",
                 conf->myid, run_id);
    }
}

/* What we never write is not acted on: the operator decides. */
static bool check_records(const struct record *records, size_t count,
                          const char *dir, struct error *error)
{
    struct error what = {""};
    for (size_t i = 0; i < count; i++) {
        if (!record_check(&records[i], &what)) {
            snprintf(error->text, sizeof(error->text),
                     "%.260s. The state in %.100s is damaged. Restore it from "
                     "a backup; or move it away, then sentineld starts with a "
                     "new id and without memory of votes",
                     what.text, dir);
            return false;
        }
    }
    return true;
}

bool startup_load_state(struct store *store, const struct conf *conf,
                        struct record **records, size_t *count,
                        struct error *error)
{
    if (!store_load(store, records, count, error)) {
        return false;
    }
    if (*count == 0) {
        free(*records);
        *records = NULL;
        if (!save_first(store, conf, error) ||
            !store_load(store, records, count, error)) {
            return false;
        }
    }
    if (*count == 0 || (*records)[0].kind != RECORD_SELF) {
        free(*records);
        *records = NULL;
        snprintf(error->text, sizeof(error->text),
                 "the state in %.300s does not say who we are, though it holds "
                 "other rows: it is damaged. Restore it from a copy, or move "
                 "it away to start as a new supervisor",
                 conf->dir);
        return false;
    }
    if (!check_records(*records, *count, conf->dir, error)) {
        free(*records);
        *records = NULL;
        return false;
    }
    log_name_supervisor((*records)[0].self.run_id);
    tell_about_myid(conf, (*records)[0].self.run_id);
    return true;
}

enum { OVERRIDES_BYTES_MAX = 1024 * 1024 };

void startup_tell_overrides(const struct model *model)
{
    struct buffer lines;
    buffer_init(&lines, OVERRIDES_BYTES_MAX);
    conf_overrides_tell(model, &lines);
    for (size_t at = 0; at < lines.length;) {
        const char *end = memchr(lines.data + at, '\n', lines.length - at);
        size_t length =
            end == NULL ? lines.length - at : (size_t)(end - lines.data) - at;
        log_line(LEVEL_WARNING, "%.*s", (int)length, lines.data + at);
        at += length + 1;
    }
    buffer_clear(&lines);
}

/* --- Open files ---------------------------------------------------------- */

uint32_t startup_clients_that_fit(uint64_t limit, const struct conf *conf)
{
    uint64_t others = FILES_OWN + FILES_REFUSED + FILES_PEERS +
                      (uint64_t)conf->group_count * FILES_PER_GROUP;
    uint64_t left = limit > others ? limit - others : 0;
    if (left >= conf->max_clients) {
        return conf->max_clients;
    }
    if (left < CLIENTS_MIN) {
        return conf->max_clients < CLIENTS_MIN ? conf->max_clients
                                               : CLIENTS_MIN;
    }
    return (uint32_t)left;
}

static uint64_t raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return UINT64_MAX; /* unknown: nothing to warn of */
    }
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

void startup_fit_descriptors(struct conf *conf)
{
    uint64_t limit = raise_limit();
    uint32_t fitting = startup_clients_that_fit(limit, conf);
    if (fitting == conf->max_clients) {
        return;
    }
    log_line(LEVEL_WARNING,
             "Only %llu files may be open at a time, too few for %zu groups "
             "and %u clients: at most %u clients are served. Raise the limit "
             "(LimitNOFILE= of the service, ulimit -n) or lower max_clients",
             (unsigned long long)limit, conf->group_count,
             (unsigned)conf->max_clients, (unsigned)fitting);
    conf->max_clients = fitting;
}
